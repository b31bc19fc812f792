package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"time"
)

// mtls is RFC 8705: the one client authenticates with its certificate, to which its tokens are bound.
type mtls struct{ *environment }

// openMTLS makes a server behind TLS, with a certificate authority of its own that also made the client's certificate.
func openMTLS(e *environment, origin string) opened {
	n := e.beside("mtls", origin)
	id := "mtls-" + n.deployment
	n.clients = registry{main: &client{
		id: id, name: "Payer gateway", subject: id, grants: []string{clientCredentials},
		scopes: scope{"patient360", "user/*.*"}, defaultScope: scope{"user/*.*"},
	}}
	n.guard = mtls{n}
	n.routes[tokenPath] = n.tokenEndpoint(origin+tokenPath, func() map[string]grant {
		return map[string]grant{clientCredentials: {issue: exchangeCredentials}}
	})
	n.fhir.discover = mtls{n}.configuration
	n.routes["/.well-known/smart-configuration"] = n.fhir.discover
	a := newAuthority(n.name, e.sandbox.Now())
	server := a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "hgrun sandbox, " + n.name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost", hostname(origin)}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	})
	own := a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: id}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	return opened{
		name: n.name, judges: true, answer: n.answer, authority: a,
		tls: &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{server.der}, PrivateKey: server.key}},
			ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: roots, MinVersion: tls.VersionTLS12,
		},
		variables: func() []Variable {
			return []Variable{
				{Name: "mtls_url", Value: origin}, {Name: "mtls_token_url", Value: origin + tokenPath},
				{Name: "mtls_fhir_url", Value: n.fhir.base}, {Name: "mtls_client_id", Value: id},
				{Name: "mtls_ca", Value: encodeCertificate(a.certificate.Raw)},
				{Name: "mtls_certificate", Value: encodeCertificate(own.der)},
				{Name: "mtls_key", Value: encodeKey(own.key), Secret: true},
			}
		},
	}
}

func (m mtls) configuration(r *http.Request) answer {
	return discovery(r, object{
		"issuer":                                     m.origin,
		"token_endpoint":                             m.origin + tokenPath,
		"grant_types_supported":                      []string{clientCredentials},
		"token_endpoint_auth_methods_supported":      []string{"tls_client_auth"},
		"tls_client_certificate_bound_access_tokens": true,
		"mtls_endpoint_aliases":                      object{"token_endpoint": m.origin + tokenPath},
		"scopes_supported":                           m.clients.main.scopes,
		"code_challenge_methods_supported":           []string{"S256"},
		"capabilities":                               []string{"permission-user", "permission-v1", "permission-v2"},
	})
}

func hostname(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		panic("sandbox: " + err.Error()) // made by listen or invent
	}
	return u.Hostname()
}

// peer is the certificate that the client showed, or nil.
func peer(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0]
}

func thumbprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (m mtls) bind(r *http.Request) (binding, *refusal) {
	c := peer(r)
	if c == nil {
		return binding{}, refuse(invalidClient, NoCertificate, "the client showed none")
	}
	return binding{"mTLS", "x5t#S256", thumbprint(c)}, nil
}

func (m mtls) admit(r *http.Request) (token, Reason, string) {
	t, reason, detail := m.sandbox.bearer(r, m.name)
	if reason != OK {
		return t, reason, detail
	}
	c := peer(r)
	switch {
	case c == nil:
		return token{}, NoCertificate, "the client showed none, the token is bound to one"
	case thumbprint(c) != t.bound.digest:
		return token{}, WrongCertificate, "the token is bound to another"
	}
	return t, OK, ""
}

func (m mtls) challenge(reason Reason) string { return challenge(reason) }

// checkCertificate is tls_client_auth: the client is named by client_id and known by the subject of its certificate, which
// the TLS handshake has verified.
func (e *environment) checkCertificate(id string, c *x509.Certificate) (*client, *refusal) {
	found := e.clients.find(id)
	switch {
	case found == nil:
		return nil, refuse(invalidClient, UnknownClient, "%q", id)
	case found.subject == "" || found.subject != c.Subject.CommonName:
		return nil, refuse(invalidClient, WrongCertificate, "of %q, want one of %q", c.Subject.CommonName, found.subject)
	}
	return found, nil
}

// An authority makes certificates that end after a month.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	from, to    time.Time
	serial      int64
}

// A certificate is one with its key.
type certificate struct {
	der []byte
	key *ecdsa.PrivateKey
}

func newAuthority(name string, now time.Time) *authority {
	a := &authority{from: now.Add(-time.Hour), to: now.Add(30 * 24 * time.Hour)}
	self := a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "hgrun sandbox authority, " + name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	})
	a.certificate, a.key = must(x509.ParseCertificate(self.der)), self.key
	return a
}

// issue completes and signs a certificate; the first one signs itself.
func (a *authority) issue(c *x509.Certificate) certificate {
	a.serial++
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(a.serial), a.from, a.to
	if c.KeyUsage == 0 {
		c.KeyUsage = x509.KeyUsageDigitalSignature
	}
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = c, key
	}
	return certificate{must(x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)), key}
}

func encodeCertificate(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
