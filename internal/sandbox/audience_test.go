package sandbox

import (
	"fmt"
	"testing"
)

func TestEachAudienceRuleTakesItsValuesAndNoOther(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	b := benchOn(t, s, "sandbox")
	token, issuer := b.vars["token_url"], b.vars["base_url"]
	values := []struct {
		name string
		aud  any
	}{
		{"token URL", token}, {"token URL in an array", []string{"https://elsewhere.example", token}}, {"token URL and slash", token + "/"},
		{"issuer", issuer}, {"issuer in an array", []string{issuer}}, {"issuer and slash", issuer + "/"},
		{"issuer and slash in an array", []string{issuer + "/"}}, {"nothing", nil}, {"empty array", []string{}},
	}
	for rule, accepted := range map[Audience]string{ // y or n for each value
		DefaultAudience: "ynnnnnnnn",
		TokenURLString:  "ynnnnnnnn",
		TokenURL:        "yynnnnnnn",
		Issuer:          "nnnynnnnn",
		IssuerSlash:     "nnnnnyynn",
		AnyEndpoint:     "yynyynnnn",
	} {
		if err := s.SetAudience("sandbox", rule); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			got := b.exchange(b.assertion(claims{"aud": v.aud}))
			if accepted[i] == 'y' && got.status != 200 || accepted[i] == 'n' && got.reason != WrongAudience {
				t.Errorf("%q, %s: got %d (%s), want %c", rule, v.name, got.status, got.reason, accepted[i])
			}
		}
	}
	if n := len(audienceRules()); n != 6 {
		t.Errorf("got %d rules, of which 6 are tested", n)
	}
}

func TestTheEndpointThatWasAskedIsAnAudienceOnlyWhereAnyIs(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{Audience: AnyEndpoint}), "sandbox")
	main := b.sandbox.environments[0].clients.main
	main.grants = append(main.grants, refreshTokenGrant)
	ask := func(aud string) reply {
		return b.post(b.vars["refresh_url"], "grant_type", refreshTokenGrant, "refresh_token", "rt_invented",
			"client_assertion_type", assertionType, "client_assertion", b.assertion(claims{"aud": aud}))
	}
	for _, aud := range []string{b.vars["refresh_url"], b.vars["token_url"], b.vars["base_url"]} {
		ask(aud).is(t, 400, "invalid_grant", UnknownRefreshToken) // the client was known
	}
	if err := b.sandbox.SetAudience("", TokenURLString); err != nil {
		t.Fatal(err)
	}
	ask(b.vars["refresh_url"]).is(t, 400, "invalid_grant", WrongAudience)
	ask(b.vars["token_url"]).is(t, 400, "invalid_grant", UnknownRefreshToken)
}

func TestTheAudienceRuleIsOneOfAServer(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	production := benchOn(t, b.sandbox, "production")
	control := b.vars["base_url"] + "/__sandbox/audience"
	want := `{"production":"","sandbox":"","smart production":"","smart sandbox":"issuer"}`
	if got := b.send("POST", control, `{"server":"smart sandbox","accept":"issuer"}`); got.status != 200 || got.body != want {
		t.Errorf("got %d %s, want %s", got.status, got.body, want)
	}
	b.backend(nil, claims{"aud": b.vars["smart_base_url"]}).is(t, 200, "", OK)
	b.backend(nil, nil).is(t, 401, "invalid_client", WrongAudience)
	production.backend(nil, nil).is(t, 200, "", OK)
	b.exchange(b.assertion(nil)).is(t, 200, "", OK)
	for body, want := range map[string]string{
		`{"accept":"all"}`: `sandbox audience: got "all", want one of ["" "any" "issuer" "issuer-slash" "token-url" "token-url-string"]`,
		`{"server":"pattern sandbox"}`: `server: got "pattern sandbox", want one of ["sandbox" "production" "smart sandbox" ` +
			`"smart production"]`,
	} {
		if got := b.send("POST", control, body); got.status != 400 || got.member("error") != want {
			t.Errorf("got %d %s, want %s", got.status, got.body, want)
		}
	}
	b.send("POST", control, `{"accept":"any"}`)
	if got := b.send("GET", control, ""); got.body != `{"production":"any","sandbox":"any","smart production":"any","smart sandbox":"any"}` {
		t.Errorf("got %s", got.body)
	}
}

// A product is another server's behaviour in terms of Options.
type product struct {
	options Options
	grant   bool   // the assertion is a grant there, not client authentication
	aud     string // the right one, from the issuer
}

func (p product) ask(b bench, changes claims, more ...string) reply {
	c := claims{"jti": fmt.Sprint(b.T.Name(), len(b.sandbox.Entries())), "aud": b.vars["base_url"] + p.aud}
	for name, value := range changes {
		c[name] = value
	}
	return p.send(b, b.assertion(c), more...)
}

func (p product) send(b bench, assertion string, more ...string) reply {
	form := []string{"grant_type", clientCredentials, "client_assertion_type", assertionType, "client_assertion", assertion}
	if p.grant {
		form = []string{"grant_type", jwtBearerGrant, "assertion", assertion}
	}
	return b.post(b.vars["token_url"], append(form, more...)...)
}

// The same mistake at four servers in use: what each of them was seen to answer, and how the sandbox answers in its place.
func TestTheSameMistakeAtFourServers(t *testing.T) {
	t.Parallel()
	const hour = 3600
	products := []product{
		{Options{Errors: GenericErrors, Audience: AnyEndpoint, Switches: Switches{AssertionSwitches: AssertionSwitches{NeedJTI: true}, DownScope: true, OmitScope: true}},
			false, tokenPath}, // panva
		{Options{Errors: SilentErrors, Audience: TokenURLString, Switches: Switches{AssertionSwitches: AssertionSwitches{NeedJTI: true, MaxLifetime: hour}}},
			false, tokenPath}, // glewlwyd
		{Options{Errors: FositeErrors, Audience: TokenURL, Switches: Switches{AssertionSwitches: AssertionSwitches{NeedJTI: true, MaxLifetime: hour}}},
			false, tokenPath}, // fosite
		{Options{Errors: StrictErrors, Audience: IssuerSlash, Switches: Switches{AssertionSwitches: AssertionSwitches{AllowReplay: true}}}, true, "/"}, // zitadel
	}
	cases := []struct {
		name string
		make func(bench, product) reply
		want [4]string // status and error code
	}{
		{"none", func(b bench, p product) reply { return p.ask(b, nil) }, [4]string{"200 ", "200 ", "200 ", "200 "}},
		{"expired", func(b bench, p product) reply { return p.ask(b, claims{"exp": 1}) },
			[4]string{"401 invalid_client", "403 ", "500 error", "400 invalid_grant"}},
		{"a slash after the token URL", func(b bench, p product) reply { return p.ask(b, claims{"aud": b.vars["token_url"] + "/"}) },
			[4]string{"401 invalid_client", "403 ", "401 invalid_client", "400 invalid_grant"}},
		{"the audience in an array", func(b bench, p product) reply { return p.ask(b, claims{"aud": []string{b.vars["base_url"] + p.aud}}) },
			[4]string{"200 ", "403 ", "200 ", "200 "}},
		{"no jti", func(b bench, p product) reply { return p.ask(b, claims{"jti": nil}) },
			[4]string{"401 invalid_client", "403 ", "401 invalid_client", "200 "}},
		{"a replay", func(b bench, p product) reply {
			p.ask(b, claims{"jti": "once"})
			return p.ask(b, claims{"jti": "once"})
		}, [4]string{"401 invalid_client", "403 ", "400 jti_known", "200 "}},
		{"a day of life", func(b bench, p product) reply { return p.ask(b, claims{"exp": b.sandbox.Now().Unix() + 24*hour}) },
			[4]string{"200 ", "403 ", "401 invalid_client", "200 "}},
		{"a day of life, as a grant", func(b bench, p product) reply {
			p.grant = true
			return p.ask(b, claims{"exp": b.sandbox.Now().Unix() + 24*hour})
		}, [4]string{"200 ", "403 ", "400 invalid_grant", "200 "}},
		{"a cut signature", func(b bench, p product) reply {
			whole := b.assertion(claims{"aud": b.vars["base_url"] + p.aud, "jti": "cut"})
			return p.send(b, whole[:len(whole)-5])
		}, [4]string{"401 invalid_client", "403 ", "401 invalid_client", "400 invalid_grant"}},
		{"a scope that is not allowed", func(b bench, p product) reply { return p.ask(b, nil, "scope", "admin") },
			[4]string{"200 ", "400 scope_invalid", "400 invalid_scope", "400 invalid_scope"}},
		{"JSON", func(b bench, _ product) reply {
			return b.send("POST", b.vars["token_url"], "{}", "Content-Type", jsonType)
		},
			[4]string{"400 invalid_request", "400 ", "400 invalid_request", "400 invalid_request"}},
		{"an old refresh token", func(b bench, _ product) reply {
			old := b.vars["refresh_token"]
			b.refresh(old)
			return b.refresh(old)
		}, [4]string{"400 invalid_grant", "400 ", "400 invalid_grant", "400 invalid_grant"}},
	}
	for _, c := range cases {
		for i, p := range products {
			b := benchOn(t, New(p.options), "sandbox")
			got := c.make(b, p)
			if answer := fmt.Sprintf("%d %s", got.status, got.member("error")); answer != c.want[i] {
				t.Errorf("%s, product %d: got %s (%s), want %s", c.name, i+1, answer, got.reason, c.want[i])
			}
		}
	}
}

func TestAScopeIsLeftOutSilentlyWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	ask := func(switches Switches, scope string) reply {
		b := benchOn(t, New(Options{Switches: switches}), "sandbox")
		return b.post(b.vars["token_url"], "grant_type", jwtBearerGrant, "assertion", b.assertion(nil), "scope", scope)
	}
	down := Switches{DownScope: true}
	if got := ask(down, "admin user/*.read"); got.status != 200 || got.member("scope") != "user/*.read" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	down.OmitScope = true
	if got := ask(down, "admin user/*.read"); got.status != 200 || got.member("access_token") == "" || got.member("scope") != "" {
		t.Errorf("got %d %s, want no scope", got.status, got.body)
	}
	if got := ask(down, "user/*.read"); got.member("scope") != "user/*.read" {
		t.Errorf("got %s, want the scope, which is as asked", got.body)
	}
	b := benchOn(t, New(Options{Switches: down}), "sandbox")
	got := b.post(b.vars["token_url"], "grant_type", jwtBearerGrant, "assertion", b.assertion(nil), "scope", "admin patient360")
	b.get(got.member("access_token"), "/Patient/1001").is(t, 403, "", InsufficientScope) // where it shows at last
}
