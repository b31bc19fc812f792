package expect

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/hgrun/hgrun/internal/source"
)

// statusQuery finds the status of the response, as a number.
type statusQuery struct{}

func (statusQuery) String() string { return "status" }

// Find returns the status as a json.Number.
func (q statusQuery) Find(a *Answer) (any, error) { v, _ := q.look(a); return v.box(), nil }

func (statusQuery) look(a *Answer) (value, error) {
	const successes = "200201202203204205206"
	if s := a.response.Status; s >= 200 && s <= 206 {
		at := 3 * (s - 200)
		return value{kind: number, text: successes[at : at+3]}, nil
	}
	if a.response.Status == 0 {
		return value{}, nil
	}
	return value{kind: number, text: strconv.Itoa(a.response.Status)}, nil
}

// operand reads a status or a class of them. Digits may be text: variables of the command line are.
func (q statusQuery) operand(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(string(v)); err == nil && n >= 100 && n <= 599 {
			return v, nil
		}
	case string:
		if len(v) == 3 && v[0] >= '1' && v[0] <= '5' && (v[1:] == "xx" || v[1:] == "XX") {
			return statusClass(v[0] - '0'), nil
		}
		if n, err := strconv.Atoi(v); err == nil && n >= 100 && n <= 599 {
			return json.Number(v), nil
		}
	}
	return nil, errors.New("want a status such as 200 or 2xx, got " + described(v))
}

func (statusQuery) refuse(word string) string {
	switch word {
	case "contains", "starts_with", "ends_with", "matches", "equals_fold", "length", "empty", "each", "any", "none", "unordered", "includes",
		"before", "after", "within", "type", "exists", "file":
		return "a status is a number; " + word + " cannot judge it"
	}
	return ""
}

// readStatus reads 200, 2xx, a list of either of which one must hold, or predicates.
func readStatus(n source.Node, t Terms) []Predicate {
	if n.IsMap() {
		return t.all(n)
	}
	if n.IsList() {
		return t.valid(readOneOf(n, t))
	}
	return t.valid(raw(n, func(v any) (matcher, error) {
		if l, ok := v.([]any); ok { // a variable may be a list as well
			return t.oneOf(l)
		}
		v, err := t.meaning(v)
		return equals{valueOf(v)}, err
	}))
}
