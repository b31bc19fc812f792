package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
)

// onces are what runs one time in a run. The zero value is ready; it serves many goroutines.
type onces struct {
	mu      sync.Mutex
	flights map[sameness]*flight
}

// sameness is what makes two items with once: the same.
type sameness struct {
	environment *environments.Environment
	digest      string
}

// flight is the one time that something runs: who comes first flies, and the others wait for what comes of it.
type flight struct {
	done  chan struct{}
	by    *strand
	outer *flight // that it is a part of; nil for none

	ran bool   // something in it was not skipped
	bad string // the first of it that did not pass: "Log in" failed in "Orders"; empty where all passed

	// after done
	abandoned bool // it did not run, which says nothing about it: whoever comes next flies
	captured  map[string]vars.Value
	cookies   map[string][]setCookies // by session
}

// strand is what runs one after the other: a round with all its includes.
type strand struct{ waits *flight } // for which; nil for none. It belongs to the lock of the onces

// note takes notice of a result.
func (f *flight) note(r *Result) {
	for ; f != nil; f = f.outer {
		f.ran = f.ran || r.Outcome != Skipped
		if f.bad == "" && (r.Outcome == Failed || r.Outcome == Errored) {
			f.bad = fmt.Sprintf("%q %s", r.Name.Name, r.Outcome)
		}
	}
}

// board returns the flight of a key: one that is over or under way, or a new one that the caller flies. It is an error to wait for
// what waits for the caller.
func (o *onces) board(key sameness, me *strand) (f *flight, mine bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f, ok := o.flights[key]; ok {
		for at := f; at != nil; at = at.by.waits {
			select {
			case <-at.done:
				return f, false, nil
			default:
			}
			if at.by == me {
				return nil, false, errors.New("once: this would wait for ever: it stands in something that waits for it, or that has the same name")
			}
		}
		me.waits = f
		return f, false, nil
	}
	if o.flights == nil {
		o.flights = map[sameness]*flight{}
	}
	f = &flight{done: make(chan struct{}), by: me, abandoned: true}
	o.flights[key] = f
	return f, true, nil
}

// leave ends the wait of a strand.
func (o *onces) leave(me *strand) {
	o.mu.Lock()
	defer o.mu.Unlock()
	me.waits = nil
}

// land ends a flight. One that was abandoned is forgotten, so that another may begin.
func (o *onces) land(key sameness, f *flight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.abandoned {
		delete(o.flights, key)
	}
	close(f.done)
}

// share runs an item, or takes over what came of it where it runs once and somebody was first.
func (x *round) share(ctx context.Context, l *collections.Loop, it collections.Item, at spot, stop halt) halt {
	if collections.ShareOf(it).Once == nil || stop.stops() || x.over(ctx) {
		return x.loop(ctx, l, it, at, stop)
	}
	key, known := x.sameness(it, at)
	if !known { // it cannot run, and says why itself
		return x.loop(ctx, l, it, at, stop)
	}
	for {
		f, mine, err := x.runner.onces.board(key, x.strand)
		switch {
		case err != nil:
			err = collections.ShareOf(it).Once.Pos.Errorf("%w", err)
			return at.settle(x.single(ctx, it, at, halt{err: err, after: "once: has no end", skip: SkipCause}))
		case mine:
			return x.fly(ctx, key, f, l, it, at)
		case !x.wait(ctx, f):
			return x.loop(ctx, l, it, at, stop)
		case !f.abandoned:
			return x.takeOver(ctx, f, it, at)
		}
	}
}

// wait waits for a flight, and is false where ctx ended first.
func (x *round) wait(ctx context.Context, f *flight) bool {
	defer x.runner.onces.leave(x.strand)
	select {
	case <-f.done:
		return true
	default:
	}
	x.slots.leave()
	defer x.slots.enter()
	select {
	case <-f.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// fly runs an item for everybody. Those who wait are woken whatever happens.
func (x *round) fly(ctx context.Context, key sameness, f *flight, l *collections.Loop, it collections.Item, at spot) halt {
	defer x.runner.onces.land(key, f)
	f.outer, x.air = x.air, f
	heard := x.jars.hear()
	stop := x.loop(ctx, l, it, at, halt{})
	x.air = f.outer
	f.cookies = x.jars.heard(heard)
	if f.bad != "" {
		f.bad = fmt.Sprintf("%s in %q, and runs once", f.bad, x.id.Name)
	}
	f.captured = map[string]vars.Value{}
	for _, name := range collections.Given(it) {
		if v, ok := x.brought(name); ok {
			f.captured[name] = v
		}
	}
	f.abandoned = !f.ran || x.over(ctx)
	return stop
}

// takeOver gives a round what a flight brought, or its failure as the cause of everything that needs it. What passed is not
// reported again.
func (x *round) takeOver(ctx context.Context, f *flight, it collections.Item, at spot) halt {
	if f.bad != "" {
		stop := at.settle(x.single(ctx, it, at, halt{reason: f.bad, skip: SkipCause}))
		for _, name := range collections.Given(it) {
			x.causes.captures[name] = f.bad
		}
		return stop
	}
	for name, v := range f.captured {
		x.scope.Set(name, v)
		delete(x.causes.captures, name)
		x.causes.by[name] = it
	}
	for session, given := range f.cookies {
		jar := x.jars.of(session)
		for _, g := range given {
			jar.SetCookies(g.url, g.cookies)
		}
	}
	return halt{}
}

// sameness returns what makes an item the same as another: what it is, the environment, the session, and the parameters of the
// include that it is and of those around it. It is not known where a parameter has no value.
func (x *round) sameness(it collections.Item, at spot) (sameness, bool) {
	text := collections.Sameness(it) + "\nsession " + collections.ShareOf(it).Session.Name + "\n" + x.params
	f, ok := it.(*collections.Folder)
	switch {
	case !ok || f.Include == nil:
	case f.Loop != nil: // its parameters may have other values each time
		text += "\nat " + f.Pos.String()
	default:
		scope, err := f.Include.Enter(at.scope)
		if err != nil {
			return sameness{}, false
		}
		text = given(text, f, scope)
	}
	return sameness{x.job.Environment, text}, true
}

// given returns a digest of outer and the parameters of an include, whose scope is that inside.
func given(outer string, f *collections.Folder, inside *vars.Scope) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", outer)
	with := slices.SortedFunc(slices.Values(f.Include.With), func(a, b collections.Assignment) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range with {
		if v, err := inside.Lookup(p.Name); err == nil {
			fmt.Fprintf(h, " %q %q", p.Name, v.Literal())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
