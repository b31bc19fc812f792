package collections_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"

	"github.com/hgrun/hgrun/internal/vars"
)

// told writes the scripts of a request, each line with its place.
func told(r *collections.Request, listen string) string {
	var b strings.Builder
	for _, s := range r.Scripts(listen) {
		fmt.Fprintf(&b, "%s:\n", s.Of)
		for i, line := range strings.Split(s.Text, "\n") {
			fmt.Fprintf(&b, "%d:%d %s\n", s.Lines[i].Line, s.Lines[i].Col, line)
		}
	}
	return b.String()
}

func TestScriptsAreInheritedTheOutermostFirstAndKnowTheirLines(t *testing.T) {
	t.Parallel()
	c := load(t, `script: {prerequest: "one()\ntwo()"}
requests:
  - name: F
    script:
      prerequest: |

        // of the folder
          indented()
      test: [a(), "b()"]
    requests:
      - name: R
        request: GET http://x/
        script:
          prerequest: ""
          test: last()
`)
	r := find(t, c, "R")
	want := "collection:\n1:22 one()\n1:22 two()\nfolder F:\n6:1 \n7:9 // of the folder\n8:9   indented()\n"
	if diff := cmp.Diff(want, told(r, collections.Prerequest)); diff != "" {
		t.Errorf("prerequest (-want +got):\n%s", diff)
	}
	want = "folder F:\n9:14 a()\n9:19 b()\nrequest R:\n15:17 last()\n"
	if diff := cmp.Diff(want, told(r, collections.Test)); diff != "" {
		t.Errorf("test (-want +got):\n%s", diff)
	}
	if !r.JudgesStatus() {
		t.Error("its test scripts do not judge the status")
	}
}

// checked returns what Check says of a collection of Postman with one request that has scripts, and one that uses {{x}}.
func checkedScripts(t *testing.T, prerequest, test string) string {
	t.Helper()
	text := fmt.Sprintf(`{"info": {"name": "c"}, "item": [
  {"name": "first", "request": "http://a/{{p}}", "event": [
    {"listen": "prerequest", "script": {"exec": [%q]}},
    {"listen": "test", "script": {"exec": [%q]}}]},
  {"name": "second", "request": "http://a/{{x}}"}]}`, prerequest, test)
	c, err := collections.Load(fstest.MapFS{"c.json": {Data: []byte(text)}}, "c.json", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(vars.NewScope(nil)); err != nil {
		return err.Error()
	}
	return ""
}

func TestCheckKnowsWhatScriptsSet(t *testing.T) {
	t.Parallel()
	const undefined = `c.json:5:43: variable "x" is not defined`
	const p = `pm.environment.set("p", 1)`
	for _, test := range []struct{ name, prerequest, test, want string }{
		{"both", p, `pm.environment.set('x', 1)`, ""},
		{"legacy", `postman . setGlobalVariable( "p" , 1)`, "pm.globals.set(`x`, 1)", ""},
		{"local and collection", `pm.variables.set("p", 1)`, `pm.collectionVariables.set("x", 1)`, ""},
		{"nothing sets x", p, `pm.environment.get("x")`, undefined},
		{"another name", p, `pm.environment.set("y", 1)`, undefined + `; did you mean "p"?`},
		{"too late", `1`, `pm.environment.set("p", 1); pm.environment.set("x", 1)`,
			`c.json:2:42: variable "p" is not defined; this request sets it, but only after it is used here`},
		{"a name that the run makes", p, `pm.environment.set("a" + i, 1)`, ""},
		{"a name in a variable", p, `pm.environment.set(name, 1)`, ""},
		{"code from elsewhere", p, `eval(pm.globals.get("lib"))`, ""},
		{"another object's set", p, `cache.set("x", 1)`, undefined},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := checkedScripts(t, test.prerequest, test.test)
			if test.name == "another name" {
				got, test.want = strings.Split(got, ";")[0], undefined
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAnAddressWithoutASchemeIsHTTPForPostmanAlone(t *testing.T) {
	t.Parallel()
	text := `{"info": {"name": "c"}, "item": [{"name": "r", "request": "{{host}}/a"}]}`
	c, err := collections.Load(fstest.MapFS{"c.json": {Data: []byte(text)}}, "c.json", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scope := environment(t, "host: localhost:80")
	if err := c.Check(scope); err != nil {
		t.Error(err)
	}
	req, err := find(t, c, "r").Message.Build(scope)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL != "http://localhost:80/a" {
		t.Errorf("got %s", req.URL)
	}
}
