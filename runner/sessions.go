package runner

import (
	"slices"
	"sync"
)

// jars are the cookies of a round: those of one session are seen by no other.
type jars struct {
	remember bool // what they were given

	mu      sync.Mutex
	by      map[string]*cookies // by the name of the session
	hearing int                 // who wants to hear what is given
}

func newJars() *jars { return &jars{by: map[string]*cookies{}} }

// of returns the cookies of a session.
func (js *jars) of(session string) *cookies {
	js.mu.Lock()
	defer js.mu.Unlock()
	c, ok := js.by[session]
	if !ok {
		c = &cookies{}
		c.remembers = js.remember || js.hearing > 0
		js.by[session] = c
	}
	return c
}

// copied returns jars that were given the same, and do not remember it.
func (js *jars) copied() *jars {
	js.mu.Lock()
	defer js.mu.Unlock()
	out := newJars()
	for session, c := range js.by {
		out.by[session] = c.copied()
	}
	return out
}

// hear begins to listen to what is given, until heard, and returns where that begins.
func (js *jars) hear() (from map[string]int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.hearing++
	from = map[string]int{}
	for session, c := range js.by {
		c.remembers = true
		from[session] = len(c.given)
	}
	return from
}

// heard returns what was given since hear, by session.
func (js *jars) heard(from map[string]int) map[string][]setCookies {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.hearing--
	given := map[string][]setCookies{}
	for session, c := range js.by {
		if news := c.given[from[session]:]; len(news) > 0 {
			given[session] = slices.Clone(news)
		}
		if !js.remember && js.hearing == 0 {
			c.remembers, c.given = false, nil
		}
	}
	return given
}
