package vars

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// shape is the type of a value.
type shape int

const (
	textShape shape = iota
	numberShape
	boolShape
	nullShape
	listShape
	objectShape
)

// shapeOf returns the type of a value. A JSON literal in quotes is text, its quotes included.
func shapeOf(v Value) shape {
	if !v.JSON || v.Text == "" {
		return textShape
	}
	switch v.Text[0] {
	case '"':
		return textShape
	case '[':
		return listShape
	case '{':
		return objectShape
	case 'n':
		return nullShape
	case 't', 'f':
		return boolShape
	}
	return numberShape
}

// longest is how much of a value an error shows, in characters.
const longest = 40

// got says what a filter got, for messages. Of a secret it says no more than the type.
func got(v Value) string {
	shape := shapeOf(v)
	switch {
	case shape == listShape:
		return "got a list"
	case shape == objectShape:
		return "got an object"
	case v.Secret:
		return "got " + [...]string{"text", "a number", "a boolean", "null"}[shape]
	case shape == textShape:
		return "got text " + quoteShort(v)
	}
	return "got " + v.Text
}

// quoteShort quotes a text, or as much of it as a message has room for; a secret not at all.
func quoteShort(v Value) string {
	if v.Secret {
		return "…"
	}
	n := 0
	for i := range v.Text {
		if n++; n > longest {
			return strconv.Quote(v.Text[:i]) + ellipsis
		}
	}
	return strconv.Quote(v.Text)
}

// unfit is the error of a value of the wrong kind.
func unfit(v Value, want string) error { return errors.New(got(v) + ", want " + want) }

// textOf returns the text of a text, and of a number or a boolean as it is spelled.
func textOf(v Value) (string, error) {
	if s := shapeOf(v); s == nullShape || s == listShape || s == objectShape {
		return "", unfit(v, "text")
	}
	return v.Text, nil
}

// writtenOf returns the text of anything but null: a list or an object as JSON.
func writtenOf(v Value) (string, error) {
	if shapeOf(v) == nullShape {
		return "", unfit(v, "a value")
	}
	return v.Text, nil
}

// elements returns what is in a list.
func elements(v Value) ([]Value, error) {
	if shapeOf(v) != listShape {
		return nil, unfit(v, "a list")
	}
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(v.Text), &raw); err != nil {
		return nil, fmt.Errorf("the list is no JSON: %w", err)
	}
	out := make([]Value, len(raw))
	for i, r := range raw {
		out[i] = literal(string(r))
		out[i].Secret = v.Secret
	}
	return out, nil
}

// members returns the names and values in an object, in its order.
func members(v Value) (names []string, values []Value, err error) {
	if shapeOf(v) != objectShape {
		return nil, nil, unfit(v, "an object")
	}
	dec := json.NewDecoder(strings.NewReader(v.Text))
	_, err = dec.Token()
	for err == nil && dec.More() {
		var name any
		var raw json.RawMessage
		if name, err = dec.Token(); err != nil {
			break
		}
		if err = dec.Decode(&raw); err != nil {
			break
		}
		value := literal(string(raw))
		value.Secret = v.Secret
		names, values = append(names, fmt.Sprint(name)), append(values, value)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the object is no JSON: %w", err)
	}
	return names, values, nil
}

// literal returns the value of a JSON literal: of one in quotes its text.
func literal(raw string) Value {
	if raw != "" && raw[0] == '"' {
		var text string
		if json.Unmarshal([]byte(raw), &text) == nil {
			return Value{Text: text}
		}
	}
	return Value{Text: raw, JSON: true}
}

// listOf returns a list of values.
func listOf(values []Value) Value {
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(v.Literal())
	}
	b.WriteByte(']')
	return Value{Text: b.String(), JSON: true}
}

func integer(n int) Value { return Value{Text: strconv.Itoa(n), JSON: true} }

func quoteJSON(s string) string {
	if simple(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string always encodes
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// simple reports whether text stands in JSON as it is.
func simple(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
