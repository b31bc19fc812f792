package runner

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// tracer measures the phases of one round trip. Its hooks may be called by a dial that goes on when the trip is over.
type tracer struct {
	mu                      sync.Mutex
	phases                  wire.Timings
	dns, connect, handshake time.Time
	wrote, first            time.Time
	remote                  net.Addr
}

func (t *tracer) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			t.do(func() { t.phases.Reused, t.remote = i.Reused, i.Conn.RemoteAddr() })
		},
		DNSStart:             func(httptrace.DNSStartInfo) { t.do(func() { t.dns = time.Now() }) },
		DNSDone:              func(httptrace.DNSDoneInfo) { t.do(func() { t.phases.DNS += time.Since(t.dns) }) },
		ConnectStart:         func(string, string) { t.do(func() { t.connect = time.Now() }) },
		ConnectDone:          func(string, string, error) { t.do(func() { t.phases.Connect = time.Since(t.connect) }) },
		TLSHandshakeStart:    func() { t.do(func() { t.handshake = time.Now() }) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { t.do(func() { t.phases.TLS += time.Since(t.handshake) }) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.do(func() { t.wrote = time.Now() }) },
		GotFirstResponseByte: func() { t.do(func() { t.first = time.Now() }) },
	}
}

func (t *tracer) do(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

// read adds what was measured so far.
func (t *tracer) read(x *wire.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x.Remote = t.remote
	to := &x.Timings
	to.Reused = t.phases.Reused
	to.DNS += t.phases.DNS
	to.Connect += t.phases.Connect
	to.TLS += t.phases.TLS
	if !t.wrote.IsZero() && t.first.After(t.wrote) {
		to.FirstByte += t.first.Sub(t.wrote)
	}
}
