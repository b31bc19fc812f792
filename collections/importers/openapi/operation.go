package openapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// operation is a method of a path.
type operation struct {
	part
	method string
	path   string
	item   part // the path item around it
}

func (o operation) name() string {
	for _, key := range []string{"summary", "operationId"} {
		if text := strings.Join(strings.Fields(o.get(key).text()), " "); text != "" {
			return text
		}
	}
	return o.method + " " + o.path
}

// operation writes one request.
func (m *importer) operation(o operation) {
	item := draft.M("name", o.name())
	if description := paragraph(o.get("description").text()); description != o.name() {
		item.SetSome("description", description)
	}
	if o.get("deprecated").is("true") {
		item.Set("tags", []any{"deprecated"})
	}
	base := "{{base_url}}"
	for _, servers := range []part{o.get("servers"), o.item.get("servers")} {
		if list := servers.items(); len(list) > 0 {
			base = m.draft.Origin(m.address(list[0]))
			break
		}
	}
	item.Set("request", o.method+" "+base+braces(o.path))
	m.parameters(o, item)
	m.authorize(o, item)
	m.body(o, item)
	m.expect(o, item)
	m.draft.Made(o.pos(), item)
	m.add(o, item)
}

// parameters writes those of the operation and those of its path that it does not replace.
func (m *importer) parameters(o operation, item *draft.Map) {
	own := m.resolved(o.get("parameters").items())
	for _, p := range m.resolved(o.item.get("parameters").items()) {
		if !slices.ContainsFunc(own, func(q part) bool {
			return q.get("name").text() == p.get("name").text() && q.get("in").text() == p.get("in").text()
		}) {
			own = append(own, p)
		}
	}
	for _, p := range own {
		m.parameter(p, item)
	}
	variables, _ := item.Get("variables").(*draft.Map)
	for rest := o.path; strings.Contains(rest, "{"); { // what a path has and nobody describes
		_, after, _ := strings.Cut(rest, "{")
		name, after, ok := strings.Cut(after, "}")
		if ok && !variables.Has(variable(name)) {
			item.Map("variables").Set(variable(name), "text")
			variables = item.Map("variables")
		}
		rest = after
	}
}

func (m *importer) resolved(list []part) []part {
	var all []part
	for _, p := range list {
		if p = m.docs.resolve(p); p.ok {
			all = append(all, p)
		}
	}
	return all
}

func (m *importer) parameter(p part, item *draft.Map) {
	name := p.get("name").text()
	at := p
	if content := p.get("content").members(); len(content) > 0 {
		at = content[0].part
	}
	value, given := m.example(at)
	if name == "" || !p.get("required").is("true") && !given && !m.in.All {
		return
	}
	switch p.get("in").text() {
	case "path":
		item.Map("variables").Set(variable(name), flat(value))
	case "query":
		m.query(p, name, value, item.Map("query"))
	case "header":
		if lower := strings.ToLower(name); lower != "accept" && lower != "content-type" && lower != "authorization" {
			item.Map("headers").Set(name, flat(value))
		}
	case "cookie":
		item.Map("headers").Set("Cookie", strings.TrimPrefix(fmt.Sprint(item.Map("headers").Get("Cookie"), "; ", name, "=", flat(value)), "<nil>; "))
	}
}

// query writes a parameter as its style says (OpenAPI 3.1, section 4.8.12.2).
func (m *importer) query(p part, name string, value any, query *draft.Map) {
	switch v := value.(type) {
	case []any:
		if style := p.get("style").text(); p.get("explode").is("false") || style == "spaceDelimited" || style == "pipeDelimited" {
			between := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[style]
			query.Set(name, join(v, between))
			return
		}
		list := make([]any, len(v))
		for i := range v {
			list[i] = flat(v[i])
		}
		query.SetSome(name, list)
	case *draft.Map:
		for _, key := range v.Keys() {
			field := key
			if p.get("style").is("deepObject") {
				field = name + "[" + key + "]"
			}
			query.Set(field, flat(v.Get(key)))
		}
	default:
		query.Set(name, flat(v))
	}
	if query.Len() == 0 {
		query.Set(name, "")
	}
}

func join(list []any, between string) string {
	if between == "" {
		between = ","
	}
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = fmt.Sprint(flat(list[i]))
	}
	return strings.Join(texts, between)
}

// flat is a value as it stands in a URL or a header.
func flat(v any) any {
	switch v := v.(type) {
	case []any:
		return join(v, ",")
	case *draft.Map:
		var list []any
		for _, key := range v.Keys() {
			list = append(list, key, v.Get(key))
		}
		return join(list, ",")
	case nil:
		return ""
	case string:
		return strings.Join(strings.Fields(v), " ")
	}
	return v
}

// authorize writes what the operation needs where that is not what the whole description needs.
func (m *importer) authorize(o operation, item *draft.Map) {
	need := m.whole
	if own := o.get("security"); own.ok {
		need = m.required(own)
		if need.auth != m.whole.auth && (need.auth != "none" || m.whole.auth != "") {
			item.SetSome("auth", need.auth)
		}
	}
	for _, key := range need.beside {
		value := m.draft.Secret(key.get("name").text(), "")
		switch key.get("in").text() {
		case "query":
			item.Map("query").Set(key.get("name").text(), value)
		case "header":
			item.Map("headers").Set(key.get("name").text(), value)
		default:
			m.draft.Note(key.pos(), "a cookie beside another auth is left out")
		}
	}
}

// body writes the request body of the media type that shows best.
func (m *importer) body(o operation, item *draft.Map) {
	described := m.docs.resolve(o.get("requestBody"))
	media := described.get("content").members()
	if len(media) == 0 {
		return
	}
	best := slices.MinFunc(media, func(a, b member) int { return rank(a.name) - rank(b.name) })
	kind, _, _ := strings.Cut(strings.ToLower(best.name), ";")
	value, _ := m.example(best.part)
	switch {
	case rank(best.name) <= 1:
		item.Set("json", value)
		if kind != "application/json" {
			item.Map("headers").Set("Content-Type", best.name)
		}
	case kind == "application/x-www-form-urlencoded" || kind == "multipart/form-data":
		fields, _ := value.(*draft.Map)
		if fields.Len() == 0 {
			m.draft.Note(best.pos(), "%s: the form is described without fields; write them", o.name())
			return
		}
		if kind != "multipart/form-data" {
			item.Set("form", m.fields(fields))
			return
		}
		item.Set("multipart", m.parts(fields, best.get("schema")))
	default:
		text, ok := value.(string)
		if !ok {
			m.draft.Note(best.pos(), "%s: a body of the type %s has no example; write it", o.name(), best.name)
			return
		}
		item.Set("text", text)
		if !strings.Contains(kind, "*") {
			item.Map("headers").Set("Content-Type", best.name)
		}
	}
}

func rank(media string) int {
	kind, _, _ := strings.Cut(strings.ToLower(media), ";")
	switch {
	case kind == "application/json":
		return 0
	case strings.HasSuffix(kind, "+json"):
		return 1
	case kind == "application/x-www-form-urlencoded":
		return 2
	case kind == "multipart/form-data":
		return 3
	case strings.HasPrefix(kind, "text/"):
		return 4
	}
	return 5
}

func (m *importer) fields(value *draft.Map) *draft.Map {
	fields := &draft.Map{}
	for _, key := range value.Keys() {
		fields.Set(key, flat(value.Get(key)))
	}
	return fields
}

// parts writes fields, and files for what is binary.
func (m *importer) parts(value *draft.Map, schema part) *draft.Map {
	properties := m.docs.resolve(schema).get("properties")
	parts := &draft.Map{}
	for _, key := range value.Keys() {
		property := m.docs.resolve(properties.get(key))
		if property.get("format").is("binary") || property.get("contentMediaType").ok {
			parts.Set(key, draft.M("text", flat(value.Get(key)), "filename", draft.Word(key)+".txt"))
			continue
		}
		parts.Set(key, flat(value.Get(key)))
	}
	return parts
}

// expect wants the status of success, and the answer that the description has for it.
func (m *importer) expect(o operation, item *draft.Map) {
	expect := draft.M("status", m.status(o))
	if !strings.Contains(fmt.Sprint(item.Get("request")), "{{base_url}}") {
		item.Set("expect", expect) // a server of its own: the operation is not found below those of the document
		return
	}
	document := any(m.file)
	if id := o.get("operationId").text(); id != "" && !strings.Contains(id, "{{") {
		document = draft.M("file", m.file, "operation", id)
	}
	expect.Set("openapi", document)
	item.Set("expect", expect)
	m.checked = append(m.checked, item)
}

// status is what success is described as.
func (m *importer) status(o operation) any {
	var codes []any
	for _, wanted := range []string{"2", "3"} {
		for _, r := range o.get("responses").members() {
			if !strings.HasPrefix(r.name, wanted) || len(r.name) != 3 {
				continue
			}
			if strings.HasSuffix(strings.ToLower(r.name), "xx") {
				return wanted + "xx"
			}
			if code, err := strconv.Atoi(r.name); err == nil {
				codes = append(codes, code)
			}
		}
		if len(codes) == 1 {
			return codes[0]
		}
		if len(codes) > 1 {
			return codes
		}
	}
	return "2xx"
}
