package assertions_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/assertions"
)

// FuzzKeyBytes reads bytes under every label that a private key or a certificate may have.
func FuzzKeyBytes(f *testing.F) {
	m := made()
	ssh := func(k any) []byte { b, _ := pem.Decode([]byte(opensshOf(k).pem())); return b.Bytes }
	for _, seed := range [][]byte{
		nil, ssh(m.rsa1024), ssh(m.p256), ssh(m.ed25519), x509.MarshalPKCS1PrivateKey(m.rsa1024), must(x509.MarshalECPrivateKey(m.p256)),
		must(x509.MarshalPKCS8PrivateKey(m.ed25519)), pbes(nil).encrypt(must(x509.MarshalPKCS8PrivateKey(m.ed25519)), passphrase), []byte(pkcs12()),
	} {
		f.Add(seed)
	}
	a := parse(f, opened)
	withCertificate := parse(f, "key: '{{key}}'\ncertificate: '{{certificate}}'\nx5c: true")
	d := assertions.Defaults{Audience: tokenURL}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, label := range []string{"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"} {
			text := block(label, content)
			jwt, err := a.Mint(scope("key", text, "passphrase", passphrase), d)
			if err == nil && jwt == "" {
				t.Error("neither a JWT nor an error")
			}
			if err != nil && strings.Contains(err.Error(), passphrase) {
				t.Errorf("the passphrase is shown: %v", err)
			}
			_, _ = assertions.Thumbprint(text, "")
		}
		old := "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: " + string(bytes.ReplaceAll(content, []byte("\n"), nil)) + "\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
		_, _ = a.Mint(scope("key", old, "passphrase", passphrase), d)
		_, _ = withCertificate.Mint(scope("key", pkcs8(m.p256), "certificate", block("CERTIFICATE", content)), d)
	})
}

// FuzzKeyText reads any text, as a key and as a certificate.
func FuzzKeyText(f *testing.F) {
	m := made()
	for _, seed := range []string{"", secret32, pkcs8(m.p256), strings.ReplaceAll(pkcs8(m.p256), "\n", `\n`), strings.ReplaceAll(pkcs8(m.p256), "\n", " "),
		string(must(jwkOf(m.ed25519))), "-----BEGIN X-----", "ssh-rsa AAAA", `{"keys":[{}]}`} {
		f.Add(seed, "raw")
	}
	f.Add("00ff", "hex")
	a := parse(f, "key: '{{key}}'\ncertificate: '{{certificate}}'\nx5c: true")
	f.Fuzz(func(_ *testing.T, text, encoding string) {
		_, _ = assertions.Thumbprint(text, encoding)
		_, _ = a.Mint(scope("key", pkcs8(m.p256), "certificate", text), assertions.Defaults{Audience: tokenURL})
	})
}
