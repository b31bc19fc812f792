// Package phi finds what tells who a person is in FHIR resources, in other JSON and XML, and in URLs, and masks it. It knows nothing of runs
// and of secrets.
//
// What it takes for patient data is what 45 CFR 164.514(b)(2), HIPAA's Safe Harbor, lists: names, geography below the state, dates but
// their year, numbers and addresses of all kinds, and whatever else is unique. Codes, units, measured numbers and statuses stay.
package phi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
	"sync"
)

// Masks makes what stands in the place of a value. The zero value is ready, with a key of its own that is made at random when it is
// first needed: a birth date that is short enough to be guessed cannot be found by its fingerprint. It serves many goroutines.
type Masks struct {
	mu  sync.Mutex
	mac hash.Hash // nil before the first mask
	dry bool      // nobody wants to see the masks
}

// Mask returns ‹HumanName.family sha256:1a2b3c4d›: the start of a keyed digest (HMAC, RFC 2104), equal for equal values of any label.
func (m *Masks) Mask(label, text string) string {
	if m.dry {
		return "‹›"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mac == nil {
		var key [32]byte
		_, _ = rand.Read(key[:]) // it never returns an error
		m.mac = hmac.New(sha256.New, key[:])
	}
	m.mac.Reset()
	_, _ = m.mac.Write([]byte(text)) // a hash takes everything
	var sum [sha256.Size]byte
	var digits [8]byte
	hex.Encode(digits[:], m.mac.Sum(sum[:0])[:4])
	return "‹" + label + " sha256:" + string(digits[:]) + "›"
}

// dated masks all of a date but its year.
func (m *Masks) dated(label, text string) string {
	sign := len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz")) // ge1970-01-01 of a search
	return text[:sign+4] + "-" + m.Mask(label, text[sign:])
}

// isDate reports whether text is a date with more than a year, or an instant.
func isDate(text string) bool {
	if len(text) < 7 || len(text) > 40 || text[4] != '-' || !digits(text[:4]) || !digits(text[5:7]) {
		return false
	}
	return len(text) == 7 || len(text) >= 10 && text[7] == '-' && digits(text[8:10]) && (len(text) == 10 || text[10] == 'T' || text[10] == ' ')
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
