package collections

import (
	"iter"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/vars"
)

// Unknown is a name in a template that has no value before a run, or one that is not to be shown.
type Unknown struct {
	Name       string
	Expression string // as it is written, filters included: "id | upper"
	Secret     bool   // a secret or an assertion; else it comes with a response
}

// Preview is a request as a run would come to it.
type Preview struct {
	Phase   Phase
	Request *Request
	Scope   *vars.Scope // of the request, in which something stands for every Unknown
	Skipped string      // the condition that does not hold; empty where all hold
	Depends bool        // on a condition that only a run can judge
}

// Preview yields the requests in the order in which they run, with what is known of their variables before anything is
// sent. stand says what is written for what is not known; no secret is looked up. The scope is used up: it holds what
// the requests set.
func (c *Collection) Preview(s *vars.Scope, stand func(Unknown) string) iter.Seq[Preview] {
	return func(yield func(Preview) bool) {
		p := &previewer{scope: s, stand: stand, open: map[string]bool{}}
		for phase, r := range c.Requests() {
			seen := p.next(phase, r)
			if !yield(seen) {
				return
			}
			if seen.Skipped == "" {
				p.opens(r.Captures.Names())
			}
		}
	}
}

// previewer walks the requests in the order in which they run.
type previewer struct {
	scope *vars.Scope
	stand func(Unknown) string
	open  map[string]bool // names that earlier requests take from their responses
}

func (p *previewer) next(phase Phase, r *Request) Preview {
	seen := Preview{Phase: phase, Request: r, Scope: p.scope.With(r.Layers...)}
	plain := seen.Scope
	seen.Scope = plain.StandIn(func(name, expression string) (string, bool) {
		secret := name == vars.Assertion || !p.open[name] && plain.IsSecret(name)
		if !secret && !p.open[name] {
			return "", false
		}
		return p.stand(Unknown{name, expression, secret}), true
	})
	seen.Skipped, seen.Depends = p.conditions(r, plain)
	if seen.Skipped != "" {
		return seen
	}
	if provider, ok := r.Auth.(auth.Provider); ok {
		p.opens(provider.Provides())
	}
	for _, a := range r.Flow.Set {
		p.assign(a, seen.Scope)
	}
	return seen
}

func (p *previewer) opens(names []string) {
	for _, name := range names {
		p.open[name] = true
	}
}

func (p *previewer) assign(a Assignment, s *vars.Scope) {
	v, err := a.Value.Value(s)
	if err != nil {
		p.open[a.Name] = true
		return
	}
	delete(p.open, a.Name)
	s.Set(a.Name, v)
}

// conditions judges when: as far as that can be done.
func (p *previewer) conditions(r *Request, plain *vars.Scope) (skipped string, depends bool) {
	if p.leadsToUnknown(r.Flow.whenUses(), plain, map[string]bool{}) {
		return "", true
	}
	holds, why, err := r.Flow.Hold(plain)
	switch {
	case err != nil:
		return "", true
	case holds:
		return "", false
	}
	return why, false
}

func (p *previewer) leadsToUnknown(uses []vars.Use, plain *vars.Scope, done map[string]bool) bool {
	for _, u := range uses {
		if p.open[u.Name] || plain.IsSecret(u.Name) {
			return true
		}
		doc, ok := plain.Definition(u.Name)
		if !ok || done[u.Name] {
			continue
		}
		done[u.Name] = true
		if p.leadsToUnknown(doc.Uses(), plain, done) {
			return true
		}
	}
	return false
}
