package assertions

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
)

// key is one key of a key text.
type key struct {
	value     any    // []byte, or a pointer to a private or public key of crypto/rsa, crypto/ecdsa, or a key of crypto/ed25519
	origin    string // how messages name what the key was read from: "PEM RSA PRIVATE KEY", "JWK"
	encrypted bool   // and was opened with a passphrase
	pssOnly   bool   // RSA with the object identifier of PSS
	kid       string // of a JWK
	alg       string // of a JWK
	use       string // of a JWK: "sig", "enc"
	err       error  // why the value is nil: what a JWKS holds may be of a kind that nobody asked for
	notes     []string
}

// private reports whether the key can sign.
func (k key) private() bool {
	switch k.value.(type) {
	case []byte, *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey:
		return true
	}
	return false
}

// public returns what verifies: the public key, or the shared secret.
func (k key) public() any {
	switch value := k.value.(type) {
	case *rsa.PrivateKey:
		return &value.PublicKey
	case *ecdsa.PrivateKey:
		return &value.PublicKey
	case ed25519.PrivateKey:
		return value.Public()
	}
	return k.value
}

// describe names the key's kind and its size.
func (k key) describe() string {
	switch value := k.public().(type) {
	case []byte:
		return "a shared secret"
	case *rsa.PublicKey:
		return fmt.Sprintf("an RSA key of %d bits", value.N.BitLen())
	case *ecdsa.PublicKey:
		return "an EC key of the curve " + value.Curve.Params().Name
	case ed25519.PublicKey:
		return "an Ed25519 key"
	}
	return "no key"
}

// bits returns the size of an RSA key, 0 for any other.
func (k key) bits() int {
	if public, ok := k.public().(*rsa.PublicKey); ok {
		return public.N.BitLen()
	}
	return 0
}

// check returns what is wrong with a key that was read whole, whatever it is used for.
func (k key) check() error {
	switch value := k.public().(type) {
	case *rsa.PublicKey:
		return checkSize(value.N.BitLen())
	case *ecdsa.PublicKey:
		if defaultAlgorithm(k) == "" {
			return fmt.Errorf("the EC key's curve is %s; JWTs are signed on P-256, P-384 or P-521", value.Curve.Params().Name)
		}
	}
	return nil
}

// leastBits is the size below which an RSA key can be broken by anybody.
const leastBits = 1024

func checkSize(bits int) error {
	if bits < leastBits {
		return fmt.Errorf("the RSA key has %d bits, want at least 2048; less than %d is no protection", bits, leastBits)
	}
	return nil
}

// signingKey adapts what crypto/x509 returns; X25519 and the like come out as an error.
func signingKey(parsed any, origin string) (key, error) {
	k := key{value: parsed, origin: origin}
	switch value := parsed.(type) {
	case *rsa.PrivateKey, *rsa.PublicKey, *ecdsa.PrivateKey, *ecdsa.PublicKey, ed25519.PrivateKey, ed25519.PublicKey:
		return k, k.check()
	case *ecdh.PrivateKey:
		return key{}, fmt.Errorf("the key is an %v key, which encrypts and cannot sign", value.Curve())
	case *ecdh.PublicKey:
		return key{}, fmt.Errorf("the key is an %v key, which encrypts and cannot sign", value.Curve())
	}
	return key{}, fmt.Errorf("the %s holds a key that signs no JWT (%T)", origin, parsed)
}

// keys is what a key text holds.
type keys struct {
	list  []key
	set   bool     // a JWKS, where kid chooses
	notes []string // what had to be repaired
}

// readKeys reads a key text that is not encrypted, as openKeys does.
func readKeys(text, encoding, alg string) (keys, error) { return openKeys(text, encoding, "", alg) }

// openKeys reads a key text, with a passphrase where it is encrypted. alg "" means that the text itself decides what it
// is; any other alg says whether a shared secret or a key pair is meant.
func openKeys(text, encoding, passphrase, alg string) (keys, error) {
	if err := filled(text); err != nil {
		return keys{}, err
	}
	raw, err := decodeSecret(text, encoding)
	if err != nil {
		return keys{}, err
	}
	decoded := string(raw)
	switch {
	case isJWK(decoded):
		return readJWK(decoded)
	case strings.Contains(decoded, "-----BEGIN"):
		return readPEM(decoded, passphrase)
	case isSSHPublic(decoded):
		return keys{}, errors.New("the key is an OpenSSH public key; want the private key as PEM or JWK, or a shared secret")
	case wantsSecret(alg):
		return secret(raw, encoding), nil
	case strings.HasPrefix(strings.TrimSpace(decoded), "{") && alg != "":
		return readJWK(decoded) // which says what is missing
	}
	k, known, err := readDER(raw, passphrase)
	switch {
	case known && err != nil:
		return keys{}, err
	case known:
		return keys{list: []key{k}}, nil
	case alg == "":
		return secret(raw, encoding), nil
	}
	return keys{}, noPEM(decoded, alg)
}

// isSSHPublic recognises a line of an authorized_keys file, which would make a secret that everybody knows.
func isSSHPublic(text string) bool {
	kind, rest, ok := strings.Cut(strings.TrimSpace(text), " ")
	return ok && strings.HasPrefix(rest, "AAAA") && (strings.HasPrefix(kind, "ssh-") || strings.HasPrefix(kind, "ecdsa-sha2-"))
}

// secret returns raw bytes as a key. Nothing is trimmed: a server that has the secret with its line break needs it.
func secret(raw []byte, encoding string) keys {
	k := key{value: raw, origin: "shared secret"}
	if encoding == "raw" {
		k.notes = secretNotes(string(raw))
	}
	return keys{list: []key{k}}
}

func secretNotes(text string) []string {
	var notes []string
	switch trimmed := strings.TrimSpace(text); {
	case strings.HasSuffix(text, "\n"):
		notes = append(notes, "the secret ends with a line break, which is signed with; take it out unless the server has it too")
	case trimmed != text:
		notes = append(notes, "the secret starts or ends with white space, which is signed with; take it out unless the server has it too")
	}
	if len(text) > 2 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		notes = append(notes, "the secret stands in quotes, which are signed with; take them out unless the server has them too")
	}
	if strings.HasPrefix(text, byteOrderMark) {
		notes = append(notes, "the secret starts with a byte order mark, which is signed with; take it out unless the server has it too")
	}
	return notes
}

// noPEM explains a text that is no private key although alg wants one. It shows nothing of the text.
func noPEM(text, alg string) error {
	switch _, known, err := readDER(fromBase64(text), ""); {
	case known && err != nil:
		return err
	case known:
		return fmt.Errorf("the key is base64 without its -----BEGIN line, want a PEM or a JWK for %s; write key_encoding: base64, or the whole PEM", alg)
	}
	return fmt.Errorf("the key has no -----BEGIN line, want a PEM or a JWK for %s; a shared secret goes with HS256, HS384 or HS512", alg)
}

// publicHint is the end of a message about half a key.
const publicHint = "an assertion is signed with the private key"

// signable returns why a key that was found cannot sign.
func (k key) signable() error {
	switch {
	case k.err != nil:
		return k.err
	case k.use == "enc":
		return fmt.Errorf("the %s is for encryption (use: enc), want one for signing", k.origin)
	case k.private():
		return nil
	case k.origin == "JWK":
		return errors.New("the JWK is a public key (it has no d); " + publicHint)
	case strings.HasSuffix(k.origin, "CERTIFICATE"):
		return fmt.Errorf("the %s holds a public key; %s", k.origin, publicHint)
	}
	return fmt.Errorf("the %s is a public key; %s", k.origin, publicHint)
}
