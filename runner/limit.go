package runner

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// Limits spare the servers that a run talks to. The zero Limits limit nothing.
type Limits struct {
	PerHost int           // requests in flight to one host, token exchanges included; zero for any number
	Every   time.Duration // from the beginning of one request to that of the next, over the whole run; zero for none
}

// stale is the time of waiting after which what was signed before is signed anew.
const stale = time.Second

// pace keeps a run within its limits.
type pace struct {
	Limits
	mu    sync.Mutex
	next  time.Time                // when another request may begin
	hosts map[string]chan struct{} // as many as are in flight to a host
}

// notBegunError says that a run ended while a request waited for its turn: nothing was sent.
type notBegunError struct{ cause error }

func (e *notBegunError) Error() string { return interrupted }

func (e *notBegunError) Unwrap() error { return e.cause }

func notBegun(err error) bool {
	var waiting *notBegunError
	return errors.As(err, &waiting)
}

// unpreparedError says that a request which had waited could not be made anew.
type unpreparedError struct{ err error }

func (e *unpreparedError) Error() string { return e.err.Error() }

func (e *unpreparedError) Unwrap() error { return e.err }

// turn waits until a request may begin, and until there is room at its host. leave makes room again.
func (p *pace) turn(ctx context.Context, target string) (leave func(), err error) {
	if err := p.moment(ctx); err != nil {
		return nil, err
	}
	return p.room(ctx, target)
}

// moment waits for the time at which a request may begin.
func (p *pace) moment(ctx context.Context) error {
	if p.Every <= 0 {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.Every)
	p.mu.Unlock()
	if !pause(ctx, at.Sub(now)) {
		return &notBegunError{context.Cause(ctx)}
	}
	return nil
}

// room waits for room at a host.
func (p *pace) room(ctx context.Context, target string) (leave func(), err error) {
	if p.PerHost <= 0 {
		return func() {}, nil
	}
	host := target
	if u, err := url.Parse(target); err == nil {
		host = strings.ToLower(u.Host)
	}
	p.mu.Lock()
	slot, ok := p.hosts[host]
	if !ok {
		if p.hosts == nil {
			p.hosts = map[string]chan struct{}{}
		}
		slot = make(chan struct{}, p.PerHost)
		p.hosts[host] = slot
	}
	p.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, &notBegunError{context.Cause(ctx)}
	}
}

// limited reports whether requests may have to wait at all; a nil pace has no limits.
func (p *pace) limited() bool { return p != nil && (p.PerHost > 0 || p.Every > 0) }

// begin waits for the turn of a request. Where that took long, the request is made anew, so that nothing in it was signed long ago;
// meanwhile it leaves its room to the token exchange that this may need.
func (c *client) begin(ctx context.Context, t *trip) (leave func(), waited time.Duration, err error) {
	start := time.Now()
	leave, err = c.pace.turn(ctx, t.req.URL)
	waited = time.Since(start)
	if err != nil || waited < stale || t.anew == nil {
		return leave, waited, err
	}
	leave()
	if t.req, err = t.anew(ctx); err != nil {
		return nil, waited, &unpreparedError{err}
	}
	leave, err = c.pace.room(ctx, t.req.URL)
	return leave, time.Since(start), err
}

// limitedSend is send for a run with limits. Waiting is no part of the exchange.
func (c *client) limitedSend(ctx context.Context, t trip) *wire.Exchange {
	leave, waited, err := c.begin(ctx, &t)
	if err != nil {
		return &wire.Exchange{Request: *t.req, Err: err, Waited: waited}
	}
	var between time.Duration // two hops
	t.move = func(ctx context.Context, to string) error {
		leave()
		start := time.Now()
		next, err := c.pace.turn(ctx, to)
		between += time.Since(start)
		leave = next
		if err != nil {
			leave = func() {}
		}
		return err
	}
	x := c.exchange(ctx, t)
	leave()
	x.Timings.Total -= between
	x.Waited = waited + between
	return x
}
