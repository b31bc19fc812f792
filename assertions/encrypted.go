package assertions

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// encryptedInfo is an EncryptedPrivateKeyInfo (RFC 5958, section 3).
type encryptedInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// pbes2 are the parameters of PBES2 (RFC 8018, appendix A.4).
type pbes2 struct{ KDF, Cipher pkix.AlgorithmIdentifier }

// pbkdf2Parameters are those of RFC 8018, appendix A.2. A salt from elsewhere is not in use.
type pbkdf2Parameters struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	Hash       pkix.AlgorithmIdentifier `asn1:"optional"`
}

// cbc is a cipher in the mode CBC.
type cbc struct {
	name  string // as DEK-Info has it
	id    string // as PKCS#8 has it
	size  int    // bytes of the key
	block func(key []byte) (cipher.Block, error)
}

func ciphers() []cbc {
	return []cbc{
		{"AES-128-CBC", "2.16.840.1.101.3.4.1.2", 16, aes.NewCipher},
		{"AES-192-CBC", "2.16.840.1.101.3.4.1.22", 24, aes.NewCipher},
		{"AES-256-CBC", "2.16.840.1.101.3.4.1.42", 32, aes.NewCipher},
		{"DES-EDE3-CBC", "1.2.840.113549.3.7", 24, des.NewTripleDESCipher},
	}
}

// locked is an encrypted private key.
type locked struct {
	cipher cbc
	key    func(passphrase string) ([]byte, error) // of the cipher
	iv     []byte
	data   []byte
}

// maxIterations is far above what anybody uses, and below what would hang a run.
const maxIterations = 10_000_000

const (
	convertHint = "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out converted.pem"
	decryptHint = "openssl pkcs8 -topk8 -nocrypt -in key.pem -out decrypted.pem"
)

// ErrNoPassphrase says that a private key is encrypted, and how a collection gives its passphrase.
var ErrNoPassphrase = errors.New(`the private key is encrypted; give its passphrase beside key: passphrase: "{{key_passphrase}}", or decrypt it: ` + decryptHint)

// errWrongPassphrase is a fault of the passphrase, where one is given, and not of the key.
var errWrongPassphrase = errors.New("the passphrase does not open the private key")

// read decrypts a key and reads it.
func (l locked) read(passphrase string) (key, error) {
	der, notes, err := l.open(passphrase)
	if err != nil {
		return key{}, err
	}
	if _, again := isEncrypted(der); again {
		return key{}, fmt.Errorf("the private key is encrypted twice; decrypt it once: %s", decryptHint)
	}
	k, known, err := readDER(der, "")
	if !known {
		return key{}, errWrongPassphrase
	}
	k.encrypted = true
	k.notes = append(k.notes, notes...)
	return k, err
}

// open decrypts. Both what decrypts to nothing and what decrypts to no key mean that the passphrase is wrong.
func (l locked) open(passphrase string) (der []byte, notes []string, err error) {
	if passphrase == "" {
		return nil, nil, ErrNoPassphrase
	}
	if der, err = l.try(passphrase); !errors.Is(err, errWrongPassphrase) {
		return der, nil, err
	}
	bare := strings.TrimRight(passphrase, "\r\n")
	if bare == passphrase {
		return nil, nil, err
	}
	if der, err = l.try(bare); err != nil {
		return nil, nil, err
	}
	return der, []string{"the passphrase ends with a line break, without which it opens the key; take it out"}, nil
}

func (l locked) try(passphrase string) ([]byte, error) {
	secret, err := l.key(passphrase)
	if err != nil {
		return nil, err
	}
	block, err := l.cipher.block(secret)
	if err != nil {
		return nil, err
	}
	if len(l.iv) != block.BlockSize() || len(l.data) == 0 || len(l.data)%block.BlockSize() != 0 {
		return nil, errors.New("the encrypted private key is damaged: its length is not right")
	}
	plain := make([]byte, len(l.data))
	cipher.NewCBCDecrypter(block, l.iv).CryptBlocks(plain, l.data)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > block.BlockSize() || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errWrongPassphrase
	}
	plain = plain[:len(plain)-padding]
	var whole asn1.RawValue
	if rest, err := asn1.Unmarshal(plain, &whole); err != nil || len(rest) > 0 || whole.Tag != asn1.TagSequence {
		return nil, errWrongPassphrase
	}
	return plain, nil
}

// isEncrypted recognises an EncryptedPrivateKeyInfo.
func isEncrypted(der []byte) (encryptedInfo, bool) {
	var info encryptedInfo
	rest, err := asn1.Unmarshal(der, &info)
	return info, err == nil && len(rest) == 0
}

// lockedPKCS8 reads how a PKCS#8 key is encrypted (RFC 8018, section 6.2).
func lockedPKCS8(info encryptedInfo) (locked, error) {
	var scheme pbes2
	if id := info.Algorithm.Algorithm.String(); id != "1.2.840.113549.1.5.13" {
		return locked{}, fmt.Errorf("the private key is encrypted in an old way (object identifier %s) that is not read here; %s", id, convertHint)
	}
	if !fill(info.Algorithm.Parameters.FullBytes, &scheme) {
		return locked{}, errDamagedLock
	}
	derive, length, err := derivation(scheme.KDF)
	if err != nil {
		return locked{}, err
	}
	for _, c := range ciphers() {
		if c.id != scheme.Cipher.Algorithm.String() {
			continue
		}
		l := locked{cipher: c, data: info.Data}
		if !fill(scheme.Cipher.Parameters.FullBytes, &l.iv) || length != 0 && length != c.size {
			return locked{}, errDamagedLock
		}
		l.key = func(passphrase string) ([]byte, error) { return derive(passphrase, c.size) }
		return l, nil
	}
	return locked{}, fmt.Errorf("the private key is encrypted with a cipher (object identifier %s) that is not read here; %s", scheme.Cipher.Algorithm, convertHint)
}

var errDamagedLock = errors.New("the encrypted private key is damaged: how it is encrypted cannot be read")

// derivation returns what makes a cipher's key of a passphrase, and the length that it says the key has, 0 where it does
// not say.
func derivation(kdf pkix.AlgorithmIdentifier) (derive func(passphrase string, size int) ([]byte, error), length int, err error) {
	switch kdf.Algorithm.String() {
	case "1.3.6.1.4.1.11591.4.11":
		return nil, 0, fmt.Errorf("the private key is encrypted by way of scrypt, which is not read here; %s", convertHint)
	case "1.2.840.113549.1.5.12":
	default:
		return nil, 0, fmt.Errorf("the private key is encrypted by way of something (object identifier %s) that is not read here; %s", kdf.Algorithm, convertHint)
	}
	var p pbkdf2Parameters
	if !fill(kdf.Parameters.FullBytes, &p) || p.Iterations < 1 {
		return nil, 0, errDamagedLock
	}
	if p.Iterations > maxIterations {
		return nil, 0, fmt.Errorf("the private key's passphrase is hashed %d times, want at most %d; %s", p.Iterations, maxIterations, convertHint)
	}
	hashes := map[string]func() hash.Hash{
		"":                    sha1.New, // the default
		"1.2.840.113549.2.7":  sha1.New,
		"1.2.840.113549.2.8":  sha256.New224,
		"1.2.840.113549.2.9":  sha256.New,
		"1.2.840.113549.2.10": sha512.New384,
		"1.2.840.113549.2.11": sha512.New,
	}
	h, ok := hashes[p.Hash.Algorithm.String()]
	if !ok {
		return nil, 0, fmt.Errorf("the private key's passphrase is hashed in a way (object identifier %s) that is not read here; %s", p.Hash.Algorithm, convertHint)
	}
	return func(passphrase string, size int) ([]byte, error) {
		return pbkdf2.Key(h, passphrase, p.Salt, p.Iterations, size)
	}, p.KeyLength, nil
}

// lockedPEM reads how OpenSSL encrypted a key before PKCS#8 (RFC 1421, section 4.6.1.3); ok is false for a block that is
// not encrypted.
func lockedPEM(b *pem.Block) (l locked, ok bool, err error) {
	how, encrypted := b.Headers["DEK-Info"]
	if !encrypted && !strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED") {
		return locked{}, false, nil
	}
	name, text, _ := strings.Cut(how, ",")
	iv, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(iv) < 8 {
		return locked{}, true, errDamagedLock
	}
	for _, c := range ciphers() {
		if strings.EqualFold(c.name, strings.TrimSpace(name)) {
			key := func(passphrase string) ([]byte, error) { return bytesToKey(passphrase, iv[:8], c.size), nil }
			return locked{c, key, iv, b.Bytes}, true, nil
		}
	}
	return locked{}, true, fmt.Errorf("the private key is encrypted with a cipher (%.20q) that is not read here; %s", name, convertHint)
}

// bytesToKey is OpenSSL's EVP_BytesToKey with MD5 and one round, which is all that this format knows.
func bytesToKey(passphrase string, salt []byte, size int) []byte {
	var key, digest []byte
	for len(key) < size {
		sum := md5.Sum(append(append(digest, passphrase...), salt...))
		digest = sum[:]
		key = append(key, digest...)
	}
	return key[:size]
}
