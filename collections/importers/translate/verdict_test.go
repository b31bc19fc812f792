package translate

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// memory is a scope that is a map.
type memory map[string]any

func (m memory) Get(name string) (any, bool) { v, ok := m[name]; return v, ok }
func (m memory) Names() []string             { return slices.Sorted(maps.Keys(m)) }
func (m memory) Set(name string, v any)      { m[name] = v }

// variables are what scripts and declarations of the tables find.
func variables() memory {
	return memory{"wanted": "42", "name": "Ada", "count": float64(3), "empty": ""}
}

// TestDeclarationsJudgeAsTheirScripts gives every answer of a table to every script of it and to what the script became: both must say the same, and have
// kept the same values. The script's verdict is that of the engine.
func TestDeclarationsJudgeAsTheirScripts(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	var engine script.Engine
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			vm := engine.Open(script.Limits{Time: time.Minute, Wait: time.Minute})
			defer vm.Close()
			for _, f := range archive.Files {
				s, ok := scriptOf(f)
				if !ok || s.Listen != Test {
					continue
				}
				for _, answer := range archive.Files {
					if strings.HasPrefix(answer.Name, "answer") {
						compare1(t, vm, f.Name, answer, s)
					}
				}
			}
		})
	}
}

// compare1 compares the verdicts on one answer.
func compare1(t *testing.T, vm *script.VM, name string, answer txtar.File, s Script) {
	t.Helper()
	r := Translate(s, known())
	want, kept := ran(t, vm, s.Text, string(answer.Data))
	said, got := judged(t, r, string(answer.Data))
	if said == "" && r.Kept != "" {
		rest, more := ran(t, vm, r.Kept, string(answer.Data))
		said = rest
		maps.Copy(got, more)
	}
	if want == "" && strings.HasPrefix(said, "capture ") && strings.Contains(said, ": nothing at ") {
		return // a value that is stored must be there: docs/postman-scripts.md, what is judged differently
	}
	if (want == "") != (said == "") {
		t.Errorf("%s on %s: the script says %q, its declarations %q:\n%s", name, answer.Name, want, said, written(r))
		return
	}
	for _, c := range r.Capture { // what is there and false in a condition is stored, and not passed over
		if v, ok := got[c.Key]; ok && find(captureEntries(c.Value), "optional") >= 0 && (v == "null" || v == "" || v == "0" || v == "false") {
			delete(got, c.Key)
		}
	}
	if want == "" && !maps.Equal(kept, got) {
		t.Errorf("%s on %s: the script keeps %v, its declarations %v:\n%s", name, answer.Name, kept, got, written(r))
	}
}

// ran returns what a script complains of, and what it has set.
func ran(t *testing.T, vm *script.VM, text, answer string) (string, map[string]string) {
	t.Helper()
	env, globals := variables(), memory{}
	e := &script.Event{Info: script.Info{Listen: script.Test, Request: "Read"}, Request: &script.Request{Method: "GET", URL: "https://x.test/"}, Exchange: exchangeOf(t, answer),
		Scopes: script.Scopes{Environment: env, Globals: globals, Collection: memory{}, Local: memory{}, Data: memory{}}}
	o := vm.Run(t.Context(), script.Script{Text: text}, e)
	set := map[string]string{}
	for name, v := range env {
		if old, ok := variables()[name]; !ok || old != v {
			set[name] = fmt.Sprint(v)
		}
	}
	for name, v := range globals {
		set[name] = fmt.Sprint(v)
	}
	for _, err := range o.Errors {
		return err.Error(), set
	}
	for _, v := range o.Tests {
		if v.Err != nil {
			return v.Name + ": " + v.Err.Error(), set
		}
	}
	return "", set
}

// judged returns what declarations complain of, and what they have captured.
func judged(t *testing.T, r Result, answer string) (string, map[string]string) {
	t.Helper()
	var e expect.Expectations
	var c expect.Captures
	got := map[string]string{}
	for _, set := range r.Set {
		got[set.Key] = fmt.Sprint(set.Value)
	}
	if len(r.Expect)+len(r.Capture) == 0 {
		return "", got
	}
	if err := source.Parse("made.yaml", []byte(written(Result{Expect: r.Expect, Capture: r.Capture, Class: r.Class})), func(n source.Node) {
		for _, part := range n.Entries() {
			switch part.Name() {
			case "expect":
				e.Read(part.Value)
			case "capture":
				c.Read(part.Value)
			}
		}
	}); err != nil {
		t.Fatalf("%v in\n%s", err, written(r))
	}
	defined := map[string]vars.Value{}
	for name, v := range variables() {
		defined[name] = vars.Of(number(v))
	}
	scope := vars.NewScope(nil, vars.Layer{Name: "test", Values: defined})
	a := expect.NewAnswer(exchangeOf(t, answer))
	failures, err := e.Judge(a, scope)
	if err != nil {
		return err.Error(), nil
	}
	if len(failures) == 0 {
		failures = c.Take(a, scope)
	}
	if len(failures) > 0 {
		return failures[0].Message, nil
	}
	for name, v := range scope.Captured() {
		got[name] = v.Text
	}
	return "", got
}

// number is a number as documents have it.
func number(v any) any {
	if f, ok := v.(float64); ok {
		return json.Number(fmt.Sprint(f))
	}
	return v
}

// TestPublicScriptsAreJudgedAlike gives the answers of the tables to every script of the collections in the folder that POSTMAN_COLLECTIONS names.
func TestPublicScriptsAreJudgedAlike(t *testing.T) {
	t.Parallel()
	var engine script.Engine
	vm := engine.Open(script.Limits{Time: time.Minute, Wait: time.Minute})
	defer vm.Close()
	var answers []txtar.File
	for _, name := range []string{"testdata/tests.txtar", "testdata/legacy.txtar", "testdata/captures.txtar"} {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if strings.HasPrefix(f.Name, "answer") {
				answers = append(answers, f)
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range publicScripts(t) {
		if s.Listen != Test || seen[s.Text] || strings.Contains(s.Text, "setTimeout") {
			continue
		}
		seen[s.Text] = true
		for _, answer := range answers {
			compare1(t, vm, s.Text, answer, s)
		}
	}
}
