package phi

import (
	"bytes"
	"html"
	"strings"
)

// elements goes through a document of XML or HTML, whole or cut.
type elements struct {
	doc   []byte
	found func(leaf)
	open  []spot // the elements round the place, the outermost first; member is the name of each
	fhir  bool
}

func (x *elements) all() {
	x.fhir = bytes.Contains(x.doc[:min(len(x.doc), 4<<10)], []byte("http://hl7.org/fhir"))
	for at := 0; at < len(x.doc); {
		tag := bytes.IndexByte(x.doc[at:], '<')
		if tag < 0 {
			x.content(at, len(x.doc))
			return
		}
		tag += at
		x.content(at, tag)
		at = x.tag(tag)
	}
}

// content judges the text between two tags.
func (x *elements) content(from, to int) {
	if len(bytes.TrimSpace(x.doc[from:to])) == 0 {
		return
	}
	s := x.here()
	x.leaf(from, to, &s)
}

func (x *elements) here() spot {
	if len(x.open) == 0 {
		return spot{}
	}
	return x.open[len(x.open)-1]
}

func (x *elements) leaf(from, to int, s *spot) {
	act := s.judge()
	if masked(x.doc[from:to]) {
		return
	}
	if act == keep {
		if s.mode != named {
			return
		}
		act = words
	}
	x.found(leaf{from: from, to: to, label: s.label(), act: act, text: html.UnescapeString(string(x.doc[from:to]))})
}

// tag goes through what begins with < and returns where it ends.
func (x *elements) tag(at int) int {
	rest := x.doc[at:]
	for _, other := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
		if !bytes.HasPrefix(rest, []byte(other[0])) {
			continue
		}
		end := bytes.Index(rest, []byte(other[1]))
		if end < 0 {
			end = len(rest) - len(other[1])
		}
		if end = max(end, len(other[0])); other[0] == "<![CDATA[" || other[0] == "<!--" {
			x.content(at+len(other[0]), min(at+end, len(x.doc)))
		}
		return min(at+end+len(other[1]), len(x.doc))
	}
	end := x.tagEnd(at)
	inside := x.doc[at+1 : end]
	switch {
	case len(inside) > 0 && inside[0] == '/':
		if len(x.open) > 0 {
			x.open = x.open[:len(x.open)-1]
		}
	default:
		return x.element(at, end)
	}
	return min(end+1, len(x.doc))
}

// tagEnd returns where the > of a tag stands.
func (x *elements) tagEnd(at int) int {
	quote := byte(0)
	for i := at + 1; i < len(x.doc); i++ {
		switch c := x.doc[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return len(x.doc)
}

// element opens an element, judges its attributes and, of a narrative, masks all that is in it.
func (x *elements) element(at, end int) int {
	name, from := x.name(at + 1)
	s := x.enter(name)
	empty := end > at && x.doc[end-1] == '/'
	for i := from; i < end; {
		attribute, after := x.name(i)
		if attribute == "" || after+1 >= end || x.doc[after] != '=' {
			i = max(after, i+1)
			continue
		}
		quote := x.doc[after+1]
		size := bytes.IndexByte(x.doc[after+2:end], quote)
		if quote != '"' && quote != '\'' || size < 0 {
			i = after + 2
			continue
		}
		x.attribute(attribute, after+2, after+2+size, s)
		i = after + 3 + size
	}
	if x.fhir && name == "div" && s.mode == clinical {
		if close := bytes.LastIndex(x.doc[:x.narrativeEnd(end)], []byte("</")); close > end {
			x.found(leaf{from: end + 1, to: close, label: "Narrative.div", act: mask, text: string(x.doc[end+1 : close])})
			end = close - 1
		} else if close < 0 || close <= end {
			x.found(leaf{from: min(end+1, len(x.doc)), to: len(x.doc), label: "Narrative.div", act: mask, text: string(x.doc[min(end+1, len(x.doc)):])})
			return len(x.doc)
		}
	}
	if !empty {
		x.open = append(x.open, s)
	}
	return min(end+1, len(x.doc))
}

// narrativeEnd returns the end of the element text that a narrative stands in.
func (x *elements) narrativeEnd(at int) int {
	i := bytes.Index(x.doc[at:], []byte("</text>"))
	if i < 0 {
		return at
	}
	return at + i
}

// name reads the name at a place without its prefix, and returns where it ends.
func (x *elements) name(at int) (name string, end int) {
	for at < len(x.doc) && strings.IndexByte(" \n\t\r", x.doc[at]) >= 0 {
		at++
	}
	end = at
	for end < len(x.doc) && strings.IndexByte(" \n\t\r=/>", x.doc[end]) < 0 {
		end++
	}
	name = string(x.doc[at:end])
	return name[strings.IndexByte(name, ':')+1:], end
}

// enter returns the spot within an element.
func (x *elements) enter(name string) spot {
	outer := x.here()
	s := spot{mode: outer.mode, resource: outer.resource, parent: outer.member, member: name, depth: outer.depth + 1}
	if x.fhir && name != "" && name[0] >= 'A' && name[0] <= 'Z' {
		return spot{mode: modeOf(name), resource: name, depth: s.depth}
	}
	s.whose = s.mode == named && person(s.parent)
	return s
}

// attribute judges an attribute: in FHIR value is the element itself.
func (x *elements) attribute(name string, from, to int, s spot) {
	if from == to || strings.HasPrefix(name, "xmlns") || name == "xmlns" {
		return
	}
	if s.mode == named {
		if name != "value" && name != "extension" {
			s.parent, s.member = s.member, name
		}
	} else if name != "value" {
		s.parent, s.member = s.member, name
	}
	x.leaf(from, to, &s)
}
