package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestATokenResponseIsWhatTheVendorSends(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	got := b.exchange(b.assertion(nil))
	token := got.member("access_token")
	want := fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":3600,"scope":"patient360 user/*.*"}`, token)
	if got.body != want || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != jsonType {
		t.Errorf("got %s %v, want %s", got.body, got.header, want)
	}
	if len(token) < 40 || strings.Contains(token, ".") || token == b.token("") {
		t.Errorf("got %q, which is not opaque and new", token)
	}
}

func TestATokenRequestIsAFormInTheBody(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	form := encodeForm("grant_type", jwtBearerGrant, "assertion", b.assertion(nil))
	cases := []struct {
		name, method, query, kind, body string
		status                          int
		reason                          Reason
	}{
		{"a form", "POST", "", formType, form, 200, OK},
		{"a form with a charset", "POST", "", formType + "; charset=UTF-8", form, 200, OK},
		{"JSON", "POST", "", jsonType, `{"grant_type":"client_credentials"}`, 400, WrongContentType},
		{"multipart", "POST", "", "multipart/form-data; boundary=x", "--x--", 400, WrongContentType},
		{"no content type", "POST", "", "", form, 400, WrongContentType},
		{"parameters in the query", "POST", "?" + form, formType, "", 400, ParameterInQuery},
		{"GET", "GET", "?" + form, "", "", 405, WrongMethod},
		{"a bad escape", "POST", "", formType, "grant_type=%zz", 400, UnreadableForm},
		{"too much", "POST", "", formType, "grant_type=" + strings.Repeat("x", maxBody), 400, UnreadableForm},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code := "invalid_request"
			if c.status == 200 {
				code = ""
			}
			b.send(c.method, b.vars["token_url"]+c.query, c.body, "Content-Type", c.kind).is(t, c.status, code, c.reason)
		})
	}
	b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_id", "{{client_id}}", "client_secret", "x").
		is(t, 400, "invalid_client", UnknownClient)
	b.post(b.vars["token_url"], "grant_type", "{{grant_type}}").is(t, 400, "unsupported_grant_type", UnsupportedGrant)
}

func TestAClientProvesItselfInExactlyOneWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	id, secret := b.vars["client_id"], b.vars["client_secret"]
	encoded := basic(url.QueryEscape(id), url.QueryEscape(secret))
	cases := []struct {
		name, authorization, form string
		code                      string
		reason                    Reason
	}{
		{"secret in the form", "", encodeForm("client_id", id, "client_secret", secret), "", OK},
		{"Basic, form-encoded", encoded, "", "", OK},
		{"Basic and the same client_id", encoded, encodeForm("client_id", id), "", OK},
		{"Basic as it stands", basic(id, secret), "", "invalid_client", UnencodedBasic},
		{"Basic and another client_id", encoded, "client_id=other", "invalid_client", UnknownClient},
		{"Basic and a secret", encoded, encodeForm("client_secret", secret), "invalid_request", SeveralAuthentications},
		{"a secret and an assertion", "", encodeForm("client_id", id, "client_secret", secret, "client_assertion",
			b.assertion(nil), "client_assertion_type", assertionType), "invalid_request", SeveralAuthentications},
		{"nothing", "", "", "invalid_client", NoAuthentication},
		{"an id alone", "", encodeForm("client_id", id), "invalid_client", NoAuthentication},
		{"another secret", "", encodeForm("client_id", id, "client_secret", "guess"), "invalid_client", WrongSecret},
		{"a secret with a line break", "", encodeForm("client_id", id, "client_secret", secret+"\n"),
			"invalid_client", WrongSecret},
		{"an unknown client", "", "client_id=nobody", "invalid_client", UnknownClient},
		{"no Basic", "Bearer x", "", "invalid_client", MalformedBasic},
		{"Basic without base64", "Basic %%", "", "invalid_client", MalformedBasic},
		{"Basic without colon", "Basic aWQ=", "", "invalid_client", MalformedBasic},
		{"the secret of a public client", "", encodeForm("client_id", b.vars["public_client_id"], "client_secret", "x"),
			"invalid_client", WrongSecret},
		{"a public client", "", encodeForm("client_id", b.vars["public_client_id"]), "unauthorized_client", UnauthorizedGrant},
		{"a client of another grant", "", encodeForm("client_id", b.vars["viewer_client_id"], "client_secret",
			b.vars["viewer_client_secret"]), "unauthorized_client", UnauthorizedGrant},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			headers := []string{"Content-Type", formType}
			if c.authorization != "" {
				headers = append(headers, "Authorization", c.authorization)
			}
			status := 400
			if c.code == "" {
				status = 200
			}
			b.send("POST", b.vars["token_url"], "grant_type=client_credentials&"+c.form, headers...).is(t, status, c.code, c.reason)
		})
	}
}

func TestTheSecretTellsApartTheWaysToEncodeIt(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"sandbox", "production"} {
		b := newBench(t, environment)
		for _, name := range []string{"client_secret", "viewer_client_secret", "pattern_client_secret"} {
			if s := b.vars[name]; !strings.Contains(s, "+") || !strings.Contains(s, "/") || len(s) != 44 || !strings.HasSuffix(s, "=") {
				t.Errorf("%s %s: got %q, want base64 of 32 bytes with a plus and a slash in it", environment, name, s)
			}
		}
	}
}

func TestAnExpiredTokenIsReplacedByANewOne(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	b.get(token, "/Patient/1001").is(t, 200, "", OK)
	b.sandbox.Advance(pastToken)
	b.get(token, "/Patient/1001").is(t, 401, "", ExpiredToken)
	b.get(b.token(""), "/Patient/1001").is(t, 200, "", OK)
}

func TestNobodyActingForItselfGetsARefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	for _, got := range []reply{
		b.exchange(b.assertion(nil)),
		b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_id", b.vars["client_id"],
			"client_secret", b.vars["client_secret"]),
	} {
		if got.status != 200 || strings.Contains(got.body, "refresh_token") {
			t.Errorf("got %s", got.body)
		}
	}
}

// refresh sends a refresh token as the viewer client, with more of the form as given.
func (b bench) refresh(token string, more ...string) reply {
	b.Helper()
	form := []string{"grant_type", refreshTokenGrant, "refresh_token", token, "client_id", b.vars["viewer_client_id"],
		"client_secret", b.vars["viewer_client_secret"]}
	return b.post(b.vars["refresh_url"], append(form, more...)...)
}

func TestARefreshTokenIsReplacedWithEveryUse(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	first := b.refresh(b.vars["refresh_token"])
	first.is(t, 200, "", OK)
	want := fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":3600,"refresh_token":%q,`+
		`"scope":"offline_access patient360 user/*.read"}`, first.member("access_token"), first.member("refresh_token"))
	if first.body != want {
		t.Errorf("got %s, want %s", first.body, want)
	}
	b.get(first.member("access_token"), "/Patient/1001").is(t, 200, "", OK)
	second := b.refresh(first.member("refresh_token"))
	second.is(t, 200, "", OK)
	if newest := benchOn(t, b.sandbox, "sandbox").vars["refresh_token"]; newest != second.member("refresh_token") {
		t.Error("Variables does not give the refresh token that is valid now")
	}
}

func TestUsingAReplacedRefreshTokenKillsTheNewOneToo(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	old := b.vars["refresh_token"]
	newer := b.refresh(old).member("refresh_token")
	b.refresh(old).is(t, 400, "invalid_grant", ReplacedRefreshToken)
	b.refresh(newer).is(t, 400, "invalid_grant", DeadRefreshToken)

	again := benchOn(t, b.sandbox, "sandbox").vars["refresh_token"]
	b.refresh(old).is(t, 400, "invalid_grant", DeadRefreshToken) // which concerns the dead family only
	b.refresh(again).is(t, 200, "", OK)
}

func TestARefreshTokenIsForItsClientAndItsEnvironment(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.vars["refresh_token"]
	ask := func(form ...string) reply {
		return b.post(b.vars["refresh_url"], append([]string{"grant_type", refreshTokenGrant}, form...)...)
	}
	viewer := b.vars["viewer_client_id"]
	ask("refresh_token", token, "client_id", viewer).is(t, 400, "invalid_client", NoAuthentication)
	ask("refresh_token", token, "client_id", b.vars["client_id"], "client_secret", b.vars["client_secret"]).
		is(t, 400, "unauthorized_client", UnauthorizedGrant)
	ask("refresh_token", token, "client_id", b.vars["public_client_id"]).is(t, 400, "unauthorized_client", UnauthorizedGrant)
	ask("client_id", viewer).is(t, 400, "invalid_request", MissingParameter)
	ask("refresh_token", token, "assertion", b.assertion(nil)).is(t, 400, "invalid_request", MixedFlows)
	b.refresh("rt_invented").is(t, 400, "invalid_grant", UnknownRefreshToken)
	b.refresh(benchOn(t, b.sandbox, "production").vars["refresh_token"]).is(t, 400, "invalid_grant", UnknownRefreshToken)
	b.post(b.vars["token_url"], "grant_type", refreshTokenGrant, "refresh_token", token).
		is(t, 400, "unsupported_grant_type", UnsupportedGrant)
	b.refresh(token).is(t, 200, "", OK) // none of which used it up
}

func TestAScopeMayShrinkButNotGrowWithARefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.vars["refresh_token"]
	b.refresh(token, "scope", "user/*.*").is(t, 400, "invalid_scope", GrownScope)
	got := b.refresh(token, "scope", "user/Patient.read")
	if got.member("scope") != "user/Patient.read" {
		t.Errorf("got %s", got.body)
	}
	b.get(got.member("access_token"), "/Observation").is(t, 403, "", InsufficientScope)
	if got := b.refresh(got.member("refresh_token")); got.member("scope") != "offline_access patient360 user/*.read" {
		t.Errorf("got %s, want the scope first granted", got.body)
	}
}

func TestARefreshTokenExpiresInTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.sandbox.Advance(refreshLife)
	b.refresh(b.vars["refresh_token"]).is(t, 400, "invalid_grant", ExpiredRefreshToken)
	b.refresh(benchOn(t, b.sandbox, "sandbox").vars["refresh_token"]).is(t, 200, "", OK)
}

func TestInfoTellsOfATokenAndCancelEndsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	info := func(token string) reply {
		return b.send("GET", b.vars["base_url"]+"/oauth/info?access_token="+token, "")
	}
	cancel := func(token string) reply { return b.send("GET", b.vars["base_url"]+"/oauth/cancel?token="+token, "") }
	pair := b.refresh(b.vars["refresh_token"])
	token := pair.member("access_token")
	b.sandbox.Advance(10 * time.Minute)
	got := info(token)
	want := `{"client_name":"Record viewer","client_id":"hg-sandbox-viewer","expires_in":2`
	if !strings.HasPrefix(got.body, want) || got.status != 200 {
		t.Errorf("got %d %s, want %s…", got.status, got.body, want)
	}
	cancel(token).is(t, 200, "", OK)
	cancel("unknown").is(t, 200, "", OK)
	cancel("").is(t, 400, "invalid_request", MissingParameter)
	info(token).is(t, 400, "invalid_request", RevokedToken)
	info("unknown").is(t, 400, "invalid_request", UnknownToken)
	b.get(token, "/Patient/1001").is(t, 401, "", RevokedToken)
	b.refresh(pair.member("refresh_token")).is(t, 400, "invalid_grant", DeadRefreshToken)
}

func TestOldTokensAreForgottenWhenThereAreMany(t *testing.T) {
	t.Parallel()
	store, now := newTokens(), time.Now()
	for range pruneAbove {
		store.issue("sandbox", &client{}, nil, now)
	}
	store.issue("sandbox", &client{}, nil, now.Add(keepDead+2*accessLife))
	if len(store.access) != 1 {
		t.Errorf("got %d tokens, want 1", len(store.access))
	}
	used := replays{used: map[string]int64{}}
	for i := range pruneAbove {
		used.use(fmt.Sprint(i), 100, 50)
	}
	if !used.use("new", 200, 100) || len(used.used) != 1 {
		t.Errorf("got %d identifiers, want 1", len(used.used))
	}
}
