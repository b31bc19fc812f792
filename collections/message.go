package collections

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Message is what a request sends, its names not yet replaced.
type Message struct {
	Pos     source.Pos // of the request: line
	Method  string
	URL     vars.Template // without what query: adds
	Headers []Header      // those of the collection and the folders included
	query   []field
	body    body   // nil for none
	kind    string // the key of the body
	line    string // the request: line as it is written
	lenient bool   // an address without a scheme means http://, as in Postman
}

// Uses returns the names that the message needs: of its URL, its headers and its body.
func (m *Message) Uses() []vars.Use {
	uses := m.URL.Uses()
	for _, h := range m.Headers {
		for _, v := range h.Values {
			uses = append(uses, v.Uses()...)
		}
	}
	uses = append(uses, fieldUses(m.query)...)
	if m.body != nil {
		uses = append(uses, m.body.uses()...)
	}
	return uses
}

// TokenExchange reports whether the request asks a token endpoint for a token: its form has a grant_type
// (RFC 6749, section 4).
func (r *Request) TokenExchange() bool { return r.hasField("grant_type") }

// AboutTokens reports whether the request changes nothing but tokens: an exchange, or an introspection or revocation with the
// token_type_hint that both have (RFC 7662, section 2.1; RFC 7009, section 2.1).
func (r *Request) AboutTokens() bool {
	return r.hasField("grant_type") || r.hasField("token_type_hint")
}

func (r *Request) hasField(name string) bool {
	f, ok := r.Message.body.(*formBody)
	return ok && slices.ContainsFunc(f.fields, func(f field) bool { return f.name == name && len(f.values) > 0 })
}

// knownMethods are those of RFC 9110, RFC 5789, WebDAV and caches; others may be used, but not one that looks like a
// slip of these.
func knownMethods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "SEARCH",
		"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "LINK", "UNLINK", "REPORT", "PURGE"}
}

const lineForm = "want METHOD URL on one line, as in GET {{base_url}}/path"

// readLine reads METHOD URL.
func (m *Message) readLine(n source.Node) {
	m.Pos = n.Pos()
	text := n.Text()
	m.line = strings.TrimSpace(text)
	method, _, found := strings.Cut(m.line, " ")
	switch {
	case m.line == "":
		if n.IsText() {
			n.Errorf("%s", lineForm)
		}
		return
	case strings.ContainsAny(method, ":/{"):
		if strings.HasSuffix(method, "}}") && found {
			n.Errorf("the method cannot be a variable; %s", lineForm)
			return
		}
		n.Errorf("no method before the URL; write GET %s", m.line)
		return
	}
	m.readMethod(n, method)
	if !found {
		n.Errorf("no URL after the method; %s", lineForm)
		return
	}
	at := strings.Index(text, method) + len(method)
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	url, err := vars.ParseAt(strings.TrimSpace(text[at:]), func(offset int) source.Pos { return n.Place(at + offset) })
	if err != nil {
		n.Record(err)
		return
	}
	m.URL = url
	m.checkURL(n)
}

func (m *Message) readMethod(n source.Node, method string) {
	m.Method = method
	known := knownMethods()
	upper := strings.ToUpper(method)
	switch {
	case slices.Contains(known, method):
	case slices.Contains(known, upper):
		n.Errorf("method %q; did you mean %q? methods are upper case", method, upper)
	case strings.ContainsFunc(method, func(r rune) bool { return r < 'A' || r > 'Z' }):
		n.Errorf("method %q: want upper-case letters; %s", method, source.Suggest(upper, known))
	default:
		for _, k := range known {
			if source.Distance(method, k) == 1 {
				n.Errorf("unknown method %q; did you mean %q?", method, k)
				return
			}
		}
	}
}

// checkURL judges what is known of the URL before its names have values.
func (m *Message) checkURL(n source.Node) {
	const name = "\x00"
	text := m.URL.Outline(name)
	before, _, templated := strings.Cut(text, name)
	scheme := func(whole string) bool {
		return len(before) >= len(whole) && strings.EqualFold(before[:len(whole)], whole) ||
			templated && strings.HasPrefix(whole, strings.ToLower(before))
	}
	switch {
	case strings.ContainsAny(text, " \t\r\n"):
		n.Errorf("the URL has white space in it; write %%20 for a space, or use query:")
	case m.lenient: // judged when its names have values
	case !scheme("http://") && !scheme("https://"):
		n.Errorf("the URL %q starts neither with https:// or http:// nor with a variable such as {{base_url}}", m.URL.String())
	case !templated:
		if _, err := checked(text); err != nil {
			n.Errorf("%w", err)
		}
	}
}
