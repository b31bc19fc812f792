package expect

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/wire"
)

// digestQuery finds a digest of the body, decompressed, in lower-case hexadecimal digits.
type digestQuery struct {
	name string
	size int // bytes
}

func (d digestQuery) String() string { return d.name }

// Find returns a string.
func (d digestQuery) Find(a *Answer) (any, error) {
	sum, err := d.sum(a)
	return hex.EncodeToString(sum), err
}

// sum returns the digest that was made while the body came, or makes it.
func (d digestQuery) sum(a *Answer) ([]byte, error) {
	if l := a.response.Large; l != nil {
		if sum := d.of(l); sum != nil {
			return sum, nil
		}
	}
	body, err := a.bytes()
	if err != nil {
		return nil, err
	}
	if d.name == "md5" {
		sum := md5.Sum(body)
		return sum[:], nil
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

func (d digestQuery) of(l *wire.Large) []byte {
	if d.name == "md5" {
		return l.MD5
	}
	return l.SHA256
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
		if !hexDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func hexDigit(c byte) bool { return c-'0' < 10 || (c|0x20)-'a' < 6 }
