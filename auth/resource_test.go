package auth_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestChallengesAreReadAsServersWriteThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, want string }{
		{`Bearer`, `[{Bearer  map[]}]`},
		{`Bearer error="invalid_token"`, `[{Bearer  map[error:invalid_token]}]`},
		{`Bearer realm="a, b=\"c\"", ERROR=invalid_token , scope = "a b"`, `[{Bearer  map[error:invalid_token realm:a, b="c" scope:a b]}]`},
		{`Basic realm="x", Bearer error="a", DPoP algs="ES256"`, `[{Basic  map[realm:x]} {Bearer  map[error:a]} {DPoP  map[algs:ES256]}]`},
		{`Negotiate abc==, Bearer a="1", a="2"`, `[{Negotiate abc== map[]} {Bearer  map[a:1]}]`},
		{`NTLM abc`, `[{NTLM abc map[]}]`},
		{`, ,Bearer, Basic`, `[{Bearer  map[]} {Basic  map[]}]`},
		{`Bearer a="unfinished`, `[{Bearer  map[a:unfinished]}]`},
		{`"" = ,`, `[]`},
		{``, `[]`},
	} {
		same(t, c.header, fmt.Sprint(auth.Challenges(http.Header{"Www-Authenticate": {c.header}})), c.want)
	}
	two := http.Header{"Www-Authenticate": {"Basic", "bearer a=b"}}
	if got := auth.Challenges(two); len(got) != 2 || !got[1].Is("Bearer") {
		t.Errorf("got %v", got)
	}
}

func FuzzChallengesNeverPanic(f *testing.F) {
	for _, seed := range []string{`Bearer a="b\`, `Basic abc==, x`, `a=b`, `Bearer "`, "A  =,=\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, c := range auth.Challenges(http.Header{"Www-Authenticate": {header}}) {
			if c.Scheme == "" {
				t.Errorf("got a challenge without a scheme: %v", c)
			}
		}
	})
}

func unauthorized(challenge string) *wire.Exchange {
	r := response(401, "", "")
	r.Header.Set("WWW-Authenticate", challenge)
	return &wire.Exchange{Request: wire.Request{Method: "GET", URL: "https://api.example/fhir/Patient?name=x"}, Response: r}
}

func TestAnAPIExplainsWhoseTokensItTakes(t *testing.T) {
	t.Parallel()
	const at = "https://api.example:443/.well-known/oauth-protected-resource/fhir"
	d := &desk{answer: says(200, "application/json", `{"resource":"https://api.example/fhir","authorization_servers":["https://as.example"],"scopes_supported":["a","b"],
  "bearer_methods_supported":["body"],"dpop_bound_access_tokens_required":true,"resource_documentation":"https://api.example/docs"}`)}
	r, err := auth.DescribeResource(t.Context(), session(d), source.Pos{File: "a.yaml", Line: 3, Col: 5}, unauthorized(`Bearer error="invalid_token", resource_metadata="`+at+`"`))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "request", dump(d.calls[0].Request), "GET "+at+"\nAccept: application/json\n")
	same(t, "place", d.calls[0].Pos.String()+" "+d.calls[0].Name, "a.yaml:3:5 discovery")
	same(t, "explanation", strings.Join(r.Explain("https://other.example"), "\n"), `the API https://api.example/fhir takes tokens of https://as.example, and the token that was sent is of https://other.example
its tokens have scopes among a b
it takes no token in the Authorization header, only in body
its tokens are bound to a key: dpop: true
it is described at https://api.example/docs`)
	same(t, "the right issuer", r.Explain("https://as.example")[0], "the API https://api.example/fhir takes tokens of https://as.example")
	if got := (&auth.Resource{Methods: []string{"header"}}).Explain(""); len(got) != 0 {
		t.Errorf("got %q of an API that says nothing", got)
	}
}

func TestAnAPIMayExplainNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, challenge, body, want string }{
		{"no metadata", `Bearer`, ``, "<nil>"},
		{"another host", `Bearer resource_metadata="https://evil.example/"`, ``, `a.yaml:3:5: the API's metadata lies at "https://evil.example/", which is another origin than that of the request; it was not fetched`},
		{"plain HTTP", `Bearer resource_metadata="http://api.example/m"`, ``, `a.yaml:3:5: the API's metadata lies at "http://api.example/m", which is another origin than that of the request; it was not fetched`},
		{"another resource", `Bearer resource_metadata="https://api.example/m"`, `{"resource":"https://api.example/fh"}`, `a.yaml:3:5: the API's metadata page answered 200 OK with resource "https://api.example/fh", want one that the URL https://api.example/fhir/Patient starts with (RFC 9728, section 3.3)`},
		{"no page", `Bearer resource_metadata="https://api.example/m"`, ``, `a.yaml:3:5: the API's metadata page answered 200 OK with an empty body`},
	} {
		d := &desk{answer: says(200, "", c.body)}
		r, err := auth.DescribeResource(t.Context(), session(d), source.Pos{File: "a.yaml", Line: 3, Col: 5}, unauthorized(c.challenge))
		same(t, c.name, fmt.Sprint(err), c.want)
		if r != nil || slices.Contains([]string{"no metadata", "another host", "plain HTTP"}, c.name) && len(d.calls) > 0 {
			t.Errorf("%s: got %v after %d calls", c.name, r, len(d.calls))
		}
	}
	if r, err := auth.DescribeResource(t.Context(), session(nil), source.Pos{}, &wire.Exchange{}); r != nil || err != nil {
		t.Errorf("got %v, %v without an answer", r, err)
	}
}
