package collections

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Definition is a place in a collection where a name gets what it stands for.
type Definition struct {
	Name   string
	Pos    source.Pos
	Of     string       // "collection", "folder Search", "request Search/By family"
	Taken  bool         // from a response, or set before the request of Of is sent, and good from then on
	Layers []vars.Layer // that hold where it stands, itself included; of a Taken one those of its request
}

// Definitions returns what the collection, its folders and its requests define, in the order of the file, the outer
// before the inner.
func (c *Collection) Definitions() []Definition {
	var found []Definition
	type place struct {
		name string
		pos  source.Pos // an alias stands where its anchor does, so that two names may share it
	}
	seen := map[place]bool{}
	for _, r := range c.Requests() {
		for i, layer := range slices.Backward(r.Layers) {
			for _, name := range inOrder(layer.Defined) {
				d := Definition{Name: name, Pos: layer.Defined[name].Pos(), Of: layer.Name, Layers: r.Layers[i:]}
				switch in := r.Folder.space(); {
				case layer.Name == "request":
					d.Of += " " + r.Path()
				case layer.Name == "collection" && in != nil:
					d.Of = "include " + strings.Join(in.Path(), "/")
				}
				if at := (place{name, d.Pos}); !seen[at] {
					seen[at] = true
					found = append(found, d)
				}
			}
		}
		for l := range r.loops() {
			if d := (Definition{Name: l.Name, Pos: l.Pos, Of: "request " + r.Path(), Taken: true, Layers: r.Layers}); l.Name != "" && !seen[place{l.Name, l.Pos}] {
				seen[place{l.Name, l.Pos}] = true
				found = append(found, d)
			}
		}
		for _, name := range r.Gives() {
			found = append(found, Definition{Name: name, Pos: r.Pos, Of: "request " + r.Path(), Taken: true, Layers: r.Layers})
		}
		for in := r.Folder.space(); in != nil; in = in.Parent.space() {
			for _, d := range in.definitions() {
				if at := (place{d.Name, d.Pos}); !seen[at] {
					seen[at] = true
					found = append(found, d)
				}
			}
		}
	}
	return found
}

// definitions returns the parameters of an include and what it returns.
func (f *Folder) definitions() []Definition {
	in := f.Include
	of := "include " + strings.Join(f.Path(), "/")
	var found []Definition
	for _, p := range in.With {
		found = append(found, Definition{Name: p.Name, Pos: p.Pos, Of: of, Taken: true, Layers: in.Layers})
	}
	for _, name := range f.gives(nil) {
		found = append(found, Definition{Name: name, Pos: f.Pos, Of: of, Taken: true, Layers: in.Layers})
	}
	return found
}

// inOrder returns the names of definitions as they follow one another in the file.
func inOrder(defined vars.Definitions) []string {
	list := make([]string, 0, len(defined))
	for name := range defined {
		list = append(list, name)
	}
	slices.SortFunc(list, func(a, b string) int {
		p, q := defined[a].Pos(), defined[b].Pos()
		if p.Line != q.Line {
			return p.Line - q.Line
		}
		if p.Col != q.Col {
			return p.Col - q.Col
		}
		return strings.Compare(a, b)
	})
	return list
}
