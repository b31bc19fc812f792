package assertions_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
)

// issued returns a certificate for a key, by a name and of a time.
func issued(k crypto.Signer, subject, issuer string, from, to time.Time) string {
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: subject}, NotBefore: from, NotAfter: to}
	by := &x509.Certificate{Subject: pkix.Name{CommonName: issuer}}
	return block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, c, by, k.Public(), made().rsa)))
}

var (
	longAgo = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	farOff  = time.Date(2999, 2, 3, 4, 5, 6, 0, time.UTC)
)

func der(t *testing.T, text string) []byte {
	t.Helper()
	b, _ := pem.Decode([]byte(text))
	if b == nil {
		t.Fatal("no PEM")
	}
	return b.Bytes
}

func TestACertificateIsSentAsTheMappingSays(t *testing.T) {
	t.Parallel()
	m := made()
	leaf, ca := issued(m.p256, "leaf", "ca", longAgo, farOff), issued(m.rsa, "ca", "ca", longAgo, farOff)
	old, now := sha1.Sum(der(t, leaf)), sha256.Sum256(der(t, leaf))
	x5t, x5tS256 := base64.RawURLEncoding.EncodeToString(old[:]), base64.RawURLEncoding.EncodeToString(now[:])
	x5c := func(list ...string) string {
		for i, text := range list {
			list[i] = base64.StdEncoding.EncodeToString(der(t, text))
		}
		return `["` + strings.Join(list, `","`) + `"]`
	}
	const start = `{"alg":"ES256","typ":"JWT"`
	tests := []struct{ name, yaml, certificate, want, warning string }{
		{"x5c", "x5c: true", leaf, `,"x5c":` + x5c(leaf) + `}`, ""},
		{"x5c of a chain", "x5c: true", leaf + ca, `,"x5c":` + x5c(leaf, ca) + `}`, ""},
		{"x5t", "x5t: true", leaf + ca, `,"x5t":"` + x5t + `"}`, ""},
		{"x5t#S256", "x5t#S256: true", leaf, `,"x5t#S256":"` + x5tS256 + `"}`, ""},
		{"all, in the order of the file", "x5t#S256: true\nx5t: true\nx5c: true\njku: https://{{host}}/jwks\nkid: k\nheader: {b: 1, a: 2}", leaf,
			`,"kid":"k","jku":"https://as.example/jwks","x5t#S256":"` + x5tS256 + `","x5t":"` + x5t + `","x5c":` + x5c(leaf) + `,"b":1,"a":2}`, ""},
		{"false", "x5c: false\nx5t: true", leaf, `,"x5t":"` + x5t + `"}`, ""},
		{"not sent", "", leaf, "}", "a.yaml:2:14: the certificate is not sent; add x5c: true, x5t: true or x5t#S256: true"},
		{"key beside it", "x5t: true", pkcs8(m.p256) + leaf, `,"x5t":"` + x5t + `"}`, ""},
		{`literal \n`, "x5t: true", strings.ReplaceAll(leaf, "\n", `\n`), `,"x5t":"` + x5t + `"}`,
			`a.yaml:2:14: the certificate's PEM was repaired before use: \n written for line breaks`},
		{"chain of strangers", "x5c: true", leaf + leaf, `,"x5c":` + x5c(leaf, leaf) + `}`,
			"a.yaml:2:14: certificate 2 of the chain is not the issuer of the one before it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := parse(t, "key: '{{key}}'\ncertificate: '{{certificate}}'\n"+tt.yaml)
			s := scope("key", pkcs8(m.p256), "certificate", tt.certificate, "host", "as.example")
			jwt := must(a.Mint(s, assertions.Defaults{Audience: tokenURL}))
			if got, _ := parts(t, jwt); got != start+tt.want {
				t.Errorf("got  %s\nwant %s", got, start+tt.want)
			}
			if err := inspect(t, jwt).Verify(leaf, ""); err != nil {
				t.Error(err)
			}
			if got := strings.Join(texts(a), "\n"); got != tt.warning {
				t.Errorf("warnings: got %q, want %q", got, tt.warning)
			}
		})
	}
}

func TestTheTimesOfACertificateAreWatched(t *testing.T) {
	t.Parallel()
	m := made()
	tests := []struct{ name, certificate, want string }{
		{"ended", issued(m.p256, "l", "c", longAgo, longAgo.AddDate(1, 0, 0)), "a.yaml:2:14: the certificate ended on 2002-02-03"},
		{"begins", issued(m.p256, "l", "c", farOff, farOff.AddDate(1, 0, 0)), "a.yaml:2:14: the certificate begins on 2999-02-03"},
		{"issuer ended", issued(m.p256, "l", "c", longAgo, farOff) + issued(m.rsa, "c", "c", longAgo, longAgo.AddDate(1, 0, 0)), "a.yaml:2:14: certificate 2 of the chain ended on 2002-02-03"},
	}
	for _, tt := range tests {
		a := parse(t, "key: '{{key}}'\ncertificate: '{{certificate}}'\nx5c: true")
		must(a.Mint(scope("key", pkcs8(m.p256), "certificate", tt.certificate), assertions.Defaults{Audience: tokenURL}))
		if got := strings.Join(texts(a), "\n"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestACertificateThatIsNotOfTheKeyIsRefused(t *testing.T) {
	t.Parallel()
	m := made()
	print := func(k any) string {
		return base64.RawURLEncoding.EncodeToString(must((&jose.JSONWebKey{Key: k}).Thumbprint(crypto.SHA256)))
	}
	leaf, ca := certificate(m.p256), certificate(m.rsa)
	tests := []struct{ name, key, certificate, want string }{
		{"another key", pkcs8(m.p384), leaf, "2:14: the certificate is not that of the key: its key has the thumbprint " + print(m.p256) + ", the private key " + print(m.p384) + " (RFC 7638)"},
		{"another kind of key", pkcs8(m.ed25519), ca, "2:14: the certificate is not that of the key: its key has the thumbprint " + print(m.rsa) + ", the private key " + print(m.ed25519) + " (RFC 7638)"},
		{"wrong order", pkcs8(m.p256), ca + leaf, "2:14: the certificate of the key is number 2 of the chain, want it first (RFC 7515, section 4.1.6)"},
		{"curve of its own", pkcs8(m.p256), certificate(m.p224), "2:14: the certificate is of no key that signs a JWT: the EC key's curve is P-224; JWTs are signed on P-256, P-384 or P-521"},
		{"shared secret", secret32, leaf, "2:14: a certificate goes with a private key, but the key is a shared secret; take the certificate out"},
		{"empty", pkcs8(m.p256), "", "2:14: certificate is empty; set the variable that it comes from, or leave certificate out"},
		{"white space", pkcs8(m.p256), " \n", "2:14: the certificate is empty; set the variable that it comes from"},
		{"DER", pkcs8(m.p256), string(der(t, leaf)), "2:14: the certificate has no -----BEGIN line, want a PEM; convert it: openssl x509 -inform der -in cert.der -out cert.pem"},
		{"a key", pkcs8(m.p256), pkcs8(m.p256), "2:14: the PEM is a PRIVATE KEY, want a CERTIFICATE"},
		{"cut off", pkcs8(m.p256), leaf[:100], "2:14: the PEM has no line -----END CERTIFICATE-----; it is cut off"},
		{"damaged", pkcs8(m.p256), leaf + block("CERTIFICATE", []byte{1}), "2:14: certificate 2 of the PEM is damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := parse(t, "key: '{{key}}'\ncertificate: '{{certificate}}'\nx5c: true")
			_, err := a.Mint(scope("key", tt.key, "certificate", tt.certificate), assertions.Defaults{Audience: tokenURL})
			if err == nil || err.Error() != "a.yaml:"+tt.want {
				t.Errorf("got  %v\nwant a.yaml:%s", err, tt.want)
			}
		})
	}
}

func TestAMappingWhoseCertificateFieldsContradictEachOtherIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"no certificate", "x5c: true\nx5t: false", `a.yaml:2:6: x5c is made of the certificate; name it: certificate: "{{certificate}}"`},
		{"twice", "x5t#S256: true\ncertificate: '{{c}}'\nheader: {x5t#S256: abc}", `a.yaml:4:10: x5t#S256 is made of the certificate already, at line 2; take one of them out`},
		{"jku twice", "jku: https://a\nheader: {jku: https://b}", `a.yaml:3:10: jku stands beside header already, at line 2; take one of them out`},
		{"no truth value", "x5c: yes please", `a.yaml:2:6: want true or false, got "yes please"`},
		{"misspelt", "x5t#S265: true", `a.yaml:2:1: unknown key "x5t#S265"; did you mean "x5t#S256"?`},
	}
	for _, tt := range tests {
		_, err := tryParse("key: '{{key}}'\n" + tt.yaml)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got  %v\nwant %s", tt.name, err, tt.want)
		}
	}
	_, err := parse(t, "key: '{{key}}'\njku: '{{url}}'").Mint(scope("key", secret32, "url", ""), assertions.Defaults{Audience: tokenURL})
	if want := "a.yaml:2:6: jku is empty"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUsesNamesWhatTheNewKeysNeed(t *testing.T) {
	t.Parallel()
	var got []string
	for _, u := range parse(t, "key: '{{a}}'\npassphrase: '{{b}}'\ncertificate: '{{c}}'\nx5c: true\njku: '{{d}}'").Uses() {
		got = append(got, u.Name+" "+u.Pos.String())
	}
	if got, want := strings.Join(got, ", "), "a a.yaml:1:6, b a.yaml:2:13, d a.yaml:5:6, c a.yaml:3:14"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestACertificateThatOpenSSLMadeIsSent(t *testing.T) {
	t.Parallel()
	m := made()
	cert := tool(t, pkcs8(m.rsa), "out.pem", "openssl", "req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=hgrun", "-days", "2", "-out", "out.pem")
	a := parse(t, "key: '{{key}}'\ncertificate: '{{certificate}}'\nx5c: true\nx5t#S256: true")
	jwt := must(a.Mint(scope("key", pkcs8(m.rsa), "certificate", cert), assertions.Defaults{Audience: tokenURL}))
	parsed, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	chains, err := parsed.Signatures[0].Header.Certificates(x509.VerifyOptions{Roots: pool})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Verify(chains[0][0].PublicKey); err != nil {
		t.Error(err)
	}
	if w := texts(a); w != nil {
		t.Errorf("warnings: %v", w)
	}
}
