package assertions_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/assertions"
)

const passphrase = "correct horse battery"

func oid(last ...int) asn1.ObjectIdentifier { return last }

// how says how a test encrypts a key; the zero value is not usable.
type how struct {
	scheme     asn1.ObjectIdentifier // PBES2 where it is nil
	kdf        asn1.ObjectIdentifier // PBKDF2 where it is nil
	iterations int
	hash       asn1.ObjectIdentifier // HMAC-SHA1, which is not written, where it is nil
	hashed     func() hash.Hash
	cipher     asn1.ObjectIdentifier
	size       int
	block      func([]byte) (cipher.Block, error)
	keyLength  int
}

func pbes(change func(*how)) how {
	h := how{oid(1, 2, 840, 113549, 1, 5, 13), oid(1, 2, 840, 113549, 1, 5, 12), 100, oid(1, 2, 840, 113549, 2, 9), sha256.New,
		oid(2, 16, 840, 1, 101, 3, 4, 1, 42), 32, aes.NewCipher, 0}
	if change != nil {
		change(&h)
	}
	return h
}

func parameters(v any) asn1.RawValue { return asn1.RawValue{FullBytes: must(asn1.Marshal(v))} }

// encrypt returns an EncryptedPrivateKeyInfo.
func (h how) encrypt(plain []byte, passphrase string) []byte {
	salt, block := make([]byte, 16), must(h.block(make([]byte, h.size)))
	iv := make([]byte, block.BlockSize())
	_, _ = rand.Read(salt)
	_, _ = rand.Read(iv)
	kdf := struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		Hash       pkix.AlgorithmIdentifier `asn1:"optional"`
	}{Salt: salt, Iterations: h.iterations, KeyLength: h.keyLength}
	if h.hash != nil {
		kdf.Hash = pkix.AlgorithmIdentifier{Algorithm: h.hash, Parameters: asn1.NullRawValue}
	}
	padding := block.BlockSize() - len(plain)%block.BlockSize()
	data := append(plain[:len(plain):len(plain)], strings.Repeat(string(rune(padding)), padding)...)
	if h.iterations < 1e6 {
		block = must(h.block(must(pbkdf2.Key(h.hashed, passphrase, salt, max(h.iterations, 1), h.size))))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: h.scheme, Parameters: parameters(struct{ KDF, Cipher pkix.AlgorithmIdentifier }{
		pkix.AlgorithmIdentifier{Algorithm: h.kdf, Parameters: parameters(kdf)},
		pkix.AlgorithmIdentifier{Algorithm: h.cipher, Parameters: parameters(iv)},
	})}, data}))
}

func (h how) pem(k any) string {
	return block("ENCRYPTED PRIVATE KEY", h.encrypt(must(x509.MarshalPKCS8PrivateKey(k)), passphrase))
}

// oldPEM encrypts as OpenSSL did before PKCS#8.
func oldPEM(label string, der []byte, c x509.PEMCipher) string {
	//lint:ignore SA1019 another implementation of the old format is what the test needs
	return string(pem.EncodeToMemory(must(x509.EncryptPEMBlock(rand.Reader, label, der, []byte(passphrase), c))))
}

const opened = "key: '{{key}}'\npassphrase: '{{passphrase}}'"

// checkOpens mints with an encrypted key, verifies with the public one, and compares the warnings.
func checkOpens(t *testing.T, key, passphrase, public, warning string) {
	t.Helper()
	a := parse(t, opened)
	jwt, err := a.Mint(scope("key", key, "passphrase", passphrase), assertions.Defaults{Audience: tokenURL})
	if err != nil {
		t.Fatal(err)
	}
	if err := inspect(t, jwt).Verify(public, ""); err != nil {
		t.Error(err)
	}
	if got := strings.Join(texts(a), "\n"); got != warning {
		t.Errorf("warnings: got %q, want %q", got, warning)
	}
}

func TestAnEncryptedKeyIsOpenedWithItsPassphrase(t *testing.T) {
	t.Parallel()
	m := made()
	ec, public := pbes(nil).pem(m.p256), publicPEM(m.p256)
	tests := []struct{ name, key, public, warning string }{
		{"PBES2 of an RSA key", pbes(nil).pem(m.rsa), publicPEM(m.rsa), ""},
		{"PBES2 of an Ed25519 key", pbes(nil).pem(m.ed25519), publicPEM(m.ed25519), ""},
		{"SHA-1, as it is by default", pbes(func(h *how) { h.hash, h.hashed = nil, sha1.New }).pem(m.p256), public, ""},
		{"SHA-1", pbes(func(h *how) { h.hash, h.hashed = oid(1, 2, 840, 113549, 2, 7), sha1.New }).pem(m.p256), public, ""},
		{"SHA-224", pbes(func(h *how) { h.hash, h.hashed = oid(1, 2, 840, 113549, 2, 8), sha256.New224 }).pem(m.p256), public, ""},
		{"SHA-384", pbes(func(h *how) { h.hash, h.hashed = oid(1, 2, 840, 113549, 2, 10), sha512.New384 }).pem(m.p256), public, ""},
		{"SHA-512", pbes(func(h *how) { h.hash, h.hashed = oid(1, 2, 840, 113549, 2, 11), sha512.New }).pem(m.p256), public, ""},
		{"AES-128", pbes(func(h *how) { h.cipher, h.size = oid(2, 16, 840, 1, 101, 3, 4, 1, 2), 16 }).pem(m.p256), public, ""},
		{"AES-192", pbes(func(h *how) { h.cipher, h.size = oid(2, 16, 840, 1, 101, 3, 4, 1, 22), 24 }).pem(m.p256), public, ""},
		{"Triple DES", pbes(func(h *how) { h.cipher, h.size, h.block = oid(1, 2, 840, 113549, 3, 7), 24, des.NewTripleDESCipher }).pem(m.p256), public, ""},
		{"with the length of the key", pbes(func(h *how) { h.keyLength = 32 }).pem(m.p256), public, ""},
		{"DER", string(pbes(nil).encrypt(must(x509.MarshalPKCS8PrivateKey(m.p256)), passphrase)), public, ""},
		{"old PEM, AES-128", oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES128), public, ""},
		{"old PEM, AES-192", oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES192), public, ""},
		{"old PEM, AES-256", oldPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(m.rsa), x509.PEMCipherAES256), publicPEM(m.rsa), ""},
		{"old PEM, Triple DES", oldPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(m.rsa), x509.PEMCipher3DES), publicPEM(m.rsa), ""},
		{`literal \n`, strings.ReplaceAll(ec, "\n", `\n`), public, `a.yaml:1:6: the PEM was repaired before use: \n written for line breaks`},
		{`old PEM with literal \n`, strings.ReplaceAll(oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES128), "\n", `\n`), public,
			`a.yaml:1:6: the PEM was repaired before use: \n written for line breaks`},
		{"old PEM on one line", strings.ReplaceAll(oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES128), "\n", " "), public,
			`a.yaml:1:6: the PEM was repaired before use: everything on one line`},
		{"not encrypted", pkcs8(m.p256), public, "a.yaml:2:13: the key is not encrypted, and the passphrase has no use"},
		{"a JWK", string(must(jwkOf(m.p256))), public, "a.yaml:2:13: the key is not encrypted, and the passphrase has no use"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkOpens(t, tt.key, passphrase, tt.public, tt.warning)
		})
	}
}

func TestALineBreakBehindAPassphraseIsForgiven(t *testing.T) {
	t.Parallel()
	m := made()
	const warning = "a.yaml:1:6: the passphrase ends with a line break, without which it opens the key; take it out"
	checkOpens(t, pbes(nil).pem(m.p256), passphrase+"\r\n", publicPEM(m.p256), warning)
	checkOpens(t, oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES128), passphrase+"\n", publicPEM(m.p256), warning)
	with := block("ENCRYPTED PRIVATE KEY", pbes(nil).encrypt(must(x509.MarshalPKCS8PrivateKey(m.p256)), passphrase+"\n"))
	checkOpens(t, with, passphrase+"\n", publicPEM(m.p256), "") // it may belong to it
}

func TestAnEncryptedKeyThatDoesNotOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	m := made()
	const convert = "; convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out converted.pem"
	const damaged = "a.yaml:1:6: the encrypted private key is damaged: how it is encrypted cannot be read"
	const wrong = "a.yaml:2:13: the passphrase does not open the private key"
	old := oldPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(m.p256)), x509.PEMCipherAES128)
	twice := pbes(nil).encrypt(pbes(nil).encrypt(must(x509.MarshalPKCS8PrivateKey(m.p256)), passphrase), passphrase)
	tests := []struct{ name, key, passphrase, want string }{
		{"wrong passphrase", pbes(nil).pem(m.rsa), "battery", wrong},
		{"wrong passphrase with a line break", pbes(nil).pem(m.rsa), "battery\n", wrong},
		{"wrong passphrase of an old PEM", old, "battery", wrong},
		{"no key in it", block("ENCRYPTED PRIVATE KEY", pbes(nil).encrypt([]byte("no key"), passphrase)), passphrase, wrong},
		{"no key but ASN.1 in it", block("ENCRYPTED PRIVATE KEY", pbes(nil).encrypt([]byte{0x30, 0}, passphrase)), passphrase, wrong},
		{"empty passphrase", pbes(nil).pem(m.rsa), "", "a.yaml:2:13: passphrase is empty; set the variable that it comes from, or leave passphrase out"},
		{"encrypted twice", block("ENCRYPTED PRIVATE KEY", twice), passphrase,
			"a.yaml:1:6: the private key is encrypted twice; decrypt it once: openssl pkcs8 -topk8 -nocrypt -in key.pem -out decrypted.pem"},
		{"scrypt", pbes(func(h *how) { h.kdf = oid(1, 3, 6, 1, 4, 1, 11591, 4, 11) }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key is encrypted by way of scrypt, which is not read here" + convert},
		{"another derivation", pbes(func(h *how) { h.kdf = oid(1, 2, 3) }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key is encrypted by way of something (object identifier 1.2.3) that is not read here" + convert},
		{"PBES1", pbes(func(h *how) { h.scheme = oid(1, 2, 840, 113549, 1, 5, 3) }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key is encrypted in an old way (object identifier 1.2.840.113549.1.5.3) that is not read here" + convert},
		{"another hash", pbes(func(h *how) { h.hash = oid(1, 2, 3) }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key's passphrase is hashed in a way (object identifier 1.2.3) that is not read here" + convert},
		{"another cipher", pbes(func(h *how) { h.cipher = oid(1, 2, 3) }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key is encrypted with a cipher (object identifier 1.2.3) that is not read here" + convert},
		{"hashed for years", pbes(func(h *how) { h.iterations = 1e9 }).pem(m.p256), passphrase,
			"a.yaml:1:6: the private key's passphrase is hashed 1000000000 times, want at most 10000000" + convert},
		{"hashed never", pbes(func(h *how) { h.iterations = 0 }).pem(m.p256), passphrase, damaged},
		{"a length that is not the cipher's", pbes(func(h *how) { h.keyLength = 16 }).pem(m.p256), passphrase, damaged},
		{"a vector that is not the cipher's", pbes(func(h *how) { h.block, h.size = des.NewTripleDESCipher, 24 }).pem(m.p256), passphrase,
			"a.yaml:1:6: the encrypted private key is damaged: its length is not right"},
		{"an old PEM's cipher", strings.Replace(old, "AES-128-CBC", "DES-CBC", 1), passphrase,
			`a.yaml:1:6: the private key is encrypted with a cipher ("DES-CBC") that is not read here` + convert},
		{"an old PEM's vector", strings.Replace(old, "AES-128-CBC,", "AES-128-CBC,x", 1), passphrase, damaged},
		{"an old PEM that does not say how", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n", passphrase, damaged},
		{"an old PEM cut off", strings.Replace(block("EC PRIVATE KEY", make([]byte, 17)), "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n", 1), passphrase,
			"a.yaml:1:6: the encrypted private key is damaged: its length is not right"},
		{"no structure", block("ENCRYPTED PRIVATE KEY", []byte{1}), passphrase, "a.yaml:1:6: the PEM ENCRYPTED PRIVATE KEY is damaged: its content is no key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, opened).Mint(scope("key", tt.key, "passphrase", tt.passphrase), assertions.Defaults{Audience: tokenURL})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestAMissingPassphraseIsNamed(t *testing.T) {
	t.Parallel()
	m := made()
	const want = `a.yaml:2:6: the private key is encrypted; give its passphrase beside key: passphrase: "{{key_passphrase}}", or decrypt it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out decrypted.pem`
	checkRefusals(t, []refusal{
		{name: "PKCS#8", alg: "RS256", key: pbes(nil).pem(m.rsa), want: want},
		{name: "PKCS#8 without alg", key: pbes(nil).pem(m.rsa), want: want},
		{name: "old PEM", alg: "RS256", key: oldPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(m.rsa), x509.PEMCipherAES256), want: want},
		{name: "for HS", alg: "HS256", key: pbes(nil).pem(m.rsa), want: want},
	})
}

func TestAPassphraseIsHidden(t *testing.T) {
	t.Parallel()
	s := scope("key", pbes(nil).pem(made().p256), "passphrase", passphrase)
	mint(t, opened, s, assertions.Defaults{Audience: tokenURL})
	if got := s.Redact("x " + passphrase + " y"); strings.Contains(got, passphrase) {
		t.Errorf("got %s", got)
	}
}

func TestAFixedKeyWithItsPassphraseIsCheckedWhenTheFileIsRead(t *testing.T) {
	t.Parallel()
	indented := "key: |\n  " + strings.ReplaceAll(strings.TrimSpace(pbes(nil).pem(made().p256)), "\n", "\n  ") + "\n"
	if _, err := tryParse(indented + "passphrase: " + passphrase); err != nil {
		t.Error(err)
	}
	const want = "a.yaml:10:13: the passphrase does not open the private key"
	if _, err := tryParse(indented + "passphrase: wrong"); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := tryParse(indented + "passphrase: '{{p}}'"); err != nil { // not known yet
		t.Error(err)
	}
}

// tool runs a program on key.pem in a folder of its own and returns the file that it writes.
func tool(t *testing.T, key, writes string, command ...string) string {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("%s is not installed; its keys are not tried", command[0])
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return string(must(os.ReadFile(filepath.Join(dir, writes))))
}

func openssl(t *testing.T, key, command string) string {
	t.Helper()
	return tool(t, key, "out.pem", append(append([]string{"openssl"}, strings.Fields(command)...),
		"-in", "key.pem", "-out", "out.pem", "-passout", "pass:"+passphrase)...)
}

func TestKeysThatOpenSSLEncryptedAreOpened(t *testing.T) {
	t.Parallel()
	m := made()
	tests := []struct{ command, key, public string }{
		{"pkcs8 -topk8", pkcs8(m.rsa), publicPEM(m.rsa)},
		{"pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1", pkcs8(m.p256), publicPEM(m.p256)},
		{"pkcs8 -topk8 -v2 aes-192-cbc -v2prf hmacWithSHA384", pkcs8(m.p384), publicPEM(m.p384)},
		{"pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 20000", pkcs8(m.p521), publicPEM(m.p521)},
		{"pkcs8 -topk8 -v2 des3", pkcs8(m.ed25519), publicPEM(m.ed25519)},
		{"rsa -traditional -aes256", pkcs1(m.rsa), publicPEM(m.rsa)},
		{"rsa -traditional -des3", pkcs1(m.rsa), publicPEM(m.rsa)},
		{"ec -aes128", sec1(m.p256), publicPEM(m.p256)},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			checkOpens(t, openssl(t, tt.key, tt.command), passphrase, tt.public, "")
		})
	}
}

func TestTheCommandsThatMessagesNameDoHelp(t *testing.T) {
	t.Parallel()
	m := made()
	tests := []struct{ name, encrypt, yaml string }{
		{"scrypt", "pkcs8 -topk8 -scrypt", opened},
		{"PBES1", "pkcs8 -topk8 -v1 PBE-SHA1-3DES", opened},
		{"old cipher", "rsa -traditional -camellia256", opened},
		{"PBES2 without passphrase", "pkcs8 -topk8", "key: '{{key}}'"},
		{"old PEM without passphrase", "rsa -traditional -aes256", "key: '{{key}}'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key := openssl(t, pkcs1(m.rsa), tt.encrypt)
			_, err := parse(t, tt.yaml).Mint(scope("key", key, "passphrase", passphrase), assertions.Defaults{Audience: tokenURL})
			if err == nil {
				t.Fatal("the key was read")
			}
			command := strings.Fields(err.Error()[strings.Index(err.Error(), "openssl "):])
			readable := tool(t, key, command[len(command)-1], append(command, "-passin", "pass:"+passphrase, "-passout", "pass:"+passphrase)...)
			jwt := mint(t, tt.yaml, scope("key", readable, "passphrase", passphrase), assertions.Defaults{Audience: tokenURL})
			if err := inspect(t, jwt).Verify(publicPEM(m.rsa), ""); err != nil {
				t.Error(err)
			}
		})
	}
}
