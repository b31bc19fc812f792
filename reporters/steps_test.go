package reporters

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// stepped is a run of one request that was polled three times, after one attempt that failed.
func stepped() []runner.Event {
	suite := runner.Suite{Name: "Polling", File: "poll.yaml"}
	poll := runner.Attempt{Step: runner.StepPoll, Method: "GET", URL: "http://localhost/job", Status: 202, Problems: []string{"until status: got 202, want 200"}}
	last := runner.Attempt{Method: "GET", URL: "http://localhost/job", Status: 200}
	failed := runner.Attempt{Method: "GET", URL: "http://localhost/job", Status: 502, Problems: []string{"status: got 502, want 200"}}
	result := runner.Result{Name: runner.Name{Name: "Job", Pos: source.Pos{File: "poll.yaml", Line: 2, Col: 5}, Phase: runner.Main}, Expectations: 1,
		Duration: 3 * time.Second, Attempts: []runner.Attempt{failed, poll, poll, last}}
	return []runner.Event{
		runner.Started{Suite: suite, Requests: 1}, runner.RequestStarted{Suite: suite, Request: result.Name},
		runner.RequestFinished{Suite: suite, Result: result}, runner.Finished{Suite: suite, Counts: runner.Counts{Passed: 1}},
	}
}

func reported(t *testing.T, kind string) string {
	t.Helper()
	var out strings.Builder
	file := filepath.Join(t.TempDir(), "report")
	r, err := Open(kind, file, Options{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range stepped() {
		if err := r.Report(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStepsOnTheWayAreNoFlakyFailures(t *testing.T) {
	t.Parallel()
	doc := reported(t, "junit")
	if n := strings.Count(doc, "<flakyFailure"); n != 1 {
		t.Errorf("got %d flaky failures, want that of the attempt alone:\n%s", n, doc)
	}
	if !strings.Contains(doc, `name="hgrun.attempts" value="2"`) {
		t.Errorf("want two attempts in\n%s", doc)
	}
}

func TestTheConsoleTellsStepsFromAttempts(t *testing.T) {
	t.Parallel()
	text := reported(t, "console")
	if !strings.Contains(text, "Job  2 attempts  3 polls ") {
		t.Errorf("got\n%s", text)
	}
}
