package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// mtlsClient trusts the sandbox's authority and shows the certificates given.
func (b bench) mtlsClient(certificates ...tls.Certificate) *http.Client {
	b.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(b.vars["mtls_ca"])) {
		b.Fatal("mtls_ca is no PEM of a certificate")
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: certificates, MinVersion: tls.VersionTLS12},
	}}
}

func (b bench) certificate() tls.Certificate {
	b.Helper()
	own, err := tls.X509KeyPair([]byte(b.vars["mtls_certificate"]), []byte(b.vars["mtls_key"]))
	if err != nil {
		b.Fatal(err)
	}
	return own
}

// over sends a request over the network: a form by POST, or a GET with a token.
func (b bench) over(client *http.Client, address, token string, form url.Values) reply {
	b.Helper()
	method, body := "GET", ""
	if form != nil {
		method, body = "POST", form.Encode()
	}
	r, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", formType)
	} else {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	entries := b.sandbox.Entries()
	return reply{response.StatusCode, response.Header, string(text), entries[len(entries)-1].Reason}
}

func TestACertificateAuthenticatesAndItsTokenIsBoundToIt(t *testing.T) {
	t.Parallel()
	b, _ := started(t, Options{Servers: Servers{MTLS: true}})
	if !strings.HasPrefix(b.vars["mtls_url"], "https://127.0.0.1:") {
		t.Errorf("got %s", b.vars["mtls_url"])
	}
	own, nobody := b.mtlsClient(b.certificate()), b.mtlsClient()
	form := url.Values{"grant_type": {clientCredentials}, "client_id": {b.vars["mtls_client_id"]}}
	got := b.over(own, b.vars["mtls_token_url"], "", form)
	got.is(t, 200, "", OK)
	token := got.member("access_token")
	patient := b.vars["mtls_fhir_url"] + "/Patient/1001"
	b.over(own, patient, token, nil).is(t, 200, "", OK)
	b.over(nobody, patient, token, nil).is(t, 401, "", NoCertificate)
	b.over(nobody, b.vars["mtls_token_url"], "", form).is(t, 400, "invalid_client", NoCertificate)
	b.over(own, b.vars["mtls_token_url"], "", url.Values{"grant_type": {clientCredentials}, "client_id": {"x"}}).
		is(t, 400, "invalid_client", UnknownClient)
	b.over(own, b.vars["mtls_token_url"], "", url.Values{"grant_type": {clientCredentials}}).is(t, 400, "invalid_client", UnknownClient)
	b.over(own, patient, "invented", nil).is(t, 401, "", UnknownToken)

	other := b.another()
	b.over(b.mtlsClient(other), patient, token, nil).is(t, 401, "", WrongCertificate)
	b.over(b.mtlsClient(other), b.vars["mtls_token_url"], "", form).is(t, 400, "invalid_client", WrongCertificate)
	production := benchOn(t, b.sandbox, "production")
	b.over(b.mtlsClient(production.certificate()), patient, token, nil).is(t, 401, "", NoCertificate) // nobody here asks for one of its
	if _, err := production.mtlsClient(b.certificate()).Get(patient); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("got %v, want an unknown authority", err)
	}
}

// another is a certificate of a second client, made by the same authority.
func (b bench) another() tls.Certificate {
	b.Helper()
	pair := b.sandbox.sides[0].authority.issue(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return tls.Certificate{Certificate: [][]byte{pair.der}, PrivateKey: pair.key}
}

func TestTheTokenOfACertificateIsNamedByItsThumbprint(t *testing.T) {
	t.Parallel()
	b, _ := started(t, Options{Servers: Servers{MTLS: true}})
	own := b.mtlsClient(b.certificate())
	got := b.over(own, b.vars["mtls_token_url"], "", url.Values{"grant_type": {clientCredentials}, "client_id": {b.vars["mtls_client_id"]}})
	found, known := b.sandbox.tokens.find(got.member("access_token"))
	leaf, err := x509.ParseCertificate(b.certificate().Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if cnf := found.bound.confirmation(); !known || cnf["x5t#S256"] != thumbprint(leaf) {
		t.Errorf("got %v, want %s", cnf, thumbprint(leaf))
	}
	document := b.over(own, b.vars["mtls_fhir_url"]+"/.well-known/smart-configuration", "", nil)
	var said struct {
		Bound   bool              `json:"tls_client_certificate_bound_access_tokens"`
		Methods []string          `json:"token_endpoint_auth_methods_supported"`
		Aliases map[string]string `json:"mtls_endpoint_aliases"`
	}
	if err := json.Unmarshal([]byte(document.body), &said); err != nil {
		t.Fatal(err)
	}
	if !said.Bound || strings.Join(said.Methods, " ") != "tls_client_auth" || said.Aliases["token_endpoint"] != b.vars["mtls_token_url"] {
		t.Errorf("got %+v", said)
	}
}

func TestAConnectionOverTLSCanBreakToo(t *testing.T) {
	t.Parallel()
	b, _ := started(t, Options{Servers: Servers{MTLS: true}})
	for _, kind := range []string{"close", "reset"} {
		b.sandbox.ClearFaults()
		b.inject(Fault{Route: "*", Kind: kind})
		if _, err := b.mtlsClient().Get(b.vars["mtls_fhir_url"] + "/metadata"); err == nil {
			t.Errorf("%s: got an answer", kind)
		}
	}
}

func TestAllServersStartTogether(t *testing.T) {
	t.Parallel()
	b, _ := started(t, Options{Servers: Servers{SMART: true, WWW: true, DPoP: true, MTLS: true, Kinds: true}})
	if n := len(b.sandbox.Hosts()); n != 14 {
		t.Errorf("got %d hosts, want 14", n)
	}
	names := map[string]bool{}
	for _, kind := range sideServers() {
		names[kind.name+"_"] = true
	}
	for name := range b.vars {
		for prefix := range names {
			if strings.HasPrefix(name, prefix) {
				delete(names, prefix)
			}
		}
	}
	if len(names) != 0 {
		t.Errorf("no variables of %v", names)
	}
	production := benchOn(t, b.sandbox, "production")
	for name, value := range b.vars {
		if other, ok := production.vars[name]; !ok || other == value {
			t.Errorf("%s: got %q in both environments", name, value)
		}
	}
}

func BenchmarkStartEveryServer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := Start(Options{Servers: Servers{SMART: true, WWW: true, DPoP: true, MTLS: true, Kinds: true}})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
