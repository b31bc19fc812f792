// Package http turns files of requests, .http and .rest, as the REST Client of VS Code, the HTTP Client of JetBrains and httpyac read
// them, into a collection. It runs none of their scripts.
package http

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// Import reads a file of requests, and the files of environments beside it.
func Import(in draft.Input) (*draft.Collection, error) {
	if in.Text == nil {
		return nil, (source.Pos{File: in.Name}).Errorf("a folder; name one file of requests")
	}
	name := strings.TrimSuffix(path.Base(in.Name), path.Ext(in.Name))
	if in.Name == "-" || name == "" {
		name = "requests"
	}
	r := read(in.Name, string(in.Text))
	if len(r.blocks) == 0 {
		return nil, source.Problems{(source.Pos{File: in.Name, Line: 1, Col: 1}).Errorf("no request in it; want METHOD URL on a line, and ### between requests")}
	}
	m := &importer{in: in, named: map[string]*draft.Map{}}
	if err := m.environments(name); err != nil {
		return nil, err
	}
	m.variables(r.variables)
	for _, b := range r.blocks {
		m.block(b)
	}
	m.captures()
	m.draft.Top.Set("requests", m.items)
	m.undefined()
	return m.draft, nil
}

// importer is one file while it is read.
type importer struct {
	in     draft.Input
	draft  *draft.Collection
	items  []any
	named  map[string]*draft.Map // requests, by what # @name calls them
	wanted []wanted
	used   []use
}

// wanted is a value that one request takes from the answer of another.
type wanted struct {
	request, name string
	value         any
	pos           source.Pos
}

// use is a name in a template.
type use struct {
	name string
	pos  source.Pos
}

func (m *importer) pos(number int) source.Pos {
	return source.Pos{File: m.in.Name, Line: number, Col: 1}
}

// variables writes those of the file: @name = value.
func (m *importer) variables(list []field) {
	env := m.draft.Environments[0]
	for _, v := range list {
		value := m.templates(m.pos(v.number), v.value)
		if draft.IsSecret(v.name) && value != "" && !strings.Contains(value, "{{") {
			m.draft.Import(v.name, draft.M("env", strings.ToUpper(draft.Name(v.name))))
			m.draft.Note(m.pos(v.number), "%s is a secret; its value comes from the variable %s of the shell", v.name, strings.ToUpper(draft.Name(v.name)))
			continue
		}
		if env.Variables.Has(v.name) && env.Variables.Get(v.name) != value {
			m.draft.Note(m.pos(v.number), "%s has a value in the environment too, which wins", v.name)
		}
		for _, e := range m.draft.Environments {
			if !e.Variables.Has(v.name) && !e.Secrets.Has(v.name) {
				e.Variables.Set(v.name, value)
			}
		}
	}
}

// block writes one request.
func (m *importer) block(b *block) {
	method, address, _ := requestLine(b.line)
	for _, n := range b.notes {
		m.draft.Note(m.pos(n.number), "%s", n.text)
	}
	if slices.Contains([]string{"GRPC", "WEBSOCKET", "WS", "WSS", "SSE", "MQTT", "AMQP", "RSOCKET"}, method) {
		m.draft.Note(b.pos, "a request of %s is left out; hgrun speaks HTTP", method)
		return
	}
	name, _ := b.mark("name")
	title := b.title
	if title == "" {
		title = name
	}
	if title == "" {
		title = method + " " + shown(address)
	}
	message := draft.Message{Pos: b.pos, Name: draft.Literal(title), Method: method, URL: m.templates(b.pos, strings.TrimSpace(address)), Templates: true}
	graphql := method == "GRAPHQL"
	if graphql {
		message.Method = "POST"
	}
	for _, h := range b.headers {
		if strings.EqualFold(h.name, "X-Request-Type") && strings.EqualFold(h.value, "GraphQL") {
			graphql = true
			continue
		}
		message.Headers = append(message.Headers, draft.Field{Name: h.name, Value: m.templates(m.pos(h.number), h.value)})
	}
	if !graphql {
		message.Body = m.body(b)
	}
	item := m.draft.Request(message)
	if graphql {
		m.graphql(b, item)
	}
	m.marks(b, item)
	m.scripts(b, item)
	m.items = append(m.items, item)
	if name != "" {
		m.named[name] = item
	}
}

// shown is a URL as the name of a request has it: without scheme, variables' braces and query.
func shown(address string) string {
	address, _, _ = strings.Cut(address, "?")
	_, rest, absolute := strings.Cut(address, "://")
	if absolute {
		address = rest
	}
	if at := strings.IndexByte(address, '/'); at >= 0 {
		address = address[at:]
	}
	return strings.NewReplacer("{", "", "}", "").Replace(address)
}

// body is what follows the headers: text, files, or parts.
func (m *importer) body(b *block) draft.Body {
	text := strings.TrimSpace(b.text())
	if file, ok := included(text); ok && !strings.Contains(text, "\n") {
		return draft.Body{File: m.draft.Attach(m.in, m.pos(b.body[0].number), file)}
	}
	if kind := b.header("Content-Type"); strings.HasPrefix(strings.ToLower(kind), "multipart/form-data") {
		_, boundary, _ := strings.Cut(kind, "boundary=")
		return draft.Body{Multipart: m.parts(b, strings.Trim(boundary, `"`))}
	}
	for _, l := range b.body {
		if file, ok := included(l.text); ok {
			m.draft.Note(m.pos(l.number), "a file in the middle of a body (%s) is left out; write the body as one file", file)
		}
	}
	if strings.HasPrefix(strings.ToLower(b.header("Content-Type")), "application/x-www-form-urlencoded") {
		text = strings.ReplaceAll(text, "\n&", "&")
	}
	return draft.Body{Text: m.templates(b.pos, text)}
}

// included reads < file and <@ file.
func included(text string) (file string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "<")
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != '@' {
		return "", false
	}
	if rest[0] == '@' { // <@latin1 file
		_, rest, _ = strings.Cut(rest, " ")
	}
	return strings.TrimSpace(rest), true
}

// parts takes a multipart body apart (RFC 7578).
func (m *importer) parts(b *block, boundary string) []draft.Field {
	var parts []draft.Field
	for piece := range strings.SplitSeq("\n"+b.text(), "\n--"+boundary) {
		head, content, ok := strings.Cut(strings.TrimPrefix(piece, "\n"), "\n\n")
		if !ok {
			continue
		}
		f := draft.Field{Value: m.templates(b.pos, strings.TrimSuffix(content, "\n"))}
		for line := range strings.SplitSeq(head, "\n") {
			name, value, _ := strings.Cut(line, ":")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "content-disposition":
				f.Name, f.Filename = parameter(value, "name"), parameter(value, "filename")
			case "content-type":
				f.Type = strings.TrimSpace(value)
			}
		}
		if file, ok := included(content); ok {
			f.File, f.Value = true, m.draft.Attach(m.in, b.pos, file)
			if path.Base(f.Value) == f.Filename {
				f.Filename = ""
			}
		}
		if f.Name != "" {
			parts = append(parts, f)
		}
	}
	return parts
}

func parameter(text, name string) string {
	_, rest, ok := strings.Cut(text, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// graphql takes a query and its variables apart, which stand behind an empty line.
func (m *importer) graphql(b *block, item *draft.Map) {
	query, variables, _ := strings.Cut(strings.TrimSpace(b.text()), "\n\n")
	if v, err := draft.DecodeTemplates(m.templates(b.pos, variables)); err == nil {
		item.Set("graphql", draft.M("query", m.templates(b.pos, query), "variables", v))
		return
	}
	item.Set("graphql", m.templates(b.pos, strings.TrimSpace(b.text())))
}

// marks writes what # @… says of a request.
func (m *importer) marks(b *block, item *draft.Map) {
	for _, k := range b.marks {
		switch k.name {
		case "name":
		case "no-redirect":
			item.Set("follow_redirects", false)
		case "timeout", "connection-timeout":
			if n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(k.value, "s"))); err == nil && n > 0 && k.name == "timeout" {
				item.Set("timeout", strconv.Itoa(n)+"s")
			}
		case "prompt":
			name, _, _ := strings.Cut(k.value, " ")
			m.used = append(m.used, use{name, m.pos(k.number)})
		case "disabled", "no-cookie-jar", "forceRef", "ref", "loop", "sleep":
			m.draft.Note(m.pos(k.number), "@%s has no counterpart that could be written for you; it is left out", k.name)
		case "description":
			item.SetSome("description", k.value)
		}
	}
}

// captures writes what requests take from the answers of others where they can be had.
func (m *importer) captures() {
	for _, w := range m.wanted {
		item, ok := m.named[w.request]
		if !ok {
			m.draft.Note(w.pos, "no request has # @name %s; %s comes from a variable of the shell", w.request, w.name)
			m.draft.Shell(w.name)
			continue
		}
		item.Map("capture").Set(w.name, w.value)
	}
}

// undefined lets names that nothing defines come from the shell.
func (m *importer) undefined() {
	at := map[string]source.Pos{}
	for _, u := range m.used {
		if _, ok := at[u.name]; !ok {
			at[u.name] = u.pos
		}
	}
	m.draft.Define(at, nil)
}
