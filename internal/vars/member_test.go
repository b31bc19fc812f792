package vars

import "testing"

func TestMembersOfWhatIsBoundAreNamesToo(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: map[string]Value{"base": {Text: `{"a": 1}`, JSON: true}, "row.given": {Text: "layer"}}}).
		Bind("row", Value{Text: `{"name": "Ann", "age": 7, "tags": ["x", {"y": null}], "given": "row"}`, JSON: true}).
		Bind("word", Value{Text: `{"name": "Ann"}`})
	for name, want := range map[string]string{
		"row.name": "Ann", "row.age": "7", "row.tags.0": "x", "row.tags.1.y": "null", "row.tags.1": `{"y":null}`, "row.given": "layer",
		"row.none": "", "row.tags.2": "", "row.tags.x": "", "row.age.b": "", "base.a": "1", "word.name": "", "none.name": "", "row.": "",
	} {
		v, err := s.Lookup(name)
		if v.Text != want || (err != nil) != (want == "") || s.Defines(name) != (want != "") {
			t.Errorf("%s: got %q and %v, defined: %t; want %q", name, v.Text, err, s.Defines(name), want)
		}
	}
	if v, err := s.Lookup("row.age"); err != nil || !v.JSON {
		t.Errorf("a number lost its type: %v %v", v, err)
	}
}

func TestWhatIsForgottenHasNoValue(t *testing.T) {
	t.Parallel()
	s := NewScope(nil)
	s.Set("id", Value{Text: "7"})
	s.With().Forget("id")
	if _, err := s.Lookup("id"); err == nil {
		t.Error("the name still has a value")
	}
}
