package runner

import (
	"net/http"

	"github.com/hgrun/hgrun/auth"
)

// link is what ties the exchanges of one attempt to each other.
type link struct {
	handshake auth.Handshake
	via       http.RoundTripper // nil: the connections that all share
}

// connect begins the link of an attempt: with a connection of its own where its credentials are good for one alone. end closes it.
func (c *course) connect(s *auth.Session) (end func()) {
	c.link = link{}
	s.Handshake = &c.link.handshake
	if one, ok := c.req.Auth.(auth.Connected); !ok || !one.OneConnection() {
		return func() {}
	}
	c.link.via, end = c.client.alone()
	return end
}

// alone returns a transport that has one connection to a host at a time, with HTTP/1.1, which keeps its requests in order.
func (c *client) alone() (via http.RoundTripper, end func()) {
	shared, ok := c.transport.(*direct)
	if !ok {
		return nil, func() {} // whoever brought the transport answers for its connections
	}
	t := shared.rest.Clone()
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost, t.ForceAttemptHTTP2 = 1, 1, false
	t.Protocols = &http.Protocols{}
	t.Protocols.SetHTTP1(true)
	if t.TLSClientConfig != nil {
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	}
	return t, t.CloseIdleConnections
}
