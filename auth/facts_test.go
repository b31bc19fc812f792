package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hgrun/hgrun/auth"
)

func TestABlockTellsWhatItSays(t *testing.T) {
	t.Parallel()
	a := read(t, `oauth2:
  profile: pattern-health
  token_url: https://x/token
  client_id: "{{id}}"
  client_secret: "{{missing}}"
  scope: [a, "{{id}}"]
`)
	factual, ok := a.(auth.Factual)
	if !ok {
		t.Fatalf("got %T, want a Factual", a)
	}
	f := factual.Facts(session(nil, "id", "app").Scope)
	got := fmt.Sprintln(f.Profile, f.Grant, f.ClientAuth, f.Encoding, f.Unit == time.Millisecond, f.Texts["token_url"], f.Texts["client_id"],
		f.Texts["client_secret"] == "", f.Texts["scope"], f.Places["scope"], f.Places[""], f.Assertion == nil, f.Literals["token_url"], f.Literals["scope"])
	same(t, "facts", got, "pattern-health client-credentials basic raw true https://x/token app true a app a.yaml:6:10 a.yaml:2:3 true true false\n")
}
