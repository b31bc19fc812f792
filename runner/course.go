package runner

import (
	"context"
	"net/http"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// course is the way of one request through its exchanges.
type course struct {
	*round
	req    *collections.Request
	scope  *vars.Scope // of the request; that of the round has less
	sender *exchanges
	result *Result
	guide  guide // nil for a request of one exchange
	leg    leg

	message collections.Message // of the attempt: that of req, as scripts have changed it
	said    scripted            // by the scripts of the attempt
	link    link                // of the attempt
}

// guide leads a request through more than one exchange: it polls, waits for a job, or turns pages.
type guide interface {
	// pending returns why an answer is one on the way, or nothing: then it is judged. The error is a *source.Error.
	pending(a *expect.Answer, ex *wire.Exchange) ([]expect.Failure, error)
	// next returns the exchange after t, or false where t is the last. It may make a failure of t.
	next(t *try) (leg, bool)
}

// leg is one exchange on the way. The zero leg is the request itself, at once.
type leg struct {
	wait time.Duration
	step Step   // what the exchange before it was
	url  string // in the place of the request's own; empty for that
	read bool   // with GET and without a body, whatever the request is

	query  [2]string // a parameter and its value, set in the query; empty for none
	prefer bool      // asks for an answer later
}

// firstLeg is what a request begins with.
func firstLeg(flow *collections.Flow) leg {
	l := leg{prefer: flow.Job != nil}
	if flow.Pages != nil && flow.Pages.Offset != nil {
		l.parameter(flow.Pages.Offset.Param, flow.Pages.Offset.Start)
	}
	return l
}

// direct sends a request where the leg leads.
func (l *leg) direct(msg *wire.Request) {
	if l.url != "" {
		msg.URL = l.url
	}
	if l.read {
		msg.Method, msg.Body = http.MethodGet, nil
		delete(msg.Header, "Content-Type")
	}
	if l.query[0] != "" {
		msg.URL = withParameter(msg.URL, l.query[0], l.query[1])
	}
	if l.prefer && msg.Header.Get("Prefer") == "" {
		msg.Header["Prefer"] = []string{"respond-async"}
	}
}

// request runs a request with all its exchanges.
func (x *round) request(ctx context.Context, req *collections.Request, name Name, scope *vars.Scope) Result {
	result := Result{Name: name, Start: time.Now()}
	var left leftovers
	if x.runner.Compat == CompatNewman {
		scope = scope.Leave(left.note)
	}
	c := &course{round: x, req: req, scope: scope, result: &result, leg: firstLeg(&req.Flow), sender: &exchanges{round: x, req: req, scope: scope}}
	if !pause(ctx, req.Flow.Delay) {
		if late, ok := x.ended(ctx); ok {
			return x.brokenBy(name, TimeoutError, late, req.Pos)
		}
		result.Outcome, result.Reason, result.Skip = Skipped, interrupted, SkipStop
		return result
	}
	var last try
	if err := req.Flow.Assign(scope); err != nil {
		last = x.failed(err, req, c.sender)
	} else {
		c.guide = newGuide(c)
		last = c.run(ctx)
	}
	c.sender.flush(last.outcome == Passed || last.outcome == Failed)
	result.Outcome, result.Problems, result.Reason, result.Expectations = last.outcome, last.problems, last.reason, last.judged.count
	result.Findings, result.Skip, result.Tests, result.Console = last.findings, last.skip, last.tests, append(left.lines(), last.console...)
	result.Duration = time.Since(result.Start) - c.sender.waited
	return result
}

// newGuide returns who leads a request, nil for nobody.
func newGuide(c *course) guide {
	switch flow := &c.req.Flow; {
	case flow.Poll != nil:
		return &poll{Poll: flow.Poll, course: c, start: time.Now()}
	case flow.Pages != nil:
		return newPages(c)
	case flow.Job != nil:
		return newJob(c)
	}
	return nil
}

// run goes from exchange to exchange and returns the one that decided.
func (c *course) run(ctx context.Context) try {
	for {
		t := c.attempts(ctx)
		if c.guide == nil {
			c.record(t, false, "")
			return t
		}
		next, more := c.guide.next(&t)
		more = more && ctx.Err() == nil
		c.record(t, more, next.step)
		switch {
		case more && pause(ctx, next.wait):
			c.leg = next
		case t.pending && ctx.Err() != nil:
			return try{outcome: Errored, problems: []Problem{{Pos: c.req.Pos, Kind: TransportError, Message: "interrupted: " + t.problems[0].Message}}}
		default:
			return t
		}
	}
}

// attempts tries until the request passes or its retries are used up. The last attempt is not recorded yet.
func (c *course) attempts(ctx context.Context) try {
	plan := newPlan(c.req.Flow.Retry)
	for {
		t := c.attempt(ctx)
		wait, again := plan.next(ctx, t)
		if !again {
			return t
		}
		c.record(t, true, "")
		if !pause(ctx, wait) {
			t.recorded = true
			return t
		}
	}
}

// send sends a request when its turn has come. The time until then is kept apart.
func (c *course) send(ctx context.Context, msg *wire.Request, session auth.Session) *wire.Exchange {
	t := c.trip(msg)
	if c.client.pace.limited() {
		t.anew = func(ctx context.Context) (*wire.Request, error) { return c.prepare(ctx, session) }
	}
	ex := c.client.send(ctx, t)
	c.sender.waited += ex.Waited
	return ex
}

// attempt makes one attempt, and a second exchange where a token had to be renewed.
func (c *course) attempt(ctx context.Context) try {
	if t, goOn := c.before(ctx); !goOn {
		return t
	}
	session := c.runner.session(c.req.Flow.Share.Session.Name, c.scope, c.sender)
	defer c.connect(&session)()
	msg, err := c.prepare(ctx, session)
	if err != nil {
		t := c.failed(err, c.req, c.sender)
		t.scripted = c.said
		return t
	}
	c.sender.flush(true)
	warnings, err := c.lint(c.req, c.scope, msg)
	if err != nil {
		return try{outcome: Errored, problems: c.problems(ConfigError, err, c.req.Pos), findings: warnings}
	}
	ex := c.send(ctx, msg, session)
	if why := worthAnother(c.req.Auth, msg, ex, session); why != "" {
		t := c.judgeAlone(ex)
		t.renewed = why
		c.record(t, true, "")
		if msg, err = c.prepare(ctx, session); err != nil {
			return c.failed(err, c.req, c.sender)
		}
		c.sender.flush(true)
		ex = c.send(ctx, msg, session)
		observe(c.req.Auth, ex, session)
	}
	t := c.judge(ctx, ex)
	if t.outcome == Passed && ex.Response.Status < 400 {
		t.findings = merged(t.findings, serious(warnings))
	}
	return t
}
