package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

// cupboard is a Store that several runs share.
type cupboard struct {
	mu      sync.Mutex
	records map[string]string
	locks   map[string]chan struct{}
	log     []string
	fail    string // the operation that fails
}

func (c *cupboard) note(operation string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, operation)
	if operation == c.fail {
		return errors.New("disk on fire")
	}
	return nil
}

func (c *cupboard) Load(_ context.Context, key string) ([]byte, bool, error) {
	err := c.note("load")
	c.mu.Lock()
	defer c.mu.Unlock()
	text, found := c.records[key]
	return []byte(text), found, err
}

func (c *cupboard) Save(ctx context.Context, key string, record []byte) error {
	if err := errors.Join(c.note("save"), ctx.Err()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.records == nil {
		c.records = map[string]string{}
	}
	c.records[key] = string(record)
	return nil
}

func (c *cupboard) Lock(ctx context.Context, key string) (func() error, error) {
	if err := c.note("lock"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.locks == nil {
		c.locks = map[string]chan struct{}{}
	}
	turn, ok := c.locks[key]
	if !ok {
		turn = make(chan struct{}, 1)
		c.locks[key] = turn
	}
	c.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() error { <-turn; return c.note("unlock") }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// watched notes what is sent among what the store does.
func (c *cupboard) watched(answer func(int, auth.Call) (*wire.Response, error)) func(int, auth.Call) (*wire.Response, error) {
	return func(nth int, call auth.Call) (*wire.Response, error) {
		_ = c.note("send")
		return answer(nth, call)
	}
}

// process is the session of a run of its own that shares the store and the server.
func process(d *desk, c *cupboard, pairs ...string) auth.Session {
	s := session(d, pairs...)
	s.Tokens.Store = c
	return s
}

func TestAnotherRunFindsTheTokenInTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cupboard{}
		d := &desk{answer: c.watched(numbered(`,"expires_in":3600,"scope":"a b","patient":"p-1","tenant":"t"`))}
		block := strings.Replace(contextBlock, "{who: patient, need_patient_banner: need_patient_banner}", "{who: patient}", 1)
		start := time.Now().UTC()
		same(t, "the first", authorize(t, read(t, block), process(d, c)), "Bearer token-1")
		time.Sleep(time.Minute)
		s := process(d, c)
		same(t, "the second", authorize(t, read(t, block), s), "Bearer token-1")
		same(t, "patient", s.Scope.Captured()["who"].Text, "p-1")
		same(t, "hidden", fmt.Sprint(s.Scope.Redact("token-1") != "token-1"), "true")
		same(t, "log", strings.Join(c.log, " "), "lock load send save unlock lock load unlock")
		var key, text string
		for key, text = range c.records {
			same(t, "record", text, `{"version":1,"credential":"oauth2 client-credentials, client c at `+tokenURL+`","access_token":"token-1","issued_at":"`+start.Format(time.RFC3339Nano)+
				`","expires_at":"`+start.Add(time.Hour).Format(time.RFC3339Nano)+`","scope":"a b","context":{"patient":"p-1"}}`)
		}
		if len(c.records) != 1 || len(key) != 32 {
			t.Errorf("got %d records, the last %q", len(c.records), key)
		}
		time.Sleep(59 * time.Minute)
		same(t, "when it ended", authorize(t, read(t, block), s), "Bearer token-2")
		same(t, "in a third run", authorize(t, read(t, block), process(d, c)), "Bearer token-2")
	})
}

func TestATokenThatAServerRefusedIsNotTakenFromTheStore(t *testing.T) {
	t.Parallel()
	c := &cupboard{}
	d := &desk{answer: numbered("")}
	a := read(t, seconds)
	authorize(t, a, process(d, c))
	s := process(d, c)
	req := request()
	if err := a.Authorize(t.Context(), req, s); err != nil {
		t.Fatal(err)
	}
	a.(auth.Renewer).Renew(req, s)
	same(t, "Authorization", authorize(t, a, s), "Bearer token-2")
	same(t, "in another run", authorize(t, a, process(d, c)), "Bearer token-2")
}

func TestATokenWithoutTheContextThatIsWantedIsNotTakenFromTheStore(t *testing.T) {
	t.Parallel()
	c := &cupboard{}
	d := &desk{answer: numbered(`,"patient":"p-1"`)}
	plain := strings.Replace(contextBlock, ", context: {who: patient, need_patient_banner: need_patient_banner}", "", 1)
	authorize(t, read(t, plain), process(d, c))
	s := process(d, c)
	same(t, "Authorization", authorize(t, read(t, strings.Replace(plain, "}", ", context: [patient]}", 1)), s), "Bearer token-2")
	same(t, "patient", s.Scope.Captured()["patient"].Text, "p-1")
}

func TestARotatedRefreshTokenIsSavedBeforeTheNewTokenIsUsed(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{"of a grant": seconds, "of the file": refreshing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, server := &cupboard{}, &authority{newest: "first"}
				d := &desk{answer: server.answer}
				a := read(t, block)
				for i := range 6 { // each in a run of its own
					same(t, "Authorization", authorize(t, a, process(d, c, "rt", "first")), fmt.Sprintf("Bearer token-%d", i+1))
					if stored := fmt.Sprint(slices.Collect(maps.Values(c.records))); !strings.Contains(stored, server.newest) {
						t.Errorf("the token is used and %s is not saved: %s", server.newest, stored)
					}
					time.Sleep(time.Minute)
				}
				if sent := sentRefreshTokens(d); !strings.HasSuffix(sent, "refresh-1 refresh-2 refresh-3 refresh-4 refresh-5") {
					t.Errorf("got the refresh tokens %s", sent)
				}
			})
		})
	}
}

func TestBlocksOfSeveralRunsShareTheFamilyOfTheirRefreshToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, server := &cupboard{}, &authority{newest: "first"}
		d := &desk{answer: slow(server.answer)}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				block := strings.Replace(refreshing, "{", fmt.Sprintf("{scope: scope-%d, ", i%4), 1)
				authorize(t, read(t, block), process(d, c, "rt", "first"))
			})
		}
		wg.Wait()
		if len(server.used) != 4 || len(d.calls) != 4 {
			t.Errorf("got %d refresh tokens used up in %d calls, want 4 in 4", len(server.used), len(d.calls))
		}
	})
}

func TestSeveralRunsMakeOneRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, server := &cupboard{}, &authority{}
		d := &desk{answer: slow(server.answer)}
		a := read(t, seconds)
		runs := make([]auth.Session, 8)
		for i := range runs {
			runs[i] = process(d, c)
			authorize(t, a, runs[i])
		}
		for range 3 {
			time.Sleep(time.Minute)
			var wg sync.WaitGroup
			for _, s := range runs {
				wg.Go(func() { authorize(t, a, worker(s)) })
			}
			wg.Wait()
		}
		same(t, "sent", sentRefreshTokens(d), " refresh-1 refresh-2 refresh-3")
	})
}

func TestARefreshTokenThatCouldNotBeSavedIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{"of a grant": seconds, "of the file": refreshing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &cupboard{}
				d := &desk{answer: (&authority{newest: "first"}).answer}
				a, s := read(t, block), process(d, c, "rt", "first")
				authorize(t, a, s)
				time.Sleep(time.Minute)
				c.fail = "save"
				same(t, "error", fmt.Sprint(a.Authorize(t.Context(), request(), s)), "a.yaml:1:9: no access token: writing the token store: disk on fire")
				c.fail = ""
				same(t, "later", authorize(t, a, s), "Bearer token-3")
				if sent := sentRefreshTokens(d); !strings.HasSuffix(sent, "refresh-1 refresh-2") {
					t.Errorf("got the refresh tokens %s", sent)
				}
				if stored := fmt.Sprint(c.records); !strings.Contains(stored, "refresh-3") {
					t.Errorf("got %s", stored)
				}
			})
		})
	}
}

func TestATokenIsSavedThoughItsRequestIsGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := &cupboard{}
	d := &desk{answer: func(nth int, call auth.Call) (*wire.Response, error) {
		cancel()
		return numbered(`,"refresh_token":"refresh-1"`)(nth, call)
	}}
	_ = read(t, seconds).Authorize(ctx, request(), process(d, c))
	same(t, "in another run", authorize(t, read(t, seconds), process(d, c)), "Bearer token-1")
}

func TestAStoreThatFailsIsNamed(t *testing.T) {
	t.Parallel()
	const at = "a.yaml:1:9: no access token: "
	for fail, want := range map[string]string{
		"lock":   at + "locking the token store: disk on fire",
		"load":   at + "reading the token store: disk on fire",
		"save":   at + "writing the token store: disk on fire",
		"unlock": at + "unlocking the token store: disk on fire",
	} {
		c := &cupboard{fail: fail}
		err := read(t, seconds).Authorize(t.Context(), request(), process(&desk{answer: numbered("")}, c))
		same(t, fail, fmt.Sprint(err), want)
	}
	for text, want := range map[string]string{
		`{"version":2}`: "has version 2, want 1; another hgrun wrote it: use that one, or remove the record",
		`{"version":`:   "is no JSON of hgrun's; remove it",
	} {
		c := &cupboard{}
		authorize(t, read(t, seconds), process(&desk{answer: numbered("")}, c))
		key := slices.Collect(maps.Keys(c.records))[0]
		c.records[key] = text
		err := read(t, seconds).Authorize(t.Context(), request(), process(&desk{}, c))
		same(t, text, fmt.Sprint(err), at+"the record "+key+" of the token store "+want)
	}
}

func TestARecordHoldsNoSecretOfTheClient(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{
		"profile: pattern-health, client_secret: hush-hush-hush", "profile: health-gorilla, client_secret: hush-hush-hush-hush-hush-hush-hush",
		"grant: password, username: u, password: hush-hush-hush", "grant: token-exchange, subject_token: hush-hush-hush",
		"grant: refresh-token, refresh_token: hush-hush-hush", `grant: authorization-code, code: hush-hush-hush, code_verifier: hush-hush-hush-hush-hush-hush-hush-hush-hush-hush`,
	} {
		c := &cupboard{}
		authorize(t, read(t, `oauth2: {client_id: c, token_url: "`+tokenURL+`", `+yaml+`}`), process(&desk{answer: numbered("")}, c))
		if stored := fmt.Sprint(c.records); strings.Contains(stored, "hush") || len(c.records) != 1 {
			t.Errorf("%s: got %s", yaml, stored)
		}
		var record map[string]any
		for _, text := range c.records {
			if err := json.Unmarshal([]byte(text), &record); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestADeadRefreshTokenOfTheStoreIsFollowedByTheGrant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, server := &cupboard{}, &authority{}
		d := &desk{answer: server.answer}
		a := read(t, seconds)
		authorize(t, a, process(d, c))
		time.Sleep(time.Minute)
		server.newest = "another"
		same(t, "Authorization", authorize(t, a, process(d, c)), "Bearer token-3")
		same(t, "sent", sentRefreshTokens(d), " refresh-1 ")
		if stored := fmt.Sprint(c.records); !strings.Contains(stored, "refresh-3") {
			t.Errorf("got %s", stored)
		}
	})
}
