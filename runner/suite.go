package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http/cookiejar"
	"strings"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// suite is one collection while it runs.
type suite struct {
	runner *Runner
	id     Suite
	job    Job
	client *client
	scope  *vars.Scope
	jar    *cookiejar.Jar
	yield  func(Event) bool
	gone   bool // nobody listens any more
	counts Counts
	causes causes
	facts  diagnosis.EnvironmentFacts
	looked map[string]bool // credentials of requests that a lint has seen
	tokens map[string]int  // how often an exchange of a name was reported
}

// run runs one collection from Started to Finished.
func (r *Runner) run(ctx context.Context, job Job, index int, yield func(Event) bool) {
	c := job.Collection
	x := r.suite(job, index, yield)
	start := time.Now()
	x.emit(Started{Suite: x.id, Requests: c.Count(), Time: start})
	broken := x.connect()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	stop := x.phase(ctx, c.Setup, Setup, halt{err: broken})
	x.phase(ctx, c.Main, Main, stop)
	x.teardown(ctx, c.Teardown, broken)
	x.emit(Finished{Suite: x.id, Counts: x.counts, Start: start, Duration: time.Since(start), Interrupted: ctx.Err() != nil})
}

// suite begins a collection.
func (r *Runner) suite(job Job, index int, yield func(Event) bool) *suite {
	if job.Environment == nil {
		job.Environment = &environments.Environment{}
	}
	c := job.Collection
	x := &suite{runner: r, job: job, yield: yield, causes: newCauses(), tokens: map[string]int{}, looked: map[string]bool{},
		id: Suite{Name: c.Name, File: c.File, Environment: job.Environment.Name, Index: index}}
	x.scope = vars.NewScope(&r.secrets, job.Environment.Layers()...)
	x.jar, _ = cookiejar.New(nil) // never fails without options
	return x
}

// connect takes the client of the environment, or says why the environment cannot be used.
func (x *suite) connect() (err error) {
	x.client, err = x.runner.client(x.job.Environment, x.scope)
	if err == nil {
		x.facts = x.client.facts
	}
	return err
}

// interrupted is why a request was skipped that a signal came before.
const interrupted = "interrupted"

// halt says why the rest of a phase does not run; the zero halt means that it does.
type halt struct {
	reason string
	err    error // the environment is unusable: the first request reports it
}

// phase runs the requests of one phase in order and returns why the phases after it should not run.
func (x *suite) phase(ctx context.Context, folder *collections.Folder, phase Phase, stop halt) halt {
	if folder == nil {
		return stop
	}
	for req := range folder.All() {
		name := Name{Name: req.Name, Folders: req.Folder.Path(), Pos: req.Pos, Phase: phase}
		if ctx.Err() != nil || x.gone {
			stop.reason = interrupted
		}
		switch {
		case stop.err != nil:
			x.finish(req, x.environmentError(name, stop.err))
			stop = halt{reason: "the environment cannot be used"}
		case stop.reason != "":
			x.finish(req, Result{Name: name, Outcome: Skipped, Start: time.Now(), Reason: stop.reason})
		default:
			stop.reason = x.one(ctx, req, name)
		}
	}
	return stop
}

// one runs a request and returns why the ones after it should be skipped, or nothing.
func (x *suite) one(ctx context.Context, req *collections.Request, name Name) (stop string) {
	result, skipped := x.skip(req, name)
	if !skipped {
		x.emit(RequestStarted{Suite: x.id, Request: name, Time: time.Now()})
		result = x.request(ctx, req, name)
	}
	x.finish(req, result)
	switch {
	case result.Outcome == Passed || result.Outcome == Skipped || name.Phase == Teardown:
		return ""
	case name.Phase == Setup:
		return fmt.Sprintf("setup %q %s", name.Name, result.Outcome)
	case x.runner.Bail:
		return fmt.Sprintf("--bail after %q %s", name.Name, result.Outcome)
	}
	return ""
}

// teardown runs whatever happened before: after an interruption with the time that Grace allows.
func (x *suite) teardown(ctx context.Context, folder *collections.Folder, broken error) {
	if ctx.Err() != nil || x.gone {
		grace := x.runner.Grace
		if grace == 0 {
			grace = defaultGrace
		}
		clean, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), grace, errTimeout{grace})
		defer cancel()
		go func() {
			select {
			case <-x.runner.Abort:
				cancel()
			case <-clean.Done():
			}
		}()
		ctx = clean
	}
	gone := x.gone
	x.gone = false
	listener := x.yield
	if gone {
		x.yield = func(Event) bool { return true }
	}
	stop := halt{}
	if broken != nil {
		stop.reason = "the environment cannot be used"
	}
	x.phase(ctx, folder, Teardown, stop)
	x.yield, x.gone = listener, gone
}

// emit yields an event as long as somebody listens.
func (x *suite) emit(e Event) {
	if !x.gone && !x.yield(e) {
		x.gone = true
	}
}

// finish counts and reports a result, and remembers what it should have captured.
func (x *suite) finish(req *collections.Request, result Result) {
	x.causes.note(req, result, x.scope)
	x.report(result)
}

func (x *suite) report(result Result) {
	x.counts.Add(result.Outcome)
	x.emit(RequestFinished{Suite: x.id, Result: result})
}

func (x *suite) environmentError(name Name, err error) Result {
	result := Result{Name: name, Outcome: Errored, Start: time.Now()}
	result.Problems = x.problems(ConfigError, err, source.Pos{File: x.job.Environment.File})
	return result
}

// problems words an error as problems at its own places, or at pos.
func (x *suite) problems(kind Kind, err error, pos source.Pos) []Problem {
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
	first, rest, _ := strings.Cut(redactText(x.scope.Secrets(), message), "\n")
	p := Problem{Pos: pos, Kind: kind, Message: first}
	if rest != "" {
		p.Details = strings.Split(rest, "\n")
	}
	return []Problem{p}
}

var _ auth.Sender = (*exchanges)(nil)
