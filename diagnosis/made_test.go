package diagnosis

import (
	"crypto/elliptic"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// moment is when exchanges that no server takes part in happen.
func moment() time.Time { return time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC) }

// made is a case of an exchange that no server takes part in; headers are name, value.
func made(req wire.Request, status int, body string, headers ...string) *Case {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	if body != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	x := &wire.Exchange{Request: req, Timings: wire.Timings{Start: moment(), Total: 80 * time.Millisecond}}
	if status != 0 {
		x.Response = &wire.Response{Proto: "HTTP/1.1", Status: status, URL: req.URL, Header: h, Body: []byte(body)}
	}
	return &Case{Exchange: x, History: &History{}}
}

const (
	asURL   = "https://as.example.org/oauth/token"
	fhirURL = "https://fhir.example.org/fhir/R4"
)

func goodAssertion(changes claims) string {
	now := moment().Unix()
	c := claims{"iss": "my-app", "sub": "my-app", "aud": asURL, "iat": now - 5, "exp": now + 55, "jti": "8Zp0Yd3nT1"}
	for k, v := range changes {
		c[k] = v
	}
	return forge("a-shared-secret-of-enough-bytes-here", c)
}

func grantOf(changes string) string {
	return `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":3600,"scope":"user/*.*"` + changes + `}`
}

// madeMistakes are those that the sandbox cannot be brought to answer, one or more for each of their rules.
func madeMistakes() []struct {
	code, name string
	c          *Case
} {
	bearer := func(more ...string) wire.Request {
		return form(asURL, append([]string{"grant_type", jwtBearerGrant, "assertion", goodAssertion(nil)}, more...)...)
	}
	code := func(verifier string) wire.Request {
		return form(asURL, "grant_type", "authorization_code", "code", "a-code", "redirect_uri", callback, "code_verifier", verifier, "client_id", "app")
	}
	type row = struct {
		code, name string
		c          *Case
	}
	with := func(c *Case, change func(*Case)) *Case {
		change(c)
		return c
	}
	authorize := wire.Request{Method: "GET", URL: "https://as.example.org/authorize?response_type=code&client_id=app&state=sent-state-1234&scope=openid"}
	return []row{
		{"HG007", "expired, and for another audience", made(form(asURL, "grant_type", jwtBearerGrant, "assertion", goodAssertion(claims{"exp": moment().Unix() - 9, "aud": "https://x.example.com/y"})), 403, "")},
		{"HG007", "expired, and iss wrong", with(made(form(asURL, "grant_type", jwtBearerGrant, "client_id", "other", "assertion", goodAssertion(claims{"exp": moment().Unix() - 9})), 400, ""), func(*Case) {})},
		{"HG021", "no expires_in", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer"}`)},
		{"HG021", "expires_in 0", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":0}`)},
		{"HG021", "expires_in negative", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":-5}`)},
		{"HG021", "expires_in as text", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":"3600"}`)},
		{"HG021", "expires_in in nanoseconds", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":3600000000000}`)},
		{"HG021", "expires_in is no number", made(bearer(), 200, `{"access_token":"opaque-0123456789abcdef","token_type":"Bearer","expires_in":"an hour"}`)},
		{"HG016", "offline_access and no refresh token", made(form(asURL, "grant_type", "authorization_code", "code", "c-0123456789", "redirect_uri", callback, "client_id", "app",
			"code_verifier", strings.Repeat("v", 43), "scope", "openid offline_access"), 200, grantOf(""))},
		{"HG019", "the token's own exp says hours", made(bearer(), 200, `{"access_token":"`+forge("k", claims{"iat": 1800000000, "exp": 1800003600})+`","token_type":"bearer","expires_in":3600000}`)},
		{"HG024", "Basic encoded where the server wants it raw", made(withHeader(form(asURL, "grant_type", "client_credentials"), "Authorization", basicHeader("app", "p%40ss%3Aw%2Frd")), 401, panvaGeneric, "Www-Authenticate", "Basic")},
		{"HG026", "the secret may have to be decoded", with(made(form(asURL, "grant_type", jwtBearerGrant, "assertion",
			forge("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ=", claims{"iss": "my-app", "sub": "my-app", "aud": asURL, "iat": moment().Unix() - 5, "exp": moment().Unix() + 50, "jti": "x1"})), 401, panvaGeneric),
			func(c *Case) { c.Keys.Secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ=" })},
		{"HG037", "the server's words are about the audience", made(bearer(), 400, `{"error":"invalid_request","error_description":"Audience must contain the issuer"}`)},
		{"HG055", "Authorization was left behind", with(made(get("https://a.example.org/fhir/Patient/1", "opaque-token"), 401, ""), func(c *Case) {
			c.Exchange.Response.URL = "https://b.example.net/fhir/Patient/1"
			c.Exchange.Response.Hops = []wire.Hop{{Status: 302, URL: "https://a.example.org/fhir/Patient/1"}}
		})},
		{"HG057", "a line break at the end of the path", made(get(fhirURL+"/Patient/1%0A", "opaque-token"), 400, "")},
		{"HG058", "407 while connecting", failed(get(fhirURL+"/Patient/1", "t"), errors.New("Proxy Authentication Required"))},
		{"HG060", "http to a TLS port", made(get("http://fhir.example.org:443/Patient", "t"), 400, "Client sent an HTTP request to an HTTPS server.\n", "Content-Type", "text/plain")},
		{"HG060", "https to an http port", failed(get("https://fhir.example.org:80/Patient", "t"), errors.New("http: server gave HTTP response to HTTPS client"))},
		{"HG061", "the client certificate has expired", with(made(form(asURL, "grant_type", "client_credentials", "client_id", "app"), 401, `{"error":"invalid_client"}`), func(c *Case) {
			c.Token.ClientAuth = "mtls"
			c.Environment.Certificate = &Certificate{Subject: "CN=app", Expires: moment().Add(-time.Hour)}
		})},
		{"HG061", "nginx wants a certificate", made(get(fhirURL+"/Patient/1", "t"), 400, "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head></html>", "Content-Type", "text/html")},
		{"HG065", "a token of another type", made(bearer(), 200, `{"access_token":"opaque-0123456789","token_type":"mac","expires_in":3600}`)},
		{"HG067", "the verifier has a plus in it", made(code(strings.Repeat("a+b", 20)), 400, `{"error":"invalid_grant"}`)},
		{"HG067", "panva's one word for all of it", made(code(strings.Repeat("v", 64)), 400, `{"error":"invalid_grant","error_description":"grant request is invalid"}`)},
		{"HG068", "another state came back", made(authorize, 302, "", "Location", callback+"?code=abc&state=another-state")},
		{"HG068", "another issuer answered", with(made(authorize, 302, "", "Location", callback+"?code=abc&state=sent-state-1234&iss=https%3A%2F%2Fevil.example"), func(c *Case) {
			c.Discovery = &Discovery{Issuer: "https://as.example.org"}
		})},
		{"HG069", "no aud in a launch", made(wire.Request{Method: "GET", URL: "https://as.example.org/authorize?response_type=code&scope=launch"}, 400, "aud is required", "Content-Type", "text/plain")},
		{"HG070", "a token of another client", with(made(get(fhirURL+"/Patient/1", "opaque-token"), 401, ""), func(c *Case) {
			c.History.Note(&Case{Exchange: made(bearer(), 200, strings.Replace(grantOf(""), "opaque-0123456789abcdef", "opaque-token", 1)).Exchange, History: c.History})
			c.Token.ClientID = "the-new-client"
		})},
		{"HG072", "XML from a FHIR server", with(made(get(fhirURL+"/Patient/1", "t", "Accept", "*/*"), 200, "<Patient/>", "Content-Type", "application/fhir+xml"), func(*Case) {})},
		{"HG076", "a password that the server does not know", of("digest", made(get(fhirURL+"/Patient/1", "", "Authorization", `Digest username="a", nonce="n"`), 401, "", "Www-Authenticate", `Digest realm="r", nonce="n"`))},
		{"HG076", "a server that wants Hawk", of("digest", made(get(fhirURL+"/Patient/1", ""), 401, "", "Www-Authenticate", "Hawk"))},
		{"HG076", "a clock that is an hour behind", of("aws_sigv4", made(get(fhirURL+"/Patient/1", "", "Authorization", "AWS4-HMAC-SHA256 Credential=a"), 403, "", "Date", "Sun, 22 Nov 2026 11:30:00 GMT"))},
		{"HG076", "a JWT of another key", of("jwt", made(get(fhirURL+"/Patient/1", "opaque-token"), 401, ""))},
		{"HG074", "Acept", made(withHeader(get(fhirURL+"/Patient/1", "t", "Accept", ""), "Acept", "application/fhir+json"), 406, "")},
		{"HG074", "User-Agnet, beside what the client adds", made(withHeader(withHeader(get(fhirURL+"/Patient/1", "t"), "User-Agnet", "app"), "User-Agent", "hgrun/1.2"), 403, "")},
		{"HG074", "Authorisation", made(withHeader(get(fhirURL+"/Patient/1", ""), "Authorisation", "Bearer opaque-token"), 401, "", "Www-Authenticate", "Bearer")},
	}
}

// of is a case of a kind of auth.
func of(kind string, c *Case) *Case {
	c.Kind = kind
	return c
}

func withHeader(req wire.Request, name, value string) wire.Request {
	if req.Header.Get("Accept") == "" {
		req.Header.Del("Accept")
	}
	req.Header[name] = []string{value}
	return req
}

func failed(req wire.Request, err error) *Case {
	c := made(req, 0, "")
	c.Exchange.Err = &url.Error{Op: "Get", URL: req.URL, Err: err}
	return c
}

func TestMistakesWithoutAServerAreNamed(t *testing.T) {
	t.Parallel()
	for _, m := range madeMistakes() {
		t.Run(m.code+" "+m.name, func(t *testing.T) {
			t.Parallel()
			if got := Explain(m.c); first(got) != m.code {
				t.Errorf("got %q first, want %s; findings:%s", first(got), m.code, tell(got))
			}
		})
	}
}

// lints are mistakes that are found before anything is sent.
func lints() []struct {
	code, name string
	c          *Case
} {
	key := func(text string) *Case { return &Case{Keys: Keys{Key: text}} }
	pkcs8 := ecKey(elliptic.P256())
	block, _ := pem.Decode([]byte(pkcs8))
	relabel := func(label string) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: block.Bytes}))
	}
	unsent := func(req wire.Request) *Case {
		return &Case{Exchange: &wire.Exchange{Request: req, Timings: wire.Timings{Start: moment()}}}
	}
	literal := unsent(form(asURL, "grant_type", "client_credentials", "client_id", "app", "client_secret", "hunter2-hunter2"))
	literal.Places = placed(map[string]Place{"form client_secret": {Pos: source.Pos{File: "chain.yaml", Line: 7, Col: 22}, Literal: true}})
	return []struct {
		code, name string
		c          *Case
	}{
		{"HG042", "a public key", key(relabel("PUBLIC KEY"))},
		{"HG042", "a certificate", key(relabel("CERTIFICATE"))},
		{"HG042", "a JWK without d", key(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`)},
		{"HG042", "an OpenSSH public key", key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@host")},
		{"HG044", `\n as text`, key(strings.ReplaceAll(pkcs8, "\n", `\n`))},
		{"HG044", "quotes", key(`"` + pkcs8 + `"`)},
		{"HG044", "indentation", key("  " + strings.ReplaceAll(strings.TrimSpace(pkcs8), "\n", "\n  "))},
		{"HG044", "one line", key(strings.ReplaceAll(pkcs8, "\n", " "))},
		{"HG044", "cut off", key(pkcs8[:len(pkcs8)/2])},
		{"HG045", "PKCS #8 labelled as SEC 1", key(relabel("EC PRIVATE KEY"))},
		{"HG046", "encrypted", key(relabel("ENCRYPTED PRIVATE KEY"))},
		{"HG046", "OpenSSH", key(relabel("OPENSSH PRIVATE KEY"))},
		{"HG046", "PKCS #12", key("\x30\x82\x05\x00\x02\x01\x03\x30\x82\x04\x00")},
		{"HG075", "a token in the URL", unsent(wire.Request{Method: "GET", URL: fhirURL + "/Patient/1?access_token=0123456789abcdef", Header: http.Header{}})},
		{"HG075", "a secret in the file", literal},
		{"HG009", "a copied assertion that ends soon", copied()},
	}
}

func placed(places map[string]Place) Places { return func(of string) Place { return places[of] } }

func copied() *Case {
	c := made(form(asURL, "grant_type", jwtBearerGrant, "assertion", goodAssertion(nil)), 0, "")
	c.Exchange.Response = nil
	c.Places = placed(map[string]Place{"form assertion": {Literal: true}})
	return c
}

func TestMistakesAreFoundBeforeSending(t *testing.T) {
	t.Parallel()
	for _, m := range lints() {
		t.Run(m.code+" "+m.name, func(t *testing.T) {
			t.Parallel()
			if got := Lint(m.c); first(got) != m.code {
				t.Errorf("got %q first, want %s; findings:%s", first(got), m.code, tell(got))
			}
		})
	}
}

func TestLintsOfTheSandboxMistakesNeedNoResponse(t *testing.T) {
	t.Parallel()
	c := made(form(asURL, "grant_type", "client-credentials", "client_id", "app", "client_secret", "0123456789abcdef"), 0, "")
	if got := Lint(c); first(got) != "HG011" {
		t.Errorf("got %q, want HG011;%s", first(got), tell(got))
	}
}

func TestEveryRuleHasATestThatFindsIt(t *testing.T) {
	t.Parallel()
	tested, sandboxed := map[string]bool{"HG059": true, "HG062": true}, map[string]bool{}
	for _, list := range [][]mistake{proofMistakes(), requestMistakes(), smartMistakes(), serverMistakes()} {
		for _, m := range list {
			tested[m.code], sandboxed[m.code] = true, true
		}
	}
	for _, m := range append(madeMistakes(), lints()...) {
		tested[m.code] = true
	}
	var missing []string
	for _, r := range Rules() {
		if !tested[r.Code] {
			missing = append(missing, r.Code)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no test finds %s", strings.Join(missing, ", "))
	}
	if n := len(sandboxed); n < 55 {
		var not []string
		for _, r := range Rules() {
			if !sandboxed[r.Code] {
				not = append(not, r.Code)
			}
		}
		slices.Sort(not)
		t.Errorf("the sandbox provokes %d rules, want 55 or more; it does not provoke %s", n, strings.Join(not, ", "))
	}
}
