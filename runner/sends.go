package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/wire"
)

// sends are the requests of the scripts of one event. Each is a result of its own.
type sends struct {
	course *course

	mu     sync.Mutex // of what follows: several may be under way at once
	made   []*Result
	closed bool
	wait   sync.WaitGroup
}

// send is the script.Sender of the scripts. The environment's hosts: and protected: count for what they send as for all else.
func (s *sends) send(ctx context.Context, r *script.Request) (*wire.Exchange, error) {
	c := s.course.apart()
	result, ok := s.begin()
	if !ok {
		return nil, errors.New("the script was over before the request was sent")
	}
	defer s.wait.Done()
	msg, err := c.build(r)
	if err == nil {
		result.Name.Name += " " + msg.Method + " " + c.url(msg.URL)
		err = c.writes(msg, c.req)
	}
	if err != nil {
		result.Outcome, result.Problems = Errored, c.problems(ConfigError, err, c.req.Pos)
		return nil, err
	}
	ex := c.exchange(ctx, msg)
	learn(c.round.scope.Secrets(), ex)
	t := try{exchange: ex}
	if ex.Err != nil {
		s.unanswered(&t, result)
	}
	c.round.record(result, t, false, "")
	result.Duration = time.Since(result.Start) - ex.Waited
	return ex, ex.Err
}

// unanswered judges a request that got no answer: the script was told, and may have waited for a server that is not there yet. What
// may not be sent at all is an error whatever the script makes of it.
func (s *sends) unanswered(t *try, result *Result) {
	c := s.course.apart()
	c.veil.about(nil, t.exchange)
	problems := c.transportProblem(t.exchange, c.req)
	var host *HostError
	if errors.As(t.exchange.Err, &host) {
		t.outcome, t.problems = Errored, problems
		result.Outcome, result.Problems = t.outcome, problems
		return
	}
	t.outcome = Skipped
	result.Outcome, result.Reason = Skipped, fmt.Sprintf("no answer, which the script was told: %s", problems[0].Message)
}

// begin begins a request, unless the scripts are over.
func (s *sends) begin() (*Result, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	s.wait.Add(1)
	result := &Result{Name: Name{Name: "pm.sendRequest", Pos: s.course.req.Pos, Phase: FromScript}, Start: time.Now()}
	s.made = append(s.made, result)
	return result, true
}

// flush reports what was sent. What is under way has no time left: the scripts that wanted it are over.
func (s *sends) flush() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wait.Wait()
	x := s.course.round
	for _, r := range s.made {
		if n := x.exchanged(r.Name.Name); n > 1 {
			r.Name.Name = fmt.Sprintf("%s #%d", r.Name.Name, n)
		}
		x.report(*r)
	}
}
