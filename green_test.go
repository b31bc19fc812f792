package hgrun_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scriptFolder holds the scripts of the command.
const scriptFolder = "cmd/hgrun/testdata/script"

func TestThePageOfWhatIsNeverGreenNamesEveryTestOfIt(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("docs/green.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for line := range strings.SplitSeq(string(src), "\n") {
		switch {
		case !strings.HasPrefix(line, "|"):
			named = append(named, scriptsIn(line)...)
		case len(cells(line)) != 4:
			t.Errorf("docs/green.md: got %d columns, want 4: %s", len(cells(line)), line)
		case strings.HasPrefix(line, "|-"), cells(line)[3] == "Test":
		default:
			tests := codes(cells(line)[3])
			if len(tests) == 0 {
				t.Errorf("docs/green.md: no test is named: %s", line)
			}
			named = append(named, tests...)
		}
	}
	for _, name := range named {
		text, err := os.ReadFile(filepath.Join(scriptFolder, name+".txtar"))
		if err != nil {
			t.Errorf("docs/green.md: %s: %v", name, err)
		} else if !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s.txtar does not say in its first line what it guards", name)
		}
	}
	files, err := filepath.Glob(scriptFolder + "/red_*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".txtar"); !slices.Contains(named, name) {
			t.Errorf("docs/green.md does not name %s", name)
		}
	}
}

// scriptsIn returns the names in `code` of a line of text that look like those of scripts.
func scriptsIn(line string) []string {
	return slices.DeleteFunc(codes(line), func(name string) bool { return strings.ContainsAny(name, "/. ") || !strings.Contains(name, "-") })
}
