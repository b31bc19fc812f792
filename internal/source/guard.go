package source

import (
	"slices"

	"gopkg.in/yaml.v3"
)

const (
	maxDepth = 100     // levels of nesting; a collection has about ten
	maxNodes = 500_000 // values that aliases may add
)

// guard refuses documents whose aliases or nesting would explode when they are walked, and tags that nobody reads.
// It sees every node once, however often it is meant.
func (d *document) guard(root *yaml.Node) *Error {
	g := guard{d: d, sizes: map[*yaml.Node]extent{}, open: map[*yaml.Node]bool{}}
	g.measure(root, 0)
	return g.bad
}

type guard struct {
	d     *document
	sizes map[*yaml.Node]extent // of the anchors that were measured
	open  map[*yaml.Node]bool   // anchors being measured
	seen  int                   // nodes
	bad   *Error
}

// extent is how large a value is once its aliases are followed.
type extent struct{ nodes, depth int }

func (g *guard) measure(n *yaml.Node, depth int) extent {
	pos := Pos{g.d.name, n.Line, n.Column}
	g.seen++
	switch {
	case g.bad != nil:
		return extent{}
	case n.Kind == yaml.AliasNode:
		return g.alias(n, pos, depth)
	case depth > maxDepth:
		g.bad = pos.Errorf("nested deeper than %d levels", maxDepth)
		return extent{}
	case n.Style&yaml.TaggedStyle != 0 && !slices.Contains(tags(), n.ShortTag()):
		g.bad = pos.Errorf("the tag %s means nothing here; quote a text that starts with !", n.Tag)
		return extent{}
	}
	if n.Anchor != "" {
		g.open[n] = true
		defer delete(g.open, n)
	}
	whole := extent{nodes: 1}
	for _, c := range n.Content {
		e := g.measure(c, depth+1)
		whole.nodes += e.nodes
		whole.depth = max(whole.depth, e.depth+1)
		if whole.nodes > g.seen+maxNodes && g.bad == nil {
			g.bad = pos.Errorf("aliases expand to more than %d values here", maxNodes)
		}
	}
	if n.Anchor != "" {
		g.sizes[n] = whole
	}
	return whole
}

func (g *guard) alias(n *yaml.Node, pos Pos, depth int) extent {
	if g.open[n.Alias] {
		g.bad = pos.Errorf("alias *%s stands inside its own anchor", n.Value)
		return extent{}
	}
	e := g.sizes[n.Alias] // an anchor stands before its aliases
	if depth+e.depth > maxDepth {
		g.bad = pos.Errorf("nested deeper than %d levels through the alias *%s", maxDepth, n.Value)
	}
	return e
}

// tags are those that say what YAML would think anyway.
func tags() []string {
	return []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp"}
}
