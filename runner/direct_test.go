package runner

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// plain returns a direct transport, and what a GET to a server brings over it.
func plain() *direct { return &direct{rest: &http.Transport{Proxy: http.ProxyFromEnvironment}} }

func get(t *testing.T, ctx context.Context, d *direct, method, target string) (*http.Response, string, error) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	req := (&http.Request{Method: method, URL: u, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	resp, err := d.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	body, _, err := small().read(resp)
	return resp, string(body), errors.Join(err, resp.Body.Close())
}

func TestPlainReadsAreWhatNetHTTPWouldBring(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/length":
			w.Header().Set("Content-Length", "5")
			fmt.Fprint(w, "hello")
		case "/chunked":
			fmt.Fprint(w, "hel")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "lo")
		case "/gzip":
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			fmt.Fprint(zip, "hello")
			_ = zip.Close() // to a live server
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			fmt.Fprint(w, "hello")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/close":
			w.Header().Set("Connection", "close")
			fmt.Fprint(w, "hello")
		}
	}))
	t.Cleanup(s.Close)
	d := plain()
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/length", "hello", 200},
		{"HEAD", "/length", "", 200},
		{"GET", "/chunked", "hello", 200},
		{"GET", "/gzip", "hello", 200},
		{"GET", "/early", "hello", 200},
		{"GET", "/none", "", 204},
	} {
		resp, body, err := get(t, t.Context(), d, tt.method, s.URL+tt.path)
		if err != nil || resp.StatusCode != tt.status || body != tt.body {
			t.Errorf("%s %s: got %v %q %v", tt.method, tt.path, resp, body, err)
		}
		if n := len(d.idle[strings.TrimPrefix(s.URL, "http://")]); n != 1 {
			t.Errorf("after %s %s %d connections wait, want the one that is used again", tt.method, tt.path, n)
		}
	}
	if _, body, err := get(t, t.Context(), d, "GET", s.URL+"/close"); err != nil || body != "hello" || len(d.idle[strings.TrimPrefix(s.URL, "http://")]) != 0 {
		t.Errorf("a connection that the server closes is kept, or its answer lost: %q %v", body, err)
	}
}

func TestAConnectionThatWasClosedWhileItWaitedIsReplaced(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for { // each connection answers one request and is closed without a word
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
			_ = conn.Close()
		}
	}()
	d := plain()
	for range 20 {
		if _, body, err := get(t, t.Context(), d, "GET", "http://"+l.Addr().String()+"/"); err != nil || body != "ok" {
			t.Fatalf("got %q %v", body, err)
		}
	}
}

func TestAPlainReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"before the head": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"in the body": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "some")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(handler)
			t.Cleanup(s.Close)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			d := plain()
			if _, _, err := get(t, ctx, d, "GET", s.URL+"/"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if len(d.idle[strings.TrimPrefix(s.URL, "http://")]) != 0 {
				t.Error("a connection in the middle of an answer is kept")
			}
		})
	}
}

func TestAHeadWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n") // until the client has enough
		line := "X-Filler: " + strings.Repeat("x", 1<<16) + "\r\n"
		for range 200 {
			if _, err := io.WriteString(conn, line); err != nil {
				break
			}
		}
		_ = conn.Close()
	}))
	t.Cleanup(s.Close)
	if _, _, err := get(t, t.Context(), plain(), "GET", s.URL+"/"); err == nil || !strings.Contains(err.Error(), "the head of the answer has more than 10485760 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsMoreThanAPlainReadIsLeftToNetHTTP(t *testing.T) {
	t.Parallel()
	d := &direct{rest: &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) {
		if r.URL.Host == "proxied.test" {
			return &url.URL{Scheme: "http", Host: "proxy.test"}, nil
		}
		return nil, nil
	}}}
	for name, tt := range map[string]struct {
		method, url, header string
		body                io.ReadCloser
		want                bool
	}{
		"read":    {"GET", "http://api.test/", "", nil, true},
		"head":    {"HEAD", "http://api.test/", "", nil, true},
		"TLS":     {"GET", "https://api.test/", "", nil, false},
		"write":   {"POST", "http://api.test/", "", nil, false},
		"delete":  {"DELETE", "http://api.test/", "", nil, false},
		"body":    {"GET", "http://api.test/", "", io.NopCloser(strings.NewReader("x")), false},
		"upgrade": {"GET", "http://api.test/", "Upgrade", nil, false},
		"proxy":   {"GET", "http://proxied.test/", "", nil, false},
	} {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		req := &http.Request{Method: tt.method, URL: u, Header: http.Header{}, Body: tt.body}
		if tt.header != "" {
			req.Header.Set(tt.header, "x")
		}
		if got := d.takes(req); got != tt.want {
			t.Errorf("%s: got %t, want %t", name, got, tt.want)
		}
	}
}
