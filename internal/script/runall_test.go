package script

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestScriptsOfAnEventRunOneAfterAnother(t *testing.T) {
	t.Parallel()
	short := 100 * time.Millisecond
	if slow {
		short = 5 * time.Second
	}
	cases := []struct {
		name    string
		limit   time.Duration
		scripts []string
		want    string
	}{
		{"what one makes of the request is the next one's", time.Minute, []string{`pm.request.headers.add({key: "X-Made", value: "1"})`, `pm.test(pm.request.headers.get("X-Made"), () => {})`}, "/1"},
		{"none runs after one that skips the request", time.Minute, []string{`pm.execution.skipRequest()`, `pm.test("no", () => {})`}, "skip"},
		{"an error stops none", time.Minute, []string{`throw new Error("first")`, `pm.test("yes", () => {})`}, "c.json:1:16: first/yes"},
		{"a spoilt engine stops none", time.Minute, []string{`const a = []; for (;;) a.push("x".repeat(1 << 20) + a.length)`, `pm.test("yes", () => {})`}, "c.json:1:41: out of memory: all that the scripts hold takes more than 32 MiB/yes"},
		{"nor does one that does not come back", short, []string{`pm.test("first", () => {})`, `[].indexOf.call({ length: 2e8 }, 1)`, `pm.test("third", () => {})`},
			"first/c.json:1:1: the script was stopped: it ran for more than " + short.String() + "/third"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var engine Engine
			vm := engine.Open(Limits{Time: c.limit, Memory: 32 << 20})
			defer vm.Close()
			var scripts []Script
			for _, text := range c.scripts {
				scripts = append(scripts, one(text))
			}
			e := &Event{Info: Info{Listen: Prerequest}, Request: &Request{Method: "GET", URL: "https://x/"}}
			var got []string
			for _, o := range vm.RunAll(t.Context(), scripts, e) {
				got = append(got, summary(o))
			}
			if strings.Join(got, "/") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, "/"), c.want)
			}
		})
	}
}

// summary is what an outcome has of tests, errors and a skip.
func summary(o Outcome) string {
	var all []string
	for _, v := range o.Tests {
		all = append(all, v.Name)
	}
	for _, err := range o.Errors {
		all = append(all, err.Error())
	}
	if o.Skip {
		all = append(all, "skip")
	}
	return strings.Join(all, " ")
}

func TestNoScriptRunsAfterARunThatHasEnded(t *testing.T) {
	t.Parallel()
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := vm.RunAll(ctx, []Script{one("1"), one("2")}, tests()); len(got) != 1 || len(got[0].Errors) != 1 {
		t.Errorf("got %+v, want one error", got)
	}
}

func TestNamesOfTestsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	for _, names := range [][]string{{"a"}, {"", ""}, {"a\nb", "c"}, {"a\n", ""}, {`"q"`, "\\n", "é ‹›"}} {
		text := ""
		for _, name := range names {
			text += "pm.test(" + quoted(t, name) + ", () => {});"
		}
		o := vm.Run(t.Context(), one(text), tests())
		var got []string
		for _, v := range o.Tests {
			got = append(got, v.Name)
		}
		if strings.Join(got, "|") != strings.Join(names, "|") || len(got) != len(names) {
			t.Errorf("got %q, want %q", got, names)
		}
	}
}

func TestAResponseKeptFromAnotherScriptIsNotTheOneOfThis(t *testing.T) {
	t.Parallel()
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	first := event()
	vm.Run(t.Context(), one("kept = pm.response"), first)
	second := event()
	second.Exchange.Response.Body = []byte(`{"id": 2}`)
	o := vm.Run(t.Context(), one(`pm.test("id", () => pm.expect(pm.response.json().id).to.equal(2)); pm.test("kept", () => kept.json()); pm.test("head", () => kept.headers)`), second)
	if len(o.Tests) != 3 || o.Tests[0].Err != nil || o.Tests[1].Err == nil || o.Tests[2].Err == nil {
		t.Errorf("got %+v, want the first to pass and what was kept to be gone", o.Tests)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
