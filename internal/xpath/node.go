// Package xpath finds things in XML and HTML by XPath 1.0; it knows nothing of where the documents come from.
//
// It is hgrun's own because the libraries there are do not keep to the recommendation (a union out of document order,
// a parent found three times, a prefix that nobody declared finding nothing) or cost every start a tenth of a millisecond.
package xpath

import (
	"errors"
	"strings"
)

const (
	maxDepth = 10_000    // levels of an XML document
	maxNodes = 1_000_000 // elements, attributes, texts …
)

// Document is a document that was read. It does not change, and serves many goroutines.
type Document struct {
	root     *Node
	prefixes map[string]string // what the document declares, the first of several; xml is always there
	html     bool              // names are the same in upper and lower case
}

// Node is a node of a document, as the XPath data model has it (XPath 1.0, section 5).
type Node struct {
	kind                 nodeKind
	prefix, local, space string // of an element or an attribute; local is the target of a processing instruction
	text                 string // of all but elements and the root
	parent               *Node  // nil for the root
	children, attributes []*Node
	place                int // among the children or the attributes of the parent
	order                int // in the document
}

type nodeKind int8

const (
	rootNode nodeKind = iota
	elementNode
	attributeNode
	textNode
	commentNode
	instructionNode
)

// Value returns the string-value of a node: its text, that of all elements in it included.
func (n *Node) Value() string {
	if n.kind != rootNode && n.kind != elementNode {
		return n.text
	}
	if len(n.children) == 1 && n.children[0].kind == textNode {
		return n.children[0].text
	}
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *Node) write(b *strings.Builder) {
	for _, c := range n.children {
		switch c.kind {
		case textNode:
			b.WriteString(c.text)
		case elementNode:
			c.write(b)
		}
	}
}

// name returns the qualified name as the document writes it.
func (n *Node) name() string {
	if n.prefix != "" {
		return n.prefix + ":" + n.local
	}
	return n.local
}

// Names returns the names of the elements, each once, in the order of the document: to say what there is.
func (d *Document) Names() []string {
	var names []string
	seen := map[string]bool{}
	var visit func(*Node)
	visit = func(n *Node) {
		for _, c := range n.children {
			if c.kind != elementNode {
				continue
			}
			if name := c.name(); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
			visit(c)
		}
	}
	visit(d.root)
	return names
}

// builder puts a tree together.
type builder struct {
	doc   *Document
	nodes int
	text  strings.Builder // that the next node ends
	owner *Node           // of the text
}

func newBuilder(html bool) *builder {
	d := &Document{root: &Node{}, prefixes: map[string]string{"xml": xmlSpace}, html: html}
	return &builder{doc: d}
}

// xmlSpace is what the prefix xml always stands for (Namespaces in XML, section 3).
const xmlSpace = "http://www.w3.org/XML/1998/namespace"

var errTooMany = errors.New("it has more than 1000000 nodes")

// child adds a node to a parent.
func (b *builder) child(parent, n *Node) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.add(parent, n)
}

func (b *builder) add(parent, n *Node) error {
	n.parent, n.place = parent, len(parent.children)
	parent.children = append(parent.children, n)
	return b.count(n)
}

func (b *builder) attribute(parent, n *Node) error {
	n.kind, n.parent, n.place = attributeNode, parent, len(parent.attributes)
	parent.attributes = append(parent.attributes, n)
	return b.count(n)
}

func (b *builder) count(n *Node) error {
	b.nodes++
	n.order = b.nodes
	if b.nodes > maxNodes {
		return errTooMany
	}
	return nil
}

// characters adds text, to the text before it if there is one.
func (b *builder) characters(parent *Node, text string) error {
	if b.owner != parent {
		if err := b.flush(); err != nil {
			return err
		}
		b.owner = parent
	}
	b.text.WriteString(text)
	return nil
}

// flush makes a node of the text that was read.
func (b *builder) flush() error {
	if b.text.Len() == 0 {
		return nil
	}
	n := &Node{kind: textNode, text: b.text.String()}
	b.text = strings.Builder{}
	return b.add(b.owner, n)
}
