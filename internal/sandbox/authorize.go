package sandbox

import (
	"crypto/rand"
	"html"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	authorizePath = "/oauth/authorize"
	codeLife      = time.Minute
)

// flows are the authorizations under way at an environment; the zero value has none.
type flows struct {
	mu      sync.Mutex
	codes   map[string]*authorization // by code
	pushed  map[string]*authorization // by request_uri
	devices map[string]*device        // by device code
}

// An authorization is what a client may trade a code for, or a request for one that was pushed.
type authorization struct {
	client      *client
	redirectURI string
	state       string
	challenge   string // PKCE, method S256
	nonce       string
	key         string // thumbprint of the DPoP key that must redeem the code (RFC 9449, section 10); empty: any
	scope       scope
	launch      *launch
	expires     time.Time
	access      string // the token it was traded for; empty until then
}

// A launch is what a user's authorization says beside its scope (SMART App Launch 2.2, section "Launch context").
type launch struct {
	user      string // subject
	patient   string // id; empty: none in context
	encounter string // id; empty: none in context
	embedded  bool   // started by an EHR, which shows the name of the patient itself
}

// authorize is the authorization endpoint, where the user always consents at once. Until client and redirect URI are
// known to be right, a mistake is a page; after that it is told to the client (RFC 6749, section 4.1.2.1).
func (e *environment) authorize(r *http.Request) answer {
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther // so that the browser does not post again
	}
	query, refused := authorizeParameters(r)
	if refused != nil {
		return refused.page()
	}
	var asked *authorization
	if query.Has("request_uri") {
		asked, refused = e.pull(query)
		if refused != nil {
			return refused.page()
		}
	} else {
		asked, refused = e.validate(query)
	}
	if asked == nil {
		return refused.page()
	}
	back := url.Values{"iss": {e.issuer()}} // RFC 9207
	if asked.state != "" {
		back.Set("state", asked.state)
	}
	done := answer{status: status}
	if refused != nil {
		back.Set("error", refused.code)
		back.Set("error_description", printable(refused.sentence()))
		done = done.because(refused.reason, "%s", refused.detail)
	} else {
		back.Set("code", e.flows.issueCode(asked, e.sandbox.Now()))
		done = done.because(OK, "")
	}
	separator := "?"
	if strings.Contains(asked.redirectURI, "?") {
		separator = "&"
	}
	return done.with("Location", asked.redirectURI+separator+back.Encode()).with("Cache-Control", "no-store")
}

// page tells the user what cannot be told to a client.
func (f refusal) page() answer {
	status := http.StatusBadRequest
	if f.reason == WrongMethod {
		status = http.StatusMethodNotAllowed
	}
	page := htmlAnswer(status, "This app cannot be authorized", "<p>"+html.EscapeString(f.sentence())+"</p>")
	return page.because(f.reason, "%s", f.detail)
}

// authorizeParameters are in the query of a GET or in the body of a POST.
func authorizeParameters(r *http.Request) (url.Values, *refusal) {
	text := r.URL.RawQuery
	switch r.Method {
	case http.MethodGet:
	case http.MethodPost:
		if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != formType {
			return nil, refuse(invalidRequest, WrongContentType, "got %q, want %q", r.Header.Get("Content-Type"), formType)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, refuse(invalidRequest, UnreadableForm, "%s", err)
		}
		text = string(body)
	default:
		return nil, refuse(invalidRequest, WrongMethod, "got %s, want GET or POST", r.Method)
	}
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, refuse(invalidRequest, UnreadableForm, "a malformed escape or separator")
	}
	for name, values := range query {
		if len(values) > 1 {
			return nil, refuse(invalidRequest, RepeatedParameter, "%q", name)
		}
		if values[0] == "" {
			delete(query, name)
		}
	}
	return query, nil
}

// validate reads an authorization request. The authorization is nil when the refusal must not be redirected.
func (e *environment) validate(query url.Values) (*authorization, *refusal) {
	c := e.clients.find(query.Get("client_id"))
	if c == nil {
		return nil, refuse(invalidClient, UnknownClient, "%q", query.Get("client_id"))
	}
	a := &authorization{
		client: c, redirectURI: query.Get("redirect_uri"), state: query.Get("state"), challenge: query.Get("code_challenge"),
		nonce: query.Get("nonce"), key: query.Get("dpop_jkt"), launch: &launch{user: "user-" + e.deployment},
	}
	if !c.redirectsTo(a.redirectURI) {
		return nil, refuse(invalidRequest, WrongRedirect, "%q is not registered for %s", a.redirectURI, c.id)
	}
	switch got := query.Get("response_type"); {
	case got != "code":
		return a, refuse("unsupported_response_type", WrongParameter, "response_type: got %q, want %q", got, "code")
	case !c.may(authorizationCode):
		return a, refuse(unauthorized, UnauthorizedGrant, "%s may not use %s", c.id, authorizationCode)
	case a.state == "":
		return a, refuse(invalidRequest, MissingParameter, "state")
	case a.challenge == "":
		return a, refuse(invalidRequest, MissingParameter, "code_challenge")
	case query.Get("code_challenge_method") != "S256":
		return a, refuse(invalidRequest, WrongParameter, "code_challenge_method: got %q, want %q",
			query.Get("code_challenge_method"), "S256")
	case len(a.challenge) != 43:
		return a, refuse(invalidRequest, WrongParameter, "code_challenge: got %d characters, want 43", len(a.challenge))
	}
	return a, e.validateLaunch(a, query)
}

// validateLaunch reads scope, aud and launch. The handle of an EHR launch is "launch-" and the id of a patient.
func (e *environment) validateLaunch(a *authorization, query url.Values) *refusal {
	wanted := parseScope(query.Get("scope"))
	if len(wanted) == 0 {
		wanted = a.client.defaultScope
	}
	granted, refused := e.narrow(a.client, wanted)
	if refused != nil {
		return refused
	}
	if len(granted) == 0 {
		return refuse(invalidScope, MissingParameter, "scope")
	}
	a.scope = granted
	clinical := slices.ContainsFunc(granted, func(part string) bool {
		_, ok := parseClinical(part)
		return ok || strings.HasPrefix(part, "launch")
	})
	if got := query.Get("aud"); got != e.fhir.base && (clinical || got != "") {
		return refuse(invalidRequest, WrongResource, "aud: got %q, want %q", got, e.fhir.base)
	}
	handle := query.Get("launch")
	switch {
	case slices.Contains(granted, "launch") != (handle != ""):
		return refuse(invalidRequest, UnknownLaunch, "the parameter launch and the scope launch belong together")
	case handle != "":
		patient, ok := strings.CutPrefix(handle, "launch-")
		if !ok || e.fhir.records().find("Patient", patient) == nil {
			return refuse(invalidRequest, UnknownLaunch, "got %q, want launch- and the id of a patient", handle)
		}
		a.launch.patient, a.launch.encounter, a.launch.embedded = patient, "e-"+patient, true
	case granted.has("launch/patient") || granted.level("patient"):
		a.launch.patient = e.fhir.firstPatient()
	}
	return nil
}

// redirectsTo compares a redirect URI with those registered, byte for byte, but for the port of a loopback address, which
// the client cannot know beforehand (RFC 8252, section 7.3).
func (c *client) redirectsTo(address string) bool {
	if !c.browser || slices.Contains(callbacks(), address) {
		return c.browser
	}
	u, err := url.Parse(address)
	if err != nil || u.Port() == "" || u.Fragment != "" || u.User != nil {
		return false
	}
	name := u.Hostname()
	if ip, err := netip.ParseAddr(name); name != "localhost" && (err != nil || !ip.IsLoopback()) {
		return false
	}
	if u.Host = name; strings.Contains(name, ":") {
		u.Host = "[" + name + "]"
	}
	return slices.Contains(callbacks(), u.String())
}

// issueCode keeps an authorization for a minute and returns the code for it.
func (f *flows) issueCode(a *authorization, now time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for code, old := range f.codes {
		if now.Sub(old.expires) > keepDead {
			delete(f.codes, code)
		}
	}
	if f.codes == nil {
		f.codes = map[string]*authorization{}
	}
	code := rand.Text()
	a.expires = now.Add(codeLife)
	f.codes[code] = a
	return code
}
