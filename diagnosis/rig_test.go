package diagnosis

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// rig is a client that makes mistakes, beside a sandbox in the same process.
type rig struct {
	*testing.T
	sandbox *sandbox.Sandbox
	vars    map[string]string
	env     EnvironmentFacts
	history *History
	latency time.Duration
}

func newRig(t *testing.T, environment string, mode sandbox.ErrorMode, servers sandbox.Servers) *rig {
	t.Helper()
	s := sandbox.New(sandbox.Options{Errors: mode, Servers: servers})
	r := &rig{T: t, sandbox: s, vars: map[string]string{}, history: &History{}, latency: 40 * time.Millisecond}
	r.env = EnvironmentFacts{Name: environment, URLs: map[string]string{}}
	for _, v := range s.Variables(environment) {
		r.vars[v.Name] = v.Value
		if strings.HasPrefix(v.Value, "http") && !v.Secret && !strings.HasPrefix(v.Name, "smart_") && !strings.HasPrefix(v.Name, "pattern_") {
			r.env.URLs[v.Name] = v.Value
		}
	}
	r.env.ClientID = r.vars["client_id"]
	return r
}

// send makes the exchange with the server of the URL.
func (r *rig) send(req wire.Request) *wire.Exchange {
	r.Helper()
	x := &wire.Exchange{Request: req}
	x.Timings.Start = time.Now()
	u, err := url.Parse(req.URL)
	if err != nil {
		r.Fatal(err)
	}
	handler := r.sandbox.Hosts()[u.Host]
	if handler == nil {
		r.Fatalf("no server at %s", u.Host)
	}
	in := httptest.NewRequest(req.Method, req.URL, bytes.NewReader(req.Body))
	in.Header = req.Header.Clone()
	x.Request.Header = asSent(req, u.Host)
	time.Sleep(r.latency / 2)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, in)
	header := w.Result().Header
	if header.Get("Date") == "" {
		header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	time.Sleep(r.latency / 2)
	x.Timings.Total = time.Since(x.Timings.Start)
	x.Response = &wire.Response{Proto: "HTTP/1.1", Status: w.Code, URL: req.URL, Header: header, Body: w.Body.Bytes()}
	return x
}

// asSent returns the header of a request with all that a client adds, as exchanges have it.
func asSent(req wire.Request, host string) http.Header {
	h := http.Header{}
	maps.Copy(h, req.Header)
	h["Host"], h["User-Agent"], h["Accept-Encoding"], h["Cookie"] = []string{host}, []string{"hgrun/1.2"}, []string{"gzip"}, []string{"sid=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln"}
	if req.Body != nil {
		h["Content-Length"] = []string{strconv.Itoa(len(req.Body))}
	}
	return h
}

// reason is why the sandbox answered as it did.
func (r *rig) reason() sandbox.Reason {
	entries := r.sandbox.Entries()
	return entries[len(entries)-1].Reason
}

// exchange sends a request and returns its case, not noted in the history yet.
func (r *rig) exchange(req wire.Request) *Case {
	r.Helper()
	return &Case{Exchange: r.send(req), Environment: r.env, History: r.history}
}

// done is exchange for a step on the way: it is noted.
func (r *rig) done(req wire.Request) *Case {
	r.Helper()
	c := r.exchange(req)
	Explain(c)
	r.history.Note(c)
	return c
}

// form is a POST of a form given as name, value, name, value.
func form(target string, pairs ...string) wire.Request {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1]))
	}
	return wire.Request{Method: "POST", URL: target, Header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"},
	}, Body: []byte(b.String())}
}

func get(target, token string, headers ...string) wire.Request {
	h := http.Header{"Accept": {"application/fhir+json"}}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return wire.Request{Method: "GET", URL: target, Header: h}
}

func (r *rig) tokenURL() string { return r.vars["token_url"] }

// bearer is the token request of RFC 7523, section 2.1.
func (r *rig) bearer(assertion string, more ...string) wire.Request {
	return form(r.tokenURL(), append([]string{"grant_type", jwtBearerGrant, "assertion", assertion}, more...)...)
}

type claims map[string]any

// claims are right ones, changed as given; nil takes a claim out.
func (r *rig) claims(changes claims) claims {
	now := time.Now().Unix()
	c := claims{
		"iss": r.vars["client_id"], "sub": r.vars["client_id"], "aud": r.tokenURL(), "iat": now - 5, "exp": now + 60,
		"jti": fmt.Sprintf("id-%d", time.Now().UnixNano()),
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// forge signs claims with HS256 in the standard library alone.
func forge(key string, c claims) string {
	return forgeWith(map[string]any{"alg": "HS256", "typ": "JWT"}, c, func(input string) []byte {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	})
}

func forgeWith(header map[string]any, c claims, sign func(string) []byte) string {
	head, _ := json.Marshal(header)
	body, _ := json.Marshal(c)
	enc := base64.RawURLEncoding
	input := enc.EncodeToString(head) + "." + enc.EncodeToString(body)
	return input + "." + enc.EncodeToString(sign(input))
}

func (r *rig) forge(changes claims) string { return forge(r.vars["client_secret"], r.claims(changes)) }

// mint signs as hgrun does, from YAML.
func (r *rig) mint(yaml, audience string) string {
	r.Helper()
	var a assertions.Assertion
	if err := source.Parse("chain.yaml", []byte(yaml), a.Read); err != nil {
		r.Fatal(err)
	}
	values := map[string]vars.Value{}
	for name, text := range r.vars {
		values[name] = vars.Value{Text: text}
	}
	jwt, err := a.Mint(vars.NewScope(nil, vars.Layer{Name: "environment", Values: values}), assertions.Defaults{Audience: audience, ClientID: r.vars["client_id"]})
	if err != nil {
		r.Fatal(err)
	}
	return jwt
}

// token gets an access token for a scope; "" means the default one.
func (r *rig) token(scope string) string {
	r.Helper()
	pairs := []string{}
	if scope != "" {
		pairs = []string{"scope", scope}
	}
	c := r.done(r.bearer(r.forge(nil), pairs...))
	if c.granted().access == "" {
		r.Fatalf("no token: %d %s (%s)", c.Exchange.Response.Status, c.Exchange.Response.Body, r.reason())
	}
	return c.granted().access
}

// first returns the code of the first finding, "" for none.
func first(list []Finding) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].Code
}

// tell words findings for a test that fails.
func tell(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "\n  %s %s (%s): %s", f.Code, f.Title, f.Confidence, f.Cause)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "\n      %s: %s", e.Label, e.Text)
		}
	}
	if b.Len() == 0 {
		return " nothing"
	}
	return b.String()
}
