package vars

import (
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func same(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// definitions reads YAML text as variables of file name.
func definitions(t *testing.T, name, text string) Definitions {
	t.Helper()
	var d Definitions
	if err := source.Parse(name, []byte(text), d.Read); err != nil {
		t.Fatal(err)
	}
	return d
}

func values(pairs ...string) map[string]Value {
	m := map[string]Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = Value{Text: pairs[i+1]}
	}
	return m
}

// errorText is an error's text, or nothing.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
