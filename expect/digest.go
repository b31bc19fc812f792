package expect

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// digestQuery finds a digest of the body, decompressed, in lower-case hexadecimal digits.
type digestQuery struct {
	name string
	size int // bytes
}

func (d digestQuery) String() string { return d.name }

// Find returns a string.
func (d digestQuery) Find(a *Answer) (any, error) {
	if d.name == "md5" {
		sum := md5.Sum(a.response.Body)
		return hex.EncodeToString(sum[:]), nil
	}
	sum := sha256.Sum256(a.response.Body)
	return hex.EncodeToString(sum[:]), nil
}

// operand reads a digest as tools print it: in upper or lower case, with colons or without.
func (d digestQuery) operand(v any) (any, error) {
	if l, ok := v.([]any); ok {
		return d.operands(l)
	}
	x := valueOf(v)
	if x.kind == text || x.kind == number {
		if digest := plainHex(x.text); len(digest) == 2*d.size && isHex(digest) {
			return digest, nil
		}
	}
	return nil, errors.New("want the " + strconv.Itoa(2*d.size) + " hexadecimal digits of " + d.name + ", got " + described(v))
}

func (d digestQuery) operands(l []any) (any, error) {
	out := make([]any, len(l))
	for i, e := range l {
		var err error
		if out[i], err = d.operand(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// plainHex takes away what people put between hexadecimal digits, and makes them lower case.
func plainHex(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", ":", "", "\n", "", "\t", "").Replace(s))
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}
