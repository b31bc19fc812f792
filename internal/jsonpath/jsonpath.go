// Package jsonpath finds values in JSON documents by the query expressions of RFC 9535; it knows nothing of where the
// documents come from.
//
// Documents are walked as bytes: a path such as $.entry[0].id reads what stands before the value and nothing else, and
// any other path makes a flat index of the part it looks at. So members keep the order of the document, and numbers all
// their digits. Of two members of one name the first counts.
package jsonpath

import (
	"errors"
	"slices"
	"strconv"
)

// Limits that no path and no document of good will reaches.
const (
	maxNesting = 200    // of parentheses and filters within an expression
	maxDepth   = 10_000 // of lists and objects within a document
)

// limits bound the work of one evaluation.
type limits struct {
	nodes  int // in a list of nodes
	visits int // values that are looked at
}

// Path is a parsed query expression (RFC 9535, section 2.1). It serves many goroutines.
type Path struct {
	text  string
	query *query
}

// SyntaxError says what is wrong with an expression, and what to write instead where that is known.
type SyntaxError struct {
	Offset int // in bytes, from the start of the expression
	Msg    string
}

func (e *SyntaxError) Error() string { return "at byte " + strconv.Itoa(e.Offset) + ": " + e.Msg }

// Parse reads an expression that is well-formed and valid (RFC 9535, sections 2.1 and 2.4.3). The error is a
// *SyntaxError. It goes beyond the RFC in one point: a regular expression written out in match() or search() must be an
// I-Regexp (RFC 9485), because one that is not would never match anything.
func Parse(expr string) (*Path, error) {
	p := &parser{s: expr}
	q, err := p.path()
	if err != nil {
		return nil, err
	}
	return &Path{expr, q}, nil
}

// String returns the expression as it was written.
func (p *Path) String() string { return p.text }

// Singular reports whether the path leads to one value at most, wherever it is applied (RFC 9535, section 2.3.5.1).
func (p *Path) Singular() bool { return p.query.singular() }

// Find returns the nodes that the path leads to, in the order of RFC 9535, members in that of the document; none is no
// error. The error says that the document is not JSON, or that the path leads to more than 8 million nodes or looks at
// too many on its way.
func (p *Path) Find(doc []byte) ([]Node, error) {
	s := string(doc)
	if err := check(s); err != nil {
		return nil, err
	}
	return p.FindValid(s)
}

// FindValid is Find for a document that is known to be JSON, nested no deeper than 10,000 levels. In one that is not it
// may find anything.
func (p *Path) FindValid(doc string) ([]Node, error) {
	return p.find(doc, limits{nodes: 1 << 23, visits: 1 << 26})
}

func (p *Path) find(doc string, most limits) ([]Node, error) {
	if uint64(len(doc)) >= 1<<32 {
		return nil, errors.New("the document is larger than 4 GB")
	}
	if p.Singular() {
		if n, ok := p.One(doc); ok {
			return []Node{n}, nil
		}
		return nil, nil
	}
	from, steps, ok := p.query.start(doc)
	if !ok {
		return nil, nil
	}
	t, err := index(doc, from)
	if err != nil {
		return nil, err
	}
	s := &search{doc: doc, most: most}
	found := s.follow(p.query.rest, place{t, 0})
	if s.err != nil {
		return nil, s.err
	}
	nodes := make([]Node, len(found))
	for i, at := range found {
		nodes[i] = Node{Raw: t.raw(at), steps: steps, tape: t, at: at}
	}
	return nodes, nil
}

// One returns the node that a singular path leads to, in a document that is known to be JSON; false where there is none,
// or where the path is not singular.
func (p *Path) One(doc string) (Node, bool) {
	if !p.Singular() {
		return Node{}, false
	}
	from, steps, ok := p.query.start(doc)
	if !ok {
		return Node{}, false
	}
	return Node{Raw: doc[from:skip(doc, from)], steps: steps}, true
}

// LastNames returns the names of the members that the path ends in, those in front of indexes, slices, wildcards and
// filters: password of $.users[*].password[0].
func (p *Path) LastNames() []string {
	var names []string
	for _, s := range slices.Backward(p.query.rest) {
		for _, sel := range s.selectors {
			if name, ok := sel.(byName); ok {
				names = append(names, string(name))
			}
		}
		if names != nil {
			return names
		}
	}
	for _, s := range slices.Backward(p.query.lead) {
		if !s.indexed {
			return []string{s.name}
		}
	}
	return nil
}

// Gap is where a singular path leads to nothing.
type Gap struct {
	Last     Node // the last node on the way
	Name     string
	Index    int64 // from the end where it is negative
	Indexed  bool  // an element is missing, and not a member
	From, To int   // the bytes of the expression that name what is missing
}

// Gap tells how far a singular path gets in a document that is known to be JSON, for messages. It returns false where
// the path gets to its end, or is not singular.
func (p *Path) Gap(doc string) (Gap, bool) {
	if !p.Singular() {
		return Gap{}, false
	}
	lead := p.query.lead
	at, steps := space(doc, 0), lead
	for n := range lead {
		s := &lead[n]
		next, resolved, ok := s.in(doc, at)
		if !ok {
			last := Node{Raw: doc[min(at, len(doc)):skip(doc, at)], steps: steps[:n]}
			return Gap{last, s.name, s.index, s.indexed, s.from, s.to}, true
		}
		at, steps = next, resolve(lead, steps, n, resolved)
	}
	return Gap{}, false
}

// Member returns the segment that leads to a member: .family, or ['a b'] where the name takes quotes.
func Member(name string) string {
	plain := name != ""
	for i := range len(name) {
		plain = plain && isNameChar(name[i], i > 0)
	}
	if plain {
		return "." + name
	}
	return string(appendName(nil, name))
}
