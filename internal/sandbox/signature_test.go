package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// A pairOfKeys is what signs and what verifies.
type pairOfKeys struct{ private, public any }

func keysByAlgorithm(t *testing.T) map[jose.SignatureAlgorithm]pairOfKeys {
	t.Helper()
	secret := make([]byte, 64)
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[jose.SignatureAlgorithm]pairOfKeys{jose.EdDSA: {edwards, edwards.Public()}}
	for _, a := range []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512} {
		keys[a] = pairOfKeys{secret, secret}
	}
	for _, a := range []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512} {
		keys[a] = pairOfKeys{r, r.Public()}
	}
	for a, curve := range map[jose.SignatureAlgorithm]elliptic.Curve{
		jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521(),
	} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys[a] = pairOfKeys{k, k.Public()}
	}
	return keys
}

func TestAnIndependentLibrarysSignaturesAreGenuineForOneAlgorithmOnly(t *testing.T) {
	t.Parallel()
	keys := keysByAlgorithm(t)
	for algorithm, key := range keys {
		parsed, err := parseJWT(sign(t, algorithm, key.private, claims{"sub": "x"}))
		if err != nil {
			t.Fatal(err)
		}
		name := string(algorithm)
		if got := verify(name, key.public, parsed.signed, parsed.signature); got != genuine {
			t.Errorf("%s: got %d, want genuine", name, got)
		}
		if got := verify(name, key.public, parsed.signed, parsed.signature[1:]); got != misshapen {
			t.Errorf("%s cut: got %d, want misshapen", name, got)
		}
		if got := verify(name, key.public, parsed.signed+" ", parsed.signature); got != forged {
			t.Errorf("%s over another text: got %d, want forged", name, got)
		}
		for other, otherKey := range keys {
			if other != algorithm {
				if verify(string(other), key.public, parsed.signed, parsed.signature) == genuine ||
					verify(name, otherKey.public, parsed.signed, parsed.signature) == genuine &&
						!sameKey(key.public, otherKey.public) {
					t.Errorf("%s is taken for %s", name, other)
				}
			}
		}
	}
}

func sameKey(a, b any) bool {
	if x, ok := a.(interface{ Equal(crypto.PublicKey) bool }); ok {
		return x.Equal(b)
	}
	_, x := a.([]byte)
	_, y := b.([]byte)
	return x && y
}

func TestAnAlgorithmNobodyKnowsIsNeverGenuine(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"", "none", "HS999", "XX256", "HS1", "EdDSA"} {
		if got := verify(algorithm, []byte("key"), "text", make([]byte, 32)); got == genuine {
			t.Errorf("%q is genuine", algorithm)
		}
	}
}
