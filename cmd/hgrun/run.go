package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/runner"
)

// runOptions are the flags of run alone.
type runOptions struct {
	target  target
	reports reportFlags
	show    screenFlags
	code    string
	dryRun  bool
	watch   bool
	store   storeFlag
	limits  limitFlags
	scripts scriptFlags
	update  bool
	newman  newmanFlags

	conduct
}

// conduct is how requests follow one another, and what is done about them.
type conduct struct {
	jobs int
	bail bool
	lint string
	seed uint64
}

func runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run PATH… [-e ENV] [-r KIND=FILE]…",
		Short: "Run collections and report what happened",
		Long: `run runs each collection file, and each one below a folder, in the environment that -e names.

Exit codes: 0 passed · 1 an expectation failed · 2 usage, a file that does not load, nothing selected, or every request skipped by a
condition · 3 a request got no answer or no token could be had · 4 a report could not be written · 130 or 143 interrupted.`,
		Example: `  hgrun run collection.yaml -e sandbox
  hgrun run collections/ -e sandbox -r junit=TEST-hgrun.xml -j 4
  hgrun run collection.yaml -e sandbox -d patients.csv -j 8   every row of a file, 8 at a time
  hgrun run collection.yaml -e embedded --only "Read the patient" -v
  hgrun run collection.yaml -e embedded --watch --last-failed   what failed, at each change of a file`,
		RunE: func(c *cobra.Command, paths []string) error {
			paths = o.newman.paths(o.bail, paths)
			if o.watch {
				return o.watching(c, paths)
			}
			return o.newman.verdict(c, o.run(c, paths))
		},
	}
	o.target.flags(c)
	o.target.shards.flags(c)
	o.target.failed.flags(c)
	o.target.data.flags(c)
	o.store.flags(c)
	o.limits.flags(c)
	o.target.compat.flags(c)
	o.newman.flags(c)
	o.scripts.flags(c)
	f := c.Flags()
	o.reports.flags(c)
	o.reports.traceFlag(c)
	f.IntVarP(&o.jobs, "jobs", "j", 0, "collections, and rows of data, that run at a time; 0 means one collection for each core and one row after the other")
	f.BoolVar(&o.bail, "bail", false, "end a collection at its first request that does not pass; teardown still runs")
	f.StringVar(&o.lint, "lint", "warn", "what to do about mistakes that show before a request is sent: `warn`, error (send nothing where one is certain) or off")
	f.Uint64Var(&o.seed, "seed", 0, "a number that makes the values of $guid, $randomInt and the like the same in every run; 0 means new ones")
	f.StringVar(&o.code, "code", "", "what a browser came back with, for the grant authorization-code where nobody is at the terminal: an `ADDRESS` or a code")
	f.BoolVar(&o.dryRun, "dry-run", false, "send nothing; print what would be sent as curl commands")
	f.BoolVar(&o.update, "update", false, "write the snapshots that are missing or that answers differ from")
	f.BoolVar(&o.watch, "watch", false, "run again whenever a file that the run read changes, until Ctrl-C")
	o.show.flags(c, "show what went over the wire, masked, for every request, and the tests of scripts; -vv: bodies whole, and what the time went into")
	return c
}

func (o *runOptions) run(c *cobra.Command, paths []string) error {
	switch {
	case o.dryRun && o.update:
		return usage(errors.New("--update: with --dry-run nothing is sent, so that there is nothing to write"))
	case o.dryRun:
		return o.outline(c, paths)
	}
	if err := o.newman.refused(c); err != nil {
		return usage(err)
	}
	ctx, interrupts := interruptible(c.Context())
	defer interrupts.stop()
	ask := &asker{code: o.code, in: os.Stdin, out: c.ErrOrStderr()}
	r, err := o.runner(c, ask)
	if err != nil {
		return usage(err)
	}
	r.Abort = interrupts.abort
	if o.reports.files, o.target.compat.told, err = o.newman.reports(o.reports.files, o.target.compat.on()); err != nil {
		return usage(err)
	}
	o.show.color, o.show.ascii = o.newman.color, o.newman.noUnicode
	out, errOut := o.newman.outputs(c, o.reports.files)
	reports, err := openReports(o, r, chosen(c, paths), out, errOut)
	if err != nil {
		return err
	}
	ask.pause = reports.pause
	l, err := o.target.load(ctx, paths, toRun)
	if err != nil {
		return usage(errors.Join(err, reports.failedLoad(err)))
	}
	defer l.close()
	if err := errors.Join(o.newman.apply(l.jobs), o.newman.exports.begin(r, l.jobs)); err != nil {
		return usage(err)
	}
	tell(c, l.notes)
	o.target.compat.tell(c)
	o.passedOver(c, l.jobs)
	limited, stop := o.newman.limited(ctx)
	defer stop()
	h, err := o.send(limited, c, r, l.jobs, reports)
	err = errors.Join(err, o.target.failed.remember(h, r.Redact), o.newman.exports.write(r, c.ErrOrStderr()))
	if h.counts.Failed+h.counts.Errored > 0 {
		reports.tell(o.next(c, paths, h.finding))
	}
	return late(limited, h.verdict(err, interrupts.code()))
}

// send runs the jobs, reports what happens, and returns it.
func (o *runOptions) send(ctx context.Context, c *cobra.Command, r *runner.Runner, jobs []runner.Job, reports *reports) (*happened, error) {
	o.show.requests = expecting(jobs)
	takeTurns(jobs, r.Jobs)
	h := &happened{environment: o.target.environment, jobs: jobs, whole: o.target.whole(), ends: map[ended]runner.Outcome{}}
	var kept *snapshots
	if o.update {
		kept = newSnapshots(jobs)
	}
	for event := range r.RunAll(ctx, jobs) {
		h.take(event)
		reports.report(event)
	}
	if h.vain = o.untested(c, h); h.vain != nil {
		reports.failedRun(untestedName, len(jobs), h.vain)
	}
	err := errors.Join(reports.close(), reports.scan(r))
	reports.written(&o.show)
	if kept != nil {
		clean := h.counts.Failed+h.counts.Errored+h.counts.Skipped == 0
		err = errors.Join(err, kept.report(c.ErrOrStderr(), jobs, clean && o.target.whole()))
	}
	return h, err
}

// runner returns the runner that the flags describe, which asks people by ask.
func (o *runOptions) runner(c *cobra.Command, ask *asker) (*runner.Runner, error) {
	if err := o.show.check(); err != nil {
		return nil, err
	}
	if o.jobs < 0 {
		return nil, fmt.Errorf("--jobs: want 0 or more, got %d", o.jobs)
	}
	lint, ok := map[string]runner.Lint{"warn": runner.LintWarn, "error": runner.LintError, "off": runner.LintOff}[o.lint]
	if !ok {
		return nil, fmt.Errorf("--lint: want warn, error or off, got %q", o.lint)
	}
	if err := o.target.compat.check(); err != nil {
		return nil, err
	}
	limits, err := o.limits.limits()
	if err != nil {
		return nil, err
	}
	scriptTime, err := o.scripts.time()
	if err != nil {
		return nil, err
	}
	kept, err := o.store.open(o.target.environment)
	if err != nil {
		return nil, err
	}
	return &runner.Runner{Jobs: o.jobs, Bail: o.bail, Detail: o.show.verbose > 0 || o.reports.details(), AllowWrites: o.target.allowWrites, Lint: lint, Seed: o.seed, Limits: limits,
		Scripts: runner.Scripts{ScriptTime: scriptTime, Compat: o.target.compat.mode},
		Headers: runner.Headers{Agent: "hgrun/" + version(), Trace: o.reports.trace(c)}, Credentials: runner.Credentials{Store: kept, Consent: ask.consent}}, nil
}

// verdict turns what happened into the exit code.
func verdict(counts runner.Counts, reportErr error, interrupted int) error {
	code := exitPassed
	switch {
	case interrupted != 0:
		code = interrupted
	case reportErr != nil:
		code = exitReport
	case counts.Errored > 0:
		code = exitNoReply
	case counts.Failed > 0:
		code = exitFailed
	}
	if code == exitPassed {
		return nil
	}
	return &exit{code, reportErr}
}

// interrupts knows the signals that came.
type interrupts struct {
	abort  chan struct{}
	signal chan os.Signal
	first  chan os.Signal // of one
	cancel context.CancelFunc
}

// interruptible returns a context that the first SIGINT or SIGTERM ends; the second closes abort.
func interruptible(parent context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(parent)
	i := &interrupts{make(chan struct{}), make(chan os.Signal, 2), make(chan os.Signal, 1), cancel}
	signal.Notify(i.signal, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, ok := <-i.signal
		if !ok {
			return
		}
		i.first <- s
		cancel()
		if _, ok := <-i.signal; ok {
			close(i.abort)
		}
	}()
	return ctx, i
}

func (i *interrupts) stop() {
	signal.Stop(i.signal)
	close(i.signal)
	i.cancel()
}

// code is 128 plus the number of the first signal, or 0 where none came.
func (i *interrupts) code() int {
	select {
	case s := <-i.first:
		if s == syscall.SIGTERM {
			return 143
		}
		return 130
	default:
		return 0
	}
}
