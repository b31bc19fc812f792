package script

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modernc.org/quickjs"
)

// box is one JavaScript runtime and the goroutine that alone touches it.
type box struct {
	engine    *Engine
	js        *quickjs.VM
	limits    Limits
	work      chan func()
	functions map[string]quickjs.Value // what js/core.js returns
	scripts   map[string]quickjs.Value // compiled, by their text
	rejected  rejections
	turn      *turn
	turns     int  // so far
	forget    bool // what scripts have left behind, before the next one
	closed    bool
}

// maxScripts is how many compiled scripts a box keeps.
const maxScripts = 1000

func newBox(e *Engine, l Limits) (*box, error) {
	js, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	b := &box{engine: e, js: js, limits: l, work: make(chan func()), functions: map[string]quickjs.Value{}, scripts: map[string]quickjs.Value{}}
	js.SetMemoryLimit(uintptr(l.Memory))
	js.SetMaxStackSize(uintptr(l.Depth))
	if err := b.prepare(); err != nil {
		b.close()
		return nil, err
	}
	go b.lane()
	return b, nil
}

// lane runs the work of the box on one goroutine, whose stack stays as large as scripts have made it.
func (b *box) lane() {
	for f := range b.work {
		f()
	}
	b.close()
}

func (b *box) prepare() error {
	if err := b.rejected.watch(b.js); err != nil {
		return err
	}
	if err := b.register(); err != nil {
		return err
	}
	code, err := b.engine.bytecode("./core")
	if err != nil {
		return err
	}
	core, err := b.js.EvalBytecodeValue(code)
	if err != nil {
		return fmt.Errorf("js/core.js: %w", err)
	}
	defer core.Free()
	for _, name := range []string{"begin", "forget", "finish", "fire", "due", "answered", "rejected", "compile"} {
		atom, err := b.js.NewAtom(name)
		if err != nil {
			return err
		}
		if b.functions[name], err = core.GetPropertyValue(atom); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) close() {
	if b.closed {
		return
	}
	b.closed = true
	for _, v := range b.functions {
		v.Free()
	}
	for _, v := range b.scripts {
		v.Free()
	}
	b.rejected.forget()
	b.js.Close()
}

// run runs a script to its end: to the last timer, answer and promise.
func (b *box) run(t *turn) Outcome {
	b.turn = t
	b.turns++
	t.number = b.turns
	defer func() { b.turn = nil }()
	defer context.AfterFunc(t.ctx, b.js.Interrupt)()
	err := b.drive(t)
	var broken *quickjs.Error
	if errors.As(err, &broken) && broken.Name == "SyntaxError" {
		return Outcome{Errors: problems(syntaxError(t.script, err))}
	}
	if broken != nil {
		t.spoiled = true
		err = t.script.Pos.Errorf("the script engine stumbled: %w: has a script changed the built-in objects?", err)
	}
	return b.finish(t, err)
}

func (b *box) drive(t *turn) error {
	script, err := b.compiled(t)
	if err != nil {
		return err
	}
	due, err := b.begin(t, script)
	for err == nil && (due >= 0 || t.sent > 0) {
		if err = b.wait(t, due); err == nil {
			due, err = b.settle(t, func() error { return nil })
		}
	}
	return err
}

// begin runs a script until nothing more is due, and returns in what time something will be.
func (b *box) begin(t *turn, script quickjs.Value) (due time.Duration, err error) {
	answer := ""
	if x := t.event.Exchange; x != nil && x.Response != nil {
		if answer, err = t.keep(0, x); err != nil {
			return 0, err
		}
	}
	return b.settle(t, func() error {
		if b.forget {
			b.forget = false
			if _, err := b.functions["forget"].CallValue(quickjs.UndefinedValue); err != nil {
				return err
			}
		}
		_, err := b.functions["begin"].CallValue(quickjs.UndefinedValue, script, t.event.Info.Listen, answer)
		return err
	})
}

// compiled returns the function that a script is.
func (b *box) compiled(t *turn) (quickjs.Value, error) {
	if f, ok := b.scripts[t.script.Text]; ok {
		return f, nil
	}
	if len(b.scripts) >= maxScripts {
		for text, f := range b.scripts {
			f.Free()
			delete(b.scripts, text)
		}
	}
	f, err := b.call(t, "compile", wrap(t.script.Text))
	if err == nil {
		b.scripts[t.script.Text] = f
	}
	return f, err
}

// call calls a function of js/core.js within what the script has left of its time.
func (b *box) call(t *turn, name string, args ...any) (result quickjs.Value, err error) {
	err = b.enter(t, func() error {
		result, err = b.functions[name].CallValue(quickjs.UndefinedValue, args...)
		return err
	})
	return result, err
}

// settle runs f and what promises have made due, and returns how long it is to the next timer; it is negative where there is none.
func (b *box) settle(t *turn, f func() error) (due time.Duration, err error) {
	err = b.enter(t, func() error {
		if err := f(); err != nil {
			return err
		}
		if _, err := b.js.ExecutePendingJobs(); err != nil {
			return err
		}
		ms, err := b.functions["due"].CallValue(quickjs.UndefinedValue)
		if err != nil {
			return err
		}
		defer ms.Free()
		v, err := ms.Any()
		due = time.Duration(number(v) * float64(time.Millisecond))
		return err
	})
	return due, err
}

func (b *box) enter(t *turn, f func() error) error {
	if err := t.stopped(); err != nil {
		return err
	}
	left := t.limits.Time - t.busy
	if err := b.js.SetEvalTimeout(left); err != nil {
		return err
	}
	late := time.AfterFunc(left+grace, t.lose)
	defer late.Stop()
	begun := time.Now()
	err := f()
	t.busy += time.Since(begun)
	if interrupted(err) {
		t.spoiled = true
		t.busy = max(t.busy, t.limits.Time)
		return t.limit()
	}
	return err
}

// interrupted reports whether the engine was told to stop; a script cannot catch that.
func interrupted(err error) bool {
	var e *quickjs.Error
	return errors.As(err, &e) && e.Name == "InternalError" && e.Message == "interrupted"
}

// wait waits for the timer that is due, if one is, or for an answer, and lets the script have it.
func (b *box) wait(t *turn, due time.Duration) error {
	var timer <-chan time.Time
	switch {
	case due == 0:
		_, err := b.call(t, "fire")
		return err
	case due > 0:
		alarm := time.NewTimer(due)
		defer alarm.Stop()
		timer = alarm.C
	}
	select {
	case <-timer:
		_, err := b.call(t, "fire")
		return err
	case a := <-t.answers:
		t.sent--
		return b.answer(t, a)
	case <-t.ctx.Done():
		return t.limit()
	}
}

func (b *box) answer(t *turn, a answer) error {
	if a.err == nil {
		t.size += int64(len(a.exchange.Response.Body))
		if t.size > t.limits.Memory {
			a.err = fmt.Errorf("pm.sendRequest: the answers to the script take more than %d MiB together", t.limits.Memory>>20)
		}
	}
	if a.err != nil {
		_, err := b.call(t, "answered", a.id, a.err.Error(), nil)
		return err
	}
	made, err := t.keep(a.id, a.exchange)
	if err != nil {
		return err
	}
	_, err = b.call(t, "answered", a.id, "", made)
	return err
}
