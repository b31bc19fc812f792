package vars

import (
	"fmt"
	"testing"
)

func TestARoundStandsBehindTheCommandLineAndBeforeTheRest(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Name: "command line", Values: map[string]Value{"line": {Text: "line"}}},
		Layer{Name: "environment", Values: map[string]Value{"line": {Text: "env"}, "id": {Text: "env"}, "base": {Text: "env"}}})
	s.Set("token", Value{Text: "captured"})
	row := func(number int) *Scope {
		return s.Round(Round{Number: number, Count: 2, Row: func() Value { return Value{Text: fmt.Sprintf(`{"id": %d}`, number), JSON: true} }},
			Layer{Name: "data", Values: map[string]Value{"line": {Text: "row"}, "id": {Text: "row"}, "at": {Text: `{"city": "Ulm"}`, JSON: true}}})
	}
	first, second := row(1), row(2)
	first.Set("own", Value{Text: "first"})
	for name, want := range map[string]string{
		"line": "line", "id": "row", "base": "env", "token": "captured", "at.city": "Ulm", "at.zip": "",
		"$iteration": "2", "$iterationCount": "2", "$row": `{"id": 2}`, "$row.id": "2", "$row.x": "", "own": "",
	} {
		v, err := second.With(Layer{Values: map[string]Value{"id": {Text: "request"}}}).Lookup(name)
		if v.Text != want || (err != nil) != (want == "") || second.Defines(name) != (want != "") {
			t.Errorf("%s: got %q and %v, want %q", name, v.Text, err, want)
		}
	}
	if s.Defines("own") || !first.Defines("own") {
		t.Error("what one round captured is its own")
	}
}

func TestWithoutRoundsThereIsOne(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"$iteration": "1", "$iterationCount": "1", "$row": "", "$row.id": ""} {
		if v, err := NewScope(nil).Lookup(name); v.Text != want || (err != nil) != (want == "") {
			t.Errorf("%s: got %q and %v, want %q", name, v.Text, err, want)
		}
	}
	s := NewScope(nil).Round(Round{Number: 3}, Layer{})
	if v, err := s.Lookup("$iterationCount"); err == nil {
		t.Errorf("got %q for a number that nobody knows", v.Text)
	}
}

func TestASecretColumnIsHidden(t *testing.T) {
	t.Parallel()
	s := NewScope(nil).Round(Round{Number: 1}, Layer{Values: map[string]Value{"password": {Text: "hunter2", Secret: true}}})
	same(t, s.Redact("is hunter2"), "is "+Mask("password", "hunter2"))
}
