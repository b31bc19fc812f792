package assertions_test

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestAKeySignsWhatAnotherLibraryVerifiesWithItsPublicHalf(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"", "ES256", "ES384", "ES512", "EdDSA", "RS256", "PS384"} {
		t.Run("alg "+alg, func(t *testing.T) {
			t.Parallel()
			k, err := assertions.NewKey(alg)
			if err != nil {
				t.Fatal(err)
			}
			if alg == "" {
				alg = "ES256"
			}
			if k.Algorithm() != alg {
				t.Errorf("got %s, want %s", k.Algorithm(), alg)
			}
			signed, err := k.Sign([]byte(fmt.Sprintf(`{"typ":"x","alg":%q}`, alg)), []byte(`{"a":1}`))
			if err != nil {
				t.Fatal(err)
			}
			verifyWithJWK(t, signed, k, alg)
		})
	}
}

func verifyWithJWK(t *testing.T, signed string, k *assertions.Key, alg string) {
	t.Helper()
	var public jose.JSONWebKey
	if err := json.Unmarshal([]byte(k.PublicJWK()), &public); err != nil {
		t.Fatal(err)
	}
	if !public.IsPublic() {
		t.Errorf("got a private key: %s", k.PublicJWK())
	}
	parsed, err := jose.ParseSignedCompact(signed, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := parsed.Verify(public); err != nil || string(payload) != `{"a":1}` {
		t.Errorf("got %s, %v", payload, err)
	}
	sum, err := public.Thumbprint(crypto.SHA256)
	if want := base64.RawURLEncoding.EncodeToString(sum); err != nil || k.Thumbprint() != want {
		t.Errorf("got the thumbprint %s, want %s", k.Thumbprint(), want)
	}
}

func TestEveryNewKeyIsAnother(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 3 {
		k, err := assertions.NewKey("ES256")
		if err != nil {
			t.Fatal(err)
		}
		seen[k.Thumbprint()] = true
	}
	if len(seen) != 3 {
		t.Errorf("got %d thumbprints, want 3", len(seen))
	}
}

func TestAKeyIsReadAndItsSecretHidden(t *testing.T) {
	t.Parallel()
	// RFC 8037, appendix A.1 and A.3
	const text = `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	k, err := assertions.ReadKey(text, "")
	if err != nil {
		t.Fatal(err)
	}
	if k.Thumbprint() != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" || k.Algorithm() != "EdDSA" {
		t.Errorf("got %s, %s", k.Thumbprint(), k.Algorithm())
	}
	scope := vars.NewScope(nil)
	k.Hide(scope)
	if shown := scope.Redact("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"); shown == "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" {
		t.Error("the secret half is shown")
	}
}

func TestAKeyThatProvesNothingIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, alg, want string }{
		{"shared secret", "0123456789abcdef0123456789abcdef", "", "the key is a shared secret, want a private key as PEM or JWK"},
		{"shared algorithm", "0123456789abcdef0123456789abcdef", "HS256", "HS256 signs with a shared secret, want an algorithm with a private key such as ES256"},
		{"none", "x", "none", "alg none is refused: an assertion must be signed (RFC 7523, section 3)"},
		{"public half", `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "EdDSA", "the JWK is a public key (it has no d); an assertion is signed with the private key"},
	} {
		_, err := assertions.ReadKey(c.text, c.alg)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	for _, alg := range []string{"HS512", "none", "ES257"} {
		if _, err := assertions.NewKey(alg); err == nil {
			t.Errorf("got a key for %s", alg)
		}
	}
}
