package source

import (
	"fmt"
	"testing"
)

func TestASizeIsANumberAndItsUnit(t *testing.T) {
	t.Parallel()
	const want = "want a size such as 500 KiB, 10 MiB or 1 GiB, got "
	for _, tt := range []struct{ text, want string }{
		{"64 MiB", "67108864"},
		{"64MiB", "67108864"},
		{"1.5 GiB", "1610612736"},
		{"2 GB", "2000000000"},
		{"500 kB", "500000"},
		{"500 KB", "500000"},
		{"12 B", "12"},
		{"0", "0"},
		{"64", want + `"64"; say the unit: 64 MiB or 64 B`},
		{"-1 MiB", want + `"-1 MiB"`},
		{"64 MIB", want + `"64 MIB"; write 64 MiB`},
		{"5 mb", want + `"5 mb"; write 5 MB`},
		{"5 kb", want + `"5 kb"; write 5 kB`},
		{"5g", want + `"5g"; write 5 GB`},
		{"5 TB", want + `"5 TB"`},
		{"64 Mi", want + `"64 Mi"; write 64 MiB`},
		{"MiB", want + `"MiB"`},
		{"", want + `""`},
		{"9e3 GiB", want + `"9e3 GiB"`},
		{"0x1B", want + `"0x1B"`},
		{"99999999999 GiB", want + `"99999999999 GiB"`},
		{"NaN MiB", want + `"NaN MiB"`},
		{"Inf B", want + `"Inf B"`},
	} {
		size, err := ParseSize(tt.text)
		got := fmt.Sprint(size)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestASizeIsWrittenAsItCanBeRead(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{64 << 20: "64 MiB", 300e6: "300 MB", 2e9: "2 GB", 5000: "5 kB", 4 << 30: "4 GiB", 3 << 10: "3 KiB", 1<<20 + 1: "1048577 bytes", 0: "0 bytes"} {
		if got := SizeText(size); got != want {
			t.Errorf("%d: got %s, want %s", size, got, want)
		}
	}
}
