package reporters

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func textOf(parts []part) string {
	var out strings.Builder
	for _, p := range parts {
		out.WriteString(p.text)
	}
	return out.String()
}

func TestTheLineOfProgressTellsWhatFits(t *testing.T) {
	t.Parallel()
	busy := barState{done: 1234, total: 10000, failed: 2, elapsed: 31 * time.Second, current: "Read the patient [row 1235]"}
	for _, row := range []struct {
		name  string
		state barState
		width int
		want  string
	}{
		{"20", busy, 19, "1,234/10,000 ✗2"},
		{"30", busy, 29, "1,234/10,000 · 2 failed"},
		{"40", busy, 39, "1,234/10,000 · 2 failed · 39/s · 31 s"},
		{"60", busy, 59, "1,234/10,000 · 2 failed · 39/s · 31 s, 3 m 40 s left"},
		{"80", busy, 79, "█░░░░░░░░░░ 1,234/10,000 · 2 failed · 39/s · 31 s, 3 m 40 s left · Read the pa…"},
		{"120", busy, 119, "███░░░░░░░░░░░░░░░░░░░░░░░░░░░ 1,234/10,000 · 2 failed · 39/s · 31 s, 3 m 40 s left · Read the patient [row 1235]"},
		{"200", busy, 199, "███░░░░░░░░░░░░░░░░░░░░░░░░░░░ 1,234/10,000 · 2 failed · 39/s · 31 s, 3 m 40 s left · Read the patient [row 1235]"},
		{"a total that nobody knows", barState{done: 7, elapsed: 90 * time.Second, current: "Poll"}, 79, "7 requests · 4.7/min · 1 m 30 s · Poll"},
		{"the first one", barState{total: 3, elapsed: 2 * time.Second, current: "Wait for the job"}, 79, "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/3 · 2 s · Wait for the job"},
		{"all but one", barState{done: 9999, total: 10000, elapsed: 100 * time.Second}, 40, "9,999/10,000 · 99/s · 1 m 40 s, 0 s left"},
		{"all", barState{done: 10, total: 10, elapsed: 2 * time.Second}, 40, "████████████████████ 10/10 · 5.0/s · 2 s"},
	} {
		if got := textOf(row.state.line(row.width)); got != row.want {
			t.Errorf("%s: got\n%q\nwant\n%q", row.name, got, row.want)
		}
	}
}

func TestTheLineOfProgressIsNeverTooWide(t *testing.T) {
	t.Parallel()
	for width := 19; width < 200; width++ {
		for _, s := range []barState{
			{done: 1234567, total: 10000000, failed: 765432, elapsed: 30 * time.Hour, current: strings.Repeat("日本 ", 90)},
			{done: 1, total: 3, elapsed: time.Second, current: "Ordre für Иван"},
			{done: 12345678, failed: 1, elapsed: 61 * time.Second},
		} {
			if got := textOf(s.line(width)); columns(got) > width {
				t.Errorf("width %d: got %d columns, %q", width, columns(got), got)
			}
		}
	}
}

// busyRun reports a run of many requests that take 70 ms each, and returns what was written to a screen, with how often.
func busyRun(t *testing.T, s Screen, requests int, failing func(i int) bool) (text string, writes int) {
	t.Helper()
	var out terminal
	r, err := Open("console", "", Options{Out: &out, Screen: s})
	if err != nil {
		t.Fatal(err)
	}
	report := func(ev runner.Event) {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	suite, start := runner.Suite{Name: "People", File: "people.yaml"}, time.Now()
	report(runner.Started{Suite: suite, Requests: requests, Time: start})
	for i := range requests {
		result := passed("Read", 3, 70*time.Millisecond)
		if failing(i) {
			result = failed("Read", 3, 500, "", "")
		}
		result.Name.Row = i + 1
		report(runner.RequestStarted{Suite: suite, Request: result.Name})
		time.Sleep(70 * time.Millisecond)
		report(runner.RequestFinished{Suite: suite, Result: result})
	}
	report(runner.Finished{Suite: suite, Start: start, Duration: time.Since(start)})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), out.writes
}

func TestProgressIsDrawnTenTimesASecondAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, writes := busyRun(t, Screen{Terminal: true}, 600, func(int) bool { return false })
		if writes > 620 {
			t.Errorf("got %d writes in a minute, want ten a second at most", writes)
		}
		if got := screen(text); strings.Contains(got, "/600") || strings.Contains(got, "█") {
			t.Errorf("progress is left on the screen:\n%s", got)
		}
	})
}

func TestTheLogOfACISystemHasASignOfLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, _ := busyRun(t, Screen{CI: "ci"}, 900, func(i int) bool { return i == 700 })
		want := "  … 571/900 · 14/s · 40 s, 23 s left · Read\n"
		if !strings.Contains(text, want) || strings.Count(text, "…") != 1 {
			t.Errorf("got\n%s\nwant in it\n%s", text, want)
		}
	})
}

func TestOnlyATerminalAndTheLogOfACISystemSayThatARunGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, _ := busyRun(t, Screen{}, 1000, func(int) bool { return false })
		if strings.Contains(text, "/1,000") || strings.Contains(text, "\r") {
			t.Errorf("got\n%s", text)
		}
	})
}

func TestTheTotalOfTheWholeRunIsToldWhereItIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, _ := busyRun(t, Screen{Terminal: true, ASCII: true, Requests: func() int { return 60 }}, 30, func(int) bool { return false })
		if !strings.Contains(text, "#") || !strings.Contains(text, ". 28/60 - 14/s - 2 s, 2 s left - Read") {
			t.Errorf("got %q", text)
		}
		if strings.Contains(text, "█") {
			t.Error("a screen of ASCII got other signs")
		}
	})
}
