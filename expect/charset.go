package expect

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// windows1252 is what the bytes 0x80 to 0x9f mean on the web, in windows-1252 and in what calls itself iso-8859-1
// (WHATWG Encoding Standard).
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// decode turns a body into text. No charset means UTF-8, and what is not UTF-8 stays as it is.
func decode(body, charset string) (string, error) {
	switch name := strings.ToLower(charset); name {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return body, nil
	case "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252":
		return decodeLatin1(body), nil
	case "utf-16", "utf-16le", "utf-16be":
		return decodeUTF16(body, name == "utf-16be"), nil
	}
	if isASCII(body) {
		return body, nil
	}
	return "", errors.New("cannot read text of charset " + quote(charset) + "; known: utf-8, iso-8859-1, windows-1252, utf-16")
}

func decodeLatin1(body string) string {
	if isASCII(body) {
		return body
	}
	high := []rune(windows1252)
	var b strings.Builder
	for i := range len(body) {
		if c := body[i]; c >= 0x80 && c <= 0x9f {
			b.WriteRune(high[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

func decodeUTF16(body string, big bool) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case strings.HasPrefix(body, "\xfe\xff"):
		order, body = binary.BigEndian, body[2:]
	case strings.HasPrefix(body, "\xff\xfe"):
		body = body[2:]
	case big:
		order = binary.BigEndian
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16([]byte(body[2*i : 2*i+2]))
	}
	return string(utf16.Decode(units))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
