package assertions

import (
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Place returns where something is written: "alg", "key", "passphrase", "kid", "typ", "aud", "lifetime", "certificate",
// "jku", "claims", "header", one claim ("claims.sub"), one field ("header.jku"). written is false for what the mapping
// leaves out; the place is that of the mapping then.
func (a *Assertion) Place(of string) (pos source.Pos, written bool) {
	if pos = a.place(of); pos == (source.Pos{}) {
		return a.pos, false
	}
	return pos, true
}

func (a *Assertion) place(of string) source.Pos {
	group, name, _ := strings.Cut(of, ".")
	switch group {
	case "alg":
		return a.alg.pos
	case "key":
		return a.key.pos
	case "passphrase":
		return a.key.passphrase.pos
	case "kid":
		return a.kid.pos
	case "typ":
		return a.typ.pos
	case "aud":
		return a.aud.Pos()
	case "lifetime":
		return a.times.lifetimePos
	case "certificate":
		return a.published.certificate.pos
	case "jku":
		return a.published.jku.pos
	case "claims":
		return a.claims.place(name)
	case "header":
		return a.header.place(name)
	}
	return source.Pos{}
}

// place returns the place of a member, that of the first one for "".
func (ms members) place(name string) source.Pos {
	if name == "" && len(ms) > 0 {
		return ms[0].pos
	}
	m, _ := ms.find(name)
	return m.pos
}

// Algorithm returns what is written for alg; the zero Template lets the key decide.
func (a *Assertion) Algorithm() vars.Template { return a.alg.Template }

// Key returns what is written for key, which may be the key itself: show no more of it than its Outline.
func (a *Assertion) Key() vars.Template { return a.key.Template }

// KeyEncoding returns how a shared secret is written: raw, base64, base64url or hex.
func (a *Assertion) KeyEncoding() string { return a.key.encoding }

// KeyID returns what is written for kid; the zero Template stands for that of the JWK, and for none.
func (a *Assertion) KeyID() vars.Template { return a.kid.Template }

// Lifetime returns the time from iat to exp, where the claims have neither; 60 s where nothing is written.
func (a *Assertion) Lifetime() time.Duration { return a.times.lifetime }

// Audience returns what is written for aud; the zero Document means the token URL.
func (a *Assertion) Audience() vars.Document { return a.aud }

// Claim returns what is written for one claim.
func (a *Assertion) Claim(name string) (value vars.Document, written bool) {
	m, ok := a.claims.find(name)
	return m.value, ok
}
