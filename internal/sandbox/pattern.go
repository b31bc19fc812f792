package sandbox

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// A patternServer is the Pattern Health-like side of an environment.
type patternServer struct {
	realm   string // of its tokens: "pattern sandbox" or "pattern production"
	origin  string
	sandbox *Sandbox
	rate    rate
	client  *client
	group   string                       // UUID of the group the client may read and write
	groups  func() map[string]*groupList // by UUID and list: "…/members"; made when first asked for
}

func newPatternServer(e *environment, origin string) *patternServer {
	p := &patternServer{realm: "pattern " + e.name, origin: origin, sandbox: e.sandbox}
	p.group = inventedUUID(p.realm + " group")
	p.client = &client{
		id: inventedUUID(p.realm + " client"), name: "Group reader", secret: inventedSecret(p.realm + " client"),
		grants: []string{clientCredentials},
	}
	p.groups = sync.OnceValue(func() map[string]*groupList { return seedGroup(p.realm, p.group) })
	return p
}

const (
	patternTokenPath = "/api/auth/token"
	groupsPath       = "/api/v1/groups/"
)

func (p *patternServer) answer(r *http.Request) answer {
	if p.rate.exceeds(p.sandbox.Switches().PatternRate, p.sandbox.Now()) {
		return patternError(http.StatusTooManyRequests, "Too Many Requests: wait a few seconds", TooManyRequests)
	}
	if r.URL.Path == patternTokenPath {
		return p.token(r)
	}
	if _, reason, detail := p.sandbox.bearer(r, p.realm); reason != OK {
		return patternError(http.StatusUnauthorized, "Unauthorized", reason).
			with("Www-Authenticate", challenge(reason)).because(reason, "%s", detail)
	}
	rest, ok := strings.CutPrefix(r.URL.Path, groupsPath)
	if !ok {
		return patternError(http.StatusNotFound, "Not Found", UnknownPath)
	}
	segments := strings.Split(rest, "/")
	if len(segments) < 2 || len(segments) > 3 {
		return patternError(http.StatusNotFound, "Not Found", UnknownPath)
	}
	list := p.groups()[segments[0]+"/"+segments[1]]
	if list == nil { // as at the vendor, a wrong UUID and a missing right look alike
		return patternError(http.StatusNotFound, "Not Found", UnknownResource)
	}
	if len(segments) == 3 {
		return list.read(r, segments[2])
	}
	return list.answer(r, p.sandbox.Now())
}

// token is POST /api/auth/token. Id and secret stand in the Basic header as they are, not form-encoded, and expires_in
// is in milliseconds.
func (p *patternServer) token(r *http.Request) answer {
	form, refused := readForm(r)
	if refused == nil && form.Get("grant_type") != clientCredentials {
		refused = refuse(unsupportedGrant, UnsupportedGrant, "got %q", form.Get("grant_type"))
	}
	if refused != nil {
		status := http.StatusBadRequest
		switch refused.reason {
		case WrongMethod:
			status = http.StatusMethodNotAllowed
		case WrongContentType:
			status = http.StatusUnsupportedMediaType
		}
		return patternError(status, http.StatusText(status), refused.reason).because(refused.reason, "%s", refused.detail)
	}
	if accept := r.Header.Get("Accept"); !strings.Contains(accept, jsonType) {
		return patternError(http.StatusNotAcceptable, "Not Acceptable", WrongAccept).
			because(WrongAccept, "got %q, want %q", accept, jsonType)
	}
	if refused := p.authenticate(r.Header.Get("Authorization")); refused != nil {
		return patternError(http.StatusUnauthorized, "Unauthorized", refused.reason).
			with("Www-Authenticate", "Basic").because(refused.reason, "%s", refused.detail)
	}
	return jsonAnswer(http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // milliseconds
		TokenType   string `json:"token_type"`
	}{p.sandbox.tokens.issue(p.realm, p.client, nil, p.sandbox.Now()), accessLife.Milliseconds(), "bearer"})
}

func (p *patternServer) authenticate(header string) *refusal {
	if header == "" {
		return refuse(invalidClient, NoAuthentication, "no Authorization header")
	}
	id, secret, refused := basicPair(header)
	switch {
	case refused != nil:
		return refused
	case p.owns(id, secret):
		return nil
	}
	plainID, err := url.QueryUnescape(id)
	plainSecret, also := url.QueryUnescape(secret)
	switch {
	case err == nil && also == nil && p.owns(plainID, plainSecret):
		return refuse(invalidClient, EncodedBasic, "right, if it were not form-encoded")
	case id != p.client.id:
		return refuse(invalidClient, UnknownClient, "%q", id)
	}
	return refuse(invalidClient, WrongSecret, "%s", secretFault(p.client.secret, secret))
}

func (p *patternServer) owns(id, secret string) bool {
	return id == p.client.id && subtle.ConstantTimeCompare([]byte(secret), []byte(p.client.secret)) == 1
}

func patternError(status int, message string, reason Reason) answer {
	return jsonAnswer(status, struct {
		Status  int    `json:"status"`
		Message string `json:"message"`
	}{status, message}).because(reason, "")
}
