// Package wire says what went over the wire, in bytes and with timings; it has no behaviour and knows no one's intentions.
package wire

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Request is a request as it is sent.
type Request struct {
	Method string
	URL    string // absolute, escaped, without a fragment
	Header http.Header
	Body   []byte // nil for none
}

// Response is a response as it came, its body read to the end, if not kept to it.
type Response struct {
	Proto  string // "HTTP/1.1"
	Status int    // 200
	Reason string // "OK", the server's own words
	URL    string // where it came from, after redirects
	Header http.Header
	Body   []byte               // decompressed; no more than its head where Large is set
	Large  *Large               // nil where Body is the whole body
	Hops   []Hop                // the redirects before it, in order
	TLS    *tls.ConnectionState // nil for plain HTTP
}

// Large is a body of which Body holds the head alone.
type Large struct {
	Size   int64  // bytes of the whole, decompressed
	SHA256 []byte // of the whole; nil where it was not computed, and then Content is there
	MD5    []byte // of the whole; nil where it was not computed

	// Content is the whole body; nil where nobody looks into it. It is no memory of Go's: it is gone when the exchange was judged, so
	// that what stays longer must be a copy.
	Content []byte
}

// Size returns the bytes of the whole body.
func (r *Response) Size() int64 {
	if r.Large != nil {
		return r.Large.Size
	}
	return int64(len(r.Body))
}

// Hop is one redirect that was followed.
type Hop struct {
	Status  int    // 302
	URL     string // that answered with it
	Timings Timings
	Header  http.Header // of that answer
	Next    http.Header // of the request that it led to, as it was sent
}

// Timings are the phases of an exchange; a phase that did not happen is zero.
type Timings struct {
	Start     time.Time
	DNS       time.Duration
	Connect   time.Duration // TCP
	TLS       time.Duration
	Send      time.Duration // from the connection to the request's last byte
	FirstByte time.Duration // from the request's last byte to the response's first
	Total     time.Duration // to the last byte of the body
	Reused    bool          // an open connection was used
}

// Exchange is one request and its response, or the reason why there is none.
type Exchange struct {
	Request  Request   // its header with what the client added, once it was sent
	Response *Response // nil where Err is set
	Err      error
	Timings  Timings
	Remote   net.Addr      // where the last connection led; nil where it is not known
	Waited   time.Duration // for its turn in a run with limits; no part of Timings
	Trace    string        // the traceparent that was added to Request; empty where none was
}
