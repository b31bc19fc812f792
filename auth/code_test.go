package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	authorizeURL = "https://as.example/oauth/authorize"
	codeBlock    = `oauth2: {grant: authorization-code, token_url: "` + tokenURL + `", authorization_url: "` + authorizeURL + `", client_id: c}`
	pasteBlock   = `oauth2: {grant: authorization-code, token_url: "` + tokenURL + `", authorization_url: "` + authorizeURL + `", client_id: c, redirect_uri: "app.example:/callback"}`
)

// browser is a person with a browser whose server answers with some parameters; $state is what was asked with.
type browser struct {
	answer  string
	asked   url.Values
	prompts []auth.Prompt
	page    chan string // what the browser showed in the end
}

func (b *browser) callback(p auth.Prompt) string {
	b.prompts = append(b.prompts, p)
	u, err := url.Parse(p.URL)
	if err != nil {
		return err.Error()
	}
	b.asked = u.Query()
	return strings.ReplaceAll(b.answer, "$state", b.asked.Get("state"))
}

// visits follows the redirect to the listener.
func (b *browser) visits(_ context.Context, p auth.Prompt) (url.Values, error) {
	resp, err := http.Get(p.RedirectURI + "?" + b.callback(p))
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	b.page <- fmt.Sprintf("%d %s", resp.StatusCode, page)
	return nil, err
}

// pastes copies the address that the browser ended up at.
func (b *browser) pastes(_ context.Context, p auth.Prompt) (url.Values, error) {
	return auth.ReadCallback(p.RedirectURI + "?" + b.callback(p))
}

// verified is a token endpoint that checks PKCE against what the browser asked with.
func (b *browser) verified(nth int, c auth.Call) (*wire.Response, error) {
	form, err := url.ParseQuery(string(c.Request.Body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if b.asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || b.asked.Get("redirect_uri") != form.Get("redirect_uri") {
		return response(400, "application/json", `{"error":"invalid_grant"}`), nil
	}
	return numbered(`,"patient":"p-1"`)(nth, c)
}

// random stands for every value that is made anew.
var randomValue = regexp.MustCompile(`(state|code_challenge|nonce|code_verifier)=[A-Za-z0-9_-]{22,}`)

func plain(text string) string { return randomValue.ReplaceAllString(text, "$1=<random>") }

func TestACodeIsExchangedForAToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, more, url, form string }{
		{
			"bare", `skew: 30s`,
			"response_type=code&client_id=c&redirect_uri=REDIRECT&state=<random>&code_challenge=<random>&code_challenge_method=S256",
			"client_id=c",
		},
		{
			"SMART launch", `scope: [launch, "patient/*.rs"], launch: "{{launch}}", fhir_url: "https://api.example/fhir", context: {patient: patient}`,
			"response_type=code&client_id=c&redirect_uri=REDIRECT&scope=launch+patient%2F%2A.rs&state=<random>&aud=https%3A%2F%2Fapi.example%2Ffhir&launch=xyz-123" +
				"&code_challenge=<random>&code_challenge_method=S256",
			"client_id=c",
		},
		{
			"with everything else", `client_auth: post, client_secret: s3cr, audience: au, resource: "https://r.example", params: {p: q}, authorization_params: {prompt: "login now"}`,
			"response_type=code&client_id=c&redirect_uri=REDIRECT&state=<random>&code_challenge=<random>&code_challenge_method=S256&audience=au&resource=https%3A%2F%2Fr.example&prompt=login+now",
			"client_id=c&client_secret=s3cr&audience=au&resource=https%3A%2F%2Fr.example&p=q",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &browser{answer: "code=code-0001&state=$state", page: make(chan string, 1)}
			d := &desk{answer: b.verified}
			s := session(d, "launch", "xyz-123")
			s.Consent = b.visits
			same(t, "Authorization", authorize(t, read(t, strings.Replace(codeBlock, "{", "{"+c.more+", ", 1)), s), "Bearer token-1")
			redirect := b.prompts[0].RedirectURI
			if !regexp.MustCompile(`^http://127\.0\.0\.1:[0-9]+/callback$`).MatchString(redirect) || !b.prompts[0].Listens {
				t.Errorf("got %+v", b.prompts[0])
			}
			escaped := url.QueryEscape(redirect)
			same(t, "URL", plain(b.prompts[0].URL), authorizeURL+"?"+strings.Replace(c.url, "REDIRECT", escaped, 1))
			same(t, "token request", plain(dump(d.calls[0].Request)), formHead+formType+"grant_type=authorization_code&code=code-0001&redirect_uri="+escaped+"&code_verifier=<random>&"+c.form)
			same(t, "page", <-b.page, "200 hgrun has the answer. This window can be closed.\n")
			if len(b.asked.Get("state")) < 22 {
				t.Errorf("got a state of %d characters, want 22, which are 128 bits", len(b.asked.Get("state")))
			}
			for _, secret := range []string{"code-0001", b.asked.Get("state")} {
				if s.Scope.Redact(secret) == secret {
					t.Errorf("%s is not hidden", secret)
				}
			}
			if strings.Contains(c.name, "SMART") {
				same(t, "patient", s.Scope.Captured()["patient"].Text, "p-1")
			}
		})
	}
}

func TestEveryAuthorizationIsMadeAnew(t *testing.T) {
	t.Parallel()
	b := &browser{answer: "code=code-$state&state=$state"}
	d := &desk{answer: b.verified}
	s := session(d)
	s.Consent = b.pastes
	a := read(t, pasteBlock)
	seen := map[string]bool{}
	for range 3 {
		req := request()
		if err := a.Authorize(t.Context(), req, s); err != nil {
			t.Fatal(err)
		}
		seen[b.asked.Get("state")], seen[b.asked.Get("code_challenge")] = true, true
		if !a.(auth.Renewer).Renew(req, s) {
			t.Fatal("got false, want a token that can be renewed")
		}
	}
	if len(seen) != 6 {
		t.Errorf("got %d different values, want 6", len(seen))
	}
}

func TestTheListenerTakesTheFirstAnswerAtItsPath(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	b := &browser{answer: "code=code-0001&state=$state"}
	var seen []string
	done := make(chan struct{})
	visit := func(method, at, body string) {
		req, err := http.NewRequest(method, at, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		page, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		seen = append(seen, fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Cache-Control"), strings.TrimSpace(string(page))))
	}
	d := &desk{answer: b.verified}
	s := session(d)
	s.Consent = func(_ context.Context, p auth.Prompt) (url.Values, error) {
		answer := b.callback(p)
		base := "http://127.0.0.1:" + port
		visit("GET", base+"/favicon.ico", "")
		visit("PUT", base+"/cb", "")
		visit("GET", base+"/cb", "")
		visit("POST", base+"/cb", strings.Repeat("x", 70_000))
		visit("POST", base+"/cb?code=ignored", answer)
		close(done)
		return nil, nil
	}
	authorize(t, read(t, strings.Replace(codeBlock, "{", `{redirect_uri: "http://localhost:`+port+`/cb", authorization_params: {response_mode: form_post}, `, 1)), s)
	<-done
	same(t, "redirect", b.asked.Get("redirect_uri"), "http://localhost:"+port+"/cb")
	same(t, "answers", strings.Join(seen, "\n"), `404 no-store 404 page not found
405 no-store Only GET and POST bring an answer.
400 no-store Neither code nor error came along.
400 no-store This is no form.
200 no-store hgrun has the answer. This window can be closed.`)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s := session(&desk{})
	s.Consent = (&browser{}).visits
	err = read(t, strings.Replace(codeBlock, "{", `{redirect_uri: "http://`+l.Addr().String()+`/cb", `, 1)).Authorize(t.Context(), request(), s)
	same(t, "error", fmt.Sprint(err), "a.yaml:1:24: no access token: listening for the browser: listen tcp "+l.Addr().String()+": bind: address already in use")
}

func TestWhatTheBrowserBringsIsJudgedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	const at = "a.yaml:1:9: no access token: "
	discovered := strings.Replace(pasteBlock, "{", `{discover: {issuer: "https://as.example"}, `, 1)
	for _, c := range []struct{ name, block, answer, want string }{
		{"no state", pasteBlock, "code=x-code&a=b", at + "the browser came back without state, so that anybody could have sent it; nothing was sent"},
		{"another state", pasteBlock, "code=x-code&state=other", at + "the browser came back with another state than it left with: from an earlier attempt, or sent by somebody else; nothing was sent"},
		{"two codes", pasteBlock, "code=x-code&code=y-code&state=$state", at + "the browser came back with 2 times code, want one"},
		{"no code", pasteBlock, "state=$state&error=", at + "the browser came back without code"},
		{"an error of another state", pasteBlock, "error=access_denied&state=x", at + "the browser came back with another state than it left with: from an earlier attempt, or sent by somebody else; nothing was sent"},
		{"an error", pasteBlock, "error=access_denied&error_description=not+today&error_uri=https%3A%2F%2Fas.example%2Fe&state=$state", at + "the authorization endpoint sent the browser back with the error access_denied: not today (https://as.example/e)\nthe person, or the server for the person, said no"},
		{"another error", pasteBlock, "error=invalid_scope&state=$state", at + "the authorization endpoint sent the browser back with the error invalid_scope"},
		{"another issuer", discovered, "code=x-code&state=$state&iss=https%3A%2F%2Fas.example%2F", at + `the browser came back from the issuer "https://as.example/", want "https://as.example" byte for byte (RFC 9207); nothing was sent`},
		{"an error of another issuer", discovered, "error=access_denied&state=$state&iss=x", at + `the browser came back from the issuer "x", want "https://as.example" byte for byte (RFC 9207); nothing was sent`},
		{"a promised issuer", discovered, "code=x-code&state=$state", at + "the browser came back without iss, which https://as.example/.well-known/openid-configuration promises (RFC 9207, section 2.4); nothing was sent"},
		{"all well", discovered, "code=x-code&state=$state&iss=https%3A%2F%2Fas.example", "<nil>"},
		{"an issuer that nobody can compare", pasteBlock, "code=x-code&state=$state&iss=x", "<nil>"},
		{"a code alone", discovered, "", "<nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &browser{answer: c.answer}
			d := described("https://as.example/.well-known/openid-configuration", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`","authorization_response_iss_parameter_supported":true}`)
			s := session(d)
			s.Consent = b.pastes
			if c.answer == "" {
				s.Consent = func(context.Context, auth.Prompt) (url.Values, error) { return auth.ReadCallback(" x-code\n") }
			}
			same(t, "error", fmt.Sprint(read(t, c.block).Authorize(t.Context(), request(), s)), c.want)
			exchanged := strings.Contains(strings.Join(d.names(), " "), "token exchange (authorization-code)")
			if exchanged != (c.want == "<nil>") {
				t.Errorf("got the calls %v", d.names())
			}
		})
	}
}

func TestWhatAPersonBringsIsRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"abc":                             "map[code:[abc]] <nil>",
		" a+b/c== \n":                     "map[code:[a+b/c==]] <nil>",
		"https://x/cb?code=a%20b&state=s": "map[code:[a b] state:[s]] <nil>",
		"app:/cb?code=a&state=s#_=_":      "map[code:[a] state:[s]] <nil>",
		"?code=a":                         "map[code:[a]] <nil>",
		"code=a&state=s":                  "map[code:[a] state:[s]] <nil>",
		"error=access_denied":             "map[error:[access_denied]] <nil>",
		"https://x/cb":                    "map[] the address has nothing behind a question mark, where code and state should be",
		"https://x/cb?code=%zz":           `map[] the address is damaged: invalid URL escape "%zz"`,
		"":                                "map[] got nothing, want the address that the browser ended up at, or the code in it",
		"the code is abc":                 "map[] got several words, want the address that the browser ended up at, or the code in it",
	} {
		values, err := auth.ReadCallback(text)
		same(t, text, fmt.Sprint(map[string][]string(values), err), want)
	}
}

func TestAPersonMayNotBeThere(t *testing.T) {
	t.Parallel()
	const at = "a.yaml:1:9: no access token: "
	silent := func(context.Context, auth.Prompt) (url.Values, error) { return nil, nil }
	waits := func(ctx context.Context, _ auth.Prompt) (url.Values, error) { <-ctx.Done(); return nil, ctx.Err() }
	for _, c := range []struct {
		name    string
		consent auth.Consent
		limit   time.Duration
		want    string
	}{
		{"nobody", nil, time.Hour, at + "grant: authorization-code needs a person with a browser, and this run has none; give it code: …, which somebody got with a browser elsewhere"},
		{"no terminal", func(context.Context, auth.Prompt) (url.Values, error) { return nil, errors.New("no terminal") }, time.Hour, at + "the person could not be asked: no terminal"},
		{"nothing pasted", silent, time.Hour, at + "nobody brought the address that the browser ended up at, below app.example:/callback"},
		{"asleep", waits, time.Hour, at + "nobody said yes within 10m0s"},
		{"interrupted", waits, time.Minute, at + "context deadline exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.limit)
				defer cancel()
				s := session(&desk{})
				s.Consent = c.consent
				same(t, "error", fmt.Sprint(read(t, pasteBlock).Authorize(ctx, request(), s)), c.want)
			})
		})
	}
}

func TestOnePromptIsShownAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: numbered("")}
		s := session(d)
		var mu sync.Mutex
		asking, most, nth := 0, 0, 0
		consent := func(_ context.Context, p auth.Prompt) (url.Values, error) {
			mu.Lock()
			asking++
			nth++
			most = max(most, asking)
			code := fmt.Sprintf("code-%d", nth)
			mu.Unlock()
			time.Sleep(time.Minute)
			mu.Lock()
			asking--
			mu.Unlock()
			u, err := url.Parse(p.URL)
			return url.Values{"code": {code}, "state": {u.Query().Get("state")}}, err
		}
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				mine := worker(s)
				mine.Consent = consent
				authorize(t, read(t, strings.Replace(pasteBlock, "{", fmt.Sprintf("{scope: s%d, ", i), 1)), mine)
			})
		}
		wg.Wait()
		if most != 1 || len(d.calls) != 4 {
			t.Errorf("got %d prompts at a time and %d calls, want 1 and 4", most, len(d.calls))
		}
	})
}

func TestACodeThatIsGivenIsSentOnce(t *testing.T) {
	t.Parallel()
	verifier := strings.Repeat("v", 43)
	block := strings.Replace(pasteBlock, "{", `{code: "{{code}}", code_verifier: "{{verifier}}", `, 1)
	d := &desk{answer: numbered("")}
	s := session(d, "code", "code-0001", "verifier", verifier)
	a := read(t, block)
	req := request()
	if err := a.Authorize(t.Context(), req, s); err != nil {
		t.Fatal(err)
	}
	same(t, "token request", dump(d.calls[0].Request), formHead+formType+"grant_type=authorization_code&code=code-0001&redirect_uri=app.example%3A%2Fcallback&code_verifier="+verifier+"&client_id=c")
	same(t, "another code is no other credential", authorize(t, a, worker(s, "code", "code-0002", "verifier", verifier)), "Bearer token-1")
	if a.(auth.Renewer).Renew(req, s) {
		t.Error("got true, want false: the code is used up")
	}
	err := read(t, strings.Replace(block, "{", "{scope: more, ", 1)).Authorize(t.Context(), request(), s)
	same(t, "error", fmt.Sprint(err), "a.yaml:1:29: no access token: the code was used already, and a server that sees it again ends every token of it (RFC 6749, section 4.1.2); get a new one")
	if shown := s.Scope.Redact("code-0001 " + verifier); strings.Contains(shown, "code-0001") || strings.Contains(shown, verifier) {
		t.Errorf("got %s", shown)
	}
}

func TestATokenThatAPersonGotIsRenewedWithoutThePerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &browser{answer: "code=code-0001&state=$state"}
		server := &authority{}
		d := &desk{answer: server.answer}
		s := session(d)
		s.Consent = b.pastes
		a := read(t, strings.Replace(pasteBlock, "{", "{scope: offline_access, ", 1))
		authorize(t, a, s)
		time.Sleep(time.Minute)
		same(t, "Authorization", authorize(t, a, s), "Bearer token-2")
		same(t, "refresh", dump(d.calls[1].Request), formHead+formType+"grant_type=refresh_token&refresh_token=refresh-1&client_id=c")
		if len(b.prompts) != 1 {
			t.Errorf("got %d prompts, want 1", len(b.prompts))
		}
		server.refuse = 400
		time.Sleep(time.Minute)
		b.answer = "code=code-0002&state=$state"
		same(t, "after the refresh token ended", authorize(t, a, s), "Bearer token-4")
		if len(b.prompts) != 2 {
			t.Errorf("got %d prompts, want 2", len(b.prompts))
		}
	})
}
