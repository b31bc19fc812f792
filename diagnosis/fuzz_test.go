package diagnosis

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

func FuzzExplainTakesAnything(f *testing.F) {
	f.Add("POST", asURL, "grant_type=client_credentials&assertion=a.b.c", "Basic eDp5", "application/x-www-form-urlencoded", 401, `{"error":"invalid_client"}`, `Bearer error="x", scope="a`)
	f.Add("GET", fhirURL+"/Patient?x=%zz#f", "", "Bearer Bearer x", "", 200, `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"%"}]}`, "")
	f.Add("", "{{x}}://", "{\"assertion\":\"eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOltdfQ.\"}", "", "application/json", 403, "", `Basic ====,"`)
	f.Add("POST", "https://as/oauth/token?response_type=code&aud=", "code_verifier=%2B&grant_type=authorization_code", "DPoP", "multipart/form-data", 302, "\ufeff<!doctype html><TITLE>x", "")
	f.Fuzz(func(t *testing.T, method, target, body, authorization, kind string, status int, answer, challenge string) {
		header := http.Header{"Content-Type": {kind}, "Www-Authenticate": {challenge}, "Location": {answer}, "Date": {answer}, "Retry-After": {challenge}}
		req := wire.Request{Method: method, URL: target, Header: http.Header{"Authorization": {authorization}, "Content-Type": {kind}}, Body: []byte(body)}
		history := &History{}
		for _, role := range []Role{Unknown, TokenRequest, APIRequest, AuthorizationRequest} {
			x := &wire.Exchange{Request: req, Timings: wire.Timings{Start: moment(), Total: time.Second}}
			x.Response = &wire.Response{Status: status, URL: target, Header: header, Body: []byte(answer)}
			c := &Case{Exchange: x, Role: role, History: history, Keys: Keys{Secret: body, Key: answer, Registered: answer}, Discovery: ReadDiscovery(target, []byte(answer))}
			for _, found := range append(Explain(c), Lint(c)...) {
				if found.Code == "" || found.Cause == "" || found.Fix == "" || found.Confidence < Possible {
					t.Errorf("a finding is not whole: %+v", found)
				}
			}
			history.Note(c)
			Explain(&Case{Exchange: &wire.Exchange{Request: req, Err: errors.New(answer)}, Role: role, History: history})
		}
	})
}

func FuzzChallengesAreRead(f *testing.F) {
	f.Add(`Bearer error="invalid_token"`)
	f.Add(`Basic realm="a, b\"c", Bearer realm=x, error=insufficient_scope, scope="a b", DPoP algs="ES256"`)
	f.Add(`Negotiate abc==, Bearer`)
	f.Fuzz(func(t *testing.T, header string) {
		c := readChallenge([]string{header})
		if c.code != strings.ToLower(c.code) || c.scheme != strings.ToLower(c.scheme) {
			t.Errorf("got %+v, want lower case", c)
		}
	})
}

func TestChallengesAreRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers []string
		want    challenge
	}{
		"none":              {nil, challenge{}},
		"no error":          {[]string{"Bearer"}, challenge{scheme: "bearer"}},
		"the vendor's":      {[]string{`Bearer error="invalid_token"`}, challenge{scheme: "bearer", code: "invalid_token"}},
		"unquoted":          {[]string{"Bearer error=invalid_token"}, challenge{scheme: "bearer", code: "invalid_token"}},
		"the one with code": {[]string{`Basic realm="x"`, `Bearer realm="a, b", error="insufficient_scope", scope="user/Patient.r a"`}, challenge{scheme: "bearer", code: "insufficient_scope", scope: "user/Patient.r a"}},
		"several in one":    {[]string{`Basic realm="x\"y", Bearer error="invalid_token", error_description="ended, \"sorry\""`}, challenge{scheme: "bearer", code: "invalid_token", description: `ended, "sorry"`}},
		"token68":           {[]string{`Negotiate YWJj==, Bearer error="invalid_token"`}, challenge{scheme: "bearer", code: "invalid_token"}},
		"a nonce":           {[]string{`DPoP error="use_dpop_nonce", algs="ES256"`}, challenge{scheme: "dpop", code: "use_dpop_nonce", nonce: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := readChallenge(test.headers); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
