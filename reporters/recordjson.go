package reporters

import "unicode/utf8"

// appendJSON appends s as a JSON string (RFC 8259, section 7), in UTF-8. What could do harm where a record is shown (control characters,
// marks that turn the direction of text) is escaped, and U+FFFD stands for each byte that is not UTF-8.
func appendJSON(to []byte, s string) []byte {
	to = append(to, '"')
	from := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= ' ' && b < 0x7F && b != '"' && b != '\\' {
			i++
			continue
		}
		r, n := rune(b), 1
		if b >= utf8.RuneSelf {
			if r, n = utf8.DecodeRuneInString(s[i:]); !escaped(r, n) {
				i += n
				continue
			}
		}
		to = append(to, s[from:i]...)
		to = appendEscape(to, r)
		i += n
		from = i
	}
	to = append(to, s[from:]...)
	return append(to, '"')
}

// escaped reports whether a character of n bytes beyond ASCII does not stand for itself. JavaScript once took U+2028 and U+2029 for ends of lines.
func escaped(r rune, n int) bool {
	return r == utf8.RuneError && n == 1 || forbidden(r) || r == 0x2028 || r == 0x2029
}

func appendEscape(to []byte, r rune) []byte {
	switch r {
	case utf8.RuneError:
		return utf8.AppendRune(to, r)
	case '"', '\\':
		return append(to, '\\', byte(r))
	case '\n':
		return append(to, '\\', 'n')
	case '\r':
		return append(to, '\\', 'r')
	case '\t':
		return append(to, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(to, '\\', 'u', hex[r>>12&0xF], hex[r>>8&0xF], hex[r>>4&0xF], hex[r&0xF])
}
