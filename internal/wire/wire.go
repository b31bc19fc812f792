// Package wire says what went over the wire, in bytes and with timings; it has no behaviour and knows no one's intentions.
package wire

import (
	"crypto/tls"
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

// Response is a response as it came, its body read to the end.
type Response struct {
	Proto  string // "HTTP/1.1"
	Status int    // 200
	Reason string // "OK", the server's own words
	URL    string // where it came from, after redirects
	Header http.Header
	Body   []byte               // decompressed
	Hops   []Hop                // the redirects before it, in order
	TLS    *tls.ConnectionState // nil for plain HTTP
}

// Hop is one redirect that was followed.
type Hop struct {
	Status int    // 302
	URL    string // that answered with it
}

// Timings are the phases of an exchange; a phase that did not happen is zero.
type Timings struct {
	Start     time.Time
	DNS       time.Duration
	Connect   time.Duration // TCP
	TLS       time.Duration
	FirstByte time.Duration // from the request's last byte to the response's first
	Total     time.Duration // to the last byte of the body
	Reused    bool          // an open connection was used
}

// Exchange is one request and its response, or the reason why there is none.
type Exchange struct {
	Request  Request
	Response *Response // nil where Err is set
	Err      error
	Timings  Timings
}
