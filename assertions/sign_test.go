package assertions_test

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
)

// everyKey is each algorithm with each form of key that can sign with it.
type everyKey struct {
	alg    string
	form   string
	key    string
	public any
}

func everyKeys() []everyKey {
	m := made()
	var rows []everyKey
	add := func(alg, form, key string, public any) { rows = append(rows, everyKey{alg, form, key, public}) }
	for _, alg := range []string{"HS256", "HS384", "HS512"} {
		secret := secret32 + secret32
		add(alg, "raw", secret, []byte(secret))
		add(alg, "JWK", jwkText(jose.JSONWebKey{Key: []byte(secret)}), []byte(secret))
	}
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		add(alg, "PKCS#1", pkcs1(m.rsa), m.rsa.Public())
		add(alg, "PKCS#8", pkcs8(m.rsa), m.rsa.Public())
		add(alg, "JWK", jwkText(jose.JSONWebKey{Key: m.rsa}), m.rsa.Public())
		add(alg, "JWK without primes", member(member(jwkText(jose.JSONWebKey{Key: m.rsa}), "p", nil), "q", nil), m.rsa.Public())
		if alg[0] == 'P' {
			add(alg, "PKCS#8 for PSS", pssPEM(m.rsa), m.rsa.Public())
		}
	}
	for _, k := range []struct {
		alg string
		key any
		pem string
	}{{"ES256", m.p256, sec1(m.p256)}, {"ES384", m.p384, sec1(m.p384)}, {"ES512", m.p521, sec1(m.p521)}, {"EdDSA", m.ed25519, ""}} {
		public := k.key.(crypto.Signer).Public()
		add(k.alg, "PKCS#8", pkcs8(k.key), public)
		add(k.alg, "JWK", jwkText(jose.JSONWebKey{Key: k.key}), public)
		if k.pem != "" {
			add(k.alg, "SEC1", k.pem, public)
		}
	}
	return rows
}

func TestEveryAlgorithmWithEveryFormOfKeyIsVerifiedByAnIndependentLibrary(t *testing.T) {
	t.Parallel()
	for _, row := range everyKeys() {
		t.Run(row.alg+" "+row.form, func(t *testing.T) {
			t.Parallel()
			s := scope("key", row.key, "alg", row.alg)
			jwt := mint(t, "alg: '{{alg}}'\nkey: '{{key}}'\n", s, assertions.Defaults{Audience: tokenURL, ClientID: "c"})
			signature, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(row.alg)})
			if err != nil {
				t.Fatal(err)
			}
			payload, err := signature.Verify(row.public)
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(payload, &claims); err != nil || claims["aud"] != tokenURL {
				t.Errorf("got claims %s (%v), want aud %s", payload, err, tokenURL)
			}
			if err := inspect(t, jwt).Verify(row.key, ""); err != nil {
				t.Errorf("Verify of the own signature: %v", err)
			}
		})
	}
}

func TestAnAbsentAlgIsChosenFromTheKey(t *testing.T) {
	t.Parallel()
	m := made()
	tests := []struct{ name, key, want string }{
		{"RSA", pkcs8(m.rsa), "RS256"},
		{"RSA for PSS only", pssPEM(m.rsa), "PS256"},
		{"P-256", sec1(m.p256), "ES256"},
		{"P-384", pkcs8(m.p384), "ES384"},
		{"P-521", sec1(m.p521), "ES512"},
		{"Ed25519", pkcs8(m.ed25519), "EdDSA"},
		{"secret", secret32, "HS256"},
		{"JWK without alg", jwkText(jose.JSONWebKey{Key: m.rsa}), "RS256"},
		{"JWK whose alg wins", jwkText(jose.JSONWebKey{Key: m.rsa, Algorithm: "RS384"}), "RS384"},
		{"JWK of a secret", jwkText(jose.JSONWebKey{Key: []byte(secret32), Algorithm: "HS512"}), "HS512"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			jwt := mint(t, "key: '{{key}}'", scope("key", tt.key), assertions.Defaults{Audience: tokenURL})
			if got := inspect(t, jwt).Algorithm(); got != tt.want {
				t.Errorf("got alg %s, want %s", got, tt.want)
			}
		})
	}
}

func TestASecretIsItsRawBytesUnlessItSaysItsEncoding(t *testing.T) {
	t.Parallel()
	raw := []byte("\x00\xff binary secret of 32 bytes !!\x80")
	tests := []struct {
		encoding, text string
		want           []byte
	}{
		{"raw", "c2VjcmV0IHRoYXQgbG9va3MgbGlrZSBiYXNlNjQ9PT0=", []byte("c2VjcmV0IHRoYXQgbG9va3MgbGlrZSBiYXNlNjQ9PT0=")},
		{"raw", "secret with a line break at its end\n", []byte("secret with a line break at its end\n")},
		{"base64", base64.StdEncoding.EncodeToString(raw), raw},
		{"base64", base64.RawStdEncoding.EncodeToString(raw) + "\n", raw},
		{"base64url", base64.RawURLEncoding.EncodeToString(raw), raw},
		{"base64url", base64.URLEncoding.EncodeToString(raw), raw},
		{"hex", strings.ToUpper(hex.EncodeToString(raw)), raw},
	}
	for _, tt := range tests {
		jwt := mint(t, "alg: HS256\nkey: '{{key}}'\nkey_encoding: "+tt.encoding, scope("key", tt.text), assertions.Defaults{Audience: tokenURL})
		signature, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.HS256})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signature.Verify(tt.want); err != nil {
			t.Errorf("%s %q: %v", tt.encoding, tt.text, err)
		}
	}
}

func TestAKeyInBase64IsReadWhenItSaysSo(t *testing.T) {
	t.Parallel()
	m := made()
	der := strings.Join(strings.Split(strings.TrimSpace(pkcs8(m.rsa)), "\n")[1:], "")
	der, _, _ = strings.Cut(der, "-----")
	for name, text := range map[string]string{"DER": der, "PEM": base64.StdEncoding.EncodeToString([]byte(pkcs8(m.rsa)))} {
		jwt := mint(t, "alg: RS256\nkey: '{{key}}'\nkey_encoding: base64", scope("key", text), assertions.Defaults{Audience: tokenURL})
		if err := inspect(t, jwt).Verify(publicPEM(m.rsa), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
