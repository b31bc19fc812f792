package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"github.com/hgrun/hgrun/internal/wire"
)

// record adds an attempt to the result of the request. Its exchange has served its purpose with that.
func (c *course) record(t try, superseded bool, step Step) {
	defer release(t.exchange)
	if !t.recorded {
		c.round.record(c.result, t, superseded, step)
	}
}

// record adds an attempt to a result: redacted, and with what went over the wire where somebody will want to read it. A step
// on the way keeps no more than its line.
func (x *round) record(result *Result, t try, superseded bool, step Step) {
	if t.exchange == nil {
		return
	}
	ex := t.exchange
	a := Attempt{Method: ex.Request.Method, URL: x.url(ex.Request.URL), Timings: ex.Timings, Sent: len(ex.Request.Body), Step: step, Trace: ex.Trace}
	if resp := ex.Response; resp != nil {
		a.Status, a.Reason, a.Received = resp.Status, x.reason(resp.Status, resp.Reason), int(min(resp.Size(), math.MaxInt))
	}
	switch {
	case t.renewed != "":
		a.Problems = []string{t.renewed}
	case superseded:
		a.Problems = messages(t.problems)
	case step == "":
		a.Judged = t.judged.each
	}
	if x.runner.Detail || t.outcome != Passed && step == "" {
		a.Detail = x.detail(ex)
	}
	if t.outcome != Passed {
		x.veil.written(&ex.Request)
	}
	result.Attempts = append(result.Attempts, a)
}

func (x *round) detail(ex *wire.Exchange) *Detail {
	v := x.veil.of(ex)
	secrets := x.scope.Secrets()
	d := &Detail{RequestHeader: v.heads(redactHeader(secrets, ex.Request.Header)), RequestBody: x.shownBody(v, ex.Request.Header, ex.Request.Body)}
	if resp := ex.Response; resp != nil {
		d.Proto = resp.Proto
		d.ResponseHeader = v.heads(redactHeader(secrets, resp.Header))
		d.ResponseBody = x.shownBody(v, resp.Header, resp.Body)
		if resp.Size() > maxShown {
			d.ResponseSHA256 = digest(resp)
		}
		for _, hop := range resp.Hops {
			d.Hops = append(d.Hops, wire.Hop{Status: hop.Status, URL: x.url(hop.URL), Timings: hop.Timings,
				Header: v.heads(redactHeader(secrets, hop.Header)), Next: v.heads(redactHeader(secrets, hop.Next))})
		}
		if len(d.Hops) > 0 {
			d.URL = x.url(resp.URL)
		}
	}
	if ex.Remote != nil {
		d.Remote = ex.Remote.String()
	}
	return d
}

// digest returns the SHA-256 digest of a whole body, in hexadecimal digits.
func digest(resp *wire.Response) string {
	whole := resp.Body
	if l := resp.Large; l != nil {
		if l.SHA256 != nil {
			return hex.EncodeToString(l.SHA256)
		}
		whole = l.Content
	}
	sum := sha256.Sum256(whole)
	return hex.EncodeToString(sum[:])
}
