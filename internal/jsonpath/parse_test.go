package jsonpath

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what testdata/refused.txt says of its paths")

// refused returns the paths of testdata/refused.txt, and what is said of each.
func refused(tb testing.TB) (paths, wants []string) {
	tb.Helper()
	data, err := os.ReadFile("testdata/refused.txt")
	if err != nil {
		tb.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		path := strings.TrimSuffix(strings.TrimPrefix(lines[i], "‹"), "›") // so that spaces at its ends show
		paths, wants = append(paths, path), append(wants, strings.TrimSpace(lines[i+1]))
	}
	return paths, wants
}

func TestEveryBadPathIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	paths, wants := refused(t)
	if len(paths) < 150 {
		t.Fatalf("got %d paths, want 150 at least", len(paths))
	}
	var out strings.Builder
	for i, path := range paths {
		_, err := Parse(path)
		var s *SyntaxError
		if !errors.As(err, &s) {
			t.Errorf("%q: got %v, want a *SyntaxError", path, err)
			continue
		}
		if s.Offset < 0 || s.Offset > len(path) {
			t.Errorf("%q: offset %d is outside of it", path, s.Offset)
		}
		if got := fmt.Sprintf("%d: %s", s.Offset, s.Msg); got != wants[i] && !*update {
			t.Errorf("%q:\ngot  %s\nwant %s", path, got, wants[i])
		} else {
			fmt.Fprintf(&out, "‹%s›\n  %s\n", path, got)
		}
	}
	if *update {
		head := "# What is refused: a path between ‹ and ›, and below it the byte in it and what is said.\n\n"
		if err := os.WriteFile("testdata/refused.txt", []byte(head+out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNestingOfExpressionsHasAnEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, open, inside, end string }{
		{"parentheses", "$[?", "(", "@)"},
		{"filters", "$", "[?@", "]"},
		{"absolute filters", "$", "[?$", "]"},
		{"functions", "$[?", "length(", "@)"},
		{"negations", "$[?", "!(", "@)"},
	} {
		few := tt.open + strings.Repeat(tt.inside, 90)
		switch tt.inside {
		case "[?@", "[?$":
			few += strings.Repeat("]", 90)
		case "length(":
			few += "@" + strings.Repeat(")", 90) + "==1]"
		default:
			few += "@" + strings.Repeat(")", 90) + "]"
		}
		if _, err := Parse(few); err != nil {
			t.Errorf("%s: 90 of them: %v", tt.name, err)
		}
		_, err := Parse(tt.open + strings.Repeat(tt.inside, 1_000_000))
		if err == nil || !strings.Contains(err.Error(), "in one another") {
			t.Errorf("%s: a million of them: got %.200v", tt.name, err)
		}
	}
	if _, err := Parse("$[?match(@, '" + strings.Repeat("(", 1_000_000) + "')]"); err == nil || !strings.Contains(err.Error(), "in one another") {
		t.Errorf("groups: got %.200v", err)
	}
}

func TestAPathThatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"$.\xff":       "at byte 2: a path is text in UTF-8",
		"$['é\xed']":   "at byte 5: a path is text in UTF-8",
		"\xc3":         "at byte 0: a path is text in UTF-8",
		"$.\ufffd\xc3": "at byte 5: a path is text in UTF-8",
	} {
		if _, err := Parse(path); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", path, err, want)
		}
	}
	if _, err := Parse("$.\ufffd['\\uFFFD']"); err != nil {
		t.Errorf("U+FFFD is a character: %v", err)
	}
}

func TestSingularPathsAreThoseOfNamesAndIndexes(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"$": true, "$.a": true, "$['a'][0]": true, "$[-1]": true, "$.a .b[ 'c' ]": true,
		"$.*": false, "$..a": false, "$[0,1]": false, "$['a','a']": false, "$[0:1]": false, "$[?@]": false, "$.a[*].b": false, "$..[0]": false,
	} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if p.Singular() != want || p.String() != path {
			t.Errorf("%s: got %v, want %v", p, p.Singular(), want)
		}
	}
}
