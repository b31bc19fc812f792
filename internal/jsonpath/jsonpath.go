// Package jsonpath finds values in JSON documents by the query expressions of RFC 9535; it knows nothing of where the
// documents come from.
//
// Documents are walked as bytes: a path such as $.entry[0].id reads what stands before the value and nothing else, and
// any other path makes a flat index of the part it looks at. So members keep the order of the document, and numbers all
// their digits. Of two members of one name the first counts.
package jsonpath

import (
	"errors"
	"strconv"
)

// Limits that no path and no document of good will reaches.
const (
	maxNesting = 200     // of parentheses and filters within an expression
	maxDepth   = 10_000  // of lists and objects within a document
	maxNodes   = 1 << 23 // in a list of nodes
	maxVisits  = 1 << 26 // values that one evaluation looks at
)

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
	if uint64(len(doc)) >= 1<<32 {
		return nil, errors.New("the document is larger than 4 GB")
	}
	from, steps, ok := p.query.start(doc)
	if !ok {
		return nil, nil
	}
	if len(p.query.rest) == 0 {
		return []Node{{Raw: doc[from:skip(doc, from)], steps: steps}}, nil
	}
	t, err := index(doc, from)
	if err != nil {
		return nil, err
	}
	s := &search{doc: doc}
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

// Stuck tells how far a singular path gets in a document that is known to be JSON: the last node on the way, and the
// bytes of the expression, from the first to the one behind the last, that name what is not there. It is for messages;
// from is negative where the path gets to its end, or is not singular.
func (p *Path) Stuck(doc string) (last Node, from, to int) {
	q := p.query
	if !q.singular() {
		return Node{}, -1, -1
	}
	at := space(doc, 0)
	steps := q.lead
	for n := range q.lead {
		next, resolved, ok := q.lead[n].in(doc, at)
		if !ok {
			return Node{Raw: doc[at:skip(doc, at)], steps: steps[:n]}, q.lead[n].from, q.lead[n].to
		}
		at, steps = next, resolve(q.lead, steps, n, resolved)
	}
	return Node{}, -1, -1
}
