package sandbox

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A connection is given up by panicking with http.ErrAbortHandler, which every server of net/http understands, over HTTP/2
// too. Where a handler is called in process, the panic reaches the caller, who takes it for an io.EOF.

const pieces = 16 // that slow_body sends

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// hangUp closes the connection before anything is served or sent.
func hangUp(_ *injected, _ http.ResponseWriter, r *http.Request, _ answer) {
	_, _ = io.Copy(io.Discard, r.Body) // what is left unread would turn the end into a reset
	panic(http.ErrAbortHandler)
}

// reset serves the request and then answers it with a TCP reset.
func reset(_ *injected, w http.ResponseWriter, _ *http.Request, _ answer) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // in process, or HTTP/2
		panic(http.ErrAbortHandler)
	}
	if secured, ok := connection.(*tls.Conn); ok {
		connection = secured.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a Close without waiting is a reset
	}
	_ = connection.Close() // it is meant to end badly
}

func sendLate(n *injected, w http.ResponseWriter, r *http.Request, a answer) {
	wait(r.Context(), n.delay)
	a.write(w)
}

func sendSlowly(n *injected, w http.ResponseWriter, r *http.Request, a answer) {
	body := begin(w, a, len(a.body))
	step := max(1, (len(body)+pieces-1)/pieces)
	for len(body) > 0 && r.Context().Err() == nil {
		flush(w)
		wait(r.Context(), n.delay)
		piece := body[:min(step, len(body))]
		if _, err := w.Write(piece); err != nil {
			return
		}
		body = body[len(piece):]
	}
}

// sendShort announces more than it sends.
func sendShort(_ *injected, w http.ResponseWriter, _ *http.Request, a answer) {
	body := begin(w, a, len(a.body)+1)
	_, _ = w.Write(body[:(len(body)+1)/2])
	flush(w)
	panic(http.ErrAbortHandler)
}

// sendHalfChunked sends a first chunk and never the last one.
func sendHalfChunked(_ *injected, w http.ResponseWriter, _ *http.Request, a answer) {
	body := begin(w, a, -1)
	flush(w)
	_, _ = w.Write(body[:(len(body)+1)/2])
	flush(w)
	panic(http.ErrAbortHandler)
}

// begin sends the head of an answer with a Content-Length, unless that is negative, and returns its body.
func begin(w http.ResponseWriter, a answer, length int) []byte {
	head := a
	head.body = nil
	if length >= 0 {
		head = head.with("Content-Length", strconv.Itoa(length))
	}
	head.write(w)
	return a.body
}

func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // a writer that cannot is none that holds anything back
}
