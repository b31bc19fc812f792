package expect

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

func readAbove(n source.Node, t Terms) Predicate   { return t.bound(n, "above", 1, 1) }
func readAtLeast(n source.Node, t Terms) Predicate { return t.bound(n, "at least", 0, 1) }
func readBelow(n source.Node, t Terms) Predicate   { return t.bound(n, "below", -1, -1) }
func readAtMost(n source.Node, t Terms) Predicate  { return t.bound(n, "at most", -1, 0) }

// bound reads one end of a range; lowest and highest are the results of comparing that satisfy it.
func (t Terms) bound(n source.Node, words string, lowest, highest int) Predicate {
	return t.prepared(n, numeric, func(v any) (matcher, error) {
		limit, err := measure(v)
		return bound{words, limit, lowest, highest}, err
	})
}

// numeric takes a text that spells a number for that number: variables of the command line are texts.
func numeric(v any) any {
	if s, ok := v.(string); ok && isNumber(s) {
		return json.Number(s)
	}
	return v
}

// measure returns a value that has more and less.
func measure(v any) (value, error) {
	x := valueOf(v)
	switch x.kind {
	case number, loose, span:
		return x, nil
	}
	return x, errors.New("want a number, got " + described(v))
}

// bound holds for what compares with its limit as it should.
type bound struct {
	words           string // "at least"
	limit           value
	lowest, highest int
}

func (b bound) judge(v value) verdict {
	c, ok := v.compare(b.limit)
	if !ok {
		return unfit
	}
	return of(c >= b.lowest && c <= b.highest)
}

func (b bound) want(what string, not bool) string {
	if what == "it" && not {
		return "not " + b.words + " " + render(b.limit)
	}
	return toBe(what, b.words+" "+render(b.limit), not)
}

// compare orders numbers, and time spans. It is false where one has no place among the other's kind.
func (v value) compare(w value) (c int, ok bool) {
	switch {
	case v.kind == number && (w.kind == number || w.kind == loose):
		return compareNumbers(v.text, w.text), true
	case v.kind == text && w.kind == loose && isNumber(v.text):
		return compareNumbers(v.text, w.text), true
	case v.kind == span && w.kind == span:
		return compareSpans(v.span, w.span), true
	}
	return 0, false
}

func compareSpans(a, b time.Duration) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func readBetween(n source.Node, t Terms) Predicate {
	return raw(n, func(v any) (matcher, error) {
		ends, ok := v.([]any)
		if !ok || len(ends) != 2 {
			return nil, errors.New("between wants a list of two, [lowest, highest], got " + described(v))
		}
		var b [2]value
		for i, end := range ends {
			end, err := t.meaning(numeric(end))
			if err != nil {
				return nil, err
			}
			if b[i], err = measure(end); err != nil {
				return nil, err
			}
		}
		if c, ok := b[1].measured().compare(b[0]); !ok || c < 0 {
			return nil, errors.New("between wants the lower end first, got " + render(b[0]) + " and " + render(b[1]))
		}
		return between{b[0], b[1]}, nil
	})
}

// measured returns a wanted number as one that was found, to compare it with another wanted one.
func (v value) measured() value {
	if v.kind == loose {
		v.kind = number
	}
	return v
}

// between holds from low to high, both included.
type between struct{ low, high value }

func (b between) judge(v value) verdict {
	low, ok := v.compare(b.low)
	if !ok {
		return unfit
	}
	high, _ := v.compare(b.high)
	return of(low >= 0 && high <= 0)
}

func (b between) want(what string, not bool) string {
	if what == "it" && not {
		return "not between " + render(b.low) + " and " + render(b.high)
	}
	return toBe(what, "between "+render(b.low)+" and "+render(b.high), not)
}
