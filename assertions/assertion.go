// Package assertions signs and inspects JWT assertions (RFC 7521, RFC 7523); it knows nothing of where they are sent.
package assertions

import (
	"maps"
	"slices"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Assertion says how to sign a JWT assertion: the `assertion:` mapping. It serves many goroutines once it is read.
// The zero Assertion has no key and mints nothing.
type Assertion struct {
	pos       source.Pos
	alg       text // not given: the key decides
	key       secretKey
	kid       text // not given: that of the JWK; null: none
	typ       text // not given: JWT; null: none
	published published
	header    members
	claims    members
	aud       vars.Document // the zero Document means token_url
	times     times
	ring      *ring
}

// secretKey is the key and what is needed to read it.
type secretKey struct {
	text
	encoding   string // of a shared secret: raw, base64, base64url or hex
	passphrase text   // of an encrypted private key; not given: it is not encrypted
}

// times are the moments that an assertion names, relative to the moment of signing.
type times struct {
	lifetime    time.Duration // exp - iat; whole seconds
	lifetimePos source.Pos
	backdate    time.Duration // how far iat lies in the past, so that a server whose clock is behind accepts it; whole seconds
	notBefore   bool          // nbf is sent, equal to iat
}

const (
	defaultLifetime = 60 * time.Second
	defaultBackdate = 5 * time.Second
	longLifetime    = 5 * time.Minute // beyond which SMART App Launch 2.2 and UDAP servers refuse an assertion
)

// encodings is how a shared secret may be written.
func encodings() []string { return []string{"raw", "base64", "base64url", "hex"} }

// Read reads the mapping. What needs no variable is checked here, everything else when an assertion is minted.
func (a *Assertion) Read(n source.Node) {
	*a = Assertion{
		pos:   n.Pos(),
		key:   secretKey{encoding: "raw"},
		times: times{lifetime: defaultLifetime, backdate: defaultBackdate},
		ring:  &ring{},
	}
	keys := source.Keys{
		"alg":          a.alg.read,
		"key":          a.key.read,
		"key_encoding": source.OneOf(&a.key.encoding, encodings()...),
		"passphrase":   a.key.passphrase.read,
		"kid":          a.kid.readOrNull,
		"typ":          a.typ.readOrNull,
		"header":       a.readHeader,
		"claims":       a.claims.read,
		"aud":          a.readAudience,
		"lifetime":     a.times.readLifetime,
		"backdate":     a.times.readBackdate,
		"not_before":   source.Bool(&a.times.notBefore),
	}
	maps.Copy(keys, a.published.keys())
	n.Map(keys)
	a.published.check(n, a.header)
	if n.IsMap() && !a.key.given() {
		n.Errorf(`the assertion has no key; name the secret or the private key: key: "{{client_secret}}"`)
	}
	a.checkStatic(n)
}

// checkStatic finds what is wrong with an algorithm or a key that no variable can change.
func (a *Assertion) checkStatic(n source.Node) {
	if !a.alg.Static() {
		return
	}
	alg := a.alg.String()
	if a.alg.given() {
		if err := checkAlgorithm(alg); err != nil {
			if alg != "" { // an empty one is reported already, or when minting
				n.Record(a.alg.pos.Errorf("%w", err))
			}
			return
		}
	}
	if a.key.String() == "" || !a.key.Static() || !a.kid.Static() || !a.key.passphrase.Static() || !a.published.certificate.Static() {
		return
	}
	w := want{alg: alg, kid: a.kid.String(), key: a.key.String(), encoding: a.key.encoding,
		passphrase: a.key.passphrase.String(), certificate: a.published.certificate.String()}
	if _, f := a.ring.signer(w); f != nil {
		n.Record(a.at(f))
	}
}

// at gives a fault of the key, the algorithm or the key id its place.
func (a *Assertion) at(f *fault) *source.Error {
	switch {
	case f.about == aboutAlg && a.alg.given():
		return a.alg.pos.Errorf("%w", f.err)
	case f.about == aboutKid && a.kid.given():
		return a.kid.pos.Errorf("%w", f.err)
	case f.about == aboutPassphrase && a.key.passphrase.given():
		return a.key.passphrase.pos.Errorf("%w", f.err)
	case f.about == aboutCertificate && a.published.certificate.given():
		return a.published.certificate.pos.Errorf("%w", f.err)
	}
	return a.key.pos.Errorf("%w", f.err)
}

// readHeader reads the fields that are sent beside alg, typ and kid.
func (a *Assertion) readHeader(n source.Node) {
	a.header.read(n)
	for _, m := range a.header {
		if slices.Contains([]string{"alg", "kid", "typ"}, m.name) {
			n.ErrorAt(m.pos, "%s does not belong in header; write it beside header", m.name)
		}
	}
}

func (a *Assertion) readAudience(n source.Node) {
	a.aud.Read(n)
	switch {
	case n.IsText() || n.IsNull():
	case !n.IsList():
		n.Errorf("want token_url, issuer, a text or a list of them for aud")
	case len(n.Items()) == 0:
		n.Errorf("the list of audiences is empty")
	default:
		for _, item := range n.Items() {
			if !item.IsText() {
				item.Errorf("an audience is a text")
			}
		}
	}
}

func (t *times) readLifetime(n source.Node) {
	t.lifetimePos = n.Pos()
	readSeconds(n, &t.lifetime, time.Second)
}

func (t *times) readBackdate(n source.Node) { readSeconds(n, &t.backdate, 0) }

// readSeconds reads a time span of at least least that a JWT can hold.
func readSeconds(n source.Node, to *time.Duration, least time.Duration) {
	d := least
	source.Duration(&d)(n)
	if d < least || d%time.Second != 0 {
		n.Errorf("got %s, want whole seconds, at least %s: the times in a JWT have no fractions", d, least)
		return
	}
	*to = d
}

// Uses returns the names that the assertion needs.
func (a *Assertion) Uses() []vars.Use {
	uses := slices.Concat(a.alg.Uses(), a.key.Uses(), a.kid.Uses(), a.typ.Uses(), a.aud.Uses())
	return slices.Concat(uses, a.key.passphrase.Uses(), a.published.uses(), a.header.uses(), a.claims.uses())
}

// Warnings returns what a server may refuse although it can be signed, each at its place: a long lifetime, a weak key,
// a PEM that had to be repaired. What the key gives cause for is known once Mint has seen the key.
func (a *Assertion) Warnings() []*source.Error {
	var notes source.Problems
	if a.times.lifetime > longLifetime {
		notes = append(notes, a.times.lifetimePos.Errorf("the assertion lives %d s; many servers refuse more than 300 s (SMART App Launch, UDAP)",
			int64(a.times.lifetime/time.Second)))
	}
	if m, ok := a.claims.find("aud"); ok && a.aud.Pos() != (source.Pos{}) {
		notes = append(notes, a.aud.Pos().Errorf("aud has no effect, because claims has an aud of its own at line %d", m.pos.Line))
	}
	if m, ok := a.claims.find("jti"); ok && m.fixed() {
		notes = append(notes, m.pos.Errorf("jti is the same in every assertion; a server that looks for replays accepts only the first"))
	}
	notes = append(notes, a.published.warnings()...)
	for _, f := range a.ring.notes() {
		notes = append(notes, a.at(f))
	}
	if sorted, ok := notes.Err().(source.Problems); ok {
		return sorted
	}
	return nil
}
