package expect

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

func readEquals(n source.Node, t Terms) Predicate {
	p := t.operand(n, func(v any) (matcher, error) { return equals{valueOf(v)}, nil })
	p.lists = n.IsList()
	return p
}

// equals compares with types: 1 is not "1". Numbers are compared by value, to the last digit.
type equals struct{ wanted value }

func (e equals) judge(v value) verdict {
	if v.kind == absent {
		return unfit
	}
	return of(v.equal(e.wanted))
}

func (e equals) want(what string, not bool) string { return toBe(what, render(e.wanted), not) }

// explain tells 1 from "1", and names the place where documents differ.
func (e equals) explain(v value, not bool) string {
	if not {
		return ""
	}
	if d := e.differences(v); len(d) > 0 {
		return differAt(d)
	}
	switch {
	case v.kind == text && e.wanted.kind == text:
		got, want := pair(v.text, e.wanted.text)
		return "got " + got + ", want " + want
	case v.kind == text && e.wanted.kind == jsonic:
		if found, ok := parseJSON(v.text); ok {
			return "got " + render(valueOf(found)) + ", want " + render(e.wanted)
		}
		return "got " + render(v) + " (not JSON), want " + render(e.wanted)
	case v.kind == e.wanted.kind || v.kind == list || v.kind == object || e.wanted.kind == loose:
		return ""
	}
	if got, want := render(v), render(e.wanted); strings.Trim(got, `"`) == strings.Trim(want, `"`) {
		return "got " + got + v.kindShown() + ", want " + want + e.wanted.kindShown()
	}
	return ""
}

func (e equals) differences(v value) []string { return compareDocuments(v, e.wanted) }

// equal compares what was found with what is wanted.
func (v value) equal(w value) bool {
	switch w.kind {
	case class:
		return v.kind == number && len(v.text) == 3 && v.text[0] == w.text[0]
	case loose:
		return (v.kind == text || v.kind == number) && v.text == w.text
	case jsonic:
		if v.kind == text {
			found, ok := parseJSON(v.text)
			return ok && same(found, w.any)
		}
		return same(v.box(), w.any)
	}
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case number:
		return v.text == w.text || compareNumbers(v.text, w.text) == 0
	case text:
		return v.text == w.text
	case boolean:
		return v.yes == w.yes
	case span:
		return v.span == w.span
	case list, object:
		return same(v.box(), w.any)
	}
	return v.kind == null
}

// same compares two values of JSON; b is the wanted one.
func same(a, b any) bool {
	switch b := b.(type) {
	case nil:
		return a == nil
	case bool:
		a, ok := a.(bool)
		return ok && a == b
	case string:
		a, ok := a.(string)
		return ok && a == b
	case json.Number:
		a, ok := a.(json.Number)
		return ok && compareNumbers(string(a), string(b)) == 0
	case []any:
		a, ok := a.([]any)
		return ok && sameLists(a, b)
	case map[string]any:
		a, ok := a.(map[string]any)
		return ok && len(a) == len(b) && hasMembers(a, b)
	case time.Duration, looseNumber, statusClass, document:
		return valueOf(a).equal(valueOf(b))
	}
	return false
}

func sameLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}

// hasMembers reports whether a has every member of b.
func hasMembers(a, b map[string]any) bool {
	for name, w := range b {
		if v, ok := a[name]; !ok || !same(v, w) {
			return false
		}
	}
	return true
}

func readEqualsFold(n source.Node, t Terms) Predicate {
	return t.operand(n, func(v any) (matcher, error) {
		s, ok := v.(string)
		if !ok {
			return nil, errors.New("equals_fold compares text, got " + described(v))
		}
		return equalsFold(s), nil
	})
}

// equalsFold compares texts and takes upper and lower case for the same.
type equalsFold string

func (e equalsFold) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(strings.EqualFold(v.text, string(e)))
}

func (e equalsFold) want(what string, not bool) string {
	return toBe(what, render(valueOf(string(e)))+" in upper or lower case", not)
}

func readNot(n source.Node, t Terms) Predicate {
	return around(t.one(n), func(m matcher) matcher { return negated{m} })
}

// negated holds if its predicate does not. What cannot be judged satisfies neither.
type negated struct{ m matcher }

func (o negated) judge(v value) verdict {
	switch o.m.judge(v) {
	case holds:
		return fails
	case fails:
		return holds
	}
	return unfit
}

func (o negated) want(what string, not bool) string { return o.m.want(what, !not) }

func (o negated) explain(v value, not bool) string {
	if e, ok := o.m.(explainer); ok {
		return e.explain(v, !not)
	}
	return ""
}

func readOneOf(n source.Node, t Terms) Predicate {
	return raw(n, func(v any) (matcher, error) {
		choices, ok := v.([]any)
		if !ok || len(choices) == 0 {
			return nil, errors.New("one_of wants a list of values, got " + described(v))
		}
		return t.oneOf(choices)
	})
}

func (t Terms) oneOf(choices []any) (matcher, error) {
	o := make(oneOf, len(choices))
	for i, c := range choices {
		c, err := t.meaning(c)
		if err != nil {
			return nil, err
		}
		o[i] = valueOf(c)
	}
	return o, nil
}

// oneOf holds if the value equals one of several.
type oneOf []value

func (o oneOf) judge(v value) verdict {
	if v.kind == absent {
		return unfit
	}
	for _, w := range o {
		if v.equal(w) {
			return holds
		}
	}
	return fails
}

func (o oneOf) want(what string, not bool) string {
	choices := make([]string, len(o))
	for i, w := range o {
		choices[i] = render(w)
	}
	return toBe(what, "one of "+strings.Join(choices, ", "), not)
}
