package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A jwt is a signed token taken apart; nothing in it is verified.
type jwt struct {
	algorithm string
	critical  bool // the header demands extensions, of which the sandbox understands none
	header    members
	claims    members
	signed    string // the part the signature covers
	signature []byte
}

var errSegments = errors.New("segments")

// parseJWT takes a compact JWS apart: three segments, each strict base64url without padding, JSON objects in the first
// two (RFC 7515, section 7.1).
func parseJWT(text string) (jwt, error) {
	segments := strings.Split(text, ".")
	if len(segments) != 3 {
		return jwt{}, fmt.Errorf("got %d %w, want 3", len(segments), errSegments)
	}
	var decoded [3][]byte
	for i, s := range segments {
		b, err := decodeSegment(s)
		if err != nil {
			return jwt{}, fmt.Errorf("segment %d: %w", i+1, err)
		}
		decoded[i] = b
	}
	header, err := parseMembers(decoded[0])
	if err != nil {
		return jwt{}, fmt.Errorf("the header is not a JSON object: %w", err)
	}
	if header["alg"] != nil && header.text("alg") == "" {
		return jwt{}, errors.New("alg in the header is no text")
	}
	claims, err := parseMembers(decoded[1])
	if err != nil {
		return jwt{}, fmt.Errorf("the claims are not a JSON object: %w", err)
	}
	return jwt{
		algorithm: header.text("alg"), critical: header["crit"] != nil, header: header, claims: claims,
		signed: segments[0] + "." + segments[1], signature: decoded[2],
	}, nil
}

// members are those of a JSON object.
type members map[string]json.RawMessage

// parseMembers reads an object. A name that is there twice is an error (RFC 7515, section 4, and RFC 7519, section 4):
// of two values, two readers could believe two different ones.
func parseMembers(text []byte) (members, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("no opening brace")
	}
	m := members{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		if _, twice := m[name]; twice {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		m[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows it")
	}
	return m, nil
}

// text returns a member that is a JSON string, or "".
func (m members) text(name string) string {
	var s string
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

func decodeSegment(s string) ([]byte, error) {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 { // which the decoder would skip
		return nil, fmt.Errorf("line break at byte %d", i)
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// text returns a claim that is a JSON string, or "".
func (j jwt) text(name string) string { return j.claims.text(name) }

// seconds returns a claim that is a time in whole seconds since 1970; strings, fractions and exponents are errors.
func (j jwt) seconds(name string) (at int64, present bool, err error) {
	raw, present := j.claims[name]
	if !present {
		return 0, false, nil
	}
	if err := json.Unmarshal(raw, &at); err != nil || bytes.Equal(raw, []byte("null")) {
		return 0, true, fmt.Errorf("%s: got %.40s, want whole seconds", name, raw)
	}
	return at, true, nil
}
