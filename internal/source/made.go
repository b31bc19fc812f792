package source

import "gopkg.in/yaml.v3"

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
	return Node{&more, n.d}
}
