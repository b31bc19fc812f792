package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

// records answers with JSON, and with 404 under /missing.
func records(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(r.URL.Path, "/missing") {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprintf(w, `{"id": 7, "name": "Ann", "path": %q}`, r.URL.Path)
}

// play runs a collection on a server and returns what it told.
func play(t *testing.T, r *runner.Runner, yaml string, variables map[string]string) (told, *server) {
	t.Helper()
	srv := serve(records)
	r.Transport = srv
	if variables == nil {
		variables = map[string]string{}
	}
	return run(context.Background(), r, load(t, yaml), environment(variables, nil)), srv
}

// tests is a line for each test of each result.
func (a *told) tests() string {
	var b strings.Builder
	for _, r := range a.results {
		for _, test := range r.Tests {
			fmt.Fprintf(&b, "%s | %s | %s | skipped %v | %s\n", r.Name.Name, test.Pos, test.Name, test.Skipped, test.Message)
		}
	}
	return b.String()
}

func TestTestsOfScriptsAreJudgedLikeExpectations(t *testing.T) {
	t.Parallel()
	all, _ := play(t, &runner.Runner{}, `
requests:
  - name: Read
    request: GET http://api.test/a
    expect: {status: 200}
    script:
      test: |
        const body = pm.response.json();
        pm.test("id", () => pm.expect(body.id).to.equal(7));
        pm.test("name", () => {
          pm.expect(body.name).to.equal("Bob");
        });
        pm.test("name", () => pm.expect(body.name).to.equal("Eve"));
        pm.test.skip("later");
  - name: After it
    request: GET http://api.test/b
`, nil)
	same(t, all.story(), `
Read: failed
  chain.yaml:11:9 AssertionFailure name: expected 'Ann' to equal 'Bob'
  chain.yaml:13:9 AssertionFailure name: expected 'Ann' to equal 'Eve'
After it: passed`)
	same(t, all.tests(), `
Read | chain.yaml:7:13 | id | skipped false | 
Read | chain.yaml:11:9 | name | skipped false | expected 'Ann' to equal 'Bob'
Read | chain.yaml:13:9 | name | skipped false | expected 'Ann' to equal 'Eve'
Read | chain.yaml:7:13 | later | skipped true |`)
	if got := all.results[0].Expectations; got != 4 {
		t.Errorf("got %d expectations, want 4: a status and three tests", got)
	}
}

func TestAScriptThatThrowsIsAnError(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
requests:
  - name: Before
    request: GET http://api.test/a
    script: {prerequest: "undefinedName.x"}
  - name: Behind
    request: GET http://api.test/b
    script: {test: "pm.test('ok', () => {}); Promise.reject(new Error('nobody waits'))"}
  - name: Next
    request: GET http://api.test/c
`, nil)
	same(t, all.story(), `
Before: errored
  chain.yaml:5:26 ScriptError ReferenceError: undefinedName is not defined
Behind: errored
  chain.yaml:8:20 ScriptError nobody waits
Next: passed`)
	same(t, strings.Join(srv.lines(), "\n"), "GET http://api.test/b\nGET http://api.test/c")
}

func TestWhatScriptsSetHasThePrecedenceOfPostman(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
variables: {of: collection}
requests:
  - name: Set
    request: GET http://api.test/{{of}}
    script:
      test: |
        pm.globals.set("of", "globals"); pm.globals.set("g", 1);
        pm.collectionVariables.set("c", {deep: [1, "two"]}); pm.collectionVariables.set("g", 2);
        pm.environment.set("e", 3); pm.environment.set("c2", "{{g}}");
        pm.test("typed", () => pm.expect([pm.globals.get("g"), pm.collectionVariables.get("c").deep[1], pm.environment.get("e")]).to.eql([1, "two", 3]));
  - name: Use
    request: POST http://api.test/{{of}}/{{e}}/{{c2}}
    json: {c: "{{c}}", g: "{{g}}"}
    script:
      prerequest: pm.variables.set("e", "local"); pm.environment.set("of", "environment")
      test: pm.environment.unset("of"); pm.variables.unset("e")
  - name: Again
    request: GET http://api.test/{{of}}/{{e}}
`, nil)
	same(t, all.story(), "Set: passed\nUse: passed\nAgain: passed")
	same(t, strings.Join(srv.lines(), "\n"), `
GET http://api.test/collection
POST http://api.test/environment/local/2
GET http://api.test/collection/3`)
	same(t, srv.seen[1].Body, `{"c":{"deep":[1,"two"]},"g":2}`)
}
