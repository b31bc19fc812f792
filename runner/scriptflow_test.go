package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

func TestScriptsOfAPollRunWhenItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		srv := serve(func(w http.ResponseWriter, r *http.Request) {
			n++
			fmt.Fprintf(w, `{"n": %d, "time": %q}`, n, r.Header.Get("X-Time"))
		})
		c := load(t, `
requests:
  - name: Poll
    request: GET http://api.test/job
    until: {json: {n: 3}}
    every: 1s
    for: 10s
    script:
      prerequest: |
        pm.globals.set("turn", (pm.globals.get("turn") || 0) + 1);
        pm.request.headers.upsert({key: "X-Time", value: "turn {{turn}}"});
      test: |
        pm.globals.set("judged", (pm.globals.get("judged") || 0) + 1);
        pm.test("once, and fresh", () => pm.expect([pm.globals.get("judged"), pm.response.json().time]).to.eql([1, "turn 3"]));
`)
		all := run(context.Background(), &runner.Runner{Transport: srv}, c, environment(nil, nil))
		same(t, all.story(), "Poll: passed")
		same(t, all.tests(), "Poll | chain.yaml:12:13 | once, and fresh | skipped false |")
	})
}

func TestScriptsOfAnIncludeHaveCollectionVariablesOfTheirOwn(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"main.yaml": {Data: []byte(`
variables: {where: outer}
requests:
  - {name: Before, request: "GET http://api.test/before", script: {test: "pm.collectionVariables.set('where', 'set outside'); pm.environment.set('all', 1)"}}
  - {name: In, include: part.yaml, returns: {made: id}}
  - {name: After, request: "GET http://api.test/{{where}}/{{made}}/{{all}}"}
`)},
		"part.yaml": {Data: []byte(`
variables: {where: inner}
requests:
  - name: Inside
    request: GET http://api.test/{{where}}
    script:
      test: |
        pm.test("own", () => pm.expect([pm.collectionVariables.get("where"), pm.environment.get("all")]).to.eql(["inner", 1]));
        pm.collectionVariables.set("where", "set inside");
        pm.variables.set("id", pm.response.json().id);
  - {name: Still inside, request: "GET http://api.test/{{where}}"}
`)},
	}
	c, err := collections.Load(files, "main.yaml", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(records)
	all := run(context.Background(), &runner.Runner{Transport: srv}, c, environment(nil, nil))
	same(t, all.story(), "Before: passed\nInside: passed\nStill inside: passed\nAfter: passed")
	same(t, strings.Join(srv.lines(), "\n"), `
GET http://api.test/before
GET http://api.test/inner
GET http://api.test/set%20inside
GET http://api.test/set%20outside/7/1`)
}

func TestScriptsBesideEachOtherKeepApart(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat("{id: 1}, {id: 2}, {id: 3}, ", 10)
	all, _ := play(t, &runner.Runner{Jobs: 4}, `
data: {rows: [`+strings.TrimSuffix(rows, ", ")+`]}
requests:
  - name: A
    request: GET http://api.test/{{id}}
    script:
      prerequest: pm.test("nothing is left", () => pm.expect([typeof leaked, pm.globals.has("of")]).to.eql(["undefined", false]))
      test: leaked = 1; pm.globals.set("of", pm.iterationData.get("id"))
  - name: B
    request: GET http://api.test/{{of}}
    script:
      test: |
        pm.test("own", () => pm.expect([leaked, pm.globals.get("of"), pm.response.json().path]).to.eql([1, pm.iterationData.get("id"), "/" + pm.iterationData.get("id")]));
        const answer = await pm.sendRequest("http://api.test/x");
        pm.test("answer", () => pm.expect(answer.code).to.equal(200));
`, nil)
	passed := 0
	for _, r := range all.results {
		if r.Outcome == runner.Passed {
			passed++
		}
	}
	if passed != 90 || len(all.results) != 90 {
		t.Errorf("got %d of %d passed, want 90 of 90:\n%s", passed, len(all.results), all.story())
	}
}

func BenchmarkScripts(b *testing.B) {
	c, err := collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(`
requests:
  - name: A
    request: GET http://api.test/a
    script:
      prerequest: pm.environment.set("at", Date.now())
      test: |
        pm.test("status", () => pm.response.to.have.status(200));
        const body = pm.response.json();
        pm.test("id", () => pm.expect(body.id).to.eql(7));
        pm.environment.set("id", body.id);
`)}}, "c.yaml", collections.Options{})
	if err != nil {
		b.Fatal(err)
	}
	c.Data = &collections.Data{Most: b.N}
	b.ReportAllocs()
	r := &runner.Runner{Transport: serve(records)}
	for e := range r.Run(b.Context(), c, environment(nil, nil)) {
		if f, ok := e.(runner.RequestFinished); ok && f.Result.Outcome != runner.Passed {
			b.Fatal(f.Result.Problems)
		}
	}
}
