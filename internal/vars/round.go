package vars

import (
	"maps"
	"strconv"
	"strings"
)

// Round is one time that a collection runs. The zero Round is the only one there is.
type Round struct {
	Number int          // counted from 1
	Count  int          // of all rounds; zero where that is not known
	Row    func() Value // the row of data as one document; nil for none
}

// The names of a round.
const (
	Iteration      = "$iteration"      // its number
	IterationCount = "$iterationCount" // how many there are
	RowName        = "$row"            // the row of data as one document
)

// Round returns a scope for one round: it sees what s captured, and what it captures itself stays its own. The columns of its
// row stand behind the strongest layer of s, which is the command line, and before all others.
func (s *Scope) Round(r Round, columns Layer) *Scope {
	child := *s
	child.captured = maps.Clone(s.captured)
	if child.captured == nil {
		child.captured = map[string]Value{}
	}
	child.round = &r
	behind := min(1, len(s.layers))
	child.layers = make([]Layer, 0, len(s.layers)+1)
	child.layers = append(child.layers, s.layers[:behind]...)
	child.layers = append(child.layers, columns)
	child.layers = append(child.layers, s.layers[behind:]...)
	s.hide(child.layers[behind : behind+1])
	return &child
}

// ofRound returns what a name of the round stands for; a scope without one is the first of one.
func (s *Scope) ofRound(name string) (Value, bool) {
	r := s.round
	if r == nil {
		r = &Round{Number: 1, Count: 1}
	}
	switch {
	case name == Iteration:
		return Value{Text: strconv.Itoa(r.Number), JSON: true}, true
	case name == IterationCount && r.Count > 0:
		return Value{Text: strconv.Itoa(r.Count), JSON: true}, true
	case r.Row == nil:
		return Value{}, false
	case name == RowName:
		return r.Row(), true
	}
	if path, ok := strings.CutPrefix(name, RowName+"."); ok {
		return r.Row().Member(path)
	}
	return Value{}, false
}
