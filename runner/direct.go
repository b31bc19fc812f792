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
	"sync"
	"time"
)

const (
	maxHead  = 10 << 20         // bytes of a response's head, as net/http has it
	maxIdle  = 64               // connections to one host that wait for their next request
	idleTime = 90 * time.Second // that they wait at most
)

// direct reads over plain HTTP/1.1 on the goroutine that asks, where net/http wakes two others for each request. What is
// more than that (TLS, proxies, methods that cannot simply be repeated, bodies) it leaves to net/http's transport.
// See docs/decisions/0007.
type direct struct {
	rest   *http.Transport
	dialer net.Dialer
	mu     sync.Mutex
	idle   map[string][]*plainConn // by host and port, the last used last
}

// plainConn is a connection that carries one request at a time.
type plainConn struct {
	net.Conn
	in    *bufio.Reader
	out   *bufio.Writer
	quota int64 // bytes that may still be read
	since time.Time
}

// Read implements io.Reader within the quota.
func (c *plainConn) Read(p []byte) (int, error) {
	if c.quota <= 0 {
		return 0, fmt.Errorf("the head of the answer has more than %d bytes", maxHead)
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), c.quota)])
	c.quota -= int64(n)
	return n, err
}

// RoundTrip implements http.RoundTripper.
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if !d.takes(req) {
		return d.rest.RoundTrip(req.WithContext(hooked(req.Context())))
	}
	if t := tracerOf(req.Context()); t != nil {
		t.done = true // when this returns: all of it happens here
	}
	addr := req.URL.Host
	if req.URL.Port() == "" {
		addr = net.JoinHostPort(req.URL.Hostname(), "80")
	}
	zipped := wantsZip(req)
	if zipped {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	for {
		conn, reused, err := d.connect(req.Context(), addr)
		if err != nil {
			return nil, err
		}
		resp, stale, err := d.exchange(conn, req, addr)
		if stale && reused && req.Context().Err() == nil {
			continue // closed while it waited; nothing came back, and reading twice does no harm
		}
		if err == nil && zipped && resp.Header.Get("Content-Encoding") == "gzip" {
			unzip(resp)
		}
		return resp, err
	}
}

// takes reports whether a request is a plain read, without anything that only net/http's transport can do.
func (d *direct) takes(req *http.Request) bool {
	if req.URL.Scheme != "http" || req.Body != nil || req.Method != http.MethodGet && req.Method != http.MethodHead {
		return false
	}
	for _, name := range []string{"Connection", "Upgrade", "Expect", "Transfer-Encoding", "Trailer", "Content-Length"} {
		if _, ok := req.Header[name]; ok {
			return false
		}
	}
	proxy, err := d.rest.Proxy(req)
	return proxy == nil && err == nil
}

// connect returns a connection that waits, or a new one.
func (d *direct) connect(ctx context.Context, addr string) (conn *plainConn, reused bool, err error) {
	conn, reused = d.take(addr), true
	if conn == nil {
		raw, err := d.dialer.DialContext(hooked(ctx), "tcp", addr)
		if err != nil {
			return nil, false, err
		}
		conn, reused = &plainConn{Conn: raw, out: bufio.NewWriterSize(raw, 1<<10)}, false
		conn.in = bufio.NewReader(conn)
	}
	tracerOf(ctx).gotConn(conn, reused)
	return conn, reused, nil
}

func (d *direct) take(addr string) *plainConn {
	d.mu.Lock()
	defer d.mu.Unlock()
	for list := d.idle[addr]; len(list) > 0; list = d.idle[addr] {
		last := list[len(list)-1]
		d.idle[addr] = list[:len(list)-1]
		if time.Since(last.since) < idleTime {
			return last
		}
		_ = last.Close() // it did nothing for too long to matter
	}
	return nil
}

// put keeps a connection for the next request.
func (d *direct) put(conn *plainConn, addr string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if conn.in.Buffered() > 0 || len(d.idle[addr]) >= maxIdle {
		_ = conn.Close() // more came than was asked for, or enough wait
		return
	}
	if d.idle == nil {
		d.idle = map[string][]*plainConn{}
	}
	conn.since = time.Now()
	d.idle[addr] = append(d.idle[addr], conn)
}

// exchange sends a request and reads the head of its answer. It is stale where the connection ended before the first byte.
func (d *direct) exchange(conn *plainConn, req *http.Request, addr string) (resp *http.Response, stale bool, err error) {
	ctx := req.Context()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // wakes what reads
	fail := func(err error, stale bool) (*http.Response, bool, error) {
		stop()
		_ = conn.Close() // broken already
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, stale, err
	}
	trace := tracerOf(ctx)
	if err := errors.Join(req.Write(conn.out), conn.out.Flush()); err != nil {
		return fail(err, true)
	}
	trace.wroteRequest()
	conn.quota = maxHead
	if _, err := conn.in.Peek(1); err != nil {
		return fail(err, !errors.Is(err, context.Canceled))
	}
	trace.gotFirstByte()
	for {
		if resp, err = http.ReadResponse(conn.in, req); err != nil {
			return fail(err, false)
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			break
		}
	}
	conn.quota = 1<<63 - 1
	resp.Body = &plainBody{ReadCloser: resp.Body, end: func(whole bool) {
		if !stop() || !whole || resp.Close {
			_ = conn.Close() // not to be used again
			return
		}
		d.put(conn, addr)
	}, ctx: ctx}
	return resp, false, nil
}

// plainBody gives its connection back when it has been read to the end, or ends it when it has not.
type plainBody struct {
	io.ReadCloser
	end func(whole bool)
	ctx context.Context
}

// Read implements io.Reader.
func (b *plainBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		b.finish(true)
	case err != nil && b.ctx.Err() != nil:
		err = b.ctx.Err()
	}
	return n, err
}

// Close implements io.Closer.
func (b *plainBody) Close() error {
	b.finish(false)
	return nil
}

func (b *plainBody) finish(whole bool) {
	if b.end != nil {
		b.end(whole)
		b.end = nil
	}
}

// unzip decompresses the body, as net/http's transport does for what it asked to be compressed itself.
func unzip(resp *http.Response) {
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength, resp.Uncompressed = -1, true
	resp.Body = &zippedBody{body: resp.Body}
}

// zippedBody starts to decompress when it is read, because an empty body has no head of its own.
type zippedBody struct {
	body io.ReadCloser
	zip  *gzip.Reader
}

// Read implements io.Reader.
func (z *zippedBody) Read(p []byte) (n int, err error) {
	if z.zip == nil {
		if z.zip, err = gzip.NewReader(z.body); err != nil {
			return 0, err
		}
	}
	if n, err = z.zip.Read(p); err == io.EOF {
		_, _ = io.Copy(io.Discard, z.body) // what frames the body ends behind what it holds
	}
	return n, err
}

// Close implements io.Closer.
func (z *zippedBody) Close() error { return z.body.Close() }
