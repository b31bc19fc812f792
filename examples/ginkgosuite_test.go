package examples_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
)

// states are what a JSON report of Ginkgo says of requests, by file and line.
func states(t *testing.T, file string) map[string]string {
	t.Helper()
	var reports []types.Report
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &reports)
	}
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, report := range reports {
		for _, s := range report.SpecReports {
			at := s.LeafNodeLocation
			if s.LeafNodeType == types.NodeTypeIt && strings.HasSuffix(at.FileName, ".yaml") && !strings.Contains(s.LeafNodeText, "token exchange") {
				found[filepath.Base(at.FileName)+":"+strconv.Itoa(at.LineNumber)] = s.State.String()
			}
		}
	}
	return found
}

// command runs a program that must succeed.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func TestTheGinkgoSuiteGivesTheVerdictsOfARun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command(t, "go", "run", "../cmd/hgrun", "run", "ginkgo-suite", "-e", "embedded", "-r", "json="+filepath.Join(dir, "run.json"))
	want := states(t, filepath.Join(dir, "run.json"))
	if len(want) != 5 {
		t.Fatalf("got %v of a run, want 5 requests", want)
	}
	t.Run("go test", func(t *testing.T) {
		command(t, "go", "test", "-count=1", "./ginkgo-suite", "-ginkgo.json-report="+filepath.Join(dir, "test.json"))
		if got := states(t, filepath.Join(dir, "test.json")); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("ginkgo -p", func(t *testing.T) {
		ginkgo, err := exec.LookPath("ginkgo")
		if err != nil {
			t.Skip("ginkgo is not installed; go install github.com/onsi/ginkgo/v2/ginkgo brings it")
		}
		command(t, ginkgo, "-p", "--procs=2", "--output-dir="+dir, "--json-report=parallel.json", "./ginkgo-suite")
		if got := states(t, filepath.Join(dir, "parallel.json")); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("ginkgo --label-filter", func(t *testing.T) {
		command(t, "go", "test", "-count=1", "./ginkgo-suite", "-ginkgo.label-filter=smoke", "-ginkgo.json-report="+filepath.Join(dir, "smoke.json"))
		chosen := map[string]string{"collection.yaml:23": "passed", "collection.yaml:32": "passed"}
		for at := range want {
			if chosen[at] == "" {
				chosen[at] = "skipped"
			}
		}
		if got := states(t, filepath.Join(dir, "smoke.json")); !maps.Equal(got, chosen) {
			t.Errorf("got %v, want %v", got, chosen)
		}
	})
}

func TestThePageOfSpecsShowsTheSuite(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/specs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```go\n")
	block, _, found := strings.Cut(rest, "\n```")
	if !found {
		t.Fatal("docs/specs.md has no block of Go")
	}
	dir := t.TempDir()
	block = strings.Replace(block, `os.DirFS("."), "collection.yaml", "sandbox"`, `os.DirFS("ginkgo-suite"), "collection.yaml", "embedded"`, 1)
	file := filepath.Join(dir, "api_test.go")
	if err := os.WriteFile(file, []byte(block+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "api.test")
	command(t, "go", "test", "-c", "-o", binary, file)
	command(t, binary)
}
