package xpath

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// ParseXML reads an XML document that was decoded to UTF-8 already; what its prolog says of its encoding does not
// matter. Entities that the document defines itself are not resolved: a document that uses one is refused.
func ParseXML(text string) (*Document, error) {
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	p := &xmlParser{builder: newBuilder(false), dec: dec}
	p.open = []*Node{p.doc.root}
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return p.end()
		}
		if err == nil {
			err = p.token(token)
		}
		if err != nil {
			return nil, p.refusal(err)
		}
	}
}

type xmlParser struct {
	*builder
	dec      *xml.Decoder
	open     []*Node             // elements that are not closed, the root first
	spaces   []map[string]string // what each of them knows of prefixes; nil for nothing
	entities bool                // the document defines some
}

// refusal says in which line it is.
func (p *xmlParser) refusal(err error) error {
	var syntax *xml.SyntaxError
	line, _ := p.dec.InputPos()
	text := err.Error()
	if errors.As(err, &syntax) {
		line, text = syntax.Line, syntax.Msg
	}
	if p.entities && strings.Contains(text, "invalid character entity") {
		text += ", and entities that a document defines itself are not resolved"
	}
	return fmt.Errorf("line %d: %s", line, text)
}

func (p *xmlParser) end() (*Document, error) {
	if n := len(p.open); n > 1 {
		return nil, p.refusal(fmt.Errorf("<%s> is not closed", p.open[n-1].name()))
	}
	if !p.rooted() {
		return nil, errors.New("it has no element")
	}
	if err := p.flush(); err != nil { // the last text of the root element
		return nil, p.refusal(err)
	}
	return p.doc, nil
}

func (p *xmlParser) token(token xml.Token) error {
	at := p.open[len(p.open)-1]
	switch t := token.(type) {
	case xml.StartElement:
		return p.start(at, t)
	case xml.EndElement:
		if at.kind == rootNode || at.prefix != t.Name.Space || at.local != t.Name.Local {
			return fmt.Errorf("</%s> closes nothing that is open", qualified(t.Name))
		}
		p.open = p.open[:len(p.open)-1]
		p.spaces = p.spaces[:len(p.spaces)-1]
	case xml.CharData:
		if at.kind != rootNode {
			return p.characters(at, string(t))
		}
		if strings.TrimSpace(strings.TrimPrefix(string(t), "\ufeff")) != "" {
			return errors.New("text outside the root element")
		}
	case xml.Comment:
		return p.child(at, &Node{kind: commentNode, text: string(t)})
	case xml.ProcInst:
		if t.Target != "xml" {
			return p.child(at, &Node{kind: instructionNode, local: t.Target, text: string(t.Inst)})
		}
	case xml.Directive:
		p.entities = p.entities || strings.Contains(string(t), "ENTITY")
	}
	return nil
}

func qualified(name xml.Name) string {
	if name.Space != "" {
		return name.Space + ":" + name.Local
	}
	return name.Local
}

func (p *xmlParser) start(parent *Node, t xml.StartElement) error {
	switch {
	case len(p.open) > maxDepth:
		return fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	case parent.kind == rootNode && p.rooted():
		return fmt.Errorf("a second root element <%s>", qualified(t.Name))
	}
	p.declare(t.Attr)
	n := &Node{kind: elementNode, prefix: t.Name.Space, local: t.Name.Local}
	var err error
	if n.space, err = p.space(n.prefix); err != nil {
		return err
	}
	if err := p.child(parent, n); err != nil {
		return err
	}
	p.open = append(p.open, n)
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		one := &Node{prefix: a.Name.Space, local: a.Name.Local, text: a.Value}
		if one.prefix != "" {
			if one.space, err = p.space(one.prefix); err != nil {
				return err
			}
		}
		if err := p.attribute(n, one); err != nil {
			return err
		}
	}
	return nil
}

func (p *xmlParser) rooted() bool {
	for _, c := range p.doc.root.children {
		if c.kind == elementNode {
			return true
		}
	}
	return false
}

// declare keeps the prefixes that an element declares, or knows from those around it.
func (p *xmlParser) declare(attributes []xml.Attr) {
	known := p.scope()
	own := false
	for _, a := range attributes {
		prefix := ""
		switch {
		case a.Name.Space == "xmlns":
			prefix = a.Name.Local
		case a.Name.Space != "" || a.Name.Local != "xmlns":
			continue
		}
		if !own {
			p.nodes += len(known) / 8 // a document of nothing but declarations is refused as too large
			known = maps.Clone(known)
			own = true
		}
		if known == nil {
			known = map[string]string{}
		}
		known[prefix] = a.Value
		if _, ok := p.doc.prefixes[prefix]; !ok && prefix != "" {
			p.doc.prefixes[prefix] = a.Value
		}
	}
	p.spaces = append(p.spaces, known)
}

func (p *xmlParser) scope() map[string]string {
	if len(p.spaces) == 0 {
		return nil
	}
	return p.spaces[len(p.spaces)-1]
}

// space returns what a prefix stands for where the parser is.
func (p *xmlParser) space(prefix string) (string, error) {
	if uri, ok := p.scope()[prefix]; ok {
		return uri, nil
	}
	switch prefix {
	case "":
		return "", nil
	case "xml":
		return xmlSpace, nil
	}
	return "", fmt.Errorf("the prefix %s is not declared", prefix)
}
