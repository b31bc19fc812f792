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
	digits := strings.TrimRight(text, "BkKMGi ")
	amount, err := strconv.ParseFloat(digits, 64)
	if strings.Trim(digits, "0123456789.") != "" {
		err = strconv.ErrSyntax // for people 1e3 is no number
	}
	unit, known := sizeUnits()[strings.TrimSpace(text[len(digits):])]
	switch bytes := math.Round(amount * unit); {
	case err == nil && known && bytes < math.MaxInt64:
		return int64(bytes), nil
	case err == nil && digits == text && amount == 0:
		return 0, nil
	case err == nil && digits == text && amount > 0:
		return 0, fmt.Errorf("want a size such as 500 KiB, 10 MiB or 1 GiB, got %q; say the unit: %s MiB or %s B", text, text, text)
	}
	return 0, fmt.Errorf("want a size such as 500 KiB, 10 MiB or 1 GiB, got %q", text)
}

// SizeText writes a number of bytes with the largest unit that leaves it whole.
func SizeText(size int64) string {
	switch {
	case size >= 1<<30 && size%(1<<30) == 0:
		return strconv.FormatInt(size>>30, 10) + " GiB"
	case size >= 1<<20 && size%(1<<20) == 0:
		return strconv.FormatInt(size>>20, 10) + " MiB"
	case size >= 1<<10 && size%(1<<10) == 0:
		return strconv.FormatInt(size>>10, 10) + " KiB"
	}
	return strconv.FormatInt(size, 10) + " bytes"
}
