package jsonpath

// query is what stands behind $ or @ (RFC 9535, sections 2.1 and 2.3.5): segments, each of which takes the nodes that
// the one before it found to others.
type query struct {
	relative bool   // starts at the current node, @, and not at the root
	lead     []step // the segments of one name or one index that it starts with
	rest     []segment
}

// singular reports whether the query leads to one node at most.
func (q *query) singular() bool { return len(q.rest) == 0 }

// step is a segment of one name or one index.
type step struct {
	name     string
	index    int64 // from the end where it is negative
	indexed  bool
	from, to int // where the segment stands in the expression
}

// segment is a child segment or a descendant segment (RFC 9535, section 2.5).
type segment struct {
	descendant bool
	selectors  []selector
}

// selector takes a node to some of its children (RFC 9535, section 2.3).
type selector interface {
	// from appends the children of a node that are selected.
	from(s *search, at place, out []uint32) []uint32
}

type (
	byName     string   // the member of that name
	byIndex    int64    // the element at that position, from the end where it is negative
	everything struct{} // all children
	slice      struct { // elements from start to before end
		start, end *int64 // nil for none
		step       int64
	}
	filter struct{ test test } // the children for which the test holds
)

// add appends a segment.
func (q *query) add(s segment, from, to int) {
	if len(q.rest) == 0 && !s.descendant && len(s.selectors) == 1 {
		switch sel := s.selectors[0].(type) {
		case byName:
			q.lead = append(q.lead, step{name: string(sel), from: from, to: to})
			return
		case byIndex:
			q.lead = append(q.lead, step{index: int64(sel), indexed: true, from: from, to: to})
			return
		}
	}
	q.rest = append(q.rest, s)
}

// start walks the bytes of a document along the lead. It returns where the value starts and the steps to it, counted
// from the start of lists.
func (q *query) start(doc string) (at int, steps []step, ok bool) {
	at, steps = space(doc, 0), q.lead
	for n := range q.lead {
		next, resolved, ok := q.lead[n].in(doc, at)
		if !ok {
			return 0, nil, false
		}
		at, steps = next, resolve(q.lead, steps, n, resolved)
	}
	return at, steps, at < len(doc)
}

// resolve puts the true position of an element in the place of one from the end. It copies the steps before it changes
// them: they belong to the query.
func resolve(lead, steps []step, n int, index int64) []step {
	if !lead[n].indexed || lead[n].index >= 0 {
		return steps
	}
	if &steps[0] == &lead[0] {
		steps = append([]step(nil), lead...)
	}
	steps[n].index = index
	return steps
}

// in finds the value that one step leads to from the value at i: where it starts, and for an element its true position.
func (s *step) in(doc string, i int) (at int, index int64, ok bool) {
	if !s.indexed {
		at, ok = member(doc, i, s.name)
		return at, 0, ok
	}
	index = s.index
	if index < 0 {
		if index += elements(doc, i); index < 0 {
			return 0, 0, false
		}
	}
	at, ok = element(doc, i, index)
	return at, index, ok
}
