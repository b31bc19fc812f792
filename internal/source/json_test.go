package source

import (
	"encoding/json"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// valued returns JSON text as a value, or the problem that it has.
func valued(src []byte) (any, string) {
	var v any
	err := ParseJSON("f.json", src, func(n Node) { v = n.Value() })
	if err != nil {
		return nil, err.Error()
	}
	return v, ""
}

func TestJSONIsReadAsOtherProgramsWriteIt(t *testing.T) {
	t.Parallel()
	wide := func(text string, mark bool) []byte {
		units := utf16.Encode([]rune(text))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		var b []byte
		for _, u := range units {
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	}
	want := map[string]any{"a": []any{json.Number("1.50"), nil, true, "x\t😀/"}}
	text := "{\n\t\"a\": [1.50, null, true, \"x\\t\\ud83d\\ude00\\/\"]\r\n}"
	for name, src := range map[string][]byte{
		"tabs and surrogates": []byte(text), "a mark": []byte("\ufeff" + text), "UTF-16": wide(text, false), "UTF-16 with a mark": wide(text, true),
		"a key that stands twice": []byte(`{"a": 1, "a": [1.50, null, true, "x\t😀/"]}`),
	} {
		got, problem := valued(src)
		if diff := cmp.Diff(want, got); diff != "" || problem != "" {
			t.Errorf("%s: %s\n%s", name, problem, diff)
		}
	}
}

func TestWhatIsNoJSONIsToldAtItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "f.json:1:1: the file is empty",
		"{\n  \"a\": 1,\n}":  `f.json:3:1: not JSON: want a name in double quotes, got '}'`,
		"{\"a\" 1}":          `f.json:1:6: not JSON: want : behind "a", got '1'`,
		"[1 2]":              `f.json:1:4: not JSON: want , or ] behind an element, got '2'`,
		"{\"ä\": x1}":        `f.json:1:7: not JSON: want a value, got x1`,
		"{\"a\": \"x\n\"}":   `f.json:1:9: not JSON: a text goes on behind the end of its line: write \n, and close it with "`,
		"{\"a\": \"x":        `f.json:1:7: not JSON: the text is not closed with "`,
		"{\"a\": \"\\q\"}":   `f.json:1:7: not JSON: the text has an escape in it that JSON does not know`,
		"{} {}":              `f.json:1:4: not JSON: want the end of the file, got '{'`,
		"{\"a\": 01}":        `f.json:1:7: not JSON: want a value, got 01`,
		"{\"a\": 1 \"b\":2}": `f.json:1:9: not JSON: want , or } behind the value of "a", got '"'`,
		"[\xff]":             `f.json:1:2: not UTF-8 text; save the file as UTF-8`,
	} {
		if _, got := valued([]byte(text)); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func FuzzJSONIsWhatTheStandardLibraryReads(f *testing.F) {
	f.Add([]byte(`{"a": [1, -2.5e3, "x\u00e4\n", null, {"b": false}], "a": 2}`))
	f.Add([]byte("[\t]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1 && (src[0] == 0 || src[1] == 0 || src[0] >= 0x80) {
			return // perhaps of another encoding
		}
		_, problem := valued(src)
		if valid := json.Valid(src); valid && problem != "" && !deep(src) {
			t.Errorf("%q is JSON: %s", src, problem)
		} else if !valid && problem == "" {
			t.Errorf("%q is no JSON", src)
		}
	})
}

func deep(src []byte) bool {
	depth := 0
	for _, c := range src {
		if c == '[' || c == '{' {
			depth++
		}
	}
	return depth > maxJSONDepth
}
