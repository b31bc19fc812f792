package importers

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// request returns a request; false where it is none that could be sent, which is a problem already.
func (im *importer) request(n source.Node, in around) (source.Node, bool) {
	made := n.Mapping()
	if name, ok := n.Get("name"); ok && strings.TrimSpace(name.Raw()) != "" {
		made = made.With("name", name.Scalar(name.Raw()))
	}
	im.unheard(n)
	req, ok := n.Get("request")
	if !ok {
		im.problem(n, "the item has neither item nor request: it is neither a folder nor a request")
		return made, false
	}
	if d, ok := description(req, n); ok {
		made = made.With("description", d)
	}
	im.responses(n)
	if b, ok := n.Get("protocolProfileBehavior"); ok {
		made, in = im.behaviour(made, b, in)
	}
	if !req.IsMap() {
		url, ok := im.url(req)
		return im.scripts(made.With("request", req.Scalar("GET "+url.text)), n), ok
	}
	method := "GET"
	if m, ok := req.Get("method"); ok && m.Raw() != "" {
		method = strings.ToUpper(strings.TrimSpace(m.Raw()))
	}
	at, hasURL := req.Get("url")
	if !hasURL || at.IsNull() {
		at = req
	}
	url, ok := im.url(at)
	made = made.With("request", at.Scalar(method+" "+url.text))
	if a, ok := req.Get("auth"); ok && !a.IsNull() {
		made, in = im.auth(made, a, in)
	}
	if !url.query.IsEmpty() {
		made = made.With("query", url.query)
	}
	made = im.message(made, req, method, in)
	return im.scripts(made, n), ok
}

// description returns the first that is written in one of the nodes.
func description(nodes ...source.Node) (source.Node, bool) {
	for _, n := range nodes {
		if d, ok := n.Get("description"); ok {
			if text := described(d); text != "" {
				return d.Scalar(text), true
			}
		}
	}
	return source.Node{}, false
}

func (im *importer) responses(n source.Node) {
	if r, ok := n.Get("response"); ok && !im.exact && r.IsList() && !r.IsEmpty() {
		im.note(r, "saved examples are not kept")
	}
}

// message adds headers and the body.
func (im *importer) message(made, req source.Node, method string, in around) source.Node {
	var headers headers
	if h, ok := req.Get("header"); ok {
		headers = im.headers(h)
	}
	if i := headers.find(in.header); i >= 0 && in.header != "" {
		im.note(headers[i].values[0], "the header "+in.header+" gives way to the auth, as in Postman")
		headers = slices.Delete(headers, i, i+1)
	}
	b, ok := req.Get("body")
	if ok && b.IsMap() && !isOff(b) {
		if prunes(method) && !in.unpruned {
			if hasBody(b) {
				im.note(b, "a body is not sent with "+method+", as in Postman; disableBodyPruning would send it")
			}
		} else {
			made, headers = im.body(made, b, headers)
		}
	}
	if len(headers) > 0 {
		made = made.With("headers", headers.node(req))
	}
	return made
}

// prunes reports whether Postman sends no body with a method.
func prunes(method string) bool {
	return slices.Contains([]string{"GET", "COPY", "HEAD", "PURGE", "UNLOCK"}, method)
}

// header is a header and its values, each at its place.
type header struct {
	name   string
	values []source.Node
	note   string // for people
}

type headers []header

// find returns the place of a header in the list, or -1.
func (hs headers) find(name string) int {
	return slices.IndexFunc(hs, func(h header) bool { return strings.EqualFold(h.name, name) })
}

// get returns the value of a header, empty for none.
func (hs headers) get(name string) string {
	if i := hs.find(name); i >= 0 {
		return hs[i].values[0].Raw()
	}
	return ""
}

func (hs headers) without(name string) headers {
	return slices.DeleteFunc(hs, func(h header) bool { return strings.EqualFold(h.name, name) })
}

func (hs headers) add(name string, value source.Node, note string) headers {
	if i := hs.find(name); i >= 0 {
		hs[i].values = append(hs[i].values, value)
		return hs
	}
	return append(hs, header{name, []source.Node{value}, note})
}

func (hs headers) node(at source.Node) source.Node {
	made := at.Mapping()
	for _, h := range hs {
		value := h.values[0]
		if len(h.values) > 1 {
			value = value.List(h.values...)
		}
		if h.note != "" {
			value = value.Noted(h.note)
		}
		made = made.With(h.name, value)
	}
	return made
}

// headers reads a list of headers, or a text with one on each line.
func (im *importer) headers(n source.Node) headers {
	var hs headers
	if n.IsScalar() {
		for line := range strings.Lines(n.Raw()) {
			name, value, ok := strings.Cut(line, ":")
			if ok && !strings.HasPrefix(strings.TrimSpace(name), "//") && strings.TrimSpace(name) != "" {
				hs = hs.add(strings.TrimSpace(name), n.Scalar(braces(strings.TrimSpace(value))), "")
			}
		}
		return hs
	}
	off := im.disabled("header")
	for _, h := range n.Items() {
		name, _ := h.Get("key")
		key := strings.TrimSpace(name.Raw())
		if isOff(h) {
			off.take(h)
			continue
		}
		if key == "" {
			continue
		}
		value, ok := h.Get("value")
		if !ok {
			value = name.Scalar("")
		}
		d, _ := h.Get("description")
		hs = hs.add(key, value.Scalar(braces(strings.TrimSpace(value.Raw()))), off.comment(described(d)))
	}
	off.rest(hs.lastNote())
	return hs
}

// lastNote returns the comment of the last header; nil where there is none.
func (hs headers) lastNote() *string {
	if len(hs) == 0 {
		return nil
	}
	return &hs[len(hs)-1].note
}
