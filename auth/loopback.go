package auth

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// loopback receives what a browser on this machine is sent to (RFC 8252, section 7.3). A nil loopback receives nothing.
type loopback struct {
	uri      string // with the port that it listens at
	received chan url.Values
	server   *http.Server
}

const (
	maxCallback  = 64 << 10         // bytes of a posted callback
	callbackTime = 10 * time.Second // for a browser to send one
)

// listen listens at a redirect URI of this machine, at a free port where the URI names none; an empty URI leaves it all
// open. It returns nil for a URI that lies elsewhere.
func listen(redirect string) (*loopback, error) {
	if redirect == "" {
		redirect = "http://127.0.0.1/callback"
	}
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme != "http" {
		return nil, nil
	}
	address := map[string]string{"127.0.0.1": "127.0.0.1", "::1": "::1", "localhost": "127.0.0.1"}[u.Hostname()]
	if address == "" {
		return nil, nil
	}
	port := u.Port()
	if port == "" {
		port = "0"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, port))
	if err != nil {
		return nil, err
	}
	_, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	l := &loopback{
		uri:      strings.Replace(redirect, "://"+u.Host, "://"+net.JoinHostPort(u.Hostname(), port), 1),
		received: make(chan url.Values, 1),
	}
	l.server = &http.Server{Handler: l.handler(u.Path), ReadHeaderTimeout: callbackTime, ReadTimeout: callbackTime, WriteTimeout: callbackTime}
	l.server.SetKeepAlivesEnabled(false)
	go func() { _ = l.server.Serve(listener) }() // ends when the server is closed, which is its only error
	return l, nil
}

// handler takes the first answer at the path of the redirect URI. Browsers ask for icons and more beside it.
func (l *loopback) handler(path string) http.Handler {
	if path == "" {
		path = "/"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		} {
			w.Header().Set(name, value)
		}
		values := r.URL.Query()
		switch {
		case r.URL.Path != path:
			http.NotFound(w, r)
			return
		case r.Method == http.MethodPost: // response_mode=form_post
			r.Body = http.MaxBytesReader(w, r.Body, maxCallback)
			if err := r.ParseForm(); err != nil {
				http.Error(w, "This is no form.", http.StatusBadRequest)
				return
			}
			values = r.PostForm
		case r.Method != http.MethodGet:
			http.Error(w, "Only GET and POST bring an answer.", http.StatusMethodNotAllowed)
			return
		}
		if !values.Has("code") && !values.Has("error") && !values.Has("state") {
			http.Error(w, "Neither code nor error came along.", http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("hgrun has the answer. This window can be closed.\n")) // for a person who may have gone
		_ = http.NewResponseController(w).Flush()
		select {
		case l.received <- values:
		default: // the first answer counts
		}
	})
}

// answers returns the channel on which the answer comes.
func (l *loopback) answers() <-chan url.Values {
	if l == nil {
		return nil
	}
	return l.received
}

// close stops listening, once the browser has its page.
func (l *loopback) close() {
	if l == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
}
