package diagnosis

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// control is an exchange in which nothing is wrong with how the client asks.
type control struct {
	name   string
	reason sandbox.Reason
	make   func(*rig) *Case
}

func controls() []control {
	patient := func(r *rig) string { return r.vars["fhir_url"] + "/Patient/" + r.vars["patient"] }
	read := func(path string) func(*rig) *Case {
		return func(r *rig) *Case { return r.exchange(get(r.vars["fhir_url"]+path, r.token(""))) }
	}
	write := func(method, path, body string, headers ...string) func(*rig) *Case {
		return func(r *rig) *Case {
			req := get(r.vars["fhir_url"]+path, r.token(""), append(headers, "Content-Type", "application/fhir+json")...)
			req.Method, req.Body = method, []byte(body)
			return r.exchange(req)
		}
	}
	return []control{
		{"an assertion of hgrun's own", sandbox.OK, func(r *rig) *Case {
			return r.exchange(r.bearer(r.mint(`{alg: HS256, key: "{{client_secret}}"}`, r.tokenURL()), "scope", "patient360 user/*.*"))
		}},
		{"client credentials by assertion", sandbox.OK, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_assertion_type", assertionType,
				"client_assertion", r.mint(`{alg: HS256, key: "{{client_secret}}"}`, r.tokenURL())))
		}},
		{"client credentials by secret", sandbox.OK, func(r *rig) *Case { return r.exchangeSecret(r.vars["client_secret"]) }},
		{"a narrower scope than the client may have", sandbox.OK, func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil), "scope", "user/Patient.read")) }},
		{"a refresh", sandbox.OK, func(r *rig) *Case { return r.refresh("client_secret", r.vars["viewer_client_secret"]) }},
		{"milliseconds that are known as such", sandbox.OK, func(r *rig) *Case {
			c := r.pattern(basicHeader(r.vars["pattern_client_id"], r.vars["pattern_client_secret"]))
			c.Token.Unit = time.Millisecond
			return c
		}},
		{"a read", sandbox.OK, func(r *rig) *Case { return r.exchange(get(patient(r), r.token(""))) }},
		{"a search", sandbox.OK, read("/Patient?family=s&_count=2&birthdate=ge1950")},
		{"a search that finds nothing", sandbox.OK, read("/Patient?family=nobody-of-this-name")},
		{"a patient that does not exist", sandbox.UnknownResource, read("/Patient/does-not-exist")},
		{"a type that does not exist", sandbox.UnknownResource, read("/Nonsense/1")},
		{"a path that does not exist", sandbox.UnknownPath, read("/Patient/1/a/b/c")},
		{"a body that is no resource", sandbox.UnreadableBody, write("POST", "/Patient", "{")},
		{"a resource of another type", sandbox.UnreadableBody, write("POST", "/Patient", `{"resourceType":"Observation"}`)},
		{"a method that is not allowed", sandbox.WrongMethod, write("DELETE", "/Patient", "")},
		{"a search with a value that is wrong", sandbox.WrongParameter, read("/Patient?_count=many")},
		{"a server error at the API", sandbox.InjectedFault, func(r *rig) *Case {
			if err := r.sandbox.Inject(sandbox.Fault{Route: "/fhir/*", Kind: "500"}); err != nil {
				r.Fatal(err)
			}
			return r.exchange(get(patient(r), "a-token"))
		}},
		{"a launch", sandbox.OK, func(r *rig) *Case { return r.exchange(r.authorize(strings.Repeat("v", 64))) }},
		{"a code", sandbox.OK, func(r *rig) *Case {
			return r.exchange(r.redeem(r.code(strings.Repeat("v", 64)), strings.Repeat("v", 64), callback))
		}},
		{"the answer to an asynchronous request", sandbox.OK, func(r *rig) *Case {
			return r.exchange(get(patient(r), r.token(""), "Prefer", "respond-async"))
		}},
	}
}

func TestWhereNothingIsWrongNothingIsSaid(t *testing.T) {
	t.Parallel()
	for _, m := range controls() {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "sandbox", sandbox.DefaultErrors, sandbox.Servers{})
				c := m.make(r)
				if got := r.reason(); got != m.reason {
					t.Fatalf("the sandbox says %s, want %s; answer %d %.300s", got, m.reason, c.Exchange.Response.Status, c.Exchange.Response.Body)
				}
				if got := Explain(c); got != nil {
					t.Errorf("want nothing, got answer %d and%s", c.Exchange.Response.Status, tell(got))
				}
			})
		})
	}
}

func TestOtherPeoplesAnswersAreNotExplained(t *testing.T) {
	t.Parallel()
	json := func(req wire.Request, status int, body string) *Case { return made(req, status, body) }
	plain := func(url string) wire.Request { return wire.Request{Method: "GET", URL: url, Header: http.Header{}} }
	for name, c := range map[string]*Case{
		"a website":                 made(plain("https://www.example.org/"), 200, "<!DOCTYPE html><html><head><title>Hello</title></head></html>", "Content-Type", "text/html"),
		"a website with Accept":     made(get("https://www.example.org/", "", "Accept", "text/html,application/json"), 200, "<html></html>", "Content-Type", "text/html"),
		"404 of a website":          made(plain("https://www.example.org/x"), 404, "<html></html>", "Content-Type", "text/html"),
		"422":                       json(get("https://api.example.org/v1/orders", "a-token"), 422, `{"message":"quantity must be positive"}`),
		"409":                       json(get("https://api.example.org/v1/orders", "a-token"), 409, `{"message":"duplicate"}`),
		"500":                       json(get("https://api.example.org/v1/orders", "a-token"), 500, `{"message":"oops, invalid token table"}`),
		"304":                       made(get("https://api.example.org/v1/orders", "a-token"), 304, ""),
		"a redirect of an API":      made(get("https://api.example.org/v1/orders", "a-token"), 302, "", "Location", "https://api.example.org/v2/orders"),
		"204":                       made(get("https://api.example.org/v1/orders/1", "a-token"), 204, ""),
		"400 with words":            json(get("https://api.example.org/v1/orders?from=x", "a-token"), 400, `{"message":"from is no date"}`),
		"404 with two slashes":      json(get("https://api.example.org//v1/orders", "a-token"), 404, `{"message":"no such order"}`),
		"no response":               {Exchange: &wire.Exchange{Request: plain("https://www.example.org/")}},
		"no exchange":               {},
		"a login of its own kind":   json(wire.Request{Method: "POST", URL: "https://api.example.org/api/auth/token", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"username":"a","password":"b"}`)}, 401, `{"message":"wrong password"}`),
		"a login that fails":        json(form("https://api.example.org/login", "username", "a", "password", "b"), 401, `{"message":"wrong password"}`),
		"a key that is refused":     json(get("https://api.example.org/v1/orders?api_key=0123456789", ""), 401, `{"message":"unknown key"}`),
		"a FHIR code in the query":  json(get(fhirURL+"/Observation?code=8867-4", "a-token"), 200, `{"resourceType":"Bundle"}`),
		"an API path called token":  json(get("https://api.example.org/v1/devices/7/token-usage", "a-token"), 200, `{"used":3}`),
		"a JSON body with a secret": json(wire.Request{Method: "POST", URL: "https://api.example.org/v1/login", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"user":"a"}`)}, 200, `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Explain(c); got != nil {
				t.Errorf("want nothing, got%s", tell(got))
			}
		})
	}
}

func TestARevokedTokenIsNotBlamedOnTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "sandbox", sandbox.DefaultErrors, sandbox.Servers{})
		token := r.token("")
		read := get(r.vars["fhir_url"]+"/Patient/"+r.vars["patient"], token)
		r.done(read)
		r.done(get(r.vars["base_url"]+"/oauth/cancel?token="+token, ""))
		for _, f := range Explain(r.exchange(read)) {
			if f.Code != "HG071" && f.Code != "HG015" {
				t.Errorf("got %s for a revoked token: %s", f.Code, f.Cause)
			}
		}
	})
}

func TestARightRequestHasNothingToLint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "sandbox", sandbox.DefaultErrors, sandbox.Servers{})
		c := r.exchange(r.bearer(r.mint(`{alg: HS256, key: "{{client_secret}}"}`, r.tokenURL()), "scope", "patient360 user/*.*"))
		c.Exchange.Response = nil
		c.Token = TokenFacts{Profile: "health-gorilla", ClientID: r.vars["client_id"], TokenURL: r.tokenURL(), Signed: true}
		c.Keys.Secret = r.vars["client_secret"]
		if got := Lint(c); got != nil {
			t.Errorf("want nothing, got%s", tell(got))
		}
	})
}

func TestAFailedRequestNamesAtMostFiveCauses(t *testing.T) {
	t.Parallel()
	now := moment().Unix()
	jwt := forge("k", claims{"iss": "a", "sub": "b@c.example", "aud": []string{asURL + "/"}, "iat": now + 50, "exp": now - 5, "nbf": "soon"})
	c := made(form(asURL, "grant_type", "jwt-bearer", "assertion", jwt, "client_assertion", "x y", "client_id", "{{id}}", "scope", "a,b", "client_secret", " s "), 400, "")
	got := Explain(c)
	if len(got) != 5 {
		t.Errorf("got %d findings, want 5:%s", len(got), tell(got))
	}
	if strings.Contains(tell(got), "b@c.example") {
		t.Errorf("an email address is shown:%s", tell(got))
	}
}
