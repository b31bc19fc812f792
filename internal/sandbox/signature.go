package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	_ "crypto/sha256" // crypto.SHA256 below
	_ "crypto/sha512" // crypto.SHA384 and crypto.SHA512 below
	"math/big"
	"strings"
)

// verdict is what a look at a signature yields.
type verdict int

const (
	genuine   verdict = iota
	forged            // of the right size, and wrong
	misshapen         // no signature of this algorithm and key has that size: cut off, or made by another algorithm
)

// verify checks a signature of RFC 7518, section 3.1, or RFC 8037. A key of another type than the algorithm's is forged:
// an algorithm must never choose how a key is read.
func verify(algorithm string, key any, signed string, signature []byte) verdict {
	if k, ok := key.(ed25519.PublicKey); ok && algorithm == "EdDSA" {
		return shaped(len(signature) == ed25519.SignatureSize, func() bool {
			return ed25519.Verify(k, []byte(signed), signature)
		})
	}
	if len(algorithm) != 5 {
		return forged
	}
	hash, ok := hashOf(algorithm[2:])
	if !ok {
		return forged
	}
	switch family := algorithm[:2]; k := key.(type) {
	case []byte:
		if family == "HS" {
			return verifyHMAC(hash, k, signed, signature)
		}
	case *rsa.PublicKey:
		return shaped(len(signature) == k.Size(), func() bool {
			digest := digestOf(hash, signed)
			return family == "RS" && rsa.VerifyPKCS1v15(k, hash, digest, signature) == nil ||
				family == "PS" && rsa.VerifyPSS(k, hash, digest, signature, nil) == nil
		})
	case *ecdsa.PublicKey:
		if family == "ES" && k.Curve.Params().Name == curveOf(algorithm) {
			return verifyECDSA(hash, k, signed, signature)
		}
	}
	return forged
}

func shaped(rightSize bool, valid func() bool) verdict {
	switch {
	case !rightSize:
		return misshapen
	case valid():
		return genuine
	}
	return forged
}

func verifyHMAC(hash crypto.Hash, key []byte, signed string, signature []byte) verdict {
	return shaped(len(signature) == hash.Size(), func() bool {
		mac := hmac.New(hash.New, key)
		mac.Write([]byte(signed)) // a hash never fails
		return hmac.Equal(mac.Sum(nil), signature)
	})
}

// verifyECDSA wants r and s side by side in as many bytes as the curve has (RFC 7518, section 3.4), not ASN.1.
func verifyECDSA(hash crypto.Hash, key *ecdsa.PublicKey, signed string, signature []byte) verdict {
	size := (key.Curve.Params().BitSize + 7) / 8
	return shaped(len(signature) == 2*size, func() bool {
		r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
		return ecdsa.Verify(key, digestOf(hash, signed), r, s)
	})
}

func digestOf(hash crypto.Hash, signed string) []byte {
	h := hash.New()
	h.Write([]byte(signed)) // a hash never fails
	return h.Sum(nil)
}

func hashOf(bits string) (crypto.Hash, bool) {
	switch bits {
	case "256":
		return crypto.SHA256, true
	case "384":
		return crypto.SHA384, true
	case "512":
		return crypto.SHA512, true
	}
	return 0, false
}

func curveOf(algorithm string) string {
	return "P-" + strings.Replace(algorithm[2:], "512", "521", 1)
}
