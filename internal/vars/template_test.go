package vars

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

var here = source.Pos{File: "f", Line: 1, Col: 1}

func TestTemplatesAreExpanded(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: map[string]Value{
		"a": {Text: "x"}, "a b": {Text: "spaced"}, "empty": {}, "five": {Text: "5", JSON: true}, "sp": {Text: " é&\"/ "},
		"obj": {Text: `{"k":1}`, JSON: true}, "braces": {Text: "{{a}}"},
	}})
	tests := []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"} }} {", "} }} {"},
		{"{{a}}", "x"},
		{"{{ a }}{{a}}", "xx"},
		{"GET {{a}}/y?z={{five}}", "GET x/y?z=5"},
		{"{{a b}}", "spaced"},
		{"{{braces}} {{braces}}", "{{a}} {{a}}"},
		{`{{"{{"}}a}} {{'}}'}}`, "{{a}} }}"},
		{`{{""}}`, ""},
		{"{{a}}}", "x}"},
		{"{{obj}}!", `{"k":1}!`},
		{"{{a | upper}}", "X"},
		{"{{a|upper|lower}}", "x"},
		{"{{sp | trim}}", `é&"/`},
		{"{{sp | trim | urlencode}}", "%C3%A9%26%22%2F"},
		{"{{sp | trim | json}}", `"é&\"/"`},
		{"{{obj | json}}", `{"k":1}`},
		{"{{a | base64}}", "eA=="},
		{"{{sp | base64url}}", "IMOpJiIvIA"},
		{"{{a | sha256}}", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
		{`{{nope | default: "a | b, }} c"}}`, "a | b, }} c"},
		{"{{nope | default: y | upper}}", "Y"},
		{"{{nope | upper | default: y}}", "y"},
		{"{{empty | default: y}}", "y"},
		{"{{a | default: y}}", "x"},
		{"{{nope | default: ''}}", ""},
	}
	for _, tt := range tests {
		tpl, err := Parse(tt.text, here)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		got, err := tpl.Expand(s)
		same(t, tt.text+" = "+got+errorText(err), tt.text+" = "+tt.want)
		same(t, tpl.String(), tt.text)
	}
}

func TestTemplatesThatMeanNothingAreRefusedWhereTheyStand(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"{{a", `{{ without }}; write {{"{{"}} for the characters themselves`},
		{`{{a | default: "b}}`, "a quote in {{…}} is not closed"},
		{"{{}}", "{{}} has no name in it"},
		{"{{ | upper}}", "{{}} has no name in it"},
		{"{{a {{b}}", `{{ without }}; write {{"{{"}} for the characters themselves`},
		{"{{a{b}}", "{{a{b}}: a name has no braces"},
		{"{{a{{}}}}", "{{}} has no name in it"},
		{"{{a | uper}}", `{{a | uper}}: unknown filter "uper"; did you mean "upper"?`},
		{"{{a | }}", `{{a |}}: unknown filter ""; known here: ` + strings.Join(FilterNames(), ", ")},
		{"{{a | upper: 1}}", "{{a | upper: 1}}: filter upper: got 1 argument, want none"},
		{"{{a | default}}", "{{a | default}}: filter default: got 0 arguments, want 1 (value)"},
		{`{{a | default: "x" y}}`, `{{a | default: "x" y}}: got "x" y, want one text in quotes`},
		{`{{a | default: "x{{b"}}`, `{{a | default: "x{{b"}}: {{ without }}; write {{"{{"}} for the characters themselves`},
		{`{{"a" | upper}}`, `{{"a" | upper}}: a text in quotes stands alone`},
		{`{{"a" b}}`, `{{"a" b}}: a text in quotes stands alone`},
	}
	for _, tt := range tests {
		_, err := Parse(tt.text, here)
		same(t, errorText(err), "f:1:1: "+tt.want)
	}
}

func TestANameMayBeMadeOfOthers(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: values("env", "test", "patient_test", "1001", "n", "1", "patient_1", "x-1", "deep_x-1", "down", "quoted", `"`)})
	for _, tt := range []struct{ text, want string }{
		{"{{patient_{{env}}}}", "1001"},
		{"/{{patient_{{env}}}}/{{env}}", "/1001/test"},
		{"{{deep_{{patient_{{n}}}}}}", "down"},
		{"{{patient_{{env}} | upper | sha256}}", "fe675fe7aaee830b6fed09b64e034f84dcbdaeb429d9cccd4ebb90e15af8dd71"},
		{"{{patient_{{ n | upper }} | upper}}", "X-1"},
		{"{{patient_{{nope | default: test}}}}", "1001"},
		{"{{patient_{{env}}{{n}} | default: none}}", "none"},
	} {
		tpl, err := Parse(tt.text, here)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		got, err := tpl.Expand(s)
		same(t, tt.text+" = "+got+errorText(err), tt.text+" = "+tt.want)
	}
	tpl, err := Parse("{{patient_{{zone}}}} {{patient_{{n}}0}}", here)
	if err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprint(tpl.Uses()), "[{zone f:1:1 false} {n f:1:1 false}]")
	_, err = tpl.Expand(s)
	same(t, errorText(err), `f:1:1: variable "zone" is not defined`)
	s.Set("zone", Value{Text: "test"})
	_, err = tpl.Expand(s)
	same(t, errorText(err), `f:1:1: variable "patient_10" is not defined; did you mean "patient_1"?`)
}

func TestANameKnowsItsPlaceInTheMiddleOfAURL(t *testing.T) {
	t.Parallel()
	text := "a: GET {{base}}/Patient/{{ id }}?x={{nope}}\nb: \"{{base}}/{{nope}}\"\nc: |\n  one\n  two {{nope}}\n"
	var uses []string
	var errs []string
	_ = source.Parse("f", []byte(text), func(n source.Node) {
		s := NewScope(nil, Layer{Values: values("base", "x", "id", "y")})
		for _, e := range n.Entries() {
			var tpl Template
			tpl.Read(e.Value)
			for _, u := range tpl.Uses() {
				uses = append(uses, fmt.Sprint(u.Name, " ", u.Pos))
			}
			_, err := tpl.Expand(s)
			errs = append(errs, errorText(err))
		}
	})
	same(t, strings.Join(uses, "\n"), "base f:1:8\nid f:1:25\nnope f:1:36\nbase f:2:4\nnope f:2:14\nnope f:5:7")
	same(t, strings.Join(errs, "\n"), `f:1:36: variable "nope" is not defined`+"\n"+`f:2:14: variable "nope" is not defined`+"\n"+`f:5:7: variable "nope" is not defined`)
}

func TestATemplateThatDoesNotParseIsAProblemOfItsFile(t *testing.T) {
	t.Parallel()
	var tpl Template
	err := source.Parse("f", []byte("a: 'x{{y | zzz: 1}}'\n"), func(n source.Node) { tpl.Read(n.Entries()[0].Value) })
	same(t, errorText(err), `f:1:6: {{y | zzz: 1}}: unknown filter "zzz"; known here: `+strings.Join(FilterNames(), ", "))
}

func TestUsesTellWhichNamesMayBeMissing(t *testing.T) {
	t.Parallel()
	tpl, err := Parse("{{a}}{{b | default: c}}{{'d'}}", here)
	if err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprint(tpl.Uses()), fmt.Sprint([]Use{{"a", here, false}, {"b", here, true}}))
	same(t, tpl.Static(), false)
	same(t, tpl.Outline("*"), "**d")
	same(t, tpl.IsZero(), false)
	same(t, Template{}.IsZero(), true)
	same(t, Literal("").IsZero(), false)
	same(t, Literal("{{a}}").Static(), true)
	text, err := Literal("{{a}}").Expand(NewScope(nil))
	same(t, text+errorText(err), "{{a}}")
}

func TestATemplateOfOneNameKeepsTheTypeOfItsValue(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: map[string]Value{"five": {Text: "5", JSON: true}, "text": {Text: "5"}, "hidden": {Text: "hunter2", Secret: true}}})
	for text, want := range map[string]Value{
		"{{five}}":           {Text: "5", JSON: true},
		" {{five}}":          {Text: " 5"},
		"{{text}}":           {Text: "5"},
		"{{five | upper}}":   {Text: "5"},
		"{{text | json}}":    {Text: `"5"`, JSON: true},
		"{{hidden}}":         {Text: "hunter2", Secret: true},
		"{{hidden}}{{five}}": {Text: "hunter25", Secret: true},
		"{{hidden | upper}}": {Text: "HUNTER2", Secret: true},
		"5":                  {Text: "5"},
	} {
		tpl, err := Parse(text, here)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tpl.Value(s)
		same(t, fmt.Sprintf("%s: %+v %s", text, got, errorText(err)), fmt.Sprintf("%s: %+v ", text, want))
	}
	same(t, s.Redact("HUNTER2"), Mask("hidden", "HUNTER2"))
}

func FuzzTemplate(f *testing.F) {
	for name := range filters() {
		f.Add("{{a | " + name + "}}{{5 | " + name + ": 1}}{{b | " + name + ": \"{{c}}\", '2'}}")
	}
	for _, text := range []string{"", "{{a}}", "x{{a | default: \"b\"}}y", "{{'{{'}}", "{{a | base64 | upper}}", "{{", "}}{{}}", "{{$guid}}", "{{\"a}}", "{{'| upper: '}}", "{{a|x:\"0:\"}}", "{{a | upper: \"}}", "{{0\"{{0}}\"}}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tpl, err := Parse(text, here)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:1:1: ") {
				t.Errorf("an error without its place: %v", err)
			}
			return
		}
		same(t, tpl.String(), text)
		if !strings.Contains(text, "{{") {
			same(t, tpl.Static(), true)
		}
		var all []string
		for _, u := range tpl.Uses() {
			all = append(all, u.Name, "v")
		}
		s := NewScope(nil, Layer{Values: values(all...)})
		_, err = tpl.Expand(s)
		if _, undefined := AsUndefined(err); undefined && makesNames(tpl) && strings.HasPrefix(err.Error(), "f:1:1: ") {
			return // a name that is made of values has none here
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "f:1:1: filter ") || strings.Contains(err.Error(), "not defined")) {
			t.Errorf("%q: every name has a value: %v", text, err)
		}
	})
}

// makesNames reports whether a name in a template is made of the values of others: {{patient_{{env}}}}.
func makesNames(t Template) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool {
		return p.naming != nil || slices.ContainsFunc(p.filters, func(f Filter) bool {
			return slices.ContainsFunc(f.args, func(a argument) bool { return makesNames(a.text) })
		})
	})
}
