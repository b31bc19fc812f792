package draft

import (
	"encoding/base64"
	"errors"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Message is a request as other tools write it down. Where Templates is set its texts hold {{name}} as hgrun writes it; otherwise
// nothing in them is a template.
type Message struct {
	Pos       source.Pos
	Name      string
	Method    string
	URL       string
	Headers   []Field
	User      string // NAME:PASSWORD of basic authentication; empty for none
	Body      Body
	Templates bool
}

// Field is a name and a value of a header, a form or a part.
type Field struct {
	Name, Value string
	File        bool   // the value is the path of a file
	Filename    string // of a part, where it differs from that of the file
	Type        string // of a part
}

// Body is what a message carries. The zero value is none; otherwise one of its fields is set.
type Body struct {
	Text      string
	Form      []Field
	Multipart []Field
	File      string
}

// Request writes a message as a request of the collection. Credentials become secrets.
func (c *Collection) Request(m Message) *Map {
	r := &writing{Collection: c, Message: m}
	r.item = M("name", m.Name)
	r.line()
	r.credentials()
	r.body()
	r.headers()
	c.made = append(c.made, made{m.Pos, r.item})
	return r.item
}

// made is a request and the place that it comes from.
type made struct {
	pos  source.Pos
	item *Map
}

// Made tells of a request that the importer wrote itself, so that what a collection would refuse of it is told at its place.
func (c *Collection) Made(pos source.Pos, item *Map) { c.made = append(c.made, made{pos, item}) }

// Loads returns what a collection would refuse of requests, nil for nothing.
func (c *Collection) Loads(items ...*Map) error {
	list := make([]any, len(items))
	for i, item := range items {
		plain := *item
		if _, named := plain.Get("auth").(string); named {
			plain.Delete("auth")
		}
		list[i] = &plain
	}
	text, err := M("requests", list).text("collection.yaml", nil)
	if err != nil {
		return err
	}
	return c.load(text)
}

// accept finds what a collection would refuse of a request, and tells it at the place that the request comes from.
func (c *Collection) accept(pos source.Pos, item *Map) {
	plain := *item
	if expect, ok := item.Get("expect").(*Map); ok && expect.Has("openapi") { // which Loads has looked at already
		judged := *expect
		judged.Delete("openapi")
		plain.entries = slices.Clone(plain.entries)
		plain.Set("expect", &judged)
	}
	err := c.Loads(&plain)
	var problems source.Problems
	var one *source.Error
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			c.Problem(pos, "%w", p.Err)
		}
	case errors.As(err, &one):
		c.Problem(pos, "%w", one.Err)
	}
}

// writing is a message while it is written.
type writing struct {
	*Collection
	Message
	item *Map
}

func (w *writing) literal(text string) string {
	if w.Templates {
		return text
	}
	return Literal(text)
}

// value is a text under a name: a secret where the name is one of a secret.
func (w *writing) value(name, text string) string {
	if !IsSecret(name) || text == "" {
		return w.literal(text)
	}
	if w.Templates {
		return w.Keep(name, text)
	}
	return w.Secret(name, text)
}

// line writes the request line and the query.
func (w *writing) line() {
	target, _, _ := strings.Cut(w.literal(w.URL), "#")
	address, query, asked := cutQuery(target)
	if u, err := url.Parse(address); err == nil && u.User != nil && !w.Templates {
		password, _ := u.User.Password()
		w.User = u.User.Username() + ":" + password
		u.User = nil
		address = u.String()
	}
	fields, ok := w.query(query)
	if asked && !ok {
		address += "?" + query
	}
	address = strings.ReplaceAll(w.Origin(address), " ", "%20")
	if w.Templates { // a filter may have spaces in it
		address = strings.ReplaceAll(regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllStringFunc(address, func(s string) string {
			return strings.ReplaceAll(s, "%20", " ")
		}), "\n", "")
	}
	w.item.Set("request", strings.ToUpper(w.Method)+" "+address)
	w.item.SetSome("query", fields)
}

// cutQuery is strings.Cut at the first ? that stands in no template.
func cutQuery(text string) (before, after string, found bool) {
	depth := 0
	for i := range len(text) {
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			depth++
		case strings.HasPrefix(text[i:], "}}"):
			depth--
		case text[i] == '?' && depth <= 0:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// query takes a query apart; ok says whether its parts say the same.
func (w *writing) query(text string) (fields *Map, ok bool) {
	fields = &Map{}
	for piece := range strings.SplitSeq(text, "&") {
		name, value, given := strings.Cut(piece, "=")
		if piece == "" {
			continue
		}
		if strings.Contains(piece, "{{") {
			if !given || strings.Contains(name, "{{") {
				return nil, false
			}
			fields.Add(name, w.value(name, value))
			continue
		}
		n, errN := url.QueryUnescape(name)
		v, errV := url.QueryUnescape(value)
		if errN != nil || errV != nil || !given || n == "" || strings.Contains(n+v, "{{") || !printable(n+v) {
			return nil, false
		}
		fields.Add(n, w.value(n, v))
	}
	return fields, true
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\ufffd' })
}

// credentials turns an Authorization header, or a user, into an auth block.
func (w *writing) credentials() {
	user := w.User
	at := slices.IndexFunc(w.Headers, func(f Field) bool { return strings.EqualFold(f.Name, "Authorization") })
	if at >= 0 {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(w.Headers[at].Value), " ")
		rest = strings.TrimSpace(rest)
		switch pair, err := base64.StdEncoding.DecodeString(rest); {
		case strings.EqualFold(scheme, "Bearer") && rest != "":
			w.item.Set("auth", M("bearer", w.kept("token", rest)))
		case strings.EqualFold(scheme, "Basic") && err == nil && strings.Contains(string(pair), ":"):
			user = string(pair)
		case strings.EqualFold(scheme, "Basic") && w.Templates && rest != "": // NAME PASSWORD, or NAME:PASSWORD
			name, password, _ := strings.Cut(strings.Replace(rest, " ", ":", 1), ":")
			w.basic(name, strings.TrimSpace(password))
		case strings.EqualFold(scheme, "Digest") && w.Templates && !strings.Contains(rest, "="): // NAME PASSWORD
			name, password, _ := strings.Cut(rest, " ")
			w.item.Set("auth", M("digest", M("username", name, "password", w.kept("password", strings.TrimSpace(password)))))
		default:
			w.item.Set("headers", M("Authorization", w.kept("authorization", w.Headers[at].Value)))
		}
		w.Headers = slices.Delete(slices.Clone(w.Headers), at, at+1)
	}
	if user != "" && !w.item.Has("auth") {
		name, password, _ := strings.Cut(user, ":")
		w.basic(name, password)
	}
}

func (w *writing) basic(name, password string) {
	w.item.Set("auth", M("basic", M("username", w.literal(name), "password", w.kept("password", password))))
}

func (w *writing) kept(name, text string) string {
	if w.Templates {
		if text == "" {
			return w.Secret(name, "")
		}
		return w.Keep(name, text)
	}
	return w.Secret(name, text)
}

func (w *writing) headers() {
	headers := w.item.Map("headers")
	for _, f := range w.Headers {
		switch name := strings.ToLower(f.Name); {
		case name == "content-length" || name == "connection" || name == "accept-encoding" || name == "transfer-encoding" || strings.HasPrefix(name, ":"):
		case name == "host" && strings.Contains(w.URL, f.Value):
		case !isToken(f.Name) || strings.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			w.Note(w.Pos, "the header %q cannot be sent and is left out", f.Name)
		case name == "content-type" && w.said(f.Value):
		default:
			headers.Add(f.Name, w.value(f.Name, f.Value))
		}
	}
	if headers.Len() == 0 {
		w.item.Delete("headers")
	}
}

// said reports whether the body says the Content-Type already.
func (w *writing) said(value string) bool {
	kind, _, _ := mime.ParseMediaType(value)
	switch {
	case w.item.Has("multipart"):
		return kind == "multipart/form-data"
	case w.item.Has("form"):
		return kind == "application/x-www-form-urlencoded"
	case w.item.Has("json"):
		return value == "application/json"
	case w.item.Has("xml"):
		return value == "application/xml"
	case w.item.Has("text"):
		return value == "text/plain; charset=utf-8"
	}
	return false
}

func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

// contentType returns the media type that the headers name, without parameters.
func (w *writing) contentType() string {
	for _, f := range w.Message.Headers {
		if strings.EqualFold(f.Name, "Content-Type") {
			kind, _, _ := strings.Cut(f.Value, ";")
			return strings.ToLower(strings.TrimSpace(kind))
		}
	}
	return ""
}

// IsSecret reports whether something of this name is a secret: a header, a parameter, a field.
func IsSecret(name string) bool {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
	for _, word := range []string{"token", "secret", "password", "passwd", "passphrase", "apikey", "privatekey", "authorization", "cookie", "assertion", "credential", "signature"} {
		if strings.HasSuffix(plain, word) {
			return !slices.Contains([]string{"clientassertiontype", "tokentype"}, plain)
		}
	}
	return slices.Contains([]string{"jwt", "bearer", "pwd", "sig", "codeverifier", "devicecode", "sessionid", "jsessionid", "phpsessid", "subscriptionkey", "ocpapimsubscriptionkey"}, plain)
}
