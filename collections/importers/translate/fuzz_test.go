package translate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzTranslate: translating never panics, and nothing of a script that is kept as a whole is lost.
func FuzzTranslate(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(content).Files {
			if s, ok := scriptOf(file); ok {
				f.Add(s.Text, s.Listen == Prerequest)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, before bool) {
		listen := Test
		if before {
			listen = Prerequest
		}
		s := Script{Listen: listen, Text: text}
		r := mustNotPanic(t, s)
		if r.Class == Kept && r.Kept != text {
			t.Errorf("kept %q of %q", r.Kept, text)
		}
		if r.Kept != "" {
			if _, err := parse(Script{Text: r.Kept}, Context{}); err != nil && r.Class != Kept {
				t.Errorf("what is kept of %q is no script: %q", text, r.Kept)
			}
		}
	})
}

// mustNotPanic translates without the net that Translate has for the parser.
func mustNotPanic(t *testing.T, s Script) Result {
	t.Helper()
	if _, ok := parses1(s); !ok {
		return Translate(s, known())
	}
	tr, err := parse(s, known())
	if err != nil {
		return whole(s, err.Error())
	}
	tr.translate()
	tr.settle()
	return tr.result()
}

// parses1 reports whether the parser comes back.
func parses1(s Script) (_ *translator, ok bool) {
	defer func() { ok = recover() == nil }()
	t, _ := parse(s, known())
	return t, true
}
