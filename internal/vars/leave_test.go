package vars

import (
	"slices"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func TestANameThatNothingDefinesIsLeftAsItIsWritten(t *testing.T) {
	t.Parallel()
	var defined Definitions
	if err := source.Parse("v.yaml", []byte("{base: 'http://{{host}}/{{ nope | upper }}', host: h}"), defined.Read); err != nil {
		t.Fatal(err)
	}
	var left []string
	s := NewScope(nil, Layer{Defined: defined}).Leave(func(name string) { left = append(left, name) })
	template, err := Parse("{{base}}?a={{gone}}&b={{other | default: x}}", source.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := template.Expand(s)
	if want := "http://h/{{nope | upper}}?a={{gone}}&b=x"; got != want || err != nil || !slices.Equal(left, []string{"nope", "gone"}) {
		t.Errorf("got %q, %v, left %q, want %q", got, err, left, want)
	}
	if _, err := s.Lookup("gone"); err == nil {
		t.Error("a name that nothing defines was looked up")
	}
}

func TestAVariableIsWrittenAsItStands(t *testing.T) {
	t.Parallel()
	var defined Definitions
	if err := source.Parse("v.yaml", []byte("{url: '{{host}}/x', list: ['{{a}}', 1], number: 7}"), defined.Read); err != nil {
		t.Fatal(err)
	}
	l := Layer{Defined: defined, Values: map[string]Value{"final": {Text: "{{as it is}}"}}, Lazy: map[string]func() (Value, error){"late": nil}}
	for name, want := range map[string]Value{
		"url": {Text: "{{host}}/x"}, "list": {Text: `["{{a}}",1]`, JSON: true}, "number": {Text: "7", JSON: true}, "final": {Text: "{{as it is}}"}, "late": {Secret: true},
	} {
		if got, ok := l.Written(name); got != want || !ok {
			t.Errorf("%s: got %v, %t, want %v", name, got, ok, want)
		}
	}
	if _, ok := l.Written("nope"); ok {
		t.Error("a variable was written that is not there")
	}
}
