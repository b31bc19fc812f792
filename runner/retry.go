package runner

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/collections"
)

// plan decides whether and when a request is tried again.
type plan struct {
	retry *collections.Retry // nil for one attempt
	start time.Time
	done  int // attempts that were retried
}

func newPlan(retry *collections.Retry) *plan { return &plan{retry: retry, start: time.Now()} }

// next returns how long to wait for another attempt after t, or false where t was the last.
func (p *plan) next(ctx context.Context, t try) (time.Duration, bool) {
	if p.retry == nil || t.outcome == Passed || t.pending || p.done >= p.retry.Times || ctx.Err() != nil || t.reason == interrupted {
		return 0, false
	}
	if !slices.ContainsFunc(p.retry.On, t.is) {
		return 0, false
	}
	wait := p.wait(t)
	if p.retry.Deadline > 0 && time.Since(p.start)+wait > p.retry.Deadline {
		return 0, false
	}
	p.done++
	return wait, true
}

// is reports whether the attempt ended as on: says: failure, error, a status such as 429 or a class such as 5xx.
func (t *try) is(on string) bool {
	status := t.status()
	switch {
	case on == "failure":
		return t.outcome == Failed
	case on == "error":
		return t.outcome == Errored || t.outcome == Skipped
	case strings.HasSuffix(on, "xx"):
		return status/100 == int(on[0]-'0')
	}
	return on == strconv.Itoa(status)
}

// status is that of the answer, or 0 where there is none.
func (t *try) status() int {
	if t.exchange == nil || t.exchange.Response == nil {
		return 0
	}
	return t.exchange.Response.Status
}

// maxRetryAfter bounds what a server may ask for where the collection sets no max_delay.
const maxRetryAfter = 2 * time.Minute

// wait is the time before the next attempt: what the server asks for (RFC 9110, section 10.2.3), or the collection's delay,
// grown by its backoff. max_delay bounds both.
func (p *plan) wait(t try) time.Duration {
	limit := p.retry.MaxDelay
	if t.status() > 0 {
		if after, ok := retryAfter(t.exchange.Response.Header, time.Now()); ok {
			return min(after, cmp.Or(limit, maxRetryAfter))
		}
	}
	wait := p.retry.Delay
	for range p.done {
		switch p.retry.Backoff {
		case "exponential":
			wait = min(2*wait, 24*time.Hour)
		case "linear":
			wait += p.retry.Delay
		}
	}
	if limit > 0 {
		wait = min(wait, limit)
	}
	if p.retry.Jitter {
		wait = wait/2 + rand.N(wait/2+1)
	}
	return wait
}

// retryAfter reads Retry-After as seconds or as a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 86400)) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}
