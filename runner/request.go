package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// try is one attempt of a request: what was sent and what was wrong with it.
type try struct {
	exchange *wire.Exchange // nil where nothing was sent
	problems []Problem
	outcome  Outcome
	reason   string // of Skipped
	skip     Skip
	judged   judgement
	findings []Finding
	missing  []string // paths that captures looked for and did not find
	pending  bool     // the answer is one on the way; there is nothing to judge yet
	recorded bool     // as an attempt
	renewed  string   // why the credentials made another attempt worthwhile; empty where they did not

	scripted
}

// skip reports a request that cannot or need not run, without starting it.
func (x *round) skip(req *collections.Request, name Name, scope *vars.Scope) (Result, bool) {
	result := Result{Name: name, Outcome: Skipped, Start: time.Now()}
	if why, ok := x.causes.of(req); ok {
		result.Reason, result.Skip = why, SkipCause
		return result, true
	}
	if why, ok := x.refused(req, scope); ok {
		result.Reason, result.Skip = why, SkipCause
		return result, true
	}
	x.veil.about(scope, nil)
	holds, why, err := req.Flow.Hold(scope)
	switch {
	case err != nil:
		result.Outcome, result.Problems = Errored, x.problems(ConfigError, err, req.Pos)
		return result, true
	case !holds:
		result.Reason, result.Skip = x.redact(why), SkipCondition
		return result, true
	}
	return result, false
}

// worthAnother says why the credentials make one more attempt worthwhile, or nothing. A replay is safe whatever the method is: the
// server says that it did not process the request.
func worthAnother(credentials auth.Authorizer, msg *wire.Request, ex *wire.Exchange, session auth.Session) string {
	if ex.Response == nil {
		return ""
	}
	if why := observe(credentials, ex, session); why != "" {
		return why
	}
	if r, ok := credentials.(auth.Renewer); ok && ex.Response.Status == 401 && r.Renew(msg, session) {
		return "the token was refused and renewed"
	}
	return ""
}

// observe lets the credentials learn from an answer, such as the nonce of the next request.
func observe(credentials auth.Authorizer, ex *wire.Exchange, session auth.Session) (why string) {
	if o, ok := credentials.(auth.Observer); ok && ex.Response != nil {
		return o.Observe(ex, session)
	}
	return ""
}

func (c *course) trip(msg *wire.Request) trip {
	flow := &c.req.Flow
	return trip{req: msg, timeout: flow.Timeout, redirects: flow.Redirects, jar: c.jars.of(c.req.Flow.Share.Session.Name), secrets: c.scope.Secrets(),
		take: intake{c.req.Needs(), flow.Bodies}, via: c.link.via}
}

// prepare makes the bytes of one attempt: what is signed in it is never older than the attempt.
func (c *course) prepare(ctx context.Context, session auth.Session) (*wire.Request, error) {
	req, scope := c.req, c.scope
	if req.Assertion != nil {
		audience, err := c.message.URL.Expand(scope)
		if err != nil {
			return nil, err
		}
		jwt, err := req.Assertion.Mint(scope, assertions.Defaults{Audience: audience})
		if err != nil {
			return nil, &unauthorizedError{err}
		}
		scope = scope.Bind(vars.Assertion, vars.Value{Text: jwt, Secret: true})
	}
	if p, ok := req.Auth.(auth.Provider); ok && len(p.Provides()) > 0 {
		if err := p.Provide(ctx, session); err != nil {
			return nil, &unauthorizedError{err}
		}
	}
	msg, err := c.message.Build(scope)
	if err != nil {
		return nil, err
	}
	c.leg.direct(msg)
	if err := c.writes(msg, req); err != nil {
		return nil, err
	}
	if req.Auth != nil {
		if err := req.Auth.Authorize(ctx, msg, session); err != nil {
			return nil, &unauthorizedError{err}
		}
	}
	return msg, nil
}

// writes refuses to change anything in a protected environment.
func (x *round) writes(msg *wire.Request, req *collections.Request) error {
	if x.runner.AllowWrites || req.AboutTokens() {
		return nil
	}
	if err := x.job.Environment.Writes(msg.Method); err != nil {
		return req.Pos.Errorf("%w", err)
	}
	return nil
}

// failed words why nothing was sent.
func (x *round) failed(err error, req *collections.Request, sender *exchanges) try {
	if errors.Is(err, context.Canceled) || notBegun(err) {
		return try{outcome: Skipped, reason: interrupted, skip: SkipStop}
	}
	if u, ok := vars.AsUndefined(err); ok {
		if why, ok := x.causes.captures[u.Name]; ok {
			return try{outcome: Skipped, reason: why, skip: SkipCause}
		}
	}
	var unauthorized *unauthorizedError
	if errors.As(err, &unauthorized) {
		return x.noToken(unauthorized.err, req, sender)
	}
	return try{outcome: Errored, problems: x.problems(ConfigError, err, req.Pos)}
}

// unauthorizedError is an error of making credentials: of signing, or of getting a token.
type unauthorizedError struct{ err error }

func (u *unauthorizedError) Error() string { return u.err.Error() }

func (u *unauthorizedError) Unwrap() error { return u.err }

// judge compares an exchange with what is expected, captures, runs the test scripts, words what is wrong and explains it.
func (c *course) judge(ctx context.Context, ex *wire.Exchange) try {
	return c.judgeWith(ex, func(t *try) { c.after(ctx, t) })
}

// judgeAlone judges an exchange that another one follows: no script hears of it.
func (c *course) judgeAlone(ex *wire.Exchange) try { return c.judgeWith(ex, func(*try) {}) }

func (c *course) judgeWith(ex *wire.Exchange, after func(*try)) try {
	var unprepared *unpreparedError
	switch {
	case notBegun(ex.Err):
		return try{outcome: Skipped, reason: interrupted, skip: SkipStop}
	case errors.As(ex.Err, &unprepared):
		return c.failed(unprepared.err, c.req, c.sender)
	}
	learn(c.scope.Secrets(), ex)
	c.veil.about(c.scope, ex)
	t := c.compare(ex)
	if ex.Err == nil && !t.pending {
		after(&t)
	} else {
		t.scripted = c.said
	}
	about := c.the(diagnosis.Of(ex, c.req, c.scope))
	about.Missing = t.missing
	if !t.pending && (t.outcome != Passed || ex.Response.Status < 400 && (odd(ex.Response) || c.req.TokenExchange())) {
		t.findings = c.explain(c.req, about)
	}
	c.runner.history.Note(about)
	return t
}

func (c *course) compare(ex *wire.Exchange) try {
	t := try{exchange: ex}
	if ex.Err != nil {
		t.outcome = Errored
		t.problems = c.transportProblem(ex, c.req)
		c.overtime(ex.Err) // told by this
		if errors.Is(ex.Err, context.Canceled) {
			t.problems[0].Message = "interrupted before the answer came"
		}
		return t
	}
	answer := expect.NewAnswer(ex)
	if c.guide != nil {
		waits, err := c.guide.pending(answer, ex)
		if err != nil {
			t.outcome, t.problems = Errored, c.problems(ConfigError, err, c.req.Pos)
			return t
		}
		if len(waits) > 0 {
			t.outcome, t.pending, t.problems = Failed, true, c.worded(AssertionFailure, waits)
			return t
		}
	}
	failures, err := c.req.Expect.Judge(answer, c.scope)
	if err != nil {
		t.outcome, t.problems = Errored, c.problems(ConfigError, err, c.req.Pos)
		return t
	}
	if f, bad := unexpectedStatus(c.req, ex.Response); bad && c.runner.Compat != CompatNewman {
		failures = append([]expect.Failure{f}, failures...)
	}
	if c.job.Snapshots != nil {
		failures = c.keep(answer, failures)
	}
	t.judged = judgement{c.req.Expectations(), c.round.judged(c.req.Expect.Statements(), failures)}
	kind := AssertionFailure
	if len(failures) == 0 && c.req.Captures.Len() > 0 {
		c.causes.fresh(c.req, c.scope)
		failures, kind = c.req.Captures.Take(answer, c.scope), CaptureError
		t.missing = missing(failures)
		c.veil.captured(c.req.Captures.Names(), c.scope, ex)
	}
	if len(failures) > 0 {
		t.outcome, t.problems = Failed, c.worded(kind, failures)
	}
	return t
}

// missing returns the paths at which captures found nothing.
func missing(failures []expect.Failure) []string {
	var paths []string
	for _, f := range failures {
		if _, path, ok := strings.Cut(f.Message, " nothing at json "); ok {
			path, _, _ = strings.Cut(path, ";")
			paths = append(paths, path)
		}
	}
	return paths
}

func (x *round) worded(kind Kind, failures []expect.Failure) []Problem {
	problems := make([]Problem, len(failures))
	for i, f := range failures {
		problems[i] = Problem{Pos: f.Pos, Kind: kind, Message: x.compared(f.Message)}
		for _, line := range f.Details {
			problems[i].Details = append(problems[i].Details, x.compared(line))
		}
	}
	return problems
}

// unexpectedStatus fails an answer of 400 and above that the collection says nothing of: it is never green.
func unexpectedStatus(req *collections.Request, resp *wire.Response) (expect.Failure, bool) {
	if resp.Status < 400 || req.JudgesStatus() {
		return expect.Failure{}, false
	}
	return expect.Failure{Pos: req.Pos, Message: fmt.Sprintf("status: got %d, want below 400 (no expectation says otherwise)", resp.Status)}, true
}

// pause waits, and is false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
