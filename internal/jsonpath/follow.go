package jsonpath

import (
	"errors"
	"regexp"
)

// place is a value of a document.
type place struct {
	tape *tape
	at   uint32
}

// search is one evaluation of a path.
type search struct {
	doc      string
	most     limits
	visits   int
	err      error                     // a limit was passed; what was found is not all
	roots    map[*query]found          // of the absolute queries in filters, which lead to the same everywhere
	patterns map[string]*regexp.Regexp // of the regular expressions that the document holds; nil for none
}

// found is what a query leads to.
type found struct {
	tape *tape
	all  []uint32
}

// follow takes a node along segments.
func (s *search) follow(segments []segment, from place) []uint32 {
	all := []uint32{from.at}
	for i := range segments {
		var next []uint32
		for _, at := range all {
			if next = s.segment(&segments[i], place{from.tape, at}, next); s.err != nil {
				return nil
			}
		}
		all = next
	}
	return all
}

// segment appends what one segment makes of a node.
func (s *search) segment(seg *segment, from place, out []uint32) []uint32 {
	end := from.at + 1
	if seg.descendant {
		end = from.tape.items[from.at].next // the items before it are the node and its descendants, parents first
	}
	for at := from.at; at < end; at++ {
		if from.tape.items[at].kind < list {
			continue
		}
		for _, sel := range seg.selectors {
			out = sel.from(s, place{from.tape, at}, out)
		}
		if s.spend(1, len(out)); s.err != nil {
			return nil
		}
	}
	return out
}

// spend counts the values that were looked at.
func (s *search) spend(visits, nodes int) {
	s.visits += visits
	if s.err == nil && (nodes > s.most.nodes || s.visits > s.most.visits) {
		s.err = errors.New("the path leads to too many values of the document")
	}
}

func (b byName) from(_ *search, at place, out []uint32) []uint32 {
	if c := at.tape.member(at.at, string(b)); c != 0 {
		return append(out, c)
	}
	return out
}

func (b byIndex) from(_ *search, at place, out []uint32) []uint32 {
	if c := at.tape.element(at.at, int64(b)); c != 0 {
		return append(out, c)
	}
	return out
}

func (everything) from(_ *search, at place, out []uint32) []uint32 {
	t := at.tape
	for c := at.at + 1; c < t.items[at.at].next; c = t.items[c].next {
		out = append(out, c)
	}
	return out
}

// from follows RFC 9535, section 2.3.4.2.2.
func (sl slice) from(_ *search, at place, out []uint32) []uint32 {
	t := at.tape
	if t.items[at.at].kind != list || sl.step == 0 {
		return out
	}
	all := everything{}.from(nil, at, nil)
	n := int64(len(all))
	bound := func(given *int64, missing, lowest, highest int64) int64 {
		if given == nil {
			return missing
		}
		i := *given
		if i < 0 {
			i += n
		}
		return min(max(i, lowest), highest)
	}
	if sl.step > 0 {
		end := bound(sl.end, n, 0, n)
		for i := bound(sl.start, 0, 0, n); i < end; i += sl.step {
			out = append(out, all[i])
		}
		return out
	}
	end := bound(sl.end, -1, -1, n-1)
	for i := bound(sl.start, n-1, -1, n-1); i > end; i += sl.step {
		out = append(out, all[i])
	}
	return out
}

func (f filter) from(s *search, at place, out []uint32) []uint32 {
	t := at.tape
	for c := at.at + 1; c < t.items[at.at].next && s.err == nil; c = t.items[c].next {
		s.spend(1, 0)
		if f.test.holds(s, place{t, c}) {
			out = append(out, c)
		}
	}
	return out
}

// one returns what a singular query leads to.
func (q *query) one(s *search, current place) (place, bool) {
	if !q.relative {
		root := q.root(s)
		if len(root.all) == 0 {
			return place{}, false
		}
		return place{root.tape, root.all[0]}, true
	}
	t, at := current.tape, current.at
	for i := range q.lead {
		if l := &q.lead[i]; l.indexed {
			at = t.element(at, l.index)
		} else {
			at = t.member(at, l.name)
		}
		if at == 0 {
			return place{}, false
		}
	}
	return place{t, at}, true
}

// nodes returns all that a query leads to.
func (q *query) nodes(s *search, current place) found {
	if !q.relative {
		return q.root(s)
	}
	at, ok := q.one(s, current)
	if !ok {
		return found{}
	}
	return found{at.tape, s.follow(q.rest, at)}
}

// root returns what an absolute query leads to, and looks only once.
func (q *query) root(s *search) found {
	if f, ok := s.roots[q]; ok {
		return f
	}
	var f found
	if from, _, ok := q.start(s.doc); ok {
		t, err := index(s.doc, from)
		if err != nil {
			s.err = err
			return f
		}
		f = found{t, s.follow(q.rest, place{t, 0})}
	}
	if s.roots == nil {
		s.roots = map[*query]found{}
	}
	s.roots[q] = f
	return f
}
