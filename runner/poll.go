package runner

import (
	"fmt"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/wire"
)

// poll repeats a request until its answer is the one that is waited for.
type poll struct {
	*collections.Poll
	course *course
	start  time.Time
	count  int // of answers
}

// pending implements guide. A status of 400 and above that until: does not speak of is judged at once: waiting makes it no better.
func (p *poll) pending(a *expect.Answer, ex *wire.Exchange) ([]expect.Failure, error) {
	p.count++
	if ex.Response.Status >= 400 && !p.Until.JudgesStatus() {
		return nil, nil
	}
	failures, err := p.Until.Judge(a, p.course.scope)
	for i := range failures {
		failures[i].Message = "until " + failures[i].Message
	}
	return failures, err
}

// next implements guide.
func (p *poll) next(t *try) (leg, bool) {
	if !t.pending {
		return leg{}, false
	}
	wait := p.Every
	if after, ok := retryAfter(t.exchange.Response.Header, time.Now()); ok {
		wait = min(after, maxRetryAfter)
	}
	if spent := time.Since(p.start); spent+wait > p.For {
		p.course.overdue(t, fmt.Sprintf("asked %s in %s; for: allows %s", times(p.count), spent.Round(time.Millisecond), p.For))
		return leg{}, false
	}
	return leg{wait: wait, step: StepPoll}, true
}

// overdue makes a failure of an answer that is still one on the way, and explains it.
func (c *course) overdue(t *try, why string) {
	t.pending = false
	t.judged.count = c.req.Expectations()
	t.problems[0].Details = append(t.problems[0].Details, why)
	t.findings = c.explain(c.req, c.the(diagnosis.Of(t.exchange, c.req, c.scope)))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
