// Package runner turns collections and an environment into a sequence of events and knows nothing of who looks at them.
//
// It holds the one HTTP client and the one door through which everything leaves redacted.
package runner

import (
	"context"
	"iter"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/phi"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/vars"
)

// defaultGrace is the time for all of a teardown after an interruption.
const defaultGrace = 30 * time.Second

// Runner runs collections. The zero Runner is ready; its fields must not change once something has run.
// All that one Runner runs shares tokens, connections and the knowledge of what is secret.
type Runner struct {
	Jobs        int               // collections, and rows of data, at a time; zero means one collection for each core, and one row after the other
	Bail        bool              // the first request that does not pass ends its collection; teardown still runs
	Detail      bool              // report what went over the wire for requests that passed, too
	AllowWrites bool              // send more than GET, HEAD and OPTIONS to a protected environment
	Transport   http.RoundTripper // nil means one for each environment, by its tls: and proxy:
	Lint        Lint              // what to do about mistakes that show before a request is sent
	Seed        uint64            // makes {{$guid}} and the like repeat from run to run; zero means that nobody can foresee them
	Limits      Limits            // spare the servers; zero: none
	Headers
	Interruption
	Credentials
	Scripts

	shared
}

// Interruption says how a run ends before its end. The zero value gives teardown 30 s.
type Interruption struct {
	Grace time.Duration   // for all of a teardown after an interruption; zero means 30 s
	Abort <-chan struct{} // closed: not even teardown runs on; nil means never
}

// Credentials are what tokens need beside the collection. The zero value asks nobody and keeps nothing.
type Credentials struct {
	Consent auth.Consent // asks a person, for grants that need one; nil means that there is nobody
	Store   auth.Store   // keeps tokens for the next run; nil means that nothing does
}

// Scripts says how scripts run. The zero value gives each 10 s, and is stricter than Newman.
type Scripts struct {
	ScriptTime time.Duration // that one script may run, waiting apart; zero means 10 s
	Compat     string        // CompatNewman ends runs as Newman would; empty means that this runner is stricter

	// Left is told the variables of a collection's environment and the globals as its scripts have left them, rows that ran beside each other
	// apart; nil for nobody.
	Left func(environment, globals vars.Layer)
}

// shared is what all that one Runner runs has in common, as opposed to how it is to run. The zero value is ready.
type shared struct {
	tokens   auth.Tokens
	stored   sync.Once // tokens has the store and the seed
	secrets  vars.Secrets
	patients phi.Known   // that outlast an exchange
	veiled   atomic.Bool // an environment of the run masks them
	history  diagnosis.History
	pace     pace
	mu       sync.Mutex
	clients  map[*environments.Environment]*client
	onces    onces
	engine   script.Engine
	nothing  environments.Environment // of jobs without one
}

// Lint says what to do about mistakes that show before a request is sent.
type Lint string

// LintWarn, the default, reports them with the request where the server took it all the same; LintError sends nothing where a
// mistake is certain; LintOff looks only at what failed.
const (
	LintWarn  Lint = ""
	LintError Lint = "error"
	LintOff   Lint = "off"
)

// Job is a collection and the environment that it runs in.
type Job struct {
	Collection  *collections.Collection
	Environment *environments.Environment // nil means one without variables
	Snapshots   Keeper                    // writes snapshots that are missing or differ; nil means that they are compared alone
}

// session lends what a request lends to its credentials, in a session of that name.
func (r *Runner) session(name string, scope *vars.Scope, sender auth.Sender) auth.Session {
	r.stored.Do(func() { r.tokens.Store, r.tokens.Seed = r.Store, r.Seed })
	return auth.Session{Scope: scope, Sender: sender, Tokens: &r.tokens, Name: name, Consent: r.Consent}
}

// Redact masks every secret and all patient data that the runner knows of: for texts that reach people by other ways than events.
func (r *Runner) Redact(text string) string {
	text = redactText(&r.secrets, text)
	if r.veiled.Load() {
		text = r.patients.Redact(r.patients.Maker().References(text, nil))
	}
	return text
}

// Holds returns the mask of the first secret that text holds, in whatever form, or of the first value of patient data that was to be
// masked and can be nothing else.
func (r *Runner) Holds(text string) (mask string, found bool) {
	if mask, found = r.secrets.Holds(text); found {
		return mask, true
	}
	return r.patients.Holds(text)
}

// Hide makes values secret before anything runs.
func (r *Runner) Hide(name, text string) { r.secrets.Hide(name, text) }

// Run runs one collection and yields what happens, while it happens. When ctx is done, the request at hand is given up,
// the others are reported as skipped, and teardown runs for as long as Grace allows. Leaving the loop early has the same effect.
func (r *Runner) Run(ctx context.Context, c *collections.Collection, env *environments.Environment) iter.Seq[Event] {
	return func(yield func(Event) bool) { r.run(ctx, Job{Collection: c, Environment: env}, 0, yield) }
}

// RunAll runs several collections, Jobs of them at a time, and yields the events of one after those of another, in the order
// of jobs: the first that is not finished is seen live, what the others do meanwhile is kept until their turn.
func (r *Runner) RunAll(ctx context.Context, jobs []Job) iter.Seq[Event] {
	workers := r.Jobs
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers == 1 || len(jobs) == 1 {
		return func(yield func(Event) bool) { r.inTurn(ctx, jobs, yield) }
	}
	return func(yield func(Event) bool) { r.parallel(ctx, jobs, workers, yield) }
}

func (r *Runner) inTurn(ctx context.Context, jobs []Job, yield func(Event) bool) {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	listening := true
	for i, job := range jobs {
		r.run(ctx, job, i, func(e Event) bool {
			if listening = listening && yield(e); !listening {
				leave()
			}
			return listening
		})
		if !listening {
			return
		}
	}
}

func (r *Runner) parallel(ctx context.Context, jobs []Job, workers int, yield func(Event) bool) {
	ctx, leave := context.WithCancel(ctx)
	feeds := make([]*feed, len(jobs))
	for i := range feeds {
		feeds[i] = newFeed()
	}
	var slots slots // rows beside each other share them with collections; else each worker is one
	if r.Jobs > 1 {
		slots = newSlots(r.Jobs)
	}
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(workers, len(jobs)) {
		wait.Go(func() {
			for i := range next {
				r.within(ctx, jobs[i], i, slots, &listener{yield: feeds[i].put, room: feeds[i].room})
				feeds[i].end()
			}
		})
	}
	wait.Go(func() {
		defer close(next)
		for i := range jobs {
			next <- i // after an interruption too: each collection reports what it did not do
		}
	})
	defer wait.Wait()
	defer func() {
		leave()
		for _, f := range feeds {
			f.drop()
		}
	}()
	for _, f := range feeds {
		for e := range f.all() {
			if !yield(e) {
				return
			}
		}
	}
}
