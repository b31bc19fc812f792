package expect

import (
	"strconv"
	"strings"
)

// isNumber reports whether text is a number as JSON writes it (RFC 8259, section 6).
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if s = s[whole:]; strings.HasPrefix(s, ".") {
		n := digits(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		return s != "" && digits(s) == len(s)
	}
	return s == ""
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// decimal is a number in digits, which no float could hold: 12345678901234567890 and 0.1 are what they say.
type decimal struct {
	negative        bool
	whole, fraction string // around the point; together they start with no zero
	magnitude       int    // digits before the point once the exponent is worked in; 0.01 has -1
	zero            bool
}

// parseDecimal reads a number that isNumber accepts.
func parseDecimal(s string) decimal {
	d := decimal{negative: strings.HasPrefix(s, "-")}
	s = strings.TrimPrefix(s, "-")
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(s[i+1:]) // beyond int: the nearest there is, which no digits can outweigh
		exponent = max(min(exponent, 1<<30), -1<<30)
		s = s[:i]
	}
	d.whole, d.fraction, _ = strings.Cut(s, ".")
	d.whole = strings.TrimLeft(d.whole, "0")
	d.magnitude = len(d.whole) + exponent
	if d.whole == "" {
		trimmed := strings.TrimLeft(d.fraction, "0")
		d.magnitude -= len(d.fraction) - len(trimmed)
		d.fraction = trimmed
		d.zero = trimmed == ""
	}
	return d
}

// at returns the digit at i, counted from the first that is not zero; behind the last digit there are zeros.
func (d decimal) at(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i-len(d.whole) < len(d.fraction):
		return d.fraction[i-len(d.whole)]
	}
	return '0'
}

// compareNumbers returns -1, 0 or 1 as a is less than, equal to or greater than b. It is exact for any number of digits.
func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	x, y := parseDecimal(a), parseDecimal(b)
	switch {
	case x.zero && y.zero:
		return 0
	case x.sign() != y.sign():
		return compareInts(x.sign(), y.sign())
	}
	return x.sign() * x.compareSize(y)
}

func (d decimal) sign() int {
	switch {
	case d.zero:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal) compareSize(other decimal) int {
	if c := compareInts(d.magnitude, other.magnitude); c != 0 {
		return c
	}
	n := max(len(d.whole)+len(d.fraction), len(other.whole)+len(other.fraction))
	for i := range n {
		if c := compareInts(int(d.at(i)), int(other.at(i))); c != 0 {
			return c
		}
	}
	return 0
}

func compareInts(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// isInteger reports whether a number has no fraction: 5, 5.0 and 5e3 have none.
func isInteger(s string) bool {
	d := parseDecimal(s)
	if d.zero {
		return true
	}
	for i := max(d.magnitude, 0); i < len(d.whole)+len(d.fraction); i++ {
		if d.at(i) != '0' {
			return false
		}
	}
	return d.magnitude > 0
}
