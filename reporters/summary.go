package reporters

import (
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

const (
	failuresListed = 40 // kinds of failure in the summary
	namesListed    = 3  // requests that failed alike
)

// tally is what the summary needs to know of a run.
type tally struct {
	counts      runner.Counts // of requests and token exchanges together, as in every other report
	tokens      int
	sent        int // by scripts
	suites      int
	failures    []*alike
	byMessage   map[string]*alike
	unlisted    int // that failed in other ways than those in failures
	first, last time.Time
	interrupted bool
}

// alike are requests that failed with the same message.
type alike struct {
	message string
	finding string // in which message ends; empty for none
	count   int
	names   []listed // a few
}

// listed is a request where nothing around it says where it stands.
type listed struct {
	suite, name, place string
	at                 source.Pos // where it did not pass
}

func (t *tally) start(at time.Time) {
	t.suites++
	if t.first.IsZero() || at.Before(t.first) {
		t.first = at
	}
}

func (t *tally) end(ev runner.Finished) {
	if end := ev.Start.Add(ev.Duration); end.After(t.last) {
		t.last = end
	}
	t.interrupted = t.interrupted || ev.Interrupted
}

// add counts a result, and returns those that failed like it: nil where it did not fail, or in a way that is not listed.
func (t *tally) add(s runner.Suite, r *runner.Result) *alike {
	t.counts.Add(r.Outcome)
	switch r.Name.Phase {
	case runner.Token:
		t.tokens++
	case runner.FromScript:
		t.sent++
	case runner.Setup, runner.Main, runner.Teardown:
	}
	if r.Outcome != runner.Failed && r.Outcome != runner.Errored {
		return nil
	}
	message, finding := headline(r), ""
	if len(r.Findings) > 0 {
		finding = findingLine(&r.Findings[0])
		message += "; " + finding
	}
	a := t.alike(message)
	if a == nil {
		t.unlisted++
		return nil
	}
	a.count, a.finding = a.count+1, finding
	if len(a.names) < namesListed {
		a.names = append(a.names, listed{suiteName(s), trail(r.Name), oneLine(r.Name.Pos.String()), firstPlace(r)})
	}
	return a
}

// alike returns those that failed with the message, or nil where enough different ones are listed.
func (t *tally) alike(message string) *alike {
	if a := t.byMessage[message]; a != nil || len(t.failures) == failuresListed {
		return a
	}
	if t.byMessage == nil {
		t.byMessage = map[string]*alike{}
	}
	a := &alike{message: message}
	t.byMessage[message] = a
	t.failures = append(t.failures, a)
	return a
}

// summary writes the failures once more, in short and with their places, and what the run came to.
func (c *console) summary() {
	t := &c.tally
	if len(t.failures) > 0 {
		c.heading("Failed")
	}
	for _, a := range t.failures {
		c.failed(a)
	}
	if t.unlisted > 0 {
		c.p.text("  … and " + thousands(t.unlisted) + " more")
		c.p.line()
	}
	before := c.p.lines
	c.details()
	if !c.o.Quiet || len(t.failures) > 0 || c.p.lines > before {
		c.p.line()
	}
	c.verdict()
	c.numbers(t.took())
}

// took is the time from the first event to the last.
func (t *tally) took() time.Duration {
	if t.last.IsZero() {
		return 0
	}
	return t.last.Sub(t.first)
}

func (c *console) failed(a *alike) {
	c.p.paint(red, "  ✗ ")
	if a.count == 1 {
		c.listed(a.names[0])
		c.p.indent(6)
		c.why(6, a)
		c.p.line()
		return
	}
	text := plural(a.count, "request") + ": "
	c.p.text(text)
	c.why(4+columns(text), a)
	c.p.line()
	for _, l := range a.names {
		c.p.indent(6)
		c.listed(l)
	}
	if more := a.count - len(a.names); more > 0 {
		c.p.text("      … and " + thousands(more) + " more")
		c.p.line()
	}
}

// why writes what requests that failed alike failed with, from column at on.
func (c *console) why(at int, a *alike) {
	if a.finding != "" {
		c.p.prose("", at, 8, a.message)
		return
	}
	message, more := a.message, ""
	if i := strings.LastIndex(message, " (+"); i > 0 && strings.HasSuffix(message, " more)") {
		message, more = message[:i], message[i:]
	}
	at = c.message("", at, 8, message)
	c.p.prose(dim, at, 8, more)
}

func (c *console) listed(l listed) {
	if c.tally.suites > 1 {
		c.p.text(l.suite + " › ")
	}
	c.p.text(l.name)
	if l.place != "" {
		c.p.paint(dim, "  "+l.place)
	}
	c.p.line()
}

// verdict writes the one sentence that a person looks for: "41 requests, 2 token exchanges: 39 passed, 2 failed, 2 skipped in 12.4 s".
func (c *console) verdict() {
	t := &c.tally
	how := green
	switch {
	case t.counts.Failed+t.counts.Errored > 0:
		how = red
	case t.counts.Passed == 0 || t.interrupted:
		how = yellow
	}
	at := c.p.prose(how, 0, 2, t.verdict(c.o.Shard))
	if !t.last.IsZero() {
		c.p.prose(dim, at, 2, " in "+timeText(t.took()))
	}
	c.p.line()
}

// verdict is what the run came to, in one sentence.
func (t *tally) verdict(shard string) string {
	if shard != "" && t.suites == 0 {
		return "shard " + shard + ": nothing to run"
	}
	words := []string{}
	for _, part := range []struct {
		n    int
		word string
	}{{t.counts.Passed, "passed"}, {t.counts.Failed, "failed"}, {t.counts.Errored, "errored"}, {t.counts.Skipped, "skipped"}} {
		if part.n > 0 {
			words = append(words, thousands(part.n)+" "+part.word)
		}
	}
	text := plural(t.counts.Total()-t.tokens-t.sent, "request")
	if shard != "" {
		text = "shard " + shard + ": " + text
	}
	if t.tokens > 0 {
		text += ", " + plural(t.tokens, "token exchange")
	}
	if t.sent > 0 {
		text += ", " + plural(t.sent, "request") + " of scripts"
	}
	if t.interrupted {
		words = append(words, "interrupted")
	}
	if len(words) == 0 {
		words = []string{"nothing was sent"}
	}
	return text + ": " + strings.Join(words, ", ")
}
