package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// csvOf is a file of rows with ids from 1.
func csvOf(rows int) string {
	var b strings.Builder
	b.WriteString("id\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d\n", i+1)
	}
	return b.String()
}

func TestEachRowIsARoundOfItsOwn(t *testing.T) {
	t.Parallel()
	const yaml = `
data: people.csv
setup:
  - {name: Log in, request: POST http://api.test/login, capture: {session: id}}
requests:
  - name: Make
    request: POST http://api.test/{{session}}/{{name}}
    capture: {made: id}
  - name: Folder
    setup: [{name: Open, request: "GET http://api.test/open/{{id}}"}]
    requests: [{name: Read, request: "GET http://api.test/{{made}}/{{$iteration}}/{{$row.name}}", for_each: [a, b]}]
    teardown: [{name: Remove, request: "DELETE http://api.test/{{made}}"}]
teardown:
  - {name: Log out, request: "POST http://api.test/logout/{{session}}"}
`
	want := `
Log in: passed
Make [row 1]: passed
Open [row 1]: passed
Read [a] [row 1]: passed
Read [b] [row 1]: passed
Remove [row 1]: passed
Make [row 2]: failed
  chain.yaml:6:5  status: got 500, want below 400 (no expectation says otherwise)
Open [row 2]: passed
Read [a] [row 2]: skipped ("Make [row 2]" failed and captured no made)
Read [b] [row 2]: skipped ("Make [row 2]" failed and captured no made)
Remove [row 2]: skipped ("Make [row 2]" failed and captured no made)
Make [row 3]: passed
Open [row 3]: passed
Read [a] [row 3]: passed
Read [b] [row 3]: passed
Remove [row 3]: passed
Log out: passed`
	for _, jobs := range []int{0, 1, 4} {
		s := serve(func(w http.ResponseWriter, r *http.Request) {
			switch cookie, _ := r.Cookie("row"); {
			case r.URL.Path == "/login":
				http.SetCookie(w, &http.Cookie{Name: "login", Value: "yes", Path: "/"})
				fmt.Fprint(w, `{"id": "s1"}`)
			case strings.HasSuffix(r.URL.Path, "/Bo"):
				w.WriteHeader(http.StatusInternalServerError)
			case r.Method == http.MethodPost:
				login, err := r.Cookie("login")
				if err != nil || login.Value != "yes" || cookie != nil {
					t.Errorf("%s came with cookies %v, want that of setup alone", r.URL, r.Cookies())
				}
				http.SetCookie(w, &http.Cookie{Name: "row", Value: r.URL.Path, Path: "/"})
				fmt.Fprintf(w, `{"id": "m-%s"}`, r.URL.Path[4:])
			}
		})
		c := loadWith(t, yaml, map[string]string{"people.csv": "id,name\n7,Ann\n8,Bo\n9,Cy\n"})
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: jobs}, c, nil)
		story := strings.ReplaceAll(got.story(), "AssertionFailure ", " ")
		same(t, strings.ReplaceAll(story, "  chain.yaml:6:5  ", "  chain.yaml:6:5  "), want)
		lines := s.lines()
		for _, sent := range []string{"GET http://api.test/m-Ann/1/Ann", "GET http://api.test/m-Cy/3/Cy", "DELETE http://api.test/m-Cy"} {
			if !slices.Contains(lines, sent) {
				t.Errorf("-j %d: %s was not sent", jobs, sent)
			}
		}
		if first := got.results[3].Name; first.Row != 1 || first.Label != "row 1" || first.Base() != "Read [a]" || strings.Join(first.Folders, "/") != "Folder" {
			t.Errorf("got %+v", first)
		}
	}
}

func TestRowsAreReportedInTheirOrderWhateverEndsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		s := serve(func(_ http.ResponseWriter, r *http.Request) {
			n := now.Add(1)
			most.Store(max(most.Load(), n))
			time.Sleep(time.Duration(1+len(r.URL.Path)*7%5) * time.Second) // in a bubble
			now.Add(-1)
		})
		c := loadWith(t, "data: rows.csv\nrequests: [{name: R, request: 'GET http://api.test/{{id}}'}]\n", map[string]string{"rows.csv": csvOf(100)})
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 8}, c, nil)
		for i, r := range got.results {
			same(t, r.Name.Name, fmt.Sprintf("R [row %d]", i+1))
		}
		if most.Load() != 8 || len(got.results) != 100 {
			t.Errorf("got %d results, %d at a time; want 100, 8 at a time", len(got.results), most.Load())
		}
	})
}

func TestASlowRowHoldsTheOthersBackAndKeepsFewOfThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		s := serve(func(_ http.ResponseWriter, r *http.Request) {
			begun.Add(1)
			if r.URL.Path == "/1" {
				time.Sleep(10 * time.Second) // in a bubble
			}
		})
		c := loadWith(t, "data: rows.csv\nrequests: [{request: 'GET http://api.test/{{id}}'}]\n", map[string]string{"rows.csv": csvOf(1000)})
		go func() {
			time.Sleep(5 * time.Second)
			if n := begun.Load(); n < 8 || n > 32 {
				t.Errorf("while the first row runs, %d rows began; want 32 at most", n)
			}
		}()
		if got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 8}, c, nil); len(got.results) != 1000 {
			t.Errorf("got %d results, want 1000", len(got.results))
		}
	})
}

func TestCollectionsAndTheirRowsTogetherAreNoMoreThanJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		s := serve(func(http.ResponseWriter, *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second) // in a bubble
			now.Add(-1)
		})
		var jobs []runner.Job
		for i := range 6 {
			yaml := "requests: [{name: A, request: GET http://api.test/}, {name: B, request: GET http://api.test/}]\nteardown: [{name: T, request: GET http://api.test/}]\n"
			switch i % 3 {
			case 0:
				yaml += "data: rows.csv\n"
			case 1:
				yaml += "data: {csv: rows.csv, in_order: true}\n"
			}
			jobs = append(jobs, runner.Job{Collection: loadWith(t, yaml, map[string]string{"rows.csv": csvOf(20)})})
		}
		var suites []string
		counts := map[int]int{}
		for e := range (&runner.Runner{Transport: s, Jobs: 4}).RunAll(t.Context(), jobs) {
			switch e := e.(type) {
			case runner.Started:
				suites = append(suites, fmt.Sprint(e.Suite.Index))
			case runner.RequestFinished:
				counts[e.Suite.Index]++
			}
		}
		same(t, strings.Join(suites, " "), "0 1 2 3 4 5")
		same(t, fmt.Sprint(counts), "map[0:41 1:41 2:3 3:41 4:41 5:3]")
		if most.Load() != 4 {
			t.Errorf("got %d requests at a time, want 4", most.Load())
		}
	})
}

func TestRowsInOrderRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := serve(func(http.ResponseWriter, *http.Request) {})
	c := loadWith(t, "data: {csv: rows.csv, in_order: true}\nrequests: [{request: 'GET http://api.test/{{id}}'}]\n", map[string]string{"rows.csv": csvOf(50)})
	run(t.Context(), &runner.Runner{Transport: s, Jobs: 8}, c, nil)
	for i, line := range s.lines() {
		same(t, line, fmt.Sprintf("GET http://api.test/%d", i+1))
	}
}

func TestWhatEndsTheRowsIsOneResult(t *testing.T) {
	t.Parallel()
	const one = "requests: [{name: R, request: 'GET http://api.test/{{id}}'}, {name: After, request: GET http://api.test/}]\n"
	for _, tt := range []struct {
		name, yaml, rows string
		bail             bool
		want             string
	}{
		{"a broken row", "data: rows.csv\n" + one, "id\n1\n2,3\n4\n", false, `
R [row 1]: passed
After [row 1]: passed
[data]: errored
  rows.csv:3:1 ConfigError wrong number of fields`},
		{"--bail", "data: rows.csv\n" + one, "id\n1\nbad\n3\n4\n", true, `
R [row 1]: passed
After [row 1]: passed
R [row 2]: failed
  chain.yaml:2:12 AssertionFailure status: got 500, want below 400 (no expectation says otherwise)
After [row 2]: skipped (--bail after "R [row 2]" failed)
[data]: skipped (--bail after "R [row 2]" failed; rows from 3 on were not begun)`},
		{"--bail in the last row", "data: rows.csv\n" + one, "id\n1\nbad\n", true, `
R [row 1]: passed
After [row 1]: passed
R [row 2]: failed
  chain.yaml:2:12 AssertionFailure status: got 500, want below 400 (no expectation says otherwise)
After [row 2]: skipped (--bail after "R [row 2]" failed)`},
		{"setup", "data: rows.csv\nsetup: [{name: In, request: GET http://api.test/bad}]\n" + one, "id\n1\n2\n", false, `
In: failed
  chain.yaml:2:9 AssertionFailure status: got 500, want below 400 (no expectation says otherwise)
[data]: skipped (setup "In" failed; no row was begun)`},
		{"no row", "data: rows.csv\n" + one, "id\n", false, `
[data]: errored
  chain.yaml:1:7 ConfigError rows.csv has no row; a run without one would test nothing`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, jobs := range []int{0, 1} {
				s := serve(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/bad" {
						w.WriteHeader(http.StatusInternalServerError)
					}
				})
				got := run(t.Context(), &runner.Runner{Transport: s, Jobs: jobs, Bail: tt.bail}, loadWith(t, tt.yaml, map[string]string{"rows.csv": tt.rows}), nil)
				same(t, got.story(), tt.want)
			}
		})
	}
}

func TestBailLetsTheRowsUnderWayEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second) // in a bubble
			if r.URL.Path == "/2" {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		c := loadWith(t, "data: rows.csv\nrequests: [{name: R, request: 'GET http://api.test/{{id}}'}]\n", map[string]string{"rows.csv": csvOf(100000)})
		got := run(t.Context(), &runner.Runner{Transport: s, Jobs: 4, Bail: true}, c, nil)
		last := got.results[len(got.results)-1]
		if n := len(got.results); n < 5 || n > 9 || last.Outcome != runner.Skipped || last.Reason != fmt.Sprintf(`--bail after "R [row 2]" failed; rows from %d on were not begun`, n) {
			t.Errorf("got %d results, the last %+v", n, last)
		}
	})
}

func TestAnInterruptionEndsTheRowsAndInventsNone(t *testing.T) {
	t.Parallel()
	for _, jobs := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			s := serve(func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-time.After(time.Second): // in a bubble
				case <-r.Context().Done():
				}
			})
			time.AfterFunc(2500*time.Millisecond, interrupt)
			c := loadWith(t, "data: rows.csv\nrequests: [{name: R, request: 'GET http://api.test/{{id}}'}, {name: After, request: GET http://api.test/}]\nteardown: [{name: T, request: GET http://api.test/}]\n",
				map[string]string{"rows.csv": csvOf(100000)})
			got := run(ctx, &runner.Runner{Transport: s, Jobs: jobs}, c, nil)
			n := len(got.results)
			if n != 2+4*jobs || !strings.HasPrefix(got.results[n-2].Reason, "interrupted; rows from ") || got.results[n-1].Outcome != runner.Passed {
				t.Errorf("-j %d: got\n%s", jobs, got.story())
			}
		})
	}
}

func TestWhoLeavesEarlyEndsTheRows(t *testing.T) {
	t.Parallel()
	for _, jobs := range []int{1, 4} {
		s := serve(func(http.ResponseWriter, *http.Request) {})
		var all []runner.Job
		for range 3 {
			all = append(all, runner.Job{Collection: loadWith(t, "data: rows.csv\nrequests: [{request: 'GET http://api.test/{{id}}'}]\n", map[string]string{"rows.csv": csvOf(100000)})})
		}
		heard := 0
		for range (&runner.Runner{Transport: s, Jobs: jobs}).RunAll(t.Context(), all) {
			if heard++; heard == 100 {
				break
			}
		}
		if sent := len(s.lines()); sent > 50000 {
			t.Errorf("-j %d: %d requests were sent after nobody listened", jobs, sent)
		}
	}
}

func TestRowsAreNamedByTheirColumnsAndNoNameStandsTwice(t *testing.T) {
	t.Parallel()
	const yaml = "data: {csv: rows.csv, name: '{{who}}', secrets: [pin]}\nrequests: [{name: R, request: 'GET http://api.test/{{who | urlencode}}'}]\n"
	want := "R [Ann]|R [Bo]|R [Ann #2]|R [Ann #2 #2]|R [row 5]|R [Ann #3]|R [‹pin sha256:8aca4aca›]"
	for _, jobs := range []int{1, 4} {
		c := loadWith(t, yaml, map[string]string{"rows.csv": "who,pin\nAnn,1111\nBo,2222\nAnn,3333\nAnn #2,4444\n,5555\nAnn,6666\nsecret-7,secret-7\n"})
		got := run(t.Context(), &runner.Runner{Transport: serve(func(http.ResponseWriter, *http.Request) {}), Jobs: jobs}, c, nil)
		var names []string
		for _, r := range got.results {
			names = append(names, r.Name.Name)
		}
		if i := strings.LastIndex(want, "sha256:"); !strings.HasPrefix(strings.Join(names, "|"), want[:i]) {
			t.Errorf("got %q, want %q", strings.Join(names, "|"), want)
		}
		if strings.Contains(got.text(t), "secret-7") {
			t.Error("the value of a secret column is shown")
		}
	}
}

func TestASeedRepeatsARowWhateverRunsBesideIt(t *testing.T) {
	t.Parallel()
	sent := func(jobs int) string {
		s := serve(func(http.ResponseWriter, *http.Request) {})
		c := loadWith(t, "data: {rows: [{id: a, own: '{{$guid}}'}, {id: b, own: '{{$guid}}'}, {id: c, own: '{{$guid}}'}, {id: d, own: '{{$guid}}'}]}\n"+
			"requests: [{request: 'GET http://api.test/{{id}}/{{$guid}}/{{own}}/{{$iteration}}/{{$iterationCount}}'}, {request: 'GET http://api.test/{{id}}/{{own}}/{{$randomInt}}'}]\n", nil)
		run(t.Context(), &runner.Runner{Transport: s, Jobs: jobs, Seed: 9}, c, nil)
		lines := s.lines()
		slices.Sort(lines)
		return strings.Join(slices.Compact(lines), "\n")
	}
	first := sent(1)
	same(t, sent(4), first)
	same(t, fmt.Sprint(strings.Count(first, "\n")), "7")
}
