package runner

import (
	"context"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// Lend lends use what a run lends to the credentials of a request, for those who want a token and no run: the client of the
// environment with its guard, the tokens and their store, and the variables of req, whose Auth findings are about. Nothing of
// req is sent. What use has sent is reported to yield as the token exchanges of a collection that ends with them, redacted as
// in a run; a nil yield hears nothing. The error is that of the environment or of use, as it was.
func (r *Runner) Lend(ctx context.Context, job Job, req *collections.Request, yield func(Event), use func(context.Context, auth.Session) error) error {
	x := r.begin(job, 0, &listener{yield: func(e Event) bool {
		if yield != nil {
			yield(e)
		}
		return true
	}})
	start := time.Now()
	x.emit(Started{Suite: x.id, Time: start})
	err := x.connect()
	if err == nil {
		var scope *vars.Scope
		scope, _ = job.Collection.Sample(x.scope) // an error is told by Check
		scope, err = req.In(scope)
		sender := &exchanges{round: x, req: req, scope: scope}
		if err == nil {
			err = use(ctx, r.session(req.Flow.Share.Session.Name, scope, sender))
		}
		sender.flush(err == nil)
	}
	x.emit(Finished{Suite: x.id, Counts: x.to.counts, Start: start, Duration: time.Since(start), Interrupted: ctx.Err() != nil})
	return err
}
