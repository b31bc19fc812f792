package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestRequestsBeginEvenlySpacedAndWaitingIsNoPartOfThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var begun []time.Duration
		s := serve(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/oauth/token" {
				fmt.Fprint(w, `{"access_token": "token-number-1", "token_type": "Bearer", "expires_in": 3600}`)
			}
			time.Sleep(10 * time.Millisecond) // in a bubble
		})
		s.always = func(*http.Request) { begun = append(begun, time.Since(start)) }
		c := loadWith(t, "auth: {oauth2: {grant: client-credentials, token_url: http://api.test/oauth/token, client_id: c, client_secret: s3cr3t}}\n"+
			"data: rows.csv\nrequests: [{request: 'GET http://api.test/{{id}}', expect: {duration: {below: 11ms}}}]\n", map[string]string{"rows.csv": csvOf(5)})
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 4, Limits: runner.Limits{Every: 100 * time.Millisecond}}, c, nil)
		for _, r := range got.results {
			if r.Outcome != runner.Passed || r.Name.Phase == runner.Main && r.Duration > 20*time.Millisecond {
				t.Errorf("%s %s in %s: %v", r.Name.Name, r.Outcome, r.Duration, r.Problems)
			}
		}
		if len(begun) != 6 {
			t.Fatalf("got %d requests, want 6", len(begun))
		}
		for i, at := range begun {
			if want := time.Duration(i) * 100 * time.Millisecond; at != want {
				t.Errorf("request %d began after %s, want %s", i, at, want)
			}
		}
	})
}

func TestNoMoreThanTheLimitAreInFlightToOneHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most [2]atomic.Int64
		handler := func(i int) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				most[i].Store(max(most[i].Load(), now[i].Add(1)))
				time.Sleep(time.Second) // in a bubble
				now[i].Add(-1)
				if r.URL.Path == "/moved" {
					http.Redirect(w, r, "http://other.test/there", http.StatusFound)
				}
			}
		}
		s := serve(handler(0))
		s.hosts["other.test"] = handler(1)
		c := loadWith(t, "data: rows.csv\nrequests: [{request: 'GET http://API.test/{{id}}', headers: {Host: x}}, {request: GET http://api.test/moved, expect: {status: 200, duration: {at_most: 2s}}}]\n",
			map[string]string{"rows.csv": csvOf(20)})
		s.hosts["API.test"] = s.hosts["api.test"]
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 8, Limits: runner.Limits{PerHost: 2}}, c, nil)
		for _, r := range got.results {
			if r.Outcome != runner.Passed {
				t.Errorf("%s %s: %v", r.Name.Name, r.Outcome, r.Problems)
			}
		}
		if most[0].Load() != 2 || most[1].Load() != 2 {
			t.Errorf("got %d and %d at a time, want 2 to each host", most[0].Load(), most[1].Load())
		}
	})
}

func TestAnInterruptionWhileARequestWaitsIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, limits := range []runner.Limits{{Every: time.Hour}, {PerHost: 1}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			time.AfterFunc(time.Minute, interrupt)
			s := serve(func(_ http.ResponseWriter, r *http.Request) {
				if limits.PerHost > 0 {
					<-r.Context().Done()
				}
			})
			c := loadWith(t, "data: rows.csv\nrequests: [{name: R, request: 'GET http://api.test/{{id}}', timeout: 2h}]\n", map[string]string{"rows.csv": csvOf(1000)})
			got := run(ctx, &runner.Runner{Transport: s, Jobs: 3, Limits: limits}, c, nil)
			sent := len(s.lines())
			for _, r := range got.results[1:] {
				if r.Outcome != runner.Skipped || !strings.HasPrefix(r.Reason, "interrupted") || len(r.Attempts) > 0 {
					t.Errorf("%s %s: %s %v", r.Name.Name, r.Outcome, r.Reason, r.Problems)
				}
			}
			if sent != 1 {
				t.Errorf("got %d requests, want 1", sent)
			}
		})
	}
}

func TestWhatWasSignedBeforeALongWaitIsSignedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(http.ResponseWriter, *http.Request) {})
		var ages []time.Duration
		s.always = func(r *http.Request) {
			issued := time.Unix(int64(claims(t, r.Header.Get("X-JWT"))["iat"].(float64)), 0)
			ages = append(ages, time.Since(issued))
		}
		c := loadWith(t, "data: rows.csv\nrequests: [{request: 'GET http://api.test/{{id}}', assertion: {alg: HS256, key: "+strings.Repeat("k", 40)+", backdate: 0s}, headers: {X-JWT: '{{$assertion}}'}}]\n",
			map[string]string{"rows.csv": csvOf(4)})
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 4, Limits: runner.Limits{Every: 2 * time.Minute, PerHost: 1}}, c, nil)
		if len(ages) != 4 || len(got.results) != 4 {
			t.Fatalf("got %d requests\n%s", len(ages), got.story())
		}
		for _, age := range ages {
			if age > 2*time.Second {
				t.Errorf("an assertion was %s old when it was sent", age)
			}
		}
	})
}
