package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

func TestMaskedValuesOfAnExchangeBecomeVariablesOfTheShell(t *testing.T) {
	t.Parallel()
	got := attemptCurl(&runner.Attempt{Method: "POST", URL: "https://api.example/o?key=‹api key sha256:11111111›", Detail: &runner.Detail{
		RequestHeader: http.Header{"Authorization": {"Bearer ‹access_token sha256:9f8e7d6c›"}, "Content-Length": {"9"}, "X-Other": {"‹access_token sha256:00000000›", "‹access_token sha256:9f8e7d6c›"}},
		RequestBody:   `{"it's":1}`,
	}})
	want := `# masked here, to be set in the shell: API_KEY, ACCESS_TOKEN, ACCESS_TOKEN_2
curl https://api.example/o \
  --url-query "key=$API_KEY" \
  --header "Authorization: Bearer $ACCESS_TOKEN" \
  --header "X-Other: $ACCESS_TOKEN_2" \
  --header "X-Other: $ACCESS_TOKEN" \
  --data-raw '{"it'\''s":1}'`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnExchangeThatIsNotKnownWholeHasNoCommand(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]runner.Attempt{
		"no detail":      {Method: "GET", URL: "https://api.example/"},
		"no address":     {Method: "GET", Detail: &runner.Detail{}},
		"shortened body": {Method: "POST", URL: "https://api.example/", Detail: &runner.Detail{RequestBody: strings.Repeat("x", 64<<10)}},
	} {
		if got := attemptCurl(&a); got != "" {
			t.Errorf("%s: got %s, want nothing", name, got)
		}
	}
}
