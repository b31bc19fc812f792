package bruno

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/vars"
)

// request writes one file; nil where it is no request of HTTP.
func (m *importer) request(f *file) *ordered {
	method, block := verb(f)
	if method == "" {
		for _, other := range []string{"grpc", "ws", "app"} {
			if b := f.get(other); b.name != "" {
				m.draft.Note(b.pos, "a request of %s is left out; hgrun speaks HTTP", other)
				return nil
			}
		}
		return nil
	}
	name := f.get("meta").value("name")
	if name == "" {
		name = method + " request"
	}
	message := draft.Message{Pos: block.pos, Name: draft.Literal(name), Method: method, Templates: true}
	variables := &draft.Map{}
	message.URL = m.address(f, block, variables)
	for _, p := range f.get("headers").pairs {
		if !p.disabled && p.key != "" {
			message.Headers = append(message.Headers, draft.Field{Name: p.key, Value: m.templates(p.pos, p.value)})
		}
	}
	graphql := m.body(f, block.value("body"), &message)
	item := m.draft.Request(message)
	if graphql != nil {
		item.Set("graphql", graphql)
	}
	m.more(f, block, item, variables)
	return &ordered{item, sequence(f), name}
}

// more writes what is not sent: settings, variables, auth, expectations and captures.
func (m *importer) more(f *file, block *block, item, variables *draft.Map) {
	item.SetSome("description", strings.TrimSpace(f.get("docs").text))
	var tags []any
	for tag := range strings.SplitSeq(f.get("meta").value("tags"), "\n") {
		if tag = strings.Trim(tag, " "); tag != "" {
			tags = append(tags, tag)
		}
	}
	item.SetSome("tags", tags)
	for _, p := range f.get("vars:pre-request").pairs {
		if key := strings.TrimPrefix(p.key, "@"); !p.disabled && key != "" {
			variables.Set(key, m.value(key, p.value, p.pos))
		}
	}
	item.SetSome("variables", variables)
	if mode := block.value("auth"); mode != "" && mode != "inherit" {
		m.auth(f, mode, item)
	}
	settings := f.get("settings")
	if settings.value("followRedirects") == "false" {
		item.Set("follow_redirects", false)
	} else if n, err := strconv.Atoi(settings.value("maxRedirects")); err == nil && n > 0 {
		item.Set("follow_redirects", n)
	}
	if n, err := strconv.Atoi(settings.value("timeout")); err == nil && n > 0 {
		item.Set("timeout", strconv.Itoa(n)+"ms")
	}
	m.captures(f, item)
	m.asserts(f, item)
	m.scripts(f)
	m.count++
}

func verb(f *file) (string, *block) {
	for _, b := range f.blocks {
		if slices.Contains([]string{"get", "post", "put", "delete", "patch", "options", "head", "connect", "trace"}, b.name) {
			return strings.ToUpper(b.name), b
		}
		if b.name == "http" {
			return strings.ToUpper(b.value("method")), b
		}
	}
	return "", nil
}

// address is the URL, its path parameters filled in and its query from the block of that name.
func (m *importer) address(f *file, block *block, variables *draft.Map) string {
	address := block.value("url")
	if query := f.get("params:query"); query.name != "" {
		address, _, _ = strings.Cut(address, "?")
		sign := "?"
		for _, p := range query.pairs {
			if p.disabled {
				continue
			}
			address += sign + escape(p.key) + "=" + escape(p.value)
			sign = "&"
		}
	}
	for _, p := range f.get("params:path").pairs {
		value := p.value
		if !strings.Contains(value, "{{") && plain(p.key) {
			variables.Set(p.key, value)
			value = "{{" + p.key + "}}"
		}
		address = segment(address, ":"+p.key, value)
	}
	if !strings.Contains(address, "://") && !strings.HasPrefix(address, "{{") {
		address = "http://" + address // as Bruno guesses
	}
	return m.templates(block.pos, address)
}

// plain reports whether text can be the name of a variable.
func plain(text string) bool {
	return text != "" && !strings.HasPrefix(text, "$") && !strings.ContainsAny(text, " {}|\"'")
}

// segment puts a value in the place of a whole segment of the path.
func segment(address, from, to string) string {
	path, query, asked := strings.Cut(address, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part == from {
			parts[i] = to
		}
	}
	if address = strings.Join(parts, "/"); asked {
		address += "?" + query
	}
	return address
}

// escape is url.QueryEscape for what has no template in it.
func escape(text string) string {
	if strings.Contains(text, "{{") {
		return text
	}
	return url.QueryEscape(text)
}

// body reads the block that the mode names, and returns what is GraphQL.
func (m *importer) body(f *file, mode string, to *draft.Message) any {
	media := map[string]string{"json": "application/json", "xml": "application/xml", "text": "text/plain; charset=utf-8", "sparql": "application/sparql-query"}
	switch mode {
	case "json", "xml", "text", "sparql":
		b := f.get("body:" + mode)
		if b.name == "" {
			b = f.get("body")
		}
		to.Body.Text = m.templates(b.pos, strings.TrimRight(b.text, "\n "))
		if to.Body.Text != "" && !slices.ContainsFunc(to.Headers, func(f draft.Field) bool { return strings.EqualFold(f.Name, "Content-Type") }) {
			to.Headers = append(to.Headers, draft.Field{Name: "Content-Type", Value: media[mode]})
		}
	case "form-urlencoded", "formUrlEncoded":
		for _, p := range f.get("body:form-urlencoded").pairs {
			if !p.disabled {
				to.Body.Form = append(to.Body.Form, draft.Field{Name: p.key, Value: m.templates(p.pos, p.value)})
			}
		}
	case "multipart-form", "multipartForm":
		for _, p := range f.get("body:multipart-form").pairs {
			if !p.disabled {
				to.Body.Multipart = append(to.Body.Multipart, m.part(p))
			}
		}
	case "file":
		for _, p := range f.get("body:file").pairs {
			if path, kind := files(p.value); !p.disabled && path != "" && to.Body.File == "" {
				to.Body.File = m.draft.Attach(m.in, p.pos, path)
				if kind != "" {
					to.Headers = append(to.Headers, draft.Field{Name: "Content-Type", Value: kind})
				}
			}
		}
	case "graphql":
		b := f.get("body:graphql")
		query := m.templates(b.pos, strings.TrimSpace(b.text))
		if v, err := draft.DecodeTemplates(m.templates(b.pos, f.get("body:graphql:vars").text)); err == nil {
			return draft.M("query", query, "variables", v)
		}
		return query
	}
	return nil
}

func (m *importer) part(p pair) draft.Field {
	path, kind := files(p.value)
	if path != "" {
		return draft.Field{Name: p.key, File: true, Value: m.draft.Attach(m.in, p.pos, path), Type: kind}
	}
	value := p.value
	if at := strings.Index(value, "@contentType("); at >= 0 {
		value, kind = strings.TrimSpace(value[:at]), strings.TrimSuffix(value[at+len("@contentType("):], ")")
	}
	return draft.Field{Name: p.key, Value: m.templates(p.pos, value), Type: kind}
}

// files reads @file(path) @contentType(type); of several files it is the first.
func files(value string) (path, kind string) {
	_, rest, ok := strings.Cut(value, "@file(")
	if !ok {
		return "", ""
	}
	path, rest, _ = strings.Cut(rest, ")")
	path, _, _ = strings.Cut(path, "|")
	if _, after, ok := strings.Cut(rest, "@contentType("); ok {
		kind, _, _ = strings.Cut(after, ")")
	}
	return strings.TrimSpace(path), kind
}

// dynamics are the names of values that are made anew each time.
func dynamics() []string { return vars.DynamicNames() }
