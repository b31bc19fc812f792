package collections

import (
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// inclusion is what a check finds out about one include: what its requests need of who includes it. The nil inclusion is that
// of what nobody includes.
type inclusion struct {
	of    *Folder
	used  map[string]bool     // names that something in it needs
	lacks map[string]vars.Use // those that nothing gives
}

func (in *inclusion) folder() *Folder {
	if in == nil {
		return nil
	}
	return in.of
}

// given notes that a name is needed, and reports whether a parameter gives it.
func (in *inclusion) given(name string) bool {
	if in == nil {
		return false
	}
	in.used[name] = true
	return slices.ContainsFunc(in.of.Include.With, func(p Assignment) bool { return p.covers(name) })
}

// covers reports whether a name is that of the variable, or of a member of it.
func (a Assignment) covers(name string) bool {
	rest, ok := strings.CutPrefix(name, a.Name)
	return ok && (rest == "" || rest[0] == '.')
}

// misses notes a name that nothing gives, and reports whether who includes could have given it.
func (in *inclusion) misses(u vars.Use) bool {
	if in == nil || strings.HasPrefix(u.Name, "$") {
		return false
	}
	if _, known := in.lacks[u.Name]; !known {
		in.lacks[u.Name] = u
	}
	return true
}

// unreturned is the include next to a space in which a request captures a name; nil where it stands in the space itself.
func (r *Request) unreturned(space *Folder) (in *Folder, names []string) {
	for at := r.Folder.space(); at != space && at != nil; at = at.Parent.space() {
		in = at
	}
	if in == nil {
		return nil, nil
	}
	return in, r.givesIn(in)
}

// include checks what an include needs, and then its requests, whose names are their own.
func (ck *checker) include(f *Folder, s *vars.Scope) {
	in := f.Include
	who := f.stand()
	ck.begin(who, s.With(in.Layers...))
	ck.all(who.loopUses())
	ck.all(who.Flow.whenUses())
	ck.all(in.WithUses())
	inner := &checker{said: ck.said, problems: ck.problems, rows: ck.rows, inside: &inclusion{f, map[string]bool{}, map[string]vars.Use{}}}
	inner.space(s, f)
	in.of.sessions.check(inner, s)
	ck.parameters(inner.inside)
	for _, name := range f.gives(nil) {
		ck.earlier[name] = true
	}
}

// parameters tells which parameters an included collection does not use, and which it needs.
func (ck *checker) parameters(in *inclusion) {
	include := in.of.Include
	known := slices.Sorted(maps.Keys(in.used))
	slips := map[string]bool{} // of names that are needed
	for _, p := range include.With {
		if slices.ContainsFunc(known, p.covers) {
			continue
		}
		hint := ""
		if meant := source.Suggest(p.Name, slices.Sorted(maps.Keys(in.lacks))); strings.HasPrefix(meant, "did you mean") {
			hint, slips[p.Name] = "; "+meant, true
		} else if meant := source.Suggest(p.Name, known); strings.HasPrefix(meant, "did you mean") {
			hint = "; " + meant
		}
		ck.problem(p.Pos, "with: %s uses no %q%s", include.File, p.Name, hint)
	}
	for _, name := range slices.Sorted(maps.Keys(in.lacks)) {
		if near(name, slips) {
			continue
		}
		ck.problem(in.of.Pos, "%s needs %q (%s), and nothing gives it: write with: {%s: …}", include.File, name, in.lacks[name].Pos, name)
	}
}

// near reports whether one of the slips was meant to be a name.
func near(name string, slips map[string]bool) bool {
	return len(slips) > 0 && strings.HasPrefix(source.Suggest(name, slices.Sorted(maps.Keys(slips))), "did you mean")
}

// overParameters refuses captures that nobody could see.
func (ck *checker) overParameters(r *Request) {
	for _, name := range r.Captured() {
		if p, given := r.parameter(name); given && p.Name == name {
			ck.once(vars.Use{Name: name, Pos: r.Pos}, r.Pos, "%q is a parameter here (%s), which wins over what this request captures: call one of them otherwise", name, p.Pos)
		}
	}
}

// In returns the scope of the request where s is that of the environment: with the parameters of the includes around it, as far as
// they are known before a run, and its layers. The error is a *source.Error of a parameter that is not.
func (r *Request) In(s *vars.Scope) (*vars.Scope, error) {
	s, err := r.Folder.space().enter(s)
	return s.With(r.Layers...), err
}

// enter returns the scope in an include and the ones around it.
func (f *Folder) enter(s *vars.Scope) (*vars.Scope, error) {
	if f == nil {
		return s, nil
	}
	outer, err := f.Parent.space().enter(s)
	if err != nil {
		return outer, err
	}
	return f.Include.Enter(outer)
}
