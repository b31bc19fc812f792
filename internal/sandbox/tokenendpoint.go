package sandbox

import (
	"crypto/x509"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

const formType = "application/x-www-form-urlencoded"

// A tokenRequest is a request to a token endpoint whose form is in order.
type tokenRequest struct {
	endpoint string   // the URL of the endpoint as the environment publishes it: the right audience
	also     []string // other right audiences, whatever the rule
	header   http.Header
	peer     *x509.Certificate // that the client showed; nil: none
	proof    binding           // of the key that the token will be bound to
	form     url.Values        // each parameter once; empty ones are absent (RFC 6749, section 3.2)
}

func (r tokenRequest) scope() scope { return parseScope(r.form.Get("scope")) }

// A grant is one way to get a token: the parameters that belong to it and no other flow, and who gets what.
type grant struct {
	parameters []string
	issue      func(*environment, tokenRequest) (tokenResponse, *refusal)
}

// tokenResponse is RFC 6749, section 5.1.
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	launchResponse
}

// flowParameters are those that tell flows apart. Anything a grant does not own is a mix; parameters not listed are
// ignored, as RFC 6749, section 3.2, wants.
func flowParameters() []string {
	return []string{
		"assertion", "client_assertion", "client_assertion_type", "client_secret", "code", "code_verifier", "device_code",
		"password", "redirect_uri", "refresh_token", "subject_token", "username",
	}
}

// tokenEndpoint answers at the URL address with the grants given, by grant_type. Audiences other than the address may be
// right as well.
func (e *environment) tokenEndpoint(address string, grants func() map[string]grant, also ...string) endpoint {
	grants = sync.OnceValue(grants) // not before somebody asks: the sandbox must start at once
	return func(r *http.Request) answer {
		response, refused := e.issue(r, tokenRequest{endpoint: address, also: also}, grants())
		if refused != nil {
			return e.answers(refused, r)
		}
		return jsonAnswer(http.StatusOK, response).with("Cache-Control", "no-store").with("Pragma", "no-cache")
	}
}

// issue looks at method, query, content type, repetition, grant_type and mixture, in that order, and leaves the rest to
// the grant.
func (e *environment) issue(r *http.Request, asked tokenRequest, grants map[string]grant) (tokenResponse, *refusal) {
	form, refused := readForm(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	g, refused := choose(grants, form, r.Header)
	if refused != nil {
		return tokenResponse{}, refused
	}
	asked.header, asked.form, asked.peer = r.Header, form, peer(r)
	return e.bound(r, g, asked)
}

// readForm reads the parameters of a token request, which come in the body and nowhere else.
func readForm(r *http.Request) (url.Values, *refusal) {
	if r.Method != http.MethodPost {
		return nil, refuse(invalidRequest, WrongMethod, "got %s, want POST", r.Method)
	}
	for name := range r.URL.Query() {
		if name == "grant_type" || name == "scope" || slices.Contains(flowParameters(), name) {
			return nil, refuse(invalidRequest, ParameterInQuery, "%s", name)
		}
	}
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != formType {
		return nil, refuse(invalidRequest, WrongContentType, "got %q, want %q", r.Header.Get("Content-Type"), formType)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, refuse(invalidRequest, UnreadableForm, "%s", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refuse(invalidRequest, UnreadableForm, "a malformed escape or separator")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, refuse(invalidRequest, RepeatedParameter, "%q", name)
		}
		if values[0] == "" {
			delete(form, name)
		}
	}
	return form, nil
}

// choose finds the grant and refuses parameters and credentials of another one.
func choose(grants map[string]grant, form url.Values, header http.Header) (grant, *refusal) {
	name := form.Get("grant_type")
	if name == "" {
		return grant{}, refuse(invalidRequest, MissingParameter, "grant_type")
	}
	g, ok := grants[name]
	if !ok {
		return grant{}, refuse(unsupportedGrant, UnsupportedGrant, "got %q", name)
	}
	for _, p := range flowParameters() {
		if form.Has(p) && !slices.Contains(g.parameters, p) {
			return grant{}, refuse(invalidRequest, MixedFlows, "%s does not belong to %s", p, name)
		}
	}
	if name == jwtBearerGrant && header.Get("Authorization") != "" {
		return grant{}, refuse(invalidRequest, MixedFlows, "an Authorization header does not belong to %s", name)
	}
	return g, nil
}
