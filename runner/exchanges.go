package runner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// exchanges sends what the auth of one request needs for itself and reports each as a result of its own.
// Attempts at the same exchange within one request are one result.
type exchanges struct {
	round   *round
	req     *collections.Request // that needs them
	scope   *vars.Scope          // its names
	pending []*Result
	waited  time.Duration // for turns, in all
}

// Send makes one exchange; redirects at a token endpoint are never followed.
func (e *exchanges) Send(ctx context.Context, c auth.Call) error {
	x := e.round
	req := c.Request
	c.Name += e.req.Flow.Share.Session.String()
	warnings, err := x.lintCall(e, &req)
	if err != nil {
		result := e.result(c)
		result.Outcome, result.Findings, result.Problems = Errored, warnings, x.problems(AuthError, err, c.Pos)
		return err
	}
	ex := x.client.send(ctx, trip{req: &req, timeout: collections.DefaultTimeout, secrets: x.scope.Secrets(), take: small()})
	e.waited += ex.Waited
	if notBegun(ex.Err) {
		return ex.Err
	}
	x.veil.about(e.scope, ex)
	t := try{exchange: ex}
	if err = ex.Err; err != nil {
		t.outcome, t.problems = Errored, x.transportProblem(ex, &collections.Request{Pos: c.Pos})
	} else if err = c.Judge(ex); err != nil {
		t.outcome = Errored
	}
	learn(x.scope.Secrets(), ex)
	if ex.Err == nil && err != nil {
		t.problems = x.problems(AuthError, err, c.Pos)
	}
	subject := x.the(diagnosis.OfCall(ex, e.req, e.scope))
	if t.findings = x.explain(e.req, subject); t.outcome == Passed {
		t.findings = merged(t.findings, serious(warnings))
	}
	x.runner.history.Note(subject)
	result := e.result(c)
	between := ex.Waited
	if n := len(result.Attempts); n > 0 { // the one before did not do
		result.Attempts[n-1].Problems = messages(result.Problems)
	} else {
		result.Start, between = ex.Timings.Start, 0
	}
	x.record(result, t, false, "")
	result.Outcome, result.Problems, result.Findings = t.outcome, t.problems, t.findings
	result.Duration = time.Since(result.Start) - between
	return err
}

// result returns the pending result of a call, or a new one.
func (e *exchanges) result(c auth.Call) *Result {
	for _, r := range e.pending {
		if r.Name.Name == c.Name && r.Name.Pos == c.Pos {
			return r
		}
	}
	r := &Result{Name: Name{Name: c.Name, Pos: c.Pos, Phase: Token}, Start: time.Now()}
	e.pending = append(e.pending, r)
	return r
}

// flush reports what is pending. Where the request has its credentials all the same, an exchange that was refused is no
// error of the run: it is reported as skipped, with its reason.
func (e *exchanges) flush(recovered bool) {
	for _, r := range e.pending {
		if recovered && r.Outcome != Passed {
			r.Reason = fmt.Sprintf("refused, and made good by another exchange: %s", r.Problems[0].Message)
			r.Outcome, r.Problems = Skipped, nil
		}
		x := e.round
		if n := x.exchanged(r.Name.Name); n > 1 {
			r.Name.Name = fmt.Sprintf("%s #%d", r.Name.Name, n)
		}
		x.report(*r)
	}
	e.pending = nil
}

// exchanged counts the exchanges of a name.
func (s *suite) exchanged(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[name]++
	return s.tokens[name]
}

// refused returns the first exchange that failed and is not reported yet.
func (e *exchanges) refused() (*Result, bool) {
	for _, r := range e.pending {
		if r.Outcome != Passed {
			return r, true
		}
	}
	return nil, false
}

// noToken says that a request cannot run without its token. Where an exchange tells why, the request is skipped and names it,
// and so are the requests after it that want the same token; otherwise the request itself is the error.
func (x *round) noToken(err error, req *collections.Request, sender *exchanges) try {
	asked, ok := sender.refused()
	if token, is := errors.AsType[*auth.TokenError](err); is && x.causes.rows != nil {
		switch {
		case !ok && token.Shared:
			return try{outcome: Skipped, reason: "no token: the exchange of another row failed", skip: SkipCause}
		case ok:
			x.causes.rows.note(token.Credential, asked)
		}
	}
	if !ok {
		return try{outcome: Errored, problems: x.problems(AuthError, err, req.Pos), findings: x.unsent(req, sender.scope)}
	}
	why := fmt.Sprintf("no token: %s failed", asked.Name.Name)
	x.causes.tokens[req.Holder()] = why
	return try{outcome: Skipped, reason: why, skip: SkipCause}
}

// transportProblem words why there is no answer.
func (x *round) transportProblem(ex *wire.Exchange, req *collections.Request) []Problem {
	kind := TransportError
	var limit errTimeout
	var late Overtime
	var timeout net.Error
	var host *HostError
	switch {
	case errors.As(ex.Err, &host):
		kind = ConfigError
	case errors.As(ex.Err, &limit), errors.As(ex.Err, &late), errors.As(ex.Err, &timeout) && timeout.Timeout():
		kind = TimeoutError
	}
	return x.problems(kind, fmt.Errorf("%s", transportText(ex)), req.Pos)
}

func messages(problems []Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, place(p.Pos)+p.Message)
	}
	return lines
}

func place(pos source.Pos) string {
	if pos == (source.Pos{}) {
		return ""
	}
	return pos.String() + ": "
}
