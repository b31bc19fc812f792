package sandbox

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"
)

const (
	accessLife  = time.Hour
	refreshLife = 30 * 24 * time.Hour
	keepDead    = 24 * time.Hour // how long an expired token is still known as such
	pruneAbove  = 1 << 14        // access tokens; fewer are not worth looking through
)

// A token is what an opaque access token stands for.
type token struct {
	realm   string // the server that issued it: an environment's name, or "pattern " and that
	client  *client
	scope   scope
	expires time.Time
	revoked bool
	family  *family // the refresh tokens it came with; nil for none
	launch  *launch // what the user authorized beside the scope; nil: there was no user
	bound   binding // the key its holder must prove to have
}

// A family is the chain of refresh tokens of one authorization, of which only the newest is valid.
type family struct {
	realm   string
	client  *client
	scope   scope
	newest  string
	expires time.Time
	dead    bool // an old token was used again, or the family was revoked
	launch  *launch
}

// tokens are the access and refresh tokens of every server, so that one server can tell another's token from nonsense.
type tokens struct {
	mu      sync.Mutex
	access  map[string]*token
	refresh map[string]*family // replaced tokens included
	limit   int                // access tokens at which to prune next
}

func newTokens() *tokens {
	return &tokens{access: map[string]*token{}, refresh: map[string]*family{}, limit: pruneAbove}
}

// issue makes an access token without a refresh token.
func (t *tokens) issue(realm string, c *client, s scope, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mint(token{realm: realm, client: c, scope: s, expires: now.Add(c.tokenLife())}, now)
}

// grant makes an access token as given and, when wanted, the first refresh token of its family.
func (t *tokens) grant(a token, refresh bool, now time.Time) pair {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := pair{scope: a.scope, launch: a.launch}
	if refresh {
		a.family = &family{realm: a.realm, client: a.client, scope: a.scope, launch: a.launch}
		p.refresh = t.renew(a.family, now)
	}
	p.access = t.mint(a, now)
	return p
}

// findRefresh returns what a refresh token stands for, as if it were an access token.
func (t *tokens) findRefresh(value string) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.refresh[value]
	if f == nil {
		return token{}, false
	}
	return token{
		realm: f.realm, client: f.client, scope: f.scope, expires: f.expires, revoked: f.dead || f.newest != value, launch: f.launch,
	}, true
}

// bind ties an access token to a key.
func (t *tokens) bind(value string, b binding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.access[value]; found != nil {
		found.bound = b
	}
}

// find returns what an access token stands for.
func (t *tokens) find(value string) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.access[value]; found != nil {
		return *found, true
	}
	return token{}, false
}

// revoke ends an access token with the refresh tokens it came with, or a family of refresh tokens.
func (t *tokens) revoke(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.refresh[value]
	if found := t.access[value]; found != nil {
		found.revoked, f = true, found.family
	}
	if f == nil {
		return
	}
	f.dead = true
	for _, a := range t.access {
		a.revoked = a.revoked || a.family == f
	}
}

// plant starts a family as if a user had just authorized the client.
func (t *tokens) plant(realm string, c *client, s scope, now time.Time) *family {
	f := &family{realm: realm, client: c, scope: s}
	t.replant(f, now)
	return f
}

// replant brings a family to life with a new refresh token; the tokens it had before stay unusable.
func (t *tokens) replant(f *family, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for old, of := range t.refresh {
		if of == f { // they keep their own, dead family: using one again must not kill the living
			t.refresh[old] = &family{realm: f.realm, client: f.client, dead: true}
		}
	}
	f.dead = false
	return t.renew(f, now)
}

// newest returns the one valid refresh token of a family; false when there is none.
func (t *tokens) newest(f *family, now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return f.newest, !f.dead && now.Before(f.expires)
}

// A pair is what a refresh yields.
type pair struct {
	access, refresh string
	scope           scope
	launch          *launch
}

// rotate trades a refresh token for a new pair. A token that was replaced before kills its whole family, since either
// its thief or its owner is using it (RFC 9700, section 4.14.2). An empty wanted scope means the granted one.
func (t *tokens) rotate(realm, value string, c *client, wanted scope, now time.Time) (pair, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.refresh[value]
	switch {
	case f == nil || f.realm != realm:
		return pair{}, refuse(invalidGrant, UnknownRefreshToken, "not issued by %s", realm)
	case f.client != c:
		return pair{}, refuse(invalidGrant, UnknownRefreshToken, "issued to another client than %s", c.id)
	case f.dead:
		return pair{}, refuse(invalidGrant, DeadRefreshToken, "its family was revoked")
	case value != f.newest:
		f.dead = true
		return pair{}, refuse(invalidGrant, ReplacedRefreshToken, "used again; the whole family is revoked")
	case !now.Before(f.expires):
		return pair{}, refuse(invalidGrant, ExpiredRefreshToken, "expired %s ago", now.Sub(f.expires).Round(time.Second))
	}
	if grown := f.scope.missing(wanted); grown != "" {
		return pair{}, refuse(invalidScope, GrownScope, "%q was not granted before", grown)
	}
	if len(wanted) == 0 {
		wanted = f.scope
	}
	access := t.mint(token{realm: realm, client: c, scope: wanted, expires: now.Add(accessLife), family: f, launch: f.launch}, now)
	return pair{access, t.renew(f, now), wanted, f.launch}, nil
}

// renew replaces the newest refresh token of a family. The caller holds the lock.
func (t *tokens) renew(f *family, now time.Time) string {
	f.newest, f.expires = "rt_"+rand.Text(), now.Add(refreshLife)
	t.refresh[f.newest] = f
	return f.newest
}

// mint stores an access token under a new value. The caller holds the lock.
func (t *tokens) mint(a token, now time.Time) string {
	if len(t.access) >= t.limit {
		for value, old := range t.access {
			if now.Sub(old.expires) > keepDead {
				delete(t.access, value)
			}
		}
		t.limit = max(pruneAbove, 2*len(t.access))
	}
	value := rand.Text() + rand.Text()
	t.access[value] = &a
	return value
}

// judge tells why an access token does not open a realm; OK means it does.
func (t token) judge(realm string, now time.Time) (Reason, string) {
	switch {
	case t.realm != realm:
		return ForeignToken, fmt.Sprintf("issued by %s, used at %s", t.realm, realm)
	case t.revoked:
		return RevokedToken, ""
	case !now.Before(t.expires):
		return ExpiredToken, fmt.Sprintf("expired %s ago", now.Sub(t.expires).Round(time.Second))
	}
	return OK, ""
}
