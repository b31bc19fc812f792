package reporters

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// clean returns s as text that can do no harm where it is shown: without escape sequences of terminals, its lines ended by \n alone,
// and with U+FFFD for what is not UTF-8, for control characters, for what XML 1.0 forbids (section 2.2),
// and for marks that turn the direction of text, because they make it read as something else.
func clean(s string) string {
	for i := range len(s) {
		if b := s[i]; b >= utf8.RuneSelf || b == 0x7F || b < ' ' && b != '\n' && b != '\t' {
			return scrub(s, i)
		}
	}
	return s
}

// scrub cleans s, whose first from bytes are clean.
func scrub(s string, from int) string {
	out := make([]byte, from, len(s)+8)
	copy(out, s)
	for i := from; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\x1b':
			n = escapeLength(s[i:])
		case r == '\r':
			if !strings.HasPrefix(s[i+1:], "\n") {
				out = append(out, '\n')
			}
		case forbidden(r):
			out = utf8.AppendRune(out, utf8.RuneError)
		default:
			out = utf8.AppendRune(out, r)
		}
		i += n
	}
	return string(out)
}

func forbidden(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t'
	case r >= 0x7F && r <= 0x9F, r == 0xFFFE, r == 0xFFFF:
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// escapeLength returns how long the escape sequence is that s begins with (ECMA-48, sections 5.4 and 5.6).
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		i := 2
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3F {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7E {
			i++
		}
		return i
	case ']', 'P', 'X', '^', '_':
		if i := strings.IndexAny(s, "\a\n"); i > 0 && s[i] == '\a' {
			return i + 1
		}
		if i := strings.Index(s, "\x1b\\"); i > 0 {
			return i + 2
		}
	}
	if s[1] >= '@' && s[1] <= '_' {
		return 2
	}
	return 1
}

// oneLine returns s clean and on one line, its white space made single spaces.
func oneLine(s string) string {
	s = clean(s)
	if !strings.ContainsAny(s, "\n\t") && !strings.Contains(s, "  ") && s == strings.TrimSpace(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// lineText is how many bytes a text may have that is a line among others.
const lineText = 2 << 10

// shortLine returns the beginning of s on one line.
func shortLine(s string) string {
	if len(s) <= lineText {
		return oneLine(s)
	}
	return oneLine(cut(s, lineText)) + "…"
}

// cut returns at most n bytes of the beginning of s, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// capped returns s, or as much of it as fits in limit bytes together with a note of how long it was.
func capped(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	note := "\n… cut here, the whole text has " + inBytes(len(s))
	return cut(s, limit-len(note)) + note
}

// inBytes returns a size for people: "1,234 bytes".
func inBytes(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// plural returns "1 request" or "12 requests".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// appendTime appends how long something took, for people: "<1 ms", "31 ms", "1.50 s", "2 m 03 s", "1 h 02 m".
func appendTime(to []byte, d time.Duration) []byte {
	switch {
	case d < time.Millisecond:
		return append(to, "<1 ms"...)
	case d < 999500*time.Microsecond:
		return append(strconv.AppendInt(to, d.Round(time.Millisecond).Milliseconds(), 10), " ms"...)
	case d < 59995*time.Millisecond:
		return append(strconv.AppendFloat(to, d.Seconds(), 'f', 2, 64), " s"...)
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return appendPair(to, int(d/time.Minute), " m ", int(d%time.Minute/time.Second), " s")
	}
	d = d.Round(time.Minute)
	return appendPair(to, int(d/time.Hour), " h ", int(d%time.Hour/time.Minute), " m")
}

func appendPair(to []byte, big int, unit string, small int, smallUnit string) []byte {
	to = append(strconv.AppendInt(to, int64(big), 10), unit...)
	if small < 10 {
		to = append(to, '0')
	}
	return append(strconv.AppendInt(to, int64(small), 10), smallUnit...)
}

func timeText(d time.Duration) string { return string(appendTime(nil, d)) }
