package collections

import (
	"iter"
	"slices"

	"github.com/hgrun/hgrun/internal/vars"
)

// walk tells in which order the request needs names and gives them values.
func (r *Request) walk(use func([]vars.Use), define func(name string)) {
	use(r.loopUses())
	use(r.Flow.whenUses())
	for _, a := range r.Flow.Set {
		use(a.Value.Uses())
		define(a.Name)
	}
	for _, name := range r.scripts.sets(Prerequest) {
		define(name)
	}
	use(r.sendUses())
	use(r.Flow.untilUses())
	use(r.Expect.Uses())
	for _, name := range r.Captures.Names() {
		define(name)
	}
	use(r.Captures.Uses()) // a capture may build on one before it
	for _, name := range r.scripts.sets(Test) {
		define(name)
	}
	for _, name := range r.Gives() {
		define(name)
	}
}

// variable is a name of one space, which is nil outside of all includes.
type variable struct {
	space *Folder
	name  string
}

// needs finds out who captures what a selection needs.
type needs struct {
	c     *Collection
	scope *vars.Scope // may be nil
	keep  map[*Request]bool
}

// addProviders keeps, as only needed, the requests that capture what kept ones need, and what these need in turn.
func (n *needs) addProviders() {
	ready := given(n.c.Setup)
	main := slices.Collect(n.c.Main.All())
	for i := len(main) - 1; i >= 0; i-- { // backwards: who needs comes before who is needed
		if _, kept := n.keep[main[i]]; !kept {
			continue
		}
		n.addSetup(main[i])
		for v := range n.missing(main[i]) {
			if !ready[v] {
				n.provide(v, main[:i])
			}
		}
	}
}

// provide keeps the nearest request before that gives a name its value; the ones before it too while a condition may
// keep the nearer from running.
func (n *needs) provide(v variable, before []*Request) {
	for _, r := range slices.Backward(before) {
		if !slices.Contains(r.givesIn(v.space), v.name) {
			continue
		}
		if _, kept := n.keep[r]; !kept {
			n.keep[r] = true
		}
		if !r.conditional(v.space) {
			return
		}
	}
}

// addSetup keeps the setup of the folders around a request that is kept.
func (n *needs) addSetup(r *Request) {
	inside := r.Folder
	for f := inside.Parent; f != nil; inside, f = f, f.Parent {
		if inside == f.Setup || inside == f.Teardown {
			continue
		}
		n.keepAll(f.Setup)
	}
	n.keepAll(r.Folder.Setup)
}

func (n *needs) keepAll(f *Folder) {
	for r := range f.All() {
		if _, kept := n.keep[r]; !kept {
			n.keep[r] = false
		}
	}
}

// addTeardown keeps, of the teardown of folders of which something is kept, the requests that have all they need.
func (n *needs) addTeardown(f *Folder) {
	for _, it := range f.Items {
		if sub, ok := it.(*Folder); ok {
			n.addTeardown(sub)
		}
	}
	if f.Teardown != nil && n.keeps(f.Items) {
		n.teardown(f.Teardown)
	}
}

func (n *needs) keeps(items []Item) bool {
	f := Folder{Items: items}
	for r := range f.All() {
		if _, kept := n.keep[r]; kept {
			return true
		}
	}
	return false
}

// teardown keeps the requests of a teardown that have all they need: the others have nothing to tear down.
func (n *needs) teardown(f *Folder) {
	somewhere := given(n.c.Main)
	ready := given(n.c.Setup)
	for r := range n.keep {
		for v := range r.given() {
			ready[v] = true
		}
	}
	for r := range f.All() {
		stays := true
		for v := range n.missing(r) {
			stays = stays && (ready[v] || !somewhere[v])
		}
		for v := range r.given() {
			somewhere[v] = true
			ready[v] = ready[v] || stays
		}
		if stays {
			n.keep[r] = false
		}
	}
}

// given returns the names that the requests of a folder give values to.
func given(f *Folder) map[variable]bool {
	into := map[variable]bool{}
	for r := range f.All() {
		for v := range r.given() {
			into[v] = true
		}
	}
	return into
}

// given yields the names that the request gives values to, in all the spaces around it.
func (r *Request) given() iter.Seq[variable] {
	return func(yield func(variable) bool) {
		for space := r.Folder.space(); ; space = space.Parent.space() {
			for _, name := range r.givesIn(space) {
				if !yield(variable{space, name}) {
					return
				}
			}
			if space == nil {
				return
			}
		}
	}
}

// conditional reports whether a condition may keep the request, or an include between it and a space, from running.
func (r *Request) conditional(space *Folder) bool {
	if len(r.Flow.When) > 0 {
		return true
	}
	for in := r.Folder.space(); in != space && in != nil; in = in.Parent.space() {
		if len(in.Include.When) > 0 {
			return true
		}
	}
	return false
}

// missing returns the names that the request needs, and that the includes around it need, and that nothing there defines.
func (n *needs) missing(r *Request) map[variable]bool {
	found := map[variable]bool{}
	for name := range n.lacking(r, nil) {
		found[variable{r.Folder.space(), name}] = true
	}
	for in := r.Folder.space(); in != nil; in = in.Parent.space() {
		for name := range n.lacking(in.stand(), in.Include.WithUses()) {
			found[variable{in.Parent.space(), name}] = true
		}
	}
	return found
}

// lacking returns the names that the request and more needs, and that neither it nor any layer defines.
func (n *needs) lacking(r *Request, more []vars.Use) map[string]bool {
	scope := n.scope
	if scope == nil {
		scope = vars.NewScope(nil)
	}
	if r.in(n.c.Main) {
		scope, _ = n.c.Sample(scope) // an error is told by Check
	}
	scope = scope.With(r.Layers...)
	found, own, done := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var follow func(uses []vars.Use)
	follow = func(uses []vars.Use) {
		for _, u := range uses {
			if u.Optional || own[u.Name] || r.has(u.Name) || done[u.Name] || u.Name == vars.Assertion {
				continue
			}
			if doc, ok := scope.Definition(u.Name); ok {
				done[u.Name] = true // before its names, which may lead back to it
				follow(doc.Uses())
			} else if !scope.Defines(u.Name) {
				found[u.Name] = true
			}
		}
	}
	follow(more)
	r.walk(follow, func(name string) { own[name] = true })
	return found
}
