package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	introspectURL = "https://as.example/introspect"
	revokeURL     = "https://as.example/revoke"
	asked         = `oauth2: {grant: client-credentials, token_url: "` + tokenURL + `", introspection_url: "` + introspectURL + `", revocation_url: "` + revokeURL + `", client_id: c, client_secret: s3cr`
	gorillaBlock  = `oauth2: {profile: health-gorilla, token_url: "https://sandbox.healthgorilla.com/oauth/token", client_id: c, client_secret: ` + sharedKey
)

// answers is a server that gives tokens at the token URL and one answer at any other.
func answers(status int, body, more string) *desk {
	return &desk{answer: func(nth int, c auth.Call) (*wire.Response, error) {
		if strings.HasSuffix(c.Request.URL, "/oauth/token") {
			return numbered(more)(nth, c)
		}
		return response(status, "application/json", body), nil
	}}
}

func sent(d *desk) string {
	var all []string
	for _, c := range d.calls {
		if c.Name == "introspection" || c.Name == "revocation" {
			all = append(all, dump(c.Request))
		}
	}
	return strings.Join(all, "\n\n")
}

func TestAServerTellsOfAToken(t *testing.T) {
	t.Parallel()
	const head = "POST " + introspectURL + "\nAccept: application/json\nAuthorization: Basic YzpzM2Ny\n" + formType
	for _, c := range []struct{ name, yaml, token, body, request, want string }{
		{
			"RFC 7662", asked + "}", "",
			`{"active":true,"scope":"a b","client_id":"c","username":"u","token_type":"Bearer","sub":"s","iss":"https://as.example","aud":"x","exp":1600000000,"iat":1500000000}`,
			head + "token=token-1&token_type_hint=access_token",
			"true|a b|c|u|Bearer|s|https://as.example|[x]|1600000000|1500000000",
		},
		{"a token of somebody's", asked + "}", "other-1", `{"active":true,"aud":["x","y"]}`, head + "token=other-1&token_type_hint=access_token", "true|||||||[x y]|0|0"},
		{"inactive", asked + "}", "", `{"active":false}`, head + "token=token-1&token_type_hint=access_token", "false|||||||[]|0|0"},
		{
			"health-gorilla", gorillaBlock + "}", "", `{"client_name":"n","client_id":"c","scope":"patient360"}`,
			"GET https://sandbox.healthgorilla.com/oauth/info?access_token=token-1\nAccept: application/json\n", "true|patient360|c|||||[]|0|0",
		},
		{
			"health-gorilla elsewhere", gorillaBlock + `, introspection_url: "https://api.healthgorilla.com/oauth/info?a=b"}`, "", `{"error":"invalid_request"}`,
			"GET https://api.healthgorilla.com/oauth/info?a=b&access_token=token-1\nAccept: application/json\n", "false|||||||[]|0|0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := answers(200, c.body, "")
			s := session(d)
			i, err := auth.Introspect(t.Context(), read(t, c.yaml), s, c.token)
			if err != nil {
				t.Fatal(err)
			}
			unix := func(at time.Time) int64 {
				if at.IsZero() {
					return 0
				}
				return at.Unix()
			}
			same(t, "introspection", fmt.Sprintf("%t|%s|%s|%s|%s|%s|%s|%v|%d|%d", i.Active, i.Scope, i.ClientID, i.Username, i.TokenType, i.Subject, i.Issuer, i.Audience, unix(i.Expires), unix(i.Issued)), c.want)
			same(t, "request", sent(d), c.request)
			if shown := s.Scope.Redact(sent(d)); strings.Contains(shown, "token-1") || strings.Contains(shown, "other-1") {
				t.Errorf("got %s", shown)
			}
		})
	}
}

func TestExpiresInOfAnIntrospectionIsFromNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, err := auth.Introspect(t.Context(), read(t, gorillaBlock+"}"), session(answers(200, `{"expires_in":60}`, "")), "")
		if err != nil || time.Until(i.Expires) != time.Minute {
			t.Errorf("got %v, %v", i, err)
		}
	})
}

func TestATokenIsEndedAndForgotten(t *testing.T) {
	t.Parallel()
	const head = "POST " + revokeURL + "\nAccept: application/json\nAuthorization: Basic YzpzM2Ny\n" + formType
	const refresh, access = head + "token=refresh-1&token_type_hint=refresh_token", head + "token=token-1&token_type_hint=access_token"
	for _, c := range []struct {
		name, yaml, more, token string
		want                    []string
	}{
		{"nothing held", asked + "}", "none", "", nil},
		{"a token", asked + "}", "", "", []string{access}},
		{"both", asked + "}", `,"refresh_token":"refresh-1"`, "", []string{refresh, access}},
		{"one that is named", asked + "}", `,"refresh_token":"refresh-1"`, "refresh-1", []string{refresh}},
		{"another", asked + "}", ``, "other", []string{head + "token=other&token_type_hint=access_token"}},
		{"health-gorilla", gorillaBlock + "}", `,"refresh_token":"refresh-1"`, "", []string{"GET https://sandbox.healthgorilla.com/oauth/cancel?token=token-1\nAccept: application/json\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, cup := answers(200, "", c.more), &cupboard{}
			a, s := read(t, c.yaml), process(nil, cup)
			s.Sender = d
			if c.more != "none" {
				authorize(t, a, s)
			}
			ended, err := auth.Revoke(t.Context(), a, s, c.token)
			if err != nil || ended != len(c.want) {
				t.Errorf("got %d, %v, want %d", ended, err, len(c.want))
			}
			same(t, "requests", sent(d), strings.Join(c.want, "\n\n"))
			if c.token != "" || c.more == "none" {
				return
			}
			if stored := fmt.Sprint(cup.records); strings.Contains(stored, "token-1") || strings.Contains(stored, "refresh-1") {
				t.Errorf("got %s", stored)
			}
			if again, err := auth.Revoke(t.Context(), a, s, ""); again != 0 || err != nil {
				t.Errorf("the second time: got %d, %v", again, err)
			}
			before := len(d.calls)
			authorize(t, a, s)
			same(t, "next", d.calls[before].Name[:14], "token exchange")
		})
	}
}

func TestTokensOfTheStoreAreEndedByAnotherRun(t *testing.T) {
	t.Parallel()
	c := &cupboard{}
	d := answers(200, "", `,"refresh_token":"refresh-1"`)
	authorize(t, read(t, asked+"}"), process(d, c))
	if ended, err := auth.Revoke(t.Context(), read(t, asked+"}"), process(d, c), ""); ended != 2 || err != nil {
		t.Errorf("got %d, %v, want 2", ended, err)
	}

	c = &cupboard{}
	server := &authority{newest: "first"}
	d = &desk{answer: func(nth int, call auth.Call) (*wire.Response, error) {
		if call.Name == "revocation" {
			return response(200, "", ""), nil
		}
		return server.answer(nth, call)
	}}
	block := strings.Replace(refreshing, "{", `{revocation_url: "`+revokeURL+`", `, 1)
	authorize(t, read(t, block), process(d, c, "rt", "first"))
	if ended, err := auth.Revoke(t.Context(), read(t, block), process(d, c, "rt", "first"), ""); ended != 2 || err != nil {
		t.Errorf("got %d, %v, want 2", ended, err)
	}
	if !strings.Contains(sent(d), "token=refresh-1&") {
		t.Errorf("got %s", sent(d))
	}
}

func TestAServerMayKnowNoWayToEndAnAccessToken(t *testing.T) {
	t.Parallel()
	d := &desk{answer: func(nth int, c auth.Call) (*wire.Response, error) {
		switch {
		case strings.Contains(string(c.Request.Body), "hint=access_token"):
			return response(400, "application/json", `{"error":"unsupported_token_type"}`), nil
		case c.Name == "revocation":
			return response(200, "", ""), nil
		}
		return numbered(`,"refresh_token":"refresh-1"`)(nth, c)
	}}
	a, s := read(t, asked+"}"), session(d)
	authorize(t, a, s)
	if ended, err := auth.Revoke(t.Context(), a, s, ""); ended != 1 || err != nil {
		t.Errorf("got %d, %v, want 1", ended, err)
	}
	_, err := auth.Revoke(t.Context(), a, s, "token-1")
	same(t, "alone", fmt.Sprint(err), "a.yaml:1:9: revocation: the revocation endpoint answered 400 Bad Request with the error unsupported_token_type")
}

func TestQuestionsAboutTokensMayFail(t *testing.T) {
	t.Parallel()
	const at, ended = "a.yaml:1:9: introspection: ", "a.yaml:1:9: revocation: "
	const check = "\ncheck: client_id \"c\" and client_secret (client_auth: basic)"
	for _, c := range []struct {
		name, yaml string
		status     int
		body       string
		introspect string
		revoke     string
	}{
		{"refused", asked + "}", 401, `{"error":"invalid_client"}`, at + "the introspection endpoint answered 401 Unauthorized with the error invalid_client" + check, ended + "the revocation endpoint answered 401 Unauthorized with the error invalid_client" + check},
		{"not there", asked + "}", 404, ``, at + "the introspection endpoint answered 404 Not Found with an empty body\ncheck: no introspection endpoint answers a POST to " + introspectURL + "; client_id \"c\" and client_secret (client_auth: basic)",
			ended + "the revocation endpoint answered 404 Not Found with an empty body\ncheck: no revocation endpoint answers a POST to " + revokeURL + "; client_id \"c\" and client_secret (client_auth: basic)"},
		{"an error on success", asked + "}", 200, `{"error":"invalid_request"}`, at + "the introspection endpoint answered 200 OK with the error invalid_request", ended + "the revocation endpoint answered 200 OK with the error invalid_request"},
		{"a page", asked + "}", 200, `<!doctype html><title>Hi</title>`, at + "the introspection endpoint answered 200 OK with an HTML page titled \"Hi\", want JSON with active\nthe request went to " + introspectURL + ", which may be another page, or a login page or proxy before it",
			ended + "the revocation endpoint answered 200 OK with an HTML page titled \"Hi\", want JSON\nthe request went to " + revokeURL + ", which may be another page, or a login page or proxy before it"},
		{"nothing said", asked + "}", 200, `{"a":1}`, at + "the introspection endpoint answered 200 OK without active (members: a)", "<nil>"},
		{"not there at all", gorillaBlock + "}", 404, ``, at + "the introspection endpoint answered 404 Not Found with an empty body\ncheck: no introspection endpoint answers a GET of https://sandbox.healthgorilla.com/oauth/info",
			ended + "the revocation endpoint answered 404 Not Found with an empty body\ncheck: no revocation endpoint answers a GET of https://sandbox.healthgorilla.com/oauth/cancel"},
		{"no URL", seconds, 200, ``, at + "introspection_url is empty", ended + "revocation_url is empty"},
	} {
		d := answers(c.status, c.body, "")
		a, s := read(t, c.yaml), session(d)
		_, err := auth.Introspect(t.Context(), a, s, "")
		same(t, c.name+": introspection", fmt.Sprint(err), c.introspect)
		_, err = auth.Revoke(t.Context(), a, s, "")
		same(t, c.name+": revocation", fmt.Sprint(err), c.revoke)
		var refusal *auth.Refusal
		if err != nil && c.name != "no URL" && !errors.As(err, &refusal) {
			t.Errorf("%s: got %T", c.name, err)
		}
		if err != nil && slices.Contains(d.names(), "revocation") {
			same(t, c.name+": the token is kept", authorize(t, a, s), "Bearer token-1")
		}
	}
	for _, a := range []auth.Authorizer{read(t, "bearer: abc"), nil} {
		want := map[bool]string{true: "there is no auth, and so no server for the %s of a token", false: "auth: bearer knows no server for the %s of a token, want auth: oauth2"}[a == nil]
		_, err := auth.Introspect(t.Context(), a, session(nil), "")
		same(t, "introspection", fmt.Sprint(err), fmt.Sprintf(want, "introspection"))
		_, err = auth.Revoke(t.Context(), a, session(nil), "")
		same(t, "revocation", fmt.Sprint(err), fmt.Sprintf(want, "revocation"))
	}
}
