package vars

import "strings"

// index finds many texts at once. It knows them by their last four bytes, because secrets of a kind begin alike:
// JWTs with eyJ, keys with their vendor's prefix.
type index struct {
	flags []uint8 // 1 for the hash of each tail, so that most places of a text need one look
	shift uint32  // that leaves a hash as many bits as flags needs
	tails map[uint32][]pattern
	masks map[string]struct{}
}

// pattern is one form of a secret.
type pattern struct {
	text   string
	mask   string
	base64 bool // masks the whole run of base64 letters that it stands in
}

// span is a stretch of a text that is masked.
type span struct {
	from, to int
	mask     string
	lead     int // the end of the form whose mask is shown: the one that starts first, the longest of several
}

const (
	sparse    = 16 // flags for each tail
	firstSize = 12 // bits of a hash: 4 KiB of flags
	lastSize  = 26
)

func newIndex() *index {
	x := &index{tails: map[uint32][]pattern{}, masks: map[string]struct{}{}}
	x.resize(firstSize)
	return x
}

// resize makes hashes of size bits.
func (x *index) resize(size int) {
	x.flags, x.shift = make([]uint8, 1<<size), uint32(32-size)
	for tail := range x.tails {
		x.flags[tail*golden>>x.shift] = 1
	}
}

// golden spreads neighbouring numbers over all bits (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const golden = 2654435761

// add takes a pattern in, unless its text is there already. Raw texts win over what is derived from others.
func (x *index) add(p pattern, raw bool) {
	tail := tailOf(p.text, len(p.text)-4)
	for i, other := range x.tails[tail] {
		if other.text != p.text {
			continue
		}
		if raw {
			x.tails[tail][i].mask = p.mask
		}
		return
	}
	x.tails[tail] = append(x.tails[tail], p)
	if size := 32 - int(x.shift); len(x.tails)*sparse > 1<<size && size < lastSize {
		x.resize(size + 2)
		return
	}
	x.flags[tail*golden>>x.shift] = 1
}

func tailOf(text string, i int) uint32 {
	return uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16 | uint32(text[i+3])<<24
}

// spans returns the stretches that hold secrets, in order; none touches the inside of another. With first it stops at one.
func (x *index) spans(text string, first bool) []span {
	found := finds{index: x, text: text}
	flags, shift := x.flags, x.shift&31
	i := 0
	for ; i+8 <= len(text); i += 4 { // four places for one load
		t := text[i : i+8]
		v := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		if flags[uint32(v)*golden>>shift]|flags[uint32(v>>8)*golden>>shift]|flags[uint32(v>>16)*golden>>shift]|flags[uint32(v>>24)*golden>>shift] == 0 {
			continue
		}
		for at := i; at < i+4; at++ {
			found.look(at)
		}
		if first && len(found.spans) > 0 {
			return found.spans
		}
	}
	for ; i+4 <= len(text); i++ {
		found.look(i)
	}
	return found.spans
}

// finds is what was found in a text so far.
type finds struct {
	*index
	text   string
	spans  []span
	masked bool // the text may have masks in it already
}

// look adds the forms that have their last four bytes at tail.
func (f *finds) look(tail int) {
	last := tailOf(f.text, tail)
	if f.flags[last*golden>>f.shift] == 0 {
		return
	}
	to := tail + 4
	for _, p := range f.tails[last] {
		from := to - len(p.text)
		if from < 0 || f.text[from:to] != p.text || f.inside(from, to) {
			continue
		}
		if f.spans == nil && !f.masked {
			f.masked = strings.Contains(f.text, "‹")
		}
		if !f.masked || !f.inMask(f.text, from, to) {
			f.spans = join(f.spans, p.at(f.text, from, to))
		}
	}
}

// inside reports whether the last span covers the stretch already.
func (f *finds) inside(from, to int) bool {
	if len(f.spans) == 0 {
		return false
	}
	last := f.spans[len(f.spans)-1]
	return from > last.from && to <= last.to
}

// at returns what is masked for a pattern: itself, or the run of base64 letters round it, all its lines.
func (p pattern) at(text string, from, to int) span {
	if p.base64 {
		from, to = runStart(text, from), runEnd(text, to)
	}
	return span{from, to, p.mask, to}
}

const wrappedLine = 60 // letters of base64 at least, in a line that others follow (RFC 2045, section 6.8; RFC 7468, section 2)

// runStart returns where the run of base64 letters begins that a place is in or behind.
func runStart(text string, at int) int {
	for {
		for at > 0 && base64Letter(text[at-1]) {
			at--
		}
		end := at
		for _, br := range lineBreaks() {
			if strings.HasSuffix(text[:at], br) {
				end -= len(br)
				break
			}
		}
		start := end
		for start > 0 && base64Letter(text[start-1]) {
			start--
		}
		if end == at || end-start < wrappedLine {
			return at
		}
		at = start
	}
}

// runEnd returns where the run of base64 letters ends that a place is in or before.
func runEnd(text string, at int) int {
	for {
		for at < len(text) && base64Letter(text[at]) {
			at++
		}
		start := at
		for start > 0 && base64Letter(text[start-1]) {
			start--
		}
		next := at
		for _, br := range lineBreaks() {
			if strings.HasPrefix(text[at:], br) {
				next += len(br)
				break
			}
		}
		if next == at || at-start < wrappedLine || next == len(text) || !base64Letter(text[next]) {
			return at
		}
		at = next
	}
}

// lineBreaks are the ends of lines, as they are and as JSON writes them.
func lineBreaks() [4]string { return [...]string{"\r\n", "\n", `\r\n`, `\n`} }

func base64Letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}

// join adds a span to those before it, made one with all that it overlaps.
func join(found []span, sp span) []span {
	for len(found) > 0 {
		last := found[len(found)-1]
		if last.to <= sp.from {
			break
		}
		if last.from < sp.from || last.from == sp.from && last.lead > sp.lead {
			sp.mask, sp.lead = last.mask, last.lead
		}
		sp.from, sp.to = min(sp.from, last.from), max(sp.to, last.to)
		found = found[:len(found)-1]
	}
	return append(found, sp)
}

// inMask reports whether a stretch lies in a mask that stands in the text already, and so shows nothing: the secret
// "password" of a variable password, say.
func (x *index) inMask(text string, from, to int) bool {
	const longest = 256 // bytes of a mask that are worth a look
	start := strings.LastIndex(text[max(0, from-longest):min(len(text), from+len("‹"))], "‹")
	if start < 0 {
		return false
	}
	start += max(0, from-longest)
	size := strings.Index(text[start:min(len(text), start+longest)], "›")
	if size < 0 {
		return false
	}
	end := start + size + len("›")
	_, ok := x.masks[text[start:end]]
	return ok && to <= end
}
