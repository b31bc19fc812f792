package newman_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// purpose is how a way differs from the one before it, and why.
type purpose struct{ why, how string }

// intended is what difference.txt of a collection says: of hgrun after Newman, of the imported collection after its original, and of the one
// that was exported again after the imported one.
type intended struct {
	file string
	ways [3]purpose
}

// heads are the lines that stand before the ways.
func heads() [3]string { return [3]string{"", "-- imported --\n", "-- exported --\n"} }

// purposes reads difference.txt of a collection; both are empty where there must be no difference. The first line of each says why.
func purposes(t *testing.T, name string) *intended {
	t.Helper()
	in := &intended{file: filepath.Join("testdata", name, "difference.txt")}
	text, err := os.ReadFile(in.file)
	if errors.Is(err, os.ErrNotExist) {
		return in
	}
	if err != nil {
		t.Fatal(err)
	}
	rest := string(text)
	for i := len(in.ways) - 1; i >= 0; i-- {
		part := rest
		if i > 0 {
			rest, part, _ = strings.Cut(rest, heads()[i])
		}
		in.ways[i].why, in.ways[i].how, _ = strings.Cut(part, "\n")
	}
	return in
}

// judge compares a difference with the one that is wanted, or makes it the one.
func (in *intended) judge(t *testing.T, way int, got string) {
	t.Helper()
	p := &in.ways[way]
	if *update && p.why != "" && p.how != got {
		p.how = got
		if err := os.WriteFile(in.file, []byte(in.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != p.how {
		t.Errorf("%s differ; got\n%s\nwant\n%s", [...]string{"Newman (-) and hgrun (+)", "the original (-) and what was imported (+)", "what was imported (-) and what was exported (+)"}[way], got, p.how)
	}
}

func (in *intended) String() string {
	text := ""
	for i, p := range in.ways {
		if p.why != "" {
			text += heads()[i] + p.why + "\n" + p.how
		}
	}
	return text
}

// difference lists the lines that only one of two texts has, in their order.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	longest := make([][]int, len(x)+1) // common lines from here on
	for i := range longest {
		longest[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if longest[i][j] = max(longest[i+1][j], longest[i][j+1]); x[i] == y[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out strings.Builder
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && longest[i+1][j] >= longest[i][j+1]:
			out.WriteString("- " + x[i] + "\n")
			i++
		default:
			out.WriteString("+ " + y[j] + "\n")
			j++
		}
	}
	return out.String()
}
