package assertions

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Token is a JWT taken apart; nothing in it is verified. Numbers are json.Number.
type Token struct {
	Raw    string // as it was given
	Header map[string]any
	Claims map[string]any

	signed    string // what the signature covers
	signature []byte
}

// LooksLike reports whether text has the shape of a signed JWT: cheap, and true of some texts that Inspect refuses.
func LooksLike(text string) bool {
	if len(text) < 16 || text[0] != 'e' || text[1] != 'y' && text[1] != 'w' { // {" or { and white space
		return false
	}
	dots := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '.':
			if dots++; dots > 2 || text[i-1] == '.' {
				return false
			}
		case !urlLetter(c):
			return false
		}
	}
	return dots == 2
}

func urlLetter(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// segmentNames are the parts of a JWT in order.
func segmentNames() [3]string { return [3]string{"header", "payload", "signature"} }

// Inspect takes a JWT apart (RFC 7515, section 7.1) and verifies nothing. The error says what is malformed and where;
// characters are counted from 1. A Token comes with the error where header and claims could be read all the same.
func Inspect(text string) (*Token, error) {
	if err := strange(text); err != nil {
		return nil, err
	}
	parts := strings.Split(text, ".")
	if err := countParts(parts); err != nil {
		return nil, err
	}
	t := &Token{Raw: text, signed: text[:len(parts[0])+1+len(parts[1])]}
	start := 0
	var decoded [3][]byte
	var broken error
	for i, name := range segmentNames() {
		raw, err := decodeSegment(name, parts[i], start)
		switch {
		case err != nil && i < 2:
			return nil, err
		case err != nil:
			broken = err
		}
		decoded[i] = raw
		start += len(parts[i]) + 1
	}
	var err error
	if t.Header, err = decodeObject("header", decoded[0]); err != nil {
		return nil, err
	}
	if t.Claims, err = decodeObject("payload", decoded[1]); err != nil {
		return nil, err
	}
	t.signature = decoded[2]
	if broken != nil {
		return t, broken
	}
	return t, t.checkShape()
}

// strange explains what does not belong to a JWT at all: what copying, quoting and wrapping leave behind.
func strange(text string) error {
	if text == "" {
		return errors.New("the text is empty, want a JWT")
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "DPoP "} {
		if strings.HasPrefix(text, scheme) {
			return fmt.Errorf("the text starts with %q; the JWT is what comes after it", scheme)
		}
	}
	for i, r := range text {
		if r < utf8.RuneSelf && (urlLetter(byte(r)) || r == '.') {
			continue
		}
		at := utf8.RuneCountInString(text[:i]) + 1
		switch r {
		case '"', '\'':
			return fmt.Errorf("character %d is a quote; take the quotes off", at)
		case '\n', '\r':
			return fmt.Errorf("character %d is a line break; a JWT is one line", at)
		case ' ', '\t':
			return fmt.Errorf("character %d is white space; a JWT has none", at)
		case '=':
			return fmt.Errorf("character %d is = (padding), which a JWT leaves out", at)
		case '+', '/':
			return fmt.Errorf("character %d is %c of base64; a JWT is base64url, which has - and _ instead", at, r)
		case '%':
			return fmt.Errorf("character %d is %%; the JWT is URL-encoded once too often", at)
		case '{':
			return fmt.Errorf("character %d is {; a JWT has no JSON in plain view, or a variable was not filled in", at)
		}
		return fmt.Errorf("character %d is %q, which base64url does not have", at, r)
	}
	return nil
}

func countParts(parts []string) error {
	const shape = "want 3: header.payload.signature"
	switch {
	case len(parts) == 5:
		return errors.New("5 parts: the JWT is encrypted (JWE) and cannot be read without its key")
	case len(parts) != 3:
		return fmt.Errorf("got %d %s, %s", len(parts), plural(len(parts), "part"), shape)
	}
	for i, name := range segmentNames() {
		if parts[i] == "" && i < 2 {
			return fmt.Errorf("the %s is empty, %s", name, shape)
		}
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func encodeSegment(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func encodeSegments(header, claims []byte) string {
	enc := base64.RawURLEncoding
	b := make([]byte, 0, enc.EncodedLen(len(header))+1+enc.EncodedLen(len(claims)))
	b = enc.AppendEncode(b, header)
	b = append(b, '.')
	return string(enc.AppendEncode(b, claims))
}

// decodeSegment decodes base64url whose letters are known to be right; start is where it begins in the JWT.
func decodeSegment(name, segment string, start int) ([]byte, error) {
	if len(segment)%4 == 1 {
		return nil, fmt.Errorf("the %s (characters %d to %d) has %d characters, which no whole bytes have in base64url; it is cut off or has one too many",
			name, start+1, start+len(segment), len(segment))
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, fmt.Errorf("the %s ends in stray bits (character %d); it is cut off or changed", name, start+len(segment))
	}
	return raw, nil
}

func decodeObject(name string, raw []byte) (map[string]any, error) {
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("the %s is not UTF-8 text", name)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, fmt.Errorf("the %s is not JSON: %s", name, explainJSON(err, raw))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("the %s has something behind its JSON (byte %d)", name, dec.InputOffset())
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the %s is %s, want a JSON object", name, kindOfJSON(value))
	}
	return object, nil
}

func explainJSON(err error, raw []byte) string {
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return "it is empty"
	case errors.As(err, &syntax) && int(syntax.Offset) < len(raw):
		return fmt.Sprintf("%s (byte %d)", syntax, syntax.Offset)
	}
	return fmt.Sprintf("it ends too early, after %d bytes", len(raw))
}

// checkShape compares the length of the signature with the algorithm.
func (t *Token) checkShape() error {
	alg, ok := t.Header["alg"].(string)
	if !ok {
		if _, there := t.Header["alg"]; there {
			return fmt.Errorf("the header's alg is %s, want a text", kindOfJSON(t.Header["alg"]))
		}
		return errors.New("the header has no alg")
	}
	got := len(t.signature)
	switch {
	case strings.EqualFold(alg, "none"):
		if got > 0 {
			return fmt.Errorf("the signature has %d bytes, want none for alg %s", got, alg)
		}
		return nil
	case got == 0:
		return errors.New("the signature is empty; the JWT is cut off")
	case checkAlgorithm(alg) != nil:
		return nil // of an algorithm that hgrun does not know, any length may be right
	}
	return checkSignatureLength(alg, got)
}

func checkSignatureLength(alg string, got int) error {
	want := 0
	switch alg[:2] {
	case "RS", "PS":
		if got%32 == 0 && got >= leastBits/8 {
			return nil
		}
		return fmt.Errorf("the signature has %d bytes, want as many as the RSA key: 256 for 2048 bits, 384 for 3072, 512 for 4096; %s", got, cutOff)
	case "HS":
		want = hashSize(alg)
	case "ES":
		want = map[string]int{"ES256": 64, "ES384": 96, "ES512": 132}[alg]
	default:
		want = 64 // Ed25519 (RFC 8032, section 5.1.6)
	}
	switch {
	case got == want:
		return nil
	case got < want:
		return fmt.Errorf("the signature has %d bytes, want %d for %s; %s", got, want, alg, cutOff)
	}
	return fmt.Errorf("the signature has %d bytes, want %d for %s; it was made with another algorithm or in another form", got, want, alg)
}

const cutOff = "the JWT is cut off, or another algorithm made it"

// Algorithm returns the header's alg, "" where it is missing.
func (t *Token) Algorithm() string {
	alg, _ := t.Header["alg"].(string)
	return alg
}

// Text returns a claim that is a text, "" where it is missing or something else.
func (t *Token) Text(claim string) string {
	text, _ := t.Claims[claim].(string)
	return text
}

// Audiences returns aud as a list, whether a text or an array was written; nil where it is missing or something else.
func (t *Token) Audiences() []string {
	switch aud := t.Claims["aud"].(type) {
	case string:
		return []string{aud}
	case []any:
		var list []string
		for _, item := range aud {
			if text, ok := item.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

// Time returns a claim that is a number of whole seconds since 1970; ok is false for texts and fractions.
func (t *Token) Time(claim string) (at time.Time, ok bool) {
	number, _ := t.Claims[claim].(json.Number)
	seconds, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}
