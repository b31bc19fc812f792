package collections

import (
	"iter"
	"slices"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/vars"
)

// Part is what of a collection can run apart from the rest of it: nothing in it uses what another part sets or captures.
type Part struct {
	Requests []*Request // in the order in which they run, without the collection's setup and teardown
	Count    int        // of requests, those of a loop as often as it is known to run
}

// Parts takes the collection apart: each folder that stands in requests: itself is a part of its own, all requests that stand
// there outside of folders are one, and parts of which one uses what another one sets or captures are one. The scope defines what
// the environment and the command line do. What parts do to the server is not known here: nobody but the author knows whether one
// deletes what another one reads.
func (c *Collection) Parts(s *vars.Scope) []Part {
	items := c.Main.Items
	j := joined{of: make([]int, len(items))}
	for i := range items {
		j.of[i] = i
	}
	loose := -1
	for i, it := range items {
		if _, alone := it.(*Request); !alone {
			continue
		}
		if loose < 0 {
			loose = i
		}
		j.join(loose, i)
	}
	givers := map[string][]int{} // the items that give a name its value
	for i, it := range items {
		for name := range usedBeforeGiven(it, s) {
			for _, giver := range givers[name] {
				j.join(giver, i)
			}
		}
		for st := range within(it).steps() {
			for _, name := range st.gives {
				givers[name] = append(givers[name], i)
			}
		}
	}
	return j.parts(items)
}

// within returns a folder of one item, to walk through it.
func within(it Item) *Folder { return &Folder{Items: []Item{it}} }

// allGiven returns the names that have values after the request: those that it gives, and those that come with its token.
func (r *Request) allGiven() []string {
	names := r.Gives()
	if p, ok := r.Auth.(auth.Provider); ok {
		names = slices.Concat(names, p.Provides())
	}
	return names
}

// step is a request or an include, as those see it that share its names.
type step struct {
	*Request
	more  []vars.Use // that it needs before everything else
	gives []string
}

// steps yields the requests of a folder, and its includes as one step each.
func (f *Folder) steps() iter.Seq[step] {
	return func(yield func(step) bool) {
		steps(Main, func(_ Phase, it Item) bool {
			switch it := it.(type) {
			case *Request:
				return yield(step{it, nil, it.allGiven()})
			case *Folder:
				return yield(step{it.stand(), it.Include.WithUses(), it.gives(nil)})
			}
			return true
		}, f)
	}
}

// usedBeforeGiven returns the names that an item uses when nothing in it has given them a value for certain, those included that
// definitions lead to.
func usedBeforeGiven(it Item, s *vars.Scope) map[string]bool {
	if s == nil {
		s = vars.NewScope(nil)
	}
	used, given := map[string]bool{}, map[string]bool{}
	for st := range within(it).steps() {
		r := st.Request
		scope, own, done := s.With(r.Layers...), map[string]bool{}, map[string]bool{}
		if p, ok := r.Auth.(auth.Provider); ok {
			for _, name := range p.Provides() {
				own[name] = true
			}
		}
		var follow func(uses []vars.Use)
		follow = func(uses []vars.Use) {
			for _, u := range uses {
				if own[u.Name] || given[u.Name] || done[u.Name] || r.has(u.Name) {
					continue
				}
				used[u.Name], done[u.Name] = true, true
				if doc, ok := scope.Definition(u.Name); ok {
					follow(doc.Uses())
				}
			}
		}
		follow(st.more)
		r.walk(follow, func(name string) { own[name] = true })
		if len(r.Flow.When) == 0 {
			for _, name := range st.gives {
				given[name] = true
			}
		}
	}
	return used
}

// joined says which items belong together: to each the first one of its part.
type joined struct{ of []int }

func (j *joined) join(a, b int) {
	first, other := min(j.of[a], j.of[b]), max(j.of[a], j.of[b])
	for i, of := range j.of {
		if of == other {
			j.of[i] = first
		}
	}
}

// parts returns the parts in the order of their first items.
func (j *joined) parts(items []Item) []Part {
	var parts []Part
	at := map[int]int{}
	for i, it := range items {
		first := j.of[i]
		if first == i {
			at[i] = len(parts)
			parts = append(parts, Part{})
		}
		p, f := &parts[at[first]], within(it)
		p.Requests = slices.AppendSeq(p.Requests, f.All())
		p.Count += f.count()
	}
	return parts
}
