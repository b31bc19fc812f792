package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String returns a reader that stores a scalar as it is written.
func String(to *string) func(Node) { return func(n Node) { *to = n.Text() } }

// Bool returns a reader that stores true or false.
func Bool(to *bool) func(Node) {
	return func(n Node) {
		if b, ok := n.literal().(bool); ok {
			*to = b
			return
		}
		n.Errorf("want true or false, got %s", n.kind())
	}
}

// Int returns a reader that stores a whole number of at least least.
func Int(to *int, least int) func(Node) {
	return func(n Node) {
		i, ok := n.whole()
		switch {
		case !ok:
			n.Errorf("want a whole number of at least %d, got %s", least, n.kind())
		case i < least:
			n.Errorf("want a whole number of at least %d, got %d", least, i)
		default:
			*to = i
		}
	}
}

// whole returns a whole number, in quotes or without. 010 is a problem of its own: ten to some, eight to YAML.
func (n Node) whole() (int, bool) {
	if !n.IsScalar() || n.IsNull() {
		return 0, false
	}
	text := n.node().Value
	if number, ok := n.scalar().(json.Number); ok {
		text = number.String()
	}
	i, err := strconv.Atoi(text)
	return i, err == nil
}

// Duration returns a reader that stores a time span such as 500ms, 2s or 1m30s. Zero is allowed, less is a problem.
func Duration(to *time.Duration) func(Node) {
	return func(n Node) {
		text, ok := n.text()
		if !ok {
			return
		}
		d, err := ParseDuration(text)
		if err != nil {
			n.Errorf("%w", err)
			return
		}
		*to = d
	}
}

// ParseDuration reads a time span as collections write it: numbers and their units (ms, s, m, h). Only 0 needs no unit.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d >= 0 {
		return d, nil
	}
	hint := ""
	if f, bare := strconv.ParseFloat(text, 64); bare == nil && f > 0 {
		hint = fmt.Sprintf("; say the unit: %ss or %sms", text, text)
	}
	return 0, fmt.Errorf("want a time span such as 500ms, 5s or 2m, got %q%s", text, hint)
}

// Strings returns a reader that stores one scalar or a list of scalars.
func Strings(to *[]string) func(Node) {
	return func(n Node) {
		items := []Node{n}
		if !n.IsScalar() {
			items = n.Items()
		}
		*to = nil
		for _, item := range items {
			if text, ok := item.text(); ok {
				*to = append(*to, text)
			}
		}
	}
}

// OneOf returns a reader that stores one of the words.
func OneOf(to *string, words ...string) func(Node) {
	return func(n Node) {
		text, ok := n.text()
		switch {
		case !ok:
		case slices.Contains(words, text):
			*to = text
		default:
			n.Errorf("unknown value %q; %s", text, Suggest(text, words))
		}
	}
}

func (n Node) literal() any {
	if !n.IsScalar() {
		return nil
	}
	return n.scalar()
}

// Suggest returns "did you mean …" for the nearest of the names, or lists them where none is near.
func Suggest(got string, names []string) string {
	best, distance := "", 1+len(got)/4
	for _, name := range names {
		d := Distance(strings.ToLower(got), strings.ToLower(name))
		if d <= distance && (best == "" || d < distance) && d < max(len(got), len(name)) {
			best, distance = name, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(names) == 0:
		return "nothing is known here"
	}
	return "known here: " + strings.Join(names, ", ")
}

// Distance is the number of letters to insert, delete, replace or swap with a neighbour to turn a into b.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
