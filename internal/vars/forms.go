package vars

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"html"
	"net/url"
	"strings"
)

// form is one way in which a secret can stand in a text.
type form struct {
	text   string
	base64 bool
}

// minForm is the length of the shortest derived form that is worth a mask, in bytes.
const minForm = 5

// forms returns the secret as it is, and as URLs, JSON, XML, HTML, hexadecimal and base64 would write it. The base64
// forms hold wherever the secret stands in the encoded text: as the tail of id:secret, say.
func forms(secret string) []form {
	plain := []string{secret}
	if trimmed := strings.TrimSpace(secret); trimmed != secret && len(trimmed) >= minSecret {
		plain = append(plain, trimmed)
	}
	for line := range strings.Lines(secret) { // the lines of a PEM key
		if line = strings.TrimSpace(line); len(line) >= 20 && line != secret && !strings.HasPrefix(line, "-----") {
			plain = append(plain, line)
		}
	}
	var out []form
	add := func(text string, b64 bool) {
		if len(text) >= minSecret {
			out = append(out, form{text, b64})
		}
	}
	for _, p := range plain {
		add(p, false)
		for _, escape := range escapes() {
			if text := escape(p); text != p {
				add(text, false)
			}
		}
		for _, text := range base64Cores(p) {
			if len(text) >= minForm {
				add(text, true)
			}
		}
	}
	return out
}

func escapes() []func(string) string {
	percent := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return []func(string) string{
		url.QueryEscape,
		percent,
		url.PathEscape,
		lowerHex(url.QueryEscape),
		lowerHex(percent),
		func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		insideJSON,
		jsonHTML,
		func(s string) string { return insideJSON(insideJSON(s)) },
		escapeXML,
		html.EscapeString,
		func(s string) string { return hex.EncodeToString([]byte(s)) },
		func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	}
}

// insideJSON is what stands between the quotes of a JSON string.
func insideJSON(s string) string {
	q := quoteJSON(s)
	return q[1 : len(q)-1]
}

// jsonHTML is JSON as encoding/json and many servers write it, with <, > and & escaped.
func jsonHTML(s string) string {
	raw, err := json.Marshal(s)
	if err != nil { // a string always encodes
		return s
	}
	return string(raw[1 : len(raw)-1])
}

func escapeXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil { // a strings.Builder takes everything
		return s
	}
	return b.String()
}

// lowerHex writes %2f for %2F.
func lowerHex(escape func(string) string) func(string) string {
	return func(s string) string {
		b := []byte(escape(s))
		for i := 0; i+2 < len(b); i++ {
			if b[i] == '%' {
				copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
			}
		}
		return string(b)
	}
}

// base64Cores returns the letters that encode secret alone, for each of the three ways in which it can lie in the
// groups of three bytes, in both alphabets.
func base64Cores(secret string) []string {
	var cores []string
	for before, drop := range []int{0, 2, 3} {
		whole := append(make([]byte, before), secret...)
		end := len(whole) * 8 / 6
		if end <= drop {
			continue
		}
		std := base64.RawStdEncoding.EncodeToString(whole)[drop:end]
		cores = append(cores, std)
		if alt := base64.RawURLEncoding.EncodeToString(whole)[drop:end]; alt != std {
			cores = append(cores, alt)
		}
	}
	return cores
}
