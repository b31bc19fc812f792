package runner

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
	"strings"

	"github.com/hgrun/hgrun/internal/vars"
)

// learnJSON finds "name": "value" without parsing: bodies need not be valid to hold a token.
func learnJSON(secrets hider, body []byte) {
	for name, value := range members(body[:min(len(body), maxSearch)]) {
		known := vars.SecretMember(string(name))
		if !known && !vars.MaybeSecretMember(string(name)) {
			continue
		}
		if text, ok := stringOf(value); ok && (known || vars.LooksSecret(text)) {
			secrets.Hide(string(name), text)
		}
	}
}

// secretMembers yields the members of JSON that are secret by their names: each name, and all that stands behind its colon.
func secretMembers(body []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for name, value := range members(body) {
			if vars.SecretMember(string(name)) && !yield(name, value) {
				return
			}
		}
	}
}

// members yields the members of JSON whose names end as those of secrets do: each name, and all that stands behind its colon. It looks at
// eight bytes at a time for quotes, because most bodies have no such member and are large.
func members(body []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		i := 0
		for ; i+8 <= len(body); i += 8 {
			for quotes := quotesIn(binary.LittleEndian.Uint64(body[i:])); quotes != 0; quotes &= quotes - 1 {
				quote := i + bits.TrailingZeros64(quotes)/8
				if next := body[min(quote+1, len(body)-1)]; next != ':' && next > ' ' { // it begins a text, or ends a value
					continue
				}
				if !member(body, quote, yield) {
					return
				}
			}
		}
		for ; i < len(body); i++ {
			if body[i] == '"' && !member(body, i, yield) {
				return
			}
		}
	}
}

// quotesIn sets the highest bit of each of eight bytes that is a quote (Warren, Hacker's Delight, section 6-1, in the form that marks no
// byte but those).
func quotesIn(word uint64) uint64 {
	const low, quotes = 0x7f7f7f7f7f7f7f7f, 0x2222222222222222
	x := word ^ quotes
	return ^((x&low + low) | x | low)
}

// member yields the member whose name ends in the quote at a place, if one does. It is false when nobody wants more.
func member(body []byte, quote int, yield func(name, value []byte) bool) bool {
	if quote < 3 || !endsAsSecrets(body[quote-3], body[quote-2], body[quote-1]) {
		return true
	}
	colon := quote + 1
	for colon < len(body) && (body[colon] == ' ' || body[colon] == '\n' || body[colon] == '\t' || body[colon] == '\r') {
		colon++
	}
	if colon >= len(body) || body[colon] != ':' {
		return true
	}
	name := nameBefore(body[:quote])
	return len(name) == 0 || yield(name, body[colon+1:])
}

// endsAsSecrets reports whether the name of a secret may end in these letters, or in a backslash: of JSON in a text of JSON.
func endsAsSecrets(a, b, c byte) bool {
	if c == '\\' {
		return true
	}
	switch string([]byte{a | 0x20, b | 0x20, c | 0x20}) {
	case "ken", "ion", "ret", "ier", "key", "jwt", "ord", "swd", "ase", "ode", "nse", "nid", "\x7fid", "-id":
		return true
	}
	return false
}

// nameBefore returns the text between the quotes of which the second follows, or nothing.
func nameBefore(text []byte) []byte {
	text = bytes.TrimRight(text[max(0, len(text)-maxName):], `\`)
	return text[bytes.LastIndexByte(text, '"')+1:]
}

// stringOf reads a "value" and resolves the escapes that tokens have. The quotes of JSON in a text of JSON have backslashes before them.
func stringOf(text []byte) (string, bool) {
	text = bytes.TrimLeft(text, " \t\r\n")
	quote := bytes.IndexByte(text[:min(len(text), 8)], '"')
	if quote < 0 || len(bytes.Trim(text[:quote], `\`)) > 0 {
		return "", false
	}
	if quote > 0 {
		inside, _, ok := bytes.Cut(text[quote+1:], text[:quote+1])
		return string(inside), ok
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			if bytes.IndexByte(text[1:i], '\\') < 0 {
				return string(text[1:i]), true
			}
			escapes := strings.NewReplacer(`\/`, `/`, `\"`, `"`, `\\`, `\`, `\u002b`, `+`, `\u002B`, `+`, `\u003d`, `=`, `\u003D`, `=`, `\u0026`, `&`, `\n`, "\n", `\r`, "\r")
			return escapes.Replace(string(text[1:i])), true
		}
	}
	return "", false
}
