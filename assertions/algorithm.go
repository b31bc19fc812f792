package assertions

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// algorithms are those of RFC 7518, section 3.1, and RFC 8037 that sign.
func algorithms() []string {
	return []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// checkAlgorithm returns why nothing can be signed with alg, or nil.
func checkAlgorithm(alg string) error {
	switch {
	case slices.Contains(algorithms(), alg):
		return nil
	case strings.EqualFold(alg, "none"):
		return errors.New("alg none is refused: an assertion must be signed (RFC 7523, section 3)")
	}
	return fmt.Errorf("unknown alg %q; %s", alg, source.Suggest(alg, algorithms()))
}

// wantsSecret reports whether alg signs with a shared secret.
func wantsSecret(alg string) bool { return strings.HasPrefix(alg, "HS") }

// hashSize returns the bytes of the hash of alg: 32, 48 or 64.
func hashSize(alg string) int {
	switch {
	case strings.HasSuffix(alg, "256"):
		return 32
	case strings.HasSuffix(alg, "384"):
		return 48
	}
	return 64
}

// curveOf returns the curve that an ES algorithm prescribes (RFC 7518, section 3.4).
func curveOf(alg string) string {
	return map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg]
}

// defaultAlgorithm returns what a key signs with where nobody says: "" for a key that signs nothing.
func defaultAlgorithm(k key) string {
	switch value := k.public().(type) {
	case []byte:
		return "HS256"
	case *rsa.PublicKey:
		if k.pssOnly {
			return "PS256"
		}
		return "RS256"
	case *ecdsa.PublicKey:
		return map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[value.Curve.Params().Name]
	case ed25519.PublicKey:
		return "EdDSA"
	}
	return ""
}

// fits returns why a key cannot be used with alg, or nil.
func (k key) fits(alg string) error {
	ok := false
	switch value := k.public().(type) {
	case []byte:
		ok = wantsSecret(alg)
	case *rsa.PublicKey:
		switch alg[:2] {
		case "RS":
			if k.pssOnly {
				return fmt.Errorf("the RSA key is for PSS only, %s is not PSS; alg: PS%s fits", alg, alg[2:])
			}
			ok = true
		case "PS":
			if need := 8*(2*hashSize(alg)+1) + 2; value.N.BitLen() < need {
				return fmt.Errorf("the RSA key has %d bits, %s needs at least %d", value.N.BitLen(), alg, need)
			}
			ok = true
		}
	case *ecdsa.PublicKey:
		ok = curveOf(alg) == value.Curve.Params().Name
	case ed25519.PublicKey:
		ok = alg == "EdDSA"
	}
	if ok {
		return nil
	}
	return fmt.Errorf("the key is %s, %s wants %s; alg: %s fits the key", k.describe(), alg, wanted(alg), defaultAlgorithm(k))
}

// wanted says what kind of key an algorithm wants.
func wanted(alg string) string {
	switch alg[:2] {
	case "HS":
		return "a shared secret"
	case "ES":
		return "an EC key of the curve " + curveOf(alg)
	case "Ed":
		return "an Ed25519 key"
	}
	return "an RSA key"
}
