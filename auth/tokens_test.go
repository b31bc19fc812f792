package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// slow is a server that takes a second for each answer.
func slow(answer func(int, auth.Call) (*wire.Response, error)) func(int, auth.Call) (*wire.Response, error) {
	return func(nth int, c auth.Call) (*wire.Response, error) {
		time.Sleep(time.Second) // in a synctest bubble: no time passes
		return answer(nth, c)
	}
}

// worker is the session of another goroutine of the same run.
func worker(s auth.Session, pairs ...string) auth.Session {
	other := session(s.Sender, pairs...)
	other.Tokens = s.Tokens
	return other
}

func TestManyRequestsShareOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow(numbered(`,"expires_in":3600`))}
		a, twin := read(t, seconds), read(t, seconds) // twin: the same credential in another collection
		s := session(d)
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				mine := []auth.Authorizer{a, twin}[i%2]
				req := request()
				if err := mine.Authorize(t.Context(), req, worker(s)); err != nil || req.Header.Get("Authorization") != "Bearer token-1" {
					t.Errorf("got %v, %v", req.Header, err)
				}
			})
		}
		wg.Wait()
		same(t, "calls", strings.Join(d.names(), ", "), "token exchange (client-credentials)")
	})
}

func TestEveryScopeHidesATokenThatAnotherFetched(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered("")}
	s := session(d)
	a := read(t, seconds)
	authorize(t, a, s)
	other := worker(s)
	authorize(t, a, other)
	if got := other.Scope.Redact("token-1"); got == "token-1" {
		t.Error("the second scope shows the token")
	}
}

func TestAFailureIsSharedByThoseWhoWaitAndThenForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow(func(nth int, c auth.Call) (*wire.Response, error) {
			if nth == 1 {
				return response(503, "", ""), nil
			}
			return numbered("")(nth, c)
		})}
		a, s := read(t, seconds), session(d)
		var wg sync.WaitGroup
		var mu sync.Mutex
		failures := map[string]int{}
		for range 8 {
			wg.Go(func() {
				err := a.Authorize(t.Context(), request(), worker(s))
				same(t, "error", fmt.Sprint(err), said+"503 Service Unavailable with an empty body")
				var token *auth.TokenError
				if errors.As(err, &token) {
					mu.Lock()
					defer mu.Unlock()
					failures[fmt.Sprintf("%s shared %t", token.Credential, token.Shared)]++
				}
			})
		}
		wg.Wait()
		var credential string
		for text := range failures {
			credential, _, _ = strings.Cut(text, " ")
		}
		if failures[credential+" shared false"] != 1 || failures[credential+" shared true"] != 7 {
			t.Errorf("got %v, want one who asked and seven who waited, for one credential", failures)
		}
		if len(d.calls) != 1 {
			t.Errorf("got %d calls, want 1", len(d.calls))
		}
		same(t, "the next caller", authorize(t, a, s), "Bearer token-2")
	})
}

func TestWhoWaitsMayGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow(numbered(""))}
		a, s := read(t, seconds), session(d)
		go func() { _ = a.Authorize(t.Context(), request(), worker(s)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := a.Authorize(ctx, request(), s)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		same(t, "later", authorize(t, a, s), "Bearer token-1")
	})
}

func TestAFetchThatItsRequestGaveUpIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := &desk{}
		d.answer = func(nth int, c auth.Call) (*wire.Response, error) {
			if nth == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return numbered("")(nth, c)
		}
		a, s := read(t, seconds), session(d)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := a.Authorize(ctx, request(), worker(s)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		for range 4 {
			wg.Go(func() { same(t, "Authorization", authorize(t, a, worker(s)), "Bearer token-2") })
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if len(d.calls) != 2 {
			t.Errorf("got %d calls, want 2", len(d.calls))
		}
	})
}

func TestAPanicOfTheSenderLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	first := true
	d := &desk{answer: numbered("")}
	a := read(t, seconds)
	s := session(sender(func(c auth.Call) error {
		if first {
			first = false
			panic("sender")
		}
		return d.Send(t.Context(), c)
	}))
	func() {
		defer func() { _ = recover() }()
		_ = a.Authorize(t.Context(), request(), s)
	}()
	same(t, "Authorization", authorize(t, a, s), "Bearer token-1")
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml, life string
		fresh, due       time.Duration // still the first token; the second
	}{
		{"30 s before", "", `3600`, 59*time.Minute + 29*time.Second, 59*time.Minute + 30*time.Second},
		{"as the file says", "skew: 10m, ", `3600`, 49 * time.Minute, 50 * time.Minute},
		{"without a skew", "skew: 0s, ", `3600`, time.Hour - 1, time.Hour},
		{"half a short life", "", `20`, 10*time.Second - 1, 10 * time.Second},
		{"a life that is text", "", `"3600"`, 59 * time.Minute, time.Hour},
		{"a life that has a fraction", "", `3600.0`, 59 * time.Minute, time.Hour},
		{"milliseconds", "expires_in_unit: ms, ", `3600000`, 59 * time.Minute, time.Hour},
		{"an unknown life", "", `null`, 10000 * time.Hour, 0},
		{"a life of zero", "", `0`, 10000 * time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &desk{answer: numbered(`,"expires_in":` + c.life)}
				a, s := read(t, strings.Replace(seconds, "{", "{"+c.yaml, 1)), session(d)
				same(t, "at first", authorize(t, a, s), "Bearer token-1")
				time.Sleep(c.fresh)
				same(t, "while it is fresh", authorize(t, a, s), "Bearer token-1")
				if c.due > 0 {
					time.Sleep(c.due - c.fresh)
					same(t, "when it is due", authorize(t, a, s), "Bearer token-2")
				}
			})
		})
	}
}

func TestALifeBeginsWhenTheRequestLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow(numbered(`,"expires_in":100`))}
		a, s := read(t, strings.Replace(seconds, "{", "{skew: 0s, ", 1)), session(d)
		authorize(t, a, s)
		time.Sleep(98 * time.Second)
		same(t, "99 s after it was asked for", authorize(t, a, s), "Bearer token-1")
		time.Sleep(time.Second)
		same(t, "100 s after it was asked for", authorize(t, a, s), "Bearer token-2")
	})
}

func TestAfterARefusalTheTokenOfTheRequestIsForgotten(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered("")}
	a, s := read(t, seconds), session(d)
	renewer := a.(auth.Renewer)
	carrying := func(value string) *wire.Request {
		return &wire.Request{Method: "GET", URL: "https://api.example/", Header: http.Header{"Authorization": {value}}}
	}
	authorize(t, a, s)
	for _, step := range []struct {
		carried string
		renewed bool
		next    string
	}{
		{"Bearer token-1", true, "Bearer token-2"},
		{"Bearer token-1", true, "Bearer token-2"}, // another worker, whose request left before the renewal
		{"Bearer token-2", true, "Bearer token-3"},
		{"Basic abc", false, "Bearer token-3"},
		{"", false, "Bearer token-3"},
	} {
		if got := renewer.Renew(carrying(step.carried), s); got != step.renewed {
			t.Errorf("%q: got %t, want %t", step.carried, got, step.renewed)
		}
		same(t, "after "+step.carried, authorize(t, a, s), step.next)
	}
	broken := auth.Session{Scope: vars.NewScope(nil), Sender: d, Tokens: s.Tokens}
	if read(t, refreshing).(auth.Renewer).Renew(carrying("Bearer token-3"), broken) {
		t.Error("got true for a block whose variable is missing")
	}
}

func TestManyRefusedRequestsRenewOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow(numbered(""))}
		a, s := read(t, seconds), session(d)
		authorize(t, a, s)
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond) // some before, some during, some after the renewal
				mine := worker(s)
				if !a.(auth.Renewer).Renew(&wire.Request{Header: http.Header{"Authorization": {"Bearer token-1"}}}, mine) {
					t.Error("got false")
				}
				same(t, "Authorization", authorize(t, a, mine), "Bearer token-2")
			})
		}
		wg.Wait()
		if len(d.calls) != 2 {
			t.Errorf("got %d calls, want 2", len(d.calls))
		}
	})
}

func TestEverythingThatMakesATokenDifferentFetchesAnother(t *testing.T) {
	t.Parallel()
	base := []string{"token_url", tokenURL, "id", "c", "secret", sharedKey, "scope", "s", "param", "p", "header", "h", "claim", "x"}
	a := read(t, `oauth2: {grant: jwt-bearer, token_url: "{{token_url}}", client_id: "{{id}}", scope: "{{scope}}", params: {p: "{{param}}", id: "{{$guid}}"}, headers: {H: "{{header}}"},
  assertion: {alg: HS256, key: "{{secret}}", claims: {x: "{{claim}}", at: "{{$timestamp}}", iat: "{{$timestamp}}"}}}`)
	d := &desk{answer: numbered("")}
	s := session(d, base...)
	authorize(t, a, s)
	same(t, "the same", authorize(t, a, worker(s, base...)), "Bearer token-1")
	for i := 1; i < len(base); i += 2 {
		changed := append([]string{}, base...)
		changed[i] += "x"
		calls := len(d.calls)
		authorize(t, a, worker(s, changed...))
		authorize(t, a, worker(s, changed...))
		if len(d.calls) != calls+1 {
			t.Errorf("another %s: got %d more calls, want 1", base[i-1], len(d.calls)-calls)
		}
	}
	if first, second := string(d.calls[0].Request.Body), string(d.calls[1].Request.Body); first == second || !strings.Contains(first, "&id=") {
		t.Errorf("got the same dynamic values twice: %s", first)
	}
	for _, yaml := range []string{
		`grant: client-credentials, client_auth: basic, client_secret: "{{secret}}"`,
		`grant: client-credentials, client_auth: post, client_secret: "{{secret}}"`,
		`grant: client-credentials, client_auth: basic, basic_encoding: raw, client_secret: "{{secret}}"`,
		`grant: client-credentials, client_auth: basic, client_secret: "{{secret}}", expires_in_unit: ms`,
		`grant: client-credentials, client_auth: basic, client_secret: "{{secret}}", audience: s`,
		`grant: client-credentials, client_auth: basic, client_secret: "{{secret}}", resource: s`,
		`grant: client-credentials, client_auth: basic, client_secret: "{{secret}}", params: {resource: s}`,
		`grant: client-credentials, client_auth: client_secret_jwt, client_secret: "{{secret}}"`,
		`grant: refresh-token, client_auth: basic, client_secret: "{{secret}}", refresh_token: rt-0`,
	} {
		calls := len(d.calls)
		b := read(t, `oauth2: {token_url: "{{token_url}}", client_id: "{{id}}", `+yaml+`}`)
		authorize(t, b, s)
		authorize(t, b, s)
		if len(d.calls) != calls+1 {
			t.Errorf("%s: got %d more calls, want 1", yaml, len(d.calls)-calls)
		}
	}
}

func TestTheNameOfACredentialIsStableAndHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var names []string
	for range 2 {
		d := &desk{answer: says(400, "", "")}
		err := read(t, pattern).Authorize(t.Context(), request(), session(d))
		var token *auth.TokenError
		if !errors.As(err, &token) {
			t.Fatal(err)
		}
		names = append(names, token.Credential)
	}
	if names[0] != names[1] || strings.Contains(names[0], "s3cr") {
		t.Errorf("got %q", names)
	}
}

func BenchmarkAuthorize(b *testing.B) {
	a, err := parse(gorilla)
	if err != nil {
		b.Fatal(err)
	}
	s := session(&desk{answer: numbered("")})
	b.ReportAllocs()
	for b.Loop() {
		req := wire.Request{Header: http.Header{}}
		if err := a.Authorize(b.Context(), &req, s); err != nil {
			b.Fatal(err)
		}
	}
}
