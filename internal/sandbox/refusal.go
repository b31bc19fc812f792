package sandbox

import (
	"fmt"
	"net/http"
)

// Error codes of RFC 6749, section 5.2.
const (
	invalidRequest   = "invalid_request"
	invalidClient    = "invalid_client"
	invalidGrant     = "invalid_grant"
	invalidScope     = "invalid_scope"
	unauthorized     = "unauthorized_client"
	unsupportedGrant = "unsupported_grant_type"
)

// Error codes of RFC 8628, section 3.5, RFC 8693, section 2.2.2, and RFC 9449, sections 5 and 8.
const (
	authorizationPending = "authorization_pending"
	slowDown             = "slow_down"
	accessDenied         = "access_denied"
	expiredToken         = "expired_token"
	invalidTarget        = "invalid_target"
	invalidDPoP          = "invalid_dpop_proof"
	useNonce             = "use_dpop_nonce"
)

// isProtocol reports whether clients live by the code, so that no error mode may hide it.
func (f refusal) isProtocol() bool {
	switch f.code {
	case authorizationPending, slowDown, accessDenied, expiredToken, useNonce:
		return true
	}
	return false
}

// A refusal is why a token endpoint issues nothing.
type refusal struct {
	code        string // what the client is told; empty: the answer has no body at all
	reason      Reason // the truth
	detail      string
	blame       string // the code that a bad assertion has here: invalid_grant or invalid_client; empty where there is none
	basic       bool   // the request had an Authorization header
	unsegmented bool   // the assertion has not even three segments
}

func refuse(code string, reason Reason, format string, args ...any) *refusal {
	return &refusal{code: code, reason: reason, detail: fmt.Sprintf(format, args...)}
}

// answer words a refusal as the vendor does: always status 400, one description per code, so that many mistakes look
// alike; a malformed assertion gets no body and no Content-Type.
func (f refusal) answer() answer {
	if f.code == "" {
		return silent(http.StatusBadRequest, f.reason).because(f.reason, "%s", f.detail)
	}
	a := jsonAnswer(http.StatusBadRequest, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{f.code, describe(f.code)}).with("Cache-Control", "no-store").because(f.reason, "%s", f.detail)
	if f.reason == WrongMethod {
		a.status = http.StatusMethodNotAllowed
		return a.with("Allow", http.MethodPost)
	}
	return a
}

func describe(code string) string {
	switch code {
	case invalidClient:
		return "improper client id"
	case invalidGrant:
		return "The grant is invalid or expired"
	case invalidScope:
		return "The requested scope is not available to this client"
	case unauthorized:
		return "The client may not use this grant"
	case unsupportedGrant:
		return "The grant type is not supported"
	case invalidDPoP:
		return "The DPoP proof is invalid"
	}
	return "Invalid Request"
}
