package source

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Layout says in which order the keys of a mapping are written, and the same of what stands below it. The nil Layout
// leaves every order as it is.
type Layout struct {
	Order []string           // a key that is not in it stays behind the key that it stands behind
	Below map[string]*Layout // of the values, by key; "*" is for all other keys
	Items *Layout            // of the items of a list
}

// Has reports whether a key has a place of its own.
func (l *Layout) Has(key string) bool { return slices.Contains(l.Order, key) }

func (l *Layout) below(key string) *Layout {
	if l == nil {
		return nil
	}
	if below, ok := l.Below[key]; ok {
		return below
	}
	return l.Below["*"]
}

func (l *Layout) items() *Layout {
	if l == nil {
		return nil
	}
	return l.Items
}

// Format writes YAML text in one form: two spaces for a level, quotes only where they are needed, short mappings and
// lists in braces as they are, keys in the order of a layout, LF at the ends of lines. Comments and single empty lines
// stay where they are. Text that is one {…} or […] is JSON to us and comes back unchanged. What the text means does not change: that is
// checked, and a text whose form would be lost is an error, as is one that is not YAML.
func Format(name string, src []byte, layout *Layout) ([]byte, error) {
	text := string(bytes.TrimPrefix(src, []byte("\ufeff")))
	text = strings.ReplaceAll(text, "\r\n", "\n")
	root, err := rootOf(name, text)
	if err != nil {
		return nil, err
	}
	if root.Kind == yaml.ScalarNode || root.Style&yaml.FlowStyle != 0 {
		return src, nil
	}
	if err := unformattable(name, text, root); err != nil {
		return nil, err
	}
	out, err := formatted(name, text, root, layout)
	if err != nil && layout != nil && aliased(root) { // in that order an alias would come before its anchor
		out, err = formatted(name, text, root, nil)
	}
	return []byte(out), err
}

func formatted(name, text string, root *yaml.Node, layout *Layout) (string, error) {
	t := readTrivia(text, root)
	p := &printer{trivia: t}
	p.file(root, layout)
	out := p.b.String()
	return out, sameMeaning(name, root, t, out, layout)
}

func rootOf(name, text string) (*yaml.Node, error) {
	var root *yaml.Node
	err := Parse(name, []byte(text), func(n Node) { root = n.y })
	return root, err
}

// unformattable tells what of YAML has no form here.
func unformattable(name, text string, root *yaml.Node) error {
	line := 1
	for _, r := range text {
		switch r {
		case '\n':
			line++
		case '\r', '\u0085', '\u2028', '\u2029':
			return Pos{name, line, 1}.Errorf("the line has a line break of another kind (%U) in it; write \\n in double quotes", r)
		}
	}
	if i := strings.Index("\n"+text, "\n%"); i >= 0 && !strings.Contains(text[:i], ":") {
		return Pos{name, strings.Count(text[:i], "\n") + 1, 1}.Errorf("a %%… directive cannot be formatted")
	}
	return oddKey(name, root)
}

// oddKey finds a key that is a mapping, a list, an alias, or too long for one line (YAML 1.2.2, section 7.4.2).
func oddKey(name string, n *yaml.Node) error {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && (c.Kind != yaml.ScalarNode || len(c.Value) > 200 || c.Value == "" && c.Style == 0) {
			return Pos{name, c.Line, c.Column}.Errorf("a key that is not a short text cannot be formatted")
		}
		if err := oddKey(name, c); err != nil {
			return err
		}
	}
	return nil
}

func aliased(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || n.Anchor != "" || slices.ContainsFunc(n.Content, aliased)
}

// entry is a key of a mapping and its value.
type entry struct{ key, value *yaml.Node }

// ordered returns the entries of a mapping in the order of a layout.
func ordered(n *yaml.Node, layout *Layout) []entry {
	entries := make([]entry, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		entries = append(entries, entry{n.Content[i], n.Content[i+1]})
	}
	if layout == nil || len(layout.Order) == 0 {
		return entries
	}
	rank := map[*yaml.Node]int{}
	last := -1
	for _, e := range entries {
		if i := slices.Index(layout.Order, e.key.Value); i >= 0 {
			last = i
		}
		rank[e.key] = last
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return rank[a.key] - rank[b.key] })
	return entries
}

// sameMeaning compares what was read with what was written, comments included.
func sameMeaning(name string, before *yaml.Node, was *trivia, out string, layout *Layout) error {
	after, err := rootOf(name, out)
	if same := (comparison{map[*yaml.Node]*yaml.Node{}}); err == nil && !same.equal(before, after, layout) {
		err = errors.New("another value")
	}
	if err == nil {
		now := readTrivia(out, after).texts()
		if !slices.Equal(was.texts(), now) {
			err = errors.New("another comment")
		}
	}
	if err != nil {
		return Pos{File: name}.Errorf("cannot be formatted without a change of what it means; please report this as a bug: %w", err)
	}
	return nil
}

// comparison is of two texts, the first of them in the order of a layout.
type comparison struct {
	anchors map[*yaml.Node]*yaml.Node // those of the first text that have come, and what stands in the other for each
}

func (c comparison) equal(a, b *yaml.Node, layout *Layout) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Anchor != "" {
		c.anchors[a] = b
	}
	switch a.Kind {
	case yaml.ScalarNode:
		return a.ShortTag() == b.ShortTag() && (a.Value == b.Value || a.ShortTag() == "!!null")
	case yaml.SequenceNode:
		for i := range a.Content {
			if !c.equal(a.Content[i], b.Content[i], layout.items()) {
				return false
			}
		}
	case yaml.MappingNode:
		for i, e := range ordered(a, layout) {
			if !c.equal(e.key, b.Content[2*i], nil) || !c.equal(e.value, b.Content[2*i+1], layout.below(e.key.Value)) {
				return false
			}
		}
	case yaml.AliasNode:
		return c.anchors[a.Alias] == b.Alias
	case yaml.DocumentNode:
	}
	return true
}
