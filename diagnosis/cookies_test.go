package diagnosis

import (
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

// withCookie is a refused request that has a cookie and no Authorization header.
func withCookie(challenge ...string) *Case {
	return made(withHeader(get(fhirURL+"/Patient/1", ""), "Cookie", "AWSALB=abcdefgh"), 401, "", challenge...)
}

// noHeader describes the finding that a request has no Authorization header; it is empty where there is none.
func noHeader(c *Case) string {
	for _, f := range Explain(c) {
		if f.Code == "HG050" {
			return f.Confidence.String() + "; " + f.Evidence[0].Text + f.Fix[strings.Index(f.Fix, "}}\"}")+len("}}\"}"):]
		}
	}
	return ""
}

func TestACookieThatAnEarlierAnswerHasSetIsNoReasonToWantNoCredentials(t *testing.T) {
	t.Parallel()
	byJar := "no Authorization header; a cookie that an earlier answer has set; if the cookie is the login, log in again"
	if got, want := noHeader(withCookie()), "possible; "+byJar; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := noHeader(withCookie("Www-Authenticate", "Bearer")), "certain; "+byJar; got != want {
		t.Errorf("with a challenge: got %q, want %q", got, want)
	}
	written := withCookie()
	written.Places = func(of string) Place {
		if of == "header Cookie" {
			return Place{Pos: source.Pos{File: "c.yaml", Line: 7, Col: 5}}
		}
		return Place{}
	}
	if got := noHeader(written); got != "" {
		t.Errorf("a cookie of the collection: got %q, want nothing", got)
	}
	byAuth := withCookie()
	byAuth.Kind = "api_key"
	if got := noHeader(byAuth); got != "" {
		t.Errorf("a cookie of auth: got %q, want nothing", got)
	}
}
