package diagnosis

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// fetch makes an exchange over a real connection.
func fetch(t *testing.T, transport *http.Transport, req wire.Request) *wire.Exchange {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	x := &wire.Exchange{Request: req, Timings: wire.Timings{Start: time.Now()}}
	out, err := http.NewRequestWithContext(ctx, req.Method, req.URL, bytes.NewReader(req.Body))
	if err != nil {
		t.Fatal(err)
	}
	out.Header = req.Header
	transport.DisableKeepAlives = true
	resp, err := transport.RoundTrip(out)
	if err != nil {
		x.Err = err
		return x
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		x.Err = err
		return x
	}
	x.Response = &wire.Response{Status: resp.StatusCode, URL: req.URL, Header: resp.Header, Body: body}
	return x
}

// silence keeps the noise of broken connections out of the test's output.
func silence(s *httptest.Server) *httptest.Server {
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

func TestBrokenConnectionsAreNamed(t *testing.T) {
	t.Parallel()
	sb, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sb.Close() })
	base := ""
	for _, v := range sb.Variables("sandbox") {
		if v.Name == "base_url" {
			base = v.Value
		}
	}
	for _, kind := range []string{"close", "reset", "truncated_length", "truncated_chunked"} {
		route := "/fhir/R4/" + kind
		if err := sb.Inject(sandbox.Fault{Route: route, Kind: kind}); err != nil {
			t.Fatal(err)
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := &Case{Exchange: fetch(t, &http.Transport{}, get(base+route, "a-token"))}
			if got := Explain(c); first(got) != "HG062" {
				t.Errorf("got %q for %v, want HG062:%s", first(got), c.Exchange.Err, tell(got))
			}
		})
	}
	t.Run("nothing listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		c := &Case{Exchange: fetch(t, &http.Transport{}, get("http://"+address+"/fhir", "a-token"))}
		if got := Explain(c); first(got) != "HG062" || !strings.Contains(got[0].Cause, "nothing listens") {
			t.Errorf("got %q for %v:%s", first(got), c.Exchange.Err, tell(got))
		}
	})
	t.Run("http to a TLS port", func(t *testing.T) {
		t.Parallel()
		s := silence(httptest.NewUnstartedServer(http.NotFoundHandler()))
		s.StartTLS()
		t.Cleanup(s.Close)
		c := &Case{Exchange: fetch(t, &http.Transport{}, get(strings.Replace(s.URL, "https:", "http:", 1), "a-token"))}
		if got := Explain(c); first(got) != "HG060" {
			t.Errorf("got %q:%s", first(got), tell(got))
		}
	})
	t.Run("https to an http port", func(t *testing.T) {
		t.Parallel()
		c := &Case{Exchange: fetch(t, &http.Transport{}, get(strings.Replace(base, "http:", "https:", 1), "a-token"))}
		if got := Explain(c); first(got) != "HG060" {
			t.Errorf("got %q for %v:%s", first(got), c.Exchange.Err, tell(got))
		}
	})
}

func TestTLSFailuresAreNamed(t *testing.T) {
	t.Parallel()
	plain := silence(httptest.NewUnstartedServer(http.NotFoundHandler()))
	plain.StartTLS()
	t.Cleanup(plain.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(plain.Certificate())
	strict := silence(httptest.NewUnstartedServer(http.NotFoundHandler()))
	strict.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	strict.StartTLS()
	t.Cleanup(strict.Close)
	port := plain.URL[strings.LastIndexByte(plain.URL, ':'):]
	for name, test := range map[string]struct {
		url, code, words string
		config           *tls.Config
	}{
		"an authority that nobody knows": {plain.URL, "HG059", "authority", &tls.Config{}},
		"another host":                   {plain.URL, "HG059", "not for the host", &tls.Config{RootCAs: trusted, ServerName: "other.example.org"}},
		"expired":                        {plain.URL, "HG059", "expired", &tls.Config{RootCAs: trusted, Time: func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }}},
		"versions that do not meet":      {"https://127.0.0.1" + port, "HG059", "version", &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}},
		"a client certificate":           {strict.URL, "HG061", "client certificate", &tls.Config{InsecureSkipVerify: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &Case{Exchange: fetch(t, &http.Transport{TLSClientConfig: test.config}, get(test.url, "a-token"))}
			got := Explain(c)
			if first(got) != test.code || !strings.Contains(got[0].Cause, test.words) {
				t.Errorf("got %q for %v, want %s with %q:%s", first(got), c.Exchange.Err, test.code, test.words, tell(got))
			}
		})
	}
}
