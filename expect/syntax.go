package expect

import "math/bits"

// maxDepth is how deep a body may be nested. FHIR has about ten levels; a body of nothing but [ would exhaust the stack.
const maxDepth = 10_000

// isJSON reports whether a text is JSON (RFC 8259) that is not nested deeper than maxDepth.
func isJSON(s string) bool {
	_, _, ok := checkSyntax(s)
	return ok
}

// checkSyntax goes over a text once. Where it is no JSON, at is the first byte that cannot stand where it does, or the length of a text
// that breaks off; deep says that it is JSON so far, and nested too deep.
func checkSyntax(s string) (at int, deep, ok bool) {
	c := syntax{s: s}
	c.value()
	for c.good() && c.depth > 0 {
		if c.inObject() {
			c.member()
		} else {
			c.element()
		}
	}
	if c.good() {
		if c.space(); c.i < len(s) {
			c.bad = true
		}
	}
	return c.i, c.deep, c.good()
}

// syntax checks JSON without recursion. It stands behind a value whenever one of its methods that reads values returns.
type syntax struct {
	s       string
	i       int
	bad     bool
	deep    bool
	first   bool // nothing stands in the innermost object or list yet
	depth   int
	objects [maxDepth/64 + 1]uint64 // a bit for each level: set for an object
}

func (c *syntax) good() bool { return !c.bad && !c.deep }

func (c *syntax) inObject() bool {
	level := c.depth - 1
	return c.objects[level>>6]&(1<<(level&63)) != 0
}

// open steps into an object or a list.
func (c *syntax) open(object bool) {
	if c.depth == maxDepth {
		c.deep = true
		return
	}
	bit := uint64(1) << (c.depth & 63)
	if object {
		c.objects[c.depth>>6] |= bit
	} else {
		c.objects[c.depth>>6] &^= bit
	}
	c.depth++
	c.i++
	c.first = true
}

func (c *syntax) space() {
	s, i := c.s, c.i
	for i < len(s) && s[i] <= ' ' && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	c.i = i
}

// comes reports whether a byte comes next, behind space.
func (c *syntax) comes(b byte) bool {
	c.space()
	return c.i < len(c.s) && c.s[c.i] == b
}

// more steps over what stands between two values, or closes the innermost object or list: then there are no more.
func (c *syntax) more(closing byte) bool {
	first := c.first
	c.first = false
	switch {
	case c.comes(closing):
		c.i++
		c.depth--
		return false
	case first:
		return true
	case c.i < len(c.s) && c.s[c.i] == ',':
		c.i++
		return true
	}
	c.bad = true
	return false
}

// member reads the next member of an object, its value as far as it is no object or list.
func (c *syntax) member() {
	if !c.more('}') {
		return
	}
	if !c.comes('"') {
		c.bad = true
		return
	}
	if c.text(); c.bad {
		return
	}
	if !c.comes(':') {
		c.bad = true
		return
	}
	c.i++
	c.value()
}

// element reads the next element of a list, as far as it is no object or list.
func (c *syntax) element() {
	if c.more(']') {
		c.value()
	}
}

func (c *syntax) value() {
	if c.space(); c.i >= len(c.s) {
		c.bad = true
		return
	}
	switch b := c.s[c.i]; {
	case b == '"':
		c.text()
	case b == '{':
		c.open(true)
	case b == '[':
		c.open(false)
	case b == '-' || b-'0' < 10:
		c.number()
	case b == 't':
		c.word("true")
	case b == 'f':
		c.word("false")
	case b == 'n':
		c.word("null")
	default:
		c.bad = true
	}
}

func (c *syntax) word(word string) {
	for i := range len(word) {
		if c.i >= len(c.s) || c.s[c.i] != word[i] {
			c.bad = true
			return
		}
		c.i++
	}
}

const (
	ones   = 0x0101010101010101 // a one in each of eight bytes
	highs  = 0x80 * ones
	quotes = '"' * ones
	slants = '\\' * ones
	spaces = ' ' * ones
)

// text reads a string, eight bytes at a time where nothing in them needs a closer look.
func (c *syntax) text() {
	s, i := c.s, c.i+1
	for {
		for i+8 <= len(s) {
			p := s[i : i+8]
			x := uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
				uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
			q, e := x^quotes, x^slants
			special := ((x-spaces)&^x | (q-ones)&^q | (e-ones)&^e) & highs // the lowest bit is exact, those above may be none
			if special != 0 {
				i += bits.TrailingZeros64(special) >> 3
				break
			}
			i += 8
		}
		for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
			i++
		}
		switch c.i = i; {
		case i < len(s) && s[i] == '"':
			c.i++
			return
		case i < len(s) && s[i] == '\\':
			if c.escape(); c.bad {
				return
			}
			i = c.i
		default:
			c.bad = true
			return
		}
	}
}

// escape reads what stands behind a backslash.
func (c *syntax) escape() {
	c.i++
	if c.i >= len(c.s) {
		c.bad = true
		return
	}
	switch c.s[c.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		c.i++
		return
	case 'u':
		c.i++
	default:
		c.bad = true
		return
	}
	for range 4 {
		if c.i >= len(c.s) || !hexDigit(c.s[c.i]) {
			c.bad = true
			return
		}
		c.i++
	}
}

func (c *syntax) number() {
	if c.s[c.i] == '-' {
		c.i++
	}
	if c.i < len(c.s) && c.s[c.i] == '0' {
		c.i++
	} else {
		c.digits()
	}
	if !c.bad && c.i < len(c.s) && c.s[c.i] == '.' {
		c.i++
		c.digits()
	}
	if !c.bad && c.i < len(c.s) && c.s[c.i]|0x20 == 'e' {
		c.i++
		if c.i < len(c.s) && (c.s[c.i] == '+' || c.s[c.i] == '-') {
			c.i++
		}
		c.digits()
	}
}

// digits reads one or more.
func (c *syntax) digits() {
	from := c.i
	for c.i < len(c.s) && c.s[c.i]-'0' < 10 {
		c.i++
	}
	c.bad = c.i == from
}
