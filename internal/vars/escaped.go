package vars

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plainly is a text with its escapes read, and where they stood in the text that it was read from.
type plainly struct {
	text  string
	marks []mark   // by place; none for the text itself
	from  *plainly // the text that it was read from; nil for the text itself
}

// mark says that what begins at a place stood at another, up to the next mark.
type mark struct{ at, was int }

const maxLevels = 3 // of escapes within escapes that are read: JSON in JSON in a query

// escapedSpans finds secrets that stand in escapes as no form foresees them: some letters by number and others as they are, or base64 in
// lines. It reads the escapes and finds what is there then.
func (x *index) escapedSpans(text string, first bool) []span {
	if strings.IndexByte(text, '\\') < 0 && strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '&') < 0 && strings.IndexByte(text, '\n') < 0 {
		return x.encodedSpans(text)
	}
	var found []span
	p := &plainly{text: text}
	for range maxLevels {
		next := p.unescaped()
		if next == nil {
			break
		}
		p = next
		found = p.join(found, x.spans(p.text, first))
	}
	if lines := p.unwrapped(); lines != nil {
		p = lines
		found = p.join(found, x.spans(p.text, first))
	}
	return p.join(found, x.encodedSpans(p.text))
}

// encodedSpans finds base64 and hexadecimal digits that hold a secret in which something is escaped again, as in that of a form.
func (x *index) encodedSpans(text string) []span {
	const shortest = 24 // letters of what is worth decoding
	var found []span
	end := 0 // of the last run
	for at := shortest - 1; at < len(text); at += shortest {
		from := at
		for from > end && runLetter(text[from]) {
			from--
		}
		if !runLetter(text[from]) {
			from++
		}
		if from > at {
			continue
		}
		end = at
		for end < len(text) && runLetter(text[end]) {
			end++
		}
		if end-from < shortest || isPath(text[from:end]) {
			continue
		}
		if mask, ok := x.inside(text[from:end]); ok {
			found = append(found, span{from, end, mask, end})
		}
		at = end
	}
	return found
}

func runLetter(c byte) bool { return base64Letter(c) && c != '=' }

// isPath reports whether a run of letters has more slashes in it than base64 has.
func isPath(run string) bool { return strings.Count(run, "/") > 1+len(run)/16 }

// inside returns the mask of a secret that stands in an encoded text, escaped or not. Where the text begins in it, nobody knows.
func (x *index) inside(run string) (mask string, found bool) {
	look := func(raw []byte) {
		p := &plainly{text: string(raw)}
		for level := 0; !found && level <= maxLevels; level++ {
			if spans := x.spans(p.text, true); len(spans) > 0 {
				mask, found = spans[0].mask, true
				return
			}
			if p = p.unescaped(); p == nil {
				return
			}
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

// place returns where what is at a place stood in the text itself.
func (p *plainly) place(i int) int {
	if p.from == nil {
		return i
	}
	n := sort.Search(len(p.marks), func(n int) bool { return p.marks[n].at > i })
	if n > 0 {
		i += p.marks[n-1].was - p.marks[n-1].at
	}
	return p.from.place(i)
}

// rewriting is a text that is made from another one: what is not replaced is copied.
type rewriting struct {
	of    *plainly
	b     strings.Builder
	kept  int // of the other text until here
	marks []mark
}

// replace puts plain in the place of what stands from one place to another.
func (r *rewriting) replace(from, to int, plain string) {
	if r.marks == nil {
		r.b.Grow(len(r.of.text))
	}
	r.b.WriteString(r.of.text[r.kept:from])
	r.marks = append(r.marks, mark{r.b.Len(), from})
	r.b.WriteString(plain)
	r.marks = append(r.marks, mark{r.b.Len(), to})
	r.kept = to
}

// end returns the text, or nil where nothing was replaced.
func (r *rewriting) end() *plainly {
	if r.marks == nil {
		return nil
	}
	r.b.WriteString(r.of.text[r.kept:])
	return &plainly{r.b.String(), r.marks, r.of}
}

// unescaped reads the escapes of JSON, URLs, XML and HTML. It is nil where there are none.
func (p *plainly) unescaped() *plainly {
	r := rewriting{of: p}
	for i := 0; i < len(p.text); i++ {
		plain, size := "", 0
		switch p.text[i] {
		case '\\':
			plain, size = backslashed(p.text[i:])
		case '%':
			plain, size = percented(p.text[i:])
		case '&':
			plain, size = entity(p.text[i:])
		}
		if size > 0 {
			r.replace(i, i+size, plain)
			i += size - 1
		}
	}
	return r.end()
}

// backslashed reads an escape of JSON (RFC 8259, section 7).
func backslashed(text string) (plain string, size int) {
	if len(text) < 2 {
		return "", 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/', '\'':
		return text[1:2], 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case 'b':
		return "\b", 2
	case 'f':
		return "\f", 2
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
	switch text[:end+1] {
	case "&#34;", "&quot;":
		return `"`, end + 1
	case "&#39;", "&apos;":
		return "'", end + 1
	case "&amp;":
		return "&", end + 1
	}
	plain = html.UnescapeString(text[:end+1])
	if plain == text[:end+1] || utf8.RuneCountInString(plain) > 1 {
		return "", 0
	}
	return plain, end + 1
}

// unwrapped joins base64 that stands in lines (RFC 2045, section 6.8). It is nil where there is none.
func (p *plainly) unwrapped() *plainly {
	r := rewriting{of: p}
	for at := 0; ; at++ {
		i := strings.IndexByte(p.text[at:], '\n')
		if i < 0 {
			return r.end()
		}
		at += i
		end, next := at, at+1
		if end > 0 && p.text[end-1] == '\r' {
			end--
		}
		for next < len(p.text) && (p.text[next] == ' ' || p.text[next] == '\t') { // of what is shown further in
			next++
		}
		if next == len(p.text) || !base64Letter(p.text[next]) {
			continue
		}
		from := end
		for from > 0 && end-from < wrappedLine && base64Letter(p.text[from-1]) {
			from--
		}
		if end-from == wrappedLine {
			r.replace(end, next, "")
		}
	}
}
