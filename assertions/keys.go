package assertions

import (
	"crypto"
	"crypto/rsa"
	"fmt"
)

// Keys reads the keys of signatures that are no assertions, each once. The zero Keys is empty and ready; it serves many goroutines.
type Keys struct{ ring ring }

// Read returns the key that a text holds: PEM, JWK, or a shared secret, which encoding says how to decode (raw, base64, base64url or
// hex; empty means raw). An empty alg lets the key decide.
func (ks *Keys) Read(text, alg, encoding string) (*Key, error) {
	if encoding == "" {
		encoding = "raw"
	}
	s, f := ks.ring.signer(want{alg: alg, key: text, encoding: encoding})
	if f != nil {
		return nil, f.err
	}
	return &Key{signer: s}, nil
}

// KeyID returns the kid of a key that was read from a JWK; empty for none.
func (k *Key) KeyID() string { return k.signer.kid }

// SignRSA signs what hash made of a text (RSASSA-PKCS1-v1_5: RFC 8017, section 8.2). The error says what else the key is.
func (k *Key) SignRSA(hash crypto.Hash, sum []byte) ([]byte, error) {
	private, ok := k.signer.key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key is %s, want an RSA key", key{value: k.signer.key}.describe())
	}
	return rsa.SignPKCS1v15(nil, private, hash, sum)
}

// Algorithms returns the algorithms that a JWT can be signed with (RFC 7518, section 3.1; RFC 8037).
func Algorithms() []string { return algorithms() }
