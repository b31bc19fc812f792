package script

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/quickjs"
)

// register gives js/core.js the functions that it takes from the global object and hides.
func (b *box) register() error {
	functions := map[string]quickjs.HostFunc{
		"get": b.get, "set": b.set, "drop": b.drop, "all": b.all, "expand": b.expand, "text": b.text, "bytes": b.raw, "info": b.info, "heads": b.heads, "request": b.request, "cookies": b.cookies, "send": b.send, "digest": digest, "random": random, "now": b.now,
	}
	for name, f := range functions {
		if err := b.js.RegisterHostFunc("__"+name, b.guarded(f)); err != nil {
			return err
		}
	}
	return b.js.RegisterFunc("__load", b.load, false)
}

// guarded keeps a script that was left behind away from what the caller of Run has again: its variables and its request.
func (b *box) guarded(f quickjs.HostFunc) quickjs.HostFunc {
	return func(args []any) (any, error) {
		t := b.turn
		t.held.Lock()
		defer t.held.Unlock()
		if t.gone {
			return nil, errors.New("the script was stopped")
		}
		return f(args)
	}
}

// load returns the function that a module is. The engine's own scripts alone call it, with names that exist.
func (b *box) load(name string) quickjs.Value {
	code, err := b.engine.bytecode(name)
	if err == nil {
		var v quickjs.Value
		if v, err = b.js.EvalBytecodeValue(code); err == nil {
			return v
		}
	}
	return quickjs.UndefinedValue
}

func (b *box) text(args []any) (any, error) {
	of := b.turn.responses[word(args, 0)]
	if of == nil {
		return "", nil
	}
	return decoded(whole(of), of.Header.Get("Content-Type")), nil
}

// raw returns the bytes of a body, each as one character.
func (b *box) raw(args []any) (any, error) {
	return characters(whole(b.turn.responses[word(args, 0)])), nil
}

func (b *box) info([]any) (any, error) {
	made, err := json.Marshal(describe(b.turn.event.Info))
	return string(made), err
}

func (b *box) heads(args []any) (any, error) {
	of := b.turn.responses[word(args, 0)]
	if of == nil {
		return nil, errors.New("the response of a script that has ended has no headers any more")
	}
	made, err := json.Marshal(headsOf(of))
	return string(made), err
}

func (b *box) request([]any) (any, error) {
	r := b.turn.event.Request
	if r == nil {
		r = &Request{}
	}
	made, err := json.Marshal(r)
	return string(made), err
}

// send starts a request of the script; its answer is taken by wait.
func (b *box) send(args []any) (any, error) {
	t, id := b.turn, int(number(args[0]))
	if t.event.Send == nil {
		return nil, fmt.Errorf("pm.sendRequest is not available here")
	}
	var r Request
	if err := json.Unmarshal([]byte(word(args, 1)), &r); err != nil {
		return nil, fmt.Errorf("pm.sendRequest does not understand the request: %w", err)
	}
	if t.sent >= maxWaiting {
		return nil, fmt.Errorf("pm.sendRequest: %d requests of the script wait for their answer already: await them before you send more", maxWaiting)
	}
	t.sent++
	go t.exchange(id, &r, t.event.Send)
	return nil, nil
}

// exchange sends a request when it is its turn, and hands its answer to wait.
func (t *turn) exchange(id int, r *Request, send Sender) {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-t.ctx.Done():
		return
	}
	x, err := send(t.ctx, r)
	if err == nil && x.Err != nil {
		err = x.Err
	}
	select {
	case t.answers <- answer{id: id, exchange: x, err: err}:
	case <-t.ctx.Done():
	}
}

// now returns the milliseconds since the script began.
func (b *box) now([]any) (any, error) {
	return float64(time.Since(b.turn.begun)) / float64(time.Millisecond), nil
}

// random returns so many random bytes, each as one character.
func random(args []any) (any, error) {
	n := int(number(args[0]))
	if n < 0 || n > 1<<16 {
		return nil, fmt.Errorf("crypto.getRandomValues makes 65536 bytes at most, got %d", n)
	}
	made := make([]byte, n)
	_, err := rand.Read(made)
	return characters(made), err
}

// characters returns bytes as a text that has one character, U+0000 to U+00FF, for each.
func characters(bytes []byte) string {
	var s strings.Builder
	s.Grow(len(bytes) * 3 / 2)
	for _, b := range bytes {
		s.WriteRune(rune(b))
	}
	return s.String()
}

// octets is the inverse of characters.
func octets(s string) []byte {
	made := make([]byte, 0, len(s))
	for _, r := range s {
		made = append(made, byte(r))
	}
	return made
}

// word returns an argument that js/core.js gives as a text.
func word(args []any, i int) string {
	if i >= len(args) {
		return ""
	}
	s, _ := args[i].(string)
	return s
}

// number returns a number that the engine gives as an int where it is one.
func number(v any) float64 {
	switch n := v.(type) {
	case int:
		return float64(n)
	case float64:
		return n
	default:
		return 0
	}
}
