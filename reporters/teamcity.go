package reporters

import (
	"io"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hgrun/hgrun/runner"
)

// newTeamCity makes service messages, which TeamCity and the IDEs of JetBrains read from the output of a build while it goes on:
// a suite for each collection, a test for each request.
func newTeamCity(w io.Writer, _ Options) Reporter { return &teamCity{w: w} }

type teamCity struct {
	w      io.Writer
	out    []byte // of the event at hand
	suites suiteNames
	cases  caseNames // of the collection at hand
	flow   string    // of the collection at hand
	open   string    // name of the collection at hand; empty for none
	err    error
}

// Report implements Reporter.
func (t *teamCity) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		t.begin(ev.Suite, ev.Time)
	case runner.RequestFinished:
		if t.open == "" {
			t.begin(ev.Suite, ev.Result.Start)
		}
		t.test(&ev.Result)
	case runner.Finished:
		if ev.Interrupted {
			t.message("buildProblem", time.Time{}, "description", t.open+": interrupted")
		}
		t.end(ev.Start.Add(ev.Duration))
	}
	return t.flush()
}

func (t *teamCity) begin(s runner.Suite, at time.Time) {
	t.end(at)
	t.open, t.flow, t.cases = t.suites.unique(s), strconv.Itoa(s.Index), caseNames{}
	t.message("testSuiteStarted", at, "name", t.open)
}

func (t *teamCity) end(at time.Time) {
	if t.open != "" {
		t.message("testSuiteFinished", at, "name", t.open)
		t.open = ""
	}
}

// test writes a request. Its name is that of its folders and its own with dots between, by which TeamCity groups.
func (t *teamCity) test(r *runner.Result) {
	class := classname("", r.Name)
	name := segment(t.cases.unique(class, oneLine(phased(r.Name))))
	if class != "" {
		name = class[1:] + "." + name
	}
	t.message("testStarted", r.Start, "name", name)
	switch r.Outcome {
	case runner.Skipped:
		t.message("testIgnored", time.Time{}, "name", name, "message", reason(r))
	case runner.Failed, runner.Errored:
		t.message("testFailed", time.Time{}, "name", name, "message", headline(r), "details", capped(clean(failureText(r)), failedText))
	}
	t.message("testFinished", r.Start.Add(r.Duration), "name", name, "duration", strconv.FormatInt(max(r.Duration, 0).Milliseconds(), 10))
}

// message adds a service message: pairs are names and values. A zero time is left out.
func (t *teamCity) message(kind string, at time.Time, pairs ...string) {
	t.out = append(append(t.out, "##teamcity["...), kind...)
	for i := 0; i+1 < len(pairs); i += 2 {
		t.out = append(append(append(t.out, ' '), pairs[i]...), "='"...)
		t.out = append(appendTeamCity(t.out, pairs[i+1]), '\'')
	}
	if !at.IsZero() {
		t.out = append(at.UTC().AppendFormat(append(t.out, " timestamp='"...), "2006-01-02T15:04:05.000+0000"), '\'')
	}
	t.out = append(append(t.out, " flowId='"...), t.flow...)
	t.out = append(t.out, "']\n"...)
}

// appendTeamCity escapes a value; what is not ASCII as well, because an agent reads output in the encoding of its machine.
func appendTeamCity(to []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '\n':
			to = append(to, "|n"...)
		case r == '\r':
			to = append(to, "|r"...)
		case r == '|' || r == '\'' || r == '[' || r == ']':
			to = append(to, '|', byte(r))
		case r < utf8.RuneSelf:
			to = append(to, byte(r))
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				const hex = "0123456789abcdef"
				to = append(to, '|', '0', 'x', hex[unit>>12&0xF], hex[unit>>8&0xF], hex[unit>>4&0xF], hex[unit&0xF])
			}
		}
	}
	return to
}

func (t *teamCity) flush() error {
	if t.err == nil && len(t.out) > 0 {
		_, t.err = t.w.Write(t.out)
	}
	t.out = t.out[:0]
	return t.err
}

// Close implements Reporter.
func (t *teamCity) Close() error {
	if t.open != "" { // its end never came
		t.message("buildProblem", time.Time{}, "description", t.open+": interrupted")
		t.end(time.Time{})
	}
	return t.flush()
}
