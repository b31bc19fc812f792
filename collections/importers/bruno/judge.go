package bruno

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// found is what an expression such as res.body.a[0].b or res.headers['x'] looks at: a subject, and a path or a name in it.
type found struct{ subject, path string }

func expression(text string) (found, bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "$")
	header := regexp.MustCompile(`^res\.(?:headers\[['"]([^'"]+)['"]\]|headers\.([\w-]+)|getHeader\(['"]([^'"]+)['"]\))$`)
	body := regexp.MustCompile(`^res(?:\.(?:body|getBody\(\)))((?:\.[A-Za-z_$][\w$-]*|\[\d+\]|\.\d+)*)$`)
	query := regexp.MustCompile(`^res\(['"]([\w.\[\]-]+)['"]\)$`)
	switch {
	case text == "res.status" || text == "res.getStatus()":
		return found{"status", ""}, true
	case text == "res.responseTime" || text == "res.getResponseTime()":
		return found{"duration", ""}, true
	}
	if f := header.FindStringSubmatch(text); f != nil {
		return found{"headers", f[1] + f[2] + f[3]}, true
	}
	if f := body.FindStringSubmatch(text); f != nil {
		return found{"json", dotted(f[1])}, true
	}
	if f := query.FindStringSubmatch(text); f != nil {
		return found{"json", dotted(f[1])}, true
	}
	return found{}, false
}

// dotted writes .a[0].b as a path of gjson.
func dotted(text string) string {
	text = strings.TrimPrefix(strings.NewReplacer("[", ".", "]", "").Replace(text), ".")
	if text == "" {
		return "@this"
	}
	return text
}

// captures writes vars:post-response.
func (m *importer) captures(f *file, item *draft.Map) {
	for _, p := range f.get("vars:post-response").pairs {
		key := strings.TrimPrefix(p.key, "@")
		if p.disabled || key == "" {
			continue
		}
		at, ok := expression(p.value)
		switch {
		case !ok || !plain(key):
			m.draft.Note(p.pos, "%s = %s is a script; write it as a capture", key, p.value)
			m.set = append(m.set, key)
		case at.subject == "json":
			item.Map("capture").Set(key, at.path)
		case at.subject == "headers":
			item.Map("capture").Set(key, draft.M("header", at.path))
		default:
			item.Map("capture").Set(key, draft.M(at.subject, true))
		}
	}
}

// asserts writes the block assert as expectations.
func (m *importer) asserts(f *file, item *draft.Map) {
	for _, p := range f.get("assert").pairs {
		if p.disabled || p.key == "" {
			continue
		}
		at, ok := expression(p.key)
		var judged any
		if ok {
			judged, ok = m.predicate(p)
		}
		if !ok || at.subject == "duration" && !m.span(&judged) {
			m.draft.Note(p.pos, "this assert has no counterpart that could be written for you: %s", p.key)
			continue
		}
		expect := item.Map("expect")
		if at.path == "" {
			expect.Set(at.subject, judged)
			continue
		}
		expect.Map(at.subject).Set(at.path, judged)
	}
}

// span makes milliseconds of a number.
func (m *importer) span(judged *any) bool {
	p, ok := (*judged).(*draft.Map)
	if !ok || p.Len() != 1 {
		return false
	}
	key := p.Keys()[0]
	number, ok := p.Get(key).(json.Number)
	p.Set(key, number.String()+"ms")
	return ok && (key == "above" || key == "below" || key == "at_least" || key == "at_most")
}

// predicate reads "eq 200"; without an operator a value is equal.
func (m *importer) predicate(p pair) (any, bool) {
	operator, rest, _ := strings.Cut(p.value, " ")
	rest = strings.TrimSpace(rest)
	value := func() any { return m.literal(p, rest) }
	one := func(name string) (any, bool) { return draft.M(name, value()), rest != "" }
	switch operator {
	case "eq":
		return value(), true
	case "neq":
		return one("not")
	case "gt":
		return one("above")
	case "gte":
		return one("at_least")
	case "lt":
		return one("below")
	case "lte":
		return one("at_most")
	case "contains", "matches":
		return draft.M(operator, pattern(m.templates(p.pos, rest))), rest != ""
	case "notContains", "notMatches":
		return draft.M("not", draft.M(strings.ToLower(operator[3:]), pattern(m.templates(p.pos, rest)))), rest != ""
	case "startsWith":
		return draft.M("starts_with", m.templates(p.pos, rest)), rest != ""
	case "endsWith":
		return draft.M("ends_with", m.templates(p.pos, rest)), rest != ""
	case "length":
		n, err := strconv.Atoi(rest)
		return draft.M("length", n), err == nil && n >= 0
	case "in", "notIn":
		list := draft.M("one_of", m.list(p, rest))
		if operator == "notIn" {
			list = draft.M("not", list)
		}
		return list, rest != ""
	case "between":
		bounds := m.list(p, rest)
		return draft.M("between", bounds), len(bounds) == 2
	}
	if judged, ok := bare(operator); ok && rest == "" {
		return judged, true
	}
	rest = p.value
	return value(), true
}

// bare are the operators without a value.
func bare(operator string) (any, bool) {
	switch operator {
	case "isEmpty":
		return draft.M("empty", true), true
	case "isNotEmpty":
		return draft.M("empty", false), true
	case "isNull":
		return draft.M("equals", nil), true
	case "isUndefined":
		return draft.M("exists", false), true
	case "isDefined":
		return draft.M("exists", true), true
	case "isTrue", "isTruthy":
		return true, operator == "isTrue"
	case "isFalse", "isFalsy":
		return false, operator == "isFalse"
	case "isNumber", "isString", "isBoolean":
		return draft.M("type", strings.ToLower(operator[2:])), true
	case "isArray":
		return draft.M("type", "list"), true
	case "isJson":
		return draft.M("type", "object"), true
	}
	return nil, false
}

// pattern takes the slashes of a regular expression away.
func pattern(text string) string {
	if len(text) > 2 && text[0] == '/' && text[len(text)-1] == '/' {
		return text[1 : len(text)-1]
	}
	return text
}

// literal is a number, true, null, or text with or without quotes.
func (m *importer) literal(p pair, text string) any {
	switch text {
	case "true", "false":
		return text == "true"
	case "null":
		return nil
	}
	if v, err := draft.Decode([]byte(text)); err == nil {
		switch v := v.(type) {
		case json.Number:
			return v
		case string:
			return m.templates(p.pos, v)
		}
	}
	if len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\'' {
		text = text[1 : len(text)-1]
	}
	return m.templates(p.pos, text)
}

func (m *importer) list(p pair, text string) []any {
	list := []any{}
	for piece := range strings.SplitSeq(strings.Trim(text, "[]"), ",") {
		list = append(list, m.literal(p, strings.TrimSpace(piece)))
	}
	return list
}

// scripts tells of what is left to a person, and which variables it sets.
func (m *importer) scripts(f *file) {
	set := regexp.MustCompile(`bru\.set(?:Env|Global|Collection)?Var\(\s*["']([^"']+)["']`)
	for _, name := range []string{"script:pre-request", "script:post-response", "tests"} {
		b := f.get(name)
		if strings.TrimSpace(b.text) == "" {
			continue
		}
		for _, found := range set.FindAllStringSubmatch(b.text, -1) {
			m.set = append(m.set, found[1])
		}
		instead := map[string]string{"script:pre-request": "set or variables", "script:post-response": "capture", "tests": "expect"}[name]
		m.draft.Note(b.pos, "%s is a script and stays in the file of Bruno; write what it does as %s", name, instead)
	}
}
