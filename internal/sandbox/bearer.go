package sandbox

import (
	"net/http"
	"strings"
)

// bearer finds the access token of a request. The Reason is OK when the token opens the realm; otherwise it is the truth
// that the challenge keeps to itself.
func (s *Sandbox) bearer(r *http.Request, realm string) (token, Reason, string) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) > 1:
		return token{}, SeveralCredentials, "the Authorization header is repeated"
	case len(headers) == 0 && r.URL.Query().Has("access_token"):
		return token{}, TokenInQuery, ""
	case len(headers) == 0:
		return token{}, NoCredentials, ""
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return token{}, NoCredentials, "the Authorization header is no Bearer"
	}
	found, known := s.tokens.find(value)
	if known {
		reason, detail := found.judge(realm, s.Now())
		return found, reason, detail
	}
	if j, err := parseJWT(value); err == nil {
		return token{}, AssertionAsToken, "a JWT of " + j.text("iss")
	}
	return token{}, UnknownToken, ""
}

// challenge is the WWW-Authenticate header for a failure of bearer (RFC 6750, section 3): a request without credentials
// is told no error code, and all others are told the same one.
func challenge(reason Reason) string {
	switch reason {
	case NoCredentials, TokenInQuery:
		return "Bearer"
	case SeveralCredentials:
		return `Bearer error="invalid_request"`
	}
	return `Bearer error="invalid_token"`
}
