package runner

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	maxShown  = 64 << 10 // bytes of a body in an event
	cutMargin = 16 << 10 // bytes behind these that are looked at, so that a secret that the cut would halve is found
	maxSearch = 1 << 20  // bytes of a body that are searched for members with secret names
	maxName   = 32       // bytes of the longest such name, and some more
)

// isCredential reports whether a header carries credentials by its name.
func isCredential(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Dpop", "X-Api-Key", "Api-Key", "Apikey", "X-Auth-Token",
		"X-Access-Token", "X-Csrf-Token", "X-Amz-Security-Token", "Ocp-Apim-Subscription-Key":
		return true
	}
	return false
}

// hider takes in what is secret.
type hider interface{ Hide(name, text string) }

// learn hides what an exchange shows to be secret by its name, captured or not: a token that nobody captured leaks too.
func learn(secrets hider, x *wire.Exchange) {
	learnHeader(secrets, x.Request.Header)
	learnQuery(secrets, x.Request.URL)
	if strings.HasPrefix(x.Request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		learnForm(secrets, string(x.Request.Body))
	} else {
		learnJSON(secrets, x.Request.Body)
	}
	if x.Response == nil {
		return
	}
	learnHeader(secrets, x.Response.Header)
	learnJSON(secrets, x.Response.Body)
	for _, hop := range x.Response.Hops {
		learnQuery(secrets, hop.URL)
	}
	learnQuery(secrets, x.Response.URL)
}

func learnHeader(secrets hider, h http.Header) {
	for name, values := range h {
		if name == "Location" {
			for _, v := range values {
				learnQuery(secrets, v)
			}
		}
		if !isCredential(name) {
			continue
		}
		for _, v := range values {
			learnCredential(secrets, name, v)
		}
	}
}

func learnCredential(secrets hider, name, value string) {
	switch name {
	case "Set-Cookie", "Cookie":
		for pair := range strings.SplitSeq(value, ";") {
			if key, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && len(v) >= 8 && !cookieAttribute(key) {
				secrets.Hide("cookie", v)
			}
		}
	case "Authorization", "Proxy-Authorization":
		scheme, rest, ok := strings.Cut(value, " ")
		if !ok {
			secrets.Hide(strings.ToLower(name), value)
			return
		}
		if strings.EqualFold(scheme, "Basic") {
			if pair, err := base64.StdEncoding.DecodeString(rest); err == nil {
				if _, password, ok := strings.Cut(string(pair), ":"); ok {
					secrets.Hide("password", password)
				}
			}
		}
		secrets.Hide("token", strings.TrimSpace(rest))
	default:
		secrets.Hide(strings.ToLower(name), value)
	}
}

func cookieAttribute(name string) bool {
	switch strings.ToLower(name) {
	case "expires", "max-age", "domain", "path", "samesite", "version":
		return true
	}
	return false
}

func learnQuery(secrets hider, rawURL string) {
	if _, query, ok := strings.Cut(rawURL, "?"); ok {
		learnForm(secrets, query)
	}
}

func learnForm(secrets hider, form string) {
	for pair := range strings.SplitSeq(form, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || !vars.SecretParameter(name) || strings.EqualFold(name, "code") && !authorization(form) {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		secrets.Hide(name, value)
	}
}

// authorization reports whether a form belongs to an OAuth flow, so that its code is no code of FHIR.
func authorization(form string) bool {
	return strings.Contains(form, "grant_type=") || strings.Contains(form, "state=") || strings.Contains(form, "redirect_uri=")
}

// learnJSON finds "name": "value" without parsing: bodies need not be valid to hold a token.
func learnJSON(secrets hider, body []byte) {
	for name, value := range secretMembers(body[:min(len(body), maxSearch)]) {
		if text, ok := stringOf(value); ok {
			secrets.Hide(string(name), text)
		}
	}
}

// secretMembers yields the members of JSON that are secret by their names: each name, and all that stands behind its colon.
func secretMembers(body []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for at := 0; ; at++ {
			i := bytes.IndexByte(body[at:], ':')
			if i < 0 {
				return
			}
			at += i
			if name := memberBefore(body[:at]); vars.SecretMember(string(name)) && !yield(name, body[at+1:]) {
				return
			}
		}
	}
}

// memberBefore returns the text between the quotes that end what stands before a colon, or nothing.
func memberBefore(text []byte) []byte {
	end := len(text) - 1
	for end >= 0 && (text[end] == ' ' || text[end] == '\n' || text[end] == '\t' || text[end] == '\r') {
		end--
	}
	if end < 0 || text[end] != '"' {
		return nil
	}
	text = text[max(0, end-maxName):end]
	return text[bytes.LastIndexByte(text, '"')+1:]
}

// stringOf reads a "value" and resolves the escapes that tokens have.
func stringOf(text []byte) (string, bool) {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '"' {
		return "", false
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			escapes := strings.NewReplacer(`\/`, `/`, `\"`, `"`, `\\`, `\`, `\u002b`, `+`, `\u003d`, `=`, `\n`, "\n")
			return escapes.Replace(string(text[1:i])), true
		}
	}
	return "", false
}

// beforeCut returns a text that was cut, without a secret that the cut halved: nobody knows that by what is left of it.
func beforeCut(text []byte) []byte {
	for name, value := range secretMembers(text) {
		start := bytes.TrimLeft(value, " \t\r\n")
		if _, whole := stringOf(value); !whole && len(start) > 0 && start[0] == '"' {
			return fmt.Appendf(slices.Clone(text[:len(text)-len(start)]), "\"‹%s, cut›", name)
		}
	}
	return text
}

// jwtShape matches what looks like a JWT, known or not, and what a cut left of one.
var jwtShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?`)
})

// redactText masks the known secrets and what has the shape of a JWT.
func redactText(secrets *vars.Secrets, text string) string {
	text = secrets.Redact(text)
	if strings.Contains(text, "eyJ") {
		text = jwtShape().ReplaceAllStringFunc(text, func(jwt string) string { return vars.Mask("jwt", jwt) })
	}
	return text
}

// redactHeader masks the headers that are secret by name whole, and the secrets in all others.
func redactHeader(secrets *vars.Secrets, h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			v = redactText(secrets, v)
			if isCredential(name) && !strings.Contains(v, "‹") {
				v = maskCredential(name, v)
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

// maskCredential keeps what explains (the scheme, a cookie's name) and masks the rest.
func maskCredential(name, value string) string {
	switch name {
	case "Authorization", "Proxy-Authorization":
		if scheme, rest, ok := strings.Cut(value, " "); ok {
			return scheme + " " + vars.Mask("credentials", rest)
		}
	case "Set-Cookie", "Cookie":
		var pairs []string
		for pair := range strings.SplitSeq(value, ";") {
			if key, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && !cookieAttribute(key) {
				pair = key + "=" + vars.Mask("cookie", v)
			}
			pairs = append(pairs, strings.TrimSpace(pair))
		}
		return strings.Join(pairs, "; ")
	}
	return vars.Mask(strings.ToLower(name), value)
}

// redactBody returns the start of a body, masked. A secret that the cut would halve is not shown by half.
func redactBody(secrets *vars.Secrets, body []byte) string {
	whole := len(body) <= maxShown+cutMargin
	body = body[:min(len(body), maxShown+cutMargin)]
	if !whole {
		body = beforeCut(body)
	}
	text := string(body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	text = redactText(secrets, text)
	if !whole && len(body) == maxShown+cutMargin { // another secret may be halved there
		text = text[:max(0, len(text)-cutMargin/2)]
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	return text
}
