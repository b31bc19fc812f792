package assertions

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // what OAuth 1.0 signs
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
)

func pemOf(t *testing.T, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestAnRSAKeySignsWhatAHashMade(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var keys Keys
	k, err := keys.Read(pemOf(t, private), "RS256", "")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte("base string")) //nolint:gosec // as above
	signature, err := k.SignRSA(crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA1, sum[:], signature); err != nil {
		t.Error(err)
	}
}

func TestAKeyOfAnotherKindDoesNotSignRSA(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var keys Keys
	k, err := keys.Read(pemOf(t, private), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = k.SignRSA(crypto.SHA1, make([]byte, 20)); err == nil || !strings.HasSuffix(err.Error(), ", want an RSA key") {
		t.Errorf("got %v", err)
	}
	if _, err = keys.Read(pemOf(t, private), "RS256", ""); err == nil {
		t.Error("an EC key was read for RS256")
	}
}

func TestASharedSecretIsDecodedAsItIsEncoded(t *testing.T) {
	t.Parallel()
	var keys Keys
	var signed []string
	for _, c := range [][2]string{{"hush-hush-1234-hush-hush-1234-hush", "raw"}, {"aHVzaC1odXNoLTEyMzQtaHVzaC1odXNoLTEyMzQtaHVzaA", "base64"}} {
		k, err := keys.Read(c[0], "HS256", c[1])
		if err != nil {
			t.Fatal(err)
		}
		jwt, err := k.Sign([]byte(`{"alg":"HS256"}`), []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		signed = append(signed, jwt)
	}
	if signed[0] != signed[1] {
		t.Errorf("got %s", fmt.Sprint(signed))
	}
}
