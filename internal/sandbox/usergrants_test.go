package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestADeviceWaitsUntilItsUserHasDecided(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		id := b.vars["public_client_id"]
		begin := func() (code, userCode string) {
			got := b.post(b.vars["base_url"]+devicePath, "client_id", id, "scope", "launch/patient patient/*.rs")
			code, userCode = got.member("device_code"), got.member("user_code")
			want := fmt.Sprintf(`{"device_code":%q,"user_code":%q,"verification_uri":"B/oauth/device/verify",`+
				`"verification_uri_complete":"B/oauth/device/verify?user_code=%[2]s","expires_in":600,"interval":5}`, code, userCode)
			if want = strings.ReplaceAll(want, "B/", b.vars["base_url"]+"/"); got.status != 200 || got.body != want {
				t.Fatalf("got %d %s, want %s", got.status, got.body, want)
			}
			return code, userCode
		}
		poll := func(code string) reply {
			return b.post(b.vars["refresh_url"], "grant_type", deviceGrant, "device_code", code, "client_id", id)
		}
		decide := func(order string) reply { return b.send("POST", b.vars["base_url"]+"/__sandbox/device", order) }

		code, userCode := begin()
		poll(code).is(t, 400, "authorization_pending", PendingDevice)
		time.Sleep(4 * time.Second)
		poll(code).is(t, 400, "slow_down", PolledTooSoon)
		time.Sleep(5 * time.Second)
		poll(code).is(t, 400, "slow_down", PolledTooSoon) // the interval is ten seconds by now
		time.Sleep(15 * time.Second)
		poll(code).is(t, 400, "authorization_pending", PendingDevice)
		if got := decide(fmt.Sprintf(`{"user_code":%q}`, strings.ToLower(userCode))); got.status != 200 || got.body != `{"approved":true}` {
			t.Errorf("got %d %s", got.status, got.body)
		}
		time.Sleep(15 * time.Second)
		got := poll(code)
		if got.status != 200 || got.member("patient") != "1001" {
			t.Errorf("got %d %s", got.status, got.body)
		}
		b.get(got.member("access_token"), "/Patient/1001").is(t, 200, "", OK)
		poll(code).is(t, 400, "invalid_grant", UnknownCode)

		code, userCode = begin()
		decide(fmt.Sprintf(`{"user_code":%q,"deny":true}`, userCode))
		poll(code).is(t, 400, "access_denied", DeniedDevice)

		code, userCode = begin()
		time.Sleep(deviceLife)
		poll(code).is(t, 400, "expired_token", ExpiredCode)
		if got := decide(fmt.Sprintf(`{"user_code":%q}`, userCode)); got.status != 404 {
			t.Errorf("got %d for a code that has expired", got.status)
		}
		b.post(b.vars["base_url"]+devicePath, "client_id", id).is(t, 400, "invalid_scope", MissingParameter)
		b.post(b.vars["base_url"]+devicePath, "client_id", b.vars["client_id"], "client_secret", b.vars["client_secret"]).
			is(t, 400, "unauthorized_client", UnauthorizedGrant)
	})
}

func TestWhatADeviceWaitsForIsToldInEveryErrorMode(t *testing.T) {
	t.Parallel()
	for mode := range wordings() {
		b := benchOn(t, New(Options{Errors: mode}), "sandbox")
		got := b.post(b.vars["base_url"]+devicePath, "client_id", b.vars["public_client_id"], "scope", "user/*.read")
		b.post(b.vars["refresh_url"], "grant_type", deviceGrant, "device_code", got.member("device_code"), "client_id",
			b.vars["public_client_id"]).is(t, 400, "authorization_pending", PendingDevice)
	}
}

func TestThePasswordGrantMustBeSwitchedOn(t *testing.T) {
	t.Parallel()
	ask := func(b bench, user, password string) reply {
		return b.post(b.vars["refresh_url"], "grant_type", passwordGrant, "username", user, "password", password, "client_id",
			b.vars["viewer_client_id"], "client_secret", b.vars["viewer_client_secret"])
	}
	b := newBench(t, "sandbox")
	ask(b, "x", "y").is(t, 400, "unsupported_grant_type", UnsupportedGrant)
	b = benchWith(t, Switches{Password: true})
	got := ask(b, b.vars["username"], b.vars["password"])
	got.is(t, 200, "", OK)
	b.get(got.member("access_token"), "/Patient/1001").is(t, 200, "", OK)
	b.refresh(got.member("refresh_token")).is(t, 200, "", OK)
	ask(b, b.vars["username"], "guess").is(t, 400, "invalid_grant", WrongPassword)
	ask(b, "somebody", b.vars["password"]).is(t, 400, "invalid_grant", WrongPassword)
	ask(b, b.vars["username"], "").is(t, 400, "invalid_request", MissingParameter)
	b.post(b.vars["refresh_url"], "grant_type", passwordGrant, "username", b.vars["username"], "password", b.vars["password"],
		"client_id", b.vars["client_id"], "client_secret", b.vars["client_secret"]).is(t, 400, "unauthorized_client", UnauthorizedGrant)
}

func TestATokenIsExchangedForOneThatMayDoNoMore(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	subject := b.redeem(b.code("scope", "launch/patient patient/*.rs")).member("access_token")
	ask := func(more ...string) reply {
		form := url.Values{
			"grant_type": {tokenExchangeGrant}, "subject_token": {subject}, "subject_token_type": {accessTokenType},
			"client_id": {b.vars["client_id"]}, "client_secret": {b.vars["client_secret"]},
		}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return b.send("POST", b.vars["refresh_url"], form.Encode(), "Content-Type", formType)
	}
	b.sandbox.Advance(10 * time.Minute)
	got := ask("scope", "patient/Patient.rs", "resource", b.vars["fhir_url"], "requested_token_type", accessTokenType)
	if got.status != 200 || got.member("issued_token_type") != accessTokenType || got.member("scope") != "patient/Patient.rs" ||
		!strings.Contains(got.body, `"expires_in":2`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
	b.get(got.member("access_token"), "/Patient/1001").is(t, 200, "", OK)
	b.get(got.member("access_token"), "/Patient/1002").is(t, 403, "", OutsideCompartment)
	b.get(got.member("access_token"), "/Observation").is(t, 403, "", InsufficientScope)
	ask("scope", "user/*.rs").is(t, 400, "invalid_scope", GrownScope)
	ask("subject_token", "invented").is(t, 400, "invalid_request", WrongSubjectToken)
	ask("subject_token", "").is(t, 400, "invalid_request", MissingParameter)
	ask("subject_token_type", "urn:ietf:params:oauth:token-type:jwt").is(t, 400, "invalid_request", WrongParameter)
	ask("actor_token", subject).is(t, 400, "invalid_request", WrongParameter)
	ask("audience", "https://elsewhere.example").is(t, 400, "invalid_target", WrongResource)
	ask("client_id", b.vars["public_client_id"], "client_secret", "").is(t, 400, "unauthorized_client", UnauthorizedGrant)
	b.sandbox.Advance(pastToken)
	ask().is(t, 400, "invalid_request", WrongSubjectToken)
}

func TestIntrospectionByPostTellsAConfidentialClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		got := b.redeem(b.code())
		ask := func(token string) reply {
			return b.post(b.vars["base_url"]+infoPath, "token", token, "client_id", b.vars["client_id"], "client_secret", b.vars["client_secret"])
		}
		want := fmt.Sprintf(`{"active":true,"scope":"openid fhirUser launch/patient patient/*.rs offline_access","client_id":%q,`+
			`"token_type":"Bearer","exp":%d,"iss":%q,"sub":"user-sandbox","patient":"1001","fhirUser":%q,"need_patient_banner":true}`,
			b.vars["viewer_client_id"], b.sandbox.Now().Unix()+3600, b.vars["base_url"], b.vars["fhir_url"]+"/Practitioner/user-sandbox")
		if said := ask(got.member("access_token")); said.status != 200 || said.body != want {
			t.Errorf("got %d %s, want %s", said.status, said.body, want)
		}
		if said := ask(got.member("refresh_token")); !strings.HasPrefix(said.body, `{"active":true,`) || strings.Contains(said.body, "token_type") {
			t.Errorf("got %s for a refresh token", said.body)
		}
		b.refresh(got.member("refresh_token"))
		b.sandbox.Advance(pastToken)
		production := benchOn(t, b.sandbox, "production")
		for token, reason := range map[string]Reason{
			got.member("access_token"): ExpiredToken, "invented": UnknownToken, got.member("refresh_token"): RevokedToken,
			production.token(""): ForeignToken,
		} {
			if said := ask(token); said.status != 200 || said.body != `{"active":false}` || said.reason != reason {
				t.Errorf("got %d %s (%s), want %s", said.status, said.body, said.reason, reason)
			}
		}
		ask("").is(t, 400, "invalid_request", MissingParameter)
		b.post(b.vars["base_url"]+infoPath, "token", "x", "client_id", b.vars["public_client_id"]).is(t, 400, "invalid_client", NoAuthentication)
		b.post(b.vars["base_url"]+infoPath, "token", "x").is(t, 400, "invalid_client", NoAuthentication)
	})
}

func TestRevocationByPostIsForTheClientOfTheToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	ask := func(token, id, secret string) reply {
		return b.post(b.vars["base_url"]+cancelPath, "token", token, "token_type_hint", "refresh_token", "client_id", b.vars[id],
			"client_secret", b.vars[secret])
	}
	got := b.redeem(b.code())
	access, refresh := got.member("access_token"), got.member("refresh_token")
	ask(access, "client_id", "client_secret").is(t, 400, "unauthorized_client", ForeignToken)
	ask(access, "viewer_client_id", "client_secret").is(t, 400, "invalid_client", WrongSecret)
	ask("", "viewer_client_id", "viewer_client_secret").is(t, 400, "invalid_request", MissingParameter)
	b.get(access, "/Patient/1001").is(t, 200, "", OK)
	if done := ask(refresh, "viewer_client_id", "viewer_client_secret"); done.status != 200 || done.body != "" {
		t.Errorf("got %d %s", done.status, done.body)
	}
	b.get(access, "/Patient/1001").is(t, 401, "", RevokedToken)
	b.refresh(refresh).is(t, 400, "invalid_grant", DeadRefreshToken)
	ask("invented", "viewer_client_id", "viewer_client_secret").is(t, 200, "", UnknownToken)
}

func TestARefreshTokenIsTakenAtTheOtherPathWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	b := benchWith(t, Switches{RefreshAlias: true})
	b.post(b.vars["token_url"], "grant_type", refreshTokenGrant, "refresh_token", b.vars["refresh_token"], "client_id",
		b.vars["viewer_client_id"], "client_secret", b.vars["viewer_client_secret"]).is(t, 200, "", OK)
}

func TestDiscoveryNamesEveryEndpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	got := b.send("GET", b.vars["fhir_url"]+"/.well-known/smart-configuration", "")
	var document struct {
		Grants       []string `json:"grant_types_supported"`
		Capabilities []string `json:"capabilities"`
	}
	if err := json.Unmarshal([]byte(got.body), &document); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"authorization_endpoint": authorizePath, "pushed_authorization_request_endpoint": parPath, "jwks_uri": keysPath,
		"device_authorization_endpoint": devicePath, "introspection_endpoint": infoPath, "revocation_endpoint": cancelPath,
	} {
		if got.member(name) != b.vars["base_url"]+path {
			t.Errorf("%s: got %s", name, got.member(name))
		}
		if answer := b.send("GET", got.member(name), ""); answer.reason == UnknownPath {
			t.Errorf("%s leads nowhere", name)
		}
	}
	if !slices.Contains(document.Capabilities, "launch-standalone") || slices.Contains(document.Grants, passwordGrant) {
		t.Errorf("got %+v", document)
	}
	if page := b.send("GET", b.vars["base_url"]+verifyPath, ""); page.status != 200 || !strings.Contains(page.body, "<title>Connect a device</title>") {
		t.Errorf("got %d %s", page.status, page.body)
	}
}
