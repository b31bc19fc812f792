package vars

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plainly is a text with its escapes read, and where each byte of it stands in the text that it was read from.
type plainly struct {
	text string
	at   []int32 // of each byte, and of the end; nil for the text itself
}

const maxLevels = 3 // of escapes within escapes that are read: JSON in JSON in a query

// escapedSpans finds secrets that stand in escapes as no form foresees them: some letters by number and others as they are, or base64 in
// lines. It reads the escapes and finds what is there then.
func (x *index) escapedSpans(text string, first bool) []span {
	var found []span
	p := plainly{text: text}
	for range maxLevels {
		next, ok := p.unescaped()
		if !ok {
			break
		}
		p = next
		found = p.join(found, x.spans(p.text, first))
	}
	if lines, ok := p.unwrapped(); ok {
		p = lines
		found = p.join(found, x.spans(p.text, first))
	}
	return p.join(found, x.encodedSpans(p.text))
}

// encodedSpans finds base64 and hexadecimal digits that hold a secret in which something is escaped again, as in that of a form.
func (x *index) encodedSpans(text string) []span {
	const shortest = 24 // letters of what is worth decoding
	var found []span
	for at := 0; at < len(text); at++ {
		from := at
		for at < len(text) && base64Letter(text[at]) && text[at] != '=' {
			at++
		}
		if at-from < shortest {
			continue
		}
		if mask, ok := x.inside(text[from:at]); ok {
			found = append(found, span{from, at, mask, at})
		}
	}
	return found
}

// inside returns the mask of a secret that stands in an encoded text, escaped or not. Where the text begins in it, nobody knows.
func (x *index) inside(run string) (mask string, found bool) {
	look := func(raw []byte) {
		p := plainly{text: string(raw)}
		for level := 0; !found && level <= maxLevels; level++ {
			if spans := x.spans(p.text, true); len(spans) > 0 {
				mask, found = spans[0].mask, true
				return
			}
			next, ok := p.unescaped()
			if !ok {
				return
			}
			p = next
		}
	}
	if raw, err := hex.DecodeString(run[:len(run)&^1]); err == nil {
		look(raw)
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(run, "-_") {
		encoding = base64.RawURLEncoding
	}
	for skip := 0; skip < 4 && !found; skip++ {
		if raw, err := encoding.DecodeString(run[skip : skip+(len(run)-skip)&^3]); err == nil {
			look(raw)
		}
	}
	return mask, found
}

// join adds what was found in p to what was found before, where it stands in the text itself.
func (p *plainly) join(found, more []span) []span {
	for _, sp := range more {
		sp.from, sp.to = p.place(sp.from), p.place(sp.to)
		sp.lead = sp.to
		i := len(found)
		for i > 0 && found[i-1].from > sp.from {
			i--
		}
		after := append([]span(nil), found[i:]...)
		found = join(found[:i], sp)
		for _, later := range after {
			found = join(found, later)
		}
	}
	return found
}

func (p *plainly) place(i int) int {
	if p.at == nil {
		return i
	}
	return int(p.at[i])
}

// rewrite makes the text anew: read returns what stands at a place and how long it is there, zero for the byte itself.
func (p *plainly) rewrite(from int, read func(at int) (plain string, size int)) (plainly, bool) {
	var b strings.Builder
	b.Grow(len(p.text))
	places := make([]int32, 0, len(p.text)+1)
	changed := false
	for i := 0; i < len(p.text); {
		plain, size := "", 0
		if i >= from {
			plain, size = read(i)
		}
		if size == 0 {
			b.WriteByte(p.text[i])
			places = append(places, int32(p.place(i)))
			i++
			continue
		}
		changed = true
		b.WriteString(plain)
		for range len(plain) {
			places = append(places, int32(p.place(i)))
		}
		i += size
	}
	return plainly{b.String(), append(places, int32(p.place(len(p.text))))}, changed
}

// unescaped reads the escapes of JSON, URLs, XML and HTML. It is false where there are none.
func (p *plainly) unescaped() (plainly, bool) {
	from := strings.IndexAny(p.text, `\%&`)
	if from < 0 {
		return plainly{}, false
	}
	return p.rewrite(from, func(i int) (string, int) {
		switch p.text[i] {
		case '\\':
			return backslashed(p.text[i:])
		case '%':
			return percented(p.text[i:])
		case '&':
			return entity(p.text[i:])
		}
		return "", 0
	})
}

// backslashed reads an escape of JSON (RFC 8259, section 7).
func backslashed(text string) (plain string, size int) {
	if len(text) < 2 {
		return "", 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/', '\'':
		return text[1:2], 2
	case 'n', 'r', 't', 'b', 'f':
		return map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f"}[c], 2
	case 'u':
		r, ok := numbered(text)
		if !ok {
			return "", 0
		}
		if low, ok := numbered(text[6:]); ok && utf16.IsSurrogate(r) {
			return string(utf16.DecodeRune(r, low)), 12
		}
		return string(r), 6
	}
	return "", 0
}

// numbered reads the character of \u00e9.
func numbered(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// percented reads the byte of %2F.
func percented(text string) (plain string, size int) {
	if len(text) < 3 {
		return "", 0
	}
	high, low := digit(text[1]), digit(text[2])
	if high < 0 || low < 0 {
		return "", 0
	}
	return string([]byte{byte(high<<4 | low)}), 3
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// entity reads a reference to a character of XML or HTML.
func entity(text string) (plain string, size int) {
	const longest = 10
	end := strings.IndexByte(text[:min(len(text), longest)], ';')
	if end < 2 {
		return "", 0
	}
	plain = html.UnescapeString(text[:end+1])
	if plain == text[:end+1] || utf8.RuneCountInString(plain) > 1 {
		return "", 0
	}
	return plain, end + 1
}

// unwrapped joins base64 that stands in lines (RFC 2045, section 6.8). It is false where there is none.
func (p *plainly) unwrapped() (plainly, bool) {
	if len(p.text) <= wrappedLine || strings.IndexByte(p.text, '\n') < 0 {
		return plainly{}, false
	}
	run := 0 // letters of base64 before the place
	return p.rewrite(0, func(i int) (string, int) {
		c := p.text[i]
		if base64Letter(c) {
			run++
			return "", 0
		}
		size := 1
		if strings.HasPrefix(p.text[i:], "\r\n") {
			size = 2
		}
		after := i + size
		for after < len(p.text) && (p.text[after] == ' ' || p.text[after] == '\t') { // of what is shown further in
			after++
		}
		if (c == '\n' || size == 2) && run >= wrappedLine && after < len(p.text) && base64Letter(p.text[after]) {
			return "", after - i
		}
		run = 0
		return "", 0
	})
}
