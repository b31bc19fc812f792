package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-jose/go-jose/v4"
)

// whole is all of an answer that a client can use, on one line.
func (r reply) whole() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.status, r.header.Get("Content-Type"), r.body))
}

// mistakes make the same mistake in a JWT bearer exchange wherever they are sent.
func (b bench) mistakes() map[Reason]func() reply {
	now := b.sandbox.Now().Unix()
	claim := func(name string, value any) func() reply {
		return func() reply { return b.exchange(b.assertion(claims{name: value})) }
	}
	return map[Reason]func() reply{
		ExpiredAssertion: claim("exp", now-42),
		WrongAudience:    claim("aud", b.vars["token_url"]+"/"),
		WrongIssuer:      claim("iss", "https://app.example"),
		WrongSubject:     claim("sub", "nurse@clinic.example"),
		FutureAssertion:  claim("nbf", now+60),
		WrongSignature: func() reply {
			return b.exchange(sign(b.T, jose.HS256, []byte(strings.Repeat("x", 32)), b.claims(nil)))
		},
		MalformedAssertion: func() reply {
			whole := b.assertion(nil)
			return b.exchange(whole[:len(whole)-7])
		},
		ReplayedAssertion: func() reply {
			used := b.assertion(claims{"jti": "once"})
			b.exchange(used)
			return b.exchange(used)
		},
		UnknownClient: func() reply {
			return b.exchange(b.assertion(claims{"iss": "nobody", "sub": "nobody"}))
		},
		WrongSecret: func() reply {
			return b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_id", b.vars["client_id"],
				"client_secret", "guess")
		},
		UnregisteredScope: func() reply {
			return b.post(b.vars["token_url"], "grant_type", jwtBearerGrant, "assertion", b.assertion(nil), "scope", "admin")
		},
		WrongContentType: func() reply { return b.send("POST", b.vars["token_url"], "{}", "Content-Type", jsonType) },
		WrongMethod:      func() reply { return b.send("GET", b.vars["token_url"], "") },
		UnsupportedGrant: func() reply { return b.post(b.vars["token_url"], "grant_type", "jwt-bearer") },
		UnknownRefreshToken: func() reply {
			return b.post(b.vars["refresh_url"], "grant_type", refreshTokenGrant, "refresh_token", "rt_invented",
				"client_id", b.vars["viewer_client_id"], "client_secret", b.vars["viewer_client_secret"])
		},
	}
}

// said is an OAuth error as whole shows it.
func said(status int, code, description string) string {
	return fmt.Sprintf(`%d %s {"error":%q,"error_description":%q}`, status, jsonType, code, description)
}

func TestTheSameMistakeReadsDifferentlyInEveryErrorMode(t *testing.T) {
	t.Parallel()
	const text = "400 text/plain; charset=utf-8 "
	generic := said(401, "invalid_client", "client authentication failed")
	vague := said(400, "invalid_grant", "The grant is invalid or expired")
	improper := said(400, "invalid_client", "improper client id")
	invalid := said(400, "invalid_request", "Invalid Request")
	unsupported := said(400, "unsupported_grant_type", "The grant type is not supported")
	scope := said(400, "invalid_scope", "The requested scope is not available to this client")
	form := said(400, "invalid_request", "wrong content type: got 'application/json', want 'application/x-www-form-urlencoded'")
	// The modes in the order default, strict, generic, silent, legacy, fosite.
	want := map[Reason][6]string{
		ExpiredAssertion: {vague, said(400, "invalid_grant", "expired assertion: exp was 42 s ago"), generic, "403", invalid,
			`500 application/json {"error":"error"}`},
		WrongAudience: {vague, said(400, "invalid_grant", "wrong audience: got 'http://sandbox.hg.example/oauth/token/', "+
			"want 'http://sandbox.hg.example/oauth/token'"), generic, "403", invalid, "strict"},
		WrongIssuer: {improper, said(400, "invalid_grant", "wrong issuer: got 'https://app.example', want 'hg-sandbox-client'"),
			generic, "403", text + "improper client id", "strict"},
		WrongSubject: {improper, said(400, "invalid_grant",
			"wrong subject: got the email 'nurse@clinic.example', want the client id 'hg-sandbox-client'"),
			generic, "403", text + "Subject validation failed", "strict"},
		FutureAssertion: {vague, said(400, "invalid_grant", "future assertion: nbf is 60 s ahead"), generic, "403", invalid, "strict"},
		WrongSignature: {vague, said(400, "invalid_grant", "wrong signature: not signed with the key of hg-sandbox-client"),
			generic, "403", invalid, "strict"},
		MalformedAssertion: {"400", said(400, "invalid_grant",
			"malformed assertion: signature of 27 bytes is not one of HS256"), generic, "403", "400", "strict"},
		ReplayedAssertion: {vague, said(400, "invalid_grant", "replayed assertion: the jti was used before"), generic, "403",
			invalid, `400 application/json {"error":"jti_known"}`},
		UnknownClient: {improper, said(400, "invalid_grant", "unknown client: no client 'nobody' that signs assertions"),
			generic, "403", text + "improper client id", "strict"},
		WrongSecret: {improper, said(401, "invalid_client", "wrong secret: for hg-sandbox-client: another one"), generic, "403",
			text + "improper client id", "strict"},
		UnregisteredScope: {scope, said(400, "invalid_scope",
			"unregistered scope: 'admin' is not registered for hg-sandbox-client"), scope,
			`400 application/json {"error":"scope_invalid"}`, invalid, "strict"},
		WrongContentType: {invalid, form, invalid, "400", invalid, "strict"},
		WrongMethod: {said(405, "invalid_request", "Invalid Request"), said(405, "invalid_request", "wrong method: got GET, want POST"),
			said(405, "invalid_request", "Invalid Request"), "400", said(405, "invalid_request", "Invalid Request"), "strict"},
		UnsupportedGrant: {unsupported, said(400, "unsupported_grant_type", "unsupported grant: got 'jwt-bearer'"), unsupported, "400",
			unsupported, "strict"},
		UnknownRefreshToken: {vague, said(400, "invalid_grant", "unknown refresh token: not issued by sandbox"),
			said(400, "invalid_grant", "grant request is invalid"), "400", invalid, "strict"},
	}
	modes := []ErrorMode{DefaultErrors, StrictErrors, GenericErrors, SilentErrors, LegacyErrors, FositeErrors}
	if names := slices.Sorted(maps.Keys(wordings())); len(names) != len(modes) {
		t.Errorf("got modes %q, of which %d are tested", names, len(modes))
	}
	synctest.Test(t, func(t *testing.T) { // so that no second passes between making an assertion and judging it
		for i, mode := range modes {
			b := benchOn(t, New(Options{Errors: mode}), "sandbox")
			mistakes := b.mistakes()
			if len(mistakes) != len(want) {
				t.Errorf("got %d mistakes, want %d", len(mistakes), len(want))
			}
			for reason, make := range mistakes {
				expected := want[reason][i]
				if expected == "strict" {
					expected = want[reason][1]
				}
				got := make()
				if got.whole() != expected || got.reason != reason {
					t.Errorf("%q %s:\n got %s (%s)\nwant %s", mode, reason, got.whole(), got.reason, expected)
				}
			}
		}
	})
}

func TestAClientAssertionIsBlamedOnTheClientWhenErrorsAreStrict(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{Errors: StrictErrors}), "sandbox")
	ask := func(assertion string) reply {
		return b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_assertion_type", assertionType,
			"client_assertion", assertion)
	}
	ask(b.assertion(nil)).is(t, 200, "", OK)
	for reason, changes := range map[Reason]claims{
		ExpiredAssertion: {"exp": 1}, WrongAudience: {"aud": "https://elsewhere.example"}, WrongSubject: {"sub": "x"},
	} {
		got := ask(b.assertion(changes))
		got.is(t, 401, "invalid_client", reason)
		if got.header.Get("Www-Authenticate") != "" {
			t.Errorf("%s: got a challenge for a scheme that was not used", reason)
		}
	}
	got := b.send("POST", b.vars["token_url"], "grant_type=client_credentials", "Content-Type", formType,
		"Authorization", basic(b.vars["client_id"], "guess"))
	got.is(t, 401, "invalid_client", WrongSecret)
	if challenge := got.header.Get("Www-Authenticate"); challenge != `Basic realm="token endpoint"` {
		t.Errorf("got the challenge %q (RFC 6749, section 5.2)", challenge)
	}
}

func TestSilenceHasNeitherContentTypeNorLength(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{Errors: SilentErrors}), "sandbox")
	got := b.exchange(b.assertion(claims{"exp": 1}))
	if _, typed := got.header["Content-Type"]; typed || got.status != 403 || got.body != "" {
		t.Errorf("got %d %v %q", got.status, got.header, got.body)
	}
}

func TestAnAssertionWithoutThreeSegmentsIsTheOneThingGenericErrorsTell(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{Errors: GenericErrors}), "sandbox")
	whole := b.assertion(nil)
	want := said(400, "invalid_request", "invalid client_assertion format")
	if got := b.exchange(whole[:strings.LastIndex(whole, ".")]); got.whole() != want || got.reason != MalformedAssertion {
		t.Errorf("got %s (%s), want %s", got.whole(), got.reason, want)
	}
	want = said(401, "invalid_client", "client authentication failed")
	if got := b.exchange(whole[:len(whole)-1]); got.whole() != want {
		t.Errorf("got %s, want %s", got.whole(), want)
	}
}

func TestTheErrorModeChangesWhileTheSandboxRuns(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{ReasonHeader: true}), "sandbox")
	control := b.vars["base_url"] + "/__sandbox/errors"
	expired := func() reply { return b.exchange(b.assertion(claims{"exp": 1})) }
	expired().is(t, 400, "invalid_grant", ExpiredAssertion)
	if got := b.send("POST", control, `{"mode":"silent"}`); got.status != 200 || got.body != `{"mode":"silent"}` {
		t.Errorf("got %d %s", got.status, got.body)
	}
	got := expired()
	got.is(t, 403, "", ExpiredAssertion)
	if reason := got.header.Get("X-Sandbox-Reason"); !strings.HasPrefix(reason, "expired-assertion: exp was ") {
		t.Errorf("got the reason %q", reason)
	}
	if err := b.sandbox.SetErrors(GenericErrors); err != nil || b.sandbox.Errors() != GenericErrors {
		t.Errorf("got %v, mode %q", err, b.sandbox.Errors())
	}
	expired().is(t, 401, "invalid_client", ExpiredAssertion)
	want := `{"error":"sandbox errors: got \"loud\", want one of [\"\" \"fosite\" \"generic\" \"legacy\" \"silent\" \"strict\"]"}`
	if got := b.send("POST", control, `{"mode":"loud"}`); got.status != 400 || got.body != want {
		t.Errorf("got %d %s, want %s", got.status, got.body, want)
	}
	if got := b.send("POST", control, `{"modes":"silent"}`); got.status != 400 {
		t.Errorf("got %d for an unknown member", got.status)
	}
	if got := b.send("GET", control, ""); got.body != `{"mode":"generic"}` {
		t.Errorf("got %s", got.body)
	}
	b.send("POST", control, `{"mode":""}`)
	expired().is(t, 400, "invalid_grant", ExpiredAssertion)
}

func TestOptionsThatNameNothingAreRefused(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{Errors: "loud"})
	if err == nil {
		s.Close()
		t.Fatal("got a sandbox")
	}
	defer func() {
		if fault := recover(); fault == nil || fmt.Sprint(fault) != err.Error() {
			t.Errorf("got %v, want a panic with %q", fault, err)
		}
	}()
	New(Options{Errors: "loud"})
}

func TestImproperClientIDIsPlainTextWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	control := b.vars["base_url"] + "/__sandbox/switches"
	if got := b.send("POST", control, `{"plain_client_id":true}`); got.status != 200 || !b.sandbox.Switches().PlainClientID {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	want := "400 text/plain; charset=utf-8 improper client id"
	if got := b.exchange(b.assertion(claims{"iss": "someone"})); got.whole() != want || got.reason != WrongIssuer {
		t.Errorf("got %s (%s), want %s", got.whole(), got.reason, want)
	}
	b.exchange(b.assertion(claims{"exp": 1})).is(t, 400, "invalid_grant", ExpiredAssertion)
	if got := b.send("POST", control, `{"plain":true}`); got.status != 400 || !b.sandbox.Switches().PlainClientID {
		t.Errorf("got %d for an unknown switch", got.status)
	}
}
