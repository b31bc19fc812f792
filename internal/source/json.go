package source

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const maxJSONDepth = 500 // levels; folders in folders take two each

// ParseJSON reads JSON text (RFC 8259) as Parse reads YAML: the same nodes, at the lines of the JSON. It is for files that other programs
// write, and takes what YAML refuses: tabs, surrogate pairs, a byte order mark, UTF-16. Of a key that stands twice the last one counts, as in
// JavaScript.
func ParseJSON(name string, src []byte, read func(Node)) error {
	d := &document{name: name, src: Decoded(src)}
	if !utf8.Valid(d.src) {
		return Problems{{Pos: d.firstBadByte(), Err: fmt.Errorf("not UTF-8 text; save the file as UTF-8")}}
	}
	p := &jsonParser{name: name, src: d.src, line: 1}
	root, problem := p.document()
	if problem != nil {
		return Problems{problem}
	}
	read(Node{root, d})
	return d.problems.Err()
}

// Decoded returns text in UTF-8 and without a byte order mark: one of UTF-16 says that it is, and so does a zero byte beside an ASCII one
// (RFC 4627, section 3).
func Decoded(src []byte) []byte {
	switch {
	case bytes.HasPrefix(src, []byte("\ufeff")):
		return src[3:]
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}):
		return wide(src[2:], binary.LittleEndian)
	case bytes.HasPrefix(src, []byte{0xfe, 0xff}):
		return wide(src[2:], binary.BigEndian)
	case len(src) > 1 && src[0] != 0 && src[1] == 0:
		return wide(src, binary.LittleEndian)
	case len(src) > 1 && src[0] == 0 && src[1] != 0:
		return wide(src, binary.BigEndian)
	}
	return src
}

func wide(src []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(src)/2)
	for i := range units {
		units[i] = order.Uint16(src[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// jsonParser walks over JSON text and knows its lines.
type jsonParser struct {
	name  string
	src   []byte
	at    int
	line  int // counted from 1
	start int // offset of the line
	fixed *Pos
}

func (p *jsonParser) document() (*yaml.Node, *Error) {
	p.space()
	if p.at == len(p.src) {
		return nil, Pos{p.name, 1, 1}.Errorf("the file is empty")
	}
	root, problem := p.value(0)
	if problem != nil {
		return nil, problem
	}
	if p.space(); p.at < len(p.src) {
		return nil, p.errorf("want the end of the file, got %s", p.next())
	}
	return root, nil
}

// pos is where the next byte stands.
func (p *jsonParser) pos() Pos {
	if p.fixed != nil {
		return *p.fixed
	}
	return Pos{p.name, p.line, utf8.RuneCount(p.src[p.start:p.at]) + 1}
}

func (p *jsonParser) errorf(format string, args ...any) *Error {
	return p.pos().Errorf("not JSON: "+format, args...)
}

// next says what stands at the place, for messages.
func (p *jsonParser) next() string {
	if p.at >= len(p.src) {
		return "the end of the file"
	}
	r, _ := utf8.DecodeRune(p.src[p.at:])
	return fmt.Sprintf("%q", r)
}

func (p *jsonParser) space() {
	for ; p.at < len(p.src); p.at++ {
		switch p.src[p.at] {
		case '\n':
			p.line, p.start = p.line+1, p.at+1
		case ' ', '\t', '\r':
		default:
			return
		}
	}
}

// is steps over a byte, if it comes next behind white space.
func (p *jsonParser) is(c byte) bool {
	p.space()
	if p.at < len(p.src) && p.src[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonParser) node(kind yaml.Kind, tag, value string, pos Pos) *yaml.Node {
	return &yaml.Node{Kind: kind, Tag: tag, Value: value, Line: pos.Line, Column: pos.Col}
}

func (p *jsonParser) value(depth int) (*yaml.Node, *Error) {
	p.space()
	pos := p.pos()
	switch {
	case depth > maxJSONDepth:
		return nil, pos.Errorf("nested deeper than %d levels", maxJSONDepth)
	case p.at >= len(p.src):
		return nil, p.errorf("want a value, got %s", p.next())
	case p.src[p.at] == '{':
		return p.object(p.node(yaml.MappingNode, "!!map", "", pos), depth)
	case p.src[p.at] == '[':
		return p.array(p.node(yaml.SequenceNode, "!!seq", "", pos), depth)
	case p.src[p.at] == '"':
		text, problem := p.text()
		n := p.node(yaml.ScalarNode, "!!str", text, pos)
		n.Style = yaml.DoubleQuotedStyle
		return n, problem
	}
	return p.word(pos)
}

// word reads a number, true, false or null.
func (p *jsonParser) word(pos Pos) (*yaml.Node, *Error) {
	end := p.at
	for end < len(p.src) && !strings.ContainsRune(" \t\r\n,:]}[{\"", rune(p.src[end])) {
		end++
	}
	word := string(p.src[p.at:end])
	if !json.Valid([]byte(word)) {
		if word == "" {
			word = p.next()
		}
		return nil, p.errorf("want a value, got %s", word)
	}
	p.at = end
	tag := "!!float"
	switch {
	case word == "null":
		tag = "!!null"
	case word == "true" || word == "false":
		tag = "!!bool"
	case !strings.ContainsAny(word, ".eE"):
		tag = "!!int"
	}
	return p.node(yaml.ScalarNode, tag, word, pos), nil
}

func (p *jsonParser) array(n *yaml.Node, depth int) (*yaml.Node, *Error) {
	p.at++
	if p.is(']') {
		return n, nil
	}
	for {
		item, problem := p.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		n.Content = append(n.Content, item)
		if p.is(']') {
			return n, nil
		}
		if !p.is(',') {
			return nil, p.errorf("want , or ] behind an element, got %s", p.next())
		}
	}
}

func (p *jsonParser) object(n *yaml.Node, depth int) (*yaml.Node, *Error) {
	p.at++
	if p.is('}') {
		return n, nil
	}
	places := map[string]int{}
	for {
		p.space()
		pos := p.pos()
		if p.at >= len(p.src) || p.src[p.at] != '"' {
			return nil, p.errorf("want a name in double quotes, got %s", p.next())
		}
		name, problem := p.text()
		if problem != nil {
			return nil, problem
		}
		if !p.is(':') {
			return nil, p.errorf("want : behind %q, got %s", name, p.next())
		}
		value, problem := p.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		key := p.node(yaml.ScalarNode, "!!str", name, pos)
		key.Style = yaml.DoubleQuotedStyle
		if at, double := places[name]; double {
			n.Content[at], n.Content[at+1] = key, value
		} else {
			places[name] = len(n.Content)
			n.Content = append(n.Content, key, value)
		}
		if p.is('}') {
			return n, nil
		}
		if !p.is(',') {
			return nil, p.errorf("want , or } behind the value of %q, got %s", name, p.next())
		}
	}
}

// text reads a string.
func (p *jsonParser) text() (string, *Error) {
	from := p.at
	for p.at++; p.at < len(p.src); p.at++ {
		switch c := p.src[p.at]; {
		case c == '\\':
			p.at++
		case c < ' ':
			return "", p.errorf("a text goes on behind the end of its line: write \\n, and close it with \"")
		case c == '"':
			p.at++
			var text string
			if err := json.Unmarshal(p.src[from:p.at], &text); err != nil {
				p.at = from
				return "", p.errorf("the text has an escape in it that JSON does not know")
			}
			return text, nil
		}
	}
	p.at = from
	return "", p.errorf("the text is not closed with \"")
}
