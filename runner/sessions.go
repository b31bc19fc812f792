package runner

import "sync"

// jars are the cookies of a round: those of one session are seen by no other.
type jars struct {
	remember bool // what they were given

	mu sync.Mutex
	by map[string]*cookies // by the name of the session
}

func newJars() *jars { return &jars{by: map[string]*cookies{}} }

// of returns the cookies of a session.
func (js *jars) of(session string) *cookies {
	js.mu.Lock()
	defer js.mu.Unlock()
	c, ok := js.by[session]
	if !ok {
		c = newCookies()
		c.remembers = js.remember
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
