package reporters

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// greenThenRed is a run of a collection that passes, and of one with a failure in the middle.
func greenThenRed() []runner.Event {
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Green", File: "green.yaml"}, 1)
	r.add(passed("Fine", 3, time.Second))
	r.end(false)
	r.begin(runner.Suite{Name: "Red, 50 %", File: "red.yaml", Index: 1}, 3)
	r.add(passed("Before", 3, time.Second))
	r.add(problem("Wrong", 5, runner.Failed, runner.AssertionFailure, "status: got 500, want 200"))
	r.add(passed("After", 7, time.Second))
	r.end(false)
	return r.events
}

// TestNoFailureStandsInAClosedFold: what is between the beginning and the end of a fold is not seen until somebody unfolds it.
func TestNoFailureStandsInAClosedFold(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ ci, begin, end string }{
		{"azure", "##[group]", "##[endgroup]"},
		{"github", "::group::", "::endgroup::"},
		{"gitlab", "section_start:", "section_end:"},
		{"teamcity", "##teamcity[blockOpened", "##teamcity[blockClosed"},
		{"travis", "travis_fold:start", "travis_fold:end"},
		{"buildkite", "--- ", "^^^ +++"},
	} {
		t.Run(row.ci, func(t *testing.T) {
			t.Parallel()
			text := render(t, "console", Options{Screen: Screen{CI: row.ci}}, greenThenRed())
			open := false
			for line := range strings.Lines(text) {
				switch {
				case strings.Contains(line, row.begin):
					open = true
				case strings.Contains(line, row.end), strings.HasPrefix(line, "+++ "):
					open = false
				case open && !strings.Contains(line, "Fine") && !strings.Contains(line, "Before"):
					t.Errorf("%q is in a closed fold of\n%s", line, text)
				case !open && strings.Contains(line, "Fine"):
					t.Errorf("%q is in no fold of\n%s", line, text)
				}
			}
			if n := strings.Count(text, row.begin); n != 2 {
				t.Errorf("got %d folds, want one for each collection:\n%s", n, text)
			}
		})
	}
	if got := CISystems(); !slices.Equal(got, []string{"azure", "buildkite", "github", "gitlab", "teamcity", "travis"}) {
		t.Errorf("got %v: this test has a row for each", got)
	}
}

func TestFoldsOfGitHub(t *testing.T) {
	t.Parallel()
	const want = `::group::Green · green.yaml
  ✓ Fine                                                   GET     200    1.00 s
::endgroup::
::group::Red, 50 %25 · red.yaml
  ✓ Before                                                 GET     200    1.00 s
::endgroup::
  ✗ Wrong                                                  GET     –        3 ms
    collections/orders.yaml:5:14: status: got 500, want 200
    GET http://127.0.0.1:1/ → no answer
  ✓ After                                                  GET     200    1.00 s

Failed
  ✗ Red, 50 % › Wrong  red.yaml:5:5
      status: got 500, want 200

4 requests: 3 passed, 1 failed in 3.00 s
6 expectations · 1,536 bytes received
`
	if got := render(t, "console", Options{Screen: Screen{CI: "github"}}, greenThenRed()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheLogOfAQuietRunHasNoFolds(t *testing.T) {
	t.Parallel()
	if got := render(t, "console", Options{Screen: Screen{CI: "github", Quiet: true}}, greenThenRed()); strings.Contains(got, "::") {
		t.Errorf("got\n%s", got)
	}
}

// TestNoTextOfARunIsACommandOfTheLog: a server that answers with a command of the CI system must not be obeyed.
func TestNoTextOfARunIsACommandOfTheLog(t *testing.T) {
	t.Parallel()
	hostile := "::add-path::/evil\n  ::error::no\n##vso[task.setvariable variable=PATH]/evil\n x ##[group]y\n##teamcity[buildStop]\n##vso[task.logissue]"
	r := failed("##[section]Name", 3, 200, "OK", hostile)
	r.Problems = []runner.Problem{{Pos: at(24, 3), Kind: runner.AssertionFailure, Message: hostile, Details: []string{hostile}}}
	r.Console = []runner.ConsoleLine{{Level: "log", Text: hostile}}
	for _, verbose := range []int{0, 2} {
		text := render(t, "console", Options{Screen: Screen{CI: "ci"}, Verbose: verbose, Curl: func(*runner.Attempt) string { return hostile }}, runOf(r))
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[") {
				t.Errorf("a CI system obeys %q", line)
			}
		}
		if !strings.Contains(strings.ReplaceAll(text, "\u200b", ""), "##vso[task.setvariable variable=PATH]/evil") {
			t.Errorf("the text is not there any more:\n%s", text)
		}
	}
	for _, harmless := range []string{"", "a :: b", "## heading", "#[x", "a##b c[d"} {
		if got := inert(harmless); got != harmless {
			t.Errorf("%q became %q", harmless, got)
		}
	}
}
