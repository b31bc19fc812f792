package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// signature is an assertion that a request would send, or why it cannot be signed.
type signature struct {
	request  string // that sends it first
	pos      source.Pos
	jwt      string
	err      error
	warnings []*source.Error
}

// mintFrom signs what a collection would send.
func mintFrom(c *cobra.Command, t *target, paths []string) (string, error) {
	l, err := t.load(c.Context(), paths, toRun)
	if err != nil {
		return "", err
	}
	defer l.close()
	var found []signature
	for _, job := range l.jobs {
		found = append(found, signatures(c.Context(), job)...)
	}
	switch len(found) {
	case 0:
		return "", errors.New("nothing is signed there: no request has assertion:, and no oauth2 block signs one")
	case 1:
		for _, w := range found[0].warnings {
			fmt.Fprintf(c.ErrOrStderr(), "%v\n", w)
		}
		return found[0].jwt, found[0].err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d assertions are signed there; choose the request of one:", len(found))
	for _, s := range found {
		if s.err != nil {
			fmt.Fprintf(&b, "\n  --only %q: %v", s.request, s.err)
			continue
		}
		fmt.Fprintf(&b, "\n  --only %q: %s", s.request, s.pos)
	}
	return "", errors.New(b.String())
}

// signatures signs every assertion of a collection once, however many requests share it. Requests that were only selected
// because others need them do not count.
func signatures(ctx context.Context, job runner.Job) []signature {
	scope, _ := job.Collection.Sample(known(job)) // an error is told by check
	seen := map[collections.Holder]bool{}         // of pointers, which are what oauth2 blocks are
	var found []signature
	for _, r := range job.Collection.Requests() {
		s, _ := r.In(scope) // a parameter that is not known is told by who needs it
		if r.Needed {
			continue
		}
		if r.Assertion != nil {
			found = append(found, signRequest(r, s)) // each request has its own
		}
		if r.Auth == nil || !strings.HasPrefix(r.Auth.String(), "oauth2 ") || seen[r.Holder()] {
			continue
		}
		seen[r.Holder()] = true
		if one, signs := signAuth(ctx, r.Auth, s); signs {
			one.request = r.Path()
			found = append(found, one)
		}
	}
	return found
}

// signRequest signs the assertion: of a request.
func signRequest(r *collections.Request, s *vars.Scope) signature {
	found := signature{request: r.Path()}
	found.pos, _ = r.Assertion.Place("")
	audience, err := r.Message.URL.Expand(s)
	if err == nil {
		found.jwt, err = r.Assertion.Mint(s, assertions.Defaults{Audience: audience})
	}
	found.err, found.warnings = err, r.Assertion.Warnings()
	return found
}

// signAuth lets an oauth2 block make its token request and takes the assertion out of it. It is not sent.
func signAuth(ctx context.Context, a auth.Authorizer, s *vars.Scope) (found signature, signs bool) {
	catch := &catcher{}
	err := a.Authorize(ctx, &wire.Request{Method: http.MethodGet, URL: "https://localhost.invalid/", Header: http.Header{}},
		auth.Session{Scope: s, Sender: catch, Tokens: &auth.Tokens{}})
	switch {
	case catch.found.jwt != "" || catch.found.err != nil:
		return catch.found, true
	case err != nil && !errors.Is(err, errCaught):
		return signature{err: err}, true
	}
	return signature{}, false
}

// catcher is a Sender that sends nothing.
type catcher struct{ found signature }

var errCaught = errors.New("nothing is sent here")

// Send keeps the assertion of a token request.
func (c *catcher) Send(_ context.Context, call auth.Call) error {
	if call.Request.Method != http.MethodPost {
		c.found = signature{pos: call.Pos, err: call.Pos.Errorf("the token URL is asked of the server, and mint sends nothing; write token_url")}
		return errCaught
	}
	form, err := url.ParseQuery(string(call.Request.Body))
	if err != nil {
		return errCaught
	}
	for _, name := range []string{"assertion", "client_assertion"} {
		if jwt := form.Get(name); jwt != "" {
			c.found = signature{pos: call.Pos, jwt: jwt}
		}
	}
	return errCaught
}
