package sandbox

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-jose/go-jose/v4"
)

const (
	verifier    = "a-verifier-of-enough-characters-for-RFC-7636_~."
	callbackURL = "http://127.0.0.1:49171/callback"
)

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is a right authorization request of the viewer, changed as given; an empty value takes a parameter out.
func (b bench) request(changes ...string) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {b.vars["viewer_client_id"]}, "redirect_uri": {callbackURL}, "state": {"st&te"},
		"scope": {"openid fhirUser launch/patient patient/*.rs offline_access"}, "aud": {b.vars["fhir_url"]},
		"code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"}, "nonce": {"n-1"},
	}
	for i := 0; i < len(changes); i += 2 {
		if q.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return q
}

// authorize sends the browser there and returns where it is sent back to.
func (b bench) authorize(query url.Values) (reply, url.Values) {
	b.Helper()
	got := b.send("GET", b.vars["base_url"]+authorizePath+"?"+query.Encode(), "")
	back, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		b.Fatal(err)
	}
	return got, back.Query()
}

func (b bench) code(changes ...string) string {
	b.Helper()
	got, back := b.authorize(b.request(changes...))
	if got.status != 302 || back.Get("code") == "" {
		b.Fatalf("got %d %v %s (%s)", got.status, got.header, got.body, got.reason)
	}
	return back.Get("code")
}

// redeem trades a code as the viewer, with the form changed as given.
func (b bench) redeem(code string, changes ...string) reply {
	b.Helper()
	form := url.Values{
		"grant_type": {authorizationCode}, "code": {code}, "redirect_uri": {callbackURL}, "code_verifier": {verifier},
		"client_id": {b.vars["viewer_client_id"]}, "client_secret": {b.vars["viewer_client_secret"]},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return b.send("POST", b.vars["refresh_url"], form.Encode(), "Content-Type", formType)
}

func TestACodeBecomesTokensWithALaunchContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		redirected, back := b.authorize(b.request())
		code := back.Get("code")
		location := callbackURL + "?code=" + code + "&iss=" + url.QueryEscape(b.vars["base_url"]) + "&state=st%26te"
		if redirected.status != 302 || redirected.header.Get("Location") != location || redirected.body != "" {
			t.Errorf("got %d %v, want %s", redirected.status, redirected.header, location)
		}
		got := b.redeem(code)
		user := b.vars["fhir_url"] + "/Practitioner/user-sandbox"
		want := fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":3600,"refresh_token":%q,`+
			`"scope":"openid fhirUser launch/patient patient/*.rs offline_access","id_token":%q,"patient":"1001","fhirUser":%q,`+
			`"need_patient_banner":true}`, got.member("access_token"), got.member("refresh_token"), got.member("id_token"), user)
		if got.status != 200 || got.body != want {
			t.Errorf("got %d %s (%s), want %s", got.status, got.body, got.reason, want)
		}
		b.checkIDToken(got.member("id_token"), user)
		b.get(got.member("access_token"), "/Patient/1001").is(t, 200, "", OK)

		again := b.refresh(got.member("refresh_token"))
		if again.member("patient") != "1001" || again.member("id_token") != "" || again.member("fhirUser") != user {
			t.Errorf("got %s, want the context again", again.body)
		}
	})
}

func (b bench) checkIDToken(text, user string) {
	b.Helper()
	token, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		b.Fatal(err)
	}
	var discovered struct {
		JWKS string `json:"jwks_uri"`
	}
	var keys jose.JSONWebKeySet
	document := b.send("GET", b.vars["base_url"]+"/.well-known/openid-configuration", "")
	if err := json.Unmarshal([]byte(document.body), &discovered); err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b.send("GET", discovered.JWKS, "").body), &keys); err != nil {
		b.Fatal(err)
	}
	key := keys.Key(token.Signatures[0].Header.KeyID)
	if len(key) != 1 {
		b.Fatalf("no key %q at %s", token.Signatures[0].Header.KeyID, discovered.JWKS)
	}
	payload, err := token.Verify(key[0].Key.(*rsa.PublicKey))
	now := b.sandbox.Now().Unix()
	want := fmt.Sprintf(`{"aud":%q,"auth_time":%d,"exp":%d,"fhirUser":%q,"iat":%[2]d,"iss":%[5]q,"nonce":"n-1","sub":"user-sandbox"}`,
		b.vars["viewer_client_id"], now, now+3600, user, b.vars["base_url"])
	if err != nil || string(payload) != want {
		b.Errorf("got %s %v, want %s", payload, err, want)
	}
}

func TestAnEHRLaunchNamesItsPatient(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	scope := "launch patient/*.read openid"
	got := b.redeem(b.code("scope", scope, "launch", "launch-1007"))
	var said struct {
		Patient, Encounter, Scope string
		Banner                    *bool `json:"need_patient_banner"`
	}
	if err := json.Unmarshal([]byte(got.body), &said); err != nil {
		t.Fatal(err)
	}
	if said.Patient != "1007" || said.Encounter != "e-1007" || said.Scope != scope || said.Banner == nil || *said.Banner ||
		got.member("refresh_token") != "" {
		t.Errorf("got %s", got.body)
	}
	token := got.member("access_token")
	b.get(token, "/Patient/1007").is(t, 200, "", OK)
	b.get(token, "/Observation/o-1007-1").is(t, 200, "", OK)
	b.get(token, "/Patient/1001").is(t, 403, "", OutsideCompartment)
	b.get(token, "/Observation/o-1001-1").is(t, 403, "", OutsideCompartment)
	b.get(token, "/Patient/1001/$everything").is(t, 403, "", OutsideCompartment)
	for path, want := range map[string]int{"/Patient": 1, "/Observation": 2, "/Observation?patient=1001": 0, "/Patient/1007/$everything": 4} {
		if got := b.get(token, path).found(t).Total; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	both := b.redeem(b.code("scope", "launch/patient patient/*.read user/*.read")).member("access_token")
	b.get(both, "/Patient/1007").is(t, 200, "", OK) // for the user may see everybody
}

func TestAnAuthorizationRequestThatIsWrongIsToldToTheClient(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	long := challengeOf(verifier) + "x"
	cases := []struct {
		name    string
		changes []string
		code    string
		reason  Reason
		why     string
	}{
		{"response type", []string{"response_type", "token"}, "unsupported_response_type", WrongParameter,
			"wrong parameter: response_type: got 'token', want 'code'"},
		{"state", []string{"state", ""}, "invalid_request", MissingParameter, "missing parameter: state"},
		{"no challenge", []string{"code_challenge", ""}, "invalid_request", MissingParameter, "missing parameter: code_challenge"},
		{"plain", []string{"code_challenge_method", "plain"}, "invalid_request", WrongParameter,
			"wrong parameter: code_challenge_method: got 'plain', want 'S256'"},
		{"no method", []string{"code_challenge_method", ""}, "invalid_request", WrongParameter,
			"wrong parameter: code_challenge_method: got '', want 'S256'"},
		{"challenge", []string{"code_challenge", long}, "invalid_request", WrongParameter,
			"wrong parameter: code_challenge: got 44 characters, want 43"},
		{"scope", []string{"scope", "system/*.rs"}, "invalid_scope", UnregisteredScope,
			"unregistered scope: 'system/*.rs' is not registered for hg-sandbox-viewer"},
		{"aud with a slash", []string{"aud", b.vars["fhir_url"] + "/"}, "invalid_request", WrongResource,
			"wrong resource: aud: got 'http://sandbox.hg.example/fhir/R4/', want 'http://sandbox.hg.example/fhir/R4'"},
		{"no aud", []string{"aud", ""}, "invalid_request", WrongResource,
			"wrong resource: aud: got '', want 'http://sandbox.hg.example/fhir/R4'"},
		{"launch without scope", []string{"launch", "launch-1001"}, "invalid_request", UnknownLaunch,
			"unknown launch: the parameter launch and the scope launch belong together"},
		{"scope without launch", []string{"scope", "launch"}, "invalid_request", UnknownLaunch,
			"unknown launch: the parameter launch and the scope launch belong together"},
		{"launch of nobody", []string{"scope", "launch", "launch", "launch-9"}, "invalid_request", UnknownLaunch,
			"unknown launch: got 'launch-9', want launch- and the id of a patient"},
		{"a client without the grant", []string{"client_id", b.vars["client_id"]}, "unauthorized_client", UnauthorizedGrant,
			"unauthorized grant: hg-sandbox-client may not use authorization_code"},
	}
	main := b.sandbox.environments[0].clients.main
	main.browser = true
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, back := b.authorize(b.request(c.changes...))
			want := url.Values{"error": {c.code}, "error_description": {c.why}, "iss": {b.vars["base_url"]}}
			if c.name != "state" {
				want.Set("state", "st&te")
			}
			if got.status != 302 || back.Encode() != want.Encode() || got.reason != c.reason {
				t.Errorf("got %d %v (%s), want %v", got.status, back, got.reason, want)
			}
		})
	}
	b.redeem(b.code("scope", "openid", "aud", "")).is(t, 200, "", OK) // nothing of FHIR was asked for
}

func TestNobodyIsRedirectedToAnAddressThatIsNotRegistered(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	for _, address := range []string{
		"", "https://evil.example/callback", "http://127.0.0.1:1/other", "https://127.0.0.1:1/callback", "http://127.0.0.1.evil.example:1/callback",
		"http://127.0.0.1:1/callback#x", "http://me@127.0.0.1:1/callback", "http://10.0.0.1:1/callback", "https://app.example:1/callback",
		"http://127.0.0.1:1/callback?a=b", "%zz",
	} {
		got, _ := b.authorize(b.request("redirect_uri", address))
		if got.status != 400 || got.header.Get("Location") != "" || got.reason != WrongRedirect {
			t.Errorf("%q: got %d %v (%s)", address, got.status, got.header, got.reason)
		}
	}
	for _, address := range []string{
		"http://127.0.0.1/callback", "http://localhost:8123/", "http://[::1]:8123/callback", "https://app.example/callback",
	} {
		if got, _ := b.authorize(b.request("redirect_uri", address)); got.status != 302 {
			t.Errorf("%q: got %d (%s)", address, got.status, got.reason)
		}
	}
	got, _ := b.authorize(b.request("client_id", "<b>"))
	if got.status != 400 || got.reason != UnknownClient || !strings.Contains(got.body, "unknown client: &#34;&lt;b&gt;&#34;") {
		t.Errorf("got %d %s (%s)", got.status, got.body, got.reason)
	}
	b.send("PUT", b.vars["base_url"]+authorizePath, "").is(t, 405, "", WrongMethod)
	b.send("GET", b.vars["base_url"]+authorizePath+"?client_id=a&client_id=b", "").is(t, 400, "", RepeatedParameter)
	b.send("POST", b.vars["base_url"]+authorizePath, "{}", "Content-Type", jsonType).is(t, 400, "", WrongContentType)
	posted := b.send("POST", b.vars["base_url"]+authorizePath, b.request().Encode(), "Content-Type", formType)
	if posted.status != 303 || !strings.HasPrefix(posted.header.Get("Location"), callbackURL+"?code=") {
		t.Errorf("got %d %v", posted.status, posted.header)
	}
}

func TestACodeIsForItsClientItsRedirectAndItsVerifierOnceAndForAMinute(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	code := b.code()
	b.redeem(code, "redirect_uri", callbackURL+"/").is(t, 400, "invalid_grant", WrongRedirect)
	b.redeem(code, "code_verifier", verifier+"x").is(t, 400, "invalid_grant", WrongVerifier)
	b.redeem(code, "code_verifier", "short").is(t, 400, "invalid_grant", WrongVerifier)
	b.redeem(code, "code_verifier", verifier+" ").is(t, 400, "invalid_grant", WrongVerifier)
	b.redeem(code, "code_verifier", challengeOf(verifier)).is(t, 400, "invalid_grant", WrongVerifier)
	b.redeem(code, "code_verifier", "").is(t, 400, "invalid_request", MissingParameter)
	b.redeem(code, "client_secret", "guess").is(t, 400, "invalid_client", WrongSecret)
	b.redeem(code, "client_id", b.vars["client_id"], "client_secret", b.vars["client_secret"]).is(t, 400, "invalid_grant", UnknownCode)
	b.redeem("invented").is(t, 400, "invalid_grant", UnknownCode)
	b.redeem(code, "assertion", "x").is(t, 400, "invalid_request", MixedFlows)
	production := benchOn(t, b.sandbox, "production")
	production.redeem(code).is(t, 400, "invalid_grant", UnknownCode)

	first := b.redeem(code)
	first.is(t, 200, "", OK)
	b.redeem(code).is(t, 400, "invalid_grant", UsedCode)
	b.get(first.member("access_token"), "/Patient/1001").is(t, 401, "", RevokedToken)
	b.refresh(first.member("refresh_token")).is(t, 400, "invalid_grant", DeadRefreshToken)

	late := b.code()
	b.sandbox.Advance(codeLife)
	b.redeem(late).is(t, 400, "invalid_grant", ExpiredCode)
	b.post(b.vars["token_url"], "grant_type", authorizationCode, "code", b.code(), "redirect_uri", callbackURL, "code_verifier",
		verifier, "client_id", b.vars["viewer_client_id"], "client_secret", b.vars["viewer_client_secret"]).is(t, 200, "", OK)
}

func TestAPublicClientHasItsVerifierAloneAndGetsNoRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	id := b.vars["public_client_id"]
	_, back := b.authorize(b.request("client_id", id, "scope", "launch/patient patient/*.rs"))
	form := []string{"grant_type", authorizationCode, "code", back.Get("code"), "redirect_uri", callbackURL, "client_id", id}
	b.post(b.vars["refresh_url"], append(form, "code_verifier", verifier[1:])...).is(t, 400, "invalid_grant", WrongVerifier)
	got := b.post(b.vars["refresh_url"], append(form, "code_verifier", verifier)...)
	if got.status != 200 || got.member("refresh_token") != "" || got.member("patient") != "1001" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if _, back := b.authorize(b.request("client_id", id)); back.Get("error") != "invalid_scope" {
		t.Errorf("got %v for offline_access", back)
	}
}

func TestAPushedRequestIsUsedOnceWithinAMinute(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	push := func(changes ...string) reply {
		form := b.request(append([]string{"client_secret", b.vars["viewer_client_secret"]}, changes...)...)
		return b.send("POST", b.vars["base_url"]+parPath, form.Encode(), "Content-Type", formType)
	}
	open := func(client, request string) (reply, url.Values) {
		return b.authorize(url.Values{"client_id": {client}, "request_uri": {request}})
	}
	viewer := b.vars["viewer_client_id"]
	pushed := push()
	name := pushed.member("request_uri")
	if want := fmt.Sprintf(`{"request_uri":%q,"expires_in":60}`, name); pushed.status != 201 || pushed.body != want ||
		!strings.HasPrefix(name, requestURI) {
		t.Fatalf("got %d %s, want %s", pushed.status, pushed.body, want)
	}
	refused, _ := open(b.vars["public_client_id"], name)
	refused.is(t, 400, "", UnknownRequest)
	_, back := open(viewer, name)
	if back.Get("state") != "st&te" {
		t.Errorf("got %v", back)
	}
	b.redeem(back.Get("code")).is(t, 200, "", OK)
	refused, _ = open(viewer, name)
	refused.is(t, 400, "", UnknownRequest)
	late := push().member("request_uri")
	b.sandbox.Advance(codeLife)
	refused, _ = open(viewer, late)
	refused.is(t, 400, "", UnknownRequest)

	push("client_secret", "guess").is(t, 400, "invalid_client", WrongSecret)
	push("client_secret", "").is(t, 400, "invalid_client", NoAuthentication)
	push("request_uri", name).is(t, 400, "invalid_request", MixedFlows)
	push("redirect_uri", "https://evil.example/").is(t, 400, "invalid_request", WrongRedirect)
	push("scope", "system/*.rs").is(t, 400, "invalid_scope", UnregisteredScope)
	b.send("GET", b.vars["base_url"]+parPath, "").is(t, 405, "invalid_request", WrongMethod)
}

func TestAClientAssertionForAPushedRequestMayNameAnyOfThreeAudiences(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	main := b.sandbox.environments[0].clients.main
	main.grants, main.browser = append(main.grants, authorizationCode), true
	push := func(aud string) reply {
		form := b.request("client_id", b.vars["client_id"], "scope", "user/*.read", "client_assertion_type", assertionType,
			"client_assertion", b.assertion(claims{"aud": aud}))
		return b.send("POST", b.vars["base_url"]+parPath, form.Encode(), "Content-Type", formType)
	}
	for _, aud := range []string{b.vars["base_url"], b.vars["token_url"], b.vars["base_url"] + parPath} {
		push(aud).is(t, 201, "", OK)
	}
	push(b.vars["refresh_url"]).is(t, 400, "invalid_grant", WrongAudience)
}
