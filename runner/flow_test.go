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

// answers returns a handler that gives one body after the other, the last one for ever.
func answers(bodies ...string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, bodies[min(n, len(bodies)-1)])
		n++
	}
}

func TestARequestIsPolledUntilItsAnswerIsTheOneThatIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(answers(`{"status": "queued"}`, `{"status": "running"}`, `{"status": "done", "id": 7}`))
		c := load(t, `
requests:
  - name: Job
    request: GET http://api.test/job
    until: {json: {status: {not: {one_of: [queued, running]}}}}
    every: 5s
    expect: {json: {status: done}}
    capture: {id: id}
  - {name: Result, request: "GET http://api.test/{{id}}"}
`)
		start := time.Now()
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), "Job: passed\nResult: passed")
		r := got.results[0]
		if time.Since(start) != 10*time.Second || len(r.Attempts) != 3 || r.Tries() != 1 || r.Attempts[0].Step != runner.StepPoll || r.Expectations != 2 {
			t.Errorf("after %s: %d attempts, %d tries, %d expectations", time.Since(start), len(r.Attempts), r.Tries(), r.Expectations)
		}
		same(t, strings.Join(r.Attempts[0].Problems, "\n"), `chain.yaml:5:29: until json status: got "queued", want anything but one of "queued", "running"`)
	})
}

func TestAPollThatTakesTooLongSaysWhatItSawLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(answers(`{"status": "running"}`))
		c := load(t, `
requests:
  - {name: Job, request: GET http://api.test/job, until: {json: {status: done}}, every: 4s, for: 10s, expect: {status: 200}, capture: {id: id}}
  - {name: Result, request: "GET http://api.test/{{id}}"}
`)
		start := time.Now()
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), `
Job: failed
  chain.yaml:3:74 AssertionFailure until json status: got "running", want "done"
Result: skipped ("Job" failed and captured no id)`)
		if d := got.results[0].Problems[0].Details; time.Since(start) != 8*time.Second || !slices.Equal(d, []string{"asked 3 times in 8s; for: allows 10s"}) {
			t.Errorf("after %s: %q", time.Since(start), d)
		}
	})
}

func TestAPollEndsAtAnAnswerThatNobodyExpects(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ until, want string }{
		"nothing said of the status": {"{json: {status: done}}", "Job: failed\n  chain.yaml:3:5 AssertionFailure status: got 404, want below 400 (no expectation says otherwise)"},
		"waits for the status":       {"{status: 200}", "Job: passed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				s := serve(func(w http.ResponseWriter, _ *http.Request) {
					if n++; n < 3 {
						w.WriteHeader(http.StatusNotFound)
					}
				})
				c := load(t, "\nrequests:\n  - {name: Job, request: GET http://api.test/job, until: "+tt.until+"}\n")
				got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
				same(t, got.story(), tt.want)
			})
		})
	}
}

func TestAPollWaitsAsTheServerAsksAndRetriesWithin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		s := serve(func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Since(start))
			switch len(at) {
			case 1:
				w.Header().Set("Retry-After", "9")
			case 2:
				w.WriteHeader(http.StatusBadGateway)
			case 3:
				fmt.Fprint(w, "done")
			}
		})
		c := load(t, `
requests:
  - {name: Job, request: GET http://api.test/job, until: {text: done}, every: 1s, retry: {times: 1, delay: 3s, on: 5xx}, expect: {status: 200}}
`)
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), "Job: passed")
		if want := []time.Duration{0, 9 * time.Second, 12 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("asked at %v, want %v", at, want)
		}
		if r := got.results[0]; r.Tries() != 2 || len(r.Attempts) != 3 {
			t.Errorf("got %d tries of %d attempts, want 2 of 3", r.Tries(), len(r.Attempts))
		}
	})
}

func TestAnInterruptedPollIsNoPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithTimeout(t.Context(), 90*time.Second)
		defer interrupt()
		s := serve(answers("running"))
		c := load(t, `
requests:
  - {name: Job, request: GET http://api.test/job, until: {text: done}, every: 1m, for: 1h}
teardown:
  - {name: cancel, request: DELETE http://api.test/job}
`)
		got := run(ctx, &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), `
Job: errored
  chain.yaml:3:5 TransportError interrupted: until text: got "running", want "done"
cancel: passed`)
	})
}

const folders = `
requests:
  - name: Orders
    setup:
      - {name: make, request: POST http://api.test/make, capture: {id: id}}
    requests:
      - {name: read, request: "GET http://api.test/{{id}}"}
      - {name: again, request: "GET http://api.test/again/{{id}}"}
    teardown:
      - {name: remove, request: "DELETE http://api.test/{{id}}"}
  - {name: after, request: GET http://api.test/after}
`

func TestAFolderSetsUpAndTearsDown(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		broken string
		bail   bool
		want   string
	}{
		"passed": {"", false, "make: passed\nread: passed\nagain: passed\nremove: passed\nafter: passed"},
		"failed": {"/7", false, `
make: passed
read: failed
  chain.yaml:7:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
again: passed
remove: failed
  chain.yaml:10:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
after: passed`},
		"setup failed": {"/make", false, `
make: failed
  chain.yaml:5:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
read: skipped (setup "make" failed)
again: skipped (setup "make" failed)
remove: skipped ("make" failed and captured no id)
after: passed`},
		"bail": {"/again/7", true, `
make: passed
read: passed
again: failed
  chain.yaml:8:9 AssertionFailure status: got 503, want below 400 (no expectation says otherwise)
remove: passed
after: skipped (--bail after "again" failed)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == tt.broken {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				fmt.Fprint(w, `{"id": 7}`)
			})
			got := run(t.Context(), &runner.Runner{Transport: s, Bail: tt.bail}, load(t, folders), nil)
			same(t, got.story(), tt.want)
			for i, want := range []runner.Phase{runner.Setup, runner.Main, runner.Main, runner.Teardown} {
				if n := got.results[i].Name; n.Phase != want || !slices.Equal(n.Folders, []string{"Orders"}) {
					t.Errorf("%s is %s of %q, want %s of Orders", n.Name, n.Phase, n.Folders, want)
				}
			}
		})
	}
}

func TestAnInterruptedFolderIsTornDownAndALaterOneIsNot(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			interrupt()
		}
		fmt.Fprint(w, `{"id": 7}`)
	})
	c := load(t, `
requests:
  - name: First
    requests: [{name: read, request: GET http://api.test/1}]
    teardown: [{name: remove, request: DELETE http://api.test/1}]
  - name: Second
    setup: [{name: make, request: POST http://api.test/2}]
    requests: [{name: read, request: GET http://api.test/2}]
    teardown: [{name: remove, request: DELETE http://api.test/2}]
teardown: [{name: last, request: DELETE http://api.test/all}]
`)
	got := run(ctx, &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), `
read: errored
  chain.yaml:4:16 TransportError interrupted before the answer came
remove: passed
make: skipped (interrupted)
read: skipped (interrupted)
remove: skipped (interrupted)
last: passed`)
}

func TestAllTeardownAfterAnInterruptionSharesOneGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		s := serve(func(_ http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				interrupt()
				return
			}
			select {
			case <-time.After(20 * time.Second):
			case <-r.Context().Done():
			}
		})
		c := load(t, `
requests:
  - name: First
    requests: [{name: read, request: GET http://api.test/1}]
    teardown: [{name: remove, request: DELETE http://api.test/1}]
teardown: [{name: last, request: DELETE http://api.test/all}]
`)
		start := time.Now()
		got := run(ctx, &runner.Runner{Transport: s}, c, nil)
		if took := time.Since(start); took != 30*time.Second || got.results[1].Outcome != runner.Passed || got.results[2].Outcome != runner.Errored {
			t.Errorf("after %s: %s", took, got.story())
		}
	})
}
