package sandbox

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The tests of this file follow the vendor's statements about assertions and tokens, one by one: what each lets pass and
// what it does not.

func TestAnAssertionIsNoAccessToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	patient := b.vars["fhir_url"] + "/Patient/1001"
	if got := b.get(b.token(""), "/Patient/1001"); got.status != 200 {
		t.Errorf("got %d with an exchanged token, want 200", got.status)
	}
	cases := []struct {
		name, address, authorization, challenge string
		reason                                  Reason
	}{
		{"an assertion", patient, "Bearer " + b.assertion(nil), `Bearer error="invalid_token"`, AssertionAsToken},
		{"nothing", patient, "", "Bearer", NoCredentials},
		{"a token in the query", patient + "?access_token=" + b.token(""), "", "Bearer", TokenInQuery},
		{"another scheme", patient, basic("id", "secret"), "Bearer", NoCredentials},
		{"a doubled prefix", patient, "Bearer Bearer " + b.token(""), `Bearer error="invalid_token"`, UnknownToken},
		{"an empty token", patient, "Bearer ", `Bearer error="invalid_token"`, UnknownToken},
		{"an invented token", patient, "Bearer made-up", `Bearer error="invalid_token"`, UnknownToken},
	}
	for _, c := range cases {
		var headers []string
		if c.authorization != "" {
			headers = []string{"Authorization", c.authorization}
		}
		got := b.send("GET", c.address, "", headers...)
		got.is(t, 401, "", c.reason)
		if challenge := got.header.Get("Www-Authenticate"); challenge != c.challenge {
			t.Errorf("%s: got %q, want %q", c.name, challenge, c.challenge)
		}
	}
}

func TestAnAssertionIsShortLivedAndCannotBeUsedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	kept := b.assertion(claims{"exp": b.sandbox.Now().Unix() + 300})
	b.exchange(kept).is(t, 200, "", OK)
	b.exchange(kept).is(t, 200, "", OK) // it has no jti
	b.sandbox.Advance(301 * time.Second)
	b.exchange(kept).is(t, 400, "invalid_grant", ExpiredAssertion)
	b.exchange(b.assertion(nil)).is(t, 200, "", OK)

	named := b.assertion(claims{"jti": "one"})
	b.exchange(named).is(t, 200, "", OK)
	b.exchange(named).is(t, 400, "invalid_grant", ReplayedAssertion)
	b.exchange(b.assertion(claims{"jti": "two"})).is(t, 200, "", OK)
	b.exchange(b.assertion(claims{"jti": 7})).is(t, 400, "invalid_grant", WrongID)
	b.sandbox.Advance(61 * time.Second)
	b.exchange(b.assertion(claims{"jti": "one"})).is(t, 200, "", OK) // the first "one" has expired
}

func TestTheTimesOfAnAssertionAreWholeSecondsInReach(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	now := b.sandbox.Now().Unix()
	cases := []struct {
		name   string
		change claims
		code   string
		reason Reason
	}{
		{"made a little ahead", claims{"iat": now + 4, "nbf": now + 4}, "", OK},
		{"until midnight of a chosen day", claims{"exp": now + 47*3600}, "", OK},
		{"no iat", claims{"iat": nil}, "", OK},
		{"no exp", claims{"exp": nil}, "invalid_grant", WrongExpiry},
		{"null exp", claims{"exp": (*int)(nil)}, "invalid_grant", WrongExpiry},
		{"exp as text", claims{"exp": "1900000000"}, "invalid_grant", WrongExpiry},
		{"exp with a fraction", claims{"exp": float64(now) + 60.5}, "invalid_grant", WrongExpiry},
		{"exp in milliseconds", claims{"exp": (now + 60) * 1000}, "invalid_grant", DistantExpiry},
		{"exp now", claims{"exp": now}, "invalid_grant", ExpiredAssertion},
		{"iat ahead", claims{"iat": now + 60}, "invalid_grant", FutureAssertion},
		{"nbf ahead", claims{"nbf": now + 60}, "invalid_grant", FutureAssertion},
		{"iat as text", claims{"iat": "now"}, "invalid_grant", FutureAssertion},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status := 400
			if c.code == "" {
				status = 200
			}
			b.exchange(b.assertion(c.change)).is(t, status, c.code, c.reason)
		})
	}
}

func TestACutOrMangledAssertionGetsNoBodyAtAll(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	whole := b.assertion(nil)
	b.exchange(whole).is(t, 200, "", OK)
	for cut := 1; cut < len(whole); cut++ {
		b.exchange(whole[:len(whole)-cut]).isSilent(t, MalformedAssertion)
	}
	header, rest, _ := strings.Cut(whole, ".")
	for name, text := range map[string]string{
		"quoted":            `"` + whole + `"`,
		"wrapped":           whole[:76] + "\r\n" + whole[76:],
		"with a prefix":     "Bearer " + whole,
		"ends with newline": whole + "\n",
		"four segments":     whole + "." + header,
		"padded":            header + "=." + rest,
		"unresolved":        "{{assertion}}",
		"header no JSON":    base64.RawURLEncoding.EncodeToString([]byte("HS256")) + "." + rest,
		"claims no object":  header + "." + base64.RawURLEncoding.EncodeToString([]byte("null")) + ".c2ln",
	} {
		t.Run(name, func(t *testing.T) { b.exchange(text).isSilent(t, MalformedAssertion) })
	}
}

func TestTheAudienceIsTheTokenURLOfTheEnvironmentByteForByte(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	right := b.vars["token_url"]
	b.exchange(b.assertion(claims{"aud": right})).is(t, 200, "", OK)
	for _, wrong := range []any{
		right + "/", strings.Replace(right, "http:", "https:", 1), strings.Replace(right, "://", "://www.", 1),
		strings.Replace(right, "/oauth", "//oauth", 1), strings.ToUpper(right), b.vars["base_url"], []string{right},
		newBench(t, "production").vars["token_url"], nil, 7,
	} {
		b.exchange(b.assertion(claims{"aud": wrong})).is(t, 400, "invalid_grant", WrongAudience)
	}
}

func TestAnAssertionForOneEnvironmentFailsInTheOtherLikeAWrongAudience(t *testing.T) {
	t.Parallel()
	sandbox := newBench(t, "sandbox")
	production := benchOn(t, sandbox.sandbox, "production")
	production.exchange(production.assertion(nil)).is(t, 200, "", OK)
	production.exchange(sandbox.assertion(nil)).is(t, 400, "invalid_grant", WrongAudience)
	production.exchange(sandbox.assertion(claims{"aud": production.vars["token_url"]})).
		is(t, 400, "invalid_client", UnknownClient)
	production.post(production.vars["token_url"], "grant_type", "client_credentials", "client_id", sandbox.vars["client_id"],
		"client_secret", sandbox.vars["client_secret"]).is(t, 400, "invalid_client", UnknownClient)
}

func TestIssuerAndSubjectAreTheClientIDAndNeverAnEmail(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	cases := []struct {
		name   string
		change claims
		reason Reason
	}{
		{"another issuer", claims{"iss": "https://app.example"}, WrongIssuer},
		{"no issuer", claims{"iss": nil}, WrongIssuer},
		{"another subject", claims{"sub": "somebody"}, WrongSubject},
		{"an email", claims{"sub": "nurse@clinic.example"}, WrongSubject},
		{"no subject", claims{"sub": nil}, WrongSubject},
		{"a list", claims{"sub": []string{b.vars["client_id"]}}, WrongSubject},
		{"a client nobody knows", claims{"iss": "nobody", "sub": "nobody"}, UnknownClient},
		{"a client without assertions", claims{"iss": b.vars["viewer_client_id"]}, UnknownClient},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := b.exchange(b.assertion(c.change))
			got.is(t, 400, "invalid_client", c.reason)
			if want := "improper client id"; got.member("error_description") != want {
				t.Errorf("got %s, want the description %q", got.body, want)
			}
		})
	}
	form := []string{"grant_type", jwtBearerGrant, "assertion", b.assertion(nil), "client_id"}
	b.post(b.vars["token_url"], append(form, b.vars["client_id"])...).is(t, 200, "", OK)
	b.post(b.vars["token_url"], append(form, "someone-else")...).is(t, 400, "invalid_client", WrongIssuer)
}

func TestScopesAreValidatedWhenTheTokenIsIssuedAndWhenItIsUsed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	ask := func(scope string) reply {
		return b.post(b.vars["token_url"], "grant_type", jwtBearerGrant, "assertion", b.assertion(nil), "scope", scope)
	}
	for asked, granted := range map[string]string{
		"patient360 user/*.*":             "patient360 user/*.*",
		"user/Patient.read":               "user/Patient.read",
		"user/Patient.rs  user/*.read\t ": "user/Patient.rs user/*.read",
		"":                                "patient360 user/*.*",
	} {
		if got := ask(asked); got.member("scope") != granted {
			t.Errorf("%q: got %s, want the scope %q", asked, got.body, granted)
		}
	}
	for _, asked := range []string{"system/*.*", "patient360 admin", "offline_access", "patient360,user/*.*", "user/*.dust"} {
		ask(asked).is(t, 400, "invalid_scope", UnregisteredScope)
	}
	got := b.get(b.token("patient360"), "/Patient/1001")
	got.is(t, 403, "", InsufficientScope)
	want := `Bearer error="insufficient_scope", scope="user/Patient.r"`
	if challenge := got.header.Get("Www-Authenticate"); challenge != want {
		t.Errorf("got %q, want %q", challenge, want)
	}
	narrow := b.token("user/Patient.read")
	b.get(narrow, "/Patient?family=Quillon").is(t, 200, "", OK)
	b.get(narrow, "/Observation").is(t, 403, "", InsufficientScope)
	b.send("POST", b.vars["fhir_url"]+"/Patient", "{}", "Authorization", "Bearer "+narrow).is(t, 403, "", InsufficientScope)
}

func TestATokenOfOneEnvironmentIsWorthNothingInTheOther(t *testing.T) {
	t.Parallel()
	sandbox := newBench(t, "sandbox")
	production := benchOn(t, sandbox.sandbox, "production")
	token := production.token("")
	production.get(token, "/Patient/2001").is(t, 200, "", OK)
	sandbox.get(token, "/Patient/1001").is(t, 401, "", ForeignToken)
	sandbox.get(sandbox.patternToken().member("access_token"), "/Patient/1001").is(t, 401, "", ForeignToken)
}

func TestExactlyOneOfTheSupportedPatternsIsUsed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	assertion := b.assertion(nil)
	cases := []struct {
		name   string
		form   []string
		code   string
		reason Reason
	}{
		{"JWT bearer", []string{"grant_type", jwtBearerGrant, "assertion", assertion}, "", OK},
		{"client credentials", []string{"grant_type", "client_credentials", "client_assertion_type", assertionType,
			"client_assertion", assertion}, "", OK},
		{"parameters nobody knows", []string{"grant_type", jwtBearerGrant, "assertion", assertion, "colour", "red"}, "", OK},
		{"no grant type", []string{"assertion", assertion}, "invalid_request", MissingParameter},
		{"an empty grant type", []string{"grant_type", "", "assertion", assertion}, "invalid_request", MissingParameter},
		{"jwt-bearer", []string{"grant_type", "jwt-bearer"}, "unsupported_grant_type", UnsupportedGrant},
		{"client-credentials", []string{"grant_type", "client-credentials"}, "unsupported_grant_type", UnsupportedGrant},
		{"a refresh at the wrong path", []string{"grant_type", "refresh_token", "refresh_token", b.vars["refresh_token"]},
			"unsupported_grant_type", UnsupportedGrant},
		{"JWT bearer and client assertion", []string{"grant_type", jwtBearerGrant, "assertion", assertion,
			"client_assertion", assertion}, "invalid_request", MixedFlows},
		{"JWT bearer and client assertion type", []string{"grant_type", jwtBearerGrant, "assertion", assertion,
			"client_assertion_type", assertionType}, "invalid_request", MixedFlows},
		{"JWT bearer and secret", []string{"grant_type", jwtBearerGrant, "assertion", assertion, "client_secret", "x"},
			"invalid_request", MixedFlows},
		{"client credentials and assertion", []string{"grant_type", "client_credentials", "assertion", assertion},
			"invalid_request", MixedFlows},
		{"the assertion as a password", []string{"grant_type", jwtBearerGrant, "password", assertion},
			"invalid_request", MixedFlows},
		{"no assertion", []string{"grant_type", jwtBearerGrant}, "invalid_request", MissingParameter},
		{"assertion twice", []string{"grant_type", jwtBearerGrant, "assertion", assertion, "assertion", assertion},
			"invalid_request", RepeatedParameter},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status := 400
			if c.code == "" {
				status = 200
			}
			b.post(b.vars["token_url"], c.form...).is(t, status, c.code, c.reason)
		})
	}
	b.send("POST", b.vars["token_url"], encodeForm("grant_type", jwtBearerGrant, "assertion", assertion), "Content-Type",
		formType, "Authorization", "Bearer "+assertion).is(t, 400, "invalid_request", MixedFlows)
}

func TestAClientAssertionNeedsItsType(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	ask := func(kind, assertion string) reply {
		return b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_assertion_type", kind,
			"client_assertion", assertion)
	}
	ask(assertionType, b.assertion(nil)).is(t, 200, "", OK)
	ask("", b.assertion(nil)).is(t, 400, "invalid_request", MissingParameter)
	ask(url.QueryEscape(assertionType), b.assertion(nil)).is(t, 400, "invalid_request", WrongAssertionType)
	ask(assertionType, "").is(t, 400, "invalid_request", MissingParameter)
	ask(assertionType, b.assertion(claims{"sub": "nurse@clinic.example"})).is(t, 400, "invalid_client", WrongSubject)
	ask(assertionType, b.assertion(claims{"aud": "https://elsewhere.example"})).is(t, 400, "invalid_grant", WrongAudience)
	ask(assertionType, b.assertion(nil)[:90]).isSilent(t, MalformedAssertion)
}

func TestOnlyTheAlgorithmAndTheSecretOfTheClientSign(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	secret := b.vars["client_secret"]
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(b.assertion(nil), ".")[1] + "."
	b.exchange(none).is(t, 400, "invalid_grant", WrongAlgorithm)
	long := []byte(secret + secret)
	b.exchange(sign(t, jose.HS512, long, b.claims(nil))).is(t, 400, "invalid_grant", WrongAlgorithm)
	b.exchange(sign(t, jose.HS256, long, b.claims(nil))).is(t, 400, "invalid_grant", WrongSignature)
	decoded, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	foolish := sign(t, jose.HS256, decoded, b.claims(nil))
	b.exchange(foolish).is(t, 400, "invalid_grant", DecodedSecret)
	b.post(b.vars["token_url"], "grant_type", clientCredentials, "client_assertion_type", assertionType,
		"client_assertion", foolish).is(t, 400, "invalid_client", DecodedSecret)
}

func TestManyMistakesHaveOneAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	expired := b.exchange(b.assertion(claims{"exp": 1}))
	audience := b.exchange(b.assertion(claims{"aud": "https://elsewhere.example"}))
	forged := b.exchange(sign(t, jose.HS256, []byte(strings.Repeat("x", 32)), b.claims(nil)))
	want := `{"error":"invalid_grant","error_description":"The grant is invalid or expired"}`
	if expired.body != want || audience.body != want || forged.body != want {
		t.Errorf("got %s, %s and %s, want %s", expired.body, audience.body, forged.body, want)
	}
}
