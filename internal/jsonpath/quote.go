package jsonpath

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote returns the text that a string of a document spells, its quotes included (RFC 8259, section 7). Half a
// surrogate pair stands for U+FFFD.
func unquote(quoted string) string {
	if len(quoted) < 2 {
		return ""
	}
	s := quoted[1 : len(quoted)-1]
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i >= 0 && i+1 < len(s) {
		b = append(b, s[:i]...)
		if s[i+1] == 'u' {
			var r rune
			r, s = unit(s[i:])
			b = utf8.AppendRune(b, r)
		} else {
			b = append(b, control(s[i+1]))
			s = s[i+2:]
		}
		i = strings.IndexByte(s, '\\')
	}
	return string(append(b, s...))
}

// control returns what a letter behind a \ stands for.
func control(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unit reads the \uXXXX that s starts with, and its second half where it is the first of a pair.
func unit(s string) (r rune, rest string) {
	r, ok := hex(s)
	if !ok {
		return utf8.RuneError, s[2:]
	}
	rest = s[6:]
	if !utf16.IsSurrogate(r) {
		return r, rest
	}
	if low, ok := hex(rest); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, rest[6:]
		}
	}
	return utf8.RuneError, rest
}

// hex reads the \uXXXX that s starts with.
func hex(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendName appends the name of a member as a normalized path has it: ['name'] (RFC 9535, section 2.7).
func appendName(b []byte, name string) []byte {
	b = append(b, "['"...)
	for i := range len(name) {
		switch c := name[i]; c {
		case '\'', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			if c < ' ' {
				b = append(b, `\u00`...)
				b = append(b, "01"[c>>4], "0123456789abcdef"[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, "']"...)
}
