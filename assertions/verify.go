package assertions

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

var errSignature = errors.New("the signature is not of this key: another key made it, or header or claims were changed")

// Verify checks the signature with a key text: a private or public key or a certificate as PEM, a JWK, a JWKS, or the
// shared secret in the encoding raw, base64, base64url or hex ("" means raw). It judges no claim. An algorithm never
// decides how a key is read: a public key is no shared secret.
func (t *Token) Verify(keyText, encoding string) error {
	alg := t.Algorithm()
	if err := checkAlgorithm(alg); err != nil {
		return err
	}
	read, err := readKeys(keyText, encoding, alg)
	if err != nil {
		return err
	}
	candidates, err := read.verifying(t)
	if err != nil {
		return err
	}
	method := jwt.GetSigningMethod(alg)
	for _, k := range candidates {
		if method.Verify(t.signed, t.signature, k.public()) == nil {
			return nil
		}
	}
	if secret, ok := candidates[0].value.([]byte); ok && !read.set {
		if hint := t.otherReading(method, keyText, secret); hint != "" {
			return fmt.Errorf("%w; it is right for %s", errSignature, hint)
		}
	}
	return errSignature
}

// verifying returns the keys that may have signed t, at least one.
func (ks keys) verifying(t *Token) ([]key, error) {
	kid, _ := t.Header["kid"].(string)
	if !ks.set {
		k := ks.list[0]
		return ks.list, cmp.Or(k.err, k.fits(t.Algorithm()))
	}
	named := ks.named(kid)
	if len(named) == 0 {
		return nil, fmt.Errorf("the JWT's kid %q is not in the JWKS; %s", kid, ks.kids())
	}
	var fitting []key
	var first error
	for _, k := range named {
		err := k.err
		if err == nil {
			err = k.fits(t.Algorithm())
		}
		if err == nil {
			fitting = append(fitting, k)
		}
		first = cmp.Or(first, err)
	}
	if len(fitting) == 0 {
		return nil, first
	}
	return fitting, nil
}

// otherReading names the encoding in which a shared secret does verify: the classic silent mistake is to decode a
// secret that looks like base64, or not to.
func (t *Token) otherReading(method jwt.SigningMethod, keyText string, tried []byte) string {
	readings := []struct {
		raw  []byte
		hint string
	}{
		{[]byte(keyText), "key_encoding: raw"},
		{bytes.TrimSpace([]byte(keyText)), "the secret without the white space around it"},
		{[]byte(keyText + "\n"), "the secret with a line break at its end"},
	}
	for _, encoding := range encodings()[1:] {
		if raw, err := decodeSecret(keyText, encoding); err == nil {
			readings = append(readings, struct {
				raw  []byte
				hint string
			}{raw, "key_encoding: " + encoding})
		}
	}
	for _, r := range readings {
		if !bytes.Equal(r.raw, tried) && method.Verify(t.signed, t.signature, r.raw) == nil {
			return r.hint
		}
	}
	return ""
}
