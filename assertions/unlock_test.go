package assertions_test

import (
	"crypto/x509"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/assertions"
)

func TestAnEncryptedKeyIsUnlockedAndTheRestStays(t *testing.T) {
	t.Parallel()
	m := made()
	certificate := block("CERTIFICATE", []byte("der"))
	sec1 := must(x509.MarshalECPrivateKey(m.p256))
	tests := []struct{ name, text, want string }{
		{"PKCS#8", pbes(nil).pem(m.p256), pkcs8(m.p256)},
		{"behind its certificate", certificate + pbes(nil).pem(m.p256), certificate + pkcs8(m.p256)},
		{"the way of OpenSSL", oldPEM("EC PRIVATE KEY", sec1, x509.PEMCipherAES256), block("EC PRIVATE KEY", sec1)},
		{"not encrypted", pkcs8(m.p256), pkcs8(m.p256)},
	}
	for _, test := range tests {
		got, err := assertions.UnlockPEM([]byte(test.text), passphrase)
		if err != nil || strings.TrimSpace(string(got)) != strings.TrimSpace(test.want) {
			t.Errorf("%s: got %s, %v, want %s", test.name, got, err, test.want)
		}
	}
	for text, want := range map[string]string{
		pbes(nil).pem(m.p256): "the passphrase does not open the private key",
		"no key":              "it is no PEM: no line of it starts with -----BEGIN",
	} {
		if _, err := assertions.UnlockPEM([]byte(text), "wrong"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
