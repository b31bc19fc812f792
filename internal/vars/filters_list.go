package vars

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

func listFilters() map[string]filter {
	return map[string]filter{
		"count":  always(count),
		"first":  always(func(v Value) (Value, error) { return element(v, 0) }),
		"last":   always(func(v Value) (Value, error) { return element(v, -1) }),
		"nth":    {"place", bindNth},
		"join":   {"separator", bindJoin},
		"sort":   always(sorted),
		"unique": always(unique),
		"min":    always(func(v Value) (Value, error) { return extreme(v, func(all []Value) Value { return all[0] }) }),
		"max":    always(func(v Value) (Value, error) { return extreme(v, func(all []Value) Value { return all[len(all)-1] }) }),
		"sum":    always(sum),
		"keys": always(func(v Value) (Value, error) {
			names, _, err := members(v)
			texts := make([]Value, len(names))
			for i, name := range names {
				texts[i] = Value{Text: name}
			}
			return listOf(texts), err
		}),
		"values": always(func(v Value) (Value, error) {
			_, all, err := members(v)
			return listOf(all), err
		}),
	}
}

// count counts the elements of a list or the members of an object.
func count(v Value) (Value, error) {
	switch shapeOf(v) {
	case listShape:
		all, err := elements(v)
		return integer(len(all)), err
	case objectShape:
		names, _, err := members(v)
		return integer(len(names)), err
	case textShape, numberShape, boolShape, nullShape:
	}
	return Value{}, unfit(v, "a list or an object")
}

func bindNth(args []Value) (change, error) {
	at, err := whole(args[0], "place")
	if err != nil {
		return nil, err
	}
	return func(v Value) (Value, error) { return element(v, at) }, nil
}

// element returns the element at a place, counted from 0, or, if negative, from the end.
func element(v Value, at int) (Value, error) {
	all, err := elements(v)
	if err != nil {
		return Value{}, err
	}
	i := at
	if i < 0 {
		i += len(all)
	}
	if i < 0 || i >= len(all) {
		return Value{}, &nothing{fmt.Sprintf("got a list of %d, want one with an element at %d", len(all), at)}
	}
	return all[i], nil
}

func bindJoin(args []Value) (change, error) {
	separator, err := textOf(args[0])
	if err != nil {
		return nil, fmt.Errorf("separator: %w", err)
	}
	return func(v Value) (Value, error) {
		all, err := elements(v)
		texts := make([]string, len(all))
		for i, e := range all {
			texts[i] = e.Text
		}
		return Value{Text: strings.Join(texts, separator)}, err
	}, nil
}

// sortable is a list of texts, or of numbers that are ready to be compared.
type sortable struct {
	all     []Value
	numbers []*big.Rat // nil for texts
}

func sortableOf(v Value) (sortable, error) {
	all, err := elements(v)
	if err != nil || len(all) == 0 {
		return sortable{}, err
	}
	first := shapeOf(all[0])
	s := sortable{all: all}
	for i, e := range all {
		switch shape := shapeOf(e); {
		case shape != textShape && shape != numberShape:
			return s, fmt.Errorf("element %d: %s, want a number or text", i, got(e))
		case shape != first:
			return s, fmt.Errorf("element %d: %s, want all numbers or all texts", i, got(e))
		case shape == numberShape:
			r, err := exact(e)
			if err != nil {
				return s, fmt.Errorf("element %d: %w", i, err)
			}
			s.numbers = append(s.numbers, r)
		}
	}
	return s, nil
}

// ascending returns the elements from the least to the greatest.
func (s sortable) ascending() []Value {
	places := make([]int, len(s.all))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		if s.numbers != nil {
			return s.numbers[a].Cmp(s.numbers[b])
		}
		return strings.Compare(s.all[a].Text, s.all[b].Text)
	})
	out := make([]Value, len(places))
	for i, at := range places {
		out[i] = s.all[at]
	}
	return out
}

func sorted(v Value) (Value, error) {
	s, err := sortableOf(v)
	if err != nil {
		return Value{}, err
	}
	return listOf(s.ascending()), nil
}

func extreme(v Value, pick func([]Value) Value) (Value, error) {
	s, err := sortableOf(v)
	if err != nil {
		return Value{}, err
	}
	if len(s.all) == 0 {
		return Value{}, &nothing{"got an empty list, want one with elements"}
	}
	return pick(s.ascending()), nil
}

// unique keeps the first of equal elements. Numbers of one value are equal however they are written; members of objects
// must come in one order.
func unique(v Value) (Value, error) {
	all, err := elements(v)
	if err != nil {
		return Value{}, err
	}
	seen := map[string]bool{}
	var kept []Value
	for _, e := range all {
		key := Of(e.Any()).Literal()
		if shapeOf(e) == numberShape {
			if r, err := exact(e); err == nil {
				key = r.RatString()
			}
		}
		if !seen[key] {
			seen[key] = true
			kept = append(kept, e)
		}
	}
	return listOf(kept), nil
}

// sum adds the numbers of a list, to the last digit.
func sum(v Value) (Value, error) {
	all, err := elements(v)
	if err != nil {
		return Value{}, err
	}
	total := new(big.Rat)
	for i, e := range all {
		if shapeOf(e) != numberShape {
			return Value{}, fmt.Errorf("element %d: %s, want a number", i, got(e))
		}
		r, err := exact(e)
		if err != nil {
			return Value{}, fmt.Errorf("element %d: %w", i, err)
		}
		total.Add(total, r)
	}
	places, _ := total.FloatPrec() // decimals have no other prime factors than 2 and 5 below
	return Value{Text: total.FloatString(places), JSON: true}, nil
}

// exact returns a JSON number. One with an exponent that would fill the memory is an error.
func exact(v Value) (*big.Rat, error) {
	const widest = 400 // more than a float has
	if _, exponent, ok := strings.Cut(strings.ToLower(v.Text), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n > widest || n < -widest {
			return nil, errors.New(got(v) + ", want a number of fewer digits")
		}
	}
	r, ok := new(big.Rat).SetString(v.Text)
	if !ok {
		return nil, unfit(v, "a number")
	}
	return r, nil
}
