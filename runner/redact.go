package runner

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/vars"
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
			if isCredential(name) {
				v = maskCredential(name, v)
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

// maskCredential keeps what explains (the scheme, a cookie's name) and masks the rest, unless it is masked already.
func maskCredential(name, value string) string {
	switch name {
	case "Set-Cookie", "Cookie":
		return maskCookies(name == "Set-Cookie", value)
	case "Authorization", "Proxy-Authorization":
		if scheme, rest, ok := strings.Cut(value, " "); ok && !strings.Contains(value, "‹") {
			return scheme + " " + vars.Mask("credentials", rest)
		}
	}
	if strings.Contains(value, "‹") {
		return value
	}
	return vars.Mask(strings.ToLower(name), value)
}

// maskCookies masks the value of each cookie: that one of them is masked already, because it is known to be secret, says nothing of the next. Of a
// Set-Cookie all but the first are attributes, which stay (RFC 6265, section 4.1.1).
func maskCookies(set bool, value string) string {
	pairs := strings.Split(value, ";")
	for i, pair := range pairs {
		pair = strings.TrimSpace(pair)
		pairs[i] = pair
		key, v, named := strings.Cut(pair, "=")
		switch {
		case set && i > 0 && (!named || cookieAttribute(key)), strings.Contains(pair, "‹"), pair == "":
		case named:
			pairs[i] = key + "=" + vars.Mask("cookie", v)
		default:
			pairs[i] = vars.Mask("cookie", pair)
		}
	}
	return strings.Join(pairs, "; ")
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
