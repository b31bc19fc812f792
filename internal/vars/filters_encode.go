package vars

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // servers ask for it
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"html"
	"net/url"
	"strings"
)

// encoded is a filter that takes lists and objects too, as JSON.
func encoded(do func(string) string) filter {
	return always(func(v Value) (Value, error) {
		text, err := writtenOf(v)
		return Value{Text: do(text)}, err
	})
}

func encodingFilters() map[string]filter {
	return map[string]filter{
		"base64":           encoded(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64_decode":    textual(func(s string) (string, error) { return decodeBase64(s, base64.RawStdEncoding, "base64") }),
		"base64url":        encoded(func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }),
		"base64url_decode": textual(func(s string) (string, error) { return decodeBase64(s, base64.RawURLEncoding, "base64url") }),
		"hex":              encoded(func(s string) string { return hex.EncodeToString([]byte(s)) }),
		"hex_decode": textual(func(s string) (string, error) {
			raw, err := hex.DecodeString(strings.TrimSpace(s))
			if err != nil {
				return "", fmt.Errorf("got text that is no hexadecimal (%s)", strings.TrimPrefix(err.Error(), "encoding/hex: "))
			}
			return string(raw), nil
		}),
		"urlencode": encoded(url.QueryEscape),
		"urldecode": textual(func(s string) (string, error) {
			text, err := url.QueryUnescape(s)
			if err != nil {
				return "", errors.New("got text with a % that no two hexadecimal digits follow")
			}
			return text, nil
		}),
		"html_escape":   plain(html.EscapeString),
		"html_unescape": plain(html.UnescapeString),
	}
}

// decodeBase64 reads base64 with or without padding, and with line breaks (RFC 4648, sections 4 and 5).
func decodeBase64(text string, encoding *base64.Encoding, name string) (string, error) {
	raw, err := encoding.DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
	if err == nil {
		return string(raw), nil
	}
	other, hint := base64.RawURLEncoding, "; base64url_decode reads it"
	if encoding == other {
		other, hint = base64.RawStdEncoding, "; base64_decode reads it"
	}
	if _, no := other.DecodeString(strings.TrimRight(strings.TrimSpace(text), "=")); no != nil {
		hint = ""
	}
	return "", fmt.Errorf("got text that is no %s (%s)%s", name, strings.TrimPrefix(err.Error(), "illegal base64 data "), hint)
}

// digest is a filter that makes hexadecimal digits of a hash.
func digest(fresh func() hash.Hash) filter {
	return encoded(func(s string) string {
		h := fresh()
		_, _ = h.Write([]byte(s)) // never fails
		return hex.EncodeToString(h.Sum(nil))
	})
}

// mac is a filter that makes an HMAC (RFC 2104). Its key is the bytes of its argument.
func mac(fresh func() hash.Hash) filter {
	return filter{"key", func(args []Value) (change, error) {
		key, err := textOf(args[0])
		if err == nil && key == "" {
			err = errors.New("got empty text, want a key")
		}
		if err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
		return func(v Value) (Value, error) {
			text, err := writtenOf(v)
			h := hmac.New(fresh, []byte(key))
			_, _ = h.Write([]byte(text)) // never fails
			return Value{Text: hex.EncodeToString(h.Sum(nil))}, err
		}, nil
	}}
}

func digestFilters() map[string]filter {
	return map[string]filter{
		"md5":         digest(md5.New),
		"sha1":        digest(sha1.New),
		"sha256":      digest(sha256.New),
		"sha384":      digest(sha512.New384),
		"sha512":      digest(sha512.New),
		"crc32":       digest(func() hash.Hash { return crc32.NewIEEE() }),
		"hmac_sha1":   mac(sha1.New),
		"hmac_sha256": mac(sha256.New),
		"hmac_sha384": mac(sha512.New384),
		"hmac_sha512": mac(sha512.New),
	}
}
