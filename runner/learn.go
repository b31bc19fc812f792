package runner

import (
	"bytes"
	"encoding/base64"
	"html"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// hider takes in what is secret.
type hider interface{ Hide(name, text string) }

// learn hides what an exchange shows to be secret by its name, captured or not: a token that nobody captured leaks too.
func learn(secrets hider, x *wire.Exchange) {
	learnHeader(secrets, x.Request.Header)
	learnURL(secrets, x.Request.URL)
	learnBody(secrets, x.Request.Header.Get("Content-Type"), x.Request.Body)
	if x.Response == nil {
		return
	}
	learnHeader(secrets, x.Response.Header)
	learnBody(secrets, x.Response.Header.Get("Content-Type"), x.Response.Body)
	for _, hop := range x.Response.Hops {
		learnURL(secrets, hop.URL)
		learnHeader(secrets, hop.Header)
		learnHeader(secrets, hop.Next)
	}
	learnURL(secrets, x.Response.URL)
}

func learnHeader(secrets hider, h http.Header) {
	for name, values := range h {
		if name == "Location" || name == "Referer" || name == "Link" {
			for _, v := range values {
				learnURL(secrets, v)
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
		first := true
		for pair := range strings.SplitSeq(value, ";") {
			attribute := name == "Set-Cookie" && !first
			first = false
			if key, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && len(v) >= 8 && !(attribute && cookieAttribute(key)) {
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

// learnURL hides what the query and the fragment of a URL hold (RFC 6749, section 4.2.2, hands tokens over in a fragment), and the
// password before its host.
func learnURL(secrets hider, rawURL string) {
	before, fragment, _ := strings.Cut(rawURL, "#")
	if strings.Contains(fragment, "=") {
		learnForm(secrets, fragment)
	}
	if _, query, ok := strings.Cut(before, "?"); ok {
		learnForm(secrets, query)
	}
	if !strings.Contains(before, "@") {
		return
	}
	if u, err := url.Parse(before); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			secrets.Hide("password", password)
		}
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

// learnBody hides what a body holds under a secret name: as a form, in parts, in JSON, in XML, or in a URL in whatever text.
func learnBody(secrets hider, contentType string, body []byte) {
	body = body[:min(len(body), maxSearch)]
	start := bytes.TrimLeft(body[:min(len(body), 1<<10)], "\ufeff \t\r\n")
	switch {
	case len(start) == 0:
		return
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		learnForm(secrets, string(body))
		return
	case strings.HasPrefix(contentType, "multipart/"):
		learnParts(secrets, contentType, body)
		return
	case start[0] == '<':
		learnElements(secrets, body)
	default:
		learnJSON(secrets, body)
	}
	learnPairs(secrets, body)
}

// learnParts hides the fields of a form in parts (RFC 7578) that have a secret name, and looks into those with a content of their own.
func learnParts(secrets hider, contentType string, body []byte) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["boundary"] == "" {
		return
	}
	for part := range bytes.SplitSeq(body, []byte("--"+parameters["boundary"])) {
		head, content, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok {
			continue
		}
		content = bytes.TrimSuffix(content, []byte("\r\n"))
		if name := partName(head); vars.SecretParameter(name) && !strings.EqualFold(name, "code") {
			secrets.Hide(name, string(content))
			continue
		}
		learnJSON(secrets, content)
	}
}

// partName returns the name of the field that a part with this head is.
func partName(head []byte) string {
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if strings.EqualFold(string(name), "Content-Disposition") {
			_, parameters, err := mime.ParseMediaType(strings.TrimSpace(string(value)))
			if err == nil {
				return parameters["name"]
			}
		}
	}
	return ""
}

// learnElements finds <name>value< of XML and HTML without parsing.
func learnElements(secrets hider, body []byte) {
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 {
			return
		}
		body = body[i+1:]
		end := bytes.IndexAny(body[:min(len(body), maxName)], " \t\r\n/>")
		if end <= 0 {
			continue
		}
		name := body[bytes.IndexByte(body[:end], ':')+1 : end]
		if !vars.SecretMember(string(name)) {
			continue
		}
		_, content, ok := bytes.Cut(body, []byte(">"))
		if value, _, closed := bytes.Cut(content, []byte("<")); ok && closed {
			secrets.Hide(string(name), html.UnescapeString(strings.TrimSpace(string(value))))
		}
	}
}

// learnPairs finds name=value in text: in a link, in the words of a server, in what is a form whatever its type says.
func learnPairs(secrets hider, body []byte) {
	const shortest = 6 // bytes of a value that is no word of an instruction: password=yours
	for at := 0; ; at++ {
		i := bytes.IndexByte(body[at:], '=')
		if i < 0 {
			return
		}
		at += i
		name := wordBefore(body[:at])
		if len(name) == 0 || !vars.SecretMember(string(name)) {
			continue
		}
		value := body[at+1:]
		if end := bytes.IndexAny(value, "&\"'<> \t\r\n\\;,)#"); end >= 0 {
			value = value[:end]
		}
		if plain, err := url.QueryUnescape(string(value)); err == nil && len(plain) >= shortest {
			secrets.Hide(string(name), plain)
		}
	}
}

// wordBefore returns the name that ends a text.
func wordBefore(text []byte) []byte {
	from := len(text)
	for from > 0 && len(text)-from < maxName {
		if c := text[from-1]; (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && c != '-' {
			break
		}
		from--
	}
	return text[from:]
}
