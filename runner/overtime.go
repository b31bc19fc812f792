package runner

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Overtime is the cause of a context that ends because a whole run has had its time. The request at hand, or the one that would come next, is an
// error then; the others are skipped.
type Overtime struct{ Limit time.Duration }

// Error tells the limit.
func (o Overtime) Error() string {
	return fmt.Sprintf("the run was ended: it has had its time of %s", o.Limit)
}

// overtime returns why a collection has no time left, the first time that it is asked for; then one result has told it.
func (s *suite) overtime(why error) (Overtime, bool) {
	var late Overtime
	if !errors.As(why, &late) {
		return late, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.grace.told
	s.grace.told = true
	return late, first
}

// ended is overtime for what was about to begin.
func (s *suite) ended(ctx context.Context) (Overtime, bool) {
	if ctx.Err() == nil {
		return Overtime{}, false
	}
	return s.overtime(context.Cause(ctx))
}

// stopped returns why nothing begins any more.
func stopped(ctx context.Context) halt {
	reason := interrupted
	var late Overtime
	if errors.As(context.Cause(ctx), &late) {
		reason = late.Error()
	}
	return halt{reason: reason, skip: SkipStop, whole: true}
}
