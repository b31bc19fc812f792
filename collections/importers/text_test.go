package importers

import (
	"strings"
	"testing"
	"time"
)

func TestBracesOfPostmanBecomeOurs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"a placeholder", "a {{b}} c", "a {{b}} c"},
		{"one in another", "{{outer_{{which}}}}/x", "{{outer_{{which}}}}/x"},
		{"two in one", "{{a{{b}}{{c}}}}", "{{a{{b}}{{c}}}}"},
		{"open", "a {{b", `a {{"{{"}}b`},
		{"open around one", "{{a {{b}}", `{{"{{"}}a {{b}}`},
		{"empty", "{{}}", `{{"{{"}}}}`},
		{"JSON", `{"a":{"b":1}}`, `{"a":{"b":1}}`},
		{"a brace before one", `{"a":{{{b}}}}`, `{"a":{{"{"}}{{b}}}}`},
	} {
		if got := braces(row.text); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

// A megabyte of open braces must cost what a megabyte costs, not its square: a text of that kind would stop every import.
func TestOpenBracesAreNoTrap(t *testing.T) {
	t.Parallel()
	done := make(chan string, 1)
	go func() { done <- braces(strings.Repeat("{", 1<<20)) }()
	select {
	case got := <-done:
		if !strings.Contains(got, `{{"{{"}}`) {
			t.Errorf("got %.40s…", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("a megabyte of braces takes more than a minute")
	}
}
