package script

import (
	"context"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// VM runs one script after another. What a script sets without declaring it is seen by those after it, as in Postman; all else is fresh for each.
// A VM belongs to one goroutine.
type VM struct {
	engine *Engine
	limits Limits
	box    *box // nil until a script runs, and after one had to be given up
	forget bool // before the next script
}

// grace is how long the engine may take to notice that a script has no time left. It looks often, but not inside a built-in function that walks
// millions of elements; then the box is given up, and what runs in it ends by itself.
const grace = time.Second

// Run runs a script and returns what it has done. It returns within the limits, whatever the script does.
func (v *VM) Run(ctx context.Context, s Script, e *Event) Outcome {
	return v.RunAll(ctx, []Script{s}, e)[0]
}

// RunAll runs the scripts of an event one after another, and returns what each has done: the request that one makes is that of the next. It stops
// after a script that skips the request, and after one with an error where ctx has ended. It needs less time than to run each by itself.
func (v *VM) RunAll(ctx context.Context, scripts []Script, e *Event) []Outcome {
	var done []Outcome
	for len(done) < len(scripts) {
		more := v.stint(ctx, scripts[len(done):], e)
		done = append(done, more...)
		if last(ctx, &done[len(done)-1]) {
			break
		}
	}
	return done
}

// last reports whether no other script runs after one.
func last(ctx context.Context, o *Outcome) bool {
	return o.Skip || len(o.Errors) > 0 && ctx.Err() != nil
}

// stint runs scripts until one spoils the box; there is at least one outcome.
func (v *VM) stint(ctx context.Context, scripts []Script, e *Event) []Outcome {
	if v.box == nil {
		b, err := newBox(v.engine, v.limits)
		if err != nil {
			return []Outcome{{Errors: []*source.Error{scripts[0].Pos.Errorf("the script engine does not start: %w", err)}}}
		}
		v.box = b
	}
	b, st := v.box, &stint{engine: v.engine, ctx: ctx, event: e, lost: make(chan struct{}, 1), done: make(chan struct{})}
	b.forget = b.forget || v.forget
	v.forget = false
	b.work <- func() { st.run(b, scripts) }
	select {
	case <-st.done:
		if st.turn.spoiled {
			v.Close()
		}
		return st.outcomes
	case <-st.lost:
		v.box = nil
		close(b.work) // what it holds is freed when it comes back
		return st.leave()
	}
}

// stint is one visit to the goroutine of a box.
type stint struct {
	engine *Engine
	ctx    context.Context
	event  *Event
	lost   chan struct{} // told when the engine does not come back
	done   chan struct{} // closed when it does

	held     sync.Mutex
	left     bool // nobody waits any more
	turn     *turn
	outcomes []Outcome
}

// run runs the scripts.
func (s *stint) run(b *box, scripts []Script) {
	defer close(s.done)
	for _, text := range scripts {
		t := newTurn(s.ctx, text, s.event, b.limits, s.lost)
		if !s.begins(t) {
			return
		}
		o := b.run(t)
		t.end()
		if !s.ends(&o) || t.spoiled || last(s.ctx, &o) {
			return
		}
	}
}

// begins notes whose turn it is, and returns false where nobody waits for it.
func (s *stint) begins(t *turn) bool {
	s.held.Lock()
	defer s.held.Unlock()
	s.turn = t
	return s.awaited()
}

// awaited reports whether somebody still waits. Where nobody does, this is the end of what was left behind.
func (s *stint) awaited() bool {
	if s.left {
		s.engine.processors(-1)
	}
	return !s.left
}

// ends notes what a script has done, and returns false where nobody wants to know.
func (s *stint) ends(o *Outcome) bool {
	s.held.Lock()
	defer s.held.Unlock()
	if !s.awaited() {
		return false
	}
	s.outcomes = append(s.outcomes, *o)
	if o.Request != nil {
		s.event.Request = o.Request
	}
	return true
}

// leave gives up the script that does not come back, and returns what there is of all.
func (s *stint) leave() []Outcome {
	s.held.Lock()
	defer s.held.Unlock()
	defer s.turn.end()
	s.left = true
	s.engine.processors(+1)
	s.turn.leave()
	return append(s.outcomes, Outcome{Errors: []*source.Error{s.turn.limit()}})
}

// Close frees what the VM holds. The VM can be used again; it then starts anew.
func (v *VM) Close() {
	if v.box == nil {
		return
	}
	closed := make(chan struct{})
	b := v.box
	b.work <- func() { b.close(); close(closed) }
	<-closed
	close(b.work)
	v.box = nil
}

// Forget removes what scripts have set without declaring it, so that those of another round find none of it. What a script has changed of the built-in
// objects stays.
func (v *VM) Forget() { v.forget = true }
