package source

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestWhatTheParserRefusesIsToldAtItsTruePlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", "f:1:1: the file is empty"},
		{"only a comment", "# nothing\n", "f:1:1: the file is empty"},
		{"only a mark", "---\n", "f:1:1: the file is empty"},
		{"only null", "~\n", "f:1:1: the file is empty"},
		{"only a byte order mark", "\ufeff", "f:1:1: the file is empty"},
		{"second document", "a: 1\nb: 2\n---\nc: 3\n", "f:3:1: a second document after ---; a file holds one"},
		{"second document far below", "a: 1\n---\n\n\nc: 3\n", "f:2:1: a second document after ---; a file holds one"},
		{"second document that is broken", "a: 1\n---\nc: [\n", "f:3:5: not YAML: did not find expected node content (while parsing a flow node that starts here)"},
		{"not UTF-8", "a: 1\nbé: x\xff\n", "f:2:6: not UTF-8 text; save the file as UTF-8"},
		{"UTF-16", "\xff\xfea\x00", "f:1:1: not UTF-8 text; save the file as UTF-8"},
		{"control character", "a: 1\nb: é\x01\n", "f:2:5: not YAML: the control character U+0001"},
		{"tab", "a:\n\tb: 1\n", "f:2:1: not YAML: found character that cannot start any token; YAML is indented with spaces, and this line has a tab"},
		{"colon in a text", "a: 1\nb: c: d\n", `f:2:5: not YAML: mapping values are not allowed in this context; a text with ": " in it must be quoted, and the keys of one mapping start at one column`},
		{"wrong indentation", "a: 1\n b: 2\n", `f:2:3: not YAML: mapping values are not allowed in this context; a text with ": " in it must be quoted, and the keys of one mapping start at one column`},
		{"open list", "a: [1, 2\nb: 3\n", "f:2:2: not YAML: did not find expected ',' or ']' (while parsing a flow sequence that starts at line 1)"},
		{"open quote", "a: 1\nb: \"x\nc: 3\n", "f:2:4: not YAML: found unexpected end of stream (while scanning a quoted scalar that starts here)"},
		{"open quote in a file with CRLF", "a: 1\r\nb: 'x\r\n", "f:2:4: not YAML: found unexpected end of stream (while scanning a quoted scalar that starts here)"},
		{"at sign", "a: @x\n", "f:1:4: not YAML: found character that cannot start any token; a text that starts with @ must be quoted"},
		{"unknown escape", "é: \"\\q\"\n", "f:1:5: not YAML: found unknown escape character"},
		{"unknown anchor", "a: 1\nb: *nope\n", "f:2:4: not YAML: unknown anchor 'nope' referenced"},
		{"less indented block", "a: |\n   x\n  y\n", "f:3:3: not YAML: did not find expected key (while parsing a block mapping that starts at line 1)"},
		{"unknown tag", "a: 1\nb: !env X\n", "f:2:4: the tag !env means nothing here; quote a text that starts with !"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same(t, problems(tt.text, nothing), tt.want)
		})
	}
}

func TestBracesThatWereNotQuotedAreExplained(t *testing.T) {
	t.Parallel()
	start := func(place, value string) string {
		return place + ": a value that starts with {{ must be quoted, because { opens a YAML mapping: write " + value
	}
	flow := func(place, value string) string {
		return place + ": a value with {{ in it must be quoted inside { } and [ ]: write " + value
	}
	tests := []struct{ name, text, want string }{
		{"value", "a: 1\nurl: {{base}}/x\n", start("f:2:6", `"{{base}}/x"`)},
		{"value after wide letters", "ключ: {{base}}/x\n", start("f:1:7", `"{{base}}/x"`)},
		{"value behind a quoted key", "\"a: b\": {{base}}/x\n", start("f:1:9", `"{{base}}/x"`)},
		{"value with a comment", "url: {{base}}/x  # the address\n", start("f:1:6", `"{{base}}/x"`)},
		{"value with quotes in it", "url: {{base | default: \"x\"}}/y\n", start("f:1:6", `"{{base | default: \"x\"}}/y"`)},
		{"in a list", "urls:\n  - a\n  - {{base}}/x\n", start("f:3:5", `"{{base}}/x"`)},
		{"in a list of lists", "- - {{base}}/x\n", start("f:1:5", `"{{base}}/x"`)},
		{"in a list of mappings", "- url: {{base}}/x\n", start("f:1:8", `"{{base}}/x"`)},
		{"with CRLF", "a: 1\r\nurl: {{base}}/x\r\n", start("f:2:6", `"{{base}}/x"`)},
		{"after a comment that has some", "# url: {{base}}/x\na: 1 # - {{x}}y\nurl: {{base}}/x\n", start("f:3:6", `"{{base}}/x"`)},
		{"after a block scalar that has some", "a: |\n  url: {{base}}/x\n\n  - {{y}}\nurl: {{base}}/x\n", start("f:5:6", `"{{base}}/x"`)},
		{"after a block scalar in a list", "- a: >-  # text\n    url: {{base}}/x\n  url: {{base}}/y\n", start("f:3:8", `"{{base}}/y"`)},
		{"after a block scalar that is an item", "- |2\n  url: {{base}}/x\n- url: {{base}}/y\n", start("f:3:8", `"{{base}}/y"`)},
		{"after quotes over several lines", "a: \"x\n  url: {{base}}/x \\\" \"\nb: 'it''s\n  url: {{base}}/x'\nurl: {{base}}/y\n", start("f:5:6", `"{{base}}/y"`)},
		{"in a flow mapping", "headers: {Accept: a, Authorization: Bearer {{token}}, X: y}\n", flow("f:1:37", `"Bearer {{token}}"`)},
		{"in a flow list", "urls: [http://{{host}}/x, b]\n", flow("f:1:8", `"http://{{host}}/x"`)},
		{"in a flow mapping over lines", "query: {\n  a: b,\n  c: d{{e}},\n}\n", flow("f:3:6", `"d{{e}}"`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same(t, problems(tt.text, nothing), tt.want)
		})
	}
}

func TestBracesAreNotBlamedForWhatStandsAboveThem(t *testing.T) {
	t.Parallel()
	same(t, problems("a: @\nurl: {{base}}/x\n", nothing),
		"f:1:4: not YAML: found character that cannot start any token; a text that starts with @ must be quoted")
}

func TestQuotedBracesAreInNobodysWay(t *testing.T) {
	t.Parallel()
	text := "a: \"{{x}}\"\nb: '{{x}}/y'\nc: http://{{x}}/y\nd: |\n  {{x}}\ne: {f: \"{{x}}\"}\ng: [\"{{x}}\"]\nh: text\n  {{x}} goes on\n"
	same(t, problems(text, nothing), "")
	want := "f:10:4: not YAML: found character that cannot start any token; a text that starts with @ must be quoted"
	same(t, problems(text+"i: @\n", nothing), want)
}

func TestBracesThatYAMLReadsAsAMappingAreExplainedWhereTextIsWanted(t *testing.T) {
	t.Parallel()
	want := `f:1:4: a value that starts with {{ must be quoted, because { opens a YAML mapping: write "{{token | default: x}}"`
	text := "a: {{token | default: x}}\n"
	var s string
	var list []string
	for name, read := range map[string]func(Node){
		"Text":    String(&s),
		"Items":   func(n Node) { n.Items() },
		"Entries": func(n Node) { n.Map(Keys{}) },
		"Strings": Strings(&list),
		"Value":   func(n Node) { n.Value() },
	} {
		t.Run(name, func(t *testing.T) {
			same(t, problems(text, func(n Node) { n.Map(Keys{"a": read}) }), want)
		})
	}
	same(t, problems("{{token}}: 1\n", func(n Node) { n.Entries() }),
		`f:1:1: a value that starts with {{ must be quoted, because { opens a YAML mapping: write "{{token}}"`)
}

func TestAFileMayStartWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	got := problems("\ufeffname: x\nb: 1\n", func(n Node) {
		same(t, n.Entries()[0].Name(), "name")
		n.Entries()[0].Value.Errorf("here")
	})
	same(t, got, "f:1:7: here")
}

func TestDirectivesAndEndMarksAreAllowed(t *testing.T) {
	t.Parallel()
	same(t, problems("%YAML 1.1\n---\na: 1\n...\n", nothing), "")
}

func TestAliasBombsAreRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := '1'; i <= '9'; i++ {
		before := "*a" + string(i-1)
		b.WriteString("a" + string(i) + ": &a" + string(i) + " [" + strings.Repeat(before+", ", 9) + before + "]\n")
	}
	same(t, problems(b.String(), func(n Node) { t.Error("was read") }), "f:6:5: aliases expand to more than 500000 values here")
}

func TestALargeFileIsNoBomb(t *testing.T) {
	t.Parallel()
	items := make([]yaml.Node, maxNodes+100)
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range items {
		items[i] = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Line: i + 1, Column: 1}
		list.Content = append(list.Content, &items[i])
	}
	if p := (&document{name: "f"}).guard(list); p != nil {
		t.Error(p)
	}
}

func TestDepthBombsAreRefused(t *testing.T) {
	t.Parallel()
	same(t, problems(strings.Repeat("[", 102)+strings.Repeat("]", 102), nothing), "f:1:102: nested deeper than 100 levels")
	same(t, problems(strings.Repeat("[", 101)+strings.Repeat("]", 101), nothing), "")
	got := problems(strings.Repeat("[", 50_000), nothing)
	if !strings.HasPrefix(got, "f:1:") || !strings.Contains(got, "max depth") {
		t.Errorf("got %.200s", got)
	}
	deep := "a: &a " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\nb: " + strings.Repeat("[", 60) + "*a" + strings.Repeat("]", 60) + "\n"
	same(t, problems(deep, nothing), "f:2:64: nested deeper than 100 levels through the alias *a")
}

func TestAnAliasCannotStandInItsOwnAnchor(t *testing.T) {
	t.Parallel()
	same(t, problems("a: &a [1, *a]\n", nothing), "f:1:11: alias *a stands inside its own anchor")
	same(t, problems("a: &a {b: {c: *a}}\n", nothing), "f:1:15: alias *a stands inside its own anchor")
}
