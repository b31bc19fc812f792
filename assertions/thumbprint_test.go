package assertions_test

import (
	"crypto"
	"encoding/base64"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
)

func TestAThumbprintIsThatOfThePublicKeyWhateverItsForm(t *testing.T) {
	t.Parallel()
	m := made()
	keys := []struct {
		name  string
		key   crypto.Signer
		forms []string
	}{
		{"RSA", m.rsa, []string{pkcs8(m.rsa), pkcs1(m.rsa), publicPEM(m.rsa), certificate(m.rsa), pssPEM(m.rsa), jwkText(jose.JSONWebKey{Key: m.rsa}), opensshOf(m.rsa).pem()}},
		{"P-256", m.p256, []string{pkcs8(m.p256), sec1(m.p256), publicPEM(m.p256), certificate(m.p256), jwkText(jose.JSONWebKey{Key: m.p256.Public(), KeyID: "k"}), opensshOf(m.p256).pem()}},
		{"P-384", m.p384, []string{pkcs8(m.p384), jwks(jwkText(jose.JSONWebKey{Key: m.p384}))}},
		{"P-521", m.p521, []string{pkcs8(m.p521), publicPEM(m.p521)}},
		{"Ed25519", m.ed25519, []string{pkcs8(m.ed25519), publicPEM(m.ed25519), jwkText(jose.JSONWebKey{Key: m.ed25519}), opensshOf(m.ed25519).pem()}},
	}
	for _, tt := range keys {
		want := base64.RawURLEncoding.EncodeToString(must((&jose.JSONWebKey{Key: tt.key.Public()}).Thumbprint(crypto.SHA256)))
		for i, form := range tt.forms {
			if got, err := assertions.Thumbprint(form, ""); got != want || err != nil {
				t.Errorf("%s, form %d: got %s, %v, want %s", tt.name, i, got, err, want)
			}
		}
	}
}

// The example of RFC 7638, section 3.1.
func TestTheThumbprintOfTheSpecificationIsReproduced(t *testing.T) {
	t.Parallel()
	const key = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`
	const want = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
	if got, err := assertions.Thumbprint(key, ""); got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestWhatHasNoThumbprintSaysWhy(t *testing.T) {
	t.Parallel()
	m := made()
	one := jwkText(jose.JSONWebKey{Key: m.p256})
	tests := []struct{ name, key, encoding, want string }{
		{"shared secret", secret32, "", "a shared secret has no thumbprint that may be shown"},
		{"shared secret in base64", "c2VjcmV0", "base64", "a shared secret has no thumbprint that may be shown"},
		{"shared secret as JWK", `{"kty":"oct","k":"c2VjcmV0"}`, "", "a shared secret has no thumbprint that may be shown"},
		{"two keys", jwks(one, one), "", "the JWKS has 2 keys, want one"},
		{"a key of another kind in a set", jwks(`{"kty":"AKP"}`), "", `the JWK's kty is "AKP", want RSA, EC, OKP or oct`},
		{"nothing", "", "", "the key is empty; set the secret that it comes from"},
		{"encrypted", pbes(nil).pem(m.p256), "",
			`the private key is encrypted; give its passphrase beside key: passphrase: "{{key_passphrase}}", or decrypt it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out decrypted.pem`},
	}
	for _, tt := range tests {
		if got, err := assertions.Thumbprint(tt.key, tt.encoding); got != "" || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %q, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}
