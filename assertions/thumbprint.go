package assertions

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
)

// Thumbprint returns the JWK thumbprint (RFC 7638, SHA-256) of the one key in a key text: a private or public key or a
// certificate as PEM, a JWK, or a JWKS of one. A private key has the thumbprint of its public key, so that the two can be
// compared without showing either. A shared secret has none that may be shown: whoever has it can try secrets against it.
func Thumbprint(keyText, encoding string) (string, error) {
	read, err := readKeys(keyText, encoding, "")
	if err != nil {
		return "", err
	}
	if n := len(read.list); n != 1 {
		return "", fmt.Errorf("the JWKS has %d keys, want one", n)
	}
	return read.list[0].thumbprint()
}

func (k key) thumbprint() (string, error) {
	if err := cmp.Or(k.err, k.check()); err != nil {
		return "", err
	}
	members, err := k.requiredMembers()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(members))
	return encodeSegment(sum[:]), nil
}

// requiredMembers returns the members that make a key, by name and without white space (RFC 7638, section 3.2).
func (k key) requiredMembers() (string, error) {
	switch value := k.public().(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, encodeSegment(big.NewInt(int64(value.E)).Bytes()), encodeSegment(value.N.Bytes())), nil
	case *ecdsa.PublicKey:
		point, err := value.Bytes()
		if err != nil {
			return "", err
		}
		half := len(point) / 2 // behind the byte that says that it is not compressed
		return fmt.Sprintf(`{"crv":"%s","kty":"EC","x":"%s","y":"%s"}`, value.Curve.Params().Name, encodeSegment(point[1:1+half]), encodeSegment(point[1+half:])), nil
	case ed25519.PublicKey:
		return fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, encodeSegment(value)), nil
	case []byte:
		return "", errors.New("a shared secret has no thumbprint that may be shown")
	}
	return "", fmt.Errorf("the key (%T) signs no JWT", k.value)
}
