package source

import (
	"slices"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

// trivia is what stands between the values of a text: comments and empty lines, and which value each belongs to.
type trivia struct {
	*scanner
	slots  []*slot
	of     map[*yaml.Node]*slot // by the key, or the item
	groups map[*yaml.Node]*group
	header []string // before the first key of the file
}

// slot is a key with its value, or an item of a list.
type slot struct {
	at
	in    *group
	value *yaml.Node
	head  []string  // lines before it, comments and empty ones
	trail []comment // behind it, or behind its key
}

// group is a mapping or a list.
type group struct {
	node   *yaml.Node
	col    int // of its slots
	depth  int
	up     *slot    // whose value it is; nil for the whole
	flow   bool     // in braces
	spread bool     // in braces with a comment in them, so that it cannot stay on one line
	foot   []string // lines behind its last slot
}

func readTrivia(text string, root *yaml.Node) *trivia {
	t := &trivia{scanner: newScanner(text, root), of: map[*yaml.Node]*slot{}, groups: map[*yaml.Node]*group{}}
	t.scan()
	t.walk(root, nil)
	t.attach()
	return t
}

// texts are all comments, sorted, to be compared.
func (t *trivia) texts() []string {
	var list []string
	for _, c := range t.comments {
		list = append(list, c.text)
	}
	slices.Sort(list)
	return list
}

// walk notes the slots in the order of the text.
func (t *trivia) walk(n *yaml.Node, up *slot) {
	if n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode {
		return
	}
	g := &group{node: n, up: up, flow: n.Style&yaml.FlowStyle != 0, col: n.Column - 1}
	if len(n.Content) > 0 && n.Kind == yaml.MappingNode {
		g.col = n.Content[0].Column - 1
	} else if n.Kind == yaml.SequenceNode {
		g.col = t.dash(n)
	}
	if up != nil {
		g.depth = up.in.depth + 1
		g.col = max(g.col, up.in.col+1) // a list may stand in the column of its key
	}
	t.groups[n] = g
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		s := &slot{at: placeOf(n.Content[i]), in: g, value: n.Content[i+step-1]}
		t.slots = append(t.slots, s)
		t.of[n.Content[i]] = s
		t.walk(n.Content[i+step-1], s)
	}
}

// attach gives every comment and every empty line to a slot or a group.
func (t *trivia) attach() {
	own := map[int]comment{}
	for _, c := range t.comments {
		if c.own {
			own[c.line] = c
		} else {
			t.behind(c)
		}
	}
	begins := map[int]bool{}
	for _, s := range t.slots {
		begins[s.line] = true
	}
	var run []comment // of lines between values; an empty line has no text
	for i, line := range t.lines {
		c, is := own[i]
		switch {
		case is && strings.ContainsRune(string(line[:c.col]), '-'):
			t.between(run)
			run = []comment{c}
		case is:
			run = append(run, c)
		case !t.taken[i] && strings.TrimSpace(string(line)) == "":
			run = append(run, comment{at: at{i, len(line)}})
		default:
			if !begins[i] && !strings.HasPrefix(strings.TrimSpace(string(line)), "-") { // a text or a flow goes on
				run = slices.DeleteFunc(run, func(c comment) bool { return c.text == "" })
			}
			t.between(run)
			run = nil
		}
	}
	t.between(run)
	if len(t.slots) > 0 {
		t.header, t.slots[0].head = t.slots[0].head, nil
	}
}

// behind gives a comment to the value on whose line it stands.
func (t *trivia) behind(c comment) {
	s := t.last(c.at)
	if s == nil {
		c.own = true
		t.between([]comment{c})
		return
	}
	for s.in.flow && t.ends[t.outer(s.in).node].before(c.at) {
		s = s.in.up
	}
	t.spreads(s, c.at)
	s.trail = append(s.trail, c)
}

// outer is the group that has the brackets: the pair in [a: b] has none of its own.
func (t *trivia) outer(g *group) *group {
	for _, closed := t.ends[g.node]; !closed && g.up != nil && g.up.in.flow; _, closed = t.ends[g.node] {
		g = g.up.in
	}
	return g
}

// spreads notes that the flows around a place have a comment in them.
func (t *trivia) spreads(s *slot, p at) {
	for g := s.in; g != nil && g.flow; g = g.up.in {
		g.spread = true
		if g.up == nil {
			return
		}
	}
	// a comment right behind an opening bracket belongs to whose value it opens
	if g := t.groups[s.value]; g != nil && g.flow && p.before(t.ends[g.node]) {
		g.spread = true
	}
}

// last is the slot that begins last before a place.
func (t *trivia) last(p at) *slot {
	if i := sort.Search(len(t.slots), func(i int) bool { return !t.slots[i].before(p) }); i > 0 {
		return t.slots[i-1]
	}
	return nil
}

// next is the outermost slot that begins after a place.
func (t *trivia) next(p at) *slot {
	if i := sort.Search(len(t.slots), func(i int) bool { return p.before(t.slots[i].at) }); i < len(t.slots) {
		return t.slots[i]
	}
	return nil
}

// between gives a run of comments and empty lines to the slot behind it or, as far as they are indented like what stands
// before, to the end of that.
func (t *trivia) between(run []comment) {
	if len(run) == 0 {
		return
	}
	prev, next := t.last(run[0].at), t.next(run[len(run)-1].at)
	if prev != nil && prev.in.flow && run[0].before(t.ends[t.outer(prev.in).node]) {
		t.spreads(prev, run[0].at)
	}
	var end *group // the group at whose end the run is
	var lines []string
	behindDash := strings.ContainsRune(string(t.lines[run[0].line][:run[0].col]), '-') && next != nil
	for i, c := range run {
		if behindDash {
			lines = textsOf(run)
			break
		}
		if c.text == "" {
			if i == 0 || run[i-1].text != "" {
				lines = append(lines, "")
			}
			continue
		}
		g := t.foot(prev, next, c, end)
		if g == nil {
			lines = append(lines, textsOf(run[i:])...)
			break
		}
		end = g
		g.foot = extended(g.foot, append(lines, c.text))
		lines = nil
	}
	if next != nil {
		next.head = extended(next.head, lines)
	}
}

// extended adds lines to others, and no second empty line.
func extended(lines, more []string) []string {
	for _, line := range more {
		if line != "" || len(lines) == 0 || lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// textsOf are the lines of a run, with one empty line where there are several.
func textsOf(run []comment) []string {
	var lines []string
	for i, c := range run {
		if c.text != "" || i == 0 || run[i-1].text != "" {
			lines = append(lines, c.text)
		}
	}
	return lines
}

// foot is the group at whose end a comment stands, or nil where it stands before next.
func (t *trivia) foot(prev, next *slot, c comment, end *group) *group {
	if prev == nil {
		return nil
	}
	g := prev.in
	for g.up != nil && (end != nil && g.depth > end.depth || t.leaves(g, c)) {
		g = g.up.in
	}
	if next == nil {
		return g
	}
	for up := next.in; up != nil; up = up.up.in {
		if up == g {
			return nil
		}
		if up.up == nil {
			break
		}
	}
	return g
}

// leaves reports whether a comment stands outside a group that is open above it.
func (t *trivia) leaves(g *group, c comment) bool {
	if g.flow {
		return t.ends[t.outer(g).node].before(c.at)
	}
	return c.col < g.col
}
