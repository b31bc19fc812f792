package auth_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

// described is a server that answers at one URL with metadata and at any other with numbered tokens.
func described(at, metadata string) *desk {
	var tokens atomic.Int64
	return &desk{answer: func(_ int, c auth.Call) (*wire.Response, error) {
		if c.Request.URL == at {
			return response(200, "application/json", metadata), nil
		}
		return numbered("")(int(tokens.Add(1)), c)
	}}
}

const discovering = `oauth2: {grant: client-credentials, client_auth: none, client_id: c, discover: `

func TestEndpointsAreFoundWhereTheServerSays(t *testing.T) {
	t.Parallel()
	const endpoints = `"token_endpoint":"` + tokenURL + `"`
	for _, c := range []struct{ name, how, at, metadata string }{
		{"smart", `{smart: "https://api.example/fhir/R4"}`, "https://api.example/fhir/R4/.well-known/smart-configuration", endpoints},
		{"smart with a slash", `{smart: "{{base}}/fhir/R4/"}`, "https://api.example/fhir/R4/.well-known/smart-configuration", endpoints},
		{"smart with its issuer", `{smart: "https://api.example/fhir"}, issuer: "https://as.example"`, "https://api.example/fhir/.well-known/smart-configuration", endpoints + `,"issuer":"https://as.example"`},
		{"issuer", `{issuer: "https://as.example/t/1"}`, "https://as.example/t/1/.well-known/openid-configuration", endpoints + `,"issuer":"https://as.example/t/1"`},
		{"issuer with a slash", `{issuer: "https://as.example/"}`, "https://as.example/.well-known/openid-configuration", endpoints + `,"issuer":"https://as.example/"`},
		{"oauth", `{oauth: "https://as.example"}`, "https://as.example/.well-known/oauth-authorization-server", endpoints + `,"issuer":"https://as.example"`},
		{"oauth with a path", `{oauth: "https://as.example/t/1"}`, "https://as.example/.well-known/oauth-authorization-server/t/1", endpoints + `,"issuer":"https://as.example/t/1"`},
		{"oauth with a slash", `{oauth: "https://as.example/t/"}`, "https://as.example/.well-known/oauth-authorization-server/t", endpoints + `,"issuer":"https://as.example/t/"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := described(c.at, "{"+c.metadata+"}")
			same(t, "Authorization", authorize(t, read(t, discovering+c.how+"}"), session(d, "base", "https://api.example")), "Bearer token-1")
			same(t, "metadata request", dump(d.calls[0].Request), "GET "+c.at+"\nAccept: application/json\n")
			same(t, "token request", dump(d.calls[1].Request), formHead+formType+"grant_type=client_credentials&client_id=c")
			same(t, "names", strings.Join(d.names(), ", "), "discovery, token exchange (client-credentials)")
			same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), "")
		})
	}
}

func TestMetadataIsFetchedOnceInARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := described("https://as.example/.well-known/openid-configuration", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`"}`)
		d.answer = slow(d.answer)
		s := session(d)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				a := read(t, discovering+fmt.Sprintf(`{issuer: "https://as.example"}, scope: s%d}`, i))
				_ = a.Authorize(t.Context(), request(), worker(s))
			})
		}
		wg.Wait()
		if n := strings.Count(strings.Join(d.names(), " "), "discovery"); n != 1 || len(d.calls) != 9 {
			t.Errorf("got %d of %d calls, want 1 of 9", n, len(d.calls))
		}
	})
}

func TestWhatTheBlockSaysGoesBeforeMetadata(t *testing.T) {
	t.Parallel()
	d := described("https://as.example/.well-known/openid-configuration", `{"issuer":"https://as.example","token_endpoint":"https://elsewhere.example/token"}`)
	a := read(t, `oauth2: {grant: jwt-bearer, token_url: "`+tokenURL+`", client_id: c, discover: {issuer: "https://as.example"}, assertion: {alg: ES384, key: "{{pem}}", aud: [token_url, issuer]}}`)
	authorize(t, a, session(d, "pem", privatePEM(t)))
	claims, _ := signed(t, d.calls[1], "ES384", signingKey().Public())
	same(t, "aud", fmt.Sprint(claims["aud"]), "["+tokenURL+" https://as.example]")
	same(t, "URL", d.calls[1].Request.URL, tokenURL)
}

func TestMetadataThatWillNotDoIsRefused(t *testing.T) {
	t.Parallel()
	const (
		ask  = `{issuer: "https://as.example"}`
		page = "a.yaml:1:9: no access token: the metadata page answered "
		hint = "\ncheck: https://as.example/.well-known/openid-configuration, which discover: {issuer: …} makes; another server describes itself elsewhere"
	)
	for _, c := range []struct {
		name, how string
		status    int
		body      string
		want      string
	}{
		{"another issuer", ask, 200, `{"issuer":"https://as.example/","token_endpoint":"https://x/"}`, page + `200 OK with issuer "https://as.example/", want "https://as.example" byte for byte; they differ from character 19 on`},
		{"no issuer", ask, 200, `{"token_endpoint":"https://x/"}`, page + `200 OK without issuer, want "https://as.example"`},
		{"no token endpoint", ask, 200, `{"issuer":"https://as.example"}`, page + `200 OK without token_endpoint (members: issuer)`},
		{"a strange endpoint", ask, 200, `{"issuer":"https://as.example","token_endpoint":"https://x/","jwks_uri":"file:///etc/passwd"}`, page + `200 OK with jwks_uri "file:///etc/passwd", which is no URL that a form can be posted to`},
		{"not found", ask, 404, ``, page + `404 Not Found with an empty body` + hint},
		{"a page for everything", ask, 200, `<!doctype html><title>Welcome</title>`, page + `200 OK with an HTML page titled "Welcome", want JSON` + hint},
		{"a redirect", ask, 302, ``, page + `302 Found without a Location, want 200; a metadata page is never redirected`},
		{"smart of another issuer", `{smart: "https://api.example"}, issuer: "https://as.example"`, 200, `{"issuer":"https://other.example","token_endpoint":"https://x/"}`, page + `200 OK with issuer "https://other.example", want "https://as.example" byte for byte; they differ from character 9 on`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: says(c.status, "", c.body)}
			a := read(t, discovering+c.how+"}")
			same(t, "error", fmt.Sprint(a.Authorize(t.Context(), request(), session(d))), c.want)
		})
	}
}

func TestAnEndpointThatNobodyNamesIsNamed(t *testing.T) {
	t.Parallel()
	d := described("https://as.example/.well-known/openid-configuration", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`"}`)
	a := read(t, `oauth2: {grant: device, client_id: c, discover: {issuer: "https://as.example"}}`)
	same(t, "error", fmt.Sprint(a.Authorize(t.Context(), request(), session(d))),
		"a.yaml:1:58: no access token: the metadata at https://as.example/.well-known/openid-configuration has no device_authorization_endpoint; add device_url")
}

func TestABlockMayNotBeOfAnotherServerThanItsMetadata(t *testing.T) {
	t.Parallel()
	d := described("https://api.example/.well-known/smart-configuration", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`"}`)
	s := session(d)
	authorize(t, read(t, discovering+`{smart: "https://api.example"}}`), s)
	err := read(t, discovering+`{smart: "https://api.example"}, issuer: "https://other.example"}`).Authorize(t.Context(), request(), s)
	same(t, "error", fmt.Sprint(err), `a.yaml:1:120: no access token: https://api.example/.well-known/smart-configuration describes a server with issuer "https://as.example", want "https://other.example" byte for byte; they differ from character 9 on`)
}

func TestWhatMetadataDoesNotListIsNoted(t *testing.T) {
	t.Parallel()
	d := described("https://api.example/.well-known/smart-configuration", `{"token_endpoint":"https://as.example//oauth/token",
  "grant_types_supported":["authorization_code"],"token_endpoint_auth_methods_supported":["private_key_jwt"]}`)
	authorize(t, read(t, `oauth2: {grant: client-credentials, client_id: c, client_secret: s3cr, discover: {smart: "https://api.example"}}`), session(d))
	same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), "the server's grant_types_supported do not list client_credentials, which grant: client-credentials wants (authorization_code)\n"+
		"the server's token_endpoint_auth_methods_supported do not list client_secret_basic, which client_auth: basic wants (private_key_jwt)\n"+
		"the path of token_endpoint has a double slash: https://as.example//oauth/token")
}

func TestProblemsOfDiscoverAreReportedAtTheirPlace(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{
		`{}`:                        `a.yaml:1:80: discover is empty; want one of issuer, oauth, smart`,
		`{oidc: "https://x"}`:       `a.yaml:1:81: unknown way to discover "oidc"; known here: issuer, oauth, smart`,
		`{smart: x}`:                `a.yaml:1:88: got "x", want a whole URL such as https://host/oauth/token`,
		`{smart: "https://x/?a=b"}`: `a.yaml:1:88: got "https://x/?a=b", want a URL without a query`,
		`{smart: "https://x", issuer: "https://x"}`: `a.yaml:1:101: got issuer beside smart, want one way to discover`,
		`smart`: `a.yaml:1:80: want a mapping (key: value), got "smart"`,
	} {
		_, err := parse(discovering + how + "}")
		same(t, how, fmt.Sprint(err), want)
	}
}
