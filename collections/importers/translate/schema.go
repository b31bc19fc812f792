package translate

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// shape is a JSON Schema while it is put together.
type shape struct {
	keywords []Entry
	names    []string // of properties, in the order of the script
	members  map[string]*shape
	required []any
}

// schemaOf returns the JSON Schema that says what checks ask of an element.
func schemaOf(checks []check) ([]Entry, error) {
	var root shape
	for _, k := range checks {
		if k.of.subject != "element" || len(k.of.then) > 0 || k.of.orEmpty {
			return nil, errors.New("a loop asks for more than what its elements are")
		}
		if err := root.ask(k); err != nil {
			return nil, err
		}
	}
	return root.schema(), nil
}

// ask adds a check to the shape of the value that it is about.
func (s *shape) ask(k check) error {
	needs := k.word != "optional" && k.arg != false
	for i, step := range k.of.path {
		if isIndex(step) {
			return errors.New("a loop asks for elements of elements")
		}
		last := i == len(k.of.path)-1
		if last && k.word == "exists" && k.arg == false {
			return s.put("not", []Entry{{Key: "required", Value: []any{step}}})
		}
		if needs {
			if err := s.put("type", "object"); err != nil {
				return err
			}
			if !slices.Contains(s.required, any(step)) {
				s.required = append(s.required, step)
			}
		}
		s = s.member(step)
	}
	if k.of.length {
		return s.lengths(k)
	}
	return s.keyword(k.word, k.arg)
}

func (s *shape) member(name string) *shape {
	if s.members == nil {
		s.members = map[string]*shape{}
	}
	if s.members[name] == nil {
		s.members[name] = &shape{}
		s.names = append(s.names, name)
	}
	return s.members[name]
}

// put adds a keyword. One that is there already must say the same.
func (s *shape) put(word string, v any) error {
	if i := find(s.keywords, word); i >= 0 {
		merged, err := merge(word, s.keywords[i].Value, v)
		if err != nil || word == "not" && !sameValue(merged, s.keywords[i].Value) {
			return errors.New("a schema would say " + word + " twice")
		}
		return nil
	}
	s.keywords = append(s.keywords, Entry{Key: word, Value: v})
	return nil
}

func sameValue(a, b any) bool { return written1(a) == written1(b) }

func written1(v any) string { b, _ := json.Marshal(v); return string(b) }

// keyword adds the keywords that say what a predicate says.
func (s *shape) keyword(word string, arg any) error {
	if strings.Contains(written1(arg), "{{") {
		return errors.New("a schema holds no variables")
	}
	bounds := map[string]string{"above": "exclusiveMinimum", "at_least": "minimum", "below": "exclusiveMaximum", "at_most": "maximum"}
	types := map[string]string{"list": "array"}
	text, _ := arg.(string)
	switch word {
	case "exists":
		return nil
	case "equals":
		return s.put("const", arg)
	case "one_of":
		return s.put("enum", arg)
	case "type":
		if types[text] != "" {
			text = types[text]
		}
		return s.put("type", text)
	case "above", "at_least", "below", "at_most":
		return errors.Join(s.put("type", "number"), s.put(bounds[word], arg))
	case "between":
		return errors.Join(s.put("type", "number"), s.put("minimum", arg.([]any)[0]), s.put("maximum", arg.([]any)[1]))
	case "matches":
		return errors.Join(s.put("type", "string"), s.put("pattern", text))
	case "contains":
		return errors.Join(s.put("type", "string"), s.put("pattern", regexp.QuoteMeta(text)))
	case "includes":
		return errors.Join(s.put("type", "array"), s.put("contains", []Entry{{Key: "const", Value: arg}}))
	case "optional":
		for _, inner := range entriesOf(arg) {
			if err := s.keyword(inner.Key, inner.Value); err != nil {
				return err
			}
		}
		return nil
	case "not":
		return s.exclude(arg)
	}
	return errors.New("a schema has no word for " + word)
}

// exclude adds what a value must not be.
func (s *shape) exclude(arg any) error {
	inner, ok := arg.([]Entry)
	if !ok {
		return s.put("not", []Entry{{Key: "const", Value: arg}})
	}
	var not shape
	for _, p := range inner {
		if p.Key == "contains" || p.Key == "matches" { // neither holds for what is no text
			if err := s.put("type", "string"); err != nil {
				return err
			}
		}
		if err := not.keyword(p.Key, p.Value); err != nil {
			return err
		}
	}
	return s.put("not", not.schema())
}

// lengths asks for the length of a text or a list.
func (s *shape) lengths(k check) error {
	n, ok := k.arg.(json.Number)
	if !ok {
		return errors.New("a length that is no number")
	}
	i, err := n.Int64()
	if err != nil {
		return errors.New("a length that is no whole number")
	}
	lowest, highest := int64(-1), int64(-1)
	switch k.word {
	case "equals":
		lowest, highest = i, i
	case "above":
		lowest = i + 1
	case "at_least":
		lowest = i
	case "below":
		highest = i - 1
	case "at_most":
		highest = i
	default:
		return errors.New("a schema has no word for the length")
	}
	if err := s.put("type", []any{"string", "array"}); err != nil {
		return err
	}
	for word, n := range map[string]int64{"min": lowest, "max": highest} {
		if n >= 0 {
			number := json.Number(itoa(int(n)))
			if err := errors.Join(s.put(word+"Length", number), s.put(word+"Items", number)); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(s.keywords, func(a, b Entry) int { return strings.Compare(order(a.Key), order(b.Key)) })
	return nil
}

// order sorts the keywords of lengths behind all others, so that a map's order does not show.
func order(word string) string {
	if strings.HasPrefix(word, "min") || strings.HasPrefix(word, "max") {
		return word
	}
	return ""
}

// schema returns the keywords with those of the members.
func (s *shape) schema() []Entry {
	all := slices.Clone(s.keywords)
	if len(s.required) > 0 {
		all = append(all, Entry{Key: "required", Value: s.required})
	}
	var properties []Entry
	for _, name := range s.names {
		if inner := s.members[name].schema(); len(inner) > 0 {
			properties = append(properties, Entry{Key: name, Value: inner})
		}
	}
	if len(properties) > 0 {
		all = append(all, Entry{Key: "properties", Value: properties})
	}
	return all
}
