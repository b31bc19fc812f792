package environments

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// issued is a certificate and its key, in PEM.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func issue(t *testing.T, name string, from, to time.Time, by *issued) issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to, DNSNames: []string{name},
		IsCA: by == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issued{cert, key}
}

func (i issued) certPEM() string { return block("CERTIFICATE", i.cert.Raw) }

func (i issued) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return block("PRIVATE KEY", der)
}

func block(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

var year = 365 * 24 * time.Hour

func TestAClientShowsItsCertificateAndTrustsTheCA(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := issue(t, "hgrun test CA", now.Add(-year), now.Add(year), nil)
	server := issue(t, "server.test", now.Add(-year), now.Add(year), &ca)
	client := issue(t, "client.test", now.Add(-year), now.Add(year), &ca)
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName+" "+tls.VersionName(r.TLS.Version)+" "+r.TLS.ServerName)
	}))
	srv.TLS = &tls.Config{
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.cert.Raw}, PrivateKey: server.key}},
	}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	files := []string{"ca.pem", "some words before\n" + ca.certPEM(), "c.pem", client.certPEM() + ca.certPEM(), "c.key", client.keyPEM(t), "both.pem", client.keyPEM(t) + client.certPEM()}
	for text, want := range map[string]string{
		"tls: {ca: ca.pem, certificate: c.pem, key: c.key, server_name: server.test}\n":          "client.test TLS 1.3 server.test",
		"tls: {ca: ca.pem, certificate: both.pem, server_name: server.test, min_version: 1.3}\n": "client.test TLS 1.3 server.test",
		"tls: {certificate: c.pem, key: both.pem, insecure: true, server_name: whatever.test}\n": "client.test TLS 1.3 whatever.test",
		"tls: {ca: ca.pem, certificate: c.pem, key: c.key, server_name: other.test}\n":           "x509: certificate is valid for server.test, not other.test",
		"tls: {certificate: c.pem, key: c.key, server_name: server.test}\n":                      "x509: certificate signed by unknown authority",
	} {
		config, err := load(t, text, files...).TLS.Config()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		same(t, text+get(srv, config), text+want)
	}
}

func get(srv *httptest.Server, config *tls.Config) string {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(srv.URL)
	if err != nil {
		var text string
		for ; err != nil; err = unwrap(err) {
			text = err.Error()
		}
		return text
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

func TestTheZeroTLSTrustsTheSystem(t *testing.T) {
	t.Parallel()
	config, err := TLS{}.Config()
	if err != nil || config.RootCAs != nil || config.InsecureSkipVerify || config.MinVersion != tls.VersionTLS12 || len(config.Certificates) != 0 {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestFilesOfTLSThatCannotBeMeantAreToldPlainly(t *testing.T) {
	t.Parallel()
	now := time.Now()
	day := func(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04 MST") }
	ca := issue(t, "hgrun test CA", now.Add(-year), now.Add(year), nil)
	good := issue(t, "client.test", now.Add(-year), now.Add(year), &ca)
	other := issue(t, "other.test", now.Add(-year), now.Add(year), &ca)
	old := issue(t, "old.test", now.Add(-2*year), now.Add(-year), &ca)
	early := issue(t, "early.test", now.Add(year), now.Add(2*year), &ca)
	files := []string{
		"good.pem", good.certPEM(), "good.key", good.keyPEM(t), "other.key", other.keyPEM(t), "old.pem", old.certPEM(), "early.pem", early.certPEM(),
		"der", string(good.cert.Raw), "broken.pem", block("CERTIFICATE", []byte("nonsense")), "broken.key", block("PRIVATE KEY", []byte("nonsense")),
		"encrypted.key", block("ENCRYPTED PRIVATE KEY", []byte("x")), "public.key", block("PUBLIC KEY", []byte("x")),
		"legacy.key", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n",
		"mixed.pem", old.certPEM() + ca.certPEM(), "empty", "",
	}
	tests := []struct{ text, want string }{
		{"ca: nope.pem", "e.yaml:1:11: ca: nope.pem: file does not exist"},
		{"ca: empty", "e.yaml:1:11: ca: empty is not PEM: no line of it starts with -----BEGIN"},
		{"ca: der", "e.yaml:1:11: ca: der is not PEM: no line of it starts with -----BEGIN"},
		{"ca: good.key", "e.yaml:1:11: ca: good.key holds PRIVATE KEY, want CERTIFICATE"},
		{"ca: broken.pem", "e.yaml:1:11: ca: broken.pem: certificate 1: malformed certificate"},
		{"ca: old.pem", "e.yaml:1:11: ca: old.pem: the certificate of CN=old.test expired on " + day(old.cert.NotAfter)},
		{"ca: mixed.pem", ""},
		{"certificate: nope.pem, key: good.key", "e.yaml:1:20: certificate: nope.pem: file does not exist"},
		{"certificate: good.key, key: good.pem", "e.yaml:1:20: certificate: good.key holds PRIVATE KEY, want CERTIFICATE"},
		{"certificate: old.pem, key: good.key", "e.yaml:1:20: certificate: old.pem: the certificate of CN=old.test expired on " + day(old.cert.NotAfter)},
		{"certificate: early.pem, key: good.key", "e.yaml:1:20: certificate: early.pem: the certificate of CN=early.test holds from " + day(early.cert.NotBefore) + " on"},
		{"certificate: good.pem, key: nope.key", "e.yaml:1:35: key: nope.key: file does not exist"},
		{"certificate: good.pem, key: other.key", "e.yaml:1:35: key: other.key does not belong to the certificate good.pem (CN=client.test)"},
		{"certificate: good.pem, key: public.key", "e.yaml:1:35: key: public.key holds PUBLIC KEY, want PRIVATE KEY"},
		{"certificate: good.pem, key: encrypted.key", "e.yaml:1:35: key: encrypted.key is encrypted; decrypt it: openssl pkey -in encrypted.key -out plain.key"},
		{"certificate: good.pem, key: legacy.key", "e.yaml:1:35: key: legacy.key is encrypted; decrypt it: openssl pkey -in legacy.key -out plain.key"},
		{"certificate: good.pem, key: broken.key", "e.yaml:1:35: key: broken.key: tls: failed to parse private key"},
		{"certificate: good.pem", "e.yaml:1:20: key: good.pem holds CERTIFICATE, want PRIVATE KEY"},
		{"certificate: good.pem, key: good.key", ""},
	}
	for _, tt := range tests {
		_, err := load(t, "tls: {"+tt.text+"}\n", files...).TLS.Config()
		same(t, tt.text+": "+errorText(err), tt.text+": "+tt.want)
	}
}
