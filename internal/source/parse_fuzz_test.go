package source

import (
	"errors"
	"regexp"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParse holds the two promises of Parse: it never panics, and every problem has a place inside the file.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "a: 1", "a: {{x}}", "url: {{base}}/x", "h: {A: B {{x}}}", "a: &a [*a]", "<<: {a: 1}\nb: *c", "- |\n  x\n- >-\n  y", "a: \"\\x7b{b}}\"",
		"? [a]\n: b", "a: 014\nb: .inf\nc: 1_0\nd: 5m\ne: yes", "a: !t x", "---\n---\n", "\ufeffa: 'x", "a:\r\n\t- b", "a: \u2028b\n {{c}}", "&a a: *a", "%TAG ! x\n--- a",
	} {
		f.Add(text)
	}
	breaks := regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")
	f.Fuzz(func(t *testing.T, text string) {
		err := Parse("f", []byte(text), readAll)
		if err == nil {
			return
		}
		var all Problems
		if !errors.As(err, &all) || len(all) == 0 {
			t.Fatalf("got %T, want Problems", err)
		}
		lines := breaks.Split(text, -1)
		for _, p := range all {
			if p.Pos.Line < 1 || p.Pos.Line > len(lines) || p.Pos.Col < 1 || p.Pos.Col > utf8.RuneCountInString(text)+1 {
				t.Errorf("%s\nlies outside a file of %d lines", p, len(lines))
			}
		}
	})
}

// readAll asks everything of every node that can be asked.
func readAll(n Node) {
	n.Value()
	var b bool
	var i int
	var d time.Duration
	var s string
	var list []string
	for _, read := range []func(Node){Bool(&b), Int(&i, 0), Duration(&d), OneOf(&s, "x"), String(&s), Strings(&list)} {
		read(n)
	}
	n.Has("a")
	if n.IsScalar() && !n.IsNull() {
		text := n.Text()
		for offset := range text {
			n.ErrorAt(n.Place(offset), "here")
		}
	}
	if n.IsList() {
		for _, item := range n.Items() {
			readAll(item)
		}
	}
	if n.IsMap() {
		for _, e := range n.Entries() {
			readAll(e.Value)
		}
		n.Map(Keys{"a": nothing})
	}
}
