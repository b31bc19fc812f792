package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"
)

// launchResponse is what a token response says of a launch.
type launchResponse struct {
	IDToken         string `json:"id_token,omitempty"`
	IssuedTokenType string `json:"issued_token_type,omitempty"` // RFC 8693
	Patient         string `json:"patient,omitempty"`
	Encounter       string `json:"encounter,omitempty"`
	FHIRUser        string `json:"fhirUser,omitempty"`
	NeedBanner      *bool  `json:"need_patient_banner,omitempty"`
}

// exchangeCode is the grant of RFC 6749, section 4.1.3, with the verifier of RFC 7636.
func exchangeCode(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	for _, name := range []string{"code", "redirect_uri", "code_verifier"} {
		if r.form.Get(name) == "" {
			return tokenResponse{}, refuse(invalidRequest, MissingParameter, "%s", name)
		}
	}
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	now := e.sandbox.Now()
	e.flows.mu.Lock()
	defer e.flows.mu.Unlock()
	a := e.flows.codes[r.form.Get("code")]
	if refused := a.redeemable(c, r, now); refused != nil {
		if refused.reason == UsedCode {
			e.sandbox.tokens.revoke(a.access) // whoever has it now: owner or thief
		}
		return tokenResponse{}, refused
	}
	response := e.grantToUser(c, a.scope, a.launch, now)
	a.access = response.AccessToken
	if a.scope.has("openid") {
		response.IDToken = e.idToken(a, now)
	}
	return response, nil
}

// redeemable says why an authorization cannot be traded for a token; nil when it can.
func (a *authorization) redeemable(c *client, r tokenRequest, now time.Time) *refusal {
	verifier := r.form.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	switch got := r.form.Get("redirect_uri"); {
	case a == nil:
		return refuse(invalidGrant, UnknownCode, "not issued here")
	case a.client != c:
		return refuse(invalidGrant, UnknownCode, "issued to another client than %s", c.id)
	case a.access != "":
		return refuse(invalidGrant, UsedCode, "used again; what it was traded for is revoked")
	case !now.Before(a.expires):
		return refuse(invalidGrant, ExpiredCode, "expired %s ago", now.Sub(a.expires).Round(time.Second))
	case got != a.redirectURI:
		return refuse(invalidGrant, WrongRedirect, "got %q, want %q", got, a.redirectURI)
	case a.key != "" && a.key != r.proof.digest:
		return refuse(invalidGrant, WrongProofKey, "dpop_jkt was %s, the proof is of %q", a.key, r.proof.digest)
	case len(verifier) < 43 || len(verifier) > 128 || strings.Trim(verifier, unreserved) != "":
		return refuse(invalidGrant, WrongVerifier, "got %d characters, want 43 to 128 of A-Z a-z 0-9 - . _ ~", len(verifier))
	case subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(a.challenge)) == 0:
		return refuse(invalidGrant, WrongVerifier, "its SHA-256 is not the code_challenge")
	}
	return nil
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// grantToUser issues the tokens of a user's authorization: with offline_access, a confidential client gets a refresh
// token too.
func (e *environment) grantToUser(c *client, granted scope, l *launch, now time.Time) tokenResponse {
	t := token{realm: e.name, client: c, scope: granted, expires: now.Add(c.tokenLife()), launch: l}
	p := e.sandbox.tokens.grant(t, granted.has("offline_access") && !c.public(), now)
	response := bearerResponse(p.access, granted)
	response.RefreshToken = p.refresh
	response.launchResponse = e.launched(l, granted)
	return response
}

// launched is the part of a launch that the client may know.
func (e *environment) launched(l *launch, granted scope) launchResponse {
	if l == nil {
		return launchResponse{}
	}
	response := launchResponse{Patient: l.patient, Encounter: l.encounter}
	if granted.has("fhirUser") {
		response.FHIRUser = e.fhirUser()
	}
	if l.patient != "" {
		banner := !l.embedded
		response.NeedBanner = &banner
	}
	return response
}

func (e *environment) fhirUser() string { return e.fhir.base + "/Practitioner/user-" + e.deployment }
