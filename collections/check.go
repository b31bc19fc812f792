package collections

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Check judges what can be judged before anything is sent: every name that is used has a value by the time it is used,
// because s defines it (the command line and the environment), the request or what it inherits defines it, or an earlier
// request sets or captures it. The error is a source.Problems with all that is wrong.
func (c *Collection) Check(s *vars.Scope) error {
	var problems source.Problems
	ck := &checker{said: map[vars.Use]bool{}, problems: &problems, rows: &rowCheck{c: c, data: c.Data}}
	ck.space(s, c.Setup, c.Main, c.Teardown)
	c.sessions.check(ck, s)
	return problems.Err()
}

// checker walks the requests of one space in the order in which they run.
type checker struct {
	earlier  map[string]bool     // set or captured by now
	later    map[string]*Request // who sets or captures a name first
	said     map[vars.Use]bool   // so that what many requests inherit is one problem
	hidden   map[string]*Folder  // includes that capture a name and perhaps do not return it
	problems *source.Problems
	inside   *inclusion // nil outside of all includes
	rows     *rowCheck

	req    *Request // that is checked now
	scope  *vars.Scope
	signed bool            // something leads to {{$assertion}}
	done   map[string]bool // whose definitions were followed for req
	loose  bool            // a script that ran by now sets names that only the run knows
}

// space checks what shares its captures. The variables of s are what everything sees.
func (ck *checker) space(s *vars.Scope, roots ...*Folder) {
	ck.loose = false
	ck.earlier, ck.later, ck.hidden = map[string]bool{}, map[string]*Request{}, map[string]*Folder{}
	for _, root := range roots {
		for r := range root.All() {
			for _, name := range r.givesIn(ck.inside.folder()) {
				if ck.later[name] == nil {
					ck.later[name] = r
				}
			}
			in, names := r.unreturned(ck.inside.folder())
			for _, name := range names {
				if ck.hidden[name] == nil {
					ck.hidden[name] = in
				}
			}
		}
	}
	for _, root := range roots {
		s := ck.enter(root, s)
		steps(Main, func(_ Phase, it Item) bool {
			switch it := it.(type) {
			case *Request:
				ck.request(it, s.With(it.Layers...))
			case *Folder:
				ck.include(it, s)
			}
			return true
		}, root)
	}
}

// begin begins with what needs names.
func (ck *checker) begin(r *Request, scope *vars.Scope) {
	ck.req, ck.scope, ck.signed, ck.done = r, scope, false, map[string]bool{}
}

func (ck *checker) request(r *Request, scope *vars.Scope) {
	ck.begin(r, scope)
	if p, ok := r.Auth.(auth.Provider); ok { // its token comes before the request is built
		for _, name := range p.Provides() {
			ck.earlier[name] = true
		}
	}
	ck.url(r)
	ck.loose = ck.loose || r.scripts.computes(Prerequest)
	r.walk(ck.all, func(name string) { ck.earlier[name] = true })
	ck.loose = ck.loose || r.scripts.computes(Test)
	ck.overParameters(r)
	if r.Assertion != nil && !ck.signed {
		ck.problem(r.Message.Pos, "assertion: is signed for nothing; send it, as {{%s}} in form: or a header", vars.Assertion)
	}
}

// url judges the URL where only definitions lead to it, so that a base_url without https:// is told before a run.
func (ck *checker) url(r *Request) {
	uses := r.Message.URL.Uses()
	if len(uses) == 0 || !ck.settled(uses, 0) {
		return
	}
	text, err := r.Message.URL.Expand(ck.scope)
	if err != nil {
		return // told by use
	}
	if _, err := checked(r.Message.absolute(text)); err != nil {
		ck.once(vars.Use{Name: uses[0].Name, Pos: source.Pos{File: "URL"}}, r.Message.Pos, "%w", err)
	}
}

// settled reports whether all names have the values of definitions, now and in the run.
func (ck *checker) settled(uses []vars.Use, depth int) bool {
	for _, u := range uses {
		doc, ok := ck.scope.Definition(u.Name)
		if !ok || depth > 10 || ck.earlier[u.Name] || ck.req.has(u.Name) || !ck.settled(doc.Uses(), depth+1) {
			return false
		}
	}
	return true
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
			ck.undefined(u, chain, "no assertion: stands in the request")
		}
		return
	}
	ck.everyTime(u)
	if l := ck.req.bound(u.Name); l != nil {
		if wrong := l.unknown(u.Name); wrong != "" && !u.Optional {
			ck.once(u, u.Pos, "%s", wrong)
		}
		return
	}
	if ck.inside.given(u.Name) || u.Optional || ck.earlier[u.Name] || ck.ofRow(u) {
		return
	}
	if doc, ok := ck.scope.Definition(u.Name); ok {
		if ck.done[u.Name] {
			return
		}
		if slices.Contains(chain, u.Name) {
			ck.once(u, u.Pos, "variable %q leads back to itself: %s", u.Name, strings.Join(append(chain, u.Name), " -> "))
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
	if hint == "" && (ck.loose || ck.inside.misses(u)) {
		return
	}
	if len(chain) > 0 {
		need := fmt.Sprintf("request %q needs it for {{%s}}", ck.req.Name, chain[0])
		switch {
		case hint == "":
			hint = need
		case strings.HasSuffix(hint, "?"):
			hint += " " + need
		default:
			hint += "; " + need
		}
	}
	ck.once(u, u.Pos, "%w", &vars.Undefined{Name: u.Name, Hint: hint})
}

func (ck *checker) once(u vars.Use, pos source.Pos, format string, args ...any) {
	if !ck.said[u] {
		ck.said[u] = true
		ck.problem(pos, format, args...)
	}
}

func (ck *checker) problem(pos source.Pos, format string, args ...any) {
	*ck.problems = append(*ck.problems, pos.Errorf(format, args...))
}

// hint says who captures a name later, or which name was meant.
func (ck *checker) hint(name string) string {
	if hint := ck.rowHint(name); hint != "" {
		return hint
	}
	if r := ck.later[name]; r != nil {
		verb := "captures"
		if slices.ContainsFunc(r.Flow.Set, func(a Assignment) bool { return a.Name == name }) || r.scripts.give(name) {
			verb = "sets"
		}
		if r == ck.req {
			return "this request " + verb + " it, but only after it is used here"
		}
		return fmt.Sprintf("request %q %s it later, at %s", r.Name, verb, r.Pos)
	}
	if in := ck.hidden[name]; in != nil {
		return fmt.Sprintf("the include %q captures it and does not return it: write returns: [%s] there, at %s", in.Name, name, in.Pos)
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
