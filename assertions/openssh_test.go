package assertions_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/assertions"
)

// wire writes fields as SSH does: texts and numbers with their length, uint32 as they are.
func wire(fields ...any) []byte {
	var b []byte
	for _, f := range fields {
		var raw []byte
		switch f := f.(type) {
		case uint32:
			b = binary.BigEndian.AppendUint32(b, f)
			continue
		case string:
			raw = []byte(f)
		case []byte:
			raw = f
		case *big.Int:
			if raw = f.Bytes(); len(raw) > 0 && raw[0] > 0x7f {
				raw = append([]byte{0}, raw...)
			}
		}
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(raw))), raw...)
	}
	return b
}

// opensshKey is an OpenSSH file in parts, for tests to damage.
type opensshKey struct {
	cipher   string
	count    uint32
	kind     string
	private  []any // after the kind
	second   uint32
	trailing []byte
}

func opensshOf(k any) opensshKey {
	o := opensshKey{cipher: "none", count: 1, second: 7, trailing: []byte{1, 2, 3}}
	switch k := k.(type) {
	case *rsa.PrivateKey:
		o.kind = "ssh-rsa"
		o.private = []any{k.N, big.NewInt(int64(k.E)), k.D, k.Precomputed.Qinv, k.Primes[0], k.Primes[1]}
	case *ecdsa.PrivateKey:
		curve := strings.ToLower(strings.Replace(k.Curve.Params().Name, "P-", "nistp", 1))
		o.kind = "ecdsa-sha2-" + curve
		o.private = []any{curve, must(k.PublicKey.Bytes()), new(big.Int).SetBytes(must(k.Bytes()))}
	case ed25519.PrivateKey:
		o.kind = "ssh-ed25519"
		o.private = []any{[]byte(k[32:]), []byte(k)}
	}
	return o
}

func (o opensshKey) pem() string {
	private := wire(append(append([]any{uint32(7), o.second, o.kind}, o.private...), "me@here")...)
	content := append([]byte("openssh-key-v1\x00"), wire(o.cipher, "none", "", o.count, wire(o.kind), append(private, o.trailing...))...)
	return block("OPENSSH PRIVATE KEY", content)
}

func (o opensshKey) with(change func(*opensshKey)) string {
	change(&o)
	return o.pem()
}

func TestOpenSSHKeysSign(t *testing.T) {
	t.Parallel()
	m := made()
	tests := []struct{ name, key, public, alg string }{
		{"RSA", opensshOf(m.rsa).pem(), publicPEM(m.rsa), "RS256"},
		{"P-256", opensshOf(m.p256).pem(), publicPEM(m.p256), "ES256"},
		{"P-384", opensshOf(m.p384).pem(), publicPEM(m.p384), "ES384"},
		{"P-521", opensshOf(m.p521).pem(), publicPEM(m.p521), "ES512"},
		{"Ed25519", opensshOf(m.ed25519).pem(), publicPEM(m.ed25519), "EdDSA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := inspect(t, mint(t, "key: '{{key}}'", scope("key", tt.key), assertions.Defaults{Audience: tokenURL}))
			if err := token.Verify(tt.public, ""); err != nil || token.Algorithm() != tt.alg {
				t.Errorf("got %s, %v, want %s", token.Algorithm(), err, tt.alg)
			}
		})
	}
}

func TestAnOpenSSHKeyThatCannotSignSaysWhy(t *testing.T) {
	t.Parallel()
	m := made()
	const damaged = `a.yaml:2:6: the OpenSSH private key is damaged: its fields cannot be read or do not belong together`
	r, e, ed := opensshOf(m.rsa), opensshOf(m.p256), opensshOf(m.ed25519)
	otherED := bytes.Clone(m.ed25519)
	otherED[40]++
	set := func(i int, v any) func(*opensshKey) {
		return func(o *opensshKey) {
			o.private = append([]any{}, o.private...)
			o.private[i] = v
		}
	}
	checkRefusals(t, []refusal{
		{name: "encrypted", key: r.with(func(o *opensshKey) { o.cipher = "aes256-ctr" }),
			want: `a.yaml:2:6: the private key is encrypted in OpenSSH's own way ("aes256-ctr"), which is not read here; take the passphrase off a copy: cp key copy && ssh-keygen -p -N '' -f copy`},
		{name: "two keys", key: r.with(func(o *opensshKey) { o.count = 2 }), want: `a.yaml:2:6: the OpenSSH file holds 2 private keys, want one`},
		{name: "security key", key: r.with(func(o *opensshKey) { o.kind = "sk-ssh-ed25519@openssh.com" }),
			want: `a.yaml:2:6: the OpenSSH private key stays in a security key, which signs no JWT; make one: openssl genpkey -algorithm ed25519 -out key.pem`},
		{name: "DSA", key: r.with(func(o *opensshKey) { o.kind = "ssh-dss" }), want: `a.yaml:2:6: the OpenSSH private key is of a kind ("ssh-dss") that signs no JWT`},
		{name: "RSA of 1024 bits for PS512", alg: "PS512", key: opensshOf(m.rsa1024).pem(), want: `a.yaml:1:6: the RSA key has 1024 bits, PS512 needs at least 1034`},
		{name: "alg of another kind", alg: "RS256", key: ed.pem(), want: `a.yaml:1:6: the key is an Ed25519 key, RS256 wants an RSA key; alg: EdDSA fits the key`},
		{name: "tiny RSA", key: r.with(set(0, new(big.Int).Lsh(big.NewInt(1), 500))), want: damaged}, // its d is greater
		{name: "no magic", key: block("OPENSSH PRIVATE KEY", []byte("openssh-key-v2\x00")), want: damaged},
		{name: "empty", key: block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00")), want: damaged},
		{name: "lengths beyond the end", key: block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00\xff\xff\xff\xff")), want: damaged},
		{name: "check numbers", key: r.with(func(o *opensshKey) { o.second = 8 }), want: damaged},
		{name: "padding", key: r.with(func(o *opensshKey) { o.trailing = []byte{1, 3} }), want: damaged},
		{name: "RSA modulus", key: r.with(set(0, new(big.Int).Add(m.rsa.N, big.NewInt(2)))), want: damaged},
		{name: "RSA exponent", key: r.with(set(1, big.NewInt(1))), want: damaged},
		{name: "RSA d", key: r.with(set(2, big.NewInt(5))), want: damaged},
		{name: "RSA prime", key: r.with(set(4, big.NewInt(0))), want: damaged},
		{name: "RSA beyond reason", key: r.with(set(0, new(big.Int).Lsh(big.NewInt(1), 20000))), want: damaged},
		{name: "EC curve", key: e.with(set(0, "nistp384")), want: damaged},
		{name: "EC point", key: e.with(set(1, must(m.p384.PublicKey.Bytes()))), want: damaged},
		{name: "EC d", key: e.with(set(2, big.NewInt(5))), want: damaged},
		{name: "EC d too long", key: e.with(set(2, m.rsa.N)), want: damaged},
		{name: "unknown EC curve", key: e.with(func(o *opensshKey) { o.kind = "ecdsa-sha2-nistp224" }), want: damaged},
		{name: "Ed25519 public part", key: ed.with(set(0, otherED[32:])), want: damaged},
		{name: "Ed25519 private part", key: ed.with(set(1, []byte(otherED))), want: damaged},
		{name: "Ed25519 cut off", key: ed.with(set(1, []byte(otherED[:63]))), want: damaged},
	})
}

func TestKeysThatSSHKeygenMadeSign(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{"-t rsa -b 2048", "-t ecdsa -b 256", "-t ecdsa -b 384", "-t ecdsa -b 521", "-t ed25519"} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			command := append([]string{"ssh-keygen", "-q", "-N", "", "-f", "made"}, strings.Fields(arguments)...)
			key := tool(t, "", "made", command...)
			public := tool(t, key, "key.pem", "ssh-keygen", "-p", "-N", "", "-m", "PKCS8", "-f", "key.pem")
			if strings.Contains(arguments, "ed25519") { // which ssh-keygen writes in no other form
				public = key
			}
			token := inspect(t, mint(t, "key: '{{key}}'", scope("key", key), assertions.Defaults{Audience: tokenURL}))
			if err := token.Verify(public, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnEncryptedKeyOfSSHKeygenIsReadAfterWhatTheMessageSays(t *testing.T) {
	t.Parallel()
	key := tool(t, "", "made", "ssh-keygen", "-q", "-N", passphrase, "-t", "ed25519", "-f", "made")
	_, err := parse(t, "key: '{{key}}'").Mint(scope("key", key), assertions.Defaults{Audience: tokenURL})
	const want = `a.yaml:1:6: the private key is encrypted in OpenSSH's own way ("aes256-ctr"), which is not read here; take the passphrase off a copy: cp key copy && ssh-keygen -p -N '' -f copy`
	if err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	key = tool(t, key, "key.pem", "ssh-keygen", "-p", "-N", "", "-f", "key.pem", "-P", passphrase)
	mint(t, "key: '{{key}}'", scope("key", key), assertions.Defaults{Audience: tokenURL})
}
