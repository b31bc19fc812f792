package script

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// turn is one run of one script.
type turn struct {
	ctx     context.Context // ends with the turn: what the script sent and nobody waits for any more is given up
	script  Script
	event   *Event
	limits  Limits
	begun   time.Time
	busy    time.Duration // spent in JavaScript
	lost    chan struct{} // told when the engine does not come back
	spoiled bool          // the box is in a state that no other script should see
	end     func()
	leaving
	sending
}

// sending is what the requests of a script come back to.
type sending struct {
	answers   chan answer
	sent      int                       // requests whose answer was not taken yet
	number    int                       // of the turn, in its box
	responses map[string]*wire.Response // the one that the script is about, and those to requests that it sent
	size      int64                     // of the bodies of the latter, bytes
	slots     chan struct{}             // taken by those that are on their way
}

// What one script may send: so many requests at once, and so many that wait for an answer.
const (
	maxSending = 10
	maxWaiting = 1000
)

// lose tells that the engine does not come back.
func (t *turn) lose() {
	select {
	case t.lost <- struct{}{}:
	default: // told already
	}
}

// leave takes the event away from a script that does not come back.
func (t *turn) leave() {
	t.held.Lock()
	defer t.held.Unlock()
	t.gone = true
}

// leaving is how a script is kept from an event that is no longer its own.
type leaving struct {
	held sync.Mutex
	gone bool
}

// answer is what became of a request that the script sent.
type answer struct {
	id       int
	exchange *wire.Exchange
	err      error
}

func newTurn(ctx context.Context, s Script, e *Event, l Limits, lost chan struct{}) *turn {
	t := &turn{script: s, event: e, limits: l, begun: time.Now(), lost: lost, sending: sending{answers: make(chan answer), slots: make(chan struct{}, maxSending)}}
	t.ctx, t.end = context.WithTimeout(ctx, l.Wait)
	return t
}

// stopped says why the script may not go on, or nil.
func (t *turn) stopped() *source.Error {
	switch {
	case t.busy >= t.limits.Time || t.ctx.Err() != nil:
		return t.limit()
	default:
		return nil
	}
}

// limit is what the user is told of a script that was stopped.
func (t *turn) limit() *source.Error {
	pos := t.script.Pos
	switch {
	case t.ctx.Err() != nil && time.Since(t.begun) >= t.limits.Wait:
		return pos.Errorf("the script was stopped: it still waited after %v", t.limits.Wait)
	case t.ctx.Err() != nil:
		return pos.Errorf("the script was stopped: %w", context.Cause(t.ctx))
	default:
		return pos.Errorf("the script was stopped: it ran for more than %v", t.limits.Time)
	}
}

// explain says in the user's words what the engine means by an error of its own.
func (t *turn) explain(name, message string) (text string, limit bool) {
	switch {
	case name == "InternalError" && message == "out of memory":
		return fmt.Sprintf("out of memory: all that the scripts hold takes more than %d MiB", t.limits.Memory>>20), true
	case message == "stack overflow" && name != "Error":
		return fmt.Sprintf("stack overflow: functions call each other deeper than %d calls", t.limits.Depth), false
	case name == "" || name == "AssertionError" || name == "Error":
		return message, false
	default:
		return name + ": " + familiar(message), false
	}
}

// familiar says what the engine says in the words of the engine that Postman has, because people look for those.
func familiar(message string) string {
	if name, ok := strings.CutSuffix(message, "' is not defined"); ok {
		return strings.TrimPrefix(name, "'") + " is not defined"
	}
	if strings.HasSuffix(message, "' is read-only") {
		return "Assignment to constant variable."
	}
	verb, rest, _ := strings.Cut(strings.TrimPrefix(message, "cannot "), " property '")
	name, of, ok := strings.Cut(rest, "' of ")
	if of, nameless := strings.CutPrefix(message, "cannot read property of "); nameless {
		return "Cannot read properties of " + of
	}
	switch {
	case ok && name == "Symbol.iterator":
		return of + " is not iterable"
	case ok && verb == "read":
		return fmt.Sprintf("Cannot read properties of %s (reading '%s')", of, name)
	case ok && verb == "set":
		return fmt.Sprintf("Cannot set properties of %s (setting '%s')", of, name)
	default:
		return message
	}
}
