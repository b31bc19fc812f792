package auth_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/hgrun/hgrun/auth"
)

const sharedKey = "0123456789abcdef0123456789abcdef"

// jwtMark stands in wanted forms where a JWT is expected, because no two JWTs are the same.
const jwtMark = "<jwt>"

// takeJWT replaces the JWT of a form by jwtMark and returns it.
func takeJWT(dumped string) (string, string) {
	for _, name := range []string{"&assertion=", "&client_assertion="} {
		if before, after, ok := strings.Cut(dumped, name); ok {
			token, rest, more := strings.Cut(after, "&")
			if more {
				rest = "&" + rest
			}
			return before + name + jwtMark + rest, token
		}
	}
	return dumped, ""
}

const formHead = "POST " + tokenURL + "\nAccept: application/json\n"
const formType = "Content-Type: application/x-www-form-urlencoded\n\n"

func TestTokenRequestsAreRightByteForByte(t *testing.T) {
	t.Parallel()
	basic := func(pair string) string {
		return formHead + "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) + "\n" + formType
	}
	const grantBearer = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<jwt>"
	const clientAssertion = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<jwt>&client_id=my-client"
	for _, c := range []struct{ name, yaml, want string }{
		{
			"jwt-bearer", `
  grant: jwt-bearer
  token_url: "{{token_url}}"
  scope: patient360 user/*.*
  assertion: {alg: HS256, key: "{{key}}", claims: {iss: my-client, sub: my-client}}`,
			formHead + formType + grantBearer + "&scope=patient360+user%2F%2A.%2A",
		},
		{
			"jwt-bearer with a client that has a secret", `
  grant: jwt-bearer
  token_url: "{{token_url}}"
  client_auth: basic
  client_id: my-client
  client_secret: "{{odd}}"
  assertion: {alg: HS256, key: "{{key}}"}`,
			basic("my-client:p%40ss%3Aw%2Frd%2B100%25%26%3D+x") + grantBearer,
		},
		{
			"health-gorilla", `
  profile: health-gorilla
  token_url: "{{token_url}}"
  client_id: my-client
  client_secret: "{{key}}"
  scope: [patient360, "user/*.*"]`,
			formHead + formType + grantBearer + "&client_id=my-client&scope=patient360+user%2F%2A.%2A",
		},
		{
			"health-gorilla by client credentials", `
  profile: health-gorilla
  grant: client-credentials
  token_url: "{{token_url}}"
  client_id: my-client
  client_secret: "{{key}}"`,
			formHead + formType + clientAssertion,
		},
		{
			"pattern-health", `
  profile: pattern-health
  token_url: "{{token_url}}"
  client_id: id+1
  client_secret: "{{odd}}"`,
			basic("id+1:p@ss:w/rd+100%&= x") + "grant_type=client_credentials",
		},
		{
			"pattern-health otherwise", `
  profile: pattern-health
  token_url: "{{token_url}}"
  client_id: id+1
  client_secret: "{{odd}}"
  basic_encoding: rfc6749
  headers: {Accept: "application/json;q=1", X-Tenant: "{{tenant}}"}`,
			"POST " + tokenURL + "\nAccept: application/json;q=1\nAuthorization: Basic " +
				base64.StdEncoding.EncodeToString([]byte("id%2B1:p%40ss%3Aw%2Frd%2B100%25%26%3D+x")) +
				"\nContent-Type: application/x-www-form-urlencoded\nX-Tenant: a b&c\n\ngrant_type=client_credentials",
		},
		{
			"client-credentials, secret in the form", `
  grant: client-credentials
  client_auth: post
  token_url: "{{token_url}}"
  client_id: my-client
  client_secret: "{{odd}}"
  scope: "{{nothing}}"
  audience: https://api.example/
  resource: https://api.example/fhir
  params: {tenant: "{{tenant}}", empty: ""}`,
			formHead + formType + "grant_type=client_credentials&client_id=my-client&client_secret=p%40ss%3Aw%2Frd%2B100%25%26%3D+x" +
				"&audience=https%3A%2F%2Fapi.example%2F&resource=https%3A%2F%2Fapi.example%2Ffhir&tenant=a+b%26c",
		},
		{
			"client-credentials, scope with commas", `
  grant: client-credentials
  token_url: "{{token_url}}"
  client_id: my-client
  client_secret: s3cr
  params: {scope: "a,b", client_id: my-client}`,
			basic("my-client:s3cr") + "grant_type=client_credentials&scope=a%2Cb&client_id=my-client",
		},
		{
			"client-credentials of a public client", `
  grant: client-credentials
  client_auth: none
  token_url: "{{token_url}}"
  client_id: my-client`,
			formHead + formType + "grant_type=client_credentials&client_id=my-client",
		},
		{
			"client-credentials, client_secret_jwt without an assertion", `
  grant: client-credentials
  client_auth: client_secret_jwt
  token_url: "{{token_url}}"
  client_id: my-client
  client_secret: "{{key}}"`,
			formHead + formType + clientAssertion,
		},
		{
			"client-credentials, private_key_jwt by the algorithm", `
  grant: client-credentials
  token_url: "{{token_url}}"
  client_id: my-client
  assertion: {alg: ES384, key: "{{pem}}", kid: k1}
  scope: system/*.rs`,
			formHead + formType + clientAssertion + "&scope=system%2F%2A.rs",
		},
		{
			"refresh-token of a public client", `
  grant: refresh-token
  token_url: "{{token_url}}"
  client_id: my-client
  refresh_token: "{{odd}}"`,
			formHead + formType + "grant_type=refresh_token&refresh_token=p%40ss%3Aw%2Frd%2B100%25%26%3D+x&client_id=my-client",
		},
		{
			"refresh-token with a secret", `
  grant: refresh-token
  token_url: https://elsewhere.example/token
  refresh_url: "{{token_url}}"
  client_id: my-client
  client_secret: s3cr
  refresh_token: rt-0001
  scope: [a, b]`,
			basic("my-client:s3cr") + "grant_type=refresh_token&refresh_token=rt-0001&scope=a+b",
		},
		{
			"refresh-token, health-gorilla", `
  profile: health-gorilla
  grant: refresh-token
  refresh_url: "{{token_url}}"
  client_id: my-client
  client_secret: s3cr
  refresh_token: rt-0001`,
			formHead + formType + "grant_type=refresh_token&refresh_token=rt-0001&client_id=my-client&client_secret=s3cr",
		},
		{
			"refresh-token, health-gorilla, public", `
  profile: health-gorilla
  grant: refresh-token
  refresh_url: "{{token_url}}"
  client_id: my-client
  refresh_token: rt-0001`,
			formHead + formType + "grant_type=refresh_token&refresh_token=rt-0001&client_id=my-client",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: numbered("")}
			s := session(d, "token_url", tokenURL, "key", sharedKey, "odd", oddSecret, "tenant", "a b&c", "nothing", "", "pem", privatePEM(t))
			same(t, "Authorization", authorize(t, read(t, "oauth2:"+c.yaml), s), "Bearer token-1")
			got, _ := takeJWT(dump(d.calls[0].Request))
			same(t, "token request", got, c.want)
		})
	}
}

// signed returns the claims of the assertion in a call, once another library has verified it.
func signed(t *testing.T, c auth.Call, alg jose.SignatureAlgorithm, key any) (map[string]any, jose.Header) {
	t.Helper()
	form, err := url.ParseQuery(string(c.Request.Body))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(form.Get("assertion")+form.Get("client_assertion"), []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := parsed.Claims(key, &claims); err != nil {
		t.Fatal(err)
	}
	return claims, parsed.Headers[0]
}

func TestAssertionsNameTheTokenURLAndTheClient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml, audience string
		alg                  jose.SignatureAlgorithm
		key                  any
	}{
		{"health-gorilla", "  profile: health-gorilla\n  client_secret: \"{{key}}\"", tokenURL, jose.HS256, []byte(sharedKey)},
		{"its own algorithm", "  profile: health-gorilla\n  client_secret: \"{{key}}\"\n  assertion: {alg: HS384}", tokenURL, jose.HS384, []byte(sharedKey + sharedKey[:16])},
		{"its own key", "  profile: health-gorilla\n  assertion: {key: \"{{key}}\"}", tokenURL, jose.HS256, []byte(sharedKey)},
		{"client credentials", "  profile: health-gorilla\n  grant: client-credentials\n  client_secret: \"{{key}}\"", tokenURL, jose.HS256, []byte(sharedKey)},
		{"private key", "  grant: client-credentials\n  assertion: {key: \"{{pem}}\", alg: ES384}", tokenURL, jose.ES384, signingKey().Public()},
		{"issuer", "  grant: jwt-bearer\n  issuer: https://as.example/\n  assertion: {key: \"{{pem}}\", alg: ES384, aud: issuer}", "https://as.example/", jose.ES384, signingKey().Public()},
		{"literal", "  grant: jwt-bearer\n  assertion: {key: \"{{pem}}\", alg: ES384, aud: \"urn:as\"}", "urn:as", jose.ES384, signingKey().Public()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: numbered("")}
			key := sharedKey
			if k, ok := c.key.([]byte); ok {
				key = string(k)
			}
			s := session(d, "key", key, "pem", privatePEM(t))
			authorize(t, read(t, "oauth2:\n  client_id: my-client\n  token_url: "+tokenURL+"\n"+c.yaml), s)
			claims, header := signed(t, d.calls[0], c.alg, c.key)
			if claims["iss"] != "my-client" || claims["sub"] != "my-client" || claims["aud"] != c.audience || header.Algorithm != string(c.alg) {
				t.Errorf("got %v signed with %s", claims, header.Algorithm)
			}
			if life := claims["exp"].(float64) - claims["iat"].(float64); life != 60 {
				t.Errorf("got a life of %g s, want 60", life)
			}
		})
	}
}

func TestEveryExchangeSignsAnew(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered("")}
	s := session(d)
	a := read(t, "oauth2: {profile: health-gorilla, token_url: \""+tokenURL+"\", client_id: c, client_secret: "+sharedKey+"}")
	seen := map[any]bool{}
	for range 3 {
		req := request()
		if err := a.Authorize(t.Context(), req, s); err != nil {
			t.Fatal(err)
		}
		if !a.(auth.Renewer).Renew(req, s) {
			t.Fatal("got false, want a token that can be renewed")
		}
	}
	for _, c := range d.calls {
		claims, _ := signed(t, c, jose.HS256, []byte(sharedKey))
		seen[claims["jti"]] = true
	}
	if len(d.calls) != 3 || len(seen) != 3 {
		t.Errorf("got %d exchanges with %d ids, want 3 and 3", len(d.calls), len(seen))
	}
}

func TestARefreshAtAnotherURLIsSignedForThatURL(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered(`,"refresh_token":"refresh-1"`)}
	s := session(d, "pem", privatePEM(t))
	a := read(t, `oauth2: {grant: client-credentials, token_url: "`+tokenURL+`", refresh_url: "https://as.example/oauth2/token", client_id: c, scope: a b,
  audience: aud, params: {tenant: t1}, assertion: {alg: ES384, key: "{{pem}}"}}`)
	req := request()
	if err := a.Authorize(t.Context(), req, s); err != nil {
		t.Fatal(err)
	}
	a.(auth.Renewer).Renew(req, s)
	same(t, "Authorization", authorize(t, a, s), "Bearer token-2")
	claims, _ := signed(t, d.calls[1], jose.ES384, signingKey().Public())
	if claims["aud"] != "https://as.example/oauth2/token" {
		t.Errorf("got aud %v", claims["aud"])
	}
	got, _ := takeJWT(dump(d.calls[1].Request))
	same(t, "refresh", got, "POST https://as.example/oauth2/token\nAccept: application/json\n"+formType+
		"grant_type=refresh_token&refresh_token=refresh-1&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<jwt>&client_id=c&audience=aud&tenant=t1")
	same(t, "names", strings.Join(d.names(), ", "), "token exchange (client-credentials), token refresh")
	same(t, "place", d.calls[1].Pos.String(), "a.yaml:1:9")
}

func TestWhatIsSentIsHiddenBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"basic":   "profile: pattern-health, client_secret: hush-hush-hush",
		"post":    "grant: client-credentials, client_auth: post, client_secret: hush-hush-hush",
		"jwt":     "profile: health-gorilla, client_secret: hush-hush-hush-hush-hush-hush-hush",
		"refresh": "grant: refresh-token, refresh_token: hush-hush-hush",
	} {
		s := session(nil)
		d := &desk{answer: numbered("")}
		s.Sender = d
		authorize(t, read(t, `oauth2: {client_id: c, token_url: "`+tokenURL+`", `+yaml+`}`), s)
		sent := dump(d.calls[0].Request)
		_, assertion := takeJWT(sent)
		shown := s.Scope.Redact(sent)
		if shown == sent || strings.Contains(shown, "hush") || strings.Contains(shown, "aHVza") || assertion != "" && strings.Contains(shown, assertion) {
			t.Errorf("%s: got %s", name, shown)
		}
	}
}

func TestWhatAVariableMakesWrongIsFoundBeforeSending(t *testing.T) {
	t.Parallel()
	const wrap = "oauth2:\n  grant: client-credentials\n  client_id: c\n"
	for _, c := range []struct{ name, yaml, value, want string }{
		{"no URL", `token_url: "{{v}}"`, "", `a.yaml:5:14: no access token: token_url is empty`},
		{"half a URL", `token_url: "{{v}}/token"`, "as.example", `a.yaml:5:14: no access token: got "as.example/token", want a whole URL such as https://host/oauth/token`},
		{"space", `token_url: "{{v}}"`, tokenURL + " ", `a.yaml:5:14: no access token: got a URL with white space at its ends: "https://as.example/oauth/token "`},
		{"fragment", `token_url: "{{v}}"`, tokenURL + "#x", `a.yaml:5:14: no access token: got "https://as.example/oauth/token#x", want a URL without a fragment (RFC 6749, section 3.2)`},
		{"password", `token_url: "{{v}}"`, "https://u:p@as.example/", `a.yaml:5:14: no access token: the URL holds a user name or a password; write client_id and client_secret, and client_auth: basic`},
		{"not a URL", `token_url: "{{v}}"`, "http://[::1", `a.yaml:5:14: no access token: not a URL: missing ']' in host`},
		{"secret", "client_secret: \"{{v}}\"\n  token_url: " + tokenURL, "", `a.yaml:5:18: no access token: client_secret is empty`},
		{"scope", "client_secret: x\n  scope: \"{{v}}\"\n  token_url: " + tokenURL, "a,b", `a.yaml:6:10: no access token: scope has a comma, and scopes are separated by spaces (RFC 6749, section 3.3); for a server that wants commas write params: {scope: …}`},
		{"header", "client_secret: x\n  headers: {H: \"{{v}}\"}\n  token_url: " + tokenURL, "a\nb", `a.yaml:6:16: no access token: headers: H has white space at its ends or a control character, which no header can carry`},
		{"pair", "client_secret: \"{{v}}\"\n  basic_encoding: raw\n  token_url: " + tokenURL, "a\n", `a.yaml:5:18: no access token: client_auth: basic: user name or password has a line break or another control character (RFC 7617, section 2); trim it: {{name | trim}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			yaml := wrap + "  skew: 30s\n  " + c.yaml + "\n"
			if !strings.Contains(yaml, "client_secret") {
				yaml += "  client_secret: x\n"
			}
			d := &desk{answer: numbered("")}
			same(t, "error", refused(t, read(t, yaml), session(d, "v", c.value), request()), c.want)
			if len(d.calls) != 0 {
				t.Errorf("got %d calls, want none", len(d.calls))
			}
		})
	}
}

func TestAnAssertionThatCannotBeSignedKeepsItsPlace(t *testing.T) {
	t.Parallel()
	a := read(t, "oauth2:\n  grant: jwt-bearer\n  token_url: "+tokenURL+"\n  client_id: c\n  assertion: {alg: RS256, key: \"{{key}}\", aud: \"{{aud}}\"}\n")
	got := refused(t, a, session(&desk{}, "key", privatePEM(t), "aud", "x"), request())
	same(t, "error", got, "a.yaml:5:20: no access token: the key is an EC key of the curve P-384, RS256 wants an RSA key; alg: ES384 fits the key")
}

func TestAnAssertionTellsTheTime(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered("")}
	authorize(t, read(t, `oauth2: {profile: health-gorilla, token_url: "`+tokenURL+`", client_id: c, client_secret: `+sharedKey+`}`), session(d))
	claims, _ := signed(t, d.calls[0], jose.HS256, []byte(sharedKey))
	if age := time.Since(time.Unix(int64(claims["iat"].(float64)), 0)); age < 0 || age > time.Minute {
		t.Errorf("got an iat %s ago", age)
	}
}
