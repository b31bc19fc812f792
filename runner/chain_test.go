package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestARequestWithoutItsVariableIsSkippedAndNamesTheCause(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	c := load(t, `
requests:
  - name: Exchange
    request: POST http://api.test/token
    expect: {status: 200}
    capture: {ticket: ticket}
  - name: Read
    request: GET http://api.test/read?ticket={{ticket}}
    capture: {id: id}
  - name: Delete
    request: DELETE http://api.test/{{id}}
  - name: Apart
    request: GET http://api.test/apart
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), `
Exchange: failed
  chain.yaml:5:22 AssertionFailure status: got 401, want 200
Read: skipped ("Exchange" failed and captured no ticket)
Delete: skipped ("Exchange" failed and captured no ticket)
Apart: passed`)
	if lines := s.lines(); !slices.Equal(lines, []string{"POST http://api.test/token", "GET http://api.test/apart"}) {
		t.Errorf("sent %q", lines)
	}
}

func TestAnAnswerThatNobodyExpectsIsNotGreen(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(map[string]int{"/a": 500, "/b": 404, "/c": 399}[r.URL.Path])
	})
	c := load(t, `
requests:
  - {name: a, request: GET http://api.test/a}
  - {name: b, request: GET http://api.test/b, expect: {text: ""}}
  - {name: c, request: GET http://api.test/c}
`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), `
a: failed
  chain.yaml:3:5 AssertionFailure status: got 500, want below 400 (no expectation says otherwise)
b: failed
  chain.yaml:4:5 AssertionFailure status: got 404, want below 400 (no expectation says otherwise)
c: passed`)
}

func TestTeardownRunsWhateverHappened(t *testing.T) {
	t.Parallel()
	const yaml = `
setup:
  - {name: make, request: POST http://api.test/make, capture: {id: id}}
requests:
  - {name: one, request: GET http://api.test/one, expect: {status: 200}}
  - {name: two, request: GET http://api.test/two, expect: {status: 200}}
teardown:
  - {name: remove, request: "DELETE http://api.test/{{id}}"}
`
	for name, tt := range map[string]struct {
		bail   bool
		broken string
		want   string
	}{
		"passed": {false, "", "make: passed\none: passed\ntwo: passed\nremove: passed"},
		"failed": {false, "/one", "make: passed\none: failed\n  chain.yaml:5:68 AssertionFailure status: got 503, want 200\ntwo: passed\nremove: passed"},
		"bail":   {true, "/one", "make: passed\none: failed\n  chain.yaml:5:68 AssertionFailure status: got 503, want 200\ntwo: skipped (--bail after \"one\" failed)\nremove: passed"},
		"setup failed": {false, "/make", "make: failed\n  chain.yaml:3:5 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)\n" +
			"one: skipped (setup \"make\" failed)\ntwo: skipped (setup \"make\" failed)\nremove: skipped (\"make\" failed and captured no id)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == tt.broken {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				fmt.Fprint(w, `{"id": 7}`)
			})
			got := run(t.Context(), &runner.Runner{Transport: s, Bail: tt.bail}, load(t, yaml), nil)
			same(t, got.story(), tt.want)
		})
	}
}

func TestAnInterruptedRunTearsDownAndReportsEveryRequest(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := serve(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/one" {
			interrupt()
		}
	})
	c := load(t, `
requests:
  - {name: one, request: GET http://api.test/one}
  - {name: two, request: GET http://api.test/two}
teardown:
  - {name: remove, request: DELETE http://api.test/it}
`)
	got := run(ctx, &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), `
one: errored
  chain.yaml:3:5 TransportError interrupted before the answer came
two: skipped (interrupted)
remove: passed`)
	last, ok := got.events[len(got.events)-1].(runner.Finished)
	if !ok || !last.Interrupted || last.Counts != (runner.Counts{Passed: 1, Errored: 1, Skipped: 1}) {
		t.Errorf("the last event is %+v", last)
	}
}

func TestAClosedAbortEndsTheTeardownToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		abort := make(chan struct{})
		s := serve(func(_ http.ResponseWriter, r *http.Request) {
			close(abort)
			<-r.Context().Done()
		})
		c := load(t, `
requests:
  - {name: one, request: GET http://api.test/one}
teardown:
  - {name: remove, request: DELETE http://api.test/it}
`)
		start := time.Now()
		got := run(ctx, &runner.Runner{Transport: s, Interruption: runner.Interruption{Abort: abort}}, c, nil)
		if r := got.results[1]; r.Outcome != runner.Errored || time.Since(start) != 0 {
			t.Errorf("after %s: %s", time.Since(start), got.story())
		}
	})
}

func TestLeavingTheLoopEndsTheRunAndTearsDown(t *testing.T) {
	t.Parallel()
	s := serve(func(http.ResponseWriter, *http.Request) {})
	c := load(t, `
requests:
  - {name: one, request: GET http://api.test/one}
  - {name: two, request: GET http://api.test/two}
teardown:
  - {name: remove, request: DELETE http://api.test/it}
`)
	for e := range new(runner.Runner{Transport: s}).Run(t.Context(), c, nil) {
		if _, ok := e.(runner.RequestFinished); ok {
			break
		}
	}
	if lines := s.lines(); !slices.Equal(lines, []string{"GET http://api.test/one", "DELETE http://api.test/it"}) {
		t.Errorf("sent %q", lines)
	}
}

func TestRetriesWaitAsTheServerAsksAndReportEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		s := serve(func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Since(start))
			switch len(at) {
			case 1:
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
			case 2:
				w.Header().Set("Retry-After", time.Now().Add(10*time.Second).UTC().Format(http.TimeFormat))
				w.WriteHeader(http.StatusServiceUnavailable)
			case 3:
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		c := load(t, `
requests:
  - name: flaky
    request: GET http://api.test/flaky
    retry: {times: 3, delay: 2s, backoff: exponential}
    expect: {status: 200}
`)
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		want := []time.Duration{0, 7 * time.Second, 17 * time.Second, 25 * time.Second} // asked, asked by date, 2 s doubled twice
		if !slices.Equal(at, want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
		r := got.results[0]
		if r.Outcome != runner.Passed || len(r.Attempts) != 4 || r.Duration != 25*time.Second {
			t.Fatalf("%s with %d attempts in %s", r.Outcome, len(r.Attempts), r.Duration)
		}
		same(t, strings.Join(r.Attempts[0].Problems, "\n"), "chain.yaml:6:22: status: got 429, want 200")
	})
}

func TestWhenSetAndDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(http.ResponseWriter, *http.Request) {})
		c := load(t, `
variables: {env: test}
requests:
  - name: first
    set: {run_id: "{{$guid}}"}
    request: GET http://api.test/{{run_id}}
    delay: 90s
  - name: second
    request: GET http://api.test/{{run_id}}
    when: {env: production}
  - name: third
    request: GET http://api.test/{{run_id}}
    when: {env: {not: production}}
`)
		start := time.Now()
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), "first: passed\nsecond: skipped (when env: got \"test\", want \"production\")\nthird: passed")
		lines := s.lines()
		if len(lines) != 2 || lines[0] != lines[1] || time.Since(start) != 90*time.Second {
			t.Errorf("after %s sent %q", time.Since(start), lines)
		}
	})
}

func TestCollectionsRunAtTheSameTimeAndAreSeenInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/0" {
				time.Sleep(time.Minute) // of the bubble's clock: the first collection is the slowest
			}
		})
		var jobs []runner.Job
		for i := range 20 {
			jobs = append(jobs, runner.Job{Collection: loadAs(t, fmt.Sprintf("%02d.yaml", i), fmt.Sprintf("requests: [{request: GET http://api.test/%d}]", i))})
		}
		start := time.Now()
		var order []string
		for e := range new(runner.Runner{Transport: s, Jobs: 4}).RunAll(t.Context(), jobs) {
			switch e := e.(type) {
			case runner.Started:
				order = append(order, e.Suite.File)
			case runner.Finished:
				order = append(order, "/"+e.Suite.File)
			case runner.RequestStarted, runner.RequestFinished:
			}
		}
		if !slices.IsSortedFunc(order, func(a, b string) int { return strings.Compare(strings.Trim(a, "/"), strings.Trim(b, "/")) }) || len(order) != 40 {
			t.Errorf("seen in the order %q", order)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("took %s, want one minute", took)
		}
	})
}
