package sandbox

import (
	"crypto/subtle"
	"strings"
)

const (
	authorizationCode  = "authorization_code"
	deviceGrant        = "urn:ietf:params:oauth:grant-type:device_code"
	passwordGrant      = "password"
	tokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType    = "urn:ietf:params:oauth:token-type:access_token"
)

// addUserGrants adds those that follow from a user's authorization; they are the same at both token endpoints.
func addUserGrants(grants map[string]grant) map[string]grant {
	proof := []string{"client_assertion", "client_assertion_type", "client_secret"}
	add := func(name string, issue func(*environment, tokenRequest) (tokenResponse, *refusal), parameters ...string) {
		grants[name] = grant{parameters: append(parameters, proof...), issue: issue}
	}
	add(authorizationCode, exchangeCode, "code", "code_verifier", "redirect_uri")
	add(deviceGrant, exchangeDeviceCode, "device_code")
	add(passwordGrant, exchangePassword, "username", "password")
	add(tokenExchangeGrant, exchangeToken, "subject_token")
	return grants
}

// userScope narrows what a user is asked for; nothing means the client's default.
func (e *environment) userScope(c *client, wanted scope) (scope, *refusal) {
	if len(wanted) == 0 {
		wanted = c.defaultScope
	}
	granted, refused := e.narrow(c, wanted)
	if refused == nil && len(granted) == 0 {
		return nil, refuse(invalidScope, MissingParameter, "scope")
	}
	return granted, refused
}

// standalone is a launch outside an EHR, where the user picks the first patient if one is wanted.
func (e *environment) standalone(granted scope) *launch {
	l := &launch{user: "user-" + e.deployment}
	if granted.has("launch/patient") || granted.level("patient") {
		l.patient = e.fhir.firstPatient()
	}
	return l
}

// userName and password are those of the one user, for the password grant.
func (e *environment) userName() string { return "perrin@" + e.deployment + ".example" }

func (e *environment) password() string { return inventedSecret(e.deployment + " user") }

// exchangePassword is the grant of RFC 6749, section 4.3, which RFC 9700 advises against: it must be switched on.
func exchangePassword(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	if !e.sandbox.Switches().Password {
		return tokenResponse{}, refuse(unsupportedGrant, UnsupportedGrant, "got %q, which is switched off", passwordGrant)
	}
	for _, name := range []string{"username", "password"} {
		if r.form.Get(name) == "" {
			return tokenResponse{}, refuse(invalidRequest, MissingParameter, "%s", name)
		}
	}
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	if !c.may(passwordGrant) {
		return tokenResponse{}, refuse(unauthorized, UnauthorizedGrant, "%s may not use %s", c.id, passwordGrant)
	}
	if r.form.Get("username") != e.userName() ||
		subtle.ConstantTimeCompare([]byte(r.form.Get("password")), []byte(e.password())) == 0 {
		return tokenResponse{}, refuse(invalidGrant, WrongPassword, "of %q", r.form.Get("username"))
	}
	granted, refused := e.userScope(c, r.scope())
	if refused != nil {
		return tokenResponse{}, refused
	}
	return e.grantToUser(c, granted, e.standalone(granted), e.sandbox.Now()), nil
}

// exchangeToken is the grant of RFC 8693 for impersonation: a valid access token of this server for another one that may
// do as much or less, for the client that asks.
func exchangeToken(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	if !c.may(tokenExchangeGrant) {
		return tokenResponse{}, refuse(unauthorized, UnauthorizedGrant, "%s may not use %s", c.id, tokenExchangeGrant)
	}
	if refused := e.exchangeable(r); refused != nil {
		return tokenResponse{}, refused
	}
	now := e.sandbox.Now()
	subject, _ := e.sandbox.tokens.find(r.form.Get("subject_token"))
	if reason, detail := subject.judge(e.name, now); reason != OK {
		return tokenResponse{}, refuse(invalidRequest, WrongSubjectToken, "%s", strings.TrimSuffix(string(reason)+": "+detail, ": "))
	}
	wanted := r.scope()
	if len(wanted) == 0 {
		wanted = subject.scope
	}
	if grown := subject.scope.missing(wanted); grown != "" {
		return tokenResponse{}, refuse(invalidScope, GrownScope, "%q is not in the scope of the subject_token", grown)
	}
	t := token{realm: e.name, client: c, scope: wanted, expires: subject.expires, launch: subject.launch}
	response := bearerResponse(e.sandbox.tokens.grant(t, false, now).access, wanted)
	response.ExpiresIn = int(subject.expires.Sub(now).Seconds())
	response.IssuedTokenType = accessTokenType
	return response, nil
}

func (e *environment) exchangeable(r tokenRequest) *refusal {
	for _, name := range []string{"subject_token", "subject_token_type"} {
		if r.form.Get(name) == "" {
			return refuse(invalidRequest, MissingParameter, "%s", name)
		}
	}
	for _, name := range []string{"subject_token_type", "requested_token_type"} {
		if got := r.form.Get(name); got != "" && got != accessTokenType {
			return refuse(invalidRequest, WrongParameter, "%s: got %q, want %q", name, got, accessTokenType)
		}
	}
	if r.form.Has("actor_token") {
		return refuse(invalidRequest, WrongParameter, "actor_token: delegation is not supported")
	}
	for _, name := range []string{"resource", "audience"} {
		if got := r.form.Get(name); got != "" && got != e.fhir.base {
			return refuse(invalidTarget, WrongResource, "%s: got %q, want %q", name, got, e.fhir.base)
		}
	}
	return nil
}
