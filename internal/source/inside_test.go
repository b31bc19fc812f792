package source

import (
	"strings"
	"testing"
)

func TestACharacterOfATextIsFoundAgainInItsFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		line, col  int
		want       string
	}{
		{"a block", "a: |\n\n  one\n  \"two\"\n", 3, 3, "f.yaml:4:5"},
		{"an indented line of a block", "a: |\n  one\n    two\n", 2, 5, "f.yaml:3:7"},
		{"a list in JSON", `{"a": ["one", "t\"w\u00e9o"]}`, 2, 5, "f.yaml:1:26"},
		{"lines in one text of JSON", `{"a": "one\nt\\wo"}`, 2, 3, "f.yaml:1:16"},
		{"single quotes", "a: 'it''s'\n", 1, 4, "f.yaml:1:9"},
		{"without quotes", "a: one two\n", 1, 5, "f.yaml:1:8"},
		{"a list without quotes", "a:\n  - one\n  - two\n", 2, 2, "f.yaml:3:6"},
		{"behind the end", `{"a": "one"}`, 1, 9, "f.yaml:1:7"},
		{"a line that is none", `{"a": "one"}`, 5, 1, "f.yaml:1:7"},
		{"a folded text", "a: >\n  one\n  two\n", 1, 6, "f.yaml:1:4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			err := Parse("f.yaml", []byte(test.text), func(n Node) {
				v := n.Entries()[0].Value
				var lines []Pos
				for _, l := range v.Lines() {
					lines = append(lines, l.Pos)
				}
				got = v.Pos().Inside([]byte(strings.ReplaceAll(test.text, "\r", "")), lines, test.line, test.col).String()
			})
			if err != nil || got != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}
