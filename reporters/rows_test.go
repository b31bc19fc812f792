package reporters_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// rowRun reports a run of so many rows of two requests, of which some fail.
func rowRun(t *testing.T, kind string, rows int, o reporters.Options, outcome func(row int) runner.Outcome) string {
	t.Helper()
	var out strings.Builder
	r := reporters.Kinds()[kind](&out, o)
	report := func(e runner.Event) {
		if err := r.Report(e); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := runner.Suite{Name: "People", File: "people.yaml"}
	report(runner.Started{Suite: s, Time: start})
	for row := 1; row <= rows; row++ {
		label := fmt.Sprintf("row %d", row)
		name := runner.Name{Name: "Read [" + label + "]", Pos: source.Pos{File: "people.yaml", Line: 4, Col: 5}, Phase: runner.Main, Row: row, Label: label}
		result := runner.Result{Name: name, Start: start, Duration: time.Duration(row) * time.Millisecond, Outcome: outcome(row), Expectations: 1}
		if result.Outcome == runner.Failed {
			result.Problems = []runner.Problem{{Pos: name.Pos, Kind: runner.AssertionFailure, Message: "status: got 500, want 200"}}
		}
		result.Attempts = []runner.Attempt{{Method: "GET", URL: "http://x/", Status: 200}}
		report(runner.RequestFinished{Suite: s, Result: result})
		again := result
		again.Name.Name, again.Name.Folders, again.Outcome, again.Problems = "Write ["+label+"]", []string{"Folder"}, runner.Skipped, nil
		again.Reason, again.Attempts = "not today", nil
		report(runner.RequestFinished{Suite: s, Result: again})
	}
	last := runner.Result{Name: runner.Name{Name: "Log out", Phase: runner.Teardown}, Start: start}
	report(runner.RequestFinished{Suite: s, Result: last})
	report(runner.Finished{Suite: s, Start: start, Duration: time.Second})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func passing(int) runner.Outcome { return runner.Passed }

func TestTheConsoleCountsManyRowsAndShowsTheirFailures(t *testing.T) {
	t.Parallel()
	got := rowRun(t, "console", 10000, reporters.Options{}, func(row int) runner.Outcome {
		if row == 523 || row > 9000 {
			return runner.Failed
		}
		return runner.Passed
	})
	for _, want := range []string{
		"  ✓ Read [row 1] ", "  ✓ Read [row 10] ", "  ✗ Read [row 523] ", "  ✗ Read [row 9199] ",
		"\n  ✗ Read: 9,790 more rows: 8,989 passed, 801 failed, 10.00 s at most\n  – Folder › Write: 9,990 more rows skipped\n",
		"[row 523]", "1,001 requests: status: got 500, want 200",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%.3000s", want, got)
		}
	}
	if strings.Contains(got, "[row 11]") || strings.Contains(got, "[row 9200]") || strings.Count(got, "\n") > 800 {
		t.Errorf("got %d lines", strings.Count(got, "\n"))
	}
	if at, end := strings.Index(got, "more rows"), strings.Index(got, "Log out"); at < 0 || end < at {
		t.Error("what the rows came to does not stand before teardown")
	}
	if few := rowRun(t, "console", 10, reporters.Options{}, passing); strings.Contains(few, "more row") {
		t.Errorf("ten rows are shown whole: got\n%s", few)
	}
	if all := rowRun(t, "console", 30, reporters.Options{Verbose: 1}, passing); !strings.Contains(all, "[row 30]") {
		t.Errorf("-v shows every row: got\n%s", all)
	}
}

func TestEachRowIsATestcaseWithANameOfItsOwn(t *testing.T) {
	t.Parallel()
	got := rowRun(t, "junit", 3000, reporters.Options{}, passing)
	for _, want := range []string{`tests="6001"`, `<testcase name="Read [row 3000]" classname="People"`, `<testcase name="Write [row 3000]" classname="People.Folder"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in the report", want)
		}
	}
	if n := strings.Count(got, `<testcase name="Read [row 17]"`); n != 1 {
		t.Errorf("got %d testcases of row 17, want 1", n)
	}
}
