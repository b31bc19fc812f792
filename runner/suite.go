package runner

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// suite is one collection while it runs: what all its rounds share.
type suite struct {
	runner *Runner
	id     Suite
	job    Job
	layers []vars.Layer // of the environment
	slots  slots
	client *client
	facts  diagnosis.EnvironmentFacts

	refused refusals // of rows

	mu     sync.Mutex      // of what follows
	looked map[string]bool // credentials of requests that a lint has seen
	tokens map[string]int  // how often an exchange of a name was reported
	grace  grace           // of all teardown after an interruption
}

// grace is the time for what is done after an interruption; the zero value is before one.
type grace struct {
	ctx  context.Context
	end  context.CancelFunc
	told bool // that the run has had its time
}

// round is one way through a collection: what it captured, and who hears of it.
type round struct {
	*suite
	scope  *vars.Scope
	jars   *jars
	causes causes
	to     *listener
	air    *flight // what of it runs once just now; nil for nothing
	strand *strand
	veil   *veil
	params string // a digest of the parameters of the includes around; empty outside of them

	scripts *scripting       // nil for a collection without scripts
	row     *collections.Row // of data; nil for none
}

// listener takes events for as long as it wants them, and counts what they report.
type listener struct {
	yield  func(Event) bool
	room   func() // waits until it is worth while to yield more; nil for at once
	gone   bool   // it wants no more
	counts Counts
}

// run runs one collection from Started to Finished.
func (r *Runner) run(ctx context.Context, job Job, index int, yield func(Event) bool) {
	r.within(ctx, job, index, nil, &listener{yield: yield})
}

// within is run for a collection that shares slots with others.
func (r *Runner) within(ctx context.Context, job Job, index int, slots slots, to *listener) {
	slots.enter()
	defer slots.leave()
	x := r.begin(job, index, to)
	x.slots = slots
	defer x.scripts.close()
	start := time.Now()
	x.emit(Started{Suite: x.id, Requests: Expected(x.job.Collection, x.job.Collection.Data.Count()), Time: start, Trace: r.Trace.String(), Parent: r.Trace.Parent})
	broken := x.connect()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	defer x.end()
	x.collection(ctx, job.Collection, halt{err: broken, after: unusable, whole: true})
	x.leave()
	x.emit(Finished{Suite: x.id, Counts: x.to.counts, Start: start, Duration: time.Since(start), Interrupted: ctx.Err() != nil})
}

// Expected returns how many requests of a collection with so many rows of data will be reported, setup and teardown included, token
// exchanges not; 0 where only the run can tell, as for 0 rows, which stand for a number that nobody knows.
func Expected(c *collections.Collection, rows int) int {
	if rows == 0 || mayJump(c) {
		return 0
	}
	return c.CountOf(rows)
}

// begin begins a collection.
func (r *Runner) begin(job Job, index int, to *listener) *round {
	if job.Environment == nil {
		job.Environment = &r.nothing
	}
	c := job.Collection
	s := &suite{runner: r, job: job, layers: job.Environment.Layers(), tokens: map[string]int{}, looked: map[string]bool{},
		id: Suite{Name: c.Name, File: c.File, Environment: job.Environment.Name, Index: index}}
	x := s.round(to)
	x.jars.remember = c.Data != nil
	return x
}

// round begins a round that nothing was captured in.
func (s *suite) round(to *listener) *round {
	x := &round{suite: s, to: to, strand: &strand{}, veil: s.veiled(), causes: newCauses(), jars: newJars(), scripts: s.scripting()}
	layers := s.layers
	if x.scripts != nil {
		layers = x.scripts.variables.layers()
	}
	x.scope = vars.NewScope(&s.runner.secrets, layers...)
	x.scope.Seed(s.runner.Seed, s.id.File, 0)
	return x
}

// connect takes the client of the environment, or says why the environment cannot be used.
func (x *round) connect() (err error) {
	x.client, err = x.runner.client(x.job.Environment, x.scope)
	if err == nil {
		x.facts = x.client.facts
	}
	return err
}

// emit yields an event as long as somebody listens.
func (x *round) emit(e Event) {
	if !x.to.gone && !x.to.yield(e) {
		x.to.gone = true
	}
}

func (x *round) report(result Result) {
	x.air.note(&result)
	x.to.counts.Add(result.Outcome)
	x.emit(RequestFinished{Suite: x.id, Result: result})
}

// late returns the context of teardown after an interruption, one for all of the collection.
func (s *suite) late(ctx context.Context) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grace.ctx != nil {
		return s.grace.ctx
	}
	limit := s.runner.Grace
	if limit == 0 {
		limit = defaultGrace
	}
	clean, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), limit, errTimeout{limit})
	go func() {
		select {
		case <-s.runner.Abort:
			cancel()
		case <-clean.Done():
		}
	}()
	s.grace.ctx, s.grace.end = clean, cancel
	return clean
}

// end ends what late began.
func (s *suite) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grace.end != nil {
		s.grace.end()
	}
}

// problems words an error as problems at its own places, or at pos.
func (x *round) problems(kind Kind, err error, pos source.Pos) []Problem {
	var many source.Problems
	if errors.As(err, &many) {
		var out []Problem
		for _, e := range many {
			out = append(out, x.problems(kind, e, pos)...)
		}
		return out
	}
	message := err.Error()
	var placed *source.Error
	if errors.As(err, &placed) && placed.Pos != (source.Pos{}) {
		pos = placed.Pos
		message = strings.Replace(message, placed.Error(), placed.Err.Error(), 1)
	}
	first, rest, _ := strings.Cut(x.compared(message), "\n")
	p := Problem{Pos: pos, Kind: kind, Message: first}
	if rest != "" {
		p.Details = strings.Split(rest, "\n")
	}
	return []Problem{p}
}

var _ auth.Sender = (*exchanges)(nil)
