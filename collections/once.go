package collections

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Once says that something runs one time in a whole run, for everybody who comes by it.
type Once struct {
	Pos  source.Pos // of once:
	Name string     // what has the same name is the same, wherever it stands; empty: the place says what is the same
}

// readOnce reads once: true, or a name.
func readOnce(to **Once) func(source.Node) {
	return func(n source.Node) {
		switch name := n.Text(); {
		case !n.IsScalar(), name == "false":
		case name == "true":
			*to = &Once{Pos: n.Pos()}
		case strings.Contains(name, "{{"):
			n.Errorf("once: want true, false or a name, which is fixed and holds no template, got %q", name)
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !tagRune(r) }):
			n.Errorf("once: want true, false or a name of letters, digits and . _ - : only, got %q", name)
		default:
			*to = &Once{Pos: n.Pos(), Name: name}
		}
	}
}

// ShareOf returns with whom an item shares what it has.
func ShareOf(it Item) *Share {
	switch it := it.(type) {
	case *Folder:
		return &it.Share
	case *Request:
		return &it.Flow.Share
	}
	return &Share{}
}

// Given returns the names that have values after an item.
func Given(it Item) []string {
	var names []string
	for st := range within(it).steps() {
		names = append(names, st.gives...)
	}
	return names
}

// Sameness names what makes an item with once: the same as another: its name, or the file that it includes, or its place, and with
// the latter two what of it is selected.
func Sameness(it Item) string {
	share := ShareOf(it)
	if share.Once.Name != "" {
		return "name " + share.Once.Name
	}
	var b strings.Builder
	if f, ok := it.(*Folder); ok && f.Include != nil {
		fmt.Fprintf(&b, "file %s", path.Clean(f.Include.File))
	} else {
		b.WriteString("place")
	}
	for r := range within(it).All() {
		fmt.Fprintf(&b, " %s", r.Pos)
	}
	return b.String()
}

// refuseOnce tells what once: makes no sense for: what tears down, because others may need what it takes away.
func (f *Folder) refuseOnce(n source.Node, teardown bool) {
	if f == nil {
		return
	}
	f.Setup.refuseOnce(n, teardown)
	f.Teardown.refuseOnce(n, true)
	for _, it := range f.Items {
		if once := ShareOf(it).Once; teardown && once != nil {
			n.ErrorAt(once.Pos, "once: stands in a teardown, which would take away what others still need")
		}
		if sub, ok := it.(*Folder); ok {
			sub.refuseOnce(n, teardown)
		}
	}
}

// repeats returns the loop around what runs once and holds the request, where it binds a name: the name has another value each
// time, and only the first would count.
func (r *Request) repeats(name string) *Loop {
	l := r.bound(name)
	if l == nil || l == r.Flow.Loop {
		return nil
	}
	once := r.Flow.Share.Once != nil
	for f := r.Folder; f != nil && f.Include == nil; f = f.Parent {
		if f.Loop == l {
			if once {
				return l
			}
			return nil
		}
		once = once || f.Share.Once != nil
	}
	return nil
}

// single reports whether the request runs once, be it by what is around it.
func (r *Request) single() bool {
	once := r.Flow.Share.Once != nil
	for f := r.Folder; f != nil && !once; f = f.Parent {
		once = f.Share.Once != nil
	}
	return once
}

// everyTime tells of a name that has another value each time, in what runs once.
func (ck *checker) everyTime(u vars.Use) {
	switch l := ck.req.repeats(u.Name); {
	case l != nil:
		ck.once(u, u.Pos, "once: runs for the first value alone, and {{%s}} has another one each time that the %s around it runs", u.Name, l)
	case ck.req.bound(u.Name) == nil && ck.inside == nil && ck.req.single() && !ck.earlier[u.Name] && slices.Contains(ck.rows.columns, u.Name):
		ck.once(u, u.Pos, "once: runs for the first row alone, and {{%s}} has another value in each row of data", u.Name)
	}
}
