package expect

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/hgrun/hgrun/internal/source"
)

func readIncludes(n source.Node, t Terms) Predicate {
	p := t.operand(n, func(v any) (matcher, error) {
		if l, ok := v.([]any); ok && len(l) == 0 {
			return nil, errors.New("an empty list is included everywhere; use empty or length")
		}
		if o, ok := v.(map[string]any); ok && len(o) == 0 {
			return nil, errors.New("an empty object is included everywhere; use type: object")
		}
		return includes{valueOf(v)}, nil
	})
	p.lists = true
	return p
}

// includes holds for a list with a certain element, or with all elements of a list, in any order; and for an object with
// certain members. Objects, those in a list too, may have more members than the wanted one.
type includes struct{ wanted value }

func (i includes) judge(v value) verdict {
	switch v.kind {
	case list:
		return of(listIncludes(v.list(), i.wanted))
	case object:
		if i.wanted.kind == object {
			return of(covers(v.box(), i.wanted.any))
		}
	}
	return unfit
}

func (i includes) advice(k kind) string {
	if k == text {
		return "for text there is contains: …"
	}
	return ""
}

func (i includes) want(what string, not bool) string {
	return to(what, "include "+render(i.wanted), not)
}

func listIncludes(elements []any, wanted value) bool {
	wants := []any{wanted.box()}
	switch wanted.kind {
	case list:
		wants = wanted.list()
	case loose:
		wants = []any{looseNumber(wanted.text)}
	}
	for _, w := range wants {
		if !slices.ContainsFunc(elements, func(e any) bool { return covers(e, w) }) {
			return false
		}
	}
	return true
}

// covers reports whether a is b, or an object that has all of b's members.
func covers(a, b any) bool {
	wanted, ok := b.(map[string]any)
	if !ok {
		return same(a, b)
	}
	found, ok := a.(map[string]any)
	if !ok {
		return false
	}
	for name, w := range wanted {
		if v, there := found[name]; !there || !covers(v, w) {
			return false
		}
	}
	return true
}

func readUnordered(n source.Node, t Terms) Predicate {
	p := t.operand(n, func(v any) (matcher, error) {
		l, ok := v.([]any)
		if !ok {
			return nil, errors.New("unordered wants a list, got " + described(v))
		}
		return unordered(l), nil
	})
	p.lists = true
	return p
}

// unordered holds for a list of the same elements in any order, each as often as it is wanted.
type unordered []any

func (u unordered) judge(v value) verdict {
	if v.kind != list {
		return unfit
	}
	missing, extra := u.match(v.list())
	return of(len(missing) == 0 && len(extra) == 0)
}

// match pairs elements off. Equality is transitive, so the first partner is as good as any.
func (u unordered) match(elements []any) (missing, extra []any) {
	extra = slices.Clone(elements)
	for _, w := range u {
		i := slices.IndexFunc(extra, func(e any) bool { return same(e, w) })
		if i < 0 {
			missing = append(missing, w)
			continue
		}
		extra = slices.Delete(extra, i, i+1)
	}
	return missing, extra
}

func (u unordered) want(what string, not bool) string {
	return toBe(what, render(valueOf([]any(u)))+" in any order", not)
}

func (u unordered) differences(v value) []string {
	if v.kind != list {
		return nil
	}
	missing, extra := u.match(v.list())
	var lines []string
	for _, w := range missing {
		lines = append(lines, "missing "+render(valueOf(w)))
	}
	for _, e := range extra {
		lines = append(lines, "got "+render(valueOf(e))+", want nothing like it")
	}
	return atMost(lines)
}

func readEach(n source.Node, t Terms) Predicate { return elements(n, t, eachOf) }
func readAny(n source.Node, t Terms) Predicate  { return elements(n, t, anyOf) }
func readNone(n source.Node, t Terms) Predicate { return elements(n, t, noneOf) }

func elements(n source.Node, t Terms, q quantity) Predicate {
	p := around(t.one(n), func(m matcher) matcher { return quantified{m, q} })
	p.lists = true
	p.absence = false // an element is always there
	return p
}

// quantity is how many elements must satisfy a predicate.
type quantity int8

const (
	eachOf quantity = iota
	anyOf
	noneOf
)

// quantified judges the elements of a list. An empty list satisfies none: only: a search that found nothing does not
// prove that each patient is active.
type quantified struct {
	m        matcher
	quantity quantity
}

func (q quantified) judge(v value) verdict {
	if v.kind != list {
		return unfit
	}
	verdict, _ := q.decide(v.list())
	return verdict
}

// decide returns the verdict and the place of the element that brought it about, or -1.
func (q quantified) decide(elements []any) (verdict, int) {
	result := fails
	if q.quantity == noneOf || q.quantity == eachOf && len(elements) > 0 {
		result = holds
	}
	odd := 0
	for i, e := range elements {
		one := q.m.judge(valueOf(e))
		switch {
		case q.quantity == eachOf && one != holds:
			return one, i
		case q.quantity == anyOf && one == holds:
			return holds, i
		case q.quantity == noneOf && one == holds:
			return fails, i
		case q.quantity == noneOf && one == unfit:
			return unfit, i
		case one == unfit:
			odd++
		}
	}
	if odd > 0 && odd == len(elements) {
		return unfit, -1
	}
	return result, -1
}

func (q quantified) want(what string, not bool) string {
	whose := q.quantity.of(not)
	if what != "it" {
		whose += " of " + what
	}
	return q.m.want(whose, false)
}

// of names the elements that a want speaks of.
func (q quantity) of(not bool) string {
	switch {
	case q == eachOf && not:
		return "not each element"
	case q == eachOf:
		return "each element"
	case (q == anyOf) == not:
		return "no element"
	}
	return "an element"
}

func (q quantified) explain(v value, not bool) string {
	if v.kind != list {
		return ""
	}
	found := v.list()
	verdict, at := q.decide(found)
	if len(found) == 0 && q.quantity == eachOf && !not {
		return "got an empty list, want at least one element, and " + q.want("it", not)
	}
	if at < 0 || not && verdict == fails {
		return ""
	}
	got := valueOf(found[at])
	shown := render(got)
	if verdict == unfit {
		shown += got.kindShown()
	}
	return "got " + shown + " at " + strconv.Itoa(at) + ", want " + q.want("it", not)
}

// parseJSON reads a text as JSON.
func parseJSON(s string) (any, bool) {
	if !json.Valid([]byte(s)) {
		return nil, false
	}
	return fromJSON(s), true
}
