package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

const onceFile = `
variables: {user: nobody}
requests:
  - name: Log in
    request: POST http://api.test/login
    form: {user: "{{user}}"}
    expect: {status: 200}
    capture: {token: {json: token, secret: true}, id: id}
`

// several loads the files a.yaml, b.yaml, … beside others.
func several(t *testing.T, files map[string]string, texts ...string) []runner.Job {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var jobs []runner.Job
	for i, text := range texts {
		name := string(rune('a'+i)) + ".yaml"
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		c, err := collections.Load(fsys, name, collections.Options{})
		if err == nil {
			err = c.Check(vars.NewScope(nil))
		}
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, runner.Job{Collection: c})
	}
	return jobs
}

func runAll(ctx context.Context, r *runner.Runner, jobs []runner.Job) told {
	var all told
	for e := range r.RunAll(ctx, jobs) {
		all.add(e)
	}
	return all
}

func (s *server) count(line string) int {
	n := 0
	for _, l := range s.lines() {
		if l == line {
			n++
		}
	}
	return n
}

const usesLogin = `
name: NAME
setup:
  - {name: Session, include: login.yaml, once: true, with: {user: ann}, returns: [token]}
requests:
  - {name: Use, request: "GET http://api.test/{{token}}"}
`

func TestWhatRunsOnceRunsForAllCollections(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			var texts []string
			for i := range 10 {
				texts = append(texts, strings.ReplaceAll(usesLogin, "NAME", fmt.Sprint(i)))
			}
			s := serve(login)
			jobs := several(t, map[string]string{"login.yaml": onceFile}, texts...)
			got := runAll(t.Context(), &runner.Runner{Transport: s, Jobs: workers, Detail: true}, jobs)
			if s.count("POST http://api.test/login") != 1 || s.count("GET http://api.test/token-of-ann") != 10 {
				t.Errorf("sent %q", s.lines())
			}
			if len(got.results) != 11 || strings.Contains(got.story(), "skipped") {
				t.Errorf("got\n%s", got.story())
			}
			if workers == 1 && got.results[0].Name.Name != "Log in" {
				t.Errorf("the first does not report it:\n%s", got.story())
			}
			for _, r := range s.seen[1:] {
				if r.Header.Get("Cookie") != "sid=ann" {
					t.Errorf("%s came without the cookie of the login", r.URL)
				}
			}
			if strings.Contains(got.text(t), "token-of-ann") {
				t.Error("what is secret in one is none in another")
			}
		})
	}
}

func TestWhatRunsOnceAndFailsIsTheCauseForTheOthers(t *testing.T) {
	t.Parallel()
	jobs := several(t, map[string]string{"login.yaml": onceFile},
		"name: A\nrequests:\n  - {include: login.yaml, once: true, with: {user: bad}, returns: [token]}\n",
		"name: B\nrequests:\n  - {include: login.yaml, once: true, with: {user: bad}, returns: [token]}\n  - {name: Use, request: 'GET http://api.test/{{token}}'}\n  - {name: Free, request: GET http://api.test/}\n",
		"name: C\nsetup:\n  - {include: login.yaml, once: true, with: {user: bad}, returns: [token]}\nrequests:\n  - {name: Main, request: GET http://api.test/}\n",
		"name: D\nrequests:\n  - {include: login.yaml, once: true, with: {user: bo}}\n")
	s := serve(login)
	got := runAll(t.Context(), &runner.Runner{Transport: s, Jobs: 1}, jobs)
	same(t, got.story(), `
Log in: failed
  login.yaml:7:22 AssertionFailure status: got 403, want 200
Log in: skipped ("Log in" failed in "A", and runs once)
Use: skipped ("Log in" failed in "A", and runs once)
Free: passed
Log in: skipped ("Log in" failed in "A", and runs once)
Main: skipped ("Log in" failed in "A", and runs once)
Log in: passed`)
	if got.results[2].Skip != runner.SkipCause {
		t.Errorf("got %q", got.results[2].Skip)
	}
}

func TestRoundsAndTimesShareWhatRunsOnce(t *testing.T) {
	t.Parallel()
	s := serve(login)
	jobs := several(t, map[string]string{"rows.csv": "n\n1\n2\n3\n"}, `
data: {csv: rows.csv}
requests:
  - {name: Once, once: true, request: POST http://api.test/login, form: {user: ann}, expect: {status: 200}, capture: {token: token}}
  - name: Times
    for_each: {t: [x, y]}
    requests:
      - {name: Also, once: also, request: GET http://api.test/also}
      - {name: Each, request: "GET http://api.test/{{n}}/{{t}}/{{token}}"}
  - {name: Again, once: also, request: GET http://api.test/again}
`)
	for _, workers := range []int{1, 8} {
		s.seen = nil
		got := runAll(t.Context(), &runner.Runner{Transport: s, Jobs: workers}, jobs)
		if s.count("POST http://api.test/login") != 1 || s.count("GET http://api.test/also")+s.count("GET http://api.test/again") != 1 || len(got.results) != 8 {
			t.Errorf("with %d workers sent %q, and told\n%s", workers, s.lines(), got.story())
		}
		for _, n := range []string{"1/x", "1/y", "2/x", "3/y"} {
			if s.count("GET http://api.test/"+n+"/token-of-ann") != 1 {
				t.Errorf("no %s in %q", n, s.lines())
			}
		}
	}
}

func TestSessionsParametersAndEnvironmentsAreNotTheSame(t *testing.T) {
	t.Parallel()
	s := serve(login)
	jobs := several(t, map[string]string{"login.yaml": onceFile, "outer.yaml": "requests:\n  - {include: inner.yaml, with: {who: '{{who}}'}}\n", "inner.yaml": "requests:\n  - {name: I, once: true, request: 'GET http://api.test/i/{{who}}'}\n"}, `
requests:
  - {include: login.yaml, once: true}
  - {include: login.yaml, once: true, session: alice}
  - {include: login.yaml, once: true, session: alice}
  - {include: login.yaml, once: true, with: {user: bo}}
  - {include: {file: login.yaml, only: Log in}, once: true}
  - {include: outer.yaml, with: {who: a}}
  - {include: outer.yaml, with: {who: b}}
  - {include: outer.yaml, with: {who: a}}
`)
	r := &runner.Runner{Transport: s, Jobs: 1}
	runAll(t.Context(), r, jobs)
	if n := s.count("POST http://api.test/login"); n != 3 {
		t.Errorf("logged in %d times, want 3", n)
	}
	if s.count("GET http://api.test/i/a") != 1 || s.count("GET http://api.test/i/b") != 1 {
		t.Errorf("sent %q", s.lines())
	}
	jobs[0].Environment = environment(nil, nil)
	runAll(t.Context(), r, jobs)
	if n := s.count("POST http://api.test/login"); n != 6 {
		t.Errorf("logged in %d times, want three more for another environment", n)
	}
}

func TestWhoComesAfterAnInterruptionRunsItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		s := serve(login)
		s.always = func(r *http.Request) {
			if r.URL.Path == "/login" {
				interrupt()
				time.Sleep(time.Second)
			}
		}
		jobs := several(t, map[string]string{"login.yaml": onceFile}, usesLogin, usesLogin)
		r := &runner.Runner{Transport: s, Jobs: 2}
		got := runAll(ctx, r, jobs)
		if len(got.results) != 4 || strings.Contains(got.story(), "passed") {
			t.Errorf("got\n%s", got.story())
		}
		s.always = nil
		again := runAll(t.Context(), r, jobs)
		if strings.Count(again.story(), "passed") != 3 {
			t.Errorf("after the interruption:\n%s", again.story())
		}
	})
}

func TestAConditionOfTheFirstKeepsNobodyElseFromRunning(t *testing.T) {
	t.Parallel()
	s := serve(login)
	jobs := several(t, nil, `
requests:
  - {name: A, once: x, request: GET http://api.test/a, when: {go: true}, variables: {go: false}}
  - {name: B, once: x, request: GET http://api.test/b}
  - {name: C, once: x, request: GET http://api.test/c}
`)
	got := runAll(t.Context(), &runner.Runner{Transport: s}, jobs)
	same(t, got.story(), "A: skipped (when go: got false, want true)\nB: passed")
}

func TestWhatWaitsForItselfIsAnError(t *testing.T) {
	t.Parallel()
	jobs := several(t, nil, `
requests:
  - name: A
    once: x
    requests:
      - {name: B, once: x, request: GET http://api.test/b}
`)
	got := runAll(t.Context(), &runner.Runner{Transport: serve(login)}, jobs)
	same(t, got.story(), "B: errored\n  a.yaml:6:25 ConfigError once: this would wait for ever: it stands in something that waits for it, or that has the same name")
}

func TestTwoThatWaitForOneAnotherDoNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) })
		text := "requests:\n  - {name: F, once: ONE, requests: [{name: first, request: GET http://api.test/}, {name: second, once: TWO, request: GET http://api.test/}]}\n"
		jobs := several(t, nil, strings.NewReplacer("ONE", "x", "TWO", "y").Replace(text), strings.NewReplacer("ONE", "y", "TWO", "x").Replace(text))
		got := runAll(t.Context(), &runner.Runner{Transport: s, Jobs: 2}, jobs)
		outcomes := strings.Count(got.story(), ": errored")
		if outcomes != 1 || !slices.ContainsFunc(got.results, func(r runner.Result) bool { return r.Outcome == runner.Passed }) {
			t.Errorf("got\n%s", got.story())
		}
	})
}
