package runner

import (
	"context"
	"sync"
)

// rowsAhead is how many rows may be run, for each worker, before the first of them that is not reported yet: a row that
// takes long keeps the others waiting in the end, and not their events in memory.
const rowsAhead = 4

// window holds the events of rows that were run, or are being run, until it is their turn.
type window struct {
	*lanes
	moved sync.Cond // a row has ended, or was reported
	turns []turn    // a ring
	told  int       // rows that were reported
}

// turn is one row.
type turn struct {
	events []Event
	ended  bool
}

// parallel runs n rows at a time. Who called it works along, and reports between two rows what has ended by then: so no worker
// waits for it, and nobody has to wake it.
func (l *lanes) parallel(ctx context.Context, n int) {
	ctx, leave := context.WithCancel(ctx)
	w := &window{lanes: l, turns: make([]turn, n*rowsAhead)}
	w.moved.L = &l.mu
	var workers sync.WaitGroup
	for range n - 1 {
		workers.Go(func() { w.work(ctx) })
	}
	defer w.spare.close()
	defer workers.Wait()
	defer leave() // the listener is gone, or everything is done
	for {
		r, begun := w.begin(ctx, false)
		if begun {
			w.run(ctx, &r)
		}
		done, gone := w.tell(!begun)
		if done || gone {
			return
		}
	}
}

// work runs rows as long as there are any.
func (w *window) work(ctx context.Context) {
	for {
		r, ok := w.begin(ctx, true)
		if !ok {
			return
		}
		w.run(ctx, &r)
	}
}

// begin takes a row, or waits until there is room for one.
func (w *window) begin(ctx context.Context, wait bool) (row, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.ended && w.begun-w.told == len(w.turns) {
		if !wait {
			return row{}, false
		}
		w.moved.Wait()
	}
	r, ok := w.take(ctx)
	if !ok {
		w.moved.Broadcast() // there are no more
	}
	return r, ok
}

// run runs a row and keeps its events.
func (w *window) run(ctx context.Context, r *row) {
	at := &w.turns[(r.Number-1)%len(w.turns)]
	x, spot := w.round(r, &listener{yield: func(e Event) bool { at.events = append(at.events, e); return true }})
	x.slots.enter()
	if w.beside {
		w.spare.lend(x.scripts)
		defer w.spare.back(x.scripts)
	}
	stop := x.main(ctx, w.items, spot, halt{})
	x.slots.leave()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after(stop)
	if at.ended = true; r.Number == w.told+1 {
		w.moved.Broadcast()
	}
}

// tell reports the rows whose turn it is. Where it may wait, it waits for one. It is done when all that began are reported and no
// more will begin.
func (w *window) tell(wait bool) (done, gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		at := &w.turns[w.told%len(w.turns)]
		switch {
		case w.told == w.begun && w.ended:
			return true, false
		case w.told < w.begun && at.ended:
			w.mu.Unlock()
			gone = w.hear(at)
			w.mu.Lock()
			if w.told++; w.begun-w.told == len(w.turns)-1 {
				w.moved.Broadcast() // there is room again
			}
			if gone {
				w.stop(interrupted)
				w.moved.Broadcast()
				return false, true
			}
			wait = false
		case wait && w.told < w.begun:
			w.moved.Wait()
		default:
			return false, false
		}
	}
}

// hear hands the events of a row on, and reports whether nobody listens any more.
func (w *window) hear(at *turn) (gone bool) {
	x := w.collection
	x.to.wait()
	for i, e := range at.events {
		if f, ok := e.(RequestFinished); ok {
			x.to.counts.Add(f.Result.Outcome)
		}
		x.emit(e)
		at.events[i] = nil
	}
	at.events, at.ended = at.events[:0], false
	return x.to.gone
}
