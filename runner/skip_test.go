package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

func TestAResultSaysWhatKindOfReasonKeptARequestFromRunning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"conditions", `
variables: {empty: []}
requests:
  - {name: a, request: GET http://api.test/, when: {mode: {exists: true}}}
  - {name: b, request: "GET http://api.test/{{id}}", for_each: {id: "{{empty}}"}}`, `
a skipped "condition"
b skipped "condition"`},
		{"a capture that is missing", `
requests:
  - {name: a, request: GET http://api.test/, capture: {id: id}}
  - {name: b, request: "GET http://api.test/{{id}}", capture: {next: id}}
  - {name: c, request: "GET http://api.test/", for_each: {n: "{{next}}"}}`, `
a failed ""
b skipped "cause"
c skipped "cause"`},
		{"setup", `
setup: [{name: s, request: GET http://api.test/, expect: {status: 201}}]
requests: [{name: a, request: GET http://api.test/}]
teardown: [{name: t, request: GET http://api.test/}]`, `
s failed ""
a skipped "cause"
t passed ""`},
		{"a token", `
auth: {oauth2: {grant: client-credentials, token_url: http://api.test/no, client_id: c, client_secret: s}}
requests: [{name: a, request: GET http://api.test/}, {name: b, request: GET http://api.test/}]`, `
token exchange (client-credentials) errored ""
a skipped "cause"
b skipped "cause"`},
		{"values that cannot be had", `
requests: [{name: F, for_each: {n: "{{mode | default: none}}"}, requests: [{name: a, request: GET http://api.test/}, {name: b, request: GET http://api.test/}]}]`, `
a errored ""
b skipped "cause"`},
		{"--bail", `
requests: [{name: a, request: GET http://api.test/, expect: {status: 201}}, {name: b, request: GET http://api.test/}]`, `
a failed ""
b skipped "stop"`},
		{"a signal", `
requests: [{name: a, request: GET http://api.test/end}, {name: b, request: GET http://api.test/}]`, `
a passed ""
b skipped "stop"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, end := context.WithCancel(t.Context())
			defer end()
			s := serve(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/no" {
					w.WriteHeader(http.StatusUnauthorized)
				}
				fmt.Fprint(w, "{}")
			})
			results := &strings.Builder{}
			for e := range (&runner.Runner{Transport: s, Bail: test.name == "--bail"}).Run(ctx, load(t, test.text), nil) {
				f, ok := e.(runner.RequestFinished)
				if !ok {
					continue
				}
				fmt.Fprintf(results, "%s %s %q\n", f.Result.Name.Name, f.Result.Outcome, f.Result.Skip)
				if test.name == "a signal" {
					end()
				}
			}
			same(t, results.String(), test.want)
		})
	}
}
