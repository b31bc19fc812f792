package auth_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

const tokenURL = "https://as.example/oauth/token"

// read reads the value of auth: from a file a.yaml.
func read(t *testing.T, yaml string) auth.Authorizer {
	t.Helper()
	a, err := parse(yaml)
	if err != nil {
		t.Fatal(err)
	}
	if a == nil {
		t.Fatal("got no authorizer and no problem")
	}
	return a
}

func parse(yaml string) (auth.Authorizer, error) {
	var a auth.Authorizer
	err := source.Parse("a.yaml", []byte(yaml), func(n source.Node) { a = auth.Read(n) })
	return a, err
}

// desk is a Sender that hands every call to a function that stands for the server.
type desk struct {
	answer func(nth int, c auth.Call) (*wire.Response, error)

	mu    sync.Mutex
	calls []auth.Call
}

func (d *desk) Send(_ context.Context, c auth.Call) error {
	d.mu.Lock()
	d.calls = append(d.calls, c)
	nth := len(d.calls)
	d.mu.Unlock()
	start := time.Now()
	r, err := d.answer(nth, c)
	if err != nil {
		return err
	}
	return c.Judge(&wire.Exchange{Request: c.Request, Response: r, Timings: wire.Timings{Start: start}})
}

// names returns the names of the calls that were sent.
func (d *desk) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := make([]string, len(d.calls))
	for i, c := range d.calls {
		names[i] = c.Name
	}
	return names
}

// says is a server that always gives the same answer.
func says(status int, contentType, body string) func(int, auth.Call) (*wire.Response, error) {
	return func(int, auth.Call) (*wire.Response, error) { return response(status, contentType, body), nil }
}

func response(status int, contentType, body string) *wire.Response {
	r := &wire.Response{Status: status, Reason: http.StatusText(status), Header: http.Header{}, Body: []byte(body)}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// numbered is a server whose tokens are token-1, token-2 and so on; more are further members of its answers.
func numbered(more string) func(int, auth.Call) (*wire.Response, error) {
	return func(nth int, _ auth.Call) (*wire.Response, error) {
		return response(200, "application/json", fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer"%s}`, nth, more)), nil
	}
}

// session returns a session whose variables are name, value, name, value …
func session(d auth.Sender, pairs ...string) auth.Session {
	values := map[string]vars.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = vars.Value{Text: pairs[i+1]}
	}
	return auth.Session{
		Scope:  vars.NewScope(nil, vars.Layer{Name: "environment", Values: values}),
		Sender: d,
		Tokens: &auth.Tokens{},
	}
}

// request is a request without credentials.
func request() *wire.Request {
	return &wire.Request{Method: "GET", URL: "https://api.example/Patient", Header: http.Header{"Accept": {"*/*"}}}
}

// authorize authorizes a request and returns its Authorization header.
func authorize(t *testing.T, a auth.Authorizer, s auth.Session) string {
	t.Helper()
	req := request()
	if err := a.Authorize(t.Context(), req, s); err != nil {
		t.Fatal(err)
	}
	return req.Header.Get("Authorization")
}

// refused authorizes a request that must not get credentials and returns the error's text.
func refused(t *testing.T, a auth.Authorizer, s auth.Session, req *wire.Request) string {
	t.Helper()
	before := fmt.Sprint(*req)
	err := a.Authorize(t.Context(), req, s)
	if err == nil {
		t.Fatalf("got %s, want an error", dump(*req))
	}
	if after := fmt.Sprint(*req); after != before {
		t.Errorf("an error left the request changed: %s", after)
	}
	return err.Error()
}

// dump writes a request byte for byte, its headers sorted.
func dump(r wire.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, v := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	if r.Body != nil {
		fmt.Fprintf(&b, "\n%s", r.Body)
	}
	return b.String()
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}
