package collections

import (
	"fmt"
	"strconv"
	"strings"
)

// stretch is what a selection keeps of the order in which the requests run: from one to another.
type stretch struct {
	from, to *Request // both included; nil for the first and the last of all
	state    int      // before, within or behind what is kept
}

// stretch finds where the selection begins and ends. The error is ErrNothingSelected where nothing is called so, or tells that
// the end comes before the beginning.
func (c *Collection) stretch(sel Selection) (*stretch, error) {
	s := &stretch{}
	var last *Request
	behind := false // from comes after to
	for r := range c.Main.All() {
		if sel.From != "" && s.from == nil && c.named(r, sel.From) {
			s.from, behind = r, last != nil
		}
		if sel.To != "" && c.named(r, sel.To) {
			last, behind = r, false
		}
	}
	switch s.to = last; {
	case sel.From != "" && s.from == nil:
		return nil, fmt.Errorf("%s: %w: %w", c.File, ErrNothingSelected, Meant([]*Collection{c}, sel.From))
	case sel.To != "" && s.to == nil:
		return nil, fmt.Errorf("%s: %w: %w", c.File, ErrNothingSelected, Meant([]*Collection{c}, sel.To))
	case behind:
		return nil, fmt.Errorf("%s: from %q (line %d) to %q (line %d) is the wrong way round; swap them", c.File, s.from.Path(), s.from.Pos.Line,
			s.to.Path(), s.to.Pos.Line)
	}
	return s, nil
}

// keeps reports whether a request stands in the stretch. It is asked for all of them, in their order.
func (s *stretch) keeps(r *Request) bool {
	const before, within, behind = 0, 1, 2
	if s.state == before && (s.from == nil || s.from == r) {
		s.state = within
	}
	kept := s.state == within
	if kept && s.to == r {
		s.state = behind
	}
	return kept
}

// between says that nothing is selected of a stretch in which something stands.
func (sel *Selection) between() string {
	where := strings.TrimSpace("from the beginning " + quoted("to ", sel.To))
	if sel.From != "" {
		where = strings.TrimSpace(quoted("from ", sel.From) + " " + quoted("to ", sel.To))
	}
	switch {
	case len(sel.Only) == 0:
		return fmt.Sprintf("nothing %s has tags that fit %q", where, sel.Tags)
	case sel.Tags == "":
		return fmt.Sprintf("nothing %s is called %q", where, sel.Only[0])
	}
	return fmt.Sprintf("nothing %s is called %q and has tags that fit %q", where, sel.Only[0], sel.Tags)
}

func quoted(word, name string) string {
	if name == "" {
		return ""
	}
	return word + strconv.Quote(name)
}

// Meant returns an error where a name, as Selection.Only has it, means no request of any of the collections. It says what could
// have been meant.
func Meant(cs []*Collection, name string) error {
	var known []string
	aside := Phase("")
	for _, c := range cs {
		for phase, r := range c.Requests() {
			named := c.named(r, name)
			switch {
			case named && r.in(c.Main):
				return nil
			case named:
				aside = phase
			case r.in(c.Main):
				known = append(known, r.Path())
			}
		}
	}
	if aside != "" {
		return fmt.Errorf("%q stands in the %s of the collection, which runs with whatever is selected", name, aside)
	}
	return fmt.Errorf("nothing is called %q; %s", name, suggest(name, known))
}
