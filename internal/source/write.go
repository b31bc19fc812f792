package source

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"
)

// Write returns a value as a YAML file in the form that Format gives it: texts of several lines as blocks, quotes where they are needed, the
// comments of Noted before what they are about.
func Write(n Node, layout *Layout) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(plainly(n.node(), nil)); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return Format("", b.Bytes(), layout)
}

// plainly returns a copy of a value without the styles of where it was read. A comment of a value goes before its key, where it is read.
func plainly(y, key *yaml.Node) *yaml.Node {
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	n := &yaml.Node{Kind: y.Kind, Tag: y.Tag, Value: y.Value, HeadComment: y.HeadComment}
	if key != nil {
		key.HeadComment, n.HeadComment = n.HeadComment, ""
	}
	if y.Kind == yaml.ScalarNode && strings.Contains(strings.TrimSuffix(y.Value, "\n"), "\n") {
		n.Style = yaml.LiteralStyle
	} else if y.Kind == yaml.ScalarNode && !strings.ContainsAny(y.Value, "\"\\\n") {
		if text, err := yaml.Marshal(n); err == nil && text[0] == '\'' {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	for i, c := range y.Content {
		var key *yaml.Node
		if y.Kind == yaml.MappingNode && i%2 == 1 {
			key = n.Content[i-1]
		}
		n.Content = append(n.Content, plainly(c, key))
	}
	return n
}
