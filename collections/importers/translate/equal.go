package translate

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// falsy are the values of JSON that are false in a condition.
func falsy() []any { return []any{nil, false, json.Number("0"), ""} }

// truthOf asks whether a value is true in a condition.
func truthOf(f found, want bool) ([]check, error) {
	switch {
	case f.length && want:
		return []check{{of: f, word: "above", arg: json.Number("0")}}, nil
	case f.length:
		return []check{{of: f, word: "equals", arg: json.Number("0")}}, nil
	case f.isText() && len(f.then) == 0 && want && f.subject != "reason":
		return []check{{of: f, word: "empty", arg: false}}, nil
	case f.subject == "text" && len(f.then) == 0:
		return []check{{of: f, word: "empty", arg: true}}, nil
	case f.subject != "json" && f.subject != "headers" && f.subject != "variables", len(f.then) > 0:
		return nil, errors.New("it is true or not whatever the answer")
	case want:
		return []check{{of: f, word: "not", arg: []Entry{{Key: "one_of", Value: falsy()}}}}, nil
	}
	return append(there(f), optional(f, "one_of", falsy())), nil
}

// equals asks for a value as === and equal of chai do; or, where want is false, for any other.
func equals(f found, v any, want bool) ([]check, error) {
	if f.subject == "reason" {
		return reason(v, want)
	}
	arg, err := operand(f, v)
	if err != nil {
		return nil, err
	}
	switch {
	case want:
		return []check{{of: f, word: "equals", arg: arg}}, nil
	case f.length || f.isNumber():
		return []check{{of: f, word: "not", arg: arg}}, nil
	case isObject(arg):
		arg = []Entry{{Key: "equals", Value: arg}}
	}
	return append(there(f), optional(f, "not", arg)), nil
}

func isObject(v any) bool { _, ok := v.([]Entry); return ok }

// operand returns a value as the subject wants it. What can never be equal is an error, because ours may be less strict there.
func operand(f found, v any) (any, error) {
	s, isText := v.(string)
	n, isNumber := v.(json.Number)
	open := isText && strings.HasPrefix(s, "{{") // a variable may be of any type
	switch {
	case f.length && !isNumber && !open:
		return nil, errors.New("a length is never equal to what is no number")
	case f.length:
		return v, nil
	case f.subject == "duration":
		if !isNumber {
			return nil, errors.New("a time is compared with no number")
		}
		return duration(n)
	case f.isNumber() && !isNumber && !open:
		return nil, errors.New("a number is never equal to a text")
	case f.isText() && !isText:
		return nil, errors.New("a text is never equal to a number")
	case f.isText() && len(f.then) == 0 && f.subject != "variables" && s == "":
		return nil, errors.New("an empty text is asked for")
	}
	return v, nil
}

// duration writes milliseconds as a time span.
func duration(ms json.Number) (any, error) {
	f, err := ms.Float64()
	if err != nil || f < 0 || f > 1e9 {
		return nil, errors.New("no time in milliseconds: " + string(ms))
	}
	d := time.Duration(f * float64(time.Millisecond))
	if d < time.Second || d%time.Second != 0 {
		return string(ms) + "ms", nil
	}
	return itoa(int(d/time.Second)) + "s", nil
}

// reason asks for the words of a status, which are known.
func reason(v any, want bool) ([]check, error) {
	s, _ := v.(string)
	for code := 100; code < 600; code++ {
		if s != "" && http.StatusText(code) == s {
			c, err := equals(found{subject: "status"}, json.Number(itoa(code)), want)
			return c, err
		}
	}
	return nil, errors.New("the words are no standard ones of a status: " + s)
}

// compare asks for more or less than a number.
func compare(f found, word string, n json.Number, want bool) ([]check, error) {
	opposite := map[string]string{"above": "at_most", "at_most": "above", "below": "at_least", "at_least": "below"}
	if !want {
		word = opposite[word]
	}
	if f.isText() || f.subject == "variables" {
		return nil, errors.New("a text is compared with a number")
	}
	arg, err := operand(f, n)
	if err != nil {
		return nil, err
	}
	return []check{{of: f, word: word, arg: arg}}, nil
}

// oneOf asks for one of several values.
func oneOf(f found, list []any, want bool) ([]check, error) {
	if f.subject == "reason" || f.subject == "duration" || len(list) == 0 {
		return nil, errors.New("one of several that cannot be named")
	}
	list = slices.Clone(list)
	for i, v := range list {
		arg, err := operand(f, v)
		if err != nil {
			return nil, err
		}
		list[i] = arg
	}
	if want {
		return []check{{of: f, word: "one_of", arg: list}}, nil
	}
	if f.isNumber() {
		return []check{{of: f, word: "not", arg: []Entry{{Key: "one_of", Value: list}}}}, nil
	}
	return append(there(f), optional(f, "not", []Entry{{Key: "one_of", Value: list}})), nil
}
