package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	courierTimeout = 10 * time.Second // of one attempt, as exporters of OpenTelemetry have it
	courierReply   = 64 << 10         // bytes of an answer that are read
	courierShown   = 200              // bytes of it that an error shows
)

// Courier brings what was made of a run, such as spans, to a server of its receivers. It sends no request of a collection: no guard, no
// credentials, no event is about it. It goes through the proxy that the environment of the process names.
type Courier struct {
	To      string      // an http or https URL
	Header  http.Header // that each delivery carries
	Timeout time.Duration

	start     sync.Once
	transport *http.Transport
}

// Deliver posts a body and returns the beginning of the answer. An answer that says that the server is busy, and none, are worth three more attempts (OTLP
// 1.x, section "Failures"); a redirect is followed nowhere. Its errors say what came back.
func (c *Courier) Deliver(ctx context.Context, contentType string, body []byte) ([]byte, error) {
	for _, wait := range []time.Duration{250 * time.Millisecond, time.Second, 2 * time.Second} {
		reply, after, err := c.attempt(ctx, contentType, body)
		if err == nil || after < 0 || !pause(ctx, max(wait, after)) {
			return reply, err
		}
	}
	reply, _, err := c.attempt(ctx, contentType, body)
	return reply, err
}

// attempt posts once. After says how long to wait before another attempt, and is negative where none is worth while.
func (c *Courier) attempt(ctx context.Context, contentType string, body []byte) (reply []byte, after time.Duration, err error) {
	c.start.Do(func() { c.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true} })
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = courierTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout{timeout})
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.To, bytes.NewReader(body))
	if err != nil {
		return nil, -1, err
	}
	for name, values := range c.Header {
		req.Header[name] = slices.Clone(values)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, 0, explainCause(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or not wanted
	reply, err = io.ReadAll(io.LimitReader(resp.Body, courierReply))
	switch {
	case resp.StatusCode < 300:
		return reply, -1, err
	case slices.Contains([]int{429, 502, 503, 504}, resp.StatusCode):
		wait, _ := retryAfter(resp.Header, time.Now())
		after = min(wait, courierTimeout)
	default:
		after = -1
	}
	return reply, after, errors.New(refusal(resp, reply))
}

// refusal says what a server answered that took nothing.
func refusal(resp *http.Response, reply []byte) string {
	text := fmt.Sprintf("got %d %s, want 200", resp.StatusCode, http.StatusText(resp.StatusCode))
	if to := resp.Header.Get("Location"); to != "" {
		return text + "; it redirects to " + to
	}
	if words := strings.Join(strings.Fields(string(reply[:min(len(reply), courierShown)])), " "); words != "" {
		text += ": " + strings.ToValidUTF8(words, "\uFFFD")
	}
	return text
}

// Close ends the connections.
func (c *Courier) Close() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}
