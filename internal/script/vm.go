package script

import (
	"context"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// VM runs one script after another. What a script sets without declaring it is seen by those after it, as in Postman; all else is fresh for each.
// A VM belongs to one goroutine.
type VM struct {
	engine *Engine
	limits Limits
	box    *box // nil until a script runs, and after one had to be given up
}

// grace is how long the engine may take to notice that a script has no time left. It looks often, but not inside a built-in function that walks
// millions of elements; then the box is given up, and what runs in it ends by itself.
const grace = time.Second

// Run runs a script and returns what it has done. It returns within the limits, whatever the script does.
func (v *VM) Run(ctx context.Context, s Script, e *Event) Outcome {
	if v.box == nil {
		b, err := newBox(v.engine, v.limits)
		if err != nil {
			return Outcome{Errors: []*source.Error{s.Pos.Errorf("the script engine does not start: %w", err)}}
		}
		v.box = b
	}
	t := newTurn(ctx, s, e, v.limits)
	defer t.end()
	done := make(chan Outcome, 1)
	b := v.box
	b.work <- func() { done <- b.run(t) }
	select {
	case outcome := <-done:
		if t.spoiled {
			v.Close()
		}
		return outcome
	case <-t.lost:
		t.leave()
		v.box = nil
		close(b.work) // what it holds is freed when it comes back
		return Outcome{Errors: []*source.Error{t.limit()}}
	}
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
