package runner_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

func TestEachExpectationIsTold(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/html":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<h1>no JSON</h1>")) // to memory
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
		case "/late":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = w.Write([]byte(`{"total": 2, "name": "Ada"}`)) // to memory
		}
	})
	for _, row := range []struct {
		name, request string
		want          []string
	}{
		{"all hold", "{request: GET http://api.test/, expect: {status: 200, json: {total: {at_least: 1, below: 3}}}}",
			[]string{"status passed", "json total at_least passed", "json total below passed"}},
		{"one does not", "{request: GET http://api.test/, expect: {status: 200, json: {total: {at_least: 1, below: 2}}, text: {contains: Ada}}}",
			[]string{"status passed", "json total at_least passed", "json total below failed", "text contains passed"}},
		{"what is missing is judged once", "{request: GET http://api.test/, expect: {json: {age: {at_least: 1, below: 200}, name: Ada}}}",
			[]string{"json age at_least failed", "json age below skipped", "json name passed"}},
		{"what cannot be read is judged once", "{request: GET http://api.test/html, expect: {json: {age: {at_least: 1, below: 200}, name: Ada}, status: 200}}",
			[]string{"json age at_least failed", "json age below skipped", "json name skipped", "status passed"}},
		{"nothing is expected of a status", "{request: GET http://api.test/500, expect: {headers: {ETag: {exists: false}}}}", []string{"header ETag exists passed"}},
		{"nothing is expected", "{request: GET http://api.test/}", nil},
		{"no answer", "{request: GET http://nobody.test/, expect: {status: 200}}", nil},
		{"a capture", "{request: GET http://api.test/, expect: {status: 200}, capture: {id: id}}", []string{"status passed"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := run(t.Context(), &runner.Runner{Transport: s}, load(t, "requests: ["+row.request+"]"), nil)
			var told []string
			if last := got.results[0].Last(); last != nil {
				for _, j := range last.Judged {
					told = append(told, fmt.Sprint(j.Name, " ", j.Outcome))
				}
			}
			if !slices.Equal(told, row.want) {
				t.Errorf("got %q, want %q", told, row.want)
			}
		})
	}
}

func TestAFailedExpectationHasThePlaceOfItsProblem(t *testing.T) {
	t.Parallel()
	s := serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	c := load(t, "requests:\n  - request: GET http://api.test/\n    retry: {times: 1, delay: 1ms}\n    expect:\n      status: 200\n")
	got := run(t.Context(), &runner.Runner{Transport: s}, c, nil)
	r := got.results[0]
	if len(r.Attempts) != 2 || r.Attempts[0].Judged != nil || len(r.Attempts[1].Judged) != 1 {
		t.Fatalf("got %+v, want two attempts and the last one judged", r.Attempts)
	}
	if j := r.Attempts[1].Judged[0]; j.Pos != r.Problems[0].Pos || j.Outcome != runner.Failed || j.Pos.Line != 5 {
		t.Errorf("got %+v, want it failed at %v", j, r.Problems[0].Pos)
	}
}

func TestTheNameOfAnExpectationHoldsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-identifier-1"
	s := serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"a": []}`)) }) // to memory
	c := load(t, `requests: [{request: GET http://api.test/, expect: {json: {'a.#(id=="`+secret+`").use': {exists: false}}}}]`)
	got := run(t.Context(), &runner.Runner{Transport: s}, c, environment(nil, map[string]string{"key": secret}))
	if name := got.results[0].Last().Judged[0].Name; !strings.HasPrefix(name, `json a.#(id=="‹key sha256:`) || strings.Contains(name, secret) {
		t.Errorf("got %q, want a mask for the key", name)
	}
}
