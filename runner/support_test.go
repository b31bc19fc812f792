package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// server answers requests in the process and remembers them.
type server struct {
	mu     sync.Mutex
	hosts  map[string]http.HandlerFunc
	seen   []seen
	always func(*http.Request) // called for each request, before its handler
}

// seen is one request as it arrived.
type seen struct {
	Method, URL, Body string
	Header            http.Header
}

func serve(handler http.HandlerFunc) *server {
	return &server{hosts: map[string]http.HandlerFunc{"api.test": handler}}
}

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	body := ""
	if req.Body != nil {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	s.mu.Lock()
	s.seen = append(s.seen, seen{req.Method, req.URL.String(), body, req.Header.Clone()})
	s.mu.Unlock()
	if s.always != nil {
		s.always(req)
	}
	handler, ok := s.hosts[req.URL.Host]
	if !ok {
		return nil, fmt.Errorf("no such host %s", req.URL.Host)
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(strings.NewReader(body))
	in.RequestURI = req.URL.RequestURI()
	w := httptest.NewRecorder()
	handler(w, in)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Request = req
	resp.ContentLength = int64(w.Body.Len())
	return resp, nil
}

// lines are method and URL of what arrived.
func (s *server) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, r := range s.seen {
		lines = append(lines, r.Method+" "+r.URL)
	}
	return lines
}

func (s *server) forms(path string) []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	var forms []url.Values
	for _, r := range s.seen {
		if strings.HasSuffix(r.URL, path) {
			if form, err := url.ParseQuery(r.Body); err == nil {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

func load(t *testing.T, yaml string) *collections.Collection {
	t.Helper()
	return loadAs(t, "chain.yaml", yaml)
}

func loadAs(t *testing.T, name, yaml string) *collections.Collection {
	t.Helper()
	c, err := collections.Load(fstest.MapFS{name: {Data: []byte(yaml)}}, name, collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func environment(variables map[string]string, secrets map[string]string, hosts ...string) *environments.Environment {
	env := environments.New("test", variables, secrets)
	for _, h := range hosts {
		env.Hosts = append(env.Hosts, vars.Literal(h))
	}
	return env
}

// told is what a run yielded.
type told struct {
	events  []runner.Event
	results []runner.Result
}

func run(ctx context.Context, r *runner.Runner, c *collections.Collection, env *environments.Environment) told {
	var all told
	for e := range r.Run(ctx, c, env) {
		all.add(e)
	}
	return all
}

func (a *told) add(e runner.Event) {
	a.events = append(a.events, e)
	if f, ok := e.(runner.RequestFinished); ok {
		a.results = append(a.results, f.Result)
	}
}

// story is a line for each result: name, outcome, and why.
func (a *told) story() string {
	var b strings.Builder
	for _, r := range a.results {
		fmt.Fprintf(&b, "%s: %s", r.Name.Name, r.Outcome)
		if r.Reason != "" {
			fmt.Fprintf(&b, " (%s)", r.Reason)
		}
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "\n  %s %s %s", p.Pos, p.Kind, p.Message)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// text is all that a reporter could see.
func (a *told) text(t *testing.T) string {
	t.Helper()
	raw, err := json.Marshal(a.events)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
