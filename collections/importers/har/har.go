// Package har turns a recording of HTTP, as browsers and proxies save it (HAR 1.2), into a collection: what was asked, and the
// status that came back. It guesses nothing of the answers.
package har

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// Import reads a recording. The error is a source.Problems with all that is wrong.
func Import(in draft.Input) (made *draft.Collection, err error) {
	name := strings.TrimSuffix(path.Base(in.Name), path.Ext(in.Name))
	if in.Name == "-" || name == "" {
		name = "recording"
	}
	err = source.Parse(in.Name, in.Text, func(n source.Node) {
		m := &importer{in: in, draft: draft.New(name, "imported"), given: map[string]bool{}, seen: map[string]bool{}}
		entries, ok := below(below2(n, "log"), "entries")
		if !ok || !entries.IsList() {
			n.Errorf("no HAR: want log with a list of entries in it")
			return
		}
		for _, e := range entries.Items() {
			m.entry(e)
		}
		m.finish(n)
		made = m.draft
	})
	return made, err
}

// importer is one recording while it is read.
type importer struct {
	in     draft.Input
	draft  *draft.Collection
	items  []any
	given  map[string]bool // names of cookies that answers have set so far
	seen   map[string]bool // requests without a body, so that a page that asks twice is one request
	static int
	twice  int
}

// below returns what stands below a key.
func below(n source.Node, key string) (source.Node, bool) {
	if n.IsMap() {
		for _, e := range n.Entries() {
			if e.Name() == key {
				return e.Value, true
			}
		}
	}
	return n, false
}

func below2(n source.Node, key string) source.Node {
	found, ok := below(n, key)
	if !ok {
		return n.Mapping()
	}
	return found
}

// text returns the text below a key, empty where there is none.
func text(n source.Node, key string) string {
	found, ok := below(n, key)
	if !ok || !found.IsScalar() || found.IsNull() {
		return ""
	}
	return found.Text()
}

func list(n source.Node, key string) []source.Node {
	found, ok := below(n, key)
	if !ok || !found.IsList() {
		return nil
	}
	return found.Items()
}

// entry writes one exchange, unless it is part of a page and not of an API.
func (m *importer) entry(e source.Node) {
	request, response := below2(e, "request"), below2(e, "response")
	method, address := strings.ToUpper(text(request, "method")), text(request, "url")
	if method == "" || address == "" {
		e.Errorf("an entry without the method or the URL of its request")
		return
	}
	kind := text(below2(response, "content"), "mimeType")
	plain := method == "GET" || method == "HEAD" || method == "OPTIONS"
	switch {
	case !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://"):
		scheme, _, _ := strings.Cut(address, ":")
		m.draft.Note(request.Pos(), "a request of the scheme %.20q is none of HTTP and is left out", scheme)
		return
	case !m.in.All && (isStatic(address, kind, text(e, "_resourceType")) || preflight(method, request)):
		m.static++
		return
	case !m.in.All && plain && m.seen[method+" "+address]:
		m.twice++
		return
	}
	if plain {
		m.seen[method+" "+address] = true
	}
	message := draft.Message{Pos: request.Pos(), Name: draft.Literal(method + " " + route(address)), Method: method, URL: address, Headers: m.headers(request)}
	m.body(request, &message)
	item := m.draft.Request(message)
	if status, ok := below(response, "status"); ok {
		m.status(status, item)
	}
	m.cookies(response)
	m.items = append(m.items, item)
}

// status expects the one that came back; 0 is none, and 304 is a matter of the browser's cache.
func (m *importer) status(n source.Node, item *draft.Map) {
	code := 0
	for _, c := range n.Text() {
		if c < '0' || c > '9' || code > 999 {
			return
		}
		code = 10*code + int(c-'0')
	}
	switch {
	case code == 304:
		item.Set("expect", draft.M("status", "2xx"))
	case code >= 100 && code <= 599:
		item.Set("expect", draft.M("status", code))
		if code >= 300 && code < 400 {
			item.Set("follow_redirects", false)
		}
	}
}

// headers are those of the request, without what a browser adds and without cookies that earlier answers gave.
func (m *importer) headers(request source.Node) []draft.Field {
	var headers []draft.Field
	for _, h := range list(request, "headers") {
		name, value := text(h, "name"), text(h, "value")
		if strings.HasPrefix(name, ":") || name == "" {
			continue
		}
		if strings.EqualFold(name, "Cookie") && m.known(value) || strings.EqualFold(name, "User-Agent") && strings.HasPrefix(value+"/", "hgrun/") {
			continue // hgrun sends them by itself
		}
		headers = append(headers, draft.Field{Name: name, Value: value})
	}
	if m.in.All {
		return headers
	}
	kept, left := draft.WithoutBrowser(headers)
	if left > 0 {
		m.draft.Note(source.Pos{File: m.in.Name}, "headers that a browser adds by itself (User-Agent, Sec-Fetch-Mode …) are left out; --all keeps them")
	}
	return kept
}

// known reports whether earlier answers have set all cookies of a header, which hgrun sends back by itself.
func (m *importer) known(header string) bool {
	for pair := range strings.SplitSeq(header, ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if !m.given[name] {
			return false
		}
	}
	return true
}

func (m *importer) cookies(response source.Node) {
	for _, h := range list(response, "headers") {
		if strings.EqualFold(text(h, "name"), "Set-Cookie") {
			for cookie := range strings.SplitSeq(text(h, "value"), "\n") {
				name, _, _ := strings.Cut(cookie, "=")
				m.given[strings.TrimSpace(name)] = true
			}
		}
	}
	for _, c := range list(response, "cookies") {
		m.given[text(c, "name")] = true
	}
}

// body reads postData: parameters, or text, which some tools write in base64.
func (m *importer) body(request source.Node, message *draft.Message) {
	data, ok := below(request, "postData")
	if !ok || data.IsNull() {
		return
	}
	kind := strings.ToLower(text(data, "mimeType"))
	content := text(data, "text")
	if text(data, "encoding") == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			data.Errorf("postData is said to be base64 and is not")
			return
		}
		content = string(decoded)
	}
	var fields []draft.Field
	for _, p := range list(data, "params") {
		f := draft.Field{Name: text(p, "name"), Value: text(p, "value"), Filename: text(p, "fileName"), Type: text(p, "contentType")}
		if f.Filename != "" && f.Value == "" {
			f.File, f.Value = true, m.draft.Attach(m.in, p.Pos(), f.Filename)
			f.Filename = ""
		}
		fields = append(fields, f)
	}
	switch {
	case strings.HasPrefix(kind, "multipart/form-data") && len(fields) > 0:
		message.Body.Multipart = fields
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded") && content == "" && len(fields) > 0:
		message.Body.Form = fields
	default:
		message.Body.Text = content
	}
	if kind != "" && !slices.ContainsFunc(message.Headers, func(f draft.Field) bool { return strings.EqualFold(f.Name, "Content-Type") }) {
		message.Headers = append(message.Headers, draft.Field{Name: "Content-Type", Value: text(data, "mimeType")})
	}
}

func (m *importer) finish(n source.Node) {
	top := source.Pos{File: m.in.Name}
	if m.static > 0 {
		m.draft.Note(top, "left out: %d that load a page (scripts, styles, images, preflights); --all keeps them", m.static)
	}
	if m.twice > 0 {
		m.draft.Note(top, "left out: %d that ask the same again; --all keeps them", m.twice)
	}
	if len(m.items) == 0 {
		n.Errorf("no request is left of the recording; --all keeps the files of a page too")
	}
	m.draft.Top.Set("requests", m.items)
}

// isStatic reports whether an exchange loads a page: by what the browser says it is for, by the type of the answer, or by the ending of the
// path.
func isStatic(address, kind, resource string) bool {
	switch resource {
	case "script", "stylesheet", "image", "font", "media", "manifest", "ping", "preflight", "texttrack", "document":
		return true
	case "xhr", "fetch":
		return false
	}
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	for _, prefix := range []string{"image/", "font/", "video/", "audio/", "text/css", "text/javascript", "application/javascript", "application/x-javascript", "application/font", "application/wasm"} {
		if strings.HasPrefix(kind, prefix) {
			return true
		}
	}
	address, _, _ = strings.Cut(address, "?")
	return slices.Contains([]string{".js", ".mjs", ".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff", ".woff2", ".ttf", ".map", ".webp"}, strings.ToLower(path.Ext(address)))
}

// preflight reports whether a browser asked whether it may ask (Fetch, section 3.2.2).
func preflight(method string, request source.Node) bool {
	return method == "OPTIONS" && slices.ContainsFunc(list(request, "headers"), func(h source.Node) bool {
		return strings.EqualFold(text(h, "name"), "Access-Control-Request-Method")
	})
}

// route is the path of a URL.
func route(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	at := strings.IndexAny(rest, "/?#")
	if at < 0 || rest[at] != '/' {
		return "/"
	}
	rest = rest[at:]
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	return rest
}
