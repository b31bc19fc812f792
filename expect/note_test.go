package expect

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// note reads what stands behind > before the response of a table:
//
//	302 URL            a redirect
//	2.31s              how long the exchange took
//	dns=2ms tls=30ms   how long its phases took
//	GET URL            the request
//	remote 10.0.0.7    where the connection led
//	certificate        the response came with TLS, and with certificate()
func note(t *testing.T, line string, x *wire.Exchange) {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	if d, err := time.ParseDuration(word); err == nil {
		x.Timings.Total = d
		return
	}
	switch {
	case word == "302":
		x.Response.Hops = append(x.Response.Hops, wire.Hop{Status: 302, URL: rest})
	case word == "certificate":
		x.Response.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate()}}
	case word == "remote":
		x.Remote = &net.TCPAddr{IP: net.ParseIP(rest), Port: 443}
	case strings.Contains(word, "="):
		notePhases(t, line, &x.Timings)
	case strings.ToUpper(word) == word && rest != "":
		x.Request.Method, x.Request.URL = word, rest
	default:
		t.Fatalf("unknown note %q", line)
	}
}

func notePhases(t *testing.T, line string, to *wire.Timings) {
	t.Helper()
	fields := map[string]*time.Duration{"dns": &to.DNS, "connect": &to.Connect, "tls": &to.TLS, "first_byte": &to.FirstByte}
	for pair := range strings.FieldsSeq(line) {
		name, text, _ := strings.Cut(pair, "=")
		d, err := time.ParseDuration(text)
		if fields[name] == nil || err != nil {
			t.Fatalf("unknown phase %q", pair)
		}
		*fields[name] = d
	}
}

// certificate is one of fhir.test that was valid through 2019.
func certificate() *x509.Certificate {
	return &x509.Certificate{
		Subject:      pkix.Name{CommonName: "fhir.test", Organization: []string{"Test Health"}},
		Issuer:       pkix.Name{CommonName: "Test CA"},
		SerialNumber: big.NewInt(0xabc1234),
		NotBefore:    time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC),
		DNSNames:     []string{"fhir.test", "www.fhir.test"},
	}
}
