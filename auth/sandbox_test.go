package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// estate is a sandbox with the session of a run against its environment "sandbox".
type estate struct {
	box     *sandbox.Sandbox
	session auth.Session
	pairs   []string
}

func newEstate(o sandbox.Options, pairs ...string) *estate {
	e := &estate{box: sandbox.New(o)}
	for _, v := range e.box.Variables("sandbox") {
		e.pairs = append(e.pairs, v.Name, v.Value)
	}
	e.pairs = append(e.pairs, pairs...)
	e.session = session(e, e.pairs...)
	e.session.Consent = e.consent
	return e
}

// send hands a request to the server of its URL.
func (e *estate) send(r wire.Request) (*wire.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	handler := e.box.Hosts()[u.Host]
	if handler == nil {
		return nil, errors.New("no server at " + u.Host)
	}
	req := httptest.NewRequest(r.Method, r.URL, strings.NewReader(string(r.Body)))
	req.Header = r.Header.Clone()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	return &wire.Response{Status: w.Code, URL: r.URL, Header: w.Result().Header, Body: w.Body.Bytes()}, nil
}

func (e *estate) Send(_ context.Context, c auth.Call) error {
	start := time.Now()
	r, err := e.send(c.Request)
	if err != nil {
		return err
	}
	return c.Judge(&wire.Exchange{Request: c.Request, Response: r, Timings: wire.Timings{Start: start}})
}

// consent is a person who says yes, with a browser that ends up at an address which is pasted, or on another device.
func (e *estate) consent(_ context.Context, p auth.Prompt) (url.Values, error) {
	if p.UserCode != "" {
		return nil, e.box.ApproveDevice(p.UserCode, true)
	}
	r, err := e.send(wire.Request{Method: "GET", URL: p.URL})
	if err != nil {
		return nil, err
	}
	to := r.Header.Get("Location")
	if to == "" {
		return nil, fmt.Errorf("the authorization endpoint answered %d %s", r.Status, r.Body)
	}
	return auth.ReadCallback(to)
}

// get sends an authorized request as a runner does, and returns the status of the last answer.
func (e *estate) get(t *testing.T, a auth.Authorizer, at string) int {
	t.Helper()
	e.session.Handshake = &auth.Handshake{}
	for again := false; ; {
		req := wire.Request{Method: "GET", URL: at}
		if err := a.Authorize(t.Context(), &req, e.session); err != nil {
			t.Fatalf("%v\n%s", err, e.reason())
		}
		r, err := e.send(req)
		if err != nil {
			t.Fatal(err)
		}
		observer, ok := a.(auth.Observer)
		if ok && observer.Observe(&wire.Exchange{Request: req, Response: r}, e.session) != "" && !again {
			again = true
			continue
		}
		return r.Status
	}
}

func (e *estate) reason() string {
	entries := e.box.Entries()
	if len(entries) == 0 {
		return "nothing arrived"
	}
	return fmt.Sprintf("%+v", entries[len(entries)-1])
}

func TestTheSandboxTakesEveryFlow(t *testing.T) {
	t.Parallel()
	servers := sandbox.Servers{SMART: true, DPoP: true}
	for _, c := range []struct{ name, at, yaml string }{
		{"health-gorilla", "fhir_url", `{profile: health-gorilla, token_url: "{{token_url}}", client_id: "{{client_id}}", client_secret: "{{client_secret}}"}`},
		{"health-gorilla, discovered", "fhir_url", `{profile: health-gorilla, discover: {smart: "{{fhir_url}}"}, client_id: "{{client_id}}", client_secret: "{{client_secret}}"}`},
		{"health-gorilla by client credentials", "fhir_url", `{profile: health-gorilla, grant: client-credentials, token_url: "{{token_url}}", client_id: "{{client_id}}", client_secret: "{{client_secret}}"}`},
		{"refresh-token", "fhir_url", `{profile: health-gorilla, grant: refresh-token, refresh_url: "{{refresh_url}}", client_id: "{{viewer_client_id}}", client_secret: "{{viewer_client_secret}}", refresh_token: "{{refresh_token}}"}`},
		{"password", "fhir_url", `{grant: password, token_url: "{{token_url}}", client_id: "{{viewer_client_id}}", client_secret: "{{viewer_client_secret}}", username: "{{username}}", password: "{{password}}"}`},
		{"device", "fhir_url", `{grant: device, discover: {smart: "{{fhir_url}}"}, client_id: "{{viewer_client_id}}", client_auth: post, client_secret: "{{viewer_client_secret}}", scope: "user/*.*"}`},
		{"device of a public client", "fhir_url", `{grant: device, discover: {smart: "{{fhir_url}}"}, client_id: "{{public_client_id}}", scope: user/*.read}`},
		{"authorization-code", "fhir_url", `{grant: authorization-code, discover: {smart: "{{fhir_url}}"}, client_id: "{{public_client_id}}", redirect_uri: "https://app.example/callback",
  scope: launch/patient openid fhirUser user/*.read, context: {who: patient, fhirUser: fhirUser}}`},
		{"authorization-code, pushed", "fhir_url", `{profile: health-gorilla, grant: authorization-code, par: true, discover: {smart: "{{fhir_url}}"}, client_id: "{{viewer_client_id}}", client_secret: "{{viewer_client_secret}}",
  redirect_uri: "https://app.example/callback", scope: openid user/*.* offline_access}`},
		{"smart-backend-services", "smart_fhir_url", `{profile: smart-backend-services, discover: {smart: "{{smart_fhir_url}}"}, client_id: "{{smart_client_id}}", scope: system/*.rs,
  assertion: {alg: ES384, key: "{{smart_private_key}}", kid: "{{smart_key_id}}"}}`},
		{"DPoP", "dpop_fhir_url", `{profile: health-gorilla, token_url: "{{dpop_token_url}}", client_id: "{{client_id}}", client_secret: "{{client_secret}}", dpop: true}`},
		{"DPoP with a key", "dpop_fhir_url", `{profile: health-gorilla, token_url: "{{dpop_token_url}}", client_id: "{{client_id}}", client_secret: "{{client_secret}}", dpop: {alg: ES384, key: "{{pem}}"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pem := privatePEM(t)
			synctest.Test(t, func(t *testing.T) {
				e := newEstate(sandbox.Options{Servers: servers, Switches: sandbox.Switches{Password: true}}, "pem", pem)
				a := read(t, "oauth2: "+c.yaml)
				at, err := e.session.Scope.Lookup(c.at)
				if err != nil {
					t.Fatal(err)
				}
				for range 3 { // the last two after the token ended
					if status := e.get(t, a, at.Text+"/Patient"); status != 200 {
						t.Fatalf("got %d, want 200\n%s", status, e.reason())
					}
					time.Sleep(2 * time.Hour)
				}
				if captured := e.session.Scope.Captured(); strings.Contains(c.yaml, "who:") && (captured["who"].Text == "" || captured["fhirUser"].Text == "") {
					t.Errorf("got %v", captured)
				}
			})
		})
	}
}

func TestTheSandboxExchangesIntrospectsAndEndsTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEstate(sandbox.Options{})
		a := read(t, `oauth2: {profile: health-gorilla, token_url: "{{token_url}}", client_id: "{{client_id}}", client_secret: "{{client_secret}}"}`)
		token := strings.TrimPrefix(authorize(t, a, e.session), "Bearer ")
		i, err := auth.Introspect(t.Context(), a, e.session, "")
		if err != nil || !i.Active || !strings.Contains(i.Scope, "patient360") {
			t.Fatalf("got %+v, %v", i, err)
		}
		exchange := read(t, `oauth2: {grant: token-exchange, token_url: "{{token_url}}", client_auth: post, client_id: "{{client_id}}", client_secret: "{{client_secret}}", subject_token: `+token+`, scope: patient360}`)
		if got := authorize(t, exchange, e.session); got == "Bearer "+token {
			t.Error("got the token that was exchanged")
		}
		if ended, err := auth.Revoke(t.Context(), a, e.session, ""); ended != 1 || err != nil {
			t.Errorf("got %d, %v, want 1", ended, err)
		}
		if i, err = auth.Introspect(t.Context(), a, e.session, token); err != nil || i.Active {
			t.Errorf("got %+v, %v, want a token that is not active", i, err)
		}
	})
}
