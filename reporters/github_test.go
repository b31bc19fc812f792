package reporters

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// workflowCommand is an annotation as GitHub takes it: on a line of its own, what would end a property or the line escaped.
var workflowCommand = regexp.MustCompile(`^::(error|warning) (?:file=[^,:\n\r]+,)?(?:line=\d+,)?(?:col=\d+,)?title=[^,:\n\r]+::[^\n\r]+$`)

// commandsOf returns the commands for events, each of which must be one.
func commandsOf(t *testing.T, o Options, events []runner.Event) []string {
	t.Helper()
	text := render(t, "github", o, events)
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines {
		if !workflowCommand.MatchString(line) {
			t.Errorf("got %q", cut(line, 300))
		}
	}
	return lines
}

// failedAt is a failure at a line.
func failedAt(line int, message string) runner.Result {
	r := failed("Read", line, 404, "Not Found", "")
	r.Problems = []runner.Problem{{Pos: source.Pos{File: "c.yaml", Line: line, Col: 15}, Kind: runner.AssertionFailure, Message: message}}
	r.Attempts = nil
	return r
}

func TestGitHubUnderstandsEveryAnnotation(t *testing.T) {
	t.Parallel()
	for name, events := range corpus() {
		if got := commandsOf(t, Options{}, events); (len(got) == 0) != outcomeOf(events) {
			t.Errorf("%s: got %d annotations, the run is green: %v", name, len(got), outcomeOf(events))
		}
	}
}

func TestNothingInAnAnnotationIsACommand(t *testing.T) {
	t.Parallel()
	r := failedAt(7, "got \"100%\r\n::add-mask::a\", want b")
	r.Name.Name = "a,line=1::b\n::stop-commands::c"
	got := commandsOf(t, Options{}, runOf(r))
	want := "::error file=c.yaml,line=7,col=15,title=Corpus › a%2Cline=1%3A%3Ab %3A%3Astop-commands%3A%3Ac::got \"100%25%0A::add-mask::a\", want b"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestTenAnnotationsAreNotExceeded(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for line := range 12 {
		results = append(results, failedAt(line+1, "status: got 404, want 200"), failedAt(line+1, "status: got 500, want 200"))
	}
	got := commandsOf(t, Options{}, runOf(results...))
	if len(got) != 10 || got[8] != "::error file=c.yaml,line=9,col=15,title=Corpus › Read and 1 more::status: got 404, want 200" ||
		got[9] != "::error title=hgrun::and 6 requests more; the log has all of them" {
		t.Errorf("got %q", got)
	}
	if got := commandsOf(t, Options{}, runOf(results[:20]...)); len(got) != 10 || !strings.HasPrefix(got[9], "::error file=c.yaml,line=10,") {
		t.Errorf("got %q, want all ten places", got)
	}
}

func TestRowsThatFailAtTheSameLineAreOneAnnotation(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for range 1000 {
		results = append(results, failedAt(7, "status: got 404, want 200"))
	}
	got := commandsOf(t, Options{}, runOf(results...))
	if len(got) != 1 || got[0] != "::error file=c.yaml,line=7,col=15,title=Corpus › Read and 999 more::status: got 404, want 200" {
		t.Errorf("got %q", got)
	}
}

func TestAnInterruptionComesFirst(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for line := range 10 {
		results = append(results, failedAt(line+1, "status: got 404, want 200"))
	}
	events := runOf(results...)
	got := commandsOf(t, Options{}, events[:len(events)-1])
	if len(got) != 10 || got[0] != "::error title=hgrun::interrupted: Corpus" || got[9] != "::error title=hgrun::and 2 requests more; the log has all of them" {
		t.Errorf("got %q", got)
	}
}

func TestPathsAreThoseOfTheRepository(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, workspace, file, want string }{
		{"outside of GitHub", "", "a/c.yaml", "a/c.yaml"},
		{"at the root", here, "a/c.yaml", "a/c.yaml"},
		{"in a working directory", filepath.Dir(here), "a/c.yaml", filepath.Base(here) + "/a/c.yaml"},
		{"upwards", here, "../reporters/c.yaml", "c.yaml"},
		{"absolute", filepath.Dir(here), filepath.Join(here, "c.yaml"), filepath.Base(here) + "/c.yaml"},
		{"in another repository", filepath.Join(here, "testdata"), "c.yaml", "c.yaml"},
	} {
		o := Options{Formats: Formats{Workspace: row.workspace}}
		if got := o.InWorkspace(filepath.FromSlash(row.file)); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestAGreenRunTellsGitHubNothing(t *testing.T) {
	t.Parallel()
	if got := render(t, "github", Options{}, runOf(passed("One", 7, time.Second), skipped("Two", "when"))); got != "" {
		t.Errorf("got %q", got)
	}
}
