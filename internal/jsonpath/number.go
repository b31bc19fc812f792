package jsonpath

import (
	"cmp"
	"strconv"
	"strings"
)

// compareNumbers compares two numbers of JSON by their value, to the last digit: 1 is 1.0 is 10e-1.
func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	if len(a) < 19 && len(b) < 19 {
		x, errA := strconv.ParseInt(a, 10, 64)
		y, errB := strconv.ParseInt(b, 10, 64)
		if errA == nil && errB == nil {
			return cmp.Compare(x, y)
		}
	}
	x, y := decimalOf(a), decimalOf(b)
	if x.sign != y.sign || x.sign == 0 {
		return cmp.Compare(x.sign, y.sign)
	}
	if x.point != y.point {
		return x.sign * cmp.Compare(x.point, y.point)
	}
	return x.sign * strings.Compare(x.digits, y.digits)
}

// decimal is sign * 0.digits * 10^point, with no zero at either end of the digits.
type decimal struct {
	sign   int
	digits string
	point  int
}

func decimalOf(s string) decimal {
	d := decimal{sign: 1}
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		d.sign, s = -1, rest
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		d.point, s = exponent(s[i+1:]), s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.point += len(whole)
	d.digits = whole + fraction
	trimmed := strings.TrimLeft(d.digits, "0")
	d.point -= len(d.digits) - len(trimmed)
	if d.digits = strings.TrimRight(trimmed, "0"); d.digits == "" {
		return decimal{}
	}
	return d
}

// exponent reads an exponent. One that is too large for any number of this world stands for a larger one than all others.
func exponent(s string) int {
	const most = 1 << 50
	n, err := strconv.Atoi(s)
	if err != nil && s[0] == '-' {
		return -most
	}
	if err != nil {
		return most
	}
	return min(max(n, -most), most)
}
