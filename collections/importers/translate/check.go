package translate

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// check is one demand on a value of the response.
type check struct {
	of      found
	word    string // of a predicate; schema for a JSON Schema
	arg     any
	comment string
	pos     source.Pos
}

// optional is a check that holds as well where nothing is there.
func optional(f found, word string, arg any) check {
	return check{of: f, word: "optional", arg: []Entry{{Key: word, Value: arg}}}
}

// withoutNull asks for a value that is never null whether it is there: what null would be says nothing of it.
func (c check) withoutNull() check {
	if c.of.length || len(c.of.then) > 0 {
		return c
	}
	inner := entriesOf(c.arg)
	switch {
	case c.word == "not" && c.arg == nil:
		c.word, c.arg = "exists", true
	case c.word == "optional" && len(inner) == 1 && inner[0].Key == "equals" && inner[0].Value == nil:
		c.word, c.arg = "exists", false
	}
	return c
}

// there demands that what f is a member of is there: a script that looks below nothing ends with an error.
func there(f found) []check {
	if f.subject != "json" && f.subject != "element" || f.soft || len(f.path) < 2 || len(f.then) > 0 {
		return nil
	}
	f.path = f.path[:len(f.path)-1]
	return []check{{of: f, word: "not", arg: nil}}
}

// group is all that is demanded of one value.
type group struct {
	subject, key string
	then         []any
	predicates   []Entry
	comment      []string
	pos          source.Pos
}

// arrange makes the entries of expect out of checks. It fails where a value would have to be named twice.
func arrange(checks []check) ([]Entry, error) {
	var groups []*group
	for _, c := range checks {
		subject, key, err := c.of.name()
		if subject == "headers" || subject == "xpath" {
			c = c.withoutNull()
		}
		if c.word == "schema" && err == nil {
			c, err = about(c, subject, key)
			subject, key = "schema", fmt.Sprint(len(groups))
		}
		if err != nil {
			return nil, err
		}
		g := grouped(&groups, subject, key, c)
		if c.comment != "" && !slices.Contains(g.comment, c.comment) {
			g.comment = append(g.comment, c.comment)
		}
		if err := g.add(c); err != nil {
			return nil, err
		}
	}
	var entries []Entry
	for _, g := range groups {
		if err := g.enter(&entries); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// about puts a schema beside the part of the body that it is for.
func about(c check, subject, key string) (check, error) {
	if subject != "json" {
		return c, errors.New("a schema for what has no plain path")
	}
	if key != "@this" {
		c.arg = []Entry{{Key: "json", Value: key}, {Key: "schema", Value: c.arg}}
	}
	return c, nil
}

func grouped(groups *[]*group, subject, key string, c check) *group {
	for _, g := range *groups {
		if g.subject == subject && g.key == key && reflect.DeepEqual(g.then, c.of.then) {
			return g
		}
	}
	g := &group{subject: subject, key: key, then: c.of.then, pos: c.pos}
	*groups = append(*groups, g)
	return g
}

// add adds a predicate, and makes one of two where they are of the same kind.
func (g *group) add(c check) error {
	word, arg := c.word, c.arg
	if c.of.length {
		inner := []Entry{{Key: word, Value: arg}}
		word, arg = "length", inner
	}
	i := find(g.predicates, word)
	if i < 0 {
		g.predicates = append(g.predicates, Entry{Key: word, Value: arg})
		return nil
	}
	merged, err := merge(word, g.predicates[i].Value, arg)
	if err != nil {
		return err
	}
	g.predicates = slices.Clone(g.predicates)
	g.predicates[i].Value = merged
	return nil
}

// merge returns the operand that says both.
func merge(word string, a, b any) (any, error) {
	if reflect.DeepEqual(a, b) {
		return a, nil
	}
	switch word {
	case "contains":
		return append(slices.Clip(listed(a)), listed(b)...), nil
	case "length", "optional":
		if x, y := entriesOf(a), entriesOf(b); x != nil && y != nil && len(y) == 1 {
			return mergeEntries(x, y[0])
		}
	case "not":
		return mergeNot(a, b)
	}
	return nil, errors.New("the same is asked of one value in two ways")
}

func mergeEntries(all []Entry, e Entry) (any, error) {
	i := find(all, e.Key)
	if i < 0 {
		return append(slices.Clip(all), e), nil
	}
	v, err := merge(e.Key, all[i].Value, e.Value)
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	all[i].Value = v
	return all, nil
}

// mergeNot returns what is neither.
func mergeNot(a, b any) (any, error) {
	x, y := excluded(a), excluded(b)
	switch {
	case x != nil && y != nil:
		return []Entry{{Key: "one_of", Value: append(slices.Clip(x), y...)}}, nil
	case pattern(a) != "" && pattern(b) != "":
		return []Entry{{Key: "matches", Value: pattern(a) + "|" + pattern(b)}}, nil
	}
	return nil, errors.New("the same is excluded in two ways")
}

// excluded returns the values that a not excludes; nil where it is about something else.
func excluded(v any) []any {
	switch v := v.(type) {
	case []Entry:
		if len(v) == 1 && v[0].Key == "one_of" {
			return v[0].Value.([]any)
		}
		return nil
	case []any:
		return []any{v}
	}
	return []any{v}
}

// pattern returns a regular expression that finds what a not excludes from a text.
func pattern(v any) string {
	e := entriesOf(v)
	if len(e) != 1 {
		return ""
	}
	s, _ := e[0].Value.(string)
	switch {
	case strings.Contains(s, "{{"):
		return ""
	case e[0].Key == "contains":
		return regexp.QuoteMeta(s)
	case e[0].Key == "matches" && !strings.ContainsAny(s, "|"):
		return s
	}
	return ""
}

func listed(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func entriesOf(v any) []Entry { e, _ := v.([]Entry); return e }

// enter adds the group to the entries of expect.
func (g *group) enter(entries *[]Entry) error {
	e := Entry{Key: g.key, Value: g.value(), Comment: strings.Join(g.comment, "\n"), Pos: g.pos}
	if g.subject == "schema" {
		e.Key = "schema"
		if i := find(*entries, "schema"); i >= 0 {
			(*entries)[i].Value = append(schemas((*entries)[i].Value), e.Value)
			(*entries)[i].Comment = strings.Trim((*entries)[i].Comment+"\n"+e.Comment, "\n")
			return nil
		}
		*entries = append(*entries, e)
		return nil
	}
	if g.key == "" {
		if find(*entries, g.subject) >= 0 {
			return errors.New("the same value is looked at in two ways")
		}
		e.Key = g.subject
		*entries = append(*entries, e)
		return nil
	}
	i := find(*entries, g.subject)
	if i < 0 {
		*entries = append(*entries, Entry{Key: g.subject, Value: []Entry{e}, Pos: g.pos})
		return nil
	}
	inner := entriesOf((*entries)[i].Value)
	if find(inner, e.Key) >= 0 {
		return errors.New("the same value is looked at in two ways")
	}
	(*entries)[i].Value = append(slices.Clip(inner), e)
	return nil
}

// schemas returns a list of schemas, of which one may be there already.
func schemas(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// value returns what is written behind the name of a value: the value itself, where it is to be equal.
func (g *group) value() any {
	if g.subject == "schema" {
		return g.predicates[0].Value
	}
	g.simplify()
	var all []Entry
	if len(g.then) == 1 {
		all = append(all, Entry{Key: "then", Value: g.then[0]})
	} else if len(g.then) > 1 {
		all = append(all, Entry{Key: "then", Value: g.then})
	}
	for _, p := range g.predicates {
		if p.Key == "length" || p.Key == "not" || p.Key == "optional" {
			p.Value = short(entriesOf(p.Value), p.Value)
		}
		all = append(all, p)
	}
	return short(all, all)
}

// simplify leaves out what the other predicates say already.
func (g *group) simplify() {
	present := slices.ContainsFunc(g.predicates, func(p Entry) bool { return p.Key != "optional" && p.Key != "exists" })
	if i := find(g.predicates, "exists"); i >= 0 && present && g.predicates[i].Value == true {
		g.predicates = slices.Delete(slices.Clone(g.predicates), i, i+1)
	} else if i >= 0 && g.predicates[i].Value == true {
		present = true
	}
	if i := find(g.predicates, "optional"); i >= 0 && present {
		inner := entriesOf(g.predicates[i].Value)
		if !slices.ContainsFunc(inner, func(p Entry) bool { return find(g.predicates, p.Key) >= 0 }) {
			g.predicates = append(slices.Delete(slices.Clone(g.predicates), i, i+1), inner...)
		}
	}
	i, j := find(g.predicates, "type"), find(g.predicates, "equals")
	if i >= 0 && j >= 0 && g.predicates[i].Value == typeOf(g.predicates[j].Value) {
		g.predicates = slices.Delete(slices.Clone(g.predicates), i, i+1)
	}
}

// typeOf returns the word of the type that a value has whatever the variables are.
func typeOf(v any) string {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "{{") {
			return "string"
		}
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "list"
	}
	return ""
}

// short leaves out equals where a value alone means the same.
func short(all []Entry, otherwise any) any {
	if len(all) == 1 && all[0].Key == "equals" {
		switch v := all[0].Value.(type) {
		case string, bool, json.Number, nil:
			return v
		case []any:
			return v
		}
	}
	return otherwise
}
