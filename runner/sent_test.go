package runner

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// arrived returns the header of a request as a server sees it, with what Go's server keeps elsewhere.
func arrived(r *http.Request) http.Header {
	h := r.Header.Clone()
	h["Host"] = []string{r.Host}
	if len(r.TransferEncoding) > 0 {
		h["Transfer-Encoding"] = r.TransferEncoding
	}
	return h
}

// lines is a header, a line for each of its fields.
func lines(h http.Header) string {
	var b strings.Builder
	for _, name := range sortedNames(h) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(h[name], " | "))
	}
	return b.String()
}

// sender is how a test sends: over which transport, to which server.
type sender struct {
	name, url string
	transport http.RoundTripper
}

// senders starts a server of each kind, which tell what arrives.
func senders(t *testing.T, seen chan<- http.Header) []sender {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- arrived(r)
		if r.URL.Path == "/jump" {
			http.SetCookie(w, &http.Cookie{Name: "jumped", Value: "yes", Path: "/"})
			http.Redirect(w, r, "/landed?x=1", http.StatusFound)
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	trusting := &tls.Config{RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	of := func() *http.Transport {
		return &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: trusting.Clone(), Proxy: http.ProxyFromEnvironment}
	}
	one := of()
	one.Protocols = &http.Protocols{}
	one.Protocols.SetHTTP1(true)
	as := of()
	as.DisableCompression = true
	all := []sender{{"plain", plain.URL, &direct{rest: of()}}, {"net/http", plain.URL, of()}, {"HTTP/2", secure.URL, &direct{rest: of()}},
		{"TLS and HTTP/1.1", secure.URL, one}, {"no compression", plain.URL, as}}
	t.Cleanup(func() {
		for _, s := range all {
			if d, ok := s.transport.(*direct); ok {
				d.rest.CloseIdleConnections()
				continue
			}
			s.transport.(*http.Transport).CloseIdleConnections()
		}
	})
	return all
}

func TestTheHeaderOfAnExchangeIsTheOneThatArrived(t *testing.T) {
	t.Parallel()
	with := func(pairs ...string) http.Header {
		h := http.Header{"Accept": {"application/json"}}
		for i := 0; i < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	tests := []struct {
		name string
		req  wire.Request // URL is the path
	}{
		{"a read", wire.Request{Method: "GET", URL: "/a", Header: with()}},
		{"without a header", wire.Request{Method: "GET", URL: "/a"}},
		{"HEAD", wire.Request{Method: "HEAD", URL: "/a", Header: with()}},
		{"a part", wire.Request{Method: "GET", URL: "/a", Header: with("Range", "bytes=0-1")}},
		{"an encoding of its own", wire.Request{Method: "GET", URL: "/a", Header: with("Accept-Encoding", "br")}},
		{"an agent of its own", wire.Request{Method: "GET", URL: "/a", Header: with("User-Agent", "app/1")}},
		{"another host", wire.Request{Method: "GET", URL: "/a", Header: with("Host", "tenant.test")}},
		{"a cookie of its own", wire.Request{Method: "GET", URL: "/a", Header: with("Cookie", "own=1")}},
		{"a body", wire.Request{Method: "POST", URL: "/a", Header: with("Content-Type", "text/plain"), Body: []byte("hello")}},
		{"an empty body", wire.Request{Method: "POST", URL: "/a", Header: with(), Body: []byte{}}},
		{"an empty body of a read", wire.Request{Method: "GET", URL: "/a", Header: with(), Body: []byte{}}},
		{"no body", wire.Request{Method: "PUT", URL: "/a", Header: with()}},
		{"DELETE", wire.Request{Method: "DELETE", URL: "/a", Header: with()}},
		{"DELETE with a body", wire.Request{Method: "DELETE", URL: "/a", Header: with(), Body: []byte("x")}},
		{"a length that is wrong", wire.Request{Method: "POST", URL: "/a", Header: with("Content-Length", "99"), Body: []byte("hello")}},
		{"a redirect", wire.Request{Method: "POST", URL: "/jump", Header: with("Content-Type", "text/plain"), Body: []byte("hello")}},
	}
	seen := make(chan http.Header, 9)
	for _, s := range senders(t, seen) {
		for _, tt := range tests {
			req, built := tt.req, lines(tt.req.Header)
			req.URL = s.url + tt.req.URL
			jar := jarOf(t, s.url, "sid=abcdefgh; theme=dark")
			c := &client{transport: s.transport, agent: []string{"hgrun/1.2"}}
			x := c.send(t.Context(), trip{req: &req, timeout: time.Minute, redirects: 3, jar: jar, secrets: &vars.Secrets{}, take: small()})
			if x.Err != nil {
				t.Fatalf("%s, %s: %v", s.name, tt.name, x.Err)
			}
			if got, want := lines(x.Request.Header), lines(<-seen); got != want {
				t.Errorf("%s, %s: got\n%swant\n%s", s.name, tt.name, got, want)
			}
			if got := lines(req.Header); got != built {
				t.Errorf("%s, %s: the request itself has changed, got\n%swant\n%s", s.name, tt.name, got, built)
			}
			for _, hop := range x.Response.Hops {
				there := <-seen
				if got, want := there["Cookie"], "sid=abcdefgh; theme=dark; jumped=yes"; len(got) != 1 || got[0] != want {
					t.Errorf("%s, %s: behind the redirect came the cookies %q, want %q once", s.name, tt.name, got, want)
				}
				if got, want := lines(hop.Next), lines(there); got != want {
					t.Errorf("%s, %s: behind the redirect: got\n%swant\n%s", s.name, tt.name, got, want)
				}
				if got, want := hop.Header.Get("Set-Cookie"), "jumped=yes; Path=/"; got != want {
					t.Errorf("%s, %s: the redirect set %q, want %q", s.name, tt.name, got, want)
				}
			}
		}
	}
}

// jarOf returns a jar with cookies of a server.
func TestAnEmptyBodyIsNotSentInChunks(t *testing.T) {
	t.Parallel()
	seen := make(chan http.Header, 9)
	for _, s := range senders(t, seen) {
		for method, want := range map[string]string{"POST": "0", "PUT": "0", "PATCH": "0", "GET": "", "DELETE": ""} {
			c := &client{transport: s.transport, agent: []string{"hgrun/1.2"}}
			x := c.send(t.Context(), trip{req: &wire.Request{Method: method, URL: s.url + "/a", Body: []byte{}}, timeout: time.Minute, secrets: &vars.Secrets{}, take: small()})
			if x.Err != nil {
				t.Fatalf("%s, %s: %v", s.name, method, x.Err)
			}
			if h := <-seen; h.Get("Content-Length") != want || h.Get("Transfer-Encoding") != "" {
				t.Errorf("%s, %s: got Content-Length %q and Transfer-Encoding %q, want %q and none", s.name, method, h.Get("Content-Length"), h.Get("Transfer-Encoding"), want)
			}
		}
	}
}

func jarOf(t *testing.T, server, cookies string) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	list, err := http.ParseCookie(cookies)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, list)
	return jar
}

func TestWhatGotNoAnswerShowsWhatWasSent(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(s.Close)
	c := &client{transport: plain(), agent: []string{"hgrun"}}
	x := c.send(context.Background(), trip{req: &wire.Request{Method: "POST", URL: s.URL, Body: []byte("hello")}, timeout: time.Minute, secrets: &vars.Secrets{}, take: small()})
	want := "Accept-Encoding: gzip\nContent-Length: 5\nHost: " + strings.TrimPrefix(s.URL, "http://") + "\nUser-Agent: hgrun\n"
	if got := lines(x.Request.Header); x.Err == nil || got != want {
		t.Errorf("got %v and\n%swant an error and\n%s", x.Err, got, want)
	}
}

func TestEachCookieIsMaskedByItself(t *testing.T) {
	t.Parallel()
	var secrets vars.Secrets
	secrets.Hide("cookie", "abcdefgh")
	for _, tt := range []struct{ name, value, want string }{
		{"Cookie", "sid=abcdefgh; pin=7531", "sid=" + vars.Mask("cookie", "abcdefgh") + "; pin=" + vars.Mask("cookie", "7531")},
		{"Cookie", "path=7531; theme=dark", "path=" + vars.Mask("cookie", "7531") + "; theme=" + vars.Mask("cookie", "dark")},
		{"Cookie", "7531", vars.Mask("cookie", "7531")},
		{"Set-Cookie", "pin=7531; Path=/a; HttpOnly; Max-Age=9", "pin=" + vars.Mask("cookie", "7531") + "; Path=/a; HttpOnly; Max-Age=9"},
		{"Set-Cookie", "path=7531; Path=/a", "path=" + vars.Mask("cookie", "7531") + "; Path=/a"},
		{"Set-Cookie", "7531; Secure", vars.Mask("cookie", "7531") + "; Secure"},
	} {
		if got := redactHeader(&secrets, http.Header{tt.name: {tt.value}}).Get(tt.name); got != tt.want {
			t.Errorf("%s: %s: got %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}
