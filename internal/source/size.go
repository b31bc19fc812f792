package source

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizeUnits is the table of the units of a size, in bytes (IEC 80000-13).
func sizeUnits() map[string]float64 {
	return map[string]float64{"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
}

// Size returns a reader that stores a number of bytes.
func Size(to *int64) func(Node) {
	return func(n Node) {
		text, ok := n.text()
		if !ok {
			return
		}
		size, err := ParseSize(text)
		if err != nil {
			n.Errorf("%w", err)
			return
		}
		*to = size
	}
}

// ParseSize reads a number of bytes as collections write it: a number and its unit, with a space between them or without. Only 0
// needs no unit.
func ParseSize(text string) (int64, error) {
	unit := strings.TrimLeft(text, "0123456789.")
	digits := text[:len(text)-len(unit)]
	unit = strings.TrimSpace(unit)
	amount, err := strconv.ParseFloat(digits, 64)
	if err == nil && unit == "" && amount == 0 {
		return 0, nil
	}
	hint := ""
	if factor, known := sizeUnits()[unit]; err == nil && known {
		if size := math.Round(amount * factor); size < math.MaxInt64 {
			return int64(size), nil
		}
	} else if err == nil {
		hint = unitHint(digits, unit)
	}
	return 0, fmt.Errorf("want a size such as 500 KiB, 10 MiB or 1 GiB, got %q%s", text, hint)
}

// unitHint says what a unit that is none was probably meant to be.
func unitHint(digits, unit string) string {
	if unit == "" {
		return "; say the unit: " + digits + " MiB or " + digits + " B"
	}
	for known := range sizeUnits() {
		if strings.EqualFold(known, unit) || strings.EqualFold(strings.TrimSuffix(known, "B"), unit) {
			return "; write " + digits + " " + strings.Replace(known, "KB", "kB", 1)
		}
	}
	return ""
}

// SizeText writes a number of bytes with the largest unit that leaves it whole.
func SizeText(size int64) string {
	for _, unit := range []string{"GiB", "GB", "MiB", "MB", "KiB", "kB"} {
		if factor := int64(sizeUnits()[unit]); size >= factor && size%factor == 0 {
			return strconv.FormatInt(size/factor, 10) + " " + unit
		}
	}
	return strconv.FormatInt(size, 10) + " bytes"
}
