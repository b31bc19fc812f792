package runner_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// people gives each user a token, and says who a token or a cookie is of.
func people() http.HandlerFunc {
	var mu sync.Mutex
	users := map[string]string{}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch r.URL.Path {
		case "/token":
			user := r.FormValue("username")
			if r.FormValue("grant_type") == "refresh_token" {
				user = strings.TrimPrefix(r.FormValue("refresh_token"), "refresh-of-")
			}
			if user == "mallory" {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"error": "invalid_grant"}`)
				return
			}
			token := fmt.Sprintf("token-%d-of-%s", len(users)+1, user)
			users[token] = user
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh-of-%s"}`, token, user)
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: r.FormValue("user")})
		default:
			cookie := "none"
			if c, err := r.Cookie("sid"); err == nil {
				cookie = c.Value
			}
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			out, _ := json.Marshal(map[string]string{"user": users[token], "cookie": cookie})
			_, _ = w.Write(out)
		}
	}
}

const passwordBlock = `{oauth2: {grant: password, token_url: http://api.test/token, client_id: c, client_secret: s, username: "{{user}}", password: "of {{user}}"}}`

func TestOneBlockServesSeveralSessions(t *testing.T) {
	t.Parallel()
	s := serve(people())
	c := load(t, `
variables: {user: nobody}
sessions:
  alice: {variables: {user: ann}}
  bob: {variables: {user: bo}}
auth: `+passwordBlock+`
requests:
  - {name: Alice, session: alice, request: GET http://api.test/me, expect: {json: {user: ann}}}
  - {name: Bob, session: bob, request: GET http://api.test/me, expect: {json: {user: bo}}}
  - {name: Alice again, session: alice, request: GET http://api.test/me, expect: {json: {user: ann}}}
  - {name: No session, request: GET http://api.test/me, expect: {json: {user: nobody}}}
  - name: Folder
    session: bob
    requests:
      - {name: Inherited, request: GET http://api.test/me, expect: {json: {user: bo}}}
      - {name: Left, session: none, request: GET http://api.test/me, expect: {json: {user: nobody}}}
      - {name: Values, for_each: {u: ["{{user}}"]}, request: GET http://api.test/me, expect: {json: {user: "{{u}}"}}}
`)
	if err := c.Check(vars.NewScope(nil)); err != nil {
		t.Fatal(err)
	}
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), `
token exchange (password), session alice: passed
Alice: passed
token exchange (password), session bob: passed
Bob: passed
Alice again: passed
token exchange (password): passed
No session: passed
Inherited: passed
Left: passed
Values [1]: passed`)
}

func TestSessionsOfTheSameCredentialsHaveTokensOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := serve(people())
	c := load(t, `
variables: {user: ann}
auth: `+passwordBlock+`
requests:
  - {name: One, session: one, request: GET http://api.test/me}
  - {name: Two, session: two, request: GET http://api.test/me}
  - {name: One again, session: one, request: GET http://api.test/me}
`)
	run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	var tokens []string
	for _, r := range s.seen {
		if strings.HasSuffix(r.URL, "/me") {
			tokens = append(tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		}
	}
	if want := []string{"token-1-of-ann", "token-2-of-ann", "token-1-of-ann"}; !slices.Equal(tokens, want) {
		t.Errorf("got %q, want %q", tokens, want)
	}
}

func TestCookiesStayInTheirSession(t *testing.T) {
	t.Parallel()
	s := serve(people())
	c := loadWith(t, `
requests:
  - {name: Alice in, session: alice, request: POST http://api.test/login, form: {user: ann}}
  - {name: Alice, session: alice, request: GET http://api.test/me, expect: {json: {cookie: ann}}}
  - {name: Bob, session: bob, request: GET http://api.test/me, expect: {json: {cookie: none}}}
  - {name: No session, request: GET http://api.test/me, expect: {json: {cookie: none}}}
  - {name: Bob in, session: bob, include: in.yaml}
  - {name: Bob now, session: bob, request: GET http://api.test/me, expect: {json: {cookie: bo}}}
  - {name: Carol now, session: carol, request: GET http://api.test/me, expect: {json: {cookie: carol}}}
  - {name: Alice still, session: alice, request: GET http://api.test/me, expect: {json: {cookie: ann}}}
`, map[string]string{"in.yaml": `
variables: {user: someone}
sessions: {bob: {variables: {user: bo}}, carol: {variables: {user: carol}}}
requests:
  - {name: In, request: POST http://api.test/login, form: {user: "{{user}}"}}
  - {name: Its own, session: carol, request: POST http://api.test/login, form: {user: "{{user}}"}}
`})
	if err := c.Check(vars.NewScope(nil)); err != nil {
		t.Fatal(err)
	}
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "Alice in: passed\nAlice: passed\nBob: passed\nNo session: passed\nIn: passed\nIts own: passed\nBob now: passed\nCarol now: passed\nAlice still: passed")
}

func TestATokenThatOneSessionDoesNotGetIsNoMatterOfTheOthers(t *testing.T) {
	t.Parallel()
	c := load(t, `
sessions: {alice: {variables: {user: ann}}, eve: {variables: {user: mallory}}}
auth: `+passwordBlock+`
requests:
  - {name: Eve, session: eve, request: GET http://api.test/me}
  - {name: Alice, session: alice, request: GET http://api.test/me}
  - {name: Eve again, session: eve, request: GET http://api.test/me}
`)
	got := run(t.Context(), &runner.Runner{Transport: serve(people())}, c, nil)
	story := got.story()
	if !strings.HasPrefix(story, "token exchange (password), session eve: errored\n") || !strings.HasSuffix(story, `
Eve: skipped (no token: token exchange (password), session eve failed)
token exchange (password), session alice: passed
Alice: passed
Eve again: skipped (no token: token exchange (password), session eve failed)
`) {
		t.Errorf("got\n%s", story)
	}
	findings := got.results[0].Findings
	if len(findings) == 0 || !slices.ContainsFunc(findings[0].Evidence, func(e runner.Evidence) bool { return e.Text == "session eve" }) {
		t.Errorf("the findings do not say whose session it is: %+v", findings)
	}
}
