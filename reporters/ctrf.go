package reporters

import (
	"io"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// ctrfVersion is the version of the specification (ctrf.io) that reports keep.
const ctrfVersion = "0.0.1"

// newCTRF makes the Common Test Report Format: one JSON document with a test for each request. Tests are written as they come, what counts
// them after them, so that memory stays flat.
func newCTRF(w io.Writer, o Options) Reporter { return &ctrf{w: w, o: o} }

type ctrf struct {
	w     io.Writer
	o     Options
	f     fields // of the tests that are not written yet
	begun bool
	named ctrfNames
	tally ctrfTally
	err   error
}

// ctrfNames tells tests apart.
type ctrfNames struct {
	suites      suiteNames
	cases       caseNames // of the collection at hand
	suite       runner.Suite
	open        string // name of the collection at hand; empty for none
	environment string // of the collections; empty where they differ
}

// ctrfTally is what stands in the summary.
type ctrfTally struct {
	counts          runner.Counts
	flaky, suites   int
	ran             int // requests of the collection at hand
	start, stop     time.Time
	interrupted     bool
	environmentsNot bool // the same
}

// Report implements Reporter.
func (c *ctrf) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		c.begin(ev.Suite, ev.Time)
	case runner.RequestFinished:
		if c.named.open == "" {
			c.begin(ev.Suite, ev.Result.Start)
		}
		c.test(&ev.Result)
	case runner.Finished:
		c.end(ev.Start.Add(ev.Duration), ev.Interrupted)
	}
	if len(c.f.out) < spooled/4 {
		return c.err
	}
	return c.flush()
}

func (c *ctrf) begin(s runner.Suite, at time.Time) {
	c.end(time.Time{}, false)
	t, n := &c.tally, &c.named
	n.suite, n.open, n.cases, t.ran = s, n.suites.unique(s), caseNames{}, 0
	if t.suites > 0 && n.environment != s.Environment {
		t.environmentsNot = true
	}
	n.environment = s.Environment
	t.suites++
	if t.start.IsZero() || at.Before(t.start) {
		t.start = at
	}
}

// end ends a collection. One that was interrupted before its first request gets a test that says so: it must not be green.
func (c *ctrf) end(at time.Time, interrupted bool) {
	t, n := &c.tally, &c.named
	if n.open == "" {
		return
	}
	t.interrupted = t.interrupted || interrupted
	if interrupted && t.ran == 0 {
		c.test(&runner.Result{Name: runner.Name{Name: "[run]", Phase: runner.Main}, Outcome: runner.Errored, Start: at,
			Problems: []runner.Problem{{Message: "interrupted before the first request"}}})
	}
	n.open = ""
	t.reach(at)
}

func (t *ctrfTally) reach(at time.Time) {
	if at.After(t.stop) {
		t.stop = at
	}
}

func (c *ctrf) test(r *runner.Result) {
	t := &c.tally
	t.ran++
	t.counts.Add(r.Outcome)
	t.reach(r.Start.Add(r.Duration))
	c.head()
	if t.counts.Total() > 1 {
		c.f.out = append(c.f.out, ',')
	}
	c.f.out = append(c.f.out, "\n{"...)
	c.members(r)
	c.f.out = append(c.f.out, '}')
}

// head writes what comes before the tests, once.
func (c *ctrf) head() {
	if c.begun {
		return
	}
	c.begun = true
	by := "hgrun"
	if c.o.Version != "" {
		by += " " + c.o.Version
	}
	f := &c.f
	f.out = append(f.out, '{')
	put(f, "reportFormat", "CTRF")
	put(f, "specVersion", ctrfVersion)
	put(f, "generatedBy", by)
	f.key("results")
	f.out = append(f.out, '{')
	f.key("tool")
	f.out = append(f.out, '{')
	put(f, "name", "hgrun")
	put(f, "version", c.o.Version)
	f.out = append(f.out, '}')
	f.key("tests")
	f.out = append(f.out, '[')
}

// put writes a member that is a text, unless it is empty.
func put(f *fields, name, value string) { text(f, name, &value) }

// putInt writes a member that is a number.
func putInt[T ~int | ~int64](f *fields, name string, value T) { count(f, name, &value) }

// members writes those of a test.
func (c *ctrf) members(r *runner.Result) {
	f := &c.f
	class := classname(c.named.open, r.Name)
	put(f, "name", c.named.cases.of(r.Name).unique(class, oneLine(phased(r.Name))))
	put(f, "status", ctrfStatus(r.Outcome))
	putInt(f, "duration", max(r.Duration, 0).Milliseconds())
	if !r.Start.IsZero() {
		putInt(f, "start", r.Start.UnixMilli())
		putInt(f, "stop", r.Start.Add(max(r.Duration, 0)).UnixMilli())
	}
	f.key("suite")
	f.out = appendTexts(f.out, suitePath(c.named.open, r.Name))
	if r.Outcome != runner.Passed {
		put(f, "message", reason(r))
	}
	if r.Outcome == runner.Failed || r.Outcome == runner.Errored {
		put(f, "trace", capped(clean(failureText(r)), failedText))
	}
	at := firstPlace(r)
	if at.File == "" {
		at.File = c.named.suite.File
	}
	number(f, "line", &at.Line)
	put(f, "rawStatus", r.Outcome.String())
	put(f, "type", "api")
	put(f, "filePath", oneLine(at.File))
	c.retries(r)
	if row := r.Name.Row; row > 0 {
		f.key("parameters")
		f.out = append(f.out, '{')
		putInt(f, "row", row)
		put(f, "label", oneLine(r.Name.Label))
		f.out = append(f.out, '}')
	}
	c.steps(r)
	c.extra(r)
}

func ctrfStatus(o runner.Outcome) string {
	switch o {
	case runner.Failed, runner.Errored:
		return "failed"
	case runner.Passed, runner.Skipped:
	}
	return o.String()
}

// suitePath is what a request stands in: the collection, then the folders.
func suitePath(suite string, n runner.Name) []string {
	path := make([]string, 1, 1+len(n.Folders))
	path[0] = suite
	switch n.Phase {
	case runner.Token:
		return append(path, tokenClass)
	case runner.FromScript:
		return append(path, scriptClass)
	case runner.Setup, runner.Main, runner.Teardown:
	}
	for _, folder := range n.Folders {
		if folder = oneLine(folder); folder != "" {
			path = append(path, folder)
		}
	}
	return path
}

// retries writes the attempts before the one that decided.
func (c *ctrf) retries(r *runner.Result) {
	f, tries := &c.f, r.Tries()
	if tries < 2 || r.Outcome == runner.Skipped {
		return
	}
	putInt(f, "retries", tries-1)
	f.key("retryAttempts")
	f.out = append(f.out, '[')
	n := 0
	for i := range r.Attempts[:len(r.Attempts)-1] {
		a := &r.Attempts[i]
		if a.Step != "" {
			continue
		}
		if n++; n > 1 {
			f.out = append(f.out, ',')
		}
		f.out = append(f.out, '{')
		putInt(f, "attempt", n)
		put(f, "status", "failed")
		putInt(f, "duration", max(a.Timings.Total, 0).Milliseconds())
		put(f, "message", attemptLine(a))
		f.out = append(f.out, '}')
	}
	f.out = append(f.out, ']')
	if r.Outcome == runner.Passed {
		flaky := true
		f.flag("flaky", &flaky)
		c.tally.flaky++
	}
}

// steps writes the expectations and the tests of scripts.
func (c *ctrf) steps(r *runner.Result) {
	last := r.Last()
	if (last == nil || len(last.Judged) == 0) && len(r.Tests) == 0 {
		return
	}
	f := &c.f
	f.key("steps")
	f.out = append(f.out, '[')
	step := func(name string, o runner.Outcome) {
		if f.out[len(f.out)-1] == '}' {
			f.out = append(f.out, ',')
		}
		f.out = append(f.out, '{')
		put(f, "name", oneLine(name))
		put(f, "status", ctrfStatus(o))
		f.out = append(f.out, '}')
	}
	if last != nil {
		for i := range last.Judged {
			step(last.Judged[i].Name, last.Judged[i].Outcome)
		}
	}
	for i := range r.Tests {
		if r.Tests[i].Name != "" {
			step(r.Tests[i].Name, testOutcome(&r.Tests[i]))
		}
	}
	f.out = append(f.out, ']')
}

// extra writes what the specification has no member for.
func (c *ctrf) extra(r *runner.Result) {
	last := r.Last()
	if last == nil {
		return
	}
	f := &c.f
	f.key("extra")
	f.out = append(f.out, '{')
	put(f, "method", oneLine(last.Method))
	put(f, "url", oneLine(last.URL))
	number(f, "httpStatus", &last.Status)
	if len(r.Findings) > 0 {
		put(f, "finding", findingLine(&r.Findings[0]))
	}
	f.out = append(f.out, '}')
}

// summary ends the document.
func (c *ctrf) summary() {
	f, t := &c.f, &c.tally
	f.out = append(f.out, "\n]"...)
	f.key("summary")
	f.out = append(f.out, '{')
	putInt(f, "tests", t.counts.Total())
	putInt(f, "passed", t.counts.Passed)
	putInt(f, "failed", t.counts.Failed+t.counts.Errored)
	putInt(f, "skipped", t.counts.Skipped)
	putInt(f, "pending", 0)
	putInt(f, "other", 0)
	putInt(f, "flaky", t.flaky)
	putInt(f, "suites", t.suites)
	putInt(f, "start", epochMilli(t.start))
	putInt(f, "stop", max(epochMilli(t.stop), epochMilli(t.start)))
	f.key("extra")
	f.out = append(f.out, `{"errored":`+strconv.Itoa(t.counts.Errored)...)
	f.flag("interrupted", &t.interrupted)
	f.out = append(f.out, "}}"...)
	if name := c.named.environment; !t.environmentsNot && name != "" {
		f.key("environment")
		f.out = append(f.out, '{')
		put(f, "testEnvironment", oneLine(name))
		f.out = append(f.out, '}')
	}
	if c.o.Shard != "" {
		f.key("extra")
		f.out = append(f.out, '{')
		put(f, "shard", c.o.Shard)
		put(f, "plan", c.o.Origin.plan())
		f.out = append(f.out, '}')
	}
	f.out = append(f.out, "}}\n"...)
}

// epochMilli is a moment in milliseconds since 1970, 0 for the zero time.
func epochMilli(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

func (c *ctrf) flush() error {
	if c.err == nil && len(c.f.out) > 1 {
		// The last byte tells whether the next member needs a comma.
		_, c.err = c.w.Write(c.f.out[:len(c.f.out)-1])
		c.f.out = append(c.f.out[:0], c.f.out[len(c.f.out)-1])
	}
	return c.err
}

// Close implements Reporter.
func (c *ctrf) Close() error {
	c.end(c.tally.stop, true) // where its end never came
	c.head()
	c.summary()
	if err := c.flush(); err != nil {
		return err
	}
	_, c.err = c.w.Write(c.f.out)
	return c.err
}
