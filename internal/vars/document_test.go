package vars

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func document(t *testing.T, text string) Document {
	t.Helper()
	var d Document
	if err := source.Parse("f", []byte(text), d.Read); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADocumentKeepsOrderAndTypes(t *testing.T) {
	t.Parallel()
	d := document(t, `zoo: "{{text}}"
apple: "{{five}}"
mid: "{{five}}!"
quoted: "5"
number: 5
big: 12345678901234567890
half: 0.50
yes: true
none: null
date: 2024-01-01
list: [1, "{{list}}", {b: "{{obj}}", a: <&>}]
"{{text}}-{{five}}": "a\"\n\u2028é"
empty: {}
nothing: []
`)
	s := NewScope(nil, Layer{Values: map[string]Value{
		"text": {Text: "t"}, "five": {Text: "5", JSON: true}, "list": {Text: "[1, 2]", JSON: true}, "obj": {Text: `{"z":1,"a":2}`, JSON: true},
	}})
	got, err := d.JSON(s)
	same(t, string(got)+errorText(err), `{"zoo":"t","apple":5,"mid":"5!","quoted":"5","number":5,"big":12345678901234567890,"half":0.50,"yes":true,"none":null,`+
		`"date":"2024-01-01","list":[1,[1, 2],{"b":{"z":1,"a":2},"a":"<&>"}],"t-5":"a\"\n\u2028é","empty":{},"nothing":[]}`)
	if !json.Valid(got) {
		t.Error("not JSON")
	}
	v, err := d.Any(s)
	want := map[string]any{
		"zoo": "t", "apple": json.Number("5"), "mid": "5!", "quoted": "5", "number": json.Number("5"), "big": json.Number("12345678901234567890"), "half": json.Number("0.50"),
		"yes": true, "none": nil, "date": "2024-01-01", "t-5": "a\"\n\u2028é", "empty": map[string]any{}, "nothing": []any{},
		"list": []any{json.Number("1"), []any{json.Number("1"), json.Number("2")}, map[string]any{"b": map[string]any{"z": json.Number("1"), "a": json.Number("2")}, "a": "<&>"}},
	}
	if err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("got  %#v, %v\nwant %#v", v, err, want)
	}
	same(t, d.Static(), false)
	same(t, d.Pos().String(), "f:1:1")
	var names []string
	for _, u := range d.Uses() {
		names = append(names, u.Name)
	}
	same(t, strings.Join(names, " "), "text five five list obj text five")
}

func TestANameThatAVariableRepeatsIsRefused(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: map[string]Value{"a": {Text: "b"}, "pw": {Text: "hunter2!", Secret: true}}})
	for text, want := range map[string]string{
		`{b: 1, "{{a}}": 2}`:                 `f:1:8: {{a}}: a second member is called "b"`,
		`{"{{a}}": 1, b: 2}`:                 `f:1:14: b: a second member is called "b"`,
		`{x: {"{{pw}}": 1, "!{{pw}}": 2}}`:   "",
		`{x: {"{{pw}}": 1, "{{pw }}": 2}}`:   `f:1:19: {{pw }}: a second member is called this`,
		`[{"{{a}}": 1}, {"{{a}}": 1, c: 1}]`: "",
	} {
		d := document(t, text)
		_, errJSON := d.JSON(s)
		_, errAny := d.Any(s)
		same(t, errorText(errJSON), want)
		same(t, errorText(errAny), want)
	}
	v, err := document(t, `{"{{pw}}": 1}`).Value(s)
	same(t, v, Value{Text: `{"hunter2!":1}`, JSON: true, Secret: true})
	same(t, err, nil)
}

func TestADocumentTellsWhichOfItsNamesIsMissing(t *testing.T) {
	t.Parallel()
	s := NewScope(nil)
	for _, text := range []string{"{\"x{{nope}}\": 1}", "{a: [x, {b: \"y{{nope}}\"}]}", "- 1\n- \"{{nope}}\"\n"} {
		d := document(t, text)
		_, errJSON := d.JSON(s)
		_, errAny := d.Any(s)
		_, errValue := d.Value(s)
		for _, err := range []error{errJSON, errAny, errValue} {
			if u, ok := AsUndefined(err); !ok || u.Name != "nope" || !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("got %v", err)
			}
		}
	}
}

func TestDocumentsOfEveryKindAreValuesOfVariables(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: map[string]Value{"five": {Text: "5", JSON: true}, "pw": {Text: "hunter2!", Secret: true}}})
	for text, want := range map[string]Value{
		"5":                   {Text: "5", JSON: true},
		`"5"`:                 {Text: "5"},
		"true":                {Text: "true", JSON: true},
		"{a: null}":           {Text: `{"a":null}`, JSON: true},
		`["{{five}}", x]`:     {Text: `[5,"x"]`, JSON: true},
		`"{{five}}"`:          {Text: "5", JSON: true},
		`{a: ["{{pw}}"]}`:     {Text: `{"a":["hunter2!"]}`, JSON: true, Secret: true},
		`"id:{{pw}}"`:         {Text: "id:hunter2!", Secret: true},
		`{a: "{{pw}}", b: 1}`: {Text: `{"a":"hunter2!","b":1}`, JSON: true, Secret: true},
	} {
		got, err := document(t, text).Value(s)
		same(t, fmt.Sprintf("%s: %+v %s", text, got, errorText(err)), fmt.Sprintf("%s: %+v ", text, want))
	}
	var zero Document
	got, err := zero.JSON(s)
	same(t, string(got)+errorText(err), "null")
	same(t, zero.Static(), true)
	tpl, _ := Parse("{{five}}", here)
	v, err := Text(tpl).Any(s)
	same(t, fmt.Sprintf("%#v %v", v, err), `"5" <nil>`)
}

func TestValuesGoToJSONAndBack(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, true, false, "text", "<é\">", json.Number("12345678901234567890"), json.Number("1.50"), []any{"a", nil}, map[string]any{"a": json.Number("1")}} {
		value := Of(v)
		if got := value.Any(); !reflect.DeepEqual(got, v) {
			t.Errorf("got %#v, want %#v", got, v)
		}
		if !json.Valid([]byte(value.Literal())) {
			t.Errorf("%q is not JSON", value.Literal())
		}
	}
	same(t, Of("<é>").Literal(), `"<é>"`)
	same(t, Of(map[string]any{"a": "<"}).Text, `{"a":"<"}`)
	same(t, Value{Text: "no json", JSON: true}.Any(), "no json")
	same(t, Of(make(chan int)).Text, "null")
}

func BenchmarkDocumentJSON(b *testing.B) {
	var d Document
	_ = source.Parse("f", []byte(`{resourceType: Patient, id: "{{id}}", active: true, name: [{family: Chalmers, given: [Peter, James]}], multipleBirthInteger: 2}`), d.Read)
	s := NewScope(nil, Layer{Values: values("id", "1001")})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.JSON(s); err != nil {
			b.Fatal(err)
		}
	}
}
