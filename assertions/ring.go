package assertions

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// What a fault is about, and so where it stands.
const (
	aboutKey = iota
	aboutAlg
	aboutKid
	aboutPassphrase
	aboutCertificate
)

// fault is a problem of the key, the algorithm or the key id.
type fault struct {
	about int
	err   error
}

func faultf(about int, format string, args ...any) *fault {
	return &fault{about, fmt.Errorf(format, args...)}
}

// want is what is asked of a ring: everything that decides about a signer.
type want struct {
	alg      string // "": the key decides
	kid      string // "": that of the JWK
	key      string
	encoding string

	passphrase  string // "": none
	certificate string // a PEM chain; "": none
}

// ring holds the keys that were read already, for many goroutines: reading an RSA key costs as much as an exchange on
// loopback. The zero ring is empty and ready.
type ring struct {
	mu      sync.Mutex
	signers map[want]*signer
}

// maxSigners bounds a ring whose key comes from data rows.
const maxSigners = 64

// signer returns what signs as w wants. Problems are found anew each time.
func (r *ring) signer(w want) (*signer, *fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.signers[w]; ok {
		return s, nil
	}
	s, f := newSigner(w)
	if f != nil {
		return nil, f
	}
	if r.signers == nil || len(r.signers) == maxSigners {
		r.signers = map[want]*signer{}
	}
	r.signers[w] = s
	return s, nil
}

// notes returns what the keys so far gave cause for. A nil ring has seen none.
func (r *ring) notes() []*fault {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var notes []*fault
	for _, s := range r.signers {
		notes = append(notes, s.notes...)
	}
	slices.SortFunc(notes, func(a, b *fault) int { return cmp.Compare(a.err.Error(), b.err.Error()) })
	return notes
}

// signer signs with one key and one algorithm.
type signer struct {
	alg    string
	kid    string
	method jwt.SigningMethod
	key    any
	chain  *chain   // nil for none
	hidden []string // what must never be shown of the key
	notes  []*fault
}

func newSigner(w want) (*signer, *fault) {
	if w.alg != "" {
		if err := checkAlgorithm(w.alg); err != nil {
			return nil, &fault{aboutAlg, err}
		}
	}
	read, err := openKeys(w.key, w.encoding, w.passphrase, w.alg)
	switch {
	case errors.Is(err, errWrongPassphrase):
		return nil, &fault{aboutPassphrase, err}
	case err != nil:
		return nil, &fault{aboutKey, err}
	}
	k, f := read.pick(w.alg, w.kid)
	if f != nil {
		return nil, f
	}
	s := &signer{alg: cmp.Or(w.alg, k.alg, defaultAlgorithm(k)), kid: cmp.Or(w.kid, k.kid), key: k.value}
	if err := checkAlgorithm(s.alg); err != nil {
		return nil, faultf(aboutKey, "the JWK's alg signs nothing here: %w", err)
	}
	if err := k.fits(s.alg); err != nil {
		return nil, &fault{aboutAlg, err}
	}
	if w.certificate != "" {
		if s.chain, err = readChain(w.certificate, k); err != nil {
			return nil, &fault{aboutCertificate, err}
		}
	}
	s.method = jwt.GetSigningMethod(s.alg)
	s.hidden = w.hidden()
	s.notes = slices.Concat(s.weaknesses(k, read.notes), s.curiosities(k, w))
	return s, nil
}

// hidden returns what must never be shown of the key, as it is written and as it is decoded.
func (w want) hidden() []string {
	raw, err := decodeSecret(w.key, w.encoding)
	if err != nil {
		raw = nil
	}
	all := append([]string{w.key, string(raw), w.passphrase}, hiddenMembers(string(raw))...)
	return slices.DeleteFunc(all, func(s string) bool { return len(strings.TrimSpace(s)) < minHidden })
}

// weaknesses returns what a server may refuse in a key that can sign.
func (s *signer) weaknesses(k key, repairs []string) []*fault {
	var notes []*fault
	for _, text := range slices.Concat(repairs, k.notes) {
		notes = append(notes, faultf(aboutKey, "%s", text))
	}
	if b := k.bits(); b > 0 && b < 2048 {
		notes = append(notes, faultf(aboutKey, "the RSA key has %d bits, want at least 2048 (RFC 7518, section 3.3)", b))
	}
	if raw, ok := k.value.([]byte); ok && len(raw) < hashSize(s.alg) {
		notes = append(notes, faultf(aboutKey, "the secret has %d bytes, %s wants at least %d (RFC 7518, section 3.2)", len(raw), s.alg, hashSize(s.alg)))
	}
	if k.alg != "" && k.alg != s.alg {
		notes = append(notes, faultf(aboutAlg, "alg is %s, but the JWK says %s; the server has most likely registered that one", s.alg, k.alg))
	}
	if k.kid != "" && k.kid != s.kid {
		notes = append(notes, faultf(aboutKid, "kid is %q, but the JWK says %q; the server has most likely registered that one", s.kid, k.kid))
	}
	return notes
}

// curiosities returns what is odd about a passphrase and a certificate.
func (s *signer) curiosities(k key, w want) []*fault {
	var notes []*fault
	if w.passphrase != "" && !k.encrypted {
		notes = append(notes, faultf(aboutPassphrase, "the key is not encrypted, and the passphrase has no use"))
	}
	if s.chain != nil {
		for _, text := range s.chain.notes {
			notes = append(notes, faultf(aboutCertificate, "%s", text))
		}
	}
	return notes
}

// sign returns the JWT of a header and claims that are JSON text (RFC 7515, section 3.1).
func (s *signer) sign(header, claims []byte) (string, error) {
	input := encodeSegments(header, claims)
	signature, err := s.method.Sign(input, s.key)
	if err != nil {
		return "", err
	}
	return input + "." + encodeSegment(signature), nil
}
