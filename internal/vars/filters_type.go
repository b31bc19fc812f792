package vars

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

func isSpace(r rune) bool { return unicode.IsSpace(r) }

func typeFilters() map[string]filter {
	return map[string]filter{
		"to_string": always(func(v Value) (Value, error) { return Value{Text: v.Text}, nil }),
		"to_int":    always(toInt),
		"to_float":  always(toFloat),
		"to_bool":   always(toBool),
		"json": always(func(v Value) (Value, error) {
			if v.JSON {
				return v, nil
			}
			return Value{Text: quoteJSON(v.Text), JSON: true}, nil
		}),
	}
}

// toInt takes a whole number of any size. A fraction must be zero: it is not cut off.
func toInt(v Value) (Value, error) {
	if shape := shapeOf(v); shape != textShape && shape != numberShape {
		return Value{}, unfit(v, "a whole number")
	}
	text := strings.TrimPrefix(strings.TrimSpace(v.Text), "+")
	unsigned := strings.TrimPrefix(text, "-")
	if unsigned != "" && strings.Trim(unsigned, digits) == "" {
		if unsigned = strings.TrimLeft(unsigned, "0"); unsigned == "" {
			return integer(0), nil
		}
		return Value{Text: text[:len(text)-len(strings.TrimPrefix(text, "-"))] + unsigned, JSON: true}, nil
	}
	if isNumber(text) {
		if r, err := exact(Value{Text: text, JSON: true, Secret: v.Secret}); err == nil && r.IsInt() {
			return Value{Text: r.Num().String(), JSON: true}, nil
		}
	}
	return Value{}, unfit(v, "a whole number")
}

// toFloat takes a number and keeps its digits where JSON can write them.
func toFloat(v Value) (Value, error) {
	if shape := shapeOf(v); shape != textShape && shape != numberShape {
		return Value{}, unfit(v, "a number")
	}
	text := strings.TrimPrefix(strings.TrimSpace(v.Text), "+")
	if isNumber(text) {
		return Value{Text: text, JSON: true}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xX_pP") {
		return Value{}, unfit(v, "a number")
	}
	return Value{Text: strconv.FormatFloat(f, 'f', -1, 64), JSON: true}, nil
}

func toBool(v Value) (Value, error) {
	switch strings.ToLower(strings.TrimSpace(v.Text)) {
	case "true":
		return Value{Text: "true", JSON: true}, nil
	case "false":
		return Value{Text: "false", JSON: true}, nil
	}
	return Value{}, unfit(v, "true or false")
}

// isNumber reports whether text is a number as JSON writes it.
func isNumber(text string) bool {
	return text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid([]byte(text))
}

// whole reads an argument that is a whole number.
func whole(v Value, param string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v.Text))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", param, unfit(v, "a whole number"))
	}
	return n, nil
}
