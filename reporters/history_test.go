package reporters

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// runOfSigns is a run of one request for each sign: P passed, F failed, S skipped, and a space for one that is not there.
func runOfSigns(day int, signs string) []runner.Event {
	r := &recorder{at: time.Date(2026, 11, day+1, 6, 0, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Nightly", File: "nightly.yaml"}, len(signs))
	for i, sign := range signs {
		name := "R" + strconv.Itoa(i)
		switch sign {
		case 'P':
			r.add(passed(name, i, time.Second))
		case 'F':
			r.add(problem(name, i, runner.Failed, runner.AssertionFailure, "status: got 500, want 200"))
		case 'S':
			r.add(skipped(name, "why not"))
		}
	}
	r.end(false)
	return r.events
}

// pageAfter adds runs to the history in a file, and returns the page of the last one.
func pageAfter(t *testing.T, path string, runs ...string) string {
	t.Helper()
	var page string
	for day, signs := range runs {
		h, err := OpenHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		events := runOfSigns(day, signs)
		for _, ev := range events {
			if err := h.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		page = render(t, "html", Options{History: h}, events)
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return page
}

func TestThePageSaysHowARequestFaredInTheRunsBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, before, now, want string }{
		{"always passed", "P P P", "P", ""},
		{"new", "- - -", "F", ""},
		{"newly failing", "P P P", "F", "newly failing"},
		{"failing on", "P F F", "F", "failing for 3 runs"},
		{"fixed", "F F F", "P", "fixed"},
		{"failed once", "P P F", "P", "flaky: failed in 1 of the 3 runs before"},
		{"fixed long ago", "F P P", "P", ""},
		{"flaky and red", "F P P", "F", "flaky: failed in 1 of the 3 runs before"},
		{"flaky and green", "F P F", "P", "flaky: failed in 2 of the 3 runs before"},
		{"skipped does not count", "P S S", "F", "newly failing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			runs := append(strings.Fields(tt.before), tt.now)
			for i := range runs {
				runs[i] = "P" + strings.ReplaceAll(runs[i], "-", " ") // and one that always passes
			}
			page := pageAfter(t, filepath.Join(t.TempDir(), "h.ndjson"), runs...)
			checkPage(t, page)
			got := ""
			if _, after, found := strings.Cut(page, `<span class="note past">`); found {
				got, _, _ = strings.Cut(after, "<")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !strings.Contains(page, "The last 4 runs") {
				t.Error("the page does not show the runs before")
			}
		})
	}
}

func TestAHistoryKeepsThirtyRunsAndNoNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.ndjson")
	runs := make([]string, historyRuns+3)
	for i := range runs {
		runs[i] = "PFS"
	}
	page := pageAfter(t, path, runs...)
	if !strings.Contains(page, "The last 20 runs") || !strings.Contains(page, "failing for 31 runs") {
		t.Error("the page shows other runs than those of the history")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != historyRuns {
		t.Errorf("got %d lines, want %d", len(lines), historyRuns)
	}
	want := `{"time":"2026-12-03T06:00:00Z","duration_ns":1003000000,"passed":1,"failed":1,"errored":0,"skipped":1,"bad":["` +
		historyKey(runner.Suite{Name: "Nightly", File: "nightly.yaml"}, &runner.Result{Name: runner.Name{Name: "R1", Phase: runner.Main}}) + `"],"good":["` +
		historyKey(runner.Suite{Name: "Nightly", File: "nightly.yaml"}, &runner.Result{Name: runner.Name{Name: "R0", Phase: runner.Main}}) + `"]}`
	if got := lines[len(lines)-1]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAFileThatIsNoHistoryIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "collection.yaml")
	if err := os.WriteFile(path, []byte("requests: []\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := OpenHistory(path)
	if want := path + ":1: this is no line of a history; want a file that --history wrote, or a new one"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestARunThatNeverBeganIsNotRemembered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.ndjson")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file is there, want none")
	}
}
