package script

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"strings"
)

// digest is crypto.subtle.digest: the name of an algorithm and bytes, each as one character.
func digest(args []any) (any, error) {
	data := octets(word(args, 1))
	switch name := strings.ToUpper(word(args, 0)); name {
	case "SHA-1":
		sum := sha1.Sum(data)
		return characters(sum[:]), nil
	case "SHA-256":
		sum := sha256.Sum256(data)
		return characters(sum[:]), nil
	case "SHA-384":
		sum := sha512.Sum384(data)
		return characters(sum[:]), nil
	case "SHA-512":
		sum := sha512.Sum512(data)
		return characters(sum[:]), nil
	default:
		return nil, fmt.Errorf("crypto.subtle.digest knows SHA-1, SHA-256, SHA-384 and SHA-512, got %q", name)
	}
}
