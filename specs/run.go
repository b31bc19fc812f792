package specs

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// run is the way of the runner through the collection, which stops between requests: each spec takes what belongs to its own.
type run struct {
	mu     sync.Mutex // of a step: Ginkgo goes on without specs that do not end
	slots  []*slot
	places map[source.Pos][]int // slots, by where their requests stand
	next   func() (runner.Event, bool)
	cancel context.CancelFunc
	abort  func() // gives even teardown up
	held   runner.Event
	at     int             // the slot whose request began last; -1 before the first
	owed   []runner.Result // that did not pass, and that no spec of their own tells of
}

func newRun(slots []*slot, events iter.Seq[runner.Event], cancel context.CancelFunc, abort func()) *run {
	r := &run{slots: slots, places: map[source.Pos][]int{}, cancel: cancel, abort: abort, at: -1}
	r.next, _ = iter.Pull(events) // taken to its end by finish
	for i, s := range slots {
		r.places[s.request.Pos] = append(r.places[s.request.Pos], i)
	}
	return r
}

// peek returns what happens next, without taking it. What it returns first of a request comes before the request is sent.
func (r *run) peek() (runner.Event, bool) {
	if r.held == nil {
		ev, ok := r.next()
		if !ok {
			return nil, false
		}
		r.held = ev
	}
	return r.held, true
}

// take takes what peek returned.
func (r *run) take() {
	ev := r.held
	r.held = nil
	switch ev := ev.(type) {
	case runner.RequestStarted:
		r.at = r.find(&ev.Request)
	case runner.RequestFinished:
		i := r.at
		if !ev.Result.Name.Aside() {
			i = r.find(&ev.Result.Name)
		}
		if i >= 0 && r.slots[i].chosen && !r.slots[i].told {
			r.slots[i].results = append(r.slots[i].results, ev.Result)
		} else if bad(&ev.Result) {
			r.owed = append(r.owed, ev.Result)
		}
	}
}

// slot returns the slot that an event belongs to; -1 for none.
func (r *run) slot(ev runner.Event) int {
	switch ev := ev.(type) {
	case runner.RequestStarted:
		return r.find(&ev.Request)
	case runner.RequestFinished:
		if ev.Result.Name.Aside() {
			return r.at
		}
		return r.find(&ev.Result.Name)
	}
	return -1
}

// find returns the slot of a name. A file that is included twice has requests that stand in one place; their folders tell them apart.
func (r *run) find(name *runner.Name) int {
	candidates := r.places[name.Pos]
	for _, i := range candidates {
		if slices.EqualFunc(r.slots[i].folders, name.Folders, within) {
			return i
		}
	}
	if len(candidates) == 0 {
		return -1
	}
	return candidates[0]
}

// within reports whether a folder of a result is the one of that name, in whatever time of its loop.
func within(folder, got string) bool { return got == folder || strings.HasPrefix(got, folder+" [") }

// upTo runs everything up to a slot and the slot itself; where it runs again and again together with others, all of them. The teardown of
// a folder belongs to the last spec before it, where it is no spec of its own.
func (r *run) upTo(ctx context.Context, i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer context.AfterFunc(ctx, r.cancel)()
	slot, done := r.slots[i], false
	for {
		ev, ok := r.peek()
		if !ok {
			return
		}
		k := r.slot(ev)
		finishes := done && k >= 0 && r.slots[k].phase == runner.Teardown && len(r.slots[k].folders) > 0 && !r.slots[k].chosen
		if !finishes && (k > slot.last || done && slot.last == i && k != i) {
			return
		}
		r.take()
		done = done || len(slot.results) > 0 && k == i
	}
}

// finish runs what is left: the teardown. Requests that are left, too, are those whose specs did not run after all; they are not sent.
func (r *run) finish(ctx context.Context) []runner.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer context.AfterFunc(ctx, r.abort)()
	given := false
	for {
		ev, ok := r.peek()
		if !ok {
			break
		}
		if k := r.slot(ev); k >= 0 && r.slots[k].phase != runner.Teardown && !given {
			given = true
			r.cancel()
		}
		r.take()
	}
	r.cancel()
	owed := r.owed
	for _, s := range r.slots {
		if !s.told && (s.phase == runner.Teardown || !given) {
			owed = append(owed, slices.DeleteFunc(s.results, func(res runner.Result) bool { return !bad(&res) })...)
		}
	}
	return owed
}

// bad reports whether a request did not do what it should have done.
func bad(r *runner.Result) bool { return r.Outcome == runner.Failed || r.Outcome == runner.Errored }
