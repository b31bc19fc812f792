package source

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// at is a place in a text: line and character, both from 0.
type at struct{ line, col int }

func (a at) before(b at) bool { return a.line < b.line || a.line == b.line && a.col < b.col }

func placeOf(n *yaml.Node) at { return at{n.Line - 1, n.Column - 1} }

// comment is a # and what follows.
type comment struct {
	at
	text string
	own  bool // nothing else stands on its line
}

// scanner finds comments, where flows end and which lines block scalars have: what the nodes do not say. The nodes say
// where quotes, flows and block scalars begin, so that every other # behind a space is a comment.
type scanner struct {
	lines  [][]rune
	starts map[at]start

	comments []comment
	ends     map[*yaml.Node]at       // of flows: where their bracket is closed
	blocks   map[*yaml.Node][]string // the lines of block scalars, without their indentation
	taken    map[int]bool            // lines that belong to a scalar
	open     []*yaml.Node            // flows that are not closed yet
	waiting  *start                  // a value whose anchor or tag has come
	edge     at                      // behind a bracket, a comma or a quote, where the parser takes a # without a space, too
}

// start is a value that begins at a place.
type start struct {
	node   *yaml.Node
	indent int // of what a block scalar stands in
}

func newScanner(text string, root *yaml.Node) *scanner {
	s := &scanner{starts: map[at]start{}, ends: map[*yaml.Node]at{}, blocks: map[*yaml.Node][]string{}, taken: map[int]bool{}}
	for line := range strings.SplitSeq(text, "\n") {
		s.lines = append(s.lines, []rune(line))
	}
	s.begin(root, -1)
	return s
}

// begin notes where values start that hide a #.
func (s *scanner) begin(n *yaml.Node, indent int) {
	props := n.Anchor != "" || n.Style&yaml.TaggedStyle != 0
	switch {
	case n.Kind == yaml.ScalarNode && n.Style&^yaml.TaggedStyle != 0, n.Style&yaml.FlowStyle != 0 && (props || s.bracket(placeOf(n))):
		s.starts[placeOf(n)] = start{n, indent}
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			s.begin(c, s.dash(n))
		case i%2 == 0:
			s.begin(c, indent)
		default:
			s.begin(c, n.Content[i-1].Column-1)
		}
	}
}

// dash is the column of the dashes of a list. The parser says where its anchor or its tag stands, where it has one.
func (s *scanner) dash(n *yaml.Node) int {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 || n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		return n.Column - 1
	}
	first := placeOf(n.Content[0])
	for col := first.col - 1; col >= 0; col-- {
		if s.char(at{first.line, col}) == '-' {
			return col
		}
	}
	return n.Column - 1
}

func (s *scanner) bracket(p at) bool {
	c := s.char(p)
	return c == '[' || c == '{'
}

// char is the character at a place, or 0.
func (s *scanner) char(p at) rune {
	if p.line < len(s.lines) && p.col < len(s.lines[p.line]) {
		return s.lines[p.line][p.col]
	}
	return 0
}

func (s *scanner) scan() {
	for p := (at{}); p.line < len(s.lines); {
		if p.col >= len(s.lines[p.line]) {
			p = at{p.line + 1, 0}
			continue
		}
		p = s.step(p)
	}
}

// step looks at one character and returns where the next one is.
func (s *scanner) step(p at) at {
	line := s.lines[p.line]
	next := at{p.line, p.col + 1}
	c := line[p.col]
	if here, ok := s.starts[p]; ok {
		delete(s.starts, p)
		s.waiting = &here
	}
	switch {
	case c == '#' && (p.col == 0 || line[p.col-1] == ' ' || line[p.col-1] == '\t' || p == s.edge):
		text := strings.TrimRight(string(line[p.col:]), " \t")
		own := strings.Trim(string(line[:p.col]), "- \t") == "" // what follows - is said of the item
		s.comments = append(s.comments, comment{p, text, own})
		return at{p.line + 1, 0}
	case c == ' ' || c == '\t':
		return next
	case s.waiting != nil && (c == '&' || c == '!'):
		for next.col < len(line) && line[next.col] != ' ' {
			next.col++
		}
		return next
	case s.waiting != nil:
		here := *s.waiting
		s.waiting = nil
		return s.value(p, here)
	case (c == ']' || c == '}') && len(s.open) > 0:
		s.ends[s.open[len(s.open)-1]] = p
		s.open = s.open[:len(s.open)-1]
		s.edge = next
	case c == ',' && len(s.open) > 0:
		s.edge = next
	}
	return next
}

// value goes over what begins at p.
func (s *scanner) value(p at, here start) at {
	switch style := here.node.Style &^ yaml.TaggedStyle; {
	case style == yaml.DoubleQuotedStyle:
		s.edge = s.quoted(p, '"')
		return s.edge
	case style == yaml.SingleQuotedStyle:
		s.edge = s.quoted(p, '\'')
		return s.edge
	case style == yaml.LiteralStyle, style == yaml.FoldedStyle:
		return s.block(p, here)
	case s.bracket(p) && here.node.Style&yaml.FlowStyle != 0:
		s.open = append(s.open, here.node)
		s.edge = at{p.line, p.col + 1}
	}
	return at{p.line, p.col + 1}
}

// quoted returns the place behind the quote that ends a text.
func (s *scanner) quoted(p at, quote rune) at {
	first := p.line
	for p.col++; p.line < len(s.lines); p = (at{p.line + 1, 0}) {
		if p.line > first {
			s.taken[p.line] = true
		}
		line := s.lines[p.line]
		for ; p.col < len(line); p.col++ {
			switch {
			case line[p.col] == '\\' && quote == '"':
				p.col++
			case line[p.col] == quote && quote == '\'' && p.col+1 < len(line) && line[p.col+1] == quote:
				p.col++
			case line[p.col] == quote:
				return at{p.line, p.col + 1}
			}
		}
	}
	return p
}

// block takes the lines of a block scalar (YAML 1.2.2, section 8.1). A comment may stand behind its head.
func (s *scanner) block(p at, here start) at {
	head := at{p.line, p.col + 1}
	indent := 0
	for ; strings.ContainsRune("+-123456789", s.char(head)); head.col++ {
		if c := s.char(head); c >= '1' {
			indent = max(here.indent, 0) + int(c-'0')
		}
	}
	if rest := strings.TrimLeft(string(s.lines[head.line][min(head.col, len(s.lines[head.line])):]), " \t"); strings.HasPrefix(rest, "#") {
		col := len(s.lines[head.line]) - len([]rune(rest))
		s.comments = append(s.comments, comment{at{head.line, col}, strings.TrimRight(rest, " \t"), false})
	}
	var lines []string
	content := 0 // lines up to the last one that is not empty
	for i := p.line + 1; i < len(s.lines); i++ {
		line := string(s.lines[i])
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		if indent == 0 && spaces < len(line) && spaces > here.indent {
			indent = spaces
		}
		switch {
		case spaces < len(line) && (indent == 0 || spaces < indent):
			return s.take(p.line+1, lines, content, here.node)
		case spaces == len(line) && (indent == 0 || spaces <= indent):
			lines = append(lines, "")
		default:
			lines = append(lines, line[indent:])
			content = len(lines)
		}
	}
	return s.take(p.line+1, lines, content, here.node)
}

// take keeps the lines of a block scalar, and those empty ones behind it that its value has.
func (s *scanner) take(first int, lines []string, content int, n *yaml.Node) at {
	breaks := len(n.Value) - len(strings.TrimRight(n.Value, "\n"))
	size := min(len(lines), content+max(breaks-1, 0))
	for i := range size {
		s.taken[first+i] = true
	}
	s.blocks[n] = lines[:content]
	return at{first + size, 0}
}
