package jsonpath

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzWhatIsFoundIsFoundAgain holds the parser and the evaluation to what is true of every path and every document.
func FuzzWhatIsFoundIsFoundAgain(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.path, e.doc)
	}
	bad, _ := refused(f)
	for _, path := range bad {
		f.Add(path, `{"a": [1, {"b": "x"}]}`)
	}
	f.Fuzz(func(t *testing.T, path, doc string) {
		p, err := Parse(path)
		var s *SyntaxError
		if err != nil {
			if !errors.As(err, &s) || s.Offset < 0 || s.Offset > len(path) || s.Msg == "" {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		_, _ = p.FindValid(doc) // any bytes do no harm
		p.Gap(doc)
		p.LastNames()
		nodes, err := p.Find([]byte(doc))
		if valid := json.Valid([]byte(doc)); valid != (err == nil) && len(doc) < 1000 {
			t.Fatalf("%q: %v, valid %v", doc, err, valid)
		}
		if p.Singular() && len(nodes) > 1 || err == nil && p.Singular() && (len(nodes) == 0) != gap(p, doc) {
			t.Fatalf("%q in %q: %d nodes", path, doc, len(nodes))
		}
		if !utf8.ValidString(doc) {
			return
		}
		for _, n := range nodes[:min(len(nodes), 50)] {
			again, err := Parse(n.Path())
			if err != nil || !again.Singular() {
				t.Fatalf("%q: %v", n.Path(), err)
			}
			same, err := again.Find([]byte(doc))
			if err != nil || len(same) != 1 || same[0].Raw != n.Raw || same[0].Path() != n.Path() {
				t.Fatalf("%q in %q: %q finds %v, %v", path, doc, n.Path(), same, err)
			}
			if !reflect.DeepEqual(n.Value(), same[0].Value()) {
				t.Fatalf("%q: %v and %v", n.Path(), n.Value(), same[0].Value())
			}
		}
	})
}

func gap(p *Path, doc string) bool {
	_, is := p.Gap(doc)
	return is
}

func FuzzPatternsDoNoHarm(f *testing.F) {
	for _, s := range []string{`[a-z]+(x|\p{Lu}){2,}`, `[^-\]^-]*`, `a.b$`, `[--]`, `^\[\\\.`, `|()`, `[a-b-]`, `\P{Cn}`} {
		f.Add(s, "aB-")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		whole, err := compile(pattern, true)
		part, err2 := compile(pattern, false)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%q: %v, %v", pattern, err, err2)
		}
		if err == nil && whole.MatchString(text) && !part.MatchString(text) {
			t.Fatalf("%q matches the whole of %q and no part", pattern, text)
		}
	})
}
