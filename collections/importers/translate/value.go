package translate

import (
	"encoding/json"
	"slices"
	"strings"
)

// value is what an expression stands for.
type value interface{ isValue() }

// literal is a value that is known: string (a template), bool, json.Number, nil, []any or []Entry.
type literal struct{ v any }

// undefined is JavaScript's.
type undefined struct{}

// found is something in the response.
type found struct {
	subject string   // of expect: json, text, status …
	path    []string // members and indexes; the name of a header
	soft    bool     // ?. : what is missing on the way there is no error
	parsed  bool     // the text of the body, parsed as JSON
	then    []any    // steps of then
	length  bool     // the length of it
	orEmpty bool     // || {}: where it is not there, something without members
}

// variable is a variable, looked up before the request is sent.
type variable struct{ name string }

// template is text with {{names}} in it, and what the scope of a script knows how to make new.
type template struct {
	text    string
	typed   bool   // a number, while it is exactly one {{name}}
	filters string // that the text goes through
}

// thing is an object of the script's world: response, response.headers, a library.
type thing struct{ name string }

// info is the name of the request.
type info struct{}

func (info) isValue()      {}
func (literal) isValue()   {}
func (undefined) isValue() {}
func (found) isValue()     {}
func (variable) isValue()  {}
func (template) isValue()  {}
func (thing) isValue()     {}

// at returns what is below a value of the response.
func (f found) at(step string, soft bool) found {
	f.path = append(slices.Clip(f.path), step)
	f.soft = f.soft || soft || f.orEmpty
	f.orEmpty = false
	return f
}

// with returns the value after one more step of then.
func (f found) with(step any) found {
	f.then = append(slices.Clip(f.then), step)
	return f
}

// same reports whether two are the same value of the response.
func (f found) same(g found) bool {
	return !f.orEmpty && !g.orEmpty && f.subject == g.subject && f.length == g.length && slices.Equal(f.path, g.path) && len(f.then) == 0 && len(g.then) == 0
}

// isNumber reports whether the value is a number whatever the answer.
func (f found) isNumber() bool {
	return f.length || len(f.then) == 0 && slices.Contains([]string{"status", "duration", "size"}, f.subject)
}

// isText reports whether the value is a text, or nothing, whatever the answer.
func (f found) isText() bool {
	if f.length {
		return false
	}
	if len(f.then) > 0 {
		last, _ := f.then[len(f.then)-1].(string)
		return last != "to_int" && last != "to_float" // and every other step, with an argument or without, makes text
	}
	return slices.Contains([]string{"text", "headers", "xpath", "reason"}, f.subject)
}

// textOf returns a value as part of a text, as templates write it.
func textOf(v value) (string, bool) {
	switch v := v.(type) {
	case variable:
		return "{{" + v.name + "}}", true
	case template:
		return v.whole()
	case signed:
		return jwtHere, true
	case literal:
		switch x := v.v.(type) {
		case string:
			return x, true
		case json.Number:
			return string(x), true
		case bool:
			if x {
				return "true", true
			}
			return "false", true
		}
	}
	return "", false
}

// wanted returns a value as it stands in a declaration, with its type.
func wanted(v value) (any, bool) {
	switch v := v.(type) {
	case literal:
		return v.v, true
	case variable:
		return "{{" + v.name + "}}", true
	case template:
		if s, ok := v.whole(); ok {
			return s, true
		}
	case signed:
		return jwtHere, true
	}
	return nil, false
}

// whole returns the template with its filters. They have a place in it where it is exactly one {{name}}.
func (t template) whole() (string, bool) {
	if t.filters == "" {
		return t.text, true
	}
	if strings.Count(t.text, "{{") != 1 || !strings.HasPrefix(t.text, "{{") || !strings.HasSuffix(t.text, "}}") {
		return "", false
	}
	return strings.TrimSuffix(t.text, "}}") + " | " + t.filters + "}}", true
}

// escaped returns a text in which nothing is a template.
func escaped(s string) string { return strings.ReplaceAll(s, "{{", `{{"{{"}}`) }

// canBeName reports whether a text can be the name of a variable of ours.
func canBeName(s string) bool {
	return s != "" && !strings.ContainsAny(s, "{}|\"'") && strings.TrimSpace(s) == s && !strings.HasPrefix(s, "$")
}
