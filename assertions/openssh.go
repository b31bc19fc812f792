package assertions

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// openSSHMagic starts what stands in a PEM OPENSSH PRIVATE KEY (OpenSSH, PROTOCOL.key).
const openSSHMagic = "openssh-key-v1\x00"

// sshReader takes the fields off (RFC 4251, section 5). Once something is missing, all that follows is empty.
type sshReader struct {
	rest []byte
	bad  bool
}

func (r *sshReader) uint32() uint32 {
	if len(r.rest) < 4 {
		r.rest, r.bad = nil, true
		return 0
	}
	n := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return n
}

func (r *sshReader) bytes() []byte {
	n := r.uint32()
	if uint64(n) > uint64(len(r.rest)) {
		r.rest, r.bad = nil, true
		return nil
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *sshReader) text() string { return string(r.bytes()) }

// integer reads a number, none of which is negative in a key.
func (r *sshReader) integer() *big.Int { return new(big.Int).SetBytes(r.bytes()) }

var errDamagedOpenSSH = errors.New("the OpenSSH private key is damaged: its fields cannot be read or do not belong together")

// readOpenSSH reads a private key in OpenSSH's own format that is not encrypted.
func readOpenSSH(content []byte) (key, error) {
	body, ok := bytes.CutPrefix(content, []byte(openSSHMagic))
	r := &sshReader{rest: body, bad: !ok}
	cipher, _, _ := r.text(), r.text(), r.text() // and how the passphrase is hashed
	count := r.uint32()
	if r.bad {
		return key{}, errDamagedOpenSSH
	}
	if cipher != "none" {
		return key{}, fmt.Errorf("the private key is encrypted in OpenSSH's own way (%.30q), which is not read here; take the passphrase off a copy: cp key copy && ssh-keygen -p -N '' -f copy", cipher)
	}
	if count != 1 {
		return key{}, fmt.Errorf("the OpenSSH file holds %d private keys, want one", count)
	}
	public := &sshReader{rest: r.bytes()}
	private := &sshReader{rest: r.bytes()}
	if first, second := private.uint32(), private.uint32(); r.bad || first != second {
		return key{}, errDamagedOpenSSH
	}
	kind := public.text()
	if public.bad || private.text() != kind {
		return key{}, errDamagedOpenSSH
	}
	value, err := readSSHKey(kind, private)
	if err != nil {
		return key{}, err
	}
	private.bytes() // the comment
	if private.bad || !sshPadding(private.rest) {
		return key{}, errDamagedOpenSSH
	}
	k := key{value: value, origin: "OpenSSH private key"}
	return k, k.check()
}

// sshPadding reports whether only 1, 2, 3, … is left.
func sshPadding(rest []byte) bool {
	for i, b := range rest {
		if int(b) != (i+1)&0xff {
			return false
		}
	}
	return true
}

func readSSHKey(kind string, r *sshReader) (any, error) {
	switch curve, isEC := strings.CutPrefix(kind, "ecdsa-sha2-"); {
	case kind == "ssh-rsa":
		return readSSHRSA(r)
	case kind == "ssh-ed25519":
		return readSSHEd25519(r)
	case isEC:
		return readSSHEC(curve, r)
	case strings.HasPrefix(kind, "sk-"):
		return nil, errors.New("the OpenSSH private key stays in a security key, which signs no JWT; make one: openssl genpkey -algorithm ed25519 -out key.pem")
	}
	return nil, fmt.Errorf("the OpenSSH private key is of a kind (%.40q) that signs no JWT", kind)
}

// maxBits is the size above which an RSA key is no key, but a way to keep a processor busy.
const maxBits = 16384

func readSSHRSA(r *sshReader) (any, error) {
	n, e, d := r.integer(), r.integer(), r.integer()
	r.integer() // the inverse of q, which is computed again
	p, q := r.integer(), r.integer()
	if r.bad || n.BitLen() > maxBits || d.Cmp(n) > 0 || p.Cmp(n) > 0 || q.Cmp(n) > 0 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
		return nil, errDamagedOpenSSH
	}
	if err := checkSize(n.BitLen()); err != nil {
		return nil, err
	}
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	k.Precompute()
	if k.Validate() != nil || !signs(k) {
		return nil, errDamagedOpenSSH
	}
	return k, nil
}

func readSSHEC(name string, r *sshReader) (any, error) {
	curve, ok := map[string]elliptic.Curve{"nistp256": elliptic.P256(), "nistp384": elliptic.P384(), "nistp521": elliptic.P521()}[name]
	if !ok || r.text() != name {
		return nil, errDamagedOpenSSH
	}
	point, d := r.bytes(), r.integer()
	size := (curve.Params().BitSize + 7) / 8
	public, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if r.bad || err != nil || d.BitLen() > 8*size {
		return nil, errDamagedOpenSSH
	}
	private, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, size)))
	if err != nil || !private.PublicKey.Equal(public) {
		return nil, errDamagedOpenSSH
	}
	return private, nil
}

func readSSHEd25519(r *sshReader) (any, error) {
	public, both := r.bytes(), r.bytes()
	if r.bad || len(both) != ed25519.PrivateKeySize {
		return nil, errDamagedOpenSSH
	}
	private := ed25519.NewKeyFromSeed(both[:ed25519.SeedSize])
	if !bytes.Equal(private, both) || !bytes.Equal(both[ed25519.SeedSize:], public) {
		return nil, errDamagedOpenSSH
	}
	return private, nil
}
