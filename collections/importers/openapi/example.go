package openapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

func itoa(n int) string { return strconv.Itoa(n) }

const deepest = 8 // levels of an example that a schema is made into

// example returns a value for a parameter or a body: the one that the description gives, or the smallest that its schema allows.
func (m *importer) example(at part) (v any, given bool) {
	if e := at.get("example"); e.ok {
		return e.value(0), true
	}
	for _, e := range at.get("examples").members() {
		if v := m.docs.resolve(e.part).get("value"); v.ok {
			return v.value(0), true
		}
	}
	schema := m.docs.resolve(at.get("schema"))
	if v, ok := m.given(schema); ok {
		return v, true
	}
	return m.smallest(schema, 0), false
}

// given returns the value that a schema names itself.
func (m *importer) given(schema part) (any, bool) {
	for _, key := range []string{"example", "default", "const"} {
		if e := schema.get(key); e.ok {
			return e.value(0), true
		}
	}
	if list := schema.get("examples").items(); len(list) > 0 {
		return list[0].value(0), true
	}
	return nil, false
}

// smallest makes a value that fits a schema as far as that is cheap: what is required, or everything where nothing is.
func (m *importer) smallest(schema part, depth int) any {
	schema = m.docs.resolve(schema)
	if v, ok := m.given(schema); ok {
		return v
	}
	if list := schema.get("enum").items(); len(list) > 0 {
		return list[0].value(0)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := schema.get(key).items(); len(list) > 0 && depth < deepest {
			return m.smallest(list[0], depth+1)
		}
	}
	switch kind := m.kind(schema); kind {
	case "object":
		return m.object(schema, depth)
	case "array":
		if depth >= deepest {
			return []any{}
		}
		return []any{m.smallest(schema.get("items"), depth+1)}
	case "boolean":
		return true
	case "integer", "number":
		return number(schema)
	case "null":
		return nil
	}
	return text(schema)
}

// kind returns the type of a schema, guessed from its words where it has none.
func (m *importer) kind(schema part) string {
	if kind := schema.get("type"); kind.text() != "" {
		return kind.text()
	}
	for _, kind := range schema.get("type").items() {
		if !kind.is("null") {
			return kind.text()
		}
	}
	switch {
	case schema.get("properties").ok || schema.get("allOf").ok:
		return "object"
	case schema.get("items").ok:
		return "array"
	}
	return "string"
}

func (m *importer) object(schema part, depth int) any {
	made := &draft.Map{}
	at := schema.pos()
	if depth >= deepest || m.within[at] { // a schema that holds itself
		return made
	}
	m.within[at] = true
	defer delete(m.within, at)
	var required []string
	for _, name := range schema.get("required").items() {
		required = append(required, name.text())
	}
	for _, p := range schema.get("properties").members() {
		property := m.docs.resolve(p.part)
		wanted := len(required) == 0 && depth == 0 || slices.Contains(required, p.name) || m.in.All
		if wanted && !property.get("readOnly").is("true") {
			made.Set(draft.Literal(p.name), m.smallest(property, depth+1))
		}
	}
	for _, one := range schema.get("allOf").items() {
		if inner, ok := m.smallest(one, depth+1).(*draft.Map); ok {
			for _, key := range inner.Keys() {
				made.Set(key, inner.Get(key))
			}
		}
	}
	return made
}

func number(schema part) any {
	least := schema.get("minimum").text()
	if more := schema.get("exclusiveMinimum").text(); more != "" && more != "false" {
		if n, err := strconv.Atoi(more); err == nil {
			return n + 1
		}
		if n, err := strconv.Atoi(least); err == nil && more == "true" {
			return n + 1
		}
	}
	if _, err := strconv.ParseFloat(least, 64); err == nil && json.Valid([]byte(least)) {
		return json.Number(least)
	}
	return 1
}

func text(schema part) string {
	formats := map[string]string{
		"date": "2024-01-31", "date-time": "2024-01-31T12:00:00Z", "time": "12:00:00Z", "duration": "P1D", "uuid": "00000000-0000-4000-8000-000000000000",
		"email": "user@example.com", "uri": "https://example.com/", "url": "https://example.com/", "hostname": "example.com", "ipv4": "192.0.2.1",
		"ipv6": "2001:db8::1", "byte": "dGV4dA==", "binary": "text",
	}
	if made, ok := formats[schema.get("format").text()]; ok {
		return made
	}
	made := "text"
	if n, err := strconv.Atoi(schema.get("minLength").text()); err == nil && n > len(made) && n < 1000 {
		made += strings.Repeat("-", n-len(made))
	}
	if n, err := strconv.Atoi(schema.get("maxLength").text()); err == nil && n >= 0 && n < len(made) {
		made = made[:n]
	}
	return made
}
