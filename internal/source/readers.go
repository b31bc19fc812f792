package source

import (
	"fmt"
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
		i, err := strconv.Atoi(n.Text())
		if err != nil || i < least {
			n.Errorf("want a whole number of at least %d, got %s", least, n.kind())
			return
		}
		*to = i
	}
}

// Duration returns a reader that stores a time span such as 500ms, 2s or 1m30s. Zero is allowed, less is a problem.
func Duration(to *time.Duration) func(Node) {
	return func(n Node) {
		d, err := ParseDuration(n.Text())
		if err != nil {
			n.Errorf("%w", err)
			return
		}
		*to = d
	}
}

// ParseDuration reads a time span as collections write it: a number and its unit (ms, s, m, h), never a bare number.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || text == "0" && d != 0 {
		hint := ""
		if _, bare := strconv.ParseFloat(text, 64); bare == nil {
			hint = fmt.Sprintf("; say the unit: %ss or %sms", text, text)
		}
		return 0, fmt.Errorf("want a time span such as 500ms, 5s or 2m, got %q%s", text, hint)
	}
	return d, nil
}

// Strings returns a reader that stores one scalar or a list of scalars.
func Strings(to *[]string) func(Node) {
	return func(n Node) {
		if n.IsScalar() {
			*to = []string{n.Text()}
			return
		}
		*to = nil
		for _, item := range n.Items() {
			*to = append(*to, item.Text())
		}
	}
}

// OneOf returns a reader that stores one of the words.
func OneOf(to *string, words ...string) func(Node) {
	return func(n Node) {
		text := n.Text()
		for _, w := range words {
			if text == w {
				*to = text
				return
			}
		}
		if text != "" {
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
		if d := Distance(strings.ToLower(got), strings.ToLower(name)); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
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
