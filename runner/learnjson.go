package runner

import (
	"bytes"
	"iter"
	"strings"
	"sync"

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

// members yields the members of JSON whose names end as those of secrets do: each name, and all that stands behind its colon. It goes from
// colon to colon and looks at the three letters before the quote, because most bodies have no such member and are large.
func members(body []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		ends := secretEnds()
		for at := 0; ; at++ {
			i := bytes.IndexByte(body[at:], ':')
			if i < 0 {
				return
			}
			at += i
			quote := at - 1
			for quote >= 0 && (body[quote] == ' ' || body[quote] == '\n' || body[quote] == '\t' || body[quote] == '\r') {
				quote--
			}
			if quote < 3 || body[quote] != '"' || !ends.before(body[quote-3:quote]) {
				continue
			}
			if name := nameBefore(body[:quote]); len(name) > 0 && !yield(name, body[at+1:]) {
				return
			}
		}
	}
}

// nameEnds has a bit for three letters, each by its last five bits: capitals are as small letters, and some signs as letters.
type nameEnds [1 << 15 / 64]uint64

// secretEnds are the ends of the names that secrets may have, and a backslash, with which the names of JSON in a text of JSON end.
var secretEnds = sync.OnceValue(func() *nameEnds {
	var ends nameEnds
	for _, end := range []string{"ken", "ion", "ret", "ier", "key", "jwt", "ord", "swd", "ase", "ode", "nse", "nid", "_id", "-id"} {
		ends.add(end[0], end[1], end[2])
	}
	for a := range byte(32) {
		for b := range byte(32) {
			ends.add(a, b, '\\')
		}
	}
	return &ends
})

func (e *nameEnds) add(a, b, c byte) {
	at := endAt(a, b, c)
	e[at/64] |= 1 << (at % 64)
}

// before reports whether a name may be that of a secret, by its last three bytes.
func (e *nameEnds) before(last []byte) bool {
	at := endAt(last[0], last[1], last[2])
	return e[at/64]>>(at%64)&1 != 0
}

func endAt(a, b, c byte) uint { return uint(a&31)<<10 | uint(b&31)<<5 | uint(c&31) }

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
