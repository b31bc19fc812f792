package vars

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
)

// minSecret is the length below which a value cannot be masked without blanking half of every report, in bytes.
const minSecret = 4

// Secrets is the registry of what must never be shown. The zero value is empty and ready; it serves many goroutines.
type Secrets struct {
	mu    sync.RWMutex
	known map[string]struct{} // raw texts
	index *index              // nil while nothing is known
}

// Hide registers a value in every form that can be derived from it. The name and a fingerprint stand in its place:
// ‹client_secret sha256:1a2b3c4d›, equal for equal values. Values of fewer than four bytes, white space and JSON words
// cannot be hidden. Hiding a value again costs a look.
func (s *Secrets) Hide(name, text string) {
	if !hideable(text) || s.knows(text) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index == nil {
		s.known, s.index = map[string]struct{}{}, newIndex()
	}
	if _, ok := s.known[text]; ok {
		return
	}
	s.known[text] = struct{}{}
	mask := Mask(name, text)
	s.index.masks[mask] = struct{}{}
	for _, f := range forms(text) {
		s.index.add(pattern{f.text, mask, f.base64}, f.text == text)
	}
}

func hideable(text string) bool {
	return len(text) >= minSecret && text != "true" && text != "false" && text != "null" && strings.TrimSpace(text) != ""
}

func (s *Secrets) knows(text string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.known[text]
	return ok
}

// Mask returns what stands in the place of a secret.
func Mask(name, text string) string {
	sum := sha256.Sum256([]byte(text))
	return "‹" + strings.TrimPrefix(name, "$") + " sha256:" + hex.EncodeToString(sum[:4]) + "›"
}

// Holds returns the mask of the first secret that text holds in any form. Masks themselves hold none.
func (s *Secrets) Holds(text string) (mask string, found bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.index == nil {
		return "", false
	}
	if spans := s.index.spans(text, true); len(spans) > 0 {
		return spans[0].mask, true
	}
	if spans := s.index.escapedSpans(text, true); len(spans) > 0 {
		return spans[0].mask, true
	}
	return "", false
}

// Redact returns text with every form of every secret masked. Stretches that overlap are masked as one, so that no
// secret survives as the tail of another. Redacted text stays as it is when it is redacted again.
// The beginning of a secret that was cut short with an … is masked too.
func (s *Secrets) Redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.index == nil {
		return text
	}
	text = masked(text, s.index.spans(text, false))
	text = masked(text, s.index.escapedSpans(text, false))
	if strings.Contains(text, ellipsis) {
		return s.index.redactCuts(text)
	}
	return text
}

func masked(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, sp := range spans {
		b.WriteString(text[at:sp.from])
		b.WriteString(sp.mask)
		at = sp.to
	}
	b.WriteString(text[at:])
	return b.String()
}
