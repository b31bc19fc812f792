package auth_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const parURL = "https://as.example/oauth/par"

// pushed is a server that takes pushed authorization requests.
func pushed(b *browser, answer string) *desk {
	return &desk{answer: func(nth int, c auth.Call) (*wire.Response, error) {
		switch c.Request.URL {
		case parURL:
			b.asked, _ = url.ParseQuery(string(c.Request.Body))
			return response(201, "application/json", answer), nil
		case "https://as.example/.well-known/oauth-authorization-server":
			return response(200, "application/json", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`","authorization_endpoint":"`+authorizeURL+
				`","pushed_authorization_request_endpoint":"`+parURL+`","require_pushed_authorization_requests":true}`), nil
		}
		return numbered("")(nth, c)
	}}
}

func TestAPushedRequestLeavesOnlyAReferenceInTheURL(t *testing.T) {
	t.Parallel()
	const request = "response_type=code&client_id=c&redirect_uri=app.example%3A%2Fcallback&scope=a&state=<random>&code_challenge=<random>&code_challenge_method=S256"
	const parHead = "POST " + parURL + "\nAccept: application/json\n"
	const found = `oauth2: {grant: authorization-code, discover: {oauth: "https://as.example"}, client_id: c, redirect_uri: "app.example:/callback", scope: a}`
	for _, c := range []struct{ name, yaml, want string }{
		{"a public client", strings.Replace(pasteBlock, "{", `{par_url: "`+parURL+`", scope: a, `, 1), parHead + formType + request},
		{"in the header", strings.Replace(pasteBlock, "{", `{par_url: "`+parURL+`", par: true, scope: a, client_secret: s3cr, `, 1), parHead + "Authorization: Basic YzpzM2Ny\n" + formType + request},
		{"in the form", strings.Replace(pasteBlock, "{", `{par_url: "`+parURL+`", scope: a, client_auth: post, client_secret: s3cr, `, 1), parHead + formType + request + "&client_secret=s3cr"},
		{"signed", strings.Replace(pasteBlock, "{", `{par_url: "`+parURL+`", scope: a, assertion: {alg: ES384, key: "{{pem}}"}, `, 1), parHead + formType + request +
			"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<jwt>"},
		{"as the server demands", found, parHead + formType + request},
		{"as nobody wants", strings.Replace(found, "{", "{par: false, ", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &browser{answer: "code=code-0001&state=$state"}
			d := pushed(b, `{"request_uri":"urn:ietf:params:oauth:request_uri:abc","expires_in":60}`)
			s := session(d, "pem", privatePEM(t))
			s.Consent = func(ctx context.Context, p auth.Prompt) (url.Values, error) {
				if c.want != "" {
					same(t, "URL", p.URL, authorizeURL+"?client_id=c&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc")
					return url.Values{"code": {"code-0001"}, "state": {b.asked.Get("state")}}, nil
				}
				return b.pastes(ctx, p)
			}
			authorize(t, read(t, c.yaml), s)
			got := ""
			for _, call := range d.calls {
				if call.Name == "pushed authorization request" {
					got = dump(call.Request)
				}
			}
			if strings.Contains(c.yaml, "ES384") {
				claims, _ := signed(t, d.calls[0], "ES384", signingKey().Public())
				same(t, "aud", fmt.Sprint(claims["aud"]), tokenURL)
			}
			got, _ = takeJWT(plain(got))
			same(t, "pushed request", got, c.want)
		})
	}
}

func TestAPushedRequestMayBeRefused(t *testing.T) {
	t.Parallel()
	block := strings.Replace(pasteBlock, "{", `{par_url: "`+parURL+`", `, 1)
	for body, want := range map[string]string{
		`{"error":"invalid_request","error_description":"no"}`: "a.yaml:1:9: no access token: the PAR endpoint answered 201 Created with the error invalid_request: no",
		`{"expires_in":60}`: "a.yaml:1:9: no access token: the PAR endpoint answered 201 Created without request_uri (members: expires_in)",
		`{"request_uri":7}`: "a.yaml:1:19: no access token: the PAR endpoint answered with a request_uri that is no text",
		``:                  "a.yaml:1:9: no access token: the PAR endpoint answered 201 Created with an empty body\nthe request went to https://as.example/oauth/par, which may be another page, or a login page or proxy before it",
	} {
		b := &browser{}
		s := session(pushed(b, body))
		s.Consent = b.pastes
		same(t, body, fmt.Sprint(read(t, block).Authorize(t.Context(), request(), s)), want)
	}
	s := session(&desk{})
	s.Consent = (&browser{}).pastes
	err := read(t, strings.Replace(pasteBlock, "{", "{par: true, ", 1)).Authorize(t.Context(), request(), s)
	same(t, "no URL", fmt.Sprint(err), "a.yaml:1:9: no access token: par_url is empty")
}
