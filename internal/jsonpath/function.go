package jsonpath

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// parameter is what a function takes for an argument (RFC 9535, section 2.4.1).
type parameter string

const (
	valueType parameter = "a value"
	nodesType parameter = "a query"
)

// signature says what a function takes and gives.
type signature struct {
	parameters []parameter
	logical    bool // it gives true or false, and stands alone; any other gives a value, which is compared
}

// functionNames lists the functions, for messages.
const functionNames = "count, length, match, search and value"

// signatureOf knows the functions of RFC 9535, section 2.4.
func signatureOf(name string) (signature, bool) {
	switch name {
	case "length":
		return signature{parameters: []parameter{valueType}}, true
	case "count", "value":
		return signature{parameters: []parameter{nodesType}}, true
	case "match", "search":
		return signature{parameters: []parameter{valueType, valueType}, logical: true}, true
	}
	return signature{}, false
}

// lengthOf is length(): the characters of a string, the elements of a list, the members of an object.
type lengthOf struct{ operand operand }

func (l lengthOf) of(s *search, current place) value {
	switch v := l.operand.of(s, current); v.kind {
	case letters:
		return numberOf(utf8.RuneCountInString(v.text))
	case list, object:
		return numberOf(v.place.tape.count(v.place.at))
	}
	return value{}
}

// countOf is count(): the nodes that a query leads to.
type countOf struct{ query *query }

func (c countOf) of(s *search, current place) value {
	return numberOf(len(c.query.nodes(s, current).all))
}

func numberOf(n int) value { return value{kind: number, text: strconv.Itoa(n)} }

// valueOf is value(): what a query leads to, if that is one node.
type valueOf struct{ query *query }

func (v valueOf) of(s *search, current place) value {
	if f := v.query.nodes(s, current); len(f.all) == 1 {
		return valueAt(place{f.tape, f.all[0]})
	}
	return value{}
}

// matches is match() and search(): whether a text satisfies a regular expression, as a whole or in some part of it.
type matches struct {
	text, pattern operand
	whole         bool
	fixed         *regexp.Regexp // of a pattern that is written out
}

func (m matches) holds(s *search, current place) bool {
	text := m.text.of(s, current)
	if text.kind != letters {
		return false
	}
	re := m.fixed
	if re == nil {
		pattern := m.pattern.of(s, current)
		if pattern.kind != letters {
			return false
		}
		re = s.compiled(pattern.text, m.whole)
	}
	return re != nil && re.MatchString(text.text)
}

// compiled returns a regular expression of the document; nil where it is not an I-Regexp.
func (s *search) compiled(pattern string, whole bool) *regexp.Regexp {
	key := strconv.FormatBool(whole) + pattern
	re, ok := s.patterns[key]
	if ok {
		return re
	}
	re, _ = compile(pattern, whole)
	if s.patterns == nil {
		s.patterns = map[string]*regexp.Regexp{}
	}
	s.patterns[key] = re
	return re
}
