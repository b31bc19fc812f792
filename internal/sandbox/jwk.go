package sandbox

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
)

// A jwk is a public key as RFC 7517 and RFC 7518, section 6, write it.
type jwk struct {
	Type      string `json:"kty"`
	ID        string `json:"kid,omitempty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
	D         string `json:"d,omitempty"` // the private part, which has no place here; read in order to refuse it
}

// newJWK writes an RSA or an elliptic public key.
func newJWK(id, algorithm string, key any) jwk {
	k := jwk{ID: id, Use: "sig", Algorithm: algorithm}
	base64URL := base64.RawURLEncoding.EncodeToString
	switch key := key.(type) {
	case *rsa.PublicKey:
		k.Type, k.N, k.E = "RSA", base64URL(key.N.Bytes()), base64URL(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		point := must(key.Bytes())[1:] // after the 4 that says it is not compressed
		k.Type, k.Curve = "EC", key.Curve.Params().Name
		k.X, k.Y = base64URL(point[:len(point)/2]), base64URL(point[len(point)/2:])
	}
	return k
}

// public reads the key.
func (k jwk) public() (any, error) {
	if k.D != "" {
		return nil, errors.New("the key is a private one")
	}
	var parts [4][]byte
	for i, text := range []string{k.X, k.Y, k.N, k.E} {
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil {
			return nil, errors.New("a number of the key is not base64url")
		}
		parts[i] = b
	}
	switch k.Type {
	case "RSA":
		n, e := new(big.Int).SetBytes(parts[2]), new(big.Int).SetBytes(parts[3])
		if n.BitLen() < 2048 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, errors.New("want an RSA key of 2048 bits or more")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case "EC":
		return k.elliptic(parts[0], parts[1])
	case "OKP":
		if k.Curve == "Ed25519" && len(parts[0]) == ed25519.PublicKeySize {
			return ed25519.PublicKey(parts[0]), nil
		}
	}
	return nil, fmt.Errorf("got a key of type %q and curve %q", k.Type, k.Curve)
}

func (k jwk) elliptic(x, y []byte) (any, error) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		size := (curve.Params().BitSize + 7) / 8
		if curve.Params().Name == k.Curve && len(x) == size && len(y) == size {
			return ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
		}
	}
	return nil, fmt.Errorf("got a curve %q with coordinates of %d and %d bytes", k.Curve, len(x), len(y))
}

// thumbprint is RFC 7638: SHA-256 over the required members in the order of their names.
func (k jwk) thumbprint() string {
	var text string
	switch k.Type {
	case "RSA":
		text = fmt.Sprintf(`{"e":%q,"kty":"RSA","n":%q}`, k.E, k.N)
	case "EC":
		text = fmt.Sprintf(`{"crv":%q,"kty":"EC","x":%q,"y":%q}`, k.Curve, k.X, k.Y)
	default:
		text = fmt.Sprintf(`{"crv":%q,"kty":"OKP","x":%q}`, k.Curve, k.X)
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
