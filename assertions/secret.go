package assertions

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const byteOrderMark = "\ufeff"

// filled returns why a key text was never filled in, or nil. It shows nothing of the text but the name of a variable.
func filled(text string) error {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return errors.New("the key is empty; set the secret that it comes from")
	}
	if open := strings.Index(trimmed, "{{"); open >= 0 && !isJWK(trimmed) {
		if name, _, ok := strings.Cut(trimmed[open+2:], "}}"); ok && isName(strings.TrimSpace(name)) {
			return fmt.Errorf("the key still has {{%s}} in it; set that variable", strings.TrimSpace(name))
		}
		return errors.New("the key still has {{ in it; a variable was not filled in")
	}
	if isPlaceholder(trimmed) {
		return errors.New("the key is a placeholder with YOUR in it; set the real one")
	}
	return nil
}

func isName(s string) bool {
	if s == "" || len(s) > 60 {
		return false
	}
	for _, c := range []byte(s) {
		if !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("_-.$", rune(c)) {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// isPlaceholder recognises YOUR_CLIENT_SECRET, <your-secret> and CLIENT SECRET OF YOUR APP.
func isPlaceholder(text string) bool {
	inner := strings.Trim(text, "<>[]{}%$ ")
	words := strings.FieldsFunc(inner, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	for i, w := range words {
		for _, c := range []byte(w) {
			if !letter(c) {
				return false
			}
		}
		if i == 0 && strings.EqualFold(w, "your") && len(words) > 1 {
			return true
		}
		if w == "YOUR" && inner == strings.ToUpper(inner) {
			return true
		}
	}
	return false
}

// decodeSecret returns the bytes of a key text.
func decodeSecret(text, encoding string) ([]byte, error) {
	if encoding == "" || encoding == "raw" {
		return []byte(text), nil
	}
	text = strings.TrimSpace(text)
	if strings.Contains(text, "-----BEGIN") || isJWK(text) {
		return nil, fmt.Errorf("key_encoding is %s, but the key is a PEM or a JWK; take key_encoding out", encoding)
	}
	var raw []byte
	var err error
	switch encoding {
	case "hex":
		raw, err = hex.DecodeString(text)
	case "base64":
		raw, err = base64.StdEncoding.DecodeString(padded(text))
	case "base64url":
		raw, err = base64.URLEncoding.DecodeString(padded(text))
	default:
		return nil, fmt.Errorf("unknown key_encoding %q; known here: %s", encoding, strings.Join(encodings(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("key_encoding is %s, but the key is not %s%s", encoding, encoding, where(text, encoding))
	}
	return raw, nil
}

// where tells the first character that an encoding does not have, without showing it.
func where(text, encoding string) string {
	for i, c := range []byte(text) {
		digit, hexLetter := c >= '0' && c <= '9', c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		ok := digit || letter(c) || c == '=' || c == '\r' || c == '\n'
		switch encoding {
		case "hex":
			ok = digit || hexLetter
		case "base64":
			ok = ok || c == '+' || c == '/'
		case "base64url":
			ok = ok || c == '-' || c == '_'
		}
		if !ok {
			return fmt.Sprintf(" (character %d)", i+1)
		}
	}
	return fmt.Sprintf(" (it has %d characters)", len(text))
}

// padded adds the = that many tools leave out.
func padded(text string) string {
	bare := strings.TrimRight(text, "=")
	n := len(bare) - strings.Count(bare, "\n") - strings.Count(bare, "\r")
	if n%4 == 1 { // no padding makes whole bytes of it
		return text
	}
	return bare + strings.Repeat("=", (4-n%4)%4)
}

// fromBase64 returns the bytes of base64 text in any of its forms, or nil.
func fromBase64(text string) []byte {
	text = padded(strings.TrimSpace(text))
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		return raw
	}
	if raw, err := base64.URLEncoding.DecodeString(text); err == nil {
		return raw
	}
	return nil
}
