package expect

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// bytesQuery finds the bytes of the body, decompressed, as lower-case hexadecimal digits: "25504446" for a PDF's "%PDF".
type bytesQuery struct{}

func (bytesQuery) String() string { return "bytes" }

// Find returns a string.
func (bytesQuery) Find(a *Answer) (any, error) {
	body, err := a.bytes()
	return hex.EncodeToString(body), err
}

// readBytes reads the few predicates that bytes have. A scalar is what all of them must be.
func readBytes(n source.Node, t Terms) []Predicate {
	t.words = map[string]Reader{
		"contains":    bytesReader("contain", containsBytes),
		"ends_with":   bytesReader("end with", func(s, part string) bool { return strings.HasSuffix(s, part) }),
		"equals":      bytesReader("be", func(s, part string) bool { return s == part }),
		"length":      readByteCount,
		"not":         readNot,
		"starts_with": bytesReader("start with", strings.HasPrefix),
	}
	if !n.IsMap() {
		return t.valid(t.words["equals"](n, t))
	}
	return t.all(n)
}

// containsBytes looks for digits that start at a whole byte.
func containsBytes(s, part string) bool {
	for at := 0; ; at++ {
		i := strings.Index(s[at:], part)
		if i < 0 {
			return false
		}
		if at += i; at%2 == 0 {
			return true
		}
	}
}

func bytesReader(verb string, has func(s, part string) bool) Reader {
	return func(n source.Node, t Terms) Predicate {
		return raw(n, func(v any) (matcher, error) {
			part, err := bytesOf(v)
			if err != nil {
				return nil, err
			}
			return hasBytes{part, verb, has}, nil
		})
	}
}

// bytesOf reads hexadecimal digits, or base64 behind the word base64:.
func bytesOf(v any) (string, error) {
	x := valueOf(v)
	if x.kind != text && x.kind != number {
		return "", errors.New("want bytes in hexadecimal digits, or as base64:…, got " + described(v))
	}
	if encoded, ok := strings.CutPrefix(x.text, "base64:"); ok {
		encoded = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimSpace(encoded)), "=")
		b, err := base64.RawStdEncoding.DecodeString(encoded)
		if err != nil || len(b) == 0 {
			return "", errors.New("want bytes in base64, got " + described(v))
		}
		return hex.EncodeToString(b), nil
	}
	digits := plainHex(strings.TrimPrefix(x.text, "hex:"))
	switch {
	case !isHex(digits):
		return "", errors.New("want bytes in hexadecimal digits, or as base64:…, got " + described(v))
	case len(digits)%2 != 0:
		return "", errors.New("a byte has two hexadecimal digits, got " + strconv.Itoa(len(digits)) + " in all")
	}
	return digits, nil
}

// readByteCount is length, of bytes.
func readByteCount(n source.Node, t Terms) Predicate {
	t.query, t.words = nil, Predicates()
	return around(t.one(n), func(m matcher) matcher { return byteCount{m} })
}

// byteCount judges the number of bytes.
type byteCount struct{ m matcher }

func (b byteCount) judge(v value) verdict { return b.m.judge(valueOf(len(v.text) / 2)) }

func (b byteCount) want(what string, not bool) string { return b.m.want("their number", not) }

func (b byteCount) explain(v value, not bool) string {
	return "got " + strconv.Itoa(len(v.text)/2) + ", want " + b.want("", not)
}

// hasBytes holds for bytes that have some where they should be.
type hasBytes struct {
	part string // digits
	verb string // "start with"
	has  func(s, part string) bool
}

func (h hasBytes) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(h.has(v.text, h.part))
}

func (h hasBytes) want(what string, not bool) string {
	if what == "it" {
		what = "them"
	}
	return to(what, h.verb+" "+renderBytes(h.part), not)
}

func (h hasBytes) explain(v value, not bool) string {
	if v.kind != text {
		return ""
	}
	shown := v.text
	if h.verb == "end with" {
		shown = v.text[max(0, len(v.text)-2*maxBytesShown):]
		if len(shown) < len(v.text) {
			return "got … " + spaced(shown) + " (" + strconv.Itoa(len(v.text)/2) + " bytes), want " + h.want("it", not)
		}
	}
	return "got " + renderBytes(shown) + ", want " + h.want("it", not)
}

const maxBytesShown = 16

// renderBytes shows the first bytes, in pairs of digits.
func renderBytes(digits string) string {
	switch {
	case digits == "":
		return "no bytes"
	case len(digits) > 2*maxBytesShown:
		return spaced(digits[:2*maxBytesShown]) + " … (" + strconv.Itoa(len(digits)/2) + " bytes)"
	}
	return spaced(digits)
}

func spaced(digits string) string {
	var b strings.Builder
	for i := 0; i+1 < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}
