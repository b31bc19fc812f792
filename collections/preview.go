package collections

import (
	"iter"
	"slices"

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
	Loops   []LoopPreview
	Err     error // why a loop has no values, a *source.Error

	outer int // how many of Loops are around the include that the request is in, which sees none of their variables
}

// Preview yields the requests in the order in which they run, with what is known of their variables before anything is
// sent; of data that is the first row. stand says what is written for what is not known; no secret is looked up. The scope is used up: it holds what
// the requests set.
func (c *Collection) Preview(s *vars.Scope, stand func(Unknown) string) iter.Seq[Preview] {
	return func(yield func(Preview) bool) {
		p := &previewer{scope: s, stand: stand, open: map[string]bool{}}
		_ = p.space(Setup, c.Setup, yield) && p.row(c).space(Main, c.Main, yield) && p.space(Teardown, c.Teardown, yield)
	}
}

// row returns a previewer of the first row, where there is one.
func (p *previewer) row(c *Collection) *previewer {
	inner := *p
	inner.scope, _ = c.Sample(p.scope) // an error is told by Check
	return &inner
}

// space walks what shares its captures.
func (p *previewer) space(phase Phase, f *Folder, yield func(Preview) bool) bool {
	return steps(phase, func(phase Phase, it Item) bool {
		switch it := it.(type) {
		case *Folder:
			return p.include(phase, it, yield)
		case *Request:
			seen := p.next(phase, it)
			if !yield(seen) {
				return false
			}
			if seen.Skipped == "" {
				p.opens(it.brings())
			}
		}
		return true
	}, f)
}

// include walks an include with what is known of its parameters.
func (p *previewer) include(phase Phase, f *Folder, yield func(Preview) bool) bool {
	who := f.stand()
	around, plain := p.enter(phase, who)
	inner := &previewer{scope: p.scope.Apart(), stand: p.stand, open: map[string]bool{}, given: map[string]bool{}, around: around}
	known := p.standIn(&around, plain)
	for _, a := range f.Include.With {
		v, err := a.Value.Value(known)
		if err != nil {
			inner.open[a.Name] = true
			continue
		}
		inner.scope = inner.scope.Bind(a.Name, v)
		inner.given[a.Name] = p.leadsToUnknown(a.Value.Uses(), plain, map[string]bool{})
	}
	if !inner.space(phase, f, yield) {
		return false
	}
	for _, back := range f.Include.Returns {
		v, found := inner.scope.CapturedValue(back.From)
		if found && !inner.open[back.From] {
			delete(p.open, back.Name)
			p.scope.Set(back.Name, v)
		} else if around.Skipped == "" {
			p.open[back.Name] = true
		}
	}
	if f.Loop != nil {
		p.opens(f.Loop.collected(nil, nil))
	}
	return true
}

// previewer walks the requests in the order in which they run.
type previewer struct {
	scope *vars.Scope
	stand func(Unknown) string
	open  map[string]bool // names that earlier requests take from their responses
	now   *Preview        // of what is looked at

	given  map[string]bool // parameters in whose values something stands for what is not known
	around Preview         // of the include that all is in; the zero Preview for none
}

func (p *previewer) next(phase Phase, r *Request) Preview {
	seen, plain := p.enter(phase, r)
	seen.Scope = p.standIn(&seen, plain)
	if seen.Err != nil || seen.Skipped != "" {
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

// enter finds out whether and how often a request runs, and returns the scope in which it does.
func (p *previewer) enter(phase Phase, r *Request) (Preview, *vars.Scope) {
	seen := Preview{Phase: phase, Request: r, Loops: slices.Clip(p.around.Loops), outer: len(p.around.Loops), Depends: p.around.Depends}
	p.now = &seen
	around, err := p.loopsInto(&seen, p.scope)
	plain := around.With(r.Layers...)
	if err == nil && seen.Skipped == "" {
		skipped, depends := p.conditions(&seen, plain)
		seen.Skipped, seen.Depends = skipped, depends || seen.Depends
	}
	seen.Err = err
	if p.around.Err != nil || p.around.Skipped != "" {
		seen.Skipped, seen.Err = p.around.Skipped, p.around.Err
	}
	return seen, plain
}

// standIn returns a scope in which something stands for what is not known.
func (p *previewer) standIn(seen *Preview, plain *vars.Scope) *vars.Scope {
	return plain.StandIn(func(name, expression string) (string, bool) {
		if of, ok := seen.bound(name); ok {
			if !of.Unknown {
				return "", false
			}
			return p.stand(Unknown{Name: name, Expression: expression}), true
		}
		secret := name == vars.Assertion || !p.open[name] && plain.IsSecret(name)
		if !secret && !p.open[name] {
			return "", false
		}
		return p.stand(Unknown{name, expression, secret}), true
	})
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

// brings returns the names that have values only after the answer to the request.
func (r *Request) brings() []string {
	return slices.DeleteFunc(r.Gives(), func(name string) bool {
		return slices.ContainsFunc(r.Flow.Set, func(a Assignment) bool { return a.Name == name }) && !slices.Contains(r.Captures.Names(), name)
	})
}

// conditions judges when: as far as that can be done. One that a loop's variable decides may hold another time.
func (p *previewer) conditions(seen *Preview, plain *vars.Scope) (skipped string, depends bool) {
	uses, flow := seen.Request.Flow.whenUses(), &seen.Request.Flow
	if p.leadsToUnknown(uses, plain, map[string]bool{}) {
		return "", true
	}
	holds, why, err := flow.Hold(plain)
	switch {
	case err != nil, !holds && seen.varies(uses, plain, map[string]bool{}):
		return "", true
	case holds:
		return "", false
	}
	return why, false
}

// leadsToUnknown reports whether names lead to something that has no value before a run: what a response brings, a secret, or the
// variable of a loop whose values are not known.
func (p *previewer) leadsToUnknown(uses []vars.Use, plain *vars.Scope, done map[string]bool) bool {
	for _, u := range uses {
		if of, ok := p.now.bound(u.Name); ok {
			if of.Unknown {
				return true
			}
			continue
		}
		if p.open[u.Name] || p.given[u.Name] || plain.IsSecret(u.Name) {
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
