package runner_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

// listen serves on loopback, for what only a real connection can do.
func listen(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhyThereIsNoAnswerIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	hijack := func(reply string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprint(conn, reply)
			_ = conn.Close() // that is the point
		}
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	plain := listen(t, func(http.ResponseWriter, *http.Request) {})
	tls := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the handshake that this test makes fail
	tls.StartTLS()
	t.Cleanup(tls.Close)
	for name, tt := range map[string]struct {
		url  string
		kind runner.Kind
		want string
	}{
		"nobody listens":   {"http://" + nobody, runner.TransportError, "connection refused by HOST: nothing listens there"},
		"no answer":        {listen(t, hijack("")), runner.TransportError, "HOST closed the connection without an answer"},
		"cut body":         {listen(t, hijack("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")), runner.TransportError, "the answer of HOST breaks off: the body ends after 3 of 10 bytes: unexpected EOF"},
		"cut chunks":       {listen(t, hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")), runner.TransportError, "the answer of HOST breaks off: the body breaks off after 2 bytes: unexpected EOF"},
		"too slow":         {listen(t, slow), runner.TimeoutError, "no answer within 50ms"},
		"plain for TLS":    {strings.Replace(plain, "http:", "https:", 1), runner.TransportError, "HOST answers plain HTTP; use http:// or the TLS port"},
		"unknown issuer":   {tls.URL, runner.TransportError, "HOST shows a certificate of an authority that is not trusted; name it in tls: ca of the environment"},
		"endless redirect": {listen(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }), runner.TransportError, "stopped after 10 redirects, the next to /again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, fmt.Sprintf("requests: [{name: x, request: GET %s/, timeout: 50ms}]", tt.url))
			if name != "too slow" {
				c = load(t, fmt.Sprintf("requests: [{name: x, request: GET %s/}]", tt.url))
			}
			got := run(t.Context(), &runner.Runner{}, c, nil)
			p := got.results[0].Problems[0]
			_, host, _ := strings.Cut(tt.url, "://")
			if want := strings.ReplaceAll(tt.want, "HOST", host); p.Message != want || p.Kind != tt.kind || got.results[0].Outcome != runner.Errored {
				t.Errorf("got  %s %s\nwant %s %s", p.Kind, p.Message, tt.kind, want)
			}
		})
	}
}

func TestTimingsAndCookies(t *testing.T) {
	t.Parallel()
	url := listen(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "abc"})
			return
		}
		if c, err := r.Cookie("session"); err != nil || c.Value != "abc" || r.Header.Get("User-Agent") != "hgrun" {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	c := load(t, fmt.Sprintf("requests: [{name: login, request: GET %s/login}, {name: inside, request: GET %s/inside}]", url, url))
	got := run(t.Context(), &runner.Runner{}, c, nil)
	same(t, got.story(), "login: passed\ninside: passed")
	first, second := got.results[0].Attempts[0].Timings, got.results[1].Attempts[0].Timings
	if first.Reused || !second.Reused || first.Connect <= 0 || first.FirstByte <= 0 || first.Total < first.Connect+first.FirstByte {
		t.Errorf("timings %+v, %+v", first, second)
	}
}

func TestTheAddressOfTheOtherEndIsKnown(t *testing.T) {
	t.Parallel()
	url := listen(t, func(http.ResponseWriter, *http.Request) {})
	c := load(t, fmt.Sprintf(`requests:
- {name: plain read, request: GET %s/, expect: {ip: 127.0.0.1}}
- {name: on an open connection, request: GET %s/, expect: {ip: {type: ipv4}}}
- {name: by net/http, request: POST %s/, text: x, expect: {ip: 127.0.0.1}}
`, url, url, url))
	got := run(t.Context(), &runner.Runner{}, c, nil)
	same(t, got.story(), "plain read: passed\non an open connection: passed\nby net/http: passed")
}
