package assertions

import (
	"encoding/pem"
	"errors"
)

// UnlockPEM decrypts the private keys of a PEM text, in PKCS#8 or in the way of OpenSSL, and returns the text with keys that are not encrypted. What is
// not encrypted stays as it is.
func UnlockPEM(text []byte, passphrase string) ([]byte, error) {
	var out []byte
	for b, rest := pem.Decode(text); b != nil; b, rest = pem.Decode(rest) {
		l, encrypted, err := lockedPEM(b)
		kind := b.Type
		if info, ok := isEncrypted(b.Bytes); kind == "ENCRYPTED PRIVATE KEY" && ok {
			kind, encrypted = "PRIVATE KEY", true
			l, err = lockedPKCS8(info)
		}
		if err != nil {
			return nil, err
		}
		if encrypted {
			der, _, err := l.open(passphrase)
			if err != nil {
				return nil, err
			}
			b = &pem.Block{Type: kind, Bytes: der}
		}
		out = append(out, pem.EncodeToMemory(b)...)
	}
	if out == nil {
		return nil, errors.New("it is no PEM: no line of it starts with -----BEGIN")
	}
	return out, nil
}
