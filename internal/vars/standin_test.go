package vars

import (
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func TestWhatStandsInIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	var defined Definitions
	err := source.Parse("v.yaml", []byte("{base: 'http://{{host}}', host: h, header: 'Basic {{secret | base64}}', whole: '{{id}}'}"), defined.Read)
	if err != nil {
		t.Fatal(err)
	}
	s := NewScope(nil, Layer{Defined: defined}).StandIn(func(name, expression string) (string, bool) {
		return "<" + expression + ">", name == "secret" || name == "id"
	})
	tests := []struct{ name, text, want string }{
		{"nothing open", "{{base}}/x", "http://h/x"},
		{"a name", "{{base}}/{{id}}", "http://h/<id>"},
		{"a name that leads to one", "{{header}} {{whole}}", "Basic <secret | base64> <id>"},
		{"filters are not applied", "{{ id | upper | base64 }}", "<id | upper | base64>"},
		{"filters of other names are", "{{host | upper}}", "H"},
	}
	for _, test := range tests {
		template, err := Parse(test.text, source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := template.Expand(s.With(Layer{}))
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestASecretIsKnownWithoutFetchingIt(t *testing.T) {
	t.Parallel()
	never := func() (Value, error) { t.Error("a secret was fetched"); return Value{}, nil }
	s := NewScope(nil,
		Layer{Values: map[string]Value{"line": {Text: "shown"}, "asked": {Text: "hidden", Secret: true}}},
		Layer{Lazy: map[string]func() (Value, error){"lazy": never, "line": never}, Defined: Definitions{"plain": {}}})
	s.Set("token", Value{Text: "captured", Secret: true})
	s.Set("plain", Value{Text: "captured"})
	s = s.Bind("$assertion", Value{Text: "signed", Secret: true})
	for name, want := range map[string]bool{"line": false, "asked": true, "lazy": true, "plain": false, "token": true, "$assertion": true, "unknown": false} {
		if got := s.IsSecret(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
