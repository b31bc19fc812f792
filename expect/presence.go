package expect

import (
	"errors"

	"github.com/hgrun/hgrun/internal/source"
)

// truth reads true or false. From the command line even a truth is a text.
func truth(v any, word string) (bool, error) {
	switch v {
	case true, "true":
		return true, nil
	case false, "false":
		return false, nil
	}
	return false, errors.New(word + " wants true or false, got " + described(v))
}

func readExists(n source.Node, t Terms) Predicate {
	p := raw(n, func(v any) (matcher, error) {
		yes, err := truth(v, "exists")
		return exists(yes), err
	})
	p.absence = true
	return p
}

// exists is the one predicate that has an opinion on what is not there. Null is there.
type exists bool

func (e exists) judge(v value) verdict { return of((v.kind != absent) == bool(e)) }

func (e exists) want(what string, not bool) string {
	switch {
	case what != "it":
		return to(what, "exist", not == bool(e))
	case bool(e) != not:
		return "something"
	}
	return "nothing there"
}

func readOptional(n source.Node, t Terms) Predicate {
	p := around(t.one(n), func(m matcher) matcher { return optional{m} })
	p.absence = true
	return p
}

// optional holds where nothing is there, and for what its predicate holds for.
type optional struct{ m matcher }

func (o optional) judge(v value) verdict {
	if v.kind == absent {
		return holds
	}
	return o.m.judge(v)
}

func (o optional) want(what string, not bool) string { return o.m.want(what, not) }

func (o optional) explain(v value, not bool) string {
	if e, ok := o.m.(explainer); ok {
		return e.explain(v, not)
	}
	return ""
}

func readEmpty(n source.Node, t Terms) Predicate {
	return raw(n, func(v any) (matcher, error) {
		yes, err := truth(v, "empty")
		return empty(yes), err
	})
}

// empty holds for a text, a list or an object with nothing in it, and where false is wanted for one with something.
type empty bool

func (e empty) judge(v value) verdict {
	switch v.kind {
	case text:
		return of((v.text == "") == bool(e))
	case list:
		return of((len(v.list()) == 0) == bool(e))
	case object:
		return of((len(v.object()) == 0) == bool(e))
	}
	return unfit
}

func (e empty) want(what string, not bool) string { return to(what, "be empty", not == bool(e)) }

func readLength(n source.Node, t Terms) Predicate {
	t.query = nil // the length is a plain number, whatever the value is
	p := t.one(n)
	wrapped := around(p, func(m matcher) matcher { return length{m} })
	wrapped.lists = false
	if e, ok := p.matcher.(equals); ok && e.wanted.kind != number {
		n.Errorf("length wants a number or predicates such as {above: 2}, got %s", described(e.wanted.box()))
		return Predicate{}
	}
	return wrapped
}

// length judges the number of characters, elements or members.
type length struct{ m matcher }

func (l length) judge(v value) verdict {
	n, ok := v.length()
	if !ok {
		return unfit
	}
	return l.m.judge(valueOf(n))
}

func (l length) want(what string, not bool) string {
	if what == "it" {
		return l.m.want("its length", not)
	}
	return l.m.want("the length of "+what, not)
}

func (l length) explain(v value, not bool) string {
	n, ok := v.length()
	if !ok {
		return ""
	}
	return "got " + render(v) + " of length " + render(valueOf(n)) + ", want " + l.want("it", not)
}
