package runner_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

// drawer is a Store in memory.
type drawer struct {
	mu      sync.Mutex
	records map[string]string
}

func (d *drawer) Load(_ context.Context, key string) ([]byte, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, found := d.records[key]
	return []byte(text), found, nil
}

func (d *drawer) Save(_ context.Context, key string, record []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.records == nil {
		d.records = map[string]string{}
	}
	d.records[key] = string(record)
	return nil
}

func (*drawer) Lock(context.Context, string) (func() error, error) {
	return func() error { return nil }, nil
}

// first is the first request of a collection.
func first(t *testing.T, c *collections.Collection) *collections.Request {
	t.Helper()
	for _, r := range c.Requests() {
		return r
	}
	t.Fatal("no request")
	return nil
}

// lend gets a token outside a run.
func lend(ctx context.Context, r *runner.Runner, job runner.Job, req *collections.Request) (got auth.Token, all told, err error) {
	err = r.Lend(ctx, job, req, all.add, func(ctx context.Context, s auth.Session) error {
		got, err = auth.Get(ctx, req.Auth, s)
		return err
	})
	return got, all, err
}

func TestATokenIsLentWithoutARun(t *testing.T) {
	t.Parallel()
	i := &issuer{valid: func(string) bool { return true }, expiry: 3600}
	s := serve(i.handle)
	c := load(t, byBlock)
	job := runner.Job{Collection: c, Environment: environment(nil, secrets())}
	r := &runner.Runner{Transport: s}
	got, all, err := lend(t.Context(), r, job, first(t, c))
	if err != nil || got.AccessToken != "token-number-1" {
		t.Fatalf("got %v, %v", got, err)
	}
	same(t, all.story(), "token exchange (jwt-bearer): passed")
	if len(all.events) != 3 || strings.Contains(all.text(t), got.AccessToken) {
		t.Errorf("got %s", all.text(t))
	}
	if masked := r.Redact(got.AccessToken); masked == got.AccessToken {
		t.Error("the token is shown")
	}
	if _, again, err := lend(t.Context(), r, job, first(t, c)); err != nil || again.story() != "" {
		t.Errorf("the token at hand was fetched again: %v %s", err, again.story())
	}
	same(t, strings.Join(s.lines(), "\n"), "POST http://api.test/oauth/token")
}

func TestALoanThatFailsIsExplainedAsInARun(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": "invalid_client", "error_description": "improper client id"}`)
	})
	c := load(t, strings.Replace(byBlock, "client_id: ", "client_id: a@b.example #", 1))
	_, all, err := lend(t.Context(), &runner.Runner{Transport: s}, runner.Job{Collection: c, Environment: environment(nil, secrets())}, first(t, c))
	var none *auth.TokenError
	if !errors.As(err, &none) {
		t.Errorf("got %v, want a TokenError", err)
	}
	if len(all.results) != 1 || all.results[0].Outcome != runner.Errored || len(all.results[0].Findings) == 0 || all.results[0].Findings[0].Code != "HG005" {
		t.Errorf("got %s %+v", all.story(), all.results)
	}
}

func TestALoanRespectsTheHostsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	s := serve(func(http.ResponseWriter, *http.Request) {})
	c := load(t, byBlock)
	_, all, err := lend(t.Context(), &runner.Runner{Transport: s}, runner.Job{Collection: c, Environment: environment(nil, secrets(), "other.test")}, first(t, c))
	var refused *runner.HostError
	if !errors.As(err, &refused) || len(s.lines()) > 0 || all.results[0].Problems[0].Kind != runner.ConfigError {
		t.Errorf("got %v, sent %q, told %s", err, s.lines(), all.story())
	}
}

func TestTokensOfAStoreServeTheNextRun(t *testing.T) {
	t.Parallel()
	i := &issuer{valid: func(string) bool { return true }, expiry: 3600}
	s := serve(i.handle)
	store := &drawer{}
	for range 2 {
		got := run(t.Context(), &runner.Runner{Transport: s, Credentials: runner.Credentials{Store: store}}, load(t, byBlock), environment(nil, secrets()))
		if last := got.results[len(got.results)-1]; last.Outcome != runner.Passed || strings.Contains(got.text(t), "token-number-1") {
			t.Errorf("got %s", got.story())
		}
	}
	if i.issued != 1 || len(store.records) != 1 {
		t.Errorf("%d tokens were fetched for %d records, want 1 for 1", i.issued, len(store.records))
	}
}
