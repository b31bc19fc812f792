package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/wire"
)

// Refusal is an answer of a token endpoint that brought no token, or of another endpoint on the way to one. Its texts are partly the server's own.
type Refusal struct {
	Status  int    // 400
	Code    string // the error of RFC 6749, section 5.2, or what the server has in its place; empty for none
	Message string // one line
	Hint    string // what to check, one line; empty where the message says it all

	clear bool // no hint can add to the message
}

// Error returns the message, and the hint as a second line.
func (r *Refusal) Error() string {
	if r.Hint == "" {
		return r.Message
	}
	return r.Message + "\n" + r.Hint
}

// final reports whether the server refused what was sent, and would do so again.
func (r *Refusal) final() bool {
	return r.Status == http.StatusBadRequest || r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden
}

// endpoint is what gives an answer, as messages name it.
type endpoint struct {
	name   string // "token endpoint"
	member string // that a good answer has: "access_token"; empty for none
	public bool   // it is sent nothing that is secret
}

func tokenEndpoint() endpoint { return endpoint{name: "token endpoint", member: "access_token"} }

// jsonWith names the answer that was wanted.
func (e endpoint) jsonWith() string {
	if e.member == "" {
		return "JSON"
	}
	return "JSON with " + e.member
}

func (e endpoint) refusal(r *wire.Response, rest string) *Refusal {
	reason := r.Reason
	if reason == "" {
		reason = http.StatusText(r.Status)
	}
	status := strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, shown(reason)))
	return &Refusal{Status: r.Status, Message: "the " + e.name + " answered " + status + " " + rest}
}

// explain says what an answer without a token is. Token endpoints refuse in JSON (RFC 6749, section 5.2), in half a dozen
// other formats, or in silence.
func (e endpoint) explain(r *wire.Response, body []byte) *Refusal {
	if r.Status >= 300 && r.Status < 400 {
		return e.redirected(r)
	}
	trimmed := bytes.TrimSpace(body)
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	switch {
	case len(trimmed) == 0:
		return e.refusal(r, "with an empty body"+later(r))
	case json.Valid(trimmed):
		return e.explainJSON(r, trimmed)
	case strings.Contains(kind, "html") || looksLikeHTML(trimmed):
		return e.refusal(r, "with an HTML page"+titled(trimmed)+", want "+e.jsonWith()+later(r))
	case trimmed[0] == '{' || trimmed[0] == '[':
		return e.refusal(r, fmt.Sprintf("with JSON that breaks off or is malformed (%d bytes)", len(body)))
	}
	if said := formSays(trimmed); said.code != "" {
		return said.refusal(e, r)
	} else if params := parseForm(trimmed); len(params) > 0 && params.has("access_token") {
		return e.refusal(r, "with a form that has access_token in it, want JSON; ask for it with headers: {Accept: application/json}")
	}
	if !utf8.Valid(trimmed) {
		return e.refusal(r, fmt.Sprintf("with %d bytes that are no text (Content-Type %q)", len(body), shown(kind)))
	}
	return e.refusal(r, "and the text: "+shown(string(trimmed))+later(r))
}

// redirected names the address; nothing is sent there, because a 307 carries the secret along.
func (e endpoint) redirected(r *wire.Response) *Refusal {
	rest := "without a Location, want 200; a " + e.name + " is never redirected"
	if to := r.Header.Get("Location"); to != "" {
		why := ", because the secret would go along"
		if e.public {
			why = ""
		}
		rest = fmt.Sprintf("to %q, want 200; a %s is never redirected%s: write the final address into the file", shown(to), e.name, why)
	}
	f := e.refusal(r, rest)
	f.clear = true
	return f
}

// later says when a server wants to be asked again.
func later(r *wire.Response) string {
	if after := r.Header.Get("Retry-After"); after != "" {
		return fmt.Sprintf(" (Retry-After: %s)", shown(after))
	}
	return ""
}

// said is what an error answer says.
type said struct{ code, description, uri string }

func (s said) refusal(e endpoint, r *wire.Response) *Refusal {
	rest := "with the error " + s.code
	switch {
	case s.code == "":
		rest = "and says"
	case strings.Contains(s.code, " "):
		rest = fmt.Sprintf("with the error %q", s.code)
	}
	if s.description != "" {
		rest += ": " + s.description
	}
	if s.uri != "" {
		rest += " (" + s.uri + ")"
	}
	f := e.refusal(r, rest+later(r))
	f.Code = s.code
	return f
}

// explainJSON reads RFC 6749 errors, RFC 9457 problems, FHIR OperationOutcomes and the objects of those who have their own.
func (e endpoint) explainJSON(r *wire.Response, body []byte) *Refusal {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return e.refusal(r, "with JSON that is "+jsonKind(body)+", want "+strings.Replace(e.jsonWith(), "JSON", "an object", 1))
	}
	member := func(names ...string) string {
		for _, name := range names {
			if s, ok := text(top[name]); ok {
				return shown(s)
			}
		}
		return ""
	}
	s := said{member("error"), member("error_description"), member("error_uri")}
	if s.code != "" && s.description == "" {
		s.description = member("message", "detail")
	}
	if s.code == "" {
		s = otherError(top, member)
	}
	if s == (said{}) {
		return e.refusal(r, "with JSON that names no error (members: "+memberNames(top)+")"+later(r))
	}
	return s.refusal(e, r)
}

func otherError(top map[string]json.RawMessage, member func(...string) string) said {
	var nested struct{ Status, Code, Message string }
	var outcome []struct {
		Code, Diagnostics string
		Details           struct{ Text string }
	}
	if top["error"] != nil && top["error"][0] == '{' { // {"error": {"status": …, "message": …}}
		_ = json.Unmarshal(top["error"], &nested) // a code that is a number leaves what is a text
		return said{code: shown(nested.Status + nested.Code), description: shown(nested.Message)}
	}
	if top["issue"] != nil && json.Unmarshal(top["issue"], &outcome) == nil && len(outcome) > 0 {
		first := outcome[0]
		if first.Diagnostics == "" {
			first.Diagnostics = first.Details.Text
		}
		return said{code: shown(first.Code), description: shown(first.Diagnostics)}
	}
	if title := member("title"); title != "" { // RFC 9457
		return said{code: title, description: member("detail"), uri: member("type")}
	}
	return said{description: member("error_description", "detail", "message", "msg")}
}

// formSays reads an error that is form-encoded.
func formSays(body []byte) said {
	var s said
	for _, p := range parseForm(body) {
		switch p.name {
		case "error":
			s.code = shown(p.value)
		case "error_description":
			s.description = shown(p.value)
		case "error_uri":
			s.uri = shown(p.value)
		}
	}
	return s
}

// parseForm returns the parameters of a form, or nothing for what is none.
func parseForm(body []byte) form {
	var f form
	if bytes.ContainsAny(body, " \n<{") {
		return nil
	}
	for piece := range strings.SplitSeq(string(body), "&") {
		name, value, found := strings.Cut(piece, "=")
		plainName, err := url.QueryUnescape(name)
		plain, also := url.QueryUnescape(value)
		if !found || err != nil || also != nil {
			return nil
		}
		f = append(f, struct{ name, value string }{plainName, plain})
	}
	return f
}

func looksLikeHTML(body []byte) bool {
	head := strings.ToLower(string(body[:min(len(body), 256)]))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html") || strings.Contains(head, "<head")
}

// titled returns the title of a page, which tells a login page from a proxy's.
func titled(page []byte) string {
	text := string(page)
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return ""
	}
	from := strings.Index(lower, "<title")
	if from < 0 {
		return ""
	}
	open := strings.IndexByte(lower[from:], '>')
	end := strings.Index(lower[from:], "</title")
	if open < 0 || end < open {
		return ""
	}
	title := shown(html.UnescapeString(text[from+open+1 : from+end]))
	if title == "" {
		return ""
	}
	return fmt.Sprintf(" titled %q", title)
}

const maxShown = 300 // characters of a server's words in a message

// shown returns a server's words as one line of bounded length.
func shown(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), 4*maxShown)], "�")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}
