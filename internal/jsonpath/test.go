package jsonpath

// test is a logical expression (RFC 9535, section 2.3.5). It serves many goroutines.
type test interface {
	holds(s *search, current place) bool
}

type (
	anyOf   []test
	allOf   []test
	negated struct{ test test }
	exists  struct{ query *query } // it leads to something, be it null
)

func (a anyOf) holds(s *search, current place) bool {
	for _, t := range a {
		if t.holds(s, current) {
			return true
		}
	}
	return false
}

func (a allOf) holds(s *search, current place) bool {
	for _, t := range a {
		if !t.holds(s, current) {
			return false
		}
	}
	return true
}

func (n negated) holds(s *search, current place) bool { return !n.test.holds(s, current) }

func (e exists) holds(s *search, current place) bool {
	if e.query.singular() {
		_, ok := e.query.one(s, current)
		return ok
	}
	return len(e.query.nodes(s, current).all) > 0
}

// operand is one side of a comparison, or an argument that is a value.
type operand interface {
	of(s *search, current place) value
}

// value is what an operand has for a node.
type value struct {
	kind  kind
	text  string // of a string; a number or a literal as it is spelled
	place place  // of a list or an object
}

// valueAt returns the value that stands at a place.
func valueAt(p place) value {
	k := p.tape.items[p.at].kind
	switch k {
	case list, object:
		return value{kind: k, place: p}
	case letters:
		return value{kind: k, text: unquote(p.tape.raw(p.at))}
	}
	return value{kind: k, text: p.tape.raw(p.at)}
}

// of makes a literal an operand.
func (v value) of(*search, place) value { return v }

// of makes a singular query an operand.
func (q *query) of(s *search, current place) value {
	if p, ok := q.one(s, current); ok {
		return valueAt(p)
	}
	return value{}
}

// comparison compares as RFC 9535, section 2.3.5.2.2 says.
type comparison struct {
	left, right operand
	less        bool // holds where left is less than right
	equal       bool // holds where they are equal
	not         bool // holds where the rest of it does not: !=
}

func (c comparison) holds(s *search, current place) bool {
	left, right := c.left.of(s, current), c.right.of(s, current)
	if c.less && less(left, right) {
		return true
	}
	return c.equal && equal(left, right) != c.not
}

func less(a, b value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case number:
		return compareNumbers(a.text, b.text) < 0
	case letters:
		return a.text < b.text // bytes of UTF-8 are in the order of the characters
	}
	return false
}

func equal(a, b value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case number:
		return compareNumbers(a.text, b.text) == 0
	case letters, boolean:
		return a.text == b.text
	case list:
		return sameElements(a.place, b.place)
	case object:
		return sameMembers(a.place, b.place)
	}
	return true
}

func sameElements(a, b place) bool {
	x, y := a.at+1, b.at+1
	endOfA, endOfB := a.tape.items[a.at].next, b.tape.items[b.at].next
	for ; x < endOfA && y < endOfB; x, y = a.tape.items[x].next, b.tape.items[y].next {
		if !equal(valueAt(place{a.tape, x}), valueAt(place{b.tape, y})) {
			return false
		}
	}
	return x == endOfA && y == endOfB
}

// sameMembers compares objects, whose members may stand in any order and mostly stand in the same.
func sameMembers(a, b place) bool {
	if a.tape.count(a.at) != b.tape.count(b.at) {
		return false
	}
	var rest map[string]uint32 // the members of b, once the orders differ
	y, endOfB := b.at+1, b.tape.items[b.at].next
	for x := a.at + 1; x < a.tape.items[a.at].next; x = a.tape.items[x].next {
		name := a.tape.name(x)
		other := y
		if rest != nil || !b.tape.isNamed(y, name) {
			if rest == nil {
				rest = map[string]uint32{}
				for c := b.at + 1; c < endOfB; c = b.tape.items[c].next {
					rest[b.tape.name(c)] = c
				}
			}
			if other = rest[name]; other == 0 {
				return false
			}
		} else {
			y = b.tape.items[y].next
		}
		if !equal(valueAt(place{a.tape, x}), valueAt(place{b.tape, other})) {
			return false
		}
	}
	return true
}
