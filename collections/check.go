package collections

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Check judges what can be judged before anything is sent: every name that is used has a value by the time it is used,
// because s defines it (the command line and the environment), the request or what it inherits defines it, or an earlier
// request sets or captures it. The error is a source.Problems with all that is wrong.
func (c *Collection) Check(s *vars.Scope) error {
	ck := &checker{earlier: map[string]bool{}, later: map[string]*Request{}, said: map[vars.Use]bool{}}
	for _, r := range c.Requests() {
		for _, name := range r.Captured() {
			if ck.later[name] == nil {
				ck.later[name] = r
			}
		}
	}
	for _, r := range c.Requests() {
		ck.request(r, s.With(r.Layers...))
	}
	return ck.problems.Err()
}

// checker walks the requests in the order in which they run.
type checker struct {
	earlier  map[string]bool     // set or captured by now
	later    map[string]*Request // who sets or captures a name first
	said     map[vars.Use]bool   // so that what many requests inherit is one problem
	problems source.Problems

	req    *Request // that is checked now
	scope  *vars.Scope
	signed bool            // something leads to {{$assertion}}
	done   map[string]bool // whose definitions were followed for req
}

func (ck *checker) request(r *Request, scope *vars.Scope) {
	ck.req, ck.scope, ck.signed, ck.done = r, scope, false, map[string]bool{}
	r.walk(ck.all, func(name string) { ck.earlier[name] = true })
	if r.Assertion != nil && !ck.signed {
		ck.problem(r.Message.Pos, "assertion: is signed for nothing; send it, as {{%s}} in form: or a header", vars.Assertion)
	}
}

func (ck *checker) all(uses []vars.Use) {
	for _, u := range uses {
		ck.use(u, nil)
	}
}

// use judges one name; chain holds the names that led to it.
func (ck *checker) use(u vars.Use, chain []string) {
	if u.Name == vars.Assertion {
		ck.signed = true
		if ck.req.Assertion == nil && !u.Optional {
			ck.undefined(u, chain, "a request has one by assertion: beside its request:")
		}
		return
	}
	if u.Optional || ck.earlier[u.Name] {
		return
	}
	if doc, ok := ck.scope.Definition(u.Name); ok {
		if ck.done[u.Name] {
			return
		}
		if slices.Contains(chain, u.Name) {
			ck.once(u, "variable %q leads back to itself: %s", u.Name, strings.Join(append(chain, u.Name), " -> "))
			return
		}
		for _, inner := range doc.Uses() {
			ck.use(inner, append(slices.Clip(chain), u.Name))
		}
		ck.done[u.Name] = true
		return
	}
	if !ck.scope.Defines(u.Name) {
		ck.undefined(u, chain, ck.hint(u.Name))
	}
}

func (ck *checker) undefined(u vars.Use, chain []string, hint string) {
	if len(chain) > 0 {
		need := fmt.Sprintf("request %q needs it for {{%s}}", ck.req.Name, chain[0])
		hint = strings.TrimPrefix(hint+"; "+need, "; ")
	}
	ck.once(u, "%w", &vars.Undefined{Name: u.Name, Hint: hint})
}

func (ck *checker) once(u vars.Use, format string, args ...any) {
	if !ck.said[u] {
		ck.said[u] = true
		ck.problem(u.Pos, format, args...)
	}
}

func (ck *checker) problem(pos source.Pos, format string, args ...any) {
	ck.problems = append(ck.problems, pos.Errorf(format, args...))
}

// hint says who captures a name later, or which name was meant.
func (ck *checker) hint(name string) string {
	if r := ck.later[name]; r == ck.req && r != nil {
		return "this request captures it only from its own answer"
	} else if r != nil {
		return fmt.Sprintf("request %q captures it later, at %s", r.Name, r.Pos)
	}
	if _, err := ck.scope.Lookup(name); err != nil { // the names of the scope are the scope's to suggest
		if u, ok := vars.AsUndefined(err); ok && u.Hint != "" {
			return u.Hint
		}
	}
	if hint := source.Suggest(name, slices.Sorted(maps.Keys(ck.later))); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	return ""
}
