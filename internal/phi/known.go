package phi

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/vars"
)

const generationSize = 4096 // values that Known remembers at least, of those it was told last; twice as many at most

// Known are values of patient data that were seen, so that they are found again where nothing tells what they are: in messages, names and
// the words of a server. The zero value knows nothing and forgets the oldest. It serves many goroutines.
type Known struct {
	Masks *Masks // that make what stands in the place of values; nil means masks of its own
	All   bool   // nothing is forgotten: of what lives no longer than one exchange
	Size  int    // how many values are to be expected; zero means few

	mu         sync.RWMutex
	young, old *generation
	own        Masks
}

// Maker returns the masks that stand in the place of values.
func (k *Known) Maker() *Masks {
	if k.Masks != nil {
		return k.Masks
	}
	return &k.own
}

type generation struct {
	flags [1 << 10]uint64 // a bit for the hash of the first three bytes of each pattern
	by    map[uint32][]pattern
	texts map[string]struct{}
}

// pattern is one form of a value.
type pattern struct {
	form   string
	label  string
	text   string // the value itself
	quoted bool   // form has quotes, which stay
}

// See remembers a value.
func (k *Known) See(label, text string) {
	text = strings.TrimSpace(text)
	if !telling(text) {
		return
	}
	k.mu.RLock()
	known := k.young != nil && k.young.has(text)
	k.mu.RUnlock()
	if known {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.young == nil || !k.All && len(k.young.texts) >= generationSize {
		k.old, k.young = k.young, &generation{by: make(map[uint32][]pattern, k.Size), texts: make(map[string]struct{}, k.Size)}
	}
	k.young.add(label, text)
}

// Value remembers the value of a variable: a text, or all that a document holds.
func (k *Known) Value(name string, v vars.Value) {
	if v.JSON && strings.ContainsAny(v.Text, "{[") {
		k.Maker().Look("", []byte(v.Text), k.See)
		return
	}
	k.See(name, v.Text)
}

// Variables remembers the values of the variables that are of persons by their names, however they came to be. Secrets are left to those who
// mask them.
func (k *Known) Variables(s *vars.Scope) {
	for name := range s.Names() {
		if !Personal(name) {
			continue
		}
		if v, err := s.Lookup(name); err == nil && !v.Secret {
			k.Value(name, v)
		}
	}
}

// telling reports whether a value tells anything: words of JSON and single letters do not.
func telling(text string) bool {
	if len(text) > len("unknown") && text[0] < 0x80 && text[0] != '{' {
		return true
	}
	switch strings.ToLower(text) {
	case "", "true", "false", "null", "none", "unknown", "yes", "no", "n/a", "male", "female", "other":
		return false
	}
	return utf8.RuneCountInString(text) > 1 && !strings.HasPrefix(text, "{{") && !strings.HasPrefix(text, "‹")
}

func (g *generation) has(text string) bool {
	_, ok := g.texts[text]
	return ok
}

func (g *generation) add(label, text string) {
	g.texts[text] = struct{}{}
	if short := len(text) < 4 || digits(text) && len(text) < 6; short {
		g.put(pattern{`"` + text + `"`, label, text, true})
		return
	}
	g.put(pattern{text, label, text, false})
	if plain(text) {
		return
	}
	if words := strings.ReplaceAll(text, " ", "+"); plain(strings.ReplaceAll(text, " ", "")) { // what URLs alone write otherwise
		g.put(pattern{words, label, text, false})
		for _, space := range []string{"%20", "%2B", "%2b", "%2520"} { // the last three of what is encoded twice
			g.put(pattern{strings.ReplaceAll(text, " ", space), label, text, false})
		}
		return
	}
	for _, form := range vars.Escapes(text) {
		g.put(pattern{form, label, text, false})
	}
}

// plain reports whether every syntax leaves a text alone.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; !letter(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

func inWord(c byte) bool { return letter(c) || c >= 0x80 }

func (g *generation) put(p pattern) {
	h := start(p.form, 0)
	g.flags[h>>6&1023] |= 1 << (h & 63)
	g.by[h] = append(g.by[h], p)
}

// start hashes the three bytes at a place, capitals as small letters, to 16 bits.
func start(text string, at int) uint32 {
	a, b, c := text[at]|0x20, text[at+1]|0x20, text[at+2]|0x20
	return (uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 2654435761 >> 16
}

// shown returns what stands in the place of a value: of a date its year, and a mask.
func (k *Known) shown(p *pattern) string {
	if isDate(p.text) {
		return k.Maker().dated(p.label, p.text)
	}
	return k.Maker().Mask(p.label, p.text)
}

// Redact masks the values in a text: as words of their own, whatever their letters' case, in every form that a syntax gives them, and
// encoded in base64 or hexadecimal digits. Masks stay as they are.
func (k *Known) Redact(text string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.young == nil || len(text) < 4 {
		return text
	}
	return k.encoded(k.direct(text))
}

// Holds returns the mask of the first value that a text holds that can be nothing but patient data: of eight bytes or more with a digit or an @
// in them, dates not among them.
func (k *Known) Holds(text string) (mask string, found bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.young == nil {
		return "", false
	}
	k.each(text, func(_, _ int, p pattern) bool {
		if len(p.text) < 8 || isDate(p.text) || !strings.ContainsAny(p.text, "0123456789@") {
			return true
		}
		mask, found = k.shown(&p), true
		return false
	})
	return mask, found
}

// direct masks the values that stand in a text, in whatever form but encoded.
func (k *Known) direct(text string) string {
	var out []byte
	kept := 0
	k.each(text, func(from, to int, p pattern) bool {
		shown := k.shown(&p)
		if p.quoted {
			shown = `"` + shown + `"`
		}
		out = append(append(out, text[kept:from]...), shown...)
		kept = to
		return true
	})
	if kept > 0 {
		text = string(append(out, text[kept:]...))
	}
	return k.cuts(text)
}

// each goes through the places where values stand, the longest at each; none overlaps another, and none stands in a mask.
func (k *Known) each(text string, found func(from, to int, p pattern) bool) {
	for at := 0; at+3 <= len(text); at++ {
		if text[at] == 0xe2 && strings.HasPrefix(text[at:], "‹") {
			if end := strings.Index(text[at:], "›"); end >= 0 {
				at += end + len("›") - 1
				continue
			}
		}
		h := start(text, at)
		best := k.young.at(text, at, h)
		if k.old != nil {
			if other := k.old.at(text, at, h); other != nil && (best == nil || len(other.form) > len(best.form)) {
				best = other
			}
		}
		if best == nil {
			continue
		}
		if !found(at, at+len(best.form), *best) {
			return
		}
		at += len(best.form) - 1
	}
}

// at returns the longest pattern that stands at a place as a word of its own.
func (g *generation) at(text string, at int, h uint32) *pattern {
	if g.flags[h>>6&1023]&(1<<(h&63)) == 0 {
		return nil
	}
	var best *pattern
	candidates := g.by[h]
	for i := range candidates {
		p := &candidates[i]
		end := at + len(p.form)
		if end > len(text) || best != nil && len(p.form) <= len(best.form) || !strings.EqualFold(text[at:end], p.form) {
			continue
		}
		if inWord(p.form[0]) && !begins(text, at) || end < len(text) && inWord(p.form[len(p.form)-1]) && inWord(text[end]) {
			continue
		}
		best = p
	}
	return best
}

// begins reports whether a word begins at a place: what stands before it is no letter, or belongs to an escape (%20, \n, \u00a0).
func begins(text string, at int) bool {
	switch {
	case at == 0 || !inWord(text[at-1]):
		return true
	case at >= 2 && text[at-2] == '\\':
		return true
	case at >= 3 && text[at-3] == '%':
		return true
	}
	return at >= 6 && text[at-6] == '\\' && text[at-5] == 'u'
}

// cuts masks what a cut left of a value: its beginning, before an ellipsis.
func (k *Known) cuts(text string) string {
	const ellipsis = "…"
	for end := len(text); ; {
		cut := strings.LastIndex(text[:end], ellipsis)
		if cut < 0 {
			return text
		}
		end = cut
		shown := strings.TrimRight(text[:cut], `"'`)
		from := strings.LastIndexAny(shown, `"'‹`) + 1
		if rest := shown[from:]; len(rest) > 2 && !strings.HasPrefix(rest, "\x80") {
			if p := k.beginning(rest); p != nil {
				text = text[:from] + k.shown(p) + text[len(shown):]
				end = from
			}
		}
	}
}

func (k *Known) beginning(rest string) *pattern {
	h := start(rest, 0)
	for _, g := range []*generation{k.young, k.old} {
		if g == nil {
			continue
		}
		for i, p := range g.by[h] {
			if len(p.form) > len(rest) && strings.EqualFold(p.form[:len(rest)], rest) {
				return &g.by[h][i]
			}
		}
	}
	return nil
}
