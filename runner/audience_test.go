package runner_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/runner"
)

// within sends requests to the sandbox without a network.
type within struct{ *sandbox.Sandbox }

func (w within) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = io.NopCloser(strings.NewReader(""))
	}
	rec := httptest.NewRecorder()
	w.Hosts()[req.URL.Host].ServeHTTP(rec, in)
	resp := rec.Result()
	resp.Request, resp.ContentLength = req, int64(rec.Body.Len())
	return resp, nil
}

func sandboxed(s *sandbox.Sandbox) *environments.Environment {
	variables, hidden := map[string]string{}, map[string]string{}
	for _, v := range s.Variables("sandbox") {
		if v.Secret {
			hidden[v.Name] = v.Value
		} else {
			variables[v.Name] = v.Value
		}
	}
	return environments.New("sandbox", variables, hidden)
}

// Four token endpoints have four rules for aud. Each is satisfied by configuration alone, and each wrong choice is explained
// with every value that the server could have meant.
func TestEveryRuleForTheAudienceIsMetByConfigurationAndAWrongChoiceIsExplained(t *testing.T) {
	t.Parallel()
	const block = `
auth:
  oauth2:
    grant: jwt-bearer
    token_url: "{{token_url}}"
    issuer: "{{base_url}}ISSUER"
    client_id: "{{client_id}}"
    scope: user/*.*
    assertion: {alg: HS256, key: "{{client_secret}}", aud: AUD}
requests:
  - {name: read, request: "GET {{fhir_url}}/Patient/1001", expect: {status: 200}}
`
	for _, tt := range []struct {
		rule         sandbox.Audience
		right, wrong string
		slash        string // at the end of the issuer
		code         string // of the first finding where aud is wrong
	}{
		{sandbox.TokenURLString, "token_url", "[token_url]", "", "HG035"},
		{sandbox.TokenURL, "[token_url]", `"{{token_url}}/"`, "", "HG036"},
		{sandbox.Issuer, "issuer", "token_url", "", "HG037"},
		{sandbox.IssuerSlash, "issuer", "token_url", "/", "HG037"},
		{sandbox.AnyEndpoint, "issuer", "https://elsewhere.example/token", "", "HG003"},
	} {
		for _, mode := range []sandbox.ErrorMode{"strict", "silent", "generic"} {
			t.Run(string(tt.rule)+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				s := sandbox.New(sandbox.Options{Errors: mode, Audience: tt.rule})
				try := func(aud string) told {
					yaml := strings.NewReplacer("AUD", aud, "ISSUER", tt.slash).Replace(block)
					return run(t.Context(), &runner.Runner{Transport: within{s}}, load(t, yaml), sandboxed(s))
				}
				if got := try(tt.right); got.results[0].Outcome != runner.Passed || got.results[1].Outcome != runner.Passed {
					t.Errorf("aud: %s should do: %s", tt.right, got.story())
				}
				got := try(tt.wrong)
				found := got.results[0].Findings
				if len(found) == 0 || found[0].Code != tt.code {
					t.Fatalf("aud: %s: got %v, want %s first", tt.wrong, codes(got.results[0]), tt.code)
				}
				var evidence []string
				for _, e := range found[0].Evidence {
					evidence = append(evidence, e.Text)
				}
				text := strings.Join(evidence, "\n")
				for _, candidate := range []string{"/oauth/token", "(issuer)"} {
					if !strings.Contains(text, candidate) && !slices.Contains([]string{"HG035", "HG036"}, tt.code) {
						t.Errorf("the candidate %q is not among the evidence:\n%s", candidate, text)
					}
				}
			})
		}
	}
}
