package vars

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// form is one way in which a secret can stand in a text.
type form struct {
	text   string
	base64 bool
}

// forms returns the secret as it is, and as URLs, JSON, XML, HTML, hexadecimal and base64 would write it. The base64
// forms hold wherever the secret stands in the encoded text: as the tail of id:secret, say. No form is shorter than
// minSecret.
func forms(secret string) []form {
	out := []form{{secret, false}}
	if signature, ok := jwtSignature(secret); ok {
		return derived(out, signature) // which no one can do without
	}
	out = derived(out, secret)
	if trimmed := strings.TrimSpace(secret); trimmed != secret && len(trimmed) >= minSecret {
		out = derived(append(out, form{trimmed, false}), trimmed)
	}
	for line := range strings.Lines(secret) { // the lines of a PEM key
		if line = strings.TrimSpace(line); len(line) >= 20 && line != secret && !strings.HasPrefix(line, "-----") {
			out = derived(append(out, form{line, false}), line)
		}
	}
	return out
}

// jwtSignature returns the last part of a signed JWT. A run may sign thousands, so their forms are kept few.
func jwtSignature(text string) (string, bool) {
	if !strings.HasPrefix(text, "ey") || strings.Count(text, ".") != 2 || !letters(text) {
		return "", false
	}
	signature := text[strings.LastIndexByte(text, '.')+1:]
	return signature, len(signature) >= 20
}

// derived adds every form that a text takes when it is written somewhere.
func derived(out []form, text string) []form {
	all := escapes()
	if letters(text) {
		all = all[:hexEscapes] // nobody escapes letters
	}
	for _, escape := range all {
		if escaped := escape(text); escaped != text && len(escaped) >= minSecret {
			out = append(out, form{escaped, false})
		}
	}
	for _, core := range base64Cores(text) {
		out = append(out, form{core, true})
	}
	return out
}

// letters reports whether text has only such characters as every syntax leaves alone.
func letters(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; !base64Letter(c) && c != '.' || c == '+' || c == '/' || c == '=' {
			return false
		}
	}
	return true
}

// Escapes returns a text as URLs, JSON, XML and HTML write it, where that differs from the text itself.
func Escapes(text string) []string {
	var out []string
	for _, escape := range escapes()[hexEscapes:] {
		if escaped := escape(text); escaped != text && len(escaped) >= minSecret && !slices.Contains(out, escaped) {
			out = append(out, escaped)
		}
	}
	return out
}

// hexEscapes is how many of the escapes, from the first, change every text.
const hexEscapes = 2

func escapes() []func(string) string {
	return []func(string) string{
		func(s string) string { return hex.EncodeToString([]byte(s)) },
		func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		url.QueryEscape,
		percent,
		url.PathEscape,
		componentEscape,
		lowerHex(url.QueryEscape),
		lowerHex(percent),
		lowerHex(url.PathEscape),
		lowerHex(componentEscape),
		func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		func(s string) string { return percent(percent(s)) },
		unescaped,
		readAsEscapes,
		func(s string) string { return strings.ReplaceAll(s, " ", "+") },
		insideJSON,
		jsonHTML,
		func(s string) string { return strings.ReplaceAll(insideJSON(s), "/", `\/`) },
		func(s string) string { return escapeJSON(s, `"\`, false) },
		func(s string) string { return strings.ReplaceAll(escapeJSON(s, `"\`, false), "/", `\/`) },
		func(s string) string { return escapeJSON(s, "\"&'+<>`", true) },
		func(s string) string { return insideJSON(insideJSON(s)) },
		escapeXML,
		html.EscapeString,
		entities(`&quot;`, `&apos;`),
		entities(`&quot;`, `&#39;`),
		entities(`&quot;`, `&#x27;`),
		entities(`&quot;`, `&#039;`),
		entities(`"`, `'`),
		func(s string) string { return strings.ReplaceAll(s, `"`, `""`) }, // CSV (RFC 4180, section 2)
	}
}

// unescaped is what a server reads that unescapes what nobody escaped: a space for each plus.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return strings.ReplaceAll(s, "+", " ")
}

// readAsEscapes is what is left of a secret that has escapes in it when they are read with those around it.
func readAsEscapes(s string) string {
	p := plainly{text: s}
	if plain := p.unescaped(); plain != nil {
		return plain.text
	}
	return s
}

// percent writes %20 for a space.
func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// componentEscape is encodeURIComponent of JavaScript.
func componentEscape(s string) string {
	return strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(percent(s))
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

// escapeJSON is JSON in ASCII: as Python, PHP and Java write it, or, with more letters escaped by number, .NET.
func escapeJSON(s, special string, numbers bool) string {
	short := map[rune]string{'\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`, '\\': `\\`}
	if !numbers {
		short['"'] = `\"`
	}
	format := `\u%04x`
	if numbers {
		format = `\u%04X`
	}
	var b strings.Builder
	for _, r := range s {
		switch text, ok := short[r]; {
		case ok:
			b.WriteString(text)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, format+format, high, low)
		case r < ' ' || r > '~' || strings.ContainsRune(special, r):
			fmt.Fprintf(&b, format, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escapeXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil { // a strings.Builder takes everything
		return s
	}
	return b.String()
}

// entities escapes for XML or HTML with the names that a server has for quotes.
func entities(double, single string) func(string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, double, "'", single).Replace
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
// groups of three bytes, in both alphabets. All are as long as minSecret at least.
func base64Cores(secret string) []string {
	var cores []string
	for before, drop := range []int{0, 2, 3} {
		whole := append(make([]byte, before), secret...)
		end := len(whole) * 8 / 6
		std := base64.RawStdEncoding.EncodeToString(whole)[drop:end]
		cores = append(cores, std)
		if alt := base64.RawURLEncoding.EncodeToString(whole)[drop:end]; alt != std {
			cores = append(cores, alt)
		}
	}
	return cores
}
