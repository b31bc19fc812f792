package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Store keeps tokens from run to run. A key is 32 hexadecimal digits that no secret can be read from; a record is to be
// kept from other people, because there are tokens in it. Several processes may use one store.
type Store interface {
	// Load returns the record of a key; false where there is none.
	Load(ctx context.Context, key string) (record []byte, found bool, err error)
	// Save replaces the record of a key, all of it or nothing, so that it survives whatever happens next.
	Save(ctx context.Context, key string, record []byte) error
	// Lock waits until nobody else, in this process or another, has the lock of a key, or ctx ends.
	Lock(ctx context.Context, key string) (unlock func() error, err error)
}

const recordVersion = 1

// record is what a store keeps of a credential: no secret of the client, and no more of the context than the file uses.
type record struct {
	Version      int                        `json:"version"`
	Credential   string                     `json:"credential"` // for people: "oauth2 device, client c at https://…"
	AccessToken  string                     `json:"access_token,omitempty"`
	IssuedAt     time.Time                  `json:"issued_at"`
	ExpiresAt    *time.Time                 `json:"expires_at,omitempty"` // nil: unknown
	Scope        string                     `json:"scope,omitempty"`
	RefreshToken string                     `json:"refresh_token,omitempty"`
	Context      map[string]json.RawMessage `json:"context,omitempty"`
}

// shelf is the place of a key in the store, locked while somebody reads, exchanges and writes, so that several processes
// make one exchange of it. A nil shelf keeps nothing.
type shelf struct {
	store  Store
	key    string
	unlock func() error
}

// open locks the place of a key; nil without a store.
func (ts *Tokens) open(ctx context.Context, key string) (*shelf, error) {
	if ts.Store == nil || key == "" {
		return nil, nil
	}
	unlock, err := ts.Store.Lock(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("locking the token store: %w", err)
	}
	return &shelf{store: ts.Store, key: key, unlock: unlock}, nil
}

// close unlocks the place. An error of before goes before its own.
func (s *shelf) close(err error) error {
	if s == nil {
		return err
	}
	if wrong := s.unlock(); wrong != nil && err == nil {
		return fmt.Errorf("unlocking the token store: %w", wrong)
	}
	return err
}

// load returns the record; the zero record where there is none.
func (s *shelf) load(ctx context.Context) (record, error) {
	if s == nil {
		return record{}, nil
	}
	raw, found, err := s.store.Load(ctx, s.key)
	switch {
	case err != nil:
		return record{}, fmt.Errorf("reading the token store: %w", err)
	case !found:
		return record{}, nil
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}, fmt.Errorf("the record %s of the token store is no JSON of hgrun's; remove it", s.key)
	}
	if r.Version != recordVersion {
		return record{}, fmt.Errorf("the record %s of the token store has version %d, want %d; another hgrun wrote it: use that one, or remove the record", s.key, r.Version, recordVersion)
	}
	return r, nil
}

// save writes the record even where the request has been given up by now: the server has taken the old one's tokens back.
func (s *shelf) save(ctx context.Context, r record) error {
	if s == nil {
		return nil
	}
	r.Version = recordVersion
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("writing the token store: %w", err)
	}
	if err := s.store.Save(context.WithoutCancel(ctx), s.key, raw); err != nil {
		return fmt.Errorf("writing the token store: %w", err)
	}
	return nil
}

// token returns the access token of a record, nil where there is none.
func (r record) token() *token {
	if r.AccessToken == "" {
		return nil
	}
	t := &token{text: r.AccessToken, since: r.IssuedAt, scope: r.Scope, context: r.Context}
	if r.ExpiresAt != nil {
		t.life = max(r.ExpiresAt.Sub(r.IssuedAt), 1) // 0 would be unknown
	}
	return t
}

// record returns what is kept of a token and the refresh token that renews it.
func (x *exchange) record(t *token, f *family) record {
	r := record{Credential: x.label(), AccessToken: t.text, IssuedAt: t.since.UTC().Round(0), Scope: t.scope}
	if t.life > 0 {
		end := r.IssuedAt.Add(t.life)
		r.ExpiresAt = &end
	}
	for _, c := range x.block.context {
		if raw, ok := t.context[c.member]; ok {
			r.Context = merged(r.Context, map[string]json.RawMessage{c.member: raw})
		}
	}
	if f != nil && x.block.name != refreshTokenName {
		r.RefreshToken = f.latest()
	}
	return r
}

// label says for people what a record belongs to.
func (x *exchange) label() string {
	text := x.block.String()
	if id := x.text("client_id"); id != "" {
		text += ", client " + id
	}
	if at := x.own("token_url"); at != "" {
		return text + " at " + at
	}
	if x.block.discover != "" {
		return text + " at " + x.own("discover."+x.block.discover)
	}
	return text + " at " + x.own("refresh_url")
}

// serves reports whether a kept token will do for the block: it is fresh, no server has refused it, and what context: wants
// was kept with it.
func (o *oauth2) serves(t *token, refused string) bool {
	if !t.fresh(o.terms.skew) || t.text == refused {
		return false
	}
	for _, c := range o.context {
		if t.context[c.member] == nil {
			return false
		}
	}
	return true
}

// familyKey is the key of a refresh token that a file gives: blocks that differ share it and all that come after it.
func familyKey(refresh string) string {
	sum := sha256.Sum256([]byte("refresh token family\x00" + refresh))
	return hex.EncodeToString(sum[:16])
}
