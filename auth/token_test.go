package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hgrun/hgrun/auth"
)

func TestATokenCanBeHadByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: numbered(`,"expires_in":3600,"scope":"a b","refresh_token":"refresh-1","patient":"p-1"`)}
		a, s := read(t, seconds), session(d)
		got, err := auth.Get(t.Context(), a, s)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "token", fmt.Sprintf("%s %s %s %q %s %s", got.Type, got.AccessToken, got.RefreshToken, got.Scope, got.Expires.Sub(got.Issued), got.Context),
			`Bearer token-1 refresh-1 "a b" 1h0m0s map[patient:"p-1"]`)
		same(t, "hidden", fmt.Sprint(s.Scope.Redact("token-1 refresh-1") != "token-1 refresh-1"), "true")
		same(t, "what is sent", authorize(t, a, s), "Bearer token-1")
		if again, err := auth.Get(t.Context(), a, s); err != nil || again.AccessToken != "token-1" {
			t.Errorf("got %v, %v", again, err)
		}
	})
}

func TestATokenOfUnknownLifeHasNoEnd(t *testing.T) {
	t.Parallel()
	got, err := auth.Get(t.Context(), read(t, seconds), session(&desk{answer: numbered("")}))
	if err != nil || !got.Expires.IsZero() || len(got.Context) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestATokenThatIsGotAnewIsNeitherTheOneAtHandNorThatOfTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, server := &cupboard{}, &authority{newest: "first"}
		d := &desk{answer: server.answer}
		a := read(t, seconds)
		authorize(t, a, process(d, c))
		s := process(d, c) // another run
		for i := range 2 {
			got, err := auth.GetAnew(t.Context(), a, s)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "token", got.AccessToken+" "+got.RefreshToken, fmt.Sprintf("token-%d refresh-%d", i+2, i+2))
		}
		same(t, "what is sent then", authorize(t, a, s), "Bearer token-3")
		same(t, "in a third run", authorize(t, a, process(d, c)), "Bearer token-3")
		same(t, "sent", sentRefreshTokens(d), " refresh-1 refresh-2")
	})
}

func TestATokenThatCouldNotBeGotAnewIsStillWanted(t *testing.T) {
	t.Parallel()
	c := &cupboard{}
	authorize(t, read(t, seconds), process(&desk{answer: numbered(`,"expires_in":3600`)}, c))
	d := &desk{answer: says(503, "", "")}
	s := process(d, c)
	for range 2 {
		_, err := auth.GetAnew(t.Context(), read(t, seconds), s)
		var none *auth.TokenError
		if !errors.As(err, &none) {
			t.Errorf("got %v, want a TokenError", err)
		}
	}
	if len(d.calls) != 2 {
		t.Errorf("got %d calls, want 2", len(d.calls))
	}
}

func TestBlocksThatAgreeHaveOneCredential(t *testing.T) {
	t.Parallel()
	s := session(nil)
	one, twin, other := read(t, seconds), read(t, seconds), read(t, strings.Replace(seconds, "{", "{scope: more, ", 1))
	if a, b, c := auth.CredentialOf(one, s), auth.CredentialOf(twin, s), auth.CredentialOf(other, s); a == "" || a != b || a == c {
		t.Errorf("got %s, %s, %s", a, b, c)
	}
	same(t, "of another kind", auth.CredentialOf(read(t, "none"), s), "")
	same(t, "without a value", auth.CredentialOf(read(t, strings.Replace(seconds, "{", `{scope: "{{nothing}}", `, 1)), s), "")
	_, err := auth.Get(t.Context(), read(t, `basic: {username: a, password: b}`), s)
	same(t, "error", fmt.Sprint(err), "auth: basic knows no server for the exchange of a token, want auth: oauth2")
	_, err = auth.GetAnew(t.Context(), nil, s)
	same(t, "error", fmt.Sprint(err), "there is no auth, and so no server for the exchange of a token")
}
