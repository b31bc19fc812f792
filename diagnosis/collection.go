package diagnosis

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// LintCollection returns what is wrong with the requests of a collection, in the order in which they run, as far as it
// shows without a secret, a response or an exchange: requests that need one of these are left out. What many requests
// inherit is told once. The scope is used up.
func LintCollection(c *collections.Collection, s *vars.Scope, env EnvironmentFacts) []Finding {
	var found []Finding
	told := map[toldOnce]bool{}
	for p := range c.Preview(s, func(collections.Unknown) string { return notKnown }) {
		msg, err := p.Request.Message.Build(p.Scope)
		if err != nil || p.Err != nil || p.Skipped != "" || open(msg) {
			continue
		}
		kase := Of(&wire.Exchange{Request: *msg}, p.Request, p.Scope.StandIn(nil))
		kase.Environment = env
		for _, f := range Lint(kase) {
			f.Cause, f.Fix = p.Scope.Redact(f.Cause), p.Scope.Redact(f.Fix)
			if once := (toldOnce{f.Code, f.Pos}); !told[once] {
				told[once] = true
				found = append(found, f)
			}
		}
	}
	return found
}

// notKnown stands for what is not known; only letters, so that no escape changes it.
const notKnown = "hgrunDoesNotKnowThisYet"

// open reports whether a request has something in it that is not known.
func open(msg *wire.Request) bool {
	in := func(text string) bool { return strings.Contains(text, notKnown) }
	if in(msg.URL) || bytes.Contains(msg.Body, []byte(notKnown)) {
		return true
	}
	for _, values := range msg.Header {
		if slices.ContainsFunc(values, in) {
			return true
		}
	}
	return false
}

// toldOnce is what makes two findings the same mistake.
type toldOnce struct {
	code string
	pos  source.Pos
}
