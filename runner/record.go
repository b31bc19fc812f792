package runner

import (
	"github.com/hgrun/hgrun/internal/wire"
)

// record adds an attempt to the result of the request.
func (c *course) record(t try, superseded bool, step Step) {
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
	secrets := x.scope.Secrets()
	ex := t.exchange
	a := Attempt{Method: ex.Request.Method, URL: redactText(secrets, ex.Request.URL), Timings: ex.Timings, Sent: len(ex.Request.Body), Step: step}
	if resp := ex.Response; resp != nil {
		a.Status, a.Reason, a.Received = resp.Status, redactText(secrets, resp.Reason), len(resp.Body)
	}
	switch {
	case t.renewed != "":
		a.Problems = []string{t.renewed}
	case superseded:
		a.Problems = messages(t.problems)
	}
	if x.runner.Detail || t.outcome != Passed && step == "" {
		a.Detail = x.detail(ex)
	}
	result.Attempts = append(result.Attempts, a)
}

func (x *round) detail(ex *wire.Exchange) *Detail {
	secrets := x.scope.Secrets()
	d := &Detail{RequestHeader: redactHeader(secrets, ex.Request.Header), RequestBody: redactBody(secrets, ex.Request.Body)}
	if resp := ex.Response; resp != nil {
		d.Proto = resp.Proto
		d.ResponseHeader = redactHeader(secrets, resp.Header)
		d.ResponseBody = redactBody(secrets, resp.Body)
		for _, hop := range resp.Hops {
			d.Hops = append(d.Hops, wire.Hop{Status: hop.Status, URL: redactText(secrets, hop.URL)})
		}
	}
	return d
}
