package assertions

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// published is what the header says about where the public key is found (RFC 7515, section 4.1): the keys jku,
// certificate, x5c, x5t and x5t#S256 of the mapping.
type published struct {
	jku         text
	certificate text // a PEM chain, the certificate of the key first
	sent        []sent
}

// sent is a header field that is made of the certificate.
type sent struct {
	name string // x5c, x5t or x5t#S256
	pos  source.Pos
}

func (p *published) keys() source.Keys {
	keys := source.Keys{"jku": p.jku.read, "certificate": p.certificate.read}
	for _, name := range []string{"x5c", "x5t", "x5t#S256"} {
		keys[name] = func(n source.Node) {
			wanted := false
			source.Bool(&wanted)(n)
			if wanted {
				p.sent = append(p.sent, sent{name, n.Pos()})
			}
		}
	}
	return keys
}

// check finds what contradicts itself, once the mapping is read.
func (p *published) check(n source.Node, header members) {
	for _, s := range p.sent {
		if !p.certificate.given() {
			n.ErrorAt(s.pos, `%s is made of the certificate; name it: certificate: "{{certificate}}"`, s.name)
		}
		if m, twice := header.find(s.name); twice {
			n.ErrorAt(m.pos, "%s is made of the certificate already, at line %d; take one of them out", s.name, s.pos.Line)
		}
	}
	if m, twice := header.find("jku"); twice && p.jku.given() {
		n.ErrorAt(m.pos, "jku stands beside header already, at line %d; take one of them out", p.jku.pos.Line)
	}
}

func (p *published) uses() []vars.Use { return append(p.jku.Uses(), p.certificate.Uses()...) }

// warnings returns what has no effect.
func (p *published) warnings() []*source.Error {
	if p.certificate.given() && len(p.sent) == 0 {
		return []*source.Error{p.certificate.pos.Errorf("the certificate is not sent; add x5c: true, x5t: true or x5t#S256: true")}
	}
	return nil
}

// header writes the fields.
func (p *published) header(o *object, s *vars.Scope, c *chain) error {
	if p.jku.given() {
		jku, err := p.jku.Expand(s)
		if err != nil {
			return err
		}
		if jku == "" {
			return p.jku.pos.Errorf("jku is empty")
		}
		o.add("jku", quote(jku))
	}
	for _, field := range p.sent {
		o.add(field.name, c.fields[field.name])
	}
	return nil
}

// chain is a chain of certificates whose first is the key's.
type chain struct {
	fields map[string]string // header fields as JSON, by name
	notes  []string
}

// readChain reads a PEM chain that belongs to k.
func readChain(text string, k key) (*chain, error) {
	if _, shared := k.value.([]byte); shared {
		return nil, errors.New("a certificate goes with a private key, but the key is a shared secret; take the certificate out")
	}
	repaired, err := certificates(text)
	if err != nil {
		return nil, err
	}
	list := repaired.list
	if err := belongs(list, k); err != nil {
		return nil, err
	}
	c := &chain{notes: repaired.notes}
	now := time.Now()
	for i, cert := range list {
		switch name := numbered(i, len(list)); {
		case now.After(cert.NotAfter):
			c.notes = append(c.notes, fmt.Sprintf("%s ended on %s", name, cert.NotAfter.UTC().Format(time.DateOnly)))
		case now.Before(cert.NotBefore):
			c.notes = append(c.notes, fmt.Sprintf("%s begins on %s", name, cert.NotBefore.UTC().Format(time.DateOnly)))
		}
		if i > 0 && !bytes.Equal(list[i-1].RawIssuer, cert.RawSubject) {
			c.notes = append(c.notes, fmt.Sprintf("certificate %d of the chain is not the issuer of the one before it", i+1))
		}
	}
	c.fields = certificateFields(list)
	return c, nil
}

func numbered(i, of int) string {
	if of == 1 {
		return "the certificate"
	}
	return fmt.Sprintf("certificate %d of the chain", i+1)
}

// certificateFields writes the fields of RFC 7515, sections 4.1.6 to 4.1.8. x5c is base64, not base64url.
func certificateFields(list []*x509.Certificate) map[string]string {
	all := make([]string, len(list))
	for i, cert := range list {
		all[i] = `"` + base64.StdEncoding.EncodeToString(cert.Raw) + `"`
	}
	old, now := sha1.Sum(list[0].Raw), sha256.Sum256(list[0].Raw)
	return map[string]string{
		"x5c":      "[" + strings.Join(all, ",") + "]",
		"x5t":      quote(encodeSegment(old[:])),
		"x5t#S256": quote(encodeSegment(now[:])),
	}
}

// belongs returns why the first certificate is not that of the key, or nil.
func belongs(list []*x509.Certificate, k key) error {
	want, err := k.thumbprint()
	if err != nil {
		return err
	}
	got, err := key{value: list[0].PublicKey}.thumbprint()
	if err != nil {
		return fmt.Errorf("the certificate is of no key that signs a JWT: %w", err)
	}
	if got == want {
		return nil
	}
	for i, cert := range list[1:] {
		if other, err := (key{value: cert.PublicKey}).thumbprint(); err == nil && other == want {
			return fmt.Errorf("the certificate of the key is number %d of the chain, want it first (RFC 7515, section 4.1.6)", i+2)
		}
	}
	return fmt.Errorf("the certificate is not that of the key: its key has the thumbprint %s, the private key %s (RFC 7638)", got, want)
}

// chainText is the certificates of a PEM text, and what had to be repaired.
type chainText struct {
	list  []*x509.Certificate
	notes []string
}

func certificates(text string) (chainText, error) {
	if strings.TrimSpace(text) == "" {
		return chainText{}, errors.New("the certificate is empty; set the variable that it comes from")
	}
	if !strings.Contains(text, "-----BEGIN") {
		return chainText{}, errors.New("the certificate has no -----BEGIN line, want a PEM; convert it: openssl x509 -inform der -in cert.der -out cert.pem")
	}
	clean, repairs := repairPEM(text)
	blocks, err := pemBlocks(clean)
	if err != nil {
		return chainText{}, err
	}
	var c chainText
	if len(repairs) > 0 {
		c.notes = []string{"the certificate's PEM was repaired before use: " + strings.Join(repairs, ", ")}
	}
	var other *pem.Block
	for _, b := range blocks {
		if b.Type != "CERTIFICATE" { // a file may hold the key too
			other = cmp.Or(other, b)
			continue
		}
		cert, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return chainText{}, fmt.Errorf("certificate %d of the PEM is damaged", len(c.list)+1)
		}
		c.list = append(c.list, cert)
	}
	if len(c.list) == 0 {
		return chainText{}, fmt.Errorf("the PEM is a %s, want a CERTIFICATE", other.Type)
	}
	return c, nil
}
