package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// loadWith loads a collection with files beside it.
func loadWith(t *testing.T, yaml string, files map[string]string) *collections.Collection {
	t.Helper()
	fsys := fstest.MapFS{"chain.yaml": {Data: []byte(yaml)}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := collections.Load(fsys, "chain.yaml", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARequestRunsForEachValue(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"people.csv": "id,name,region\n1,Ann,eu\n2,\"Bo, Jr\",us\n", "people.json": `[{"id": 1, "at": {"zip": "x"}}, {"id": 2, "at": {"zip": "y"}}]`,
		"people.ndjson": "{\"id\": 1}\n\n{\"id\": 2}\n",
	}
	for name, tt := range map[string]struct{ loop, url, names, sent string }{
		"list":         {"for_each: [eu, us, eu, {a: 1}]", "{{item}}", "R [eu]|R [us]|R [eu #2]|R [4]", `/eu|/us|/eu|/%7B%22a%22:1%7D`},
		"named":        {"for_each: {region: [eu, us]}", "{{region}}", "R [eu]|R [us]", "/eu|/us"},
		"templates":    {"for_each: {region: ['{{one}}', us]}", "{{region}}", "R [1]|R [us]", "/first|/us"},
		"range":        {"for_each: {i: {from: 2, to: 8, step: 3}}", "{{i}}", "R [2]|R [5]|R [8]", "/2|/5|/8"},
		"downwards":    {"for_each: {from: 3, to: '{{low}}'}", "{{item}}", "R [3]|R [2]", "/3|/2"},
		"CSV":          {"for_each: {row: {csv: people.csv}}", "{{row.id}}/{{row.name}}", "R [1]|R [2]", "/1/Ann|/2/Bo,%20Jr"},
		"CSV by label": {"for_each: {row: {csv: people.csv, label: region}}", "{{row.id}}", "R [eu]|R [us]", "/1|/2"},
		"JSON":         {"for_each: {json: people.json}", "{{item.at.zip}}", "R [1]|R [2]", "/x|/y"},
		"NDJSON":       {"for_each: {p: {ndjson: people.ndjson}}", "{{p.id}}", "R [1]|R [2]", "/1|/2"},
		"captured":     {"for_each: {id: '{{ids}}'}", "{{id}}", "R [1]|R [2]", "/a|/7"},
		"repeat":       {"repeat: 3", "x", "R [1]|R [2]|R [3]", "/x|/x|/x"},
		"variables":    {"for_each: [a]\n    variables: {path: 'p-{{item}}'}", "{{path}}", "R [a]", "/p-a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, `{"ids": ["a", 7]}`)
			})
			c := loadWith(t, "variables: {one: first, low: 2}\nrequests:\n  - {name: Ids, request: GET http://api.test/ids, capture: {ids: ids}}\n"+
				"  - name: R\n    request: GET http://api.test/"+tt.url+"\n    "+tt.loop+"\n", files)
			if err := c.Check(vars.NewScope(nil)); err != nil {
				t.Fatal(err)
			}
			got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
			var names, sent []string
			for _, r := range got.results[1:] {
				names = append(names, r.Name.Name)
				sent = append(sent, strings.TrimPrefix(r.Attempts[0].URL, "http://api.test"))
			}
			if strings.Join(names, "|") != tt.names || strings.Join(sent, "|") != tt.sent {
				t.Errorf("got %q, %q\nwant %q, %q", names, sent, tt.names, tt.sent)
			}
		})
	}
}

func TestOneTimeThatFailsKeepsNoOtherFromRunning(t *testing.T) {
	t.Parallel()
	const yaml = `
requests:
  - name: Orders
    for_each: {kind: [a, b, c]}
    collect: {ids: id}
    requests:
      - {name: make, request: "POST http://api.test/{{kind}}", capture: {id: id}}
      - {name: read, request: "GET http://api.test/{{id}}"}
teardown:
  - {name: remove, for_each: {id: "{{ids}}"}, request: "DELETE http://api.test/{{id}}"}
`
	for name, tt := range map[string]struct {
		bail bool
		want string
		sent string
	}{
		"all run": {false, `
make: passed
read: passed
make: failed
  chain.yaml:7:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
read: skipped ("make" failed and captured no id)
make: passed
read: passed
remove [1]: passed
remove [2]: passed`, "POST /a GET /id-a POST /b POST /c GET /id-c DELETE /id-a DELETE /id-c"},
		"bail": {true, `
make: passed
read: passed
make: failed
  chain.yaml:7:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
read: skipped (--bail after "make" failed)
make: skipped (--bail after "make" failed)
read: skipped (--bail after "make" failed)
remove [1]: passed`, "POST /a GET /id-a POST /b DELETE /id-a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/b" {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				fmt.Fprintf(w, `{"id": "id-%s"}`, strings.TrimPrefix(r.URL.Path, "/"))
			})
			got := run(t.Context(), &runner.Runner{Transport: s, Bail: tt.bail}, load(t, yaml), nil)
			same(t, got.story(), tt.want)
			if sent := strings.ReplaceAll(strings.Join(s.lines(), " "), "http://api.test", ""); sent != tt.sent {
				t.Errorf("sent %s, want %s", sent, tt.sent)
			}
			if f := got.results[2].Name.Folders; !slices.Equal(f, []string{"Orders [b]"}) {
				t.Errorf("the second time stands in %q", f)
			}
		})
	}
}

func TestWhatOneTimeFoundDoesNotPassForWhatTheNextDidNot(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1" {
			fmt.Fprint(w, `{"next": "more"}`)
		}
	})
	c := load(t, `
requests:
  - name: Pages
    for_each: {page: {from: 1, to: 2}}
    requests:
      - {name: page, request: "GET http://api.test/{{page}}", capture: {next: {json: next, optional: true}}}
      - {name: next, request: GET http://api.test/more, when: {next: {exists: true}}}
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "page: passed\nnext: passed\npage: passed\nnext: skipped (when next: not defined, want something)")
}

func TestALoopWithoutValuesIsToldAndNeverGreen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, loop, want string }{
		"empty":            {`{"ids": []}`, "", "Ids: passed\nRead: skipped (for_each: there is nothing to run it for)\nIn: skipped (for_each: there is nothing to run it for)"},
		"not captured":     {`{}`, "", "Ids: failed\n  chain.yaml:3:61 CaptureError capture ids: nothing at json ids\nRead: skipped (\"Ids\" failed and captured no ids)\nIn: skipped (\"Ids\" failed and captured no ids)"},
		"no list":          {`{"ids": 7}`, "", "Ids: passed\nRead: errored\n  chain.yaml:4:21 ConfigError want a list, got 7\nIn: errored\n  chain.yaml:6:15 ConfigError want a list, got 7"},
		"kept from it all": {`{"ids": 7}`, "when: {ids: {type: list}}, ", "Ids: passed\nRead: skipped (when ids: got 7, want a list)\nIn: errored\n  chain.yaml:6:15 ConfigError want a list, got 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(answers(tt.body))
			c := load(t, `
requests:
  - {name: Ids, request: GET http://api.test/ids, capture: {ids: ids}}
  - {for_each: {id: "{{ids}}"}, `+tt.loop+`name: Read, request: "GET http://api.test/{{id}}"}
  - name: Folder
    for_each: "{{ids}}"
    requests: [{name: In, request: "GET http://api.test/{{item}}"}]
`)
			got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
			same(t, got.story(), tt.want)
		})
	}
}

func TestABrokenRowIsAnErrorAtItsLine(t *testing.T) {
	t.Parallel()
	s := serve(func(http.ResponseWriter, *http.Request) {})
	c := loadWith(t, "requests: [{name: R, request: 'GET http://api.test/{{row.id}}', for_each: {row: {csv: rows.csv}}}]", map[string]string{"rows.csv": "id,b\n1,2\n3\n4,5\n"})
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "R [1]: passed\nR: errored\n  rows.csv:3:1 ConfigError wrong number of fields")
}

func TestAnInterruptedLoopReportsEveryTime(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := serve(func(http.ResponseWriter, *http.Request) { interrupt() })
	got := run(ctx, &runner.Runner{Transport: s}, load(t, "requests: [{name: R, request: GET http://api.test/, repeat: 3}]"), nil)
	same(t, got.story(), "R [1]: errored\n  chain.yaml:1:12 TransportError interrupted before the answer came\nR [2]: skipped (interrupted)\nR [3]: skipped (interrupted)")
}
