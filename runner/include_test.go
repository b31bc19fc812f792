package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// login answers POST /login with a token made of the user's name, and says who asks elsewhere.
func login(w http.ResponseWriter, r *http.Request) {
	switch user := r.FormValue("user"); {
	case r.URL.Path == "/login" && user == "bad":
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/login":
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: user})
		fmt.Fprintf(w, `{"token": "token-of-%s", "id": 7}`, user)
	default:
		fmt.Fprint(w, `{}`)
	}
}

const loginFile = `
variables: {user: nobody}
requests:
  - name: Log in
    request: POST http://api.test/login
    form: {user: "{{user}}"}
    expect: {status: 200}
    capture: {token: token, id: id}
teardown:
  - {name: Note, request: "POST http://api.test/note/{{id}}"}
`

func TestAnIncludeRunsWithItsParametersAndGivesBackWhatItReturns(t *testing.T) {
	t.Parallel()
	s := serve(login)
	c := loadWith(t, `
name: Main
headers: {X-Main: "1"}
requests:
  - {name: Before, request: GET http://api.test/before, set: {id: outer, user: outer}}
  - name: Ann
    include: lib/login.yaml
    with: {user: ann}
    returns: {bearer: token}
  - {name: After, request: "GET http://api.test/{{bearer}}/{{id}}"}
  - {name: Nobody, include: lib/login.yaml}
`, map[string]string{"lib/login.yaml": loginFile})
	if err := c.Check(vars.NewScope(nil)); err != nil {
		t.Fatal(err)
	}
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "Before: passed\nLog in: passed\nNote: passed\nAfter: passed\nLog in: passed\nNote: passed")
	want := []string{"GET http://api.test/before", "POST http://api.test/login", "POST http://api.test/note/7", "GET http://api.test/token-of-ann/outer", "POST http://api.test/login", "POST http://api.test/note/7"}
	if lines := s.lines(); !slices.Equal(lines, want) {
		t.Errorf("sent %q", lines)
	}
	if s.seen[1].Body != "user=ann" || s.seen[4].Body != "user=nobody" || s.seen[1].Header.Get("X-Main") != "" || s.seen[3].Header.Get("Cookie") != "sid=ann" {
		t.Errorf("the include got %q, %q, X-Main %q; the cookie after it is %q", s.seen[1].Body, s.seen[4].Body, s.seen[1].Header.Get("X-Main"), s.seen[3].Header.Get("Cookie"))
	}
	in, aside := got.results[1].Name, got.results[2].Name
	if fmt.Sprint(in.Folders) != "[Ann]" || in.Pos.String() != "lib/login.yaml:4:5" || in.Phase != runner.Main || aside.Phase != runner.Teardown {
		t.Errorf("reported as %+v and %+v", in, aside)
	}
}

func TestParametersKeepTheirTypesAndTheirMembers(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"list": [1, "1"], "who": {"name": {"family": "Ash"}}}`)
	})
	c := loadWith(t, `
requests:
  - {name: A, request: GET http://api.test/a, capture: {list: list, who: who}}
  - {include: lib.yaml, with: {list: "{{list}}", who: "{{who}}", text: "{{list}}!", n: 5, none: null}}
`, map[string]string{"lib.yaml": `
requests:
  - {name: B, request: "POST http://api.test/{{who.name.family}}", json: {list: "{{list}}", text: "{{text}}", n: "{{n}}", none: "{{none}}"}}
`})
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "A: passed\nB: passed")
	same(t, s.seen[1].URL+" "+s.seen[1].Body, `http://api.test/Ash {"list":[1,"1"],"text":"[1,\"1\"]!","n":5,"none":null}`)
}

func TestWhatFailsInAnIncludeIsTheCauseOfWhatMissesItsReturns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ include, want string }{
		"a failure": {"with: {user: bad}, returns: [token]", `
Log in: failed
  lib/login.yaml:7:22 AssertionFailure status: got 403, want 200
Note: skipped ("Log in" failed and captured no id)
After: skipped ("Log in" failed and captured no token)`},
		"a condition": {"when: {go: true}, returns: [token]", `
Log in: skipped (when go: got false, want true)
Note: skipped (when go: got false, want true)
After: skipped ("Log in" was skipped and captured no token)`},
		"what a parameter needs": {`with: {user: "{{before}}"}, returns: [token]`, `
Log in: skipped ("Before" failed and captured no before)
Note: skipped ("Before" failed and captured no before)
After: skipped ("Before" failed and captured no before)`},
		"a loop without values": {"for_each: [], returns: [token]", `
Log in: skipped (for_each: there is nothing to run it for)
Note: skipped (for_each: there is nothing to run it for)
After: skipped ("Log in" was skipped and captured no token)`},
		"a loop whose last time fails": {"for_each: {u: [ann, bad]}, with: {user: '{{u}}'}, returns: [token]", `
Log in: passed
Note: passed
Log in: failed
  lib/login.yaml:7:22 AssertionFailure status: got 403, want 200
Note: skipped ("Log in" failed and captured no id)
After: skipped ("Log in" failed and captured no token)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := loadWith(t, `
variables: {go: false}
requests:
  - {name: Before, request: GET http://api.test/, expect: {json: {before: 1}}, capture: {before: before}}
  - {include: lib/login.yaml, `+tt.include+`}
  - {name: After, request: "GET http://api.test/{{token}}"}
`, map[string]string{"lib/login.yaml": loginFile})
			got := run(t.Context(), &runner.Runner{Transport: serve(login)}, c, nil)
			_, rest, _ := strings.Cut(got.story(), "nothing there, want 1\n")
			if rest == "" {
				rest = got.story()
			}
			same(t, rest, tt.want)
		})
	}
}

func TestALoopOverAnIncludeCollectsWhatEachTimeReturns(t *testing.T) {
	t.Parallel()
	s := serve(login)
	c := loadWith(t, `
requests:
  - name: Users
    for_each: {u: [ann, bo]}
    include: lib/login.yaml
    with: {user: "{{u}}"}
    returns: {one: token}
    collect: {tokens: one}
  - {name: All, request: POST http://api.test/all, json: "{{tokens}}"}
`, map[string]string{"lib/login.yaml": loginFile})
	if err := c.Check(vars.NewScope(nil)); err != nil {
		t.Fatal(err)
	}
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, s.seen[len(s.seen)-1].Body, `["token-of-ann","token-of-bo"]`)
	if f := got.results[2].Name.Folders; !slices.Equal(f, []string{"Users [bo]"}) {
		t.Errorf("got folders %q", f)
	}
}

func TestASetupOfIncludesStopsWhatComesAfterIt(t *testing.T) {
	t.Parallel()
	c := loadWith(t, `
setup:
  - {include: lib/login.yaml, with: {user: bad}}
requests:
  - {name: Main, request: GET http://api.test/}
`, map[string]string{"lib/login.yaml": loginFile})
	got := run(t.Context(), &runner.Runner{Transport: serve(login)}, c, nil)
	same(t, got.story(), `
Log in: failed
  lib/login.yaml:7:22 AssertionFailure status: got 403, want 200
Note: skipped ("Log in" failed and captured no id)
Main: skipped (setup "Log in" failed)`)
}

func TestSelectionSeesThroughIncludes(t *testing.T) {
	t.Parallel()
	const main = `
requests:
  - {name: First, request: GET http://api.test/first, capture: {user: id}}
  - {name: Other, request: GET http://api.test/other}
  - {name: Session, include: lib/login.yaml, with: {user: "{{user}}"}, returns: [token], tags: [auth]}
  - {name: Last, request: "GET http://api.test/{{token}}"}
  - {name: Part, include: {file: lib/two.yaml, only: Second}, with: {id: 1}}
`
	files := map[string]string{"lib/login.yaml": loginFile, "lib/two.yaml": "requests:\n  - {name: One, request: GET http://api.test/one}\n  - {name: Second, request: 'GET http://api.test/{{id}}'}\n"}
	for name, tt := range map[string]struct {
		selection collections.Selection
		want      string
	}{
		"what needs it":        {collections.Selection{Only: []string{"Last"}}, "First|Session/Log in|Session/Note|Last"},
		"what stands in it":    {collections.Selection{Only: []string{"Session/Log in"}}, "First|Session/Log in|Session/Note"},
		"its tag":              {collections.Selection{Tags: "auth"}, "First|Session/Log in|Session/Note"},
		"its line":             {collections.Selection{Only: []string{"chain.yaml:5"}}, "First|Session/Log in|Session/Note"},
		"a line of its file":   {collections.Selection{Only: []string{"login.yaml:6"}}, "First|Session/Log in|Session/Note"},
		"the part that it has": {collections.Selection{Only: []string{"Part"}}, "Part/Second"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := loadWith(t, main, files).Select(tt.selection)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range c.Requests() {
				got = append(got, r.Path())
			}
			same(t, strings.Join(got, "|"), tt.want)
		})
	}
}

func TestAnInterruptedIncludeIsReportedToItsEnd(t *testing.T) {
	t.Parallel()
	c := loadWith(t, `
requests:
  - {name: Session, include: lib/login.yaml, returns: [token]}
  - {name: After, request: "GET http://api.test/{{token}}"}
`, map[string]string{"lib/login.yaml": loginFile})
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(login)
	s.always = func(*http.Request) { cancel() }
	got := run(ctx, &runner.Runner{Transport: s}, c, nil)
	if len(got.results) != 3 || got.results[2].Outcome != runner.Skipped || got.results[1].Name.Phase != runner.Teardown {
		t.Errorf("got\n%s", got.story())
	}
}
