package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// interrupted is why a request was skipped that a signal came before.
const interrupted = "interrupted"

// unusable is why a request was skipped whose environment is broken.
const unusable = "the environment cannot be used"

// halt says why the rest does not run; the zero halt means that it does.
type halt struct {
	reason string
	skip   Skip  // the kind of reason
	whole  bool  // not only the rest of the folder: that of the collection
	err    error // the first request reports it, and after is the reason of the others
	after  string
}

func (h halt) stops() bool { return h.reason != "" || h.err != nil }

// spot is where a round stands.
type spot struct {
	phase   Phase
	folders []string    // by name, the outermost first
	scope   *vars.Scope // in which what stands here runs
	mark    string      // of the time that a loop around what comes next runs: " [eu]"
	row     int         // of data, from 1; zero for none
	label   string      // of the row
}

// into returns the spot within a folder.
func (at spot) into(f *collections.Folder) spot {
	at.folders = append(at.folders[:len(at.folders):len(at.folders)], f.Name+at.mark)
	at.mark = ""
	return at
}

// in returns the spot for a phase of what stands here. What belongs to setup or teardown stays that, whatever it is.
func (at spot) in(phase Phase) spot {
	if at.phase == Main || phase == Teardown {
		at.phase = phase
	}
	return at
}

// collection goes through all phases.
func (x *round) collection(ctx context.Context, c *collections.Collection, stop halt) {
	at := spot{phase: Main, scope: x.scope}
	broken := stop.err != nil
	stop = x.items(ctx, c.Setup.Items, at.in(Setup), stop)
	if c.Data == nil {
		x.main(ctx, c.Main.Items, at, stop)
	} else {
		x.rows(ctx, c, at, stop)
	}
	stop = halt{}
	if broken {
		stop = halt{reason: unusable, skip: SkipCause}
	}
	x.teardown(ctx, c.Teardown, at, stop)
}

// items runs requests and folders in order and returns why what comes after them should not run.
func (x *round) items(ctx context.Context, items []collections.Item, at spot, stop halt) halt {
	for _, it := range items {
		if !stop.stops() && x.passed(ctx, it, at) {
			continue
		}
		switch it := it.(type) {
		case *collections.Folder:
			stop = x.share(ctx, it.Loop, it, at, stop)
		case *collections.Request:
			stop = x.share(ctx, it.Flow.Loop, it, at, stop)
		}
	}
	return stop
}

// single runs a request or a folder one time.
func (x *round) single(ctx context.Context, it collections.Item, at spot, stop halt) halt {
	switch it := it.(type) {
	case *collections.Folder:
		if it.Include != nil {
			return x.include(ctx, it, at, stop)
		}
		return x.folder(ctx, it, at, stop)
	case *collections.Request:
		return x.item(ctx, it, at, stop)
	}
	return stop
}

// folder runs a folder: its setup, its items, its teardown. That its setup failed keeps nothing but the folder from running.
func (x *round) folder(ctx context.Context, f *collections.Folder, at spot, stop halt) halt {
	at = at.into(f)
	if stop.stops() || x.over(ctx) { // so that there is nothing to tear down either
		return x.skipped(ctx, f, at, stop)
	}
	return x.within(ctx, f, at)
}

// within runs what stands in a folder.
func (x *round) within(ctx context.Context, f *collections.Folder, at spot) halt {
	inside := x.items(ctx, contents(f.Setup), at.in(Setup), halt{})
	inside = x.items(ctx, f.Items, at, inside)
	x.teardown(ctx, f.Teardown, at, halt{})
	return at.settle(inside)
}

// settle returns what keeps others from running, of what keeps the rest of a folder or of a loop from it.
func (at spot) settle(inside halt) halt {
	if inside.whole || at.phase == Setup {
		return inside
	}
	return halt{}
}

// contents returns the items of a setup or a teardown, none where there is none.
func contents(f *collections.Folder) []collections.Item {
	if f == nil {
		return nil
	}
	return f.Items
}

// over reports whether nothing may begin any more.
func (x *round) over(ctx context.Context) bool { return ctx.Err() != nil || x.to.gone }

// skipped reports what does not run of a folder: everything.
func (x *round) skipped(ctx context.Context, f *collections.Folder, at spot, stop halt) halt {
	stop = x.items(ctx, contents(f.Setup), at.in(Setup), stop)
	stop = x.items(ctx, f.Items, at, stop)
	return x.items(ctx, contents(f.Teardown), at.in(Teardown), stop)
}

// name returns what a request is called that runs here.
func (at *spot) name(req *collections.Request) Name {
	name := Name{Name: req.Name + at.mark, Folders: at.folders, Pos: req.Pos, Phase: at.phase, Row: at.row, Label: at.label, Tags: req.Tags}
	if at.row > 0 {
		name.Name += name.ofRow()
	}
	return name
}

// item runs a request, or reports why it does not run.
func (x *round) item(ctx context.Context, req *collections.Request, at spot, stop halt) halt {
	if x.over(ctx) {
		stop = stopped(ctx)
	}
	if !stop.stops() {
		x.again(req, &at)
	}
	name := at.name(req)
	if late, ok := x.ended(ctx); ok {
		x.finish(req, x.brokenBy(name, TimeoutError, late, req.Pos))
		return stop
	}
	switch {
	case stop.err != nil:
		x.finish(req, x.broken(name, stop.err))
		return halt{reason: stop.after, skip: SkipCause, whole: stop.whole}
	case stop.reason != "":
		x.finish(req, Result{Name: name, Outcome: Skipped, Start: time.Now(), Reason: stop.reason, Skip: stop.skip})
		return stop
	}
	stop = x.one(ctx, req, name, at.scope)
	x.hop(req, name)
	return stop
}

// one runs a request and returns why the ones after it should be skipped, or nothing.
func (x *round) one(ctx context.Context, req *collections.Request, name Name, scope *vars.Scope) halt {
	scope = scope.With(x.layers(req)...)
	result, skipped := x.skip(req, name, scope)
	if !skipped {
		x.emit(RequestStarted{Suite: x.id, Request: name, Time: time.Now()})
		result = x.request(ctx, req, name, scope)
	}
	x.finish(req, result)
	switch {
	case result.Outcome == Passed || result.Outcome == Skipped || name.Phase == Teardown:
		return halt{}
	case x.runner.Bail && name.Phase == Main:
		return halt{reason: fmt.Sprintf("--bail after %q %s", name.Name, result.Outcome), skip: SkipStop, whole: true}
	case name.Phase == Setup:
		return halt{reason: fmt.Sprintf("setup %q %s", name.Name, result.Outcome), skip: SkipCause}
	}
	return halt{}
}

// teardown runs whatever happened before: after an interruption with the time that Grace allows, and unheard where nobody
// listens any more.
func (x *round) teardown(ctx context.Context, folder *collections.Folder, at spot, stop halt) {
	items := contents(folder)
	if len(items) == 0 {
		return
	}
	if x.over(ctx) {
		ctx = x.late(ctx)
	}
	if heard := x.to; heard.gone {
		x.to = &listener{yield: func(Event) bool { return true }}
		defer func() { x.to = heard }()
	}
	x.items(ctx, items, at.in(Teardown), stop)
}

// finish reports a result, and remembers what it should have captured.
func (x *round) finish(req *collections.Request, result Result) {
	x.causes.note(req, result, x.scope)
	if x.scripts != nil {
		for _, name := range req.Captured() {
			if x.scripts.has(name) {
				delete(x.causes.captures, name)
			}
		}
	}
	x.report(result)
}

// broken is the result of a request that cannot be run for a reason that is not its own.
func (x *round) broken(name Name, err error) Result {
	return x.brokenBy(name, ConfigError, err, source.Pos{File: x.job.Environment.File})
}

// brokenBy is the result of a request that ends in an error before it was sent.
func (x *round) brokenBy(name Name, kind Kind, err error, pos source.Pos) Result {
	return Result{Name: name, Outcome: Errored, Start: time.Now(), Problems: x.problems(kind, err, pos)}
}
