package runner

import (
	"errors"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// the gives a case what the run knows.
func (x *round) the(c *diagnosis.Case) *diagnosis.Case {
	c.History = &x.runner.history
	c.Environment = x.facts
	return c
}

// explain returns why an exchange of a request went as it did, masked, and in which session.
func (x *round) explain(req *collections.Request, c *diagnosis.Case) []Finding {
	found := x.findings(diagnosis.Explain(c))
	if name := req.Flow.Share.Session.Name; name != "" {
		for i := range found {
			found[i].Evidence = append(found[i].Evidence, Evidence{Label: "configured", Text: "session " + name})
		}
	}
	return found
}

func (x *round) findings(from []diagnosis.Finding) []Finding {
	var out []Finding
	for _, f := range from {
		to := Finding{Code: f.Code, Title: f.Title, Cause: x.redact(f.Cause), Confidence: f.Confidence.String(),
			Fix: x.redact(f.Fix), Pos: f.Pos}
		for _, e := range f.Evidence {
			to.Evidence = append(to.Evidence, Evidence{Label: e.Label, Text: x.redact(e.Text), Pos: e.Pos})
		}
		out = append(out, to)
	}
	return out
}

// unsent explains why a request could not even be made: a key that cannot be read, say.
func (x *round) unsent(req *collections.Request, scope *vars.Scope) []Finding {
	found := diagnosis.Lint(x.the(diagnosis.Of(nil, req, scope)))
	if len(found) == 0 {
		found = diagnosis.Lint(x.the(diagnosis.OfCall(nil, req, scope)))
	}
	return serious(x.findings(found))
}

// odd reports whether an answer that was expected is worth a look all the same: a page where an API was asked.
func odd(resp *wire.Response) bool {
	return resp != nil && strings.Contains(resp.Header.Get("Content-Type"), "html")
}

// lint looks at a request before it is sent: at each that asks for a token, and at the first with the same credentials. What else
// can be said of a request without its answer, hgrun check says.
func (x *round) lint(req *collections.Request, scope *vars.Scope, msg *wire.Request) ([]Finding, error) {
	if x.runner.Lint == LintOff || !req.TokenExchange() && !x.first(msg) {
		return nil, nil
	}
	return x.stopAt(diagnosis.Lint(x.the(diagnosis.Of(&wire.Exchange{Request: *msg}, req, scope))))
}

// first reports whether this is the first request with these credentials.
func (x *round) first(msg *wire.Request) bool {
	authorization := msg.Header.Get("Authorization")
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.looked[authorization] {
		return false
	}
	x.looked[authorization] = true
	return true
}

// lintCall looks at an exchange that credentials need.
func (x *round) lintCall(e *exchanges, msg *wire.Request) ([]Finding, error) {
	if x.runner.Lint == LintOff {
		return nil, nil
	}
	return x.stopAt(diagnosis.Lint(x.the(diagnosis.OfCall(&wire.Exchange{Request: *msg}, e.req, e.scope))))
}

// stopAt is an error where a mistake is certain and the run wants to stop at that.
func (x *round) stopAt(found []diagnosis.Finding) ([]Finding, error) {
	findings := x.findings(found)
	i := slices.IndexFunc(found, func(f diagnosis.Finding) bool { return f.Confidence == diagnosis.Certain })
	if x.runner.Lint != LintError || i < 0 {
		return findings, nil
	}
	err := errors.New("nothing sent: " + found[i].Code + " " + found[i].Title)
	if found[i].Pos != (source.Pos{}) {
		return findings, found[i].Pos.Errorf("%w", err)
	}
	return findings, err
}

// serious leaves out what is merely possible: the server took the request.
func serious(findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return f.Confidence == diagnosis.Possible.String() })
}

// merged returns both without a code twice; those of the first go before.
func merged(first, second []Finding) []Finding {
	for _, f := range second {
		if !slices.ContainsFunc(first, func(g Finding) bool { return g.Code == f.Code }) {
			first = append(first, f)
		}
	}
	return first
}
