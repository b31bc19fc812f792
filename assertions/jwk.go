package assertions

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// jwk is a JSON Web Key (RFC 7517) as JSON has it.
type jwk map[string]any

// isJWK reports whether a text is a JSON object that says it is a key or a set of keys.
func isJWK(text string) bool {
	text = strings.TrimPrefix(strings.TrimSpace(text), byteOrderMark)
	if !strings.HasPrefix(text, "{") {
		return false
	}
	var m jwk
	if json.Unmarshal([]byte(text), &m) != nil {
		return false
	}
	_, one := m["kty"]
	_, set := m["keys"]
	return one || set
}

// readJWK reads a JWK or a JWKS.
func readJWK(text string) (keys, error) {
	var m jwk
	if err := json.Unmarshal([]byte(strings.TrimPrefix(strings.TrimSpace(text), byteOrderMark)), &m); err != nil {
		return keys{}, fmt.Errorf("the key looks like a JWK, but is not JSON%s", jsonPlace(err))
	}
	members, set := m["keys"].([]any)
	if !set {
		if _, ok := m["keys"]; ok {
			return keys{}, errors.New("the JWKS's keys is not a list")
		}
		k := m.key()
		return keys{list: []key{k}}, k.err
	}
	out := keys{set: true}
	for i, member := range members {
		m, ok := member.(map[string]any)
		if !ok {
			return keys{}, fmt.Errorf("key %d of the JWKS is not an object", i+1)
		}
		out.list = append(out.list, jwk(m).key())
	}
	if len(out.list) == 0 {
		return keys{}, errors.New("the JWKS has no keys in it")
	}
	return out, nil
}

// jsonPlace tells where JSON goes wrong, without showing what stands there.
func jsonPlace(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf(" (character %d)", syntax.Offset)
	}
	return ""
}

// key reads one JWK. What is wrong with it becomes the key's err.
func (m jwk) key() key {
	k := key{origin: "JWK", kid: m.text("kid"), alg: m.text("alg"), use: m.text("use")}
	switch kty := m.text("kty"); kty {
	case "oct":
		k.value, k.err = m.bytes("k")
	case "RSA":
		k.value, k.err = m.rsa()
	case "EC":
		k.value, k.err = m.ec()
	case "OKP":
		k.value, k.err = m.okp()
	case "":
		k.err = errors.New("the JWK has no kty")
	default:
		k.err = fmt.Errorf("the JWK's kty is %q, want RSA, EC, OKP or oct", kty)
	}
	if k.err == nil {
		k.err = k.check()
	}
	if k.err != nil {
		k.value = nil
	}
	return k
}

func (m jwk) text(name string) string {
	s, _ := m[name].(string)
	return s
}

func (m jwk) has(name string) bool {
	_, ok := m[name]
	return ok
}

// bytes returns a member in base64url (RFC 7518, section 6); padding is overlooked.
func (m jwk) bytes(name string) ([]byte, error) {
	s := m.text(name)
	if s == "" {
		return nil, fmt.Errorf("the JWK has no %s", name)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, fmt.Errorf("the JWK's %s is not base64url%s", name, where(s, "base64url"))
	}
	return raw, nil
}

// ints returns members that are numbers, up to the first that cannot be read.
func (m jwk) ints(names ...string) ([]*big.Int, error) {
	out := make([]*big.Int, len(names))
	for i, name := range names {
		raw, err := m.bytes(name)
		if err != nil {
			return nil, err
		}
		out[i] = new(big.Int).SetBytes(raw)
	}
	return out, nil
}

// rsa reads RFC 7518, section 6.3. The primes may be missing: signing is slower then, not different.
func (m jwk) rsa() (any, error) {
	ints, err := m.ints("n", "e")
	if err != nil {
		return nil, err
	}
	n, e := ints[0], ints[1]
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 {
		return nil, errors.New("the JWK's e is no RSA exponent")
	}
	public := rsa.PublicKey{N: n, E: int(e.Int64())}
	if err := checkSize(n.BitLen()); err != nil {
		return nil, err
	}
	if !m.has("d") {
		return &public, nil
	}
	if m.has("oth") {
		return nil, errors.New("the JWK has more than two primes (oth), which hgrun does not sign with")
	}
	if ints, err = m.ints("d"); err != nil {
		return nil, err
	}
	private := &rsa.PrivateKey{PublicKey: public, D: ints[0]}
	if m.has("p") || m.has("q") {
		if private.Primes, err = m.ints("p", "q"); err != nil {
			return nil, err
		}
	}
	private.Precompute()
	if !signs(private) {
		return nil, errors.New("the JWK's numbers do not belong together (n, e, d, p, q)")
	}
	return private, nil
}

// signs tries a key that has no other way to be checked whole.
func signs(k *rsa.PrivateKey) bool {
	digest := sha256.Sum256(nil)
	signature, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, digest[:])
	return err == nil && rsa.VerifyPKCS1v15(&k.PublicKey, crypto.SHA256, digest[:], signature) == nil
}

// ec reads RFC 7518, section 6.2.
func (m jwk) ec() (any, error) {
	curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[m.text("crv")]
	if !ok {
		return nil, fmt.Errorf("the JWK's crv is %q, want P-256, P-384 or P-521", m.text("crv"))
	}
	ints, err := m.ints("x", "y")
	if err != nil {
		return nil, err
	}
	size := (curve.Params().BitSize + 7) / 8
	if ints[0].BitLen() > 8*size || ints[1].BitLen() > 8*size {
		return nil, fmt.Errorf("the JWK's x and y are no point of %s", m.text("crv"))
	}
	point := make([]byte, 1+2*size)
	point[0] = 4 // uncompressed (SEC 1, section 2.3.3)
	ints[0].FillBytes(point[1 : 1+size])
	ints[1].FillBytes(point[1+size:])
	public, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("the JWK's x and y are no point of %s", m.text("crv"))
	}
	if !m.has("d") {
		return public, nil
	}
	if ints, err = m.ints("d"); err != nil {
		return nil, err
	}
	if ints[0].BitLen() > 8*size {
		return nil, fmt.Errorf("the JWK's d is too long for %s", m.text("crv"))
	}
	private, err := ecdsa.ParseRawPrivateKey(curve, ints[0].FillBytes(make([]byte, size)))
	if err != nil || !private.PublicKey.Equal(public) {
		return nil, errors.New("the JWK's d does not belong to its x and y")
	}
	return private, nil
}

// okp reads RFC 8037, section 2.
func (m jwk) okp() (any, error) {
	if crv := m.text("crv"); crv != "Ed25519" {
		return nil, fmt.Errorf("the JWK's crv is %q, want Ed25519", crv)
	}
	x, err := m.bytes("x")
	if err != nil {
		return nil, err
	}
	if len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("the JWK's x has %d bytes, want %d", len(x), ed25519.PublicKeySize)
	}
	if !m.has("d") {
		return ed25519.PublicKey(x), nil
	}
	d, err := m.bytes("d")
	if err != nil {
		return nil, err
	}
	if len(d) != ed25519.SeedSize {
		return nil, fmt.Errorf("the JWK's d has %d bytes, want %d", len(d), ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(d)
	if !ed25519.PublicKey(x).Equal(private.Public()) {
		return nil, errors.New("the JWK's d does not belong to its x")
	}
	return private, nil
}

// secretMembers are the members of a JWK that must never be shown (RFC 7518, section 6).
func secretMembers() []string { return []string{"d", "p", "q", "dp", "dq", "qi", "k"} }

// hiddenMembers returns the secret parts of a JWK or JWKS one by one, as they may stand in another text.
func hiddenMembers(text string) []string {
	var m jwk
	if json.Unmarshal([]byte(text), &m) != nil {
		return nil
	}
	list, ok := m["keys"].([]any)
	if !ok {
		list = []any{map[string]any(m)}
	}
	var hidden []string
	for _, member := range list {
		one, _ := member.(map[string]any)
		for _, name := range secretMembers() {
			if s := jwk(one).text(name); s != "" {
				hidden = append(hidden, s)
			}
		}
	}
	return hidden
}
