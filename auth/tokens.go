package auth

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/vars"
)

// Tokens are the tokens of a run, one for each credential. The zero value is empty and ready; it serves many goroutines.
type Tokens struct {
	Store Store  // keeps them for the next run; nil: nothing does
	Seed  uint64 // makes names such as {{$guid}} in a credential repeat from run to run; zero: nobody can foresee them

	mu       sync.Mutex
	cells    map[credential]*cell
	families map[string]*family             // by every refresh token that was ever one of theirs
	servers  map[string]*metadata           // by the URL of their metadata
	spent    map[[sha256.Size]byte]struct{} // codes that were sent
	asking   turn                           // of who asks a person; nil while nobody has
	proofs   proofs
	drawn    sync.Once
	random   *vars.Random // that the values of exchanges come from
	pinned   map[string]vars.Value
}

// cell holds the token of one credential.
type cell struct {
	token    *token  // nil for none
	family   *family // that renews it; nil for none
	refused  string  // the token that a server refused last
	outdated bool    // whatever a store has will not do: somebody wants a new one
	flight   *flight // the fetch under way; nil for none
}

// held is what a fetch starts from.
type held struct {
	family   *family // nil for none
	refused  string  // a token that will not do, whatever a store says; empty for none
	outdated bool    // no token of a store will do
}

// token is an access token.
type token struct {
	text  string
	since time.Time     // when it was asked for
	life  time.Duration // zero: unknown
	scope string        // as it was granted; empty where the server did not say

	context map[string]json.RawMessage // what came beside it
}

// fresh reports whether a token will do for a while. One whose life is unknown will do until a server refuses it.
func (t *token) fresh(skew time.Duration) bool {
	if t == nil {
		return false
	}
	return t.life == 0 || time.Since(t.since) < t.life-min(skew, t.life/2)
}

// flight is one fetch that others wait for.
type flight struct {
	done      chan struct{}
	token     *token
	err       error
	abandoned bool // its own request was given up, which says nothing about the token
}

// get returns the token of a credential. Where none is at hand or it is about to end, one caller fetches while the others
// wait for what comes of it; a failure is theirs too, but is not kept: whoever comes later tries again. shared is true for
// those who waited.
func (ts *Tokens) get(ctx context.Context, id credential, skew time.Duration, fetch func(held) (*token, *family, error)) (t *token, shared bool, err error) {
	for {
		ts.mu.Lock()
		c := ts.cell(id)
		if c.token.fresh(skew) {
			defer ts.mu.Unlock()
			return c.token, false, nil
		}
		f := c.flight
		if f == nil {
			f = &flight{done: make(chan struct{}), abandoned: true}
			c.flight = f
			ts.mu.Unlock()
			ts.fly(ctx, c, f, fetch)
			return f.token, false, f.err
		}
		ts.mu.Unlock()
		select {
		case <-f.done:
			if !f.abandoned {
				return f.token, true, f.err
			}
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
	}
}

func (ts *Tokens) cell(id credential) *cell {
	c, ok := ts.cells[id]
	if !ok {
		if ts.cells == nil {
			ts.cells = map[credential]*cell{}
		}
		c = &cell{}
		ts.cells[id] = c
	}
	return c
}

// fly fetches for everybody. Those who wait are woken even if fetch panics.
func (ts *Tokens) fly(ctx context.Context, c *cell, f *flight, fetch func(held) (*token, *family, error)) {
	ts.mu.Lock()
	had, kin := held{c.family, c.refused, c.outdated}, c.family
	ts.mu.Unlock()
	defer func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		c.token, c.family, c.flight = f.token, kin, nil
		c.outdated = had.outdated && f.token == nil
		close(f.done)
	}()
	f.token, kin, f.err = fetch(had)
	f.abandoned = f.err != nil && ctx.Err() != nil
}

// forget drops a token that a server refused. A newer one that stands in its place stays.
func (ts *Tokens) forget(id credential, text string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if c := ts.cell(id); c.token != nil && c.token.text == text {
		c.token, c.refused = nil, text
	}
}

// outdate drops the token of a credential, so that the next is one that no store has yet.
func (ts *Tokens) outdate(id credential) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	c := ts.cell(id)
	c.token, c.outdated = nil, true
}

// renews reports whether a credential has a refresh token.
func (ts *Tokens) renews(id credential) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.cell(id).family != nil
}

// held returns the tokens of a credential, empty where there is none.
func (ts *Tokens) held(id credential) (access, refresh string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	c := ts.cell(id)
	if c.token != nil {
		access = c.token.text
	}
	if c.family != nil {
		refresh = c.family.latest()
	}
	return access, refresh
}

// drop forgets the tokens of a credential.
func (ts *Tokens) drop(id credential) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	c := ts.cell(id)
	c.token, c.family = nil, nil
}

// kindOf names a token by RFC 7009, section 2.1: a refresh token of this run, or an access token.
func (ts *Tokens) kindOf(token string) string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if _, ok := ts.families[token]; ok {
		return "refresh_token"
	}
	return "access_token"
}

// spend notes that a code is sent, and reports whether that is its first time.
func (ts *Tokens) spend(code string) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	sum := sha256.Sum256([]byte(code))
	if _, again := ts.spent[sum]; again {
		return false
	}
	if ts.spent == nil {
		ts.spent = map[[sha256.Size]byte]struct{}{}
	}
	ts.spent[sum] = struct{}{}
	return true
}

// person returns the turn of who asks a person: one prompt at a time.
func (ts *Tokens) person() turn {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.asking == nil {
		ts.asking = newTurn()
	}
	return ts.asking
}

// family is a refresh token and all that came after it. The one that is newest is sent; no older one ever is, because a
// server that sees an old one takes it for stolen and ends them all (RFC 9700, section 4.14.2).
type family struct {
	turn   turn // of who refreshes
	mu     sync.Mutex
	newest string // changed by who has the turn

	context map[string]json.RawMessage // what came beside the tokens so far; belongs to who has the turn
}

// family returns the family that a refresh token belongs to.
func (ts *Tokens) family(refresh string) *family {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	f, ok := ts.families[refresh]
	if !ok {
		if ts.families == nil {
			ts.families = map[string]*family{}
		}
		f = &family{turn: newTurn(), newest: refresh}
		ts.families[refresh] = f
	}
	return f
}

// rotate makes a refresh token the newest of the family whose turn the caller has.
func (ts *Tokens) rotate(f *family, refresh string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = refresh
	ts.families[refresh] = f
}

// adopt makes a refresh token of the store the newest of the family whose turn the caller has: another process got it. One
// that the family has moved on from is not sent again.
func (ts *Tokens) adopt(f *family, refresh string) {
	ts.mu.Lock()
	_, known := ts.families[refresh]
	ts.mu.Unlock()
	if refresh != "" && !known {
		ts.rotate(f, refresh)
	}
}

// latest returns the newest refresh token.
func (f *family) latest() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest
}

// turn is held by one at a time, and waited for no longer than a request lives.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) enter(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turn) leave() { <-t }

// draw makes the values that credentials are told apart by, and the source of those that exchanges send. Both depend on the seed
// alone: which request of which collection asks first is different each time.
func (ts *Tokens) draw() {
	ts.drawn.Do(func() {
		const stream = "credentials"
		if ts.Seed != 0 {
			ts.random = vars.NewRandom(ts.Seed, stream)
		}
		fresh := vars.NewScope(nil)
		fresh.Seed(ts.Seed, stream+" told apart", 0)
		ts.pinned = map[string]vars.Value{}
		for _, name := range vars.FreshNames() {
			if v, err := fresh.Lookup(name); err == nil {
				ts.pinned[name] = v
			}
		}
		ts.pinned[vars.Assertion] = vars.Value{Text: strings.TrimPrefix(vars.Assertion, "$")}
	})
}

// pin returns a scope in which {{$guid}}, {{$timestamp}} and the like mean the same through the whole run: a value that is
// new each time would make every request a credential of its own.
func (ts *Tokens) pin(s *vars.Scope) *vars.Scope {
	ts.draw()
	return s.With(vars.Layer{Name: "hgrun", Values: ts.pinned})
}

// own returns a scope for an exchange, whose new values take nothing from the sequence of the request that needs it.
func (ts *Tokens) own(s *vars.Scope) *vars.Scope {
	ts.draw()
	return s.Draws(ts.random)
}
