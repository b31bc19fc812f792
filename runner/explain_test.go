package runner_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

// refuse answers every token request as one of the servers that say nothing.
func refuse(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/token" {
		w.WriteHeader(http.StatusForbidden) // and an empty body
		return
	}
	if r.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

const wrongAudience = `
auth:
  oauth2:
    grant: jwt-bearer
    token_url: http://api.test/oauth/token
    client_id: my-client
    scope: user/*.*
    assertion: {alg: HS256, key: "{{client_secret}}", aud: http://api.test/oauth/token/}
requests:
  - {name: one, request: GET http://api.test/one, expect: {status: 200}}
`

func codes(r runner.Result) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Code)
	}
	return all
}

func TestAServerThatSaysNothingIsExplained(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), &runner.Runner{Transport: serve(refuse)}, load(t, wrongAudience), environment(nil, secrets()))
	exchange := got.results[0]
	if c := codes(exchange); len(c) == 0 || c[0] != "HG036" {
		t.Fatalf("got %v, want HG036 first: the trailing slash", c)
	}
	f := exchange.Findings[0]
	if f.Confidence != "certain" || f.Fix == "" || len(f.Evidence) == 0 || f.Pos.Line != 8 {
		t.Errorf("got %+v", f)
	}
	if text := got.text(t); strings.Contains(text, clientSecret) || strings.Contains(text, "eyJ") {
		t.Error("a secret is in the events")
	}
}

func TestLintErrorSendsNothing(t *testing.T) {
	t.Parallel()
	for lint, sent := range map[runner.Lint]int{runner.LintError: 0, runner.LintWarn: 1, runner.LintOff: 1} {
		s := serve(refuse)
		got := run(t.Context(), &runner.Runner{Transport: s, Lint: lint}, load(t, wrongAudience), environment(nil, secrets()))
		if n := len(s.lines()); n != sent || got.results[0].Outcome != runner.Errored {
			t.Errorf("%q: sent %d requests, want %d: %s", lint, n, sent, got.story())
		}
	}
}

func TestWhatWasExpectedIsNotExplained(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - {name: refused, request: GET http://api.test/one, expect: {status: 401}}
  - {name: missing, request: GET http://api.test/one, headers: {Authorization: "Bearer {{client_secret}}"}, expect: {status: 200}}
`)
	got := run(t.Context(), &runner.Runner{Transport: serve(refuse)}, c, environment(nil, secrets()))
	for _, r := range got.results {
		if len(r.Findings) > 0 {
			t.Errorf("%s: %v", r.Name.Name, codes(r))
		}
	}
}

func TestAnAssertionInThePlaceOfTheTokenIsFoundByWhatTheRunKnows(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - name: as token
    request: GET http://api.test/one
    assertion: {alg: HS256, key: "{{client_secret}}", aud: http://api.test/oauth/token, claims: {iss: me, sub: me}}
    headers: {Authorization: "Bearer {{$assertion}}"}
    expect: {status: 200}
`)
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	got := run(t.Context(), &runner.Runner{Transport: s}, c, environment(nil, secrets()))
	if all := codes(got.results[0]); len(all) == 0 || all[0] != "HG001" {
		t.Errorf("got %v, want HG001 first", all)
	}
}

func TestAKeyThatCannotBeReadIsExplainedWithoutAnExchange(t *testing.T) {
	t.Parallel()
	const public = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\nq9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n-----END PUBLIC KEY-----\n"
	c := load(t, strings.ReplaceAll(strings.ReplaceAll(wrongAudience, "HS256", "ES256"), ", aud: http://api.test/oauth/token/", ""))
	s := serve(refuse)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, environment(nil, map[string]string{"client_secret": public}))
	r := got.results[0]
	if !slices.Contains(codes(r), "HG042") || r.Outcome != runner.Errored || len(s.lines()) != 0 {
		t.Errorf("got %v: %s", codes(r), got.story())
	}
}

func TestAPageWhereAnAPIWasAskedIsRemarkedThoughNothingWasExpected(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><title>Log in</title>")
	})
	c := load(t, `
requests:
  - {name: soft, request: GET http://api.test/fhir/R4/Patient/1, headers: {Accept: application/fhir+json, Authorization: Bearer abcdefgh}}
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	if all := codes(got.results[0]); len(all) == 0 || all[0] != "HG054" {
		t.Errorf("got %v, want HG054", all)
	}
}
