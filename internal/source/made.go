package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Mapping returns an empty mapping that stands where n does: for what a file leaves out and a preset fills in.
func (n Node) Mapping() Node {
	y := n.node()
	return Node{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: y.Line, Column: y.Column}, n.d}
}

// Scalar returns a text that stands where n does.
func (n Node) Scalar(text string) Node {
	y := n.node()
	return Node{&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text, Line: y.Line, Column: y.Column}, n.d}
}

// Default returns a mapping with one entry more, the last one, unless it has the key already; n stays as it is.
// Anything but a mapping comes back unchanged.
func (n Node) Default(key string, value Node) Node {
	if !n.IsMap() || n.Has(key) {
		return n
	}
	more := *n.node()
	more.Content = append(append([]*yaml.Node{}, more.Content...), n.Scalar(key).y, value.y)
	n.d.graft(value.d, value.y)
	return Node{&more, n.d}
}

// With returns a mapping with one entry more, the last one, whose key stands where its value does; n stays as it is.
func (n Node) With(key string, value Node) Node {
	more := *n.node()
	name := value.Scalar(key).y
	more.Content = append(append(make([]*yaml.Node, 0, len(more.Content)+2), more.Content...), name, value.y)
	n.d.graft(value.d, name, value.y)
	return Node{&more, n.d}
}

// List returns a list that stands where n does.
func (n Node) List(items ...Node) Node {
	y := n.node()
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: y.Line, Column: y.Column}
	for _, item := range items {
		list.Content = append(list.Content, item.y)
		n.d.graft(item.d, item.y)
	}
	return Node{list, n.d}
}

// Word returns a number, true, false or null that stands where n does: what YAML makes of a plain word.
func (n Node) Word(text string) Node {
	y := n.node()
	return Node{&yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: y.Line, Column: y.Column}, n.d}
}

// Noted returns the node with a comment, which is written before it; n stays as it is.
func (n Node) Noted(comment string) Node {
	more := *n.node()
	more.HeadComment = strings.TrimRight("# "+strings.ReplaceAll(strings.TrimSpace(comment), "\n", "\n# "), " ")
	return Node{&more, n.d}
}

// JSON reads a text as JSON whose values all stand where n does. False means that it is none.
func (n Node) JSON(text string) (Node, bool) {
	y := n.node()
	p := &jsonParser{name: n.d.name, src: []byte(text), line: 1, fixed: &Pos{n.d.name, y.Line, y.Column}}
	if !utf8.ValidString(text) {
		return Node{}, false
	}
	root, problem := p.document()
	return Node{root, n.d}, problem == nil
}

// Get returns a value of a mapping. Anything but a mapping, the zero Node included, has none; no problem is recorded.
func (n Node) Get(key string) (Node, bool) {
	if n.y == nil || !n.IsMap() {
		return Node{}, false
	}
	content := n.node().Content
	for i := 0; i+1 < len(content); i += 2 {
		if (Node{content[i], n.d}).is(key) {
			return n.below(content[i+1]), true
		}
	}
	return Node{}, false
}

// Raw returns a scalar as it is written, and empty text for anything else, for null and for the zero Node; no problem is recorded.
func (n Node) Raw() string {
	if n.y == nil || !n.IsScalar() || n.IsNull() {
		return ""
	}
	return n.node().Value
}

// Line is a line of a text and where it stands.
type Line struct {
	Pos  Pos
	Text string
}

// Lines returns the lines of a text: a scalar, or a list of scalars. Those of a block scalar, and those of a list, know their places;
// others stand where the text starts.
func (n Node) Lines() []Line {
	if n.IsList() {
		var lines []Line
		for _, item := range n.Items() {
			lines = append(lines, item.Lines()...)
		}
		return lines
	}
	text, pos := n.Text(), n.Pos()
	literal := n.node().Style&yaml.LiteralStyle != 0
	var lines []Line
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		at := pos
		if literal {
			at.Line += i + 1
			written := string(n.d.line(at.Line))
			at.Col = utf8.RuneCountInString(written) - utf8.RuneCountInString(strings.TrimSuffix(line, "\r")) + 1
			if !strings.HasSuffix(strings.TrimSuffix(written, "\r"), strings.TrimSuffix(line, "\r")) || at.Col < 1 {
				at = pos
			}
		}
		lines = append(lines, Line{at, strings.TrimSuffix(line, "\r")})
	}
	return lines
}

// Reworded returns a text with another in its place, and with its comment; n stays as it is.
func (n Node) Reworded(text string) Node {
	other := *n.Scalar(text).y
	other.HeadComment = n.node().HeadComment
	return Node{&other, n.d}
}

// Changed returns a mapping or a list whose values are what change makes of each; n stays as it is. In a list, keys are empty.
func (n Node) Changed(change func(key string, value Node) Node) Node {
	other := *n.node()
	other.Content = slices.Clone(other.Content)
	for i, c := range other.Content {
		key := ""
		if n.IsMap() {
			if i%2 == 0 {
				continue
			}
			key = other.Content[i-1].Value
		}
		value := change(key, Node{c, n.d})
		other.Content[i] = value.y
		n.d.graft(value.d, value.y)
	}
	return Node{&other, n.d}
}

// IsZero reports whether there is no value at all.
func (n Node) IsZero() bool { return n.y == nil }

// Without returns a mapping without an entry; n stays as it is.
func (n Node) Without(key string) Node {
	less := *n.node()
	less.Content = nil
	for i, c := range n.node().Content {
		if i%2 == 0 && !(Node{c, n.d}).is(key) {
			less.Content = append(less.Content, c, n.node().Content[i+1])
		}
	}
	return Node{&less, n.d}
}
