package phi

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// encoded masks runs of base64 letters or hexadecimal digits that hold a value.
func (k *Known) encoded(text string) string {
	var out []byte
	kept := 0
	for at := 0; at < len(text); at++ {
		switch c := text[at]; {
		case base64Letter(c):
			run, end := encodedRun(text, at)
			if len(run) >= 6 && len(run) < 64<<10 {
				if p := k.within(run); p != nil {
					out = append(append(out, text[kept:at]...), k.shown(p)...)
					kept = end
				}
			}
			at = end
		case c == '%' && at+2 < len(text) && hexadecimal(text[at+1:at+3]): // the digits of an escape are none of the run behind it
			at += 2
		case c == 0xe2 && strings.HasPrefix(text[at:], "‹"):
			if end := strings.Index(text[at:], "›"); end >= 0 {
				at += end + len("›") - 1
			}
		}
	}
	if kept == 0 {
		return text
	}
	return string(append(out, text[kept:]...))
}

// encodedRun returns the letters of base64 at a place and where they end. Those that stand in lines (RFC 2045, section 6.8) are one run.
func encodedRun(text string, at int) (run string, end int) {
	const shortest = 60 // letters of a line that is not the last
	for from := at; ; {
		end = from
		for end < len(text) && base64Letter(text[end]) {
			end++
		}
		if from > at {
			run += text[from:end]
		} else {
			run = text[at:end]
		}
		next := end
		for next < len(text) && (text[next] == '\r' || text[next] == '\n') {
			next++
		}
		if end-from < shortest || next == end || next == len(text) || !base64Letter(text[next]) {
			return run, end
		}
		from = next
	}
}

// within returns the value that an encoded text holds. What stands before it may look like a part of it: the + of a query, the name and
// the = of a parameter, the segments of a path.
func (k *Known) within(run string) *pattern {
	const most = 8 // separators that are tried
	hit := k.decoded(strings.TrimRight(run, "="))
	for tried := 0; hit == nil && tried < most; tried++ {
		i := strings.IndexAny(run, "=+/")
		if i < 0 || len(run)-i <= 6 {
			break
		}
		run = run[i+1:]
		whole := run
		if end := strings.IndexByte(run, '='); end >= 0 {
			whole = run[:end]
		}
		hit = k.decoded(whole)
	}
	return hit
}

// decoded returns the value that a text holds which is hexadecimal digits or base64 without padding as a whole.
func (k *Known) decoded(text string) (hit *pattern) {
	var small [256]byte // enough for nearly every run, so that looking costs no memory
	look := func(plain []byte) {
		if hit == nil && utf8.Valid(plain) {
			k.each(string(plain), func(_, _ int, p pattern) bool { hit = &p; return false })
		}
	}
	if hexadecimal(text) {
		if plain, err := hex.AppendDecode(small[:0], []byte(text)); err == nil {
			look(plain)
		}
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	if plain, err := encoding.AppendDecode(small[:0], []byte(text)); err == nil {
		look(plain)
	}
	return hit
}

func hexadecimal(run string) bool {
	for i := range len(run) {
		if c := run[i] | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(run)%2 == 0
}

func base64Letter(c byte) bool {
	return letter(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}
