package reporters

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// terminal is a writer that can be looked at while a timer writes to it.
type terminal struct {
	mu     sync.Mutex
	text   []byte
	writes int
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.writes++
	return len(p), nil
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// screen is what stands on a terminal after text was written to it.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		for part := range strings.SplitSeq(line, "\r") {
			for i, r := range []rune(part) {
				if i < len(cells) {
					cells[i] = r
				} else {
					cells = append(cells, r)
				}
			}
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

// slowScreen is what stands on the terminal in the end.
const slowScreen = `Slow · slow.yaml
  ✓ First                                                  GET     200    900 ms
  ✗ Second                                                 POST    500    1.50 s
    POST https://api.example/orders → 500, application/json, 0 bytes

Failed
  ✗ Second  collections/orders.yaml:7:5
      failed

2 requests: 1 passed, 1 failed in 1.60 s
4 expectations · 512 bytes received · 13 bytes sent
`

func TestProgressComesAfterASecondAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out terminal
		r, err := Open("console", "", Options{Out: &out, Screen: Screen{Terminal: true}})
		if err != nil {
			t.Fatal(err)
		}
		suite := runner.Suite{Name: "Slow", File: "slow.yaml"}
		first, second := passed("First", 3, 900*time.Millisecond), failed("Second", 7, 500, "", "")
		report := func(ev runner.Event) {
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		report(runner.Started{Suite: suite, Requests: 2, Time: start})
		report(runner.RequestStarted{Suite: suite, Request: first.Name})
		time.Sleep(900 * time.Millisecond)
		report(runner.RequestFinished{Suite: suite, Result: first})
		report(runner.RequestStarted{Suite: suite, Request: second.Name})
		synctest.Wait()
		if strings.Contains(out.String(), "1/2") {
			t.Errorf("progress within a second:\n%s", out.String())
		}
		time.Sleep(600 * time.Millisecond)
		synctest.Wait()
		if got := screen(out.String()); !strings.HasSuffix(got, "\n███████████████░░░░░░░░░░░░░░░ 1/2 · 40/min · 1 s, 1 s left · Second") {
			t.Errorf("got\n%s\nwant progress in the last line", got)
		}
		report(runner.RequestFinished{Suite: suite, Result: second})
		time.Sleep(drawEvery)
		synctest.Wait()
		if got := screen(out.String()); !strings.HasSuffix(got, "\n██████████████████████████████ 2/2 · 1 failed · 1.2/s · 1 s · Second") {
			t.Errorf("got\n%s\nwant progress in the last line", got)
		}
		report(runner.Finished{Suite: suite, Start: start, Duration: time.Since(start)})
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if got := screen(out.String()); got != slowScreen {
			t.Errorf("got\n%s\nwant\n%s", got, slowScreen)
		}
	})
}

// TestNothingIsWrittenWhileSomebodyIsAsked: an address to open, and what a person types, must not be written over.
func TestNothingIsWrittenWhileSomebodyIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out terminal
		r, err := Open("console", "", Options{Out: &out, Screen: Screen{Terminal: true}})
		if err != nil {
			t.Fatal(err)
		}
		events := runOf(passed("First", 3, time.Second), passed("Second", 4, time.Second))
		report := func(from, to int) {
			for _, ev := range events[from:to] {
				if err := r.Report(ev); err != nil {
					t.Fatal(err)
				}
			}
		}
		report(0, 2)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !strings.HasSuffix(screen(out.String()), "0/2 · 2 s · First") && !strings.HasSuffix(screen(out.String()), "0/2 · 1 s · First") {
			t.Errorf("got\n%s\nwant progress in the last line", screen(out.String()))
		}
		resume := r.(Pauser).Pause()
		before := out.String()
		if got := screen(before); got != "Corpus · corpus.yaml\n" {
			t.Errorf("got\n%s\nwant no progress", got)
		}
		time.Sleep(5 * time.Second)
		report(2, 4)
		synctest.Wait()
		if got := out.String(); got != before {
			t.Errorf("got %q while somebody is asked", got[len(before):])
		}
		resume()
		time.Sleep(drawEvery)
		synctest.Wait()
		if got := screen(out.String()); !strings.Contains(got, "✓ First") || !strings.HasSuffix(got, "1/2 · 8.5/min · 7 s, 7 s left · Second") {
			t.Errorf("got\n%s\nwant what happened in between, and progress", got)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestALogHasNoProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r, err := Open("console", "", Options{Out: &out})
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range sharedRun() {
			time.Sleep(time.Second)
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); strings.Contains(got, "\r") || strings.Contains(got, "\x1b") {
			t.Errorf("got escapes in\n%s", got)
		}
	})
}

// TestALogShowsWhatHappenedASecondAgo: a pipeline's log that stands still looks like a pipeline that stands still.
func TestALogShowsWhatHappenedASecondAgo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r, err := Open("console", "", Options{Out: &out})
		if err != nil {
			t.Fatal(err)
		}
		events := runOf(passed("First", 3, 0), passed("Second", 3, 0))
		for _, ev := range events[:len(events)-1] {
			time.Sleep(600 * time.Millisecond)
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		if got := out.String(); !strings.Contains(got, "✓ Second") {
			t.Errorf("got %q", got)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheSummarySaysWhatTheRunCameTo(t *testing.T) {
	t.Parallel()
	many := make([]runner.Result, 0, 60)
	for range 5 {
		many = append(many, problem("Refused", 7, runner.Errored, runner.TransportError, "connection refused"))
	}
	different := make([]runner.Result, 0, 60)
	for i := range 43 {
		different = append(different, problem("Odd", 7, runner.Errored, runner.TransportError, strings.Repeat("x", i+1)))
	}
	token := passed("token exchange (jwt-bearer)", 7, 0)
	token.Name.Phase = runner.Token
	for _, row := range []struct {
		name   string
		events []runner.Event
		want   string // the end of it
	}{
		{"nothing", nil, "\n0 requests: nothing was sent\n"},
		{"one", runOf(passed("One", 7, time.Second)), "\n1 request: 1 passed in 1.00 s\n2 expectations · 512 bytes received\n"},
		{"with a token", runOf(token, passed("One", 7, 0)), "\n1 request, 1 token exchange: 2 passed in <1 ms\n4 expectations · 1,024 bytes received\n"},
		{"alike", runOf(many...), "\nFailed\n  ✗ 5 requests: connection refused\n" + strings.Repeat("      Refused  corpus.yaml:7:5\n", 3) +
			"      … and 2 more\n\n5 requests: 5 errored in 15 ms\n"},
		{"different", runOf(different...), "      " + strings.Repeat("x", 40) + "\n  … and 3 more\n\n43 requests: 43 errored in 129 ms\n"},
	} {
		if got := render(t, "console", Options{Screen: Screen{Quiet: row.name == "nothing"}}, row.events); !strings.HasSuffix("\n"+got, row.want) {
			t.Errorf("%s: got\n%s\nwant at its end\n%s", row.name, got, row.want)
		}
	}
}
