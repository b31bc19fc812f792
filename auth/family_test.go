package auth_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestAnyRefreshTokenOfAFamilyLeadsToTheNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: (&authority{newest: "first"}).answer}
		a, s := read(t, refreshing), session(d, "rt", "first")
		for range 3 {
			authorize(t, a, s)
			time.Sleep(time.Minute)
		}
		authorize(t, a, worker(s, "rt", "refresh-1")) // captured by hand from the first answer, and used up since
		same(t, "sent", sentRefreshTokens(d), "first refresh-1 refresh-2 refresh-3")
	})
}

func TestARotatedRefreshTokenIsHiddenWhereverItIsSent(t *testing.T) {
	t.Parallel()
	d := &desk{answer: (&authority{newest: "first"}).answer}
	a, s := read(t, refreshing), session(d, "rt", "first")
	authorize(t, a, s)
	other := worker(s, "rt", "first")
	authorize(t, read(t, strings.Replace(refreshing, "{", "{scope: more, ", 1)), other)
	same(t, "sent", sentRefreshTokens(d), "first refresh-1")
	if got := other.Scope.Redact("refresh-1"); got == "refresh-1" {
		t.Error("the scope that sent the token shows it")
	}
}

func TestALifeBeginsWhenTheLastAttemptLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		patient := sender(func(c auth.Call) error {
			calls++
			time.Sleep(50 * time.Second) // for its turn
			x := &wire.Exchange{Timings: wire.Timings{Start: time.Now()}}
			x.Response = response(200, "application/json", `{"access_token":"abcdef","token_type":"Bearer","expires_in":100}`)
			return c.Judge(x)
		})
		a, s := read(t, strings.Replace(seconds, "{", "{skew: 0s, ", 1)), session(patient)
		authorize(t, a, s)
		time.Sleep(99 * time.Second)
		authorize(t, a, s)
		if calls != 1 {
			t.Errorf("got %d exchanges after 99 s, want 1", calls)
		}
		time.Sleep(time.Second)
		authorize(t, a, s)
		if calls != 2 {
			t.Errorf("got %d exchanges after 100 s, want 2", calls)
		}
	})
}

func TestARefreshWaitsForItsTurnNoLongerThanItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: slow((&authority{newest: "first"}).answer)}
		s := session(d, "rt", "first")
		go func() { _ = read(t, refreshing).Authorize(t.Context(), request(), worker(s, "rt", "first")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := read(t, strings.Replace(refreshing, "{", "{scope: more, ", 1)).Authorize(ctx, request(), s)
		if err == nil {
			t.Fatal("got a token, want an error")
		}
		same(t, "error", err.Error(), "a.yaml:1:9: no access token: context deadline exceeded")
		time.Sleep(time.Second)
		same(t, "sent", sentRefreshTokens(d), "first")
	})
}

func FuzzReadNeverPanicsAndPlacesEveryProblem(f *testing.F) {
	for _, seed := range []string{
		"none", "bearer: x", "basic: {username: a, password: b}", "api_key: {name: a, value: b, in: query}", pattern, gorilla, seconds, refreshing,
		"oauth2: {grant: client-credentials, assertion: {alg: HS256, key: x, claims: [1]}, params: {a: {b: c}}, headers: 7, scope: [[a], {b: c}], skew: -1s}",
		"oauth2: {profile: health-gorilla, assertion: x, client_secret: {}}", "oauth2: &a {grant: *b, profile: [x]}", "oauth2:\n  <<: {grant: jwt-bearer}\n  assertion: ~",
		"oauth2: {grant: authorization-code, authorization_params: 7, context: {a: [b]}, dpop: {key: x, alg: [y]}, discover: [smart], par: {}, code: {{x}}, client_assertion: [z]}",
		"oauth2: {profile: udap, assertion: {claims: 7, header: [x5c]}, context: patient, discover: {smart: [x], issuer: ~}, params: [udap]}", codeBlock, deviceBlock, dpopBlock,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parse(text)
		if problems, ok := err.(source.Problems); ok {
			for _, p := range problems {
				if p.Pos.Line < 1 || p.Pos.Line > 1+strings.Count(text, "\n") {
					t.Errorf("got a problem at line %d: %v", p.Pos.Line, p)
				}
			}
		}
		if a != nil {
			_, _ = a.Uses(), a.String()
		}
		if a == nil && err == nil {
			t.Error("got neither an authorizer nor a problem")
		}
	})
}
