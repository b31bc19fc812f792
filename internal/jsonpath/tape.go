package jsonpath

import (
	"errors"
	"strconv"
)

// kind is the type of a value.
type kind uint8

const (
	nothing kind = iota // no value at all: what an empty query or a failed function gives in a comparison
	null
	boolean
	number
	letters // a string
	list
	object
)

// tape is an index of a value and of all values in it, parents before their children. What stands below an item are the
// items from it to its next.
type tape struct {
	doc   string
	items []item
}

// item is one value.
type item struct {
	start, end uint32 // of the value in the document
	next       uint32 // the item behind all that are in this one
	parent     uint32
	from, to   uint32 // of the name of a member, in its quotes; from is the position of an element
	kind       kind
	named      bool // is a member
	escaped    bool // the name has a \ in it
}

func (t *tape) raw(at uint32) string { return t.doc[t.items[at].start:t.items[at].end] }

// name returns the name of a member.
func (t *tape) name(at uint32) string {
	it := &t.items[at]
	if it.escaped {
		return unquote(t.doc[it.from:it.to])
	}
	return t.doc[it.from+1 : it.to-1]
}

func (t *tape) isNamed(at uint32, name string) bool {
	it := &t.items[at]
	if it.escaped {
		return unquote(t.doc[it.from:it.to]) == name
	}
	return t.doc[it.from+1:it.to-1] == name
}

// member returns the member of a name, of any item; 0 where there is none.
func (t *tape) member(at uint32, name string) uint32 {
	it := &t.items[at]
	if it.kind != object {
		return 0
	}
	for c := at + 1; c < it.next; c = t.items[c].next {
		if t.isNamed(c, name) {
			return c
		}
	}
	return 0
}

// element returns the element at a position, of any item; 0 where there is none.
func (t *tape) element(at uint32, n int64) uint32 {
	it := &t.items[at]
	if it.kind != list {
		return 0
	}
	if n < 0 {
		n += int64(t.count(at))
	}
	for c := at + 1; n >= 0 && c < it.next; c = t.items[c].next {
		if n--; n < 0 {
			return c
		}
	}
	return 0
}

// count returns the number of elements or members.
func (t *tape) count(at uint32) int {
	n := 0
	for c := at + 1; c < t.items[at].next; c = t.items[c].next {
		n++
	}
	return n
}

// reader reads JSON (RFC 8259) and refuses everything else.
type reader struct {
	s     string
	i     int
	depth int
	tape  *tape // nil where nothing is kept
}

// index reads the value that starts at a byte of a document.
func index(doc string, from int) (*tape, error) {
	t := &tape{doc: doc, items: make([]item, 0, (len(doc)-from)/24+4)}
	r := reader{s: doc, i: from, tape: t}
	if !r.value(item{}) {
		return nil, r.err()
	}
	return t, nil
}

// check reports why a document is not JSON.
func check(doc string) error {
	r := reader{s: doc, i: space(doc, 0)}
	if !r.value(item{}) {
		return r.err()
	}
	if r.i = space(doc, r.i); r.i < len(doc) {
		return r.err()
	}
	return nil
}

func (r *reader) err() error {
	if r.depth > maxDepth {
		return errors.New("the document is nested deeper than " + strconv.Itoa(maxDepth) + " levels")
	}
	return errors.New("the document is not JSON: it breaks at byte " + strconv.Itoa(r.i))
}

// value reads the value at r.i. The item is what its parent knows of it. It returns false, with r.i at the byte that is
// wrong, where there is none.
func (r *reader) value(it item) bool {
	if r.i >= len(r.s) {
		return false
	}
	at := uint32(0)
	it.start = uint32(r.i)
	if r.tape != nil {
		at = uint32(len(r.tape.items))
		r.tape.items = append(r.tape.items, it)
	}
	k := kindAt(r.s[r.i])
	ok := false
	switch k {
	case null:
		ok = r.word("null")
	case boolean:
		ok = r.word("true") || r.word("false")
	case letters:
		_, ok = r.text()
	case number:
		ok = r.number()
	case list, object:
		r.depth++
		if r.depth > maxDepth {
			return false
		}
		if k == list {
			ok = r.list(at)
		} else {
			ok = r.object(at)
		}
		if ok {
			r.depth--
		}
	}
	if ok && r.tape != nil {
		kept := &r.tape.items[at]
		kept.end, kept.next, kept.kind = uint32(r.i), uint32(len(r.tape.items)), k
	}
	return ok
}

// kindAt returns the type of a value by its first byte.
func kindAt(c byte) kind {
	switch c {
	case '{':
		return object
	case '[':
		return list
	case '"':
		return letters
	case 't', 'f':
		return boolean
	case 'n':
		return null
	}
	if c == '-' || isDigit(c) {
		return number
	}
	return nothing
}

// list reads a list whose item is at.
func (r *reader) list(at uint32) bool {
	r.i++
	if r.closes(']') {
		return true
	}
	for n := uint32(0); ; n++ {
		if !r.value(item{parent: at, from: n}) {
			return false
		}
		if r.closes(']') {
			return true
		}
		if !r.comma() {
			return false
		}
	}
}

// object reads an object whose item is at.
func (r *reader) object(at uint32) bool {
	r.i++
	if r.closes('}') {
		return true
	}
	names := uniqueNames{tape: r.tape, parent: at}
	for {
		it := item{parent: at, from: uint32(r.i), named: true}
		if r.i >= len(r.s) || r.s[r.i] != '"' {
			return false
		}
		var ok bool
		if it.escaped, ok = r.text(); !ok {
			return false
		}
		it.to = uint32(r.i)
		if r.i = space(r.s, r.i); r.i >= len(r.s) || r.s[r.i] != ':' {
			return false
		}
		r.i = space(r.s, r.i+1)
		if !r.value(it) {
			return false
		}
		if r.tape != nil {
			names.keepFirst()
		}
		if r.closes('}') {
			return true
		}
		if !r.comma() {
			return false
		}
	}
}

// closes steps over space and the bracket, if it comes.
func (r *reader) closes(bracket byte) bool {
	r.i = space(r.s, r.i)
	if r.i < len(r.s) && r.s[r.i] == bracket {
		r.i++
		return true
	}
	return false
}

// comma steps over a comma and the space behind it.
func (r *reader) comma() bool {
	if r.i >= len(r.s) || r.s[r.i] != ',' {
		return false
	}
	r.i = space(r.s, r.i+1)
	return true
}
