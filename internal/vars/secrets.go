package vars

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
)

// minSecret is the length below which a value cannot be masked without blanking half of every report, in bytes.
const minSecret = 4

// Secrets is the registry of what must never be shown. The zero value is empty and ready; it serves many goroutines.
type Secrets struct {
	mu    sync.RWMutex
	known map[string]bool      // raw texts
	heads map[uint32][]pattern // by the first four bytes of a form
	seen  [1 << 16 / 64]uint64 // which hashed heads exist, so that most places need one look
}

// pattern is one form of a secret.
type pattern struct {
	text   string
	mask   string
	base64 bool // masks the whole run of base64 letters that it stands in
}

// Hide registers a value in every form that can be derived from it. The name and a fingerprint stand in its place:
// ‹client_secret sha256:1a2b3c4d›, equal for equal values. Values of fewer than four bytes and JSON words cannot be hidden.
func (s *Secrets) Hide(name, text string) {
	if len(text) < minSecret || text == "true" || text == "false" || text == "null" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[text] {
		return
	}
	if s.known == nil {
		s.known, s.heads = map[string]bool{}, map[uint32][]pattern{}
	}
	s.known[text] = true
	mask := Mask(name, text)
	for _, f := range forms(text) {
		s.add(pattern{f.text, mask, f.base64})
	}
}

// Mask returns what stands in the place of a secret.
func Mask(name, text string) string {
	sum := sha256.Sum256([]byte(text))
	return "‹" + strings.TrimPrefix(name, "$") + " sha256:" + hex.EncodeToString(sum[:4]) + "›"
}

func (s *Secrets) add(p pattern) {
	head := binary.LittleEndian.Uint32([]byte(p.text[:4]))
	for _, other := range s.heads[head] {
		if other.text == p.text {
			return
		}
	}
	s.heads[head] = append(s.heads[head], p)
	h := hash(head)
	s.seen[h/64] |= 1 << (h % 64)
}

func hash(head uint32) uint32 { return head * 2654435761 >> 16 }

// span is a stretch of a text that holds a secret.
type span struct {
	from, to int
	mask     string
}

// spans returns every stretch that holds a form of a secret, sorted; stretches may overlap.
func (s *Secrets) spans(text string, first bool) []span {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.heads) == 0 {
		return nil
	}
	var found []span
	for i := 0; i+4 <= len(text); i++ {
		head := uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16 | uint32(text[i+3])<<24
		if h := hash(head); s.seen[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for _, p := range s.heads[head] {
			if !strings.HasPrefix(text[i:], p.text) {
				continue
			}
			found = append(found, p.at(text, i))
			if first {
				return found
			}
		}
	}
	return found
}

func (p pattern) at(text string, i int) span {
	sp := span{i, i + len(p.text), p.mask}
	if p.base64 {
		for sp.from > 0 && base64Letter(text[sp.from-1]) {
			sp.from--
		}
		for sp.to < len(text) && base64Letter(text[sp.to]) {
			sp.to++
		}
	}
	return sp
}

func base64Letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}

// Holds returns the mask of the first secret that text holds in any form.
func (s *Secrets) Holds(text string) (mask string, found bool) {
	if spans := s.spans(text, true); len(spans) > 0 {
		return spans[0].mask, true
	}
	return "", false
}

// Redact returns text with every form of every secret masked. Stretches that overlap are masked as one, so that no
// secret survives as the tail of another.
func (s *Secrets) Redact(text string) string {
	spans := s.spans(text, false)
	if len(spans) == 0 {
		return text
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to // the longest first: its mask is the one shown
	})
	var b strings.Builder
	at := 0
	for i := 0; i < len(spans); {
		to, mask := spans[i].to, spans[i].mask
		from := spans[i].from
		for i++; i < len(spans) && spans[i].from < to; i++ {
			to = max(to, spans[i].to)
		}
		b.WriteString(text[at:from])
		b.WriteString(mask)
		at = to
	}
	b.WriteString(text[at:])
	return b.String()
}
