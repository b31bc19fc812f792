package xpath

import (
	"html"
	"strings"
)

// maxHTMLDepth is where elements stop to nest, as in browsers.
const maxHTMLDepth = 512

// maxAttributes is how many attributes of one element are kept.
const maxAttributes = 1000

// ParseHTML reads HTML as browsers do, as far as that matters for finding things: names in lower case, end tags that
// may be missing, html, head, body and tbody that are there unwritten. Nothing is wrong HTML.
func ParseHTML(text string) (*Document, error) {
	p := &htmlParser{builder: newBuilder(true), rest: text, opened: map[string]int{}}
	p.open = []*Node{p.doc.root}
	for p.rest != "" {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return p.doc, p.flush()
}

type htmlParser struct {
	*builder
	rest             string
	open             []*Node
	opened           map[string]int // how many of a name are open
	html, head, body *Node          // nil before they are there
}

func (p *htmlParser) top() *Node { return p.open[len(p.open)-1] }

// leave closes all elements but the first n.
func (p *htmlParser) leave(n int) {
	for _, e := range p.open[n:] {
		p.opened[e.local]--
	}
	p.open = p.open[:n]
}

// next reads one tag, one comment or the text up to one.
func (p *htmlParser) next() error {
	switch s := p.rest; {
	case strings.HasPrefix(s, "<!--"):
		text, rest, _ := strings.Cut(s[4:], "-->")
		p.rest = rest
		return p.child(p.top(), &Node{kind: commentNode, text: text})
	case strings.HasPrefix(s, "<!"), strings.HasPrefix(s, "<?"):
		_, p.rest, _ = strings.Cut(s, ">")
		return nil
	case strings.HasPrefix(s, "</") && len(s) > 2 && isLetter(s[2]):
		name := tagName(s[2:])
		_, p.rest, _ = strings.Cut(s, ">")
		p.close(strings.ToLower(name))
		return nil
	case s[0] == '<' && len(s) > 1 && isLetter(s[1]):
		return p.element()
	}
	end := strings.IndexByte(p.rest[1:], '<') + 1
	if end == 0 {
		end = len(p.rest)
	}
	text := html.UnescapeString(p.rest[:end])
	p.rest = p.rest[end:]
	return p.words(text)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func tagName(s string) string {
	if i := strings.IndexAny(s, " \t\r\n\f/>"); i >= 0 {
		return s[:i]
	}
	return s
}

// words adds text; white space outside body is nobody's.
func (p *htmlParser) words(text string) error {
	if p.body == nil && !p.within("title") {
		if strings.TrimSpace(text) == "" && len(p.open) < 3 {
			return nil
		}
		if strings.TrimSpace(text) != "" && (len(p.open) < 3 || p.top() == p.head) {
			if err := p.intoBody(); err != nil {
				return err
			}
		}
	}
	return p.characters(p.top(), text)
}

// within reports whether an element is open.
func (p *htmlParser) within(name string) bool { return p.opened[name] > 0 }

// find returns the place of the innermost open element of a name, without leaving one of the fences, or -1.
func (p *htmlParser) find(name string, fences []string) int {
	if p.opened[name] == 0 {
		return -1
	}
	for i := len(p.open) - 1; i > 0; i-- {
		if p.open[i].local == name {
			return i
		}
		if oneOf(p.open[i].local, fences) {
			return -1
		}
	}
	return -1
}

func oneOf(s string, list []string) bool {
	for _, one := range list {
		if s == one {
			return true
		}
	}
	return false
}

// element reads a start tag.
func (p *htmlParser) element() error {
	name := tagName(p.rest[1:])
	p.rest = p.rest[1+len(name):]
	n := &Node{kind: elementNode, local: strings.ToLower(name)}
	closed := p.attributes(n)
	if done, err := p.frame(n); done || err != nil {
		return err
	}
	if err := p.imply(n.local); err != nil {
		return err
	}
	return p.push(n, closed)
}

// push adds an element where the parser is, and opens it unless it has no content.
func (p *htmlParser) push(n *Node, closed bool) error {
	attributes := n.attributes
	n.attributes = nil
	if err := p.child(p.top(), n); err != nil {
		return err
	}
	for _, a := range attributes {
		if err := p.attribute(n, a); err != nil {
			return err
		}
	}
	if isVoid(n.local) || closed && (p.within("svg") || p.within("math") || n.local == "svg") {
		return nil
	}
	if isRaw(n.local) {
		return p.raw(n)
	}
	if len(p.open) < maxHTMLDepth {
		p.open = append(p.open, n)
		p.opened[n.local]++
	}
	return nil
}

// raw reads the content of an element in which < is no tag.
func (p *htmlParser) raw(n *Node) error {
	end := closingTag(p.rest, n.local)
	text := p.rest[:end]
	_, p.rest, _ = strings.Cut(p.rest[end:], ">")
	if n.local == "textarea" || n.local == "title" {
		text = html.UnescapeString(text)
	}
	return p.characters(n, text)
}

// closingTag returns where </name starts, or the end.
func closingTag(s, name string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], "</")
		if i < 0 {
			return len(s)
		}
		at += i + 2
		if len(s) >= at+len(name) && strings.EqualFold(s[at:at+len(name)], name) && strings.EqualFold(tagName(s[at:]), name) {
			return at - 2
		}
	}
}

// attributes reads them up to the end of the tag, and reports whether it ends in />. They are not counted yet.
func (p *htmlParser) attributes(n *Node) (closed bool) {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n\f")
		switch {
		case p.rest == "":
			return false
		case p.rest[0] == '>':
			p.rest = p.rest[1:]
			return closed
		case p.rest[0] == '/':
			closed = true
			p.rest = p.rest[1:]
			continue
		}
		closed = false
		end := strings.IndexAny(p.rest[1:], " \t\r\n\f/>=") + 1
		if end == 0 {
			end = len(p.rest)
		}
		name := strings.ToLower(p.rest[:end])
		p.rest = strings.TrimLeft(p.rest[end:], " \t\r\n\f")
		text := ""
		if strings.HasPrefix(p.rest, "=") {
			p.rest = strings.TrimLeft(p.rest[1:], " \t\r\n\f")
			text = html.UnescapeString(p.attributeValue())
		}
		if len(n.attributes) < maxAttributes && n.attributeNamed(name) == nil {
			n.attributes = append(n.attributes, &Node{kind: attributeNode, local: name, text: text})
		}
	}
}

func (p *htmlParser) attributeValue() string {
	if p.rest == "" {
		return ""
	}
	if quote := p.rest[0]; quote == '"' || quote == '\'' {
		text, rest, _ := strings.Cut(p.rest[1:], string(rune(quote)))
		p.rest = rest
		return text
	}
	end := strings.IndexAny(p.rest, " \t\r\n\f>")
	if end < 0 {
		end = len(p.rest)
	}
	text := p.rest[:end]
	p.rest = p.rest[end:]
	return text
}

func (n *Node) attributeNamed(name string) *Node {
	for _, a := range n.attributes {
		if a.local == name && a.prefix == "" {
			return a
		}
	}
	return nil
}
