package runner

import (
	"context"
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
	got, wrote, first       time.Time
	remote                  net.Addr
	done                    bool // nobody else looks at the request any more; of the goroutine that asks
}

// traceKey is the key of the tracer in a context.
type traceKey struct{}

// on returns a context in which t measures. Our own connections ask for it there; for those of others see hooked.
func (t *tracer) on(ctx context.Context) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// tracerOf returns who measures, nil where nobody does.
func tracerOf(ctx context.Context) *tracer {
	t, _ := ctx.Value(traceKey{}).(*tracer)
	return t
}

// hooked returns a context in which net/http and net tell the tracer of theirs.
func hooked(ctx context.Context) context.Context {
	t := tracerOf(ctx)
	if t == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(i httptrace.GotConnInfo) { t.gotConn(i.Conn, i.Reused) },
		DNSStart:             func(httptrace.DNSStartInfo) { t.do(func() { t.dns = time.Now() }) },
		DNSDone:              func(httptrace.DNSDoneInfo) { t.do(func() { t.phases.DNS += time.Since(t.dns) }) },
		ConnectStart:         func(string, string) { t.do(func() { t.connect = time.Now() }) },
		ConnectDone:          func(string, string, error) { t.do(func() { t.phases.Connect = time.Since(t.connect) }) },
		TLSHandshakeStart:    func() { t.do(func() { t.handshake = time.Now() }) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { t.do(func() { t.phases.TLS += time.Since(t.handshake) }) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.wroteRequest() },
		GotFirstResponseByte: t.gotFirstByte,
	})
}

func (t *tracer) gotConn(conn net.Conn, reused bool) {
	t.do(func() { t.phases.Reused, t.remote, t.got = reused, conn.RemoteAddr(), time.Now() })
}

func (t *tracer) wroteRequest() { t.do(func() { t.wrote = time.Now() }) }

func (t *tracer) gotFirstByte() { t.do(func() { t.first = time.Now() }) }

// do measures; a nil tracer does not.
func (t *tracer) do(f func()) {
	if t == nil {
		return
	}
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
	if t.wrote.After(t.got) {
		to.Send += t.wrote.Sub(t.got)
	}
	if !t.wrote.IsZero() && t.first.After(t.wrote) {
		to.FirstByte += t.first.Sub(t.wrote)
	}
}
