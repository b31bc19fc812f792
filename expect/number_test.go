package expect

import (
	"encoding/json"
	"math/big"
	"testing"
)

func TestNumbersAreComparedToTheLastDigit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"1", "1.0", 0}, {"0", "-0.00", 0}, {"1e3", "1000", 0}, {"10e-1", "1", 0}, {"0.001", "1E-3", 0}, {"0e99", "0", 0},
		{"12345678901234567890", "12345678901234567891", -1}, {"12345678901234567891", "12345678901234567890.5", 1},
		{"-2", "-1", -1}, {"-1", "1", -1}, {"1", "-1", 1}, {"0", "-1", 1}, {"0", "0.0001", -1},
		{"0.1", "0.10000000000000000000000000001", -1}, {"9", "10", -1}, {"1e400", "1e399", 1}, {"1e-400", "0", 1},
		{"1e99999999999999999999", "1", 1}, {"1e-99999999999999999999", "1", -1}, {"100", "99.999", 1},
	} {
		if got := compareNumbers(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := compareNumbers(tt.b, tt.a); got != -tt.want {
			t.Errorf("%s and %s: got %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

func TestWholeNumbersHaveNoFraction(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0": true, "5": true, "-5": true, "5.0": true, "5e3": true, "1.5e1": true, "50e-1": true, "0.0": true,
		"5.5": false, "0.5": false, "5e-1": false, "1.25e1": false, "1e-9": false,
	} {
		if got := isInteger(s); got != want {
			t.Errorf("%s: got %v, want %v", s, got, want)
		}
	}
}

func FuzzNumbersCompareAsRationals(f *testing.F) {
	for _, s := range []string{"1", "-1.50", "1e3", "0.001", "12345678901234567890", "1E-7", "-0"} {
		f.Add(s, "1.0")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			if got, want := isNumber(s), isJSONNumber(s); got != want {
				t.Fatalf("%q: got %v, want %v", s, got, want)
			}
		}
		if !isNumber(a) || !isNumber(b) || len(a) > 30 || len(b) > 30 {
			return
		}
		x, y := parseDecimal(a), parseDecimal(b)
		if max(x.magnitude, y.magnitude) > 1000 || min(x.magnitude, y.magnitude) < -1000 {
			return // too large for a rational
		}
		r, _ := new(big.Rat).SetString(a)
		q, _ := new(big.Rat).SetString(b)
		if got, want := compareNumbers(a, b), r.Cmp(q); got != want {
			t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
		}
		if got, want := isInteger(a), r.IsInt(); got != want {
			t.Errorf("%s: got integer %v, want %v", a, got, want)
		}
	})
}

func isJSONNumber(s string) bool {
	return s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s)) && s == trimmedJSON(s)
}

// trimmedJSON is s without the white space that JSON allows behind a value.
func trimmedJSON(s string) string {
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\n' || s[len(s)-1] == '\t' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}
