package source

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a YAML value and the file it stands in. Aliases are followed wherever a Node is looked at.
type Node struct {
	y *yaml.Node
	d *document
}

// Entry is a key of a mapping and its value.
type Entry struct {
	Key   Node // always a scalar
	Value Node
}

// Name returns the key as text.
func (e Entry) Name() string { return e.Key.node().Value }

func (n Node) node() *yaml.Node {
	for n.y.Kind == yaml.AliasNode {
		n.y = n.y.Alias
	}
	return n.y
}

// below returns a part of the value.
func (n Node) below(y *yaml.Node) Node {
	if d, ok := n.d.grafts[y]; ok {
		return Node{y, d}
	}
	return Node{y, n.d}
}

// Pos returns where the value starts. The value of an alias stands where its anchor does.
func (n Node) Pos() Pos {
	if n.y == nil {
		return Pos{}
	}
	y := n.node()
	pos := Pos{n.d.name, y.Line, y.Column}
	if y.Line > len(n.d.allLines()) { // of nothing at the end of the file
		return n.d.inside(pos)
	}
	return pos
}

// Errorf records a problem at the value's start; reading goes on.
func (n Node) Errorf(format string, args ...any) { n.ErrorAt(n.Pos(), format, args...) }

// ErrorAt records a problem at a place that was found in the value.
func (n Node) ErrorAt(pos Pos, format string, args ...any) {
	n.d.record(pos.Errorf(format, args...))
}

// Record records a problem that another package found while it read the value. An *Error and Problems keep their own
// places, unless they know none.
func (n Node) Record(err error) {
	switch e := err.(type) {
	case Problems:
		for _, p := range e {
			n.Record(p)
		}
	case *Error:
		if e.Pos.Line == 0 {
			e = n.Pos().Errorf("%w", err)
		}
		n.d.record(e)
	default:
		n.Errorf("%w", err)
	}
}

// IsScalar reports whether the value is text, a number, true, false or null.
func (n Node) IsScalar() bool { return n.node().Kind == yaml.ScalarNode }

// IsList reports whether the value is a sequence.
func (n Node) IsList() bool { return n.node().Kind == yaml.SequenceNode }

// IsMap reports whether the value is a mapping.
func (n Node) IsMap() bool { return n.node().Kind == yaml.MappingNode }

// IsEmpty reports whether the value is a mapping or a list with nothing written in it.
func (n Node) IsEmpty() bool { return !n.IsScalar() && len(n.node().Content) == 0 }

// IsNull reports whether nothing, ~ or null is written.
func (n Node) IsNull() bool {
	return n.IsScalar() && n.node().ShortTag() == "!!null"
}

// IsText reports whether the value is a scalar that YAML reads as text: "5" is, 5 is not.
func (n Node) IsText() bool {
	if !n.IsScalar() {
		return false
	}
	tag := n.node().ShortTag()
	return tag == "!!str" || tag == "!!timestamp" || tag == "!!binary"
}

// Text returns a scalar as it is written, so that 1.10, 007 and dates survive. Anything but a scalar is a problem.
func (n Node) Text() string {
	text, _ := n.text()
	return text
}

// text is Text, and tells empty text from none.
func (n Node) text() (text string, ok bool) {
	switch {
	case n.IsScalar() && !n.IsNull():
		return n.node().Value, true
	case !n.braces():
		n.Errorf("want text, got %s", n.kind())
	}
	return "", false
}

// braces records the mistake `a: {{token}}`, which YAML reads as a mapping whose key is a mapping.
func (n Node) braces() bool {
	y := n.node()
	if y.Kind != yaml.MappingNode || y.Style&yaml.FlowStyle == 0 || len(y.Content) != 2 || y.Content[0].Kind != yaml.MappingNode {
		return false
	}
	written := "{{…}}"
	line := string(n.d.line(y.Line))
	if _, rest, ok := strings.Cut(line[byteOffset(line, y.Column-1):], "{{"); ok {
		if inner, _, ok := strings.Cut(rest, "}}"); ok {
			written = "{{" + inner + "}}"
		}
	}
	n.Errorf(quoteHint, quoted(written))
	return true
}

// kind says what was written, for messages.
func (n Node) kind() string {
	switch y := n.node(); {
	case y.Kind == yaml.MappingNode:
		return "a mapping"
	case y.Kind == yaml.SequenceNode:
		return "a list"
	case n.IsNull():
		return "nothing"
	default:
		return fmt.Sprintf("%q", y.Value)
	}
}

// Items returns the values of a list. Anything but a list is a problem.
func (n Node) Items() []Node {
	if !n.IsList() {
		if !n.braces() {
			n.Errorf("want a list, got %s", n.kind())
		}
		return nil
	}
	items := make([]Node, len(n.node().Content))
	for i, c := range n.node().Content {
		items[i] = n.below(c)
	}
	return items
}

// Entries returns the keys and values of a mapping in the order in which they are written, those that << merges in last.
// A repeated key is a problem, and so is a key that is not a scalar.
func (n Node) Entries() []Entry {
	if n.braces() {
		return nil
	}
	if !n.IsMap() {
		n.Errorf("want a mapping (key: value), got %s", n.kind())
		return nil
	}
	seen := map[string]Pos{}
	entries := n.own(seen)
	return append(entries, n.merged(seen)...)
}

func (n Node) own(seen map[string]Pos) []Entry {
	var entries []Entry
	content := n.node().Content
	for i := 0; i+1 < len(content); i += 2 {
		key, value := n.below(content[i]), n.below(content[i+1])
		if isMerge(content[i]) {
			continue
		}
		if !key.IsScalar() {
			if !key.braces() {
				key.Errorf("a key must be text, got %s", key.kind())
			}
			continue
		}
		name := key.node().Value
		if first, ok := seen[name]; ok {
			key.Errorf("key %q stands here a second time; the first is at line %d", name, first.Line)
			continue
		}
		seen[name] = key.Pos()
		entries = append(entries, Entry{key, value})
	}
	return entries
}

// merged returns what << brings in: keys of the mapping itself win, then the earlier of several mappings.
func (n Node) merged(seen map[string]Pos) []Entry {
	var entries []Entry
	content := n.node().Content
	for i := 0; i+1 < len(content); i += 2 {
		if !isMerge(content[i]) {
			continue
		}
		from := []Node{n.below(content[i+1])}
		if from[0].IsList() {
			from = from[0].Items()
		}
		for _, m := range from {
			if !m.IsMap() {
				m.Errorf("<< wants a mapping or a list of mappings, got %s", m.kind())
				continue
			}
			for _, e := range m.Entries() {
				if _, ok := seen[e.Name()]; !ok {
					seen[e.Name()] = e.Key.Pos()
					entries = append(entries, e)
				}
			}
		}
	}
	return entries
}

func isMerge(y *yaml.Node) bool {
	return y.Kind == yaml.ScalarNode && y.Value == "<<" && (y.Tag == "" || y.ShortTag() == "!!merge")
}

// Has reports whether a mapping has a key of its own or one that << merges in. It records no problem.
func (n Node) Has(key string) bool {
	if !n.IsMap() {
		return false
	}
	content := n.node().Content
	for i := 0; i+1 < len(content); i += 2 {
		value := n.below(content[i+1])
		switch {
		case isMerge(content[i]) && value.IsList():
			for _, m := range value.Items() {
				if m.Has(key) {
					return true
				}
			}
		case isMerge(content[i]) && value.Has(key):
			return true
		case (Node{content[i], n.d}).is(key):
			return true
		}
	}
	return false
}

func (n Node) is(key string) bool { return n.IsScalar() && n.node().Value == key }

// Keys names every key that a mapping may have and who reads its value.
type Keys map[string]func(Node)

// Map gives each value of a mapping to the reader of its key, in the order of the file. An unknown key is a problem
// with a suggestion.
func (n Node) Map(keys Keys) {
	for _, e := range n.Entries() {
		read, ok := keys[e.Name()]
		if !ok {
			e.Key.Errorf("unknown key %q; %s", e.Name(), Suggest(e.Name(), keys.Names()))
			continue
		}
		read(e.Value)
	}
}

// Names returns the keys in alphabetical order.
func (k Keys) Names() []string {
	names := make([]string, 0, len(k))
	for name := range k {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Value returns the node as a value of JSON: nil, bool, json.Number, string, []any or map[string]any.
// Numbers keep every digit. What JSON cannot say (infinity, octal numbers) is a problem.
func (n Node) Value() any {
	switch {
	case n.IsList():
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, item.Value())
		}
		return list
	case n.IsMap():
		m := map[string]any{}
		for _, e := range n.Entries() {
			m[e.Name()] = e.Value.Value()
		}
		return m
	}
	return n.scalar()
}

func (n Node) scalar() any {
	y := n.node()
	switch y.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if err := y.Decode(&b); err != nil {
			n.Errorf("want true or false, got %q", y.Value)
		}
		return b
	case "!!int", "!!float":
		return n.number(y.Value)
	}
	return y.Value
}

// number returns a YAML number as JSON writes it.
func (n Node) number(text string) any {
	digits := strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+")
	unsigned := strings.TrimPrefix(digits, "-")
	if len(unsigned) > 1 && unsigned[0] == '0' && unsigned[1] >= '0' && unsigned[1] <= '9' {
		n.Errorf("%s starts with 0 and would lose it as a number; quote it: %q", text, text)
		return json.Number("0")
	}
	if i, ok := new(big.Int).SetString(digits, 0); ok {
		return json.Number(i.String())
	}
	if _, err := strconv.ParseFloat(digits, 64); err != nil || strings.ContainsAny(unsigned, "iInN") {
		n.Errorf("%s is no number that JSON can hold", text)
		return json.Number("0")
	}
	if json.Valid([]byte(digits)) {
		return json.Number(digits)
	}
	f, _ := strconv.ParseFloat(digits, 64) // .5 or 1. : valid in YAML only
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}
