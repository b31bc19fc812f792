package runner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// client sends requests for all collections of one environment.
type client struct {
	transport http.RoundTripper
	guard     environments.Guard
	agent     []string // the value of its header
	trace     SpanContext
	facts     diagnosis.EnvironmentFacts
	pace      *pace
}

// client returns the one client of an environment, made at its first use.
func (r *Runner) client(env *environments.Environment, scope *vars.Scope) (*client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.clients[env]; ok {
		return c, nil
	}
	guard, err := env.Allows(scope)
	if err != nil {
		return nil, err
	}
	c := &client{pace: &r.pace, transport: r.Transport, guard: guard, agent: []string{cmp.Or(r.Agent, "hgrun")}, trace: r.Trace.SpanContext,
		facts: diagnosis.EnvironmentOf(env, scope)}
	if c.transport == nil {
		transport, err := newTransport(env, scope)
		if err != nil {
			return nil, err
		}
		c.transport = &direct{rest: transport}
	}
	if r.clients == nil {
		r.pace.Limits = r.Limits // once: others read them already
		r.clients = map[*environments.Environment]*client{}
	}
	r.clients[env] = c
	return c, nil
}

func newTransport(env *environments.Environment, scope *vars.Scope) (*http.Transport, error) {
	config, err := env.TLS.Config()
	if err != nil {
		return nil, err
	}
	proxy, err := env.ProxyFunc(scope)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       config,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	if proxy != nil {
		t.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	}
	return t, nil
}

// trip is how one request is to be sent.
type trip struct {
	req       *wire.Request
	timeout   time.Duration
	redirects int               // that may be followed
	jar       http.CookieJar    // nil for none
	secrets   *vars.Secrets     // what must not reach a host that the environment does not name
	take      intake            // of the answer's body
	via       http.RoundTripper // nil: the client's own

	anew func(context.Context) (*wire.Request, error) // makes req again after it waited; nil for one that stays as it is
	move func(ctx context.Context, to string) error   // waits for the turn of the next hop; nil for no limits
}

// follows reports whether an answer is a redirect on the way.
func (t *trip) follows(status int, location string) bool {
	return isRedirect(status) && location != "" && t.redirects > 0
}

// send makes one exchange, redirects included, when its turn has come. What went wrong is in its Err.
func (c *client) send(ctx context.Context, t trip) *wire.Exchange {
	if c.pace.limited() {
		return c.limitedSend(ctx, t)
	}
	return c.exchange(ctx, t)
}

// exchange makes one exchange at once.
func (c *client) exchange(ctx context.Context, t trip) *wire.Exchange {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errTimeout{t.timeout})
	defer cancel()
	x := &wire.Exchange{Request: *t.req}
	x.Timings.Start = time.Now()
	defer func() { x.Timings.Total = time.Since(x.Timings.Start) }()
	c.trace.trace(x)
	built := x.Request // what a redirect leads on from: without what the client adds
	req, hops, leg := &built, []wire.Hop(nil), x.Timings
	for {
		if x.Err = c.allowed(req, t.secrets); x.Err != nil {
			return x
		}
		resp, sent, err := c.roundTrip(ctx, req, t, x)
		if n := len(hops); n > 0 {
			hops[n-1].Next = sent
		} else if sent != nil {
			x.Request.Header = sent
		}
		if err != nil {
			x.Err = explainCause(ctx, err)
			return x
		}
		resp.Hops = hops
		location := resp.Header.Get("Location")
		if !t.follows(resp.Status, location) {
			x.Response = resp
			return x
		}
		if len(hops) == t.redirects {
			x.Err = fmt.Errorf("stopped after %d redirects, the next to %s", len(hops), location)
			return x
		}
		hops = append(hops, wire.Hop{Status: resp.Status, URL: req.URL, Timings: between(&leg, &x.Timings), Header: resp.Header})
		if req, x.Err = follow(req, resp.Status, location, t.secrets); x.Err != nil {
			return x
		}
		if t.move != nil {
			if x.Err = t.move(ctx, req.URL); x.Err != nil {
				return x
			}
		}
		leg = x.Timings
		leg.Start = time.Now()
	}
}

// between returns the phases of a part of an exchange: since its start, when the phases of the exchange were those of from.
func between(from, to *wire.Timings) wire.Timings {
	return wire.Timings{Start: from.Start, DNS: to.DNS - from.DNS, Connect: to.Connect - from.Connect, TLS: to.TLS - from.TLS, Send: to.Send - from.Send,
		FirstByte: to.FirstByte - from.FirstByte, Total: time.Since(from.Start), Reused: to.Reused}
}

// errTimeout is the cause of a context that the request's own time limit ended.
type errTimeout struct{ limit time.Duration }

func (e errTimeout) Error() string { return fmt.Sprintf("no answer within %s", e.limit) }

// explainCause puts our own time limit in the place of the client's words for it.
func explainCause(ctx context.Context, err error) error {
	var limit errTimeout
	if errors.As(context.Cause(ctx), &limit) && (errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil) {
		return limit
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// allowed refuses a request that would carry a secret to a host that the environment does not name.
func (c *client) allowed(req *wire.Request, secrets *vars.Secrets) error {
	err := c.guard.Host(req.URL)
	if err == nil {
		return nil
	}
	if mask, where, found := carries(req, secrets); found {
		return &HostError{Err: err, Secret: mask, Where: where}
	}
	return nil
}

// HostError says that a secret was bound for a host that the environment's hosts: do not name. Nothing was sent.
type HostError struct {
	Err    error
	Secret string // its mask
	Where  string // "the URL", "header Authorization", "the body"
}

// Error names the host, the secret's mask and where it stands.
func (e *HostError) Error() string {
	return fmt.Sprintf("nothing sent: %v; %s holds %s", e.Err, e.Where, e.Secret)
}

// Unwrap returns the environment's own words.
func (e *HostError) Unwrap() error { return e.Err }

func carries(req *wire.Request, secrets *vars.Secrets) (mask, where string, found bool) {
	if mask, found = secrets.Holds(req.URL); found {
		return mask, "the URL", true
	}
	for name, values := range req.Header {
		for _, v := range values {
			if mask, found = secrets.Holds(v); found {
				return mask, "header " + name, true
			}
		}
	}
	mask, found = secrets.Holds(string(req.Body))
	return mask, "the body", found
}

// roundTrip sends a request and returns its answer, and its header as it was sent; nil where it was not.
func (c *client) roundTrip(ctx context.Context, req *wire.Request, t trip, x *wire.Exchange) (answer *wire.Response, sent http.Header, err error) {
	transport := c.transport
	if t.via != nil {
		transport = t.via
	}
	trace := &tracer{}
	defer func() { trace.read(x) }()
	ctx = trace.on(ctx)
	if _, ok := transport.(*direct); !ok {
		ctx = hooked(ctx)
	}
	out, err := c.httpRequest(ctx, req, t.jar)
	if err != nil {
		return nil, nil, err
	}
	resp, err := transport.RoundTrip(out)
	sent = sentHeader(out, transport, trace.done)
	if err != nil {
		return nil, sent, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up; nothing is lost by a failing close
	if t.follows(resp.StatusCode, resp.Header.Get("Location")) {
		t.take = t.take.discarded()
	}
	body, large, err := t.take.read(resp)
	if err != nil {
		return nil, sent, err
	}
	if t.jar != nil {
		if cookies := resp.Cookies(); len(cookies) > 0 {
			t.jar.SetCookies(out.URL, cookies)
		}
	}
	_, reason, _ := strings.Cut(resp.Status, " ")
	return &wire.Response{Proto: resp.Proto, Status: resp.StatusCode, Reason: reason, URL: req.URL, Header: resp.Header,
		Body: body, Large: large, TLS: resp.TLS}, sent, nil
}

func (c *client) httpRequest(ctx context.Context, req *wire.Request, jar http.CookieJar) (*http.Request, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, fmt.Errorf("not a URL: %w", errors.Unwrap(err))
	}
	out := (&http.Request{Method: req.Method, URL: u, Header: maps.Clone(req.Header), Host: req.Header.Get("Host"), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Del("Host")
	if out.Header.Get("User-Agent") == "" {
		out.Header["User-Agent"] = c.agent
	}
	if u.User != nil && out.Header.Get("Authorization") == "" {
		password, _ := u.User.Password()
		out.SetBasicAuth(u.User.Username(), password)
	}
	if len(req.Body) > 0 { // of an empty one net/http would not know that it is empty, and send it in chunks
		out.Body = io.NopCloser(bytes.NewReader(req.Body))
		out.ContentLength = int64(len(req.Body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
	}
	if jar != nil {
		for _, cookie := range jar.Cookies(u) {
			out.AddCookie(cookie)
		}
	}
	return out, nil
}
