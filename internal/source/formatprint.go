package source

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const maxWidth = 120 // characters of a line with braces in it

// printer writes values and their trivia.
type printer struct {
	*trivia
	b     strings.Builder
	keeps bool // the block scalar just written would take empty lines for its own
}

func (p *printer) file(root *yaml.Node, layout *Layout) {
	p.lines(withoutFirstEmpty(p.header), 0)
	p.props(root, "", "\n")
	p.group(root, 0, layout, false)
}

func withoutFirstEmpty(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	return lines
}

func (p *printer) lines(lines []string, indent int) {
	if p.keeps {
		lines = withoutFirstEmpty(lines)
		p.keeps = len(lines) == 0
	}
	for _, line := range lines {
		if line != "" {
			p.pad(indent)
			p.b.WriteString(line)
		}
		p.b.WriteByte('\n')
	}
}

func (p *printer) pad(n int) { p.b.WriteString(strings.Repeat(" ", n)) }

// props writes an anchor and a tag, between what goes before and after where there is one.
func (p *printer) props(n *yaml.Node, before, after string) bool {
	text := propsOf(n)
	if text != "" {
		p.b.WriteString(before + text + after)
	}
	return text != ""
}

func propsOf(n *yaml.Node) string {
	var parts []string
	if n.Anchor != "" {
		parts = append(parts, "&"+n.Anchor)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		parts = append(parts, n.ShortTag())
	}
	return strings.Join(parts, " ")
}

// group writes a mapping or a list, each slot on a line of its own. begun means that the line of the first slot is
// begun already, behind a dash.
func (p *printer) group(n *yaml.Node, indent int, layout *Layout, begun bool) {
	if n.Kind == yaml.MappingNode {
		for i, e := range ordered(n, layout) {
			p.slot(p.of[e.key], nil, indent, i == 0, begun)
			p.b.WriteString(p.scalar(e.key, keyContext) + ":")
			p.value(e.value, p.of[e.key], indent, layout.below(e.key.Value))
		}
	} else {
		for i, item := range n.Content {
			p.slot(p.of[item], p.firsts(item, indent, layout.items()), indent, i == 0, begun)
			p.b.WriteString("-")
			p.item(item, p.of[item], indent, layout.items())
		}
	}
	p.lines(p.groups[n].foot, indent)
}

// slot writes what stands before a slot, and the spaces that its line begins with.
func (p *printer) slot(s *slot, more []string, indent int, first, begun bool) {
	if first && begun {
		return
	}
	head := append(s.heads(), more...)
	if first {
		head = withoutFirstEmpty(head)
	}
	p.lines(head, indent)
	p.keeps = false
	p.pad(indent)
}

// heads are the lines before a slot. Only one comment has room behind it.
func (s *slot) heads() []string {
	head := s.head[:len(s.head):len(s.head)]
	for i := 1; i < len(s.trail); i++ {
		head = append(head, s.trail[i].text)
	}
	return head
}

// firsts are the comments of slots whose line begins with the dash of an item: they stand before the dash.
func (p *printer) firsts(item *yaml.Node, indent int, layout *Layout) []string {
	if !p.behindDash(item, indent, layout) {
		return nil
	}
	var lines []string
	if len(p.of[item].trail) > 0 {
		lines = append(lines, p.of[item].trail[0].text)
	}
	if item.Kind == yaml.MappingNode {
		lines = append(lines, p.of[ordered(item, layout)[0].key].heads()...)
	} else {
		first := item.Content[0]
		lines = append(append(lines, p.of[first].heads()...), p.firsts(first, indent+2, layout.items())...)
	}
	var comments []string
	for _, line := range lines {
		if line != "" {
			comments = append(comments, line)
		}
	}
	return comments
}

// behindDash reports whether an item of a list is a group whose first slot stands on the line of the dash.
func (p *printer) behindDash(item *yaml.Node, indent int, layout *Layout) bool {
	if item.Kind != yaml.MappingNode && item.Kind != yaml.SequenceNode || propsOf(item) != "" {
		return false
	}
	_, fits := p.inline(item, blockContext, indent+1, layout)
	return !fits
}

// item writes what stands behind a dash.
func (p *printer) item(n *yaml.Node, s *slot, indent int, layout *Layout) {
	if p.behindDash(n, indent, layout) {
		p.b.WriteByte(' ')
		p.group(n, indent+2, layout, true)
		return
	}
	p.value(n, s, indent, layout)
}

// value writes what stands behind a colon or a dash, down to the end of its last line.
func (p *printer) value(n *yaml.Node, s *slot, indent int, layout *Layout) {
	if text, fits := p.inline(n, blockContext, p.col(), layout); fits {
		if text != "" {
			text = " " + text
		}
		p.b.WriteString(text)
		p.trail(s)
		return
	}
	p.props(n, " ", "")
	if n.Kind == yaml.ScalarNode {
		head, lines := p.blockOf(n)
		p.b.WriteString(" " + head)
		p.trail(s)
		p.lines(lines, indent+2)
		p.keeps = strings.HasSuffix(head, "+")
		return
	}
	if g := p.groups[n]; g.flow && len(s.trail) > 0 && p.ends[n].before(s.trail[0].at) { // it stood behind a longer line
		s.trail[0].col = p.col() + 1
	}
	p.trail(s)
	p.group(n, indent+2, layout, false)
}

// trail writes the comment behind a slot, in its old column where that is free, and ends the line.
func (p *printer) trail(s *slot) {
	if len(s.trail) > 0 {
		c := s.trail[0]
		p.pad(max(1, c.col-p.col()))
		p.b.WriteString(c.text)
	}
	p.b.WriteByte('\n')
}

// col is the number of characters on the line so far.
func (p *printer) col() int {
	text := p.b.String()
	return utf8.RuneCountInString(text[strings.LastIndexByte(text, '\n')+1:])
}

// inline returns a value as it stands on one line from a column on, and whether it can.
func (p *printer) inline(n *yaml.Node, in context, col int, layout *Layout) (text string, fits bool) {
	switch n.Kind {
	case yaml.AliasNode:
		return "*" + n.Value, true
	case yaml.ScalarNode:
		if in == blockContext && p.isBlock(n) {
			return "", false
		}
		return p.scalar(n, in), true
	case yaml.MappingNode, yaml.SequenceNode:
	case yaml.DocumentNode:
		return "", false
	}
	g := p.groups[n]
	if len(n.Content) > 0 && (!g.flow || g.spread) || len(g.foot) > 0 {
		return "", false
	}
	text = p.braces(n, layout)
	if props := propsOf(n); props != "" {
		text = props + " " + text
	}
	return text, in != blockContext || len(n.Content) == 0 || col+1+utf8.RuneCountInString(text) <= maxWidth
}

// braces writes a group on one line.
func (p *printer) braces(n *yaml.Node, layout *Layout) string {
	var parts []string
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			text, _ := p.inline(item, flowContext, 0, layout.items())
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, e := range ordered(n, layout) {
		text, _ := p.inline(e.value, flowContext, 0, layout.below(e.key.Value))
		parts = append(parts, p.scalar(e.key, flowKeyContext)+": "+text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
