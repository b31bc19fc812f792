package assertions

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hgrun/hgrun/internal/vars"
)

// Key is a private key that signs JWTs other than assertions, such as proofs that a client has the key that its token is
// bound to (RFC 9449). It serves many goroutines.
type Key struct {
	signer *signer
	public string // as a JWK
}

// NewKey makes a key that nobody else has. alg is an algorithm of RFC 7518 with a private key; empty means ES256.
func NewKey(alg string) (*Key, error) {
	if alg == "" {
		alg = "ES256"
	}
	if err := CheckKeyAlgorithm(alg); err != nil {
		return nil, err
	}
	value, err := generate(alg)
	if err != nil {
		return nil, fmt.Errorf("making a key for %s: %w", alg, err)
	}
	return newKey(&signer{alg: alg, method: jwt.GetSigningMethod(alg), key: value})
}

// ReadKey reads a private key: PEM or JWK, in every form that an assertion's key may have. An empty alg lets the key decide.
func ReadKey(text, alg string) (*Key, error) {
	if alg != "" {
		if err := CheckKeyAlgorithm(alg); err != nil {
			return nil, err
		}
	}
	s, f := newSigner(want{alg: alg, key: text, encoding: "raw"})
	if f != nil {
		return nil, f.err
	}
	return newKey(s)
}

// CheckKeyAlgorithm returns why alg cannot be that of a Key, or nil.
func CheckKeyAlgorithm(alg string) error {
	if err := checkAlgorithm(alg); err != nil {
		return err
	}
	if wantsSecret(alg) {
		return fmt.Errorf("%s signs with a shared secret, want an algorithm with a private key such as ES256", alg)
	}
	return nil
}

func generate(alg string) (any, error) {
	switch curveOf(alg) {
	case "P-256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "P-384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "P-521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	}
	if alg == "EdDSA" {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

func newKey(s *signer) (*Key, error) {
	public, err := publicJWK(key{value: s.key}.public())
	if err != nil {
		return nil, err
	}
	return &Key{signer: s, public: public}, nil
}

// publicJWK writes the members that a thumbprint covers, in its order (RFC 7638, section 3.2).
func publicJWK(public any) (string, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, encodeSegment(big.NewInt(int64(k.E)).Bytes()), encodeSegment(k.N.Bytes())), nil
	case *ecdsa.PublicKey:
		point, err := k.Bytes() // uncompressed (SEC 1, section 2.3.3)
		if err != nil {
			return "", fmt.Errorf("the EC key is no point of its curve: %w", err)
		}
		half := 1 + len(point)/2
		return fmt.Sprintf(`{"crv":"%s","kty":"EC","x":"%s","y":"%s"}`, k.Curve.Params().Name, encodeSegment(point[1:half]), encodeSegment(point[half:])), nil
	case ed25519.PublicKey:
		return fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, encodeSegment(k)), nil
	}
	return "", errors.New("the key is a shared secret, want a private key as PEM or JWK")
}

// Algorithm returns what the key signs with.
func (k *Key) Algorithm() string { return k.signer.alg }

// PublicJWK returns the public half as JSON.
func (k *Key) PublicJWK() string { return k.public }

// Thumbprint returns the SHA-256 thumbprint of the public half in base64url (RFC 7638).
func (k *Key) Thumbprint() string {
	sum := sha256.Sum256([]byte(k.public))
	return encodeSegment(sum[:])
}

// Hide hides the text that the key was read from, and its secret parts.
func (k *Key) Hide(s *vars.Scope) {
	for _, text := range k.signer.hidden {
		s.Hide("key", text)
	}
}

// Sign returns a JWT of a header and claims that are JSON objects; the header's alg must be that of the key.
func (k *Key) Sign(header, claims []byte) (string, error) {
	signed, err := k.signer.sign(header, claims)
	if err != nil {
		return "", fmt.Errorf("signing with %s: %w", k.signer.alg, err)
	}
	return signed, nil
}
