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
	judged   int    // expectations
	findings []Finding
	missing  []string // paths that captures looked for and did not find
	renewed  string   // why the credentials made another attempt worthwhile; empty where they did not
}

// skip reports a request that cannot or need not run, without starting it.
func (x *round) skip(req *collections.Request, name Name, scope *vars.Scope) (Result, bool) {
	result := Result{Name: name, Outcome: Skipped, Start: time.Now()}
	if why, ok := x.causes.of(req); ok {
		result.Reason = why
		return result, true
	}
	holds, why, err := req.Flow.Hold(scope)
	switch {
	case err != nil:
		result.Outcome, result.Problems = Errored, x.problems(ConfigError, err, req.Pos)
		return result, true
	case !holds:
		result.Reason = redactText(x.scope.Secrets(), why)
		return result, true
	}
	return result, false
}

// request runs a request with all its attempts.
func (x *round) request(ctx context.Context, req *collections.Request, name Name, scope *vars.Scope) Result {
	result := Result{Name: name, Start: time.Now()}
	sender := &exchanges{round: x, req: req, scope: scope}
	if !pause(ctx, req.Flow.Delay) {
		result.Outcome, result.Reason = Skipped, interrupted
		return result
	}
	var last try
	if err := req.Flow.Assign(scope); err != nil {
		last = x.failed(err, req, sender)
	} else {
		last = x.attempts(ctx, req, scope, sender, &result)
	}
	sender.flush(last.outcome == Passed || last.outcome == Failed)
	result.Outcome, result.Problems, result.Reason, result.Expectations = last.outcome, last.problems, last.reason, last.judged
	result.Findings = last.findings
	result.Duration = time.Since(result.Start)
	return result
}

// attempts tries until the request passes or its retries are used up.
func (x *round) attempts(ctx context.Context, req *collections.Request, scope *vars.Scope, sender *exchanges, result *Result) try {
	plan := newPlan(req.Flow.Retry)
	for {
		t := x.attempt(ctx, req, scope, sender, result)
		wait, again := plan.next(ctx, t)
		x.record(result, t, req, again)
		if !again {
			return t
		}
		if !pause(ctx, wait) {
			return t
		}
	}
}

// attempt makes one attempt, and a second exchange where a token had to be renewed.
func (x *round) attempt(ctx context.Context, req *collections.Request, scope *vars.Scope, sender *exchanges, result *Result) try {
	session := x.runner.session(scope, sender)
	msg, err := x.prepare(ctx, req, scope, session)
	if err != nil {
		return x.failed(err, req, sender)
	}
	sender.flush(true)
	warnings, err := x.lint(req, scope, msg)
	if err != nil {
		return try{outcome: Errored, problems: x.problems(ConfigError, err, req.Pos), findings: warnings}
	}
	ex := x.client.send(ctx, x.trip(req, msg))
	if why := worthAnother(req.Auth, msg, ex, session); why != "" {
		t := x.judge(req, scope, ex)
		t.renewed = why
		x.record(result, t, req, true)
		if msg, err = x.prepare(ctx, req, scope, session); err != nil {
			return x.failed(err, req, sender)
		}
		sender.flush(true)
		ex = x.client.send(ctx, x.trip(req, msg))
	}
	t := x.judge(req, scope, ex)
	if t.outcome == Passed && ex.Response.Status < 400 {
		t.findings = merged(t.findings, serious(warnings))
	}
	return t
}

// worthAnother says why the credentials make one more attempt worthwhile, or nothing. A replay is safe whatever the method is: the
// server says that it did not process the request.
func worthAnother(credentials auth.Authorizer, msg *wire.Request, ex *wire.Exchange, session auth.Session) string {
	if ex.Response == nil {
		return ""
	}
	if o, ok := credentials.(auth.Observer); ok && o.Observe(ex, session) {
		return "the server asked for a nonce and was given it"
	}
	if r, ok := credentials.(auth.Renewer); ok && ex.Response.Status == 401 && r.Renew(msg, session) {
		return "the token was refused and renewed"
	}
	return ""
}

func (x *round) trip(req *collections.Request, msg *wire.Request) trip {
	return trip{req: msg, timeout: req.Flow.Timeout, redirects: req.Flow.Redirects, jar: x.jar, secrets: x.scope.Secrets()}
}

// prepare makes the bytes of one attempt: what is signed in it is never older than the attempt.
func (x *round) prepare(ctx context.Context, req *collections.Request, scope *vars.Scope, session auth.Session) (*wire.Request, error) {
	if req.Assertion != nil {
		audience, err := req.Message.URL.Expand(scope)
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
	msg, err := req.Message.Build(scope)
	if err != nil {
		return nil, err
	}
	if err := x.writes(msg, req); err != nil {
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
	if errors.Is(err, context.Canceled) {
		return try{outcome: Skipped, reason: interrupted}
	}
	if u, ok := vars.AsUndefined(err); ok {
		if why, ok := x.causes.captures[u.Name]; ok {
			return try{outcome: Skipped, reason: why}
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

// judge compares an exchange with what is expected, captures, words what is wrong and explains it.
func (x *round) judge(req *collections.Request, scope *vars.Scope, ex *wire.Exchange) try {
	learn(scope.Secrets(), ex)
	t := x.compare(req, scope, ex)
	c := x.the(diagnosis.Of(ex, req, scope))
	c.Missing = t.missing
	if t.outcome != Passed || ex.Response.Status < 400 && (odd(ex.Response) || req.TokenExchange()) {
		t.findings = x.explain(c)
	}
	x.runner.history.Note(c)
	return t
}

func (x *round) compare(req *collections.Request, scope *vars.Scope, ex *wire.Exchange) try {
	t := try{exchange: ex}
	if ex.Err != nil {
		t.outcome = Errored
		t.problems = x.transportProblem(ex, req)
		if errors.Is(ex.Err, context.Canceled) {
			t.problems[0].Message = "interrupted before the answer came"
		}
		return t
	}
	answer := expect.NewAnswer(ex)
	failures, err := req.Expect.Judge(answer, scope)
	if err != nil {
		t.outcome, t.problems = Errored, x.problems(ConfigError, err, req.Pos)
		return t
	}
	t.judged = req.Expect.Len()
	if f, bad := unexpectedStatus(req, ex.Response); bad {
		failures = append([]expect.Failure{f}, failures...)
	}
	kind := AssertionFailure
	if len(failures) == 0 && req.Captures.Len() > 0 {
		failures, kind = req.Captures.Take(answer, scope), CaptureError
		for _, f := range failures {
			if _, path, ok := strings.Cut(f.Message, " nothing at json "); ok {
				path, _, _ = strings.Cut(path, ";")
				t.missing = append(t.missing, path)
			}
		}
	}
	for _, f := range failures {
		t.outcome = Failed
		t.problems = append(t.problems, Problem{Pos: f.Pos, Kind: kind, Message: redactText(scope.Secrets(), f.Message), Details: redactAll(scope.Secrets(), f.Details)})
	}
	return t
}

// unexpectedStatus fails an answer of 400 and above that the collection says nothing of: it is never green.
func unexpectedStatus(req *collections.Request, resp *wire.Response) (expect.Failure, bool) {
	if resp.Status < 400 || req.Expect.JudgesStatus() {
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
