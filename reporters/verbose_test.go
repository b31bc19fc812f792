package reporters

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// numbered is a body of so many lines.
func numbered(lines int) string {
	var out strings.Builder
	for i := range lines {
		out.WriteString("line " + strconv.Itoa(i+1) + "\n")
	}
	return out.String()
}

func TestBodiesAreLongerTheMoreIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name           string
		lines, verbose int
		last, note     string
	}{
		{"short", 13, 0, "line 13", ""},
		{"for -v", 100, 0, "line 12", "… 88 more lines, all of them with -v\n"},
		{"for -vv", 300, 0, "line 12", "… 288 more lines, all of them with -vv\n"},
		{"-v", 100, 1, "line 100", ""},
		{"-v of a long one", 300, 1, "line 200", "… 100 more lines, all of them with -vv\n"},
		{"-vv", 300, 2, "line 300", ""},
	} {
		got := render(t, "console", Options{Verbose: row.verbose}, runOf(failed("One", 3, 500, "", numbered(row.lines))))
		if !strings.Contains(got, " "+row.last+"\n") || row.note != "" && !strings.Contains(got, row.note) || row.note == "" && strings.Contains(got, "…") {
			t.Errorf("%s: want %q and %q in\n%s", row.name, row.last, row.note, got)
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(row.last, "line ")); err != nil || strings.Contains(got, " line "+strconv.Itoa(n+1)+"\n") {
			t.Errorf("%s: want no more than %q in\n%s", row.name, row.last, got)
		}
	}
}

func TestVeryVerboseSaysWhereTheTimeWent(t *testing.T) {
	t.Parallel()
	r := failed("One", 3, 500, "", "no")
	r.Attempts[0].Timings = wire.Timings{DNS: time.Millisecond, Connect: 2 * time.Millisecond, TLS: 30 * time.Millisecond, FirstByte: 40 * time.Millisecond, Total: 80 * time.Millisecond}
	again := passed("Two", 4, time.Second)
	again.Attempts[0].Timings = wire.Timings{FirstByte: 5 * time.Millisecond, Total: 6 * time.Millisecond, Reused: true}
	got := render(t, "console", Options{Verbose: 2}, runOf(r, again))
	for _, want := range []string{
		"    took 80 ms: DNS 1.00 ms · connect 2.00 ms · TLS 30 ms · first byte 40 ms · rest 7.00 ms\n",
		"    took 6.00 ms: first byte 5.00 ms · rest 1.00 ms · connection reused\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := render(t, "console", Options{Verbose: 1}, runOf(r, again)); strings.Contains(got, "took ") {
		t.Errorf("-v is not -vv: got\n%s", got)
	}
}

// tested is a request with tests of scripts, and with what they wrote.
func tested(o runner.Outcome) runner.Result {
	r := passed("Read", 3, time.Second)
	r.Expectations = 4
	r.Tests = []runner.Test{{Name: "the status"}, {Name: "later", Skipped: true}, {Name: "the <id>"}}
	r.Console = []runner.ConsoleLine{{Level: "log", Text: "one\ntwo"}}
	if o == runner.Failed {
		r.Outcome, r.Tests[2].Message = o, "expected 1 to equal 2"
		r.Problems = []runner.Problem{{Pos: at(9, 9), Kind: runner.AssertionFailure, Message: "the <id>: expected 1 to equal 2"}}
	}
	return r
}

func TestTestsOfScriptsStandBelowTheirRequest(t *testing.T) {
	t.Parallel()
	const list = "    ✓ the status\n    – later\n    ✓ the <id>\n    console.log one\n    console.log two\n"
	got := render(t, "console", Options{Verbose: 1}, runOf(tested(runner.Passed)))
	if !strings.Contains(got, "1.00 s\n"+list) || !strings.HasSuffix(got, "\n2 expectations, 3 tests of scripts (1 skipped) · 512 bytes received\n") {
		t.Errorf("got\n%s\nwant below the request\n%s", got, list)
	}
	if got := render(t, "console", Options{}, runOf(tested(runner.Passed))); strings.Contains(got, "the status") {
		t.Errorf("tests that passed are shown without -v:\n%s", got)
	}
	got = render(t, "console", Options{}, runOf(tested(runner.Failed)))
	for _, want := range []string{"collections/orders.yaml:9:9: the <id>: expected 1 to equal 2\n", "    console.log two\n", "\n2 expectations, 3 tests of scripts (1 failed, 1 skipped) · 512 bytes received\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestThePageListsTheTestsOfScripts(t *testing.T) {
	t.Parallel()
	text := render(t, "html", Options{}, runOf(tested(runner.Passed), tested(runner.Failed)))
	checkPage(t, text)
	for _, want := range []string{
		`<p class="tests-title">3 tests of scripts (1 skipped)</p>`,
		`<p class="tests-title">3 tests of scripts (1 failed, 1 skipped)</p>`,
		`<li class="failed"><span class="mark" aria-hidden="true">✗</span><span class="vh">failed: </span>the &lt;id&gt; <span class="why">expected 1 to equal 2</span></li>`,
		`<span class="note">3 tests</span>`,
		"<summary>1 line that scripts wrote</summary>\n<pre tabindex=\"0\">\nlog  one\ntwo</pre>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the page", want)
		}
	}
}

func TestThePageOfManyTestsStaysSmall(t *testing.T) {
	t.Parallel()
	r := passed("Read", 3, time.Second)
	for range 1000 {
		r.Tests = append(r.Tests, runner.Test{Name: strings.Repeat("a long name ", 10)})
	}
	all := make([]runner.Result, 500)
	for i := range all {
		all[i] = r
	}
	text := render(t, "html", Options{}, runOf(all...))
	if len(text) > 4<<20 {
		t.Errorf("500,000 tests take %d bytes, want 4 MiB at most", len(text))
	}
	if !strings.Contains(text, "… and 800 more that did not fail") {
		t.Error("the page does not say that it leaves tests out")
	}
}
