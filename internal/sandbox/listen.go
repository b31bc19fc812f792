package sandbox

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// origins are the scheme and host of the servers: Health Gorilla-like sandbox and production, then Pattern Health-like
// sandbox and production, then the same two of each kind that was asked for.
type origins []string

const firstServers = 4 // that always start

func (o origins) host(i int) string {
	_, host, _ := strings.Cut(o[i], "://")
	return host
}

// listen opens one loopback listener per server, whose invented origins it replaces; a port of 0 lets the system choose
// each.
func listen(address string, port int, invented origins) ([]net.Listener, origins, error) {
	if address == "" {
		address = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(address); address != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, nil, fmt.Errorf("sandbox address: got %q, want a loopback address", address)
	}
	var (
		at        = slices.Clone(invented)
		listeners []net.Listener
	)
	for i := range at {
		p := port
		if p != 0 {
			p += i
		}
		l, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(p)))
		if err != nil {
			for _, open := range listeners {
				_ = open.Close() // the error of listening is the one to tell
			}
			return nil, nil, fmt.Errorf("sandbox: %w", err)
		}
		listeners = append(listeners, l)
		bound := l.Addr().(*net.TCPAddr).Port // a "tcp" listener has no other address type
		scheme, _, _ := strings.Cut(at[i], "://")
		at[i] = scheme + "://" + net.JoinHostPort(address, strconv.Itoa(bound))
	}
	return listeners, at, nil
}

func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // a client that hangs up is no news
	}
}
