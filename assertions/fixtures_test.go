package assertions_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

const tokenURL = "https://as.example/oauth/token"

// secret32 is long enough for HS256.
const secret32 = "0123456789abcdefghijklmnopqrstuv"

// pairs are the key pairs that all tests share; making them is slow.
type pairs struct {
	rsa     *rsa.PrivateKey // 2048 bits
	rsa1024 *rsa.PrivateKey
	p256    *ecdsa.PrivateKey
	p384    *ecdsa.PrivateKey
	p521    *ecdsa.PrivateKey
	p224    *ecdsa.PrivateKey
	ed25519 ed25519.PrivateKey
	x25519  *ecdh.PrivateKey
}

var made = sync.OnceValue(func() pairs {
	_, ed := must2(ed25519.GenerateKey(rand.Reader))
	return pairs{
		rsa:     must(rsa.GenerateKey(rand.Reader, 2048)),
		rsa1024: must(rsa.GenerateKey(rand.Reader, 1024)),
		p256:    must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		p384:    must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		p521:    must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		p224:    must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)),
		ed25519: ed,
		x25519:  must(ecdh.X25519().GenerateKey(rand.Reader)),
	}
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

func block(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func pkcs8(k any) string { return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(k))) }

func pkcs1(k *rsa.PrivateKey) string {
	return block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k))
}

func sec1(k *ecdsa.PrivateKey) string {
	return block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(k)))
}

func publicPEM(k crypto.Signer) string {
	return block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(k.Public())))
}

func certificate(k crypto.Signer) string {
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1<<32, 0)}
	return block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)))
}

// wrapped returns a PKCS#8 structure with an algorithm of one's choice.
func wrapped(algorithm, parameters asn1.ObjectIdentifier, inner []byte) string {
	id := pkix.AlgorithmIdentifier{Algorithm: algorithm}
	if parameters != nil {
		id.Parameters = asn1.RawValue{FullBytes: must(asn1.Marshal(parameters))}
	}
	return block("PRIVATE KEY", must(asn1.Marshal(struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}{0, id, inner})))
}

// pssPEM returns an RSA key that says it is for PSS only.
func pssPEM(k *rsa.PrivateKey) string {
	return wrapped(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, nil, x509.MarshalPKCS1PrivateKey(k))
}

func pssPublicPEM(k *rsa.PrivateKey) string {
	inner := x509.MarshalPKCS1PublicKey(&k.PublicKey)
	return block("PUBLIC KEY", must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}}, asn1.BitString{Bytes: inner, BitLength: 8 * len(inner)}})))
}

// secp256k1PEM returns a key of a curve that hgrun does not know.
func secp256k1PEM() string {
	inner := must(asn1.Marshal(struct {
		Version int
		Key     []byte
	}{1, make([]byte, 32)}))
	return wrapped(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, asn1.ObjectIdentifier{1, 3, 132, 0, 10}, inner)
}

// tinyRSA returns a key that crypto/rsa itself would not make.
func tinyRSA() string {
	prime := func() *big.Int { return must(rand.Prime(rand.Reader, 256)) }
	one, e := big.NewInt(1), big.NewInt(65537)
	p, q, p1, q1, d := (*big.Int)(nil), (*big.Int)(nil), new(big.Int), new(big.Int), (*big.Int)(nil)
	for d == nil { // until e has an inverse
		p, q = prime(), prime()
		p1.Sub(p, one)
		q1.Sub(q, one)
		d = new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
	}
	n := new(big.Int).Mul(p, q)
	return block("RSA PRIVATE KEY", must(asn1.Marshal([]*big.Int{
		big.NewInt(0), n, e, d, p, q, new(big.Int).Mod(d, p1), new(big.Int).Mod(d, q1), new(big.Int).ModInverse(q, p),
	})))
}

// mixedRSA returns a key whose exponent is of another key.
func mixedRSA() string {
	k := made().rsa
	return block("RSA PRIVATE KEY", must(asn1.Marshal([]*big.Int{
		big.NewInt(0), k.N, big.NewInt(int64(k.E)), new(big.Int).Sub(k.D, big.NewInt(2)), k.Primes[0], k.Primes[1], big.NewInt(3), big.NewInt(3), big.NewInt(3),
	})))
}

// pkcs12 returns the beginning of every PKCS#12 file.
func pkcs12() string {
	return string(must(asn1.Marshal(struct {
		Version int
		Safe    pkix.AlgorithmIdentifier
	}{3, pkix.AlgorithmIdentifier{
		Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1},
		Parameters: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: make([]byte, 200)},
	}})))
}

func jwkText(k jose.JSONWebKey) string { return string(must(json.Marshal(k))) }

// jwks returns a set of JWK texts.
func jwks(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// member returns a JWK with a member changed; a nil value takes it out.
func member(jwk, name string, value any) string {
	var m map[string]any
	if err := json.Unmarshal([]byte(jwk), &m); err != nil {
		panic(err)
	}
	if m[name] = value; value == nil {
		delete(m, name)
	}
	return string(must(json.Marshal(m)))
}

// parse reads an assertion: mapping that must be right.
func parse(t testing.TB, yaml string) *assertions.Assertion {
	t.Helper()
	a, err := tryParse(yaml)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryParse(yaml string) (*assertions.Assertion, error) {
	a := &assertions.Assertion{}
	return a, source.Parse("a.yaml", []byte(yaml), a.Read)
}

// scope returns a scope with names and their values.
func scope(pairs ...string) *vars.Scope {
	values := map[string]vars.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = vars.Value{Text: pairs[i+1]}
	}
	return vars.NewScope(nil, vars.Layer{Name: "environment", Values: values})
}

// mint signs with a mapping that must be right.
func mint(t testing.TB, yaml string, s *vars.Scope, d assertions.Defaults) string {
	t.Helper()
	jwt, err := parse(t, yaml).Mint(s, d)
	if err != nil {
		t.Fatal(err)
	}
	return jwt
}

func inspect(t testing.TB, jwt string) *assertions.Token {
	t.Helper()
	token, err := assertions.Inspect(jwt)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
