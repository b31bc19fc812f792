package runner_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// paged answers with three pages of two ids each, whichever way it is asked.
func paged(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	at := 0
	_, _ = fmt.Sscan(q.Get("offset"), &at)
	link := ""
	if at < 4 {
		next := fmt.Sprintf("http://api.test/list?size=2&offset=%d", at+2)
		w.Header().Add("Link", `<http://api.test/first>; rel=first, </list?size=2&a="b,c"&offset=`+fmt.Sprint(at+2)+`>; title="a, b"; rel="last next"`)
		link = fmt.Sprintf(`{"relation": "next", "url": %q}`, next)
	}
	fmt.Fprintf(w, `{"total": 6, "ids": [%d, %d], "link": [%s]}`, at+1, at+2, link)
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ paginate, sent, ids string }{
		"FHIR":          {"fhir", "POST list|GET list?size=2&offset=2|GET list?size=2&offset=4", "1,2,3,4,5,6"},
		"Link":          {"link", `POST list|GET list?size=2&a="b,c"&offset=2|GET list?size=2&a="b,c"&offset=4`, "1,2,3,4,5,6"},
		"path":          {"'link.0.url'", "POST list|GET list?size=2&offset=2|GET list?size=2&offset=4", "1,2,3,4,5,6"},
		"offset, total": {"{offset: {param: offset, size: 2, total: total}}", "POST list?offset=0|POST list?offset=2|POST list?offset=4", "1,2,3,4,5,6"},
		"max":           {"{next: fhir, max: 2}", "POST list|GET list?size=2&offset=2", "1,2,3,4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(paged)
			c := load(t, `
requests:
  - name: All
    request: POST http://api.test/list
    form: {a: b}
    paginate: `+tt.paginate+`
    expect: {json: {"ids.#": 2}}
    capture: {page: ids}
    collect: {ids: page}
  - {name: Use, request: "GET http://api.test/use?ids={{ids}}"}
`)
			got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
			same(t, got.story(), "All: passed\nUse: passed")
			lines := s.lines()
			sent := strings.ReplaceAll(strings.Join(lines[:len(lines)-1], "|"), "http://api.test/", "")
			if want := "GET http://api.test/use?ids=[" + tt.ids + "]"; sent != tt.sent || lines[len(lines)-1] != want {
				t.Errorf("sent %s\nthen %s", sent, lines[len(lines)-1])
			}
			if s.seen[1].Method == http.MethodGet && (s.seen[1].Body != "" || s.seen[1].Header.Get("Content-Type") != "") {
				t.Errorf("a page was asked for with a body: %+v", s.seen[1])
			}
			if r := got.results[0]; r.Tries() != 1 || r.Attempts[0].Step != runner.StepPage || len(r.Attempts) != len(lines)-1 {
				t.Errorf("got %+v", r.Attempts)
			}
		})
	}
}

func TestPagesThatGoWrongAreFailures(t *testing.T) {
	t.Parallel()
	next := func(url string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"link": [{"relation": "next", "url": %q}]}`, url)
		}
	}
	for name, tt := range map[string]struct {
		handler  http.HandlerFunc
		paginate string
		want     string
	}{
		"in a circle": {next("/list"), "fhir", "paginate: page 1: the next page is one that was read already: http://api.test/list"},
		"elsewhere": {next("https://evil.test/list"), "fhir",
			"paginate: page 1: leads to https://evil.test, and credentials stay at http://api.test; name both in the environment's hosts: to allow it"},
		"no URL":   {answers(`{"next": {"a": 1}}`), "next", "paginate: page 1: json next: got {\"a\":1}, want the URL of the next page"},
		"no total": {answers(`{}`), "{offset: {param: o, size: 1, total: total}}", "paginate: page 1: json total: nothing there, want how many there are"},
		"a page that is not as expected": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "" {
				w.WriteHeader(http.StatusBadGateway)
			}
			next("?page=2")(w, r)
		}, "fhir", "page 2: status: got 502, want below 400 (no expectation says otherwise)"},
		"without an end": {func(w http.ResponseWriter, r *http.Request) { next("/list?x"+r.URL.RawQuery)(w, r) }, "fhir",
			"paginate: page 1000: there is one more page after 1000; set max: to read fewer or more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, "\nrequests: [{name: All, request: GET http://api.test/list, paginate: "+tt.paginate+"}]")
			got := run(t.Context(), &runner.Runner{Transport: serve(tt.handler)}, c, nil)
			same(t, got.story(), "All: failed\n  chain.yaml:2:12 AssertionFailure "+tt.want)
		})
	}
}

func TestPagesOfItemsEndWithAnEmptyOne(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		items := ""
		if r.URL.Query().Get("page") < "3" {
			items = `"a"`
		}
		fmt.Fprintf(w, `{"items": [%s]}`, items)
	})
	c := load(t, "requests: [{name: All, request: 'GET http://api.test/list?page=9&n=1', paginate: {offset: {param: page, start: 1, size: 1, items: items}}}]")
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	same(t, got.story(), "All: passed")
	same(t, strings.Join(s.lines(), "|"), "GET http://api.test/list?n=1&page=1|GET http://api.test/list?n=1&page=2|GET http://api.test/list?n=1&page=3")
}

func TestAnAnswerThatComesLaterIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		s := serve(func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Since(start))
			switch len(at) {
			case 1:
				w.Header().Set("Content-Location", "/status/7")
				w.WriteHeader(http.StatusAccepted)
			case 2:
				w.Header().Set("X-Progress", "50%")
				w.Header().Set("Retry-After", "20")
				w.WriteHeader(http.StatusAccepted)
			case 3:
				w.Header().Set("Retry-After", "5")
				w.WriteHeader(http.StatusTooManyRequests)
			default:
				fmt.Fprint(w, `{"output": [1]}`)
			}
		})
		c := load(t, `
requests:
  - {name: Export, request: POST http://api.test/$export, json: {a: 1}, async: {every: 2s}, expect: {status: 200, json: {"output.#": 1}}, capture: {files: output}}
`)
		got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
		same(t, got.story(), "Export: passed")
		same(t, strings.Join(s.lines(), "\n"), "POST http://api.test/$export"+strings.Repeat("\nGET http://api.test/status/7", 3))
		if want := "[0s 2s 22s 27s]"; fmt.Sprint(at) != want || s.seen[0].Header.Get("Prefer") != "respond-async" || s.seen[1].Header.Get("Prefer") != "" {
			t.Errorf("asked at %v, want %s; %v", at, want, s.seen[0].Header)
		}
	})
}

func TestAJobThatFailsOrTakesTooLongIsAFailure(t *testing.T) {
	t.Parallel()
	accepted := func(w http.ResponseWriter, location string) {
		w.Header().Set("Location", location)
		w.Header().Set("X-Progress", "10%")
		w.WriteHeader(http.StatusAccepted)
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"fails": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/status" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			accepted(w, "/status")
		}, "Export: failed\n  chain.yaml:1:89 AssertionFailure status: got 500, want 200"},
		"too long":  {func(w http.ResponseWriter, _ *http.Request) { accepted(w, "/status") }, "Export: failed\n  chain.yaml:1:12 AssertionFailure async: the job is not done (10%)"},
		"elsewhere": {func(w http.ResponseWriter, _ *http.Request) { accepted(w, "http://evil.test/status") }, "Export: errored\n  chain.yaml:1:12 ConfigError async: the status leads to http://evil.test, and credentials stay at http://api.test; name both in the environment's hosts: to allow it"},
		"nowhere":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, "Export: failed\n  chain.yaml:1:89 AssertionFailure status: got 202, want 200"},
		"at once":   {answers("{}"), "Export: passed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c := load(t, "requests: [{name: Export, request: GET http://api.test/x, async: true, expect: {status: 200}}]")
				got := run(t.Context(), &runner.Runner{Transport: serve(tt.handler)}, c, nil)
				same(t, got.story(), tt.want)
				if limit := 10 * time.Minute; time.Since(start) > limit {
					t.Errorf("took %s, want at most %s", time.Since(start), limit)
				}
			})
		})
	}
}
