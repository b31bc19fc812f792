package runner

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/collections"
)

// plan decides whether and when a request is tried again.
type plan struct {
	retry *collections.Retry
	start time.Time
	done  int // attempts that were retried
}

func newPlan(retry *collections.Retry) *plan { return &plan{retry: retry, start: time.Now()} }

// next returns how long to wait for another attempt after t, or false where t was the last.
func (p *plan) next(ctx context.Context, t try) (time.Duration, bool) {
	if t.outcome == Passed || p.done >= p.retry.Times || ctx.Err() != nil || t.reason == interrupted {
		return 0, false
	}
	status := 0
	if t.exchange != nil && t.exchange.Response != nil {
		status = t.exchange.Response.Status
	}
	if !p.retry.Covers(status, t.outcome == Failed) {
		return 0, false
	}
	wait := p.wait(t)
	if p.retry.Deadline > 0 && time.Since(p.start)+wait > p.retry.Deadline {
		return 0, false
	}
	p.done++
	return wait, true
}

// wait is the time before the next attempt: what the server asks for (RFC 9110, section 10.2.3) as far as max_delay allows,
// or the collection's own delay.
func (p *plan) wait(t try) time.Duration {
	if t.exchange != nil && t.exchange.Response != nil {
		if after, ok := retryAfter(t.exchange.Response.Header, time.Now()); ok {
			return min(after, p.retry.MaxDelay)
		}
	}
	return p.retry.Wait(p.done + 1)
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
