package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A jwt is a signed token taken apart; nothing in it is verified.
type jwt struct {
	algorithm string
	critical  bool // the header demands extensions, of which the sandbox understands none
	claims    map[string]json.RawMessage
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
	var header struct {
		Alg  string          `json:"alg"`
		Crit json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return jwt{}, errors.New("the header is not a JSON object with a text alg")
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(decoded[1], &claims); err != nil || claims == nil {
		return jwt{}, errors.New("the claims are not a JSON object")
	}
	return jwt{header.Alg, header.Crit != nil, claims, segments[0] + "." + segments[1], decoded[2]}, nil
}

func decodeSegment(s string) ([]byte, error) {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 { // which the decoder would skip
		return nil, fmt.Errorf("line break at byte %d", i)
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// text returns a claim that is a JSON string, or "".
func (j jwt) text(name string) string {
	var s string
	if json.Unmarshal(j.claims[name], &s) != nil {
		return ""
	}
	return s
}

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
