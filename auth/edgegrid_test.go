package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

// Cases of the test data that Akamai publishes with its signing libraries.
func TestEdgeGridSignsAsTheTestDataOfAkamai(t *testing.T) {
	t.Parallel()
	const (
		yaml = `edgegrid: {client_token: akab-client-token-xxx-xxxxxxxxxxxxxxxx, access_token: akab-access-token-xxx-xxxxxxxxxxxxxxxx, client_secret: "{{s}}",
  nonce: nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, timestamp: "20140321T19:34:21+0000", max_body: 2048, headers: [X-Test1, X-Test2, X-Test3]}`
		base = "https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net"
		head = "EG1-HMAC-SHA256 client_token=akab-client-token-xxx-xxxxxxxxxxxxxxxx;access_token=akab-access-token-xxx-xxxxxxxxxxxxxxxx;timestamp=20140321T19:34:21+0000;nonce=nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx;signature="
	)
	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		want                     string
	}{
		{"simple GET", "GET", "/", "", nil, "tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU="},
		{"GET with a query", "GET", "/testapi/v1/t1?p1=1&p2=2", "", nil, "hKDH1UlnQySSHjvIcZpDMbQHihTQ0XyVAKZaApabdeA="},
		{"POST inside the limit", "POST", "/testapi/v1/t3", "datadatadatadatadatadatadatadata", nil, "hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4="},
		{"POST too large", "POST", "/testapi/v1/t3", strings.Repeat("d", 2049), nil, "6Q6PiTipLae6n4GsSIDTCJ54bEbHUBp+4MUXrbQCBoY="},
		{"empty POST", "POST", "/testapi/v1/t6", "", nil, "1gEDxeQGD5GovIkJJGcBaKnZ+VaPtrc4qBUHixjsPCQ="},
		{"signed headers", "GET", "/testapi/v1/t4", "", http.Header{"X-Test1": {"test-simple-header"}}, "8F9AybcRw+PLxnvT+H0JRkjROrrUgsxJTnRXMzqvcwY="},
		{"headers with spaces", "GET", "/testapi/v1/t4", "", http.Header{"X-Test1": {`"     test-header-with-spaces     "`}}, "ucq2AbjCNtobHfCTuS38fdkl5UDdWHZhQX46fYR8CqI="},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req := &wire.Request{Method: c.method, URL: base + c.path, Header: c.header, Body: []byte(c.body)}
			s := session(nil, "s", strings.Repeat("x", 43)+"=")
			if err := read(t, yaml).Authorize(t.Context(), req, s); err != nil {
				t.Fatal(err)
			}
			same(t, "header", req.Header.Get("Authorization"), head+c.want)
			if shown := s.Scope.Redact(head); strings.Contains(shown, "akab-access-token") {
				t.Errorf("the access token is shown: %s", shown)
			}
		})
	}
}

func TestEdgeGridSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`edgegrid: {client_token: a, access_token: b}`:                                        `a.yaml:1:11: edgegrid needs client_secret; add client_secret: "{{client_secret}}"`,
		`edgegrid: {client_token: a, access_token: b, client_secret: c, max_body: -1}`:        `a.yaml:1:74: want a whole number of at least 0, got -1`,
		`edgegrid: {client_token: a, access_token: b, client_secret: c, headers: ["X Test"]}`: `a.yaml:1:11: "X Test" cannot be the name of a header`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	same(t, "line break", refused(t, read(t, `edgegrid: {client_token: a, access_token: "{{v}}", client_secret: c}`), session(nil, "v", "b\n"), request()),
		"a.yaml:1:43: access_token has a line break or another control character; trim it: {{name | trim}}")
}
