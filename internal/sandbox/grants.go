package sandbox

import (
	"net/http"
	"slices"
)

// assertionGrants are those of /oauth/token.
func assertionGrants() map[string]grant {
	return addUserGrants(map[string]grant{
		refreshTokenGrant: {parameters: refreshParameters(), issue: aliasRefreshToken},
		jwtBearerGrant:    {parameters: []string{"assertion"}, issue: exchangeAssertion},
		clientCredentials: {
			parameters: []string{"client_assertion", "client_assertion_type", "client_secret"},
			issue:      exchangeCredentials,
		},
	})
}

// refreshGrants are those of /oauth2/token.
func refreshGrants() map[string]grant {
	return addUserGrants(map[string]grant{
		refreshTokenGrant: {parameters: refreshParameters(), issue: exchangeRefreshToken},
	})
}

func refreshParameters() []string {
	return []string{"refresh_token", "client_assertion", "client_assertion_type", "client_secret"}
}

// aliasRefreshToken is the refresh at /oauth/token, which the vendor's pages contradict each other about.
func aliasRefreshToken(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	if !e.sandbox.Switches().RefreshAlias {
		return tokenResponse{}, refuse(unsupportedGrant, UnsupportedGrant, "got %q, whose endpoint is %s", refreshTokenGrant, refreshPath)
	}
	return exchangeRefreshToken(e, r)
}

// exchangeAssertion is the grant of RFC 7523, section 2.1.
func exchangeAssertion(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	text := r.form.Get("assertion")
	if text == "" {
		return tokenResponse{}, refuse(invalidRequest, MissingParameter, "assertion")
	}
	c, refused := e.judge(text, trial{clientID: r.form.Get("client_id"), audience: r.endpoint, also: r.also, blame: invalidGrant})
	if refused != nil {
		return tokenResponse{}, refused
	}
	return e.grantToClient(c, jwtBearerGrant, r.scope())
}

// exchangeCredentials is the grant of RFC 6749, section 4.4.
func exchangeCredentials(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	return e.grantToClient(c, clientCredentials, r.scope())
}

// grantToClient issues an access token to a client acting for itself, which never gets a refresh token.
func (e *environment) grantToClient(c *client, grant string, wanted scope) (tokenResponse, *refusal) {
	if !c.may(grant) {
		return tokenResponse{}, refuse(unauthorized, UnauthorizedGrant, "%s may not use %s", c.id, grant)
	}
	if len(wanted) == 0 {
		wanted = c.defaultScope
	}
	granted, refused := e.narrow(c, wanted)
	if refused != nil {
		return tokenResponse{}, refused
	}
	access := e.sandbox.tokens.issue(e.name, c, granted, e.sandbox.Now())
	response := bearerResponse(access, granted)
	if e.sandbox.Switches().OmitScope && len(granted) != len(wanted) {
		response.Scope = ""
	}
	response.ExpiresIn = int(c.tokenLife().Seconds())
	return response, nil
}

// narrow refuses a scope that the client has not registered or, with the switch DownScope, leaves it out.
func (e *environment) narrow(c *client, wanted scope) (scope, *refusal) {
	if e.sandbox.Switches().DownScope {
		return slices.DeleteFunc(slices.Clone(wanted), func(part string) bool { return c.scopes.missing(scope{part}) != "" }), nil
	}
	if missing := c.scopes.missing(wanted); missing != "" {
		return nil, refuse(invalidScope, UnregisteredScope, "%q is not registered for %s", missing, c.id)
	}
	return wanted, nil
}

// exchangeRefreshToken is the grant of RFC 6749, section 6.
func exchangeRefreshToken(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	value := r.form.Get("refresh_token")
	if value == "" {
		return tokenResponse{}, refuse(invalidRequest, MissingParameter, "refresh_token")
	}
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	if !c.may(refreshTokenGrant) {
		return tokenResponse{}, refuse(unauthorized, UnauthorizedGrant, "%s gets no refresh tokens", c.id)
	}
	p, refused := e.sandbox.tokens.rotate(e.name, value, c, r.scope(), e.sandbox.Now())
	if refused != nil {
		return tokenResponse{}, refused
	}
	response := bearerResponse(p.access, p.scope)
	response.RefreshToken = p.refresh
	response.launchResponse = e.launched(p.launch, p.scope)
	return response, nil
}

func bearerResponse(access string, granted scope) tokenResponse {
	return tokenResponse{
		AccessToken: access, TokenType: "Bearer", ExpiresIn: int(accessLife.Seconds()), Scope: granted.String(),
	}
}

// tokenInfo is the vendor's introspection, GET /oauth/info?access_token=…; a POST is that of RFC 7662.
func (e *environment) tokenInfo(r *http.Request) answer {
	if r.Method == http.MethodPost {
		return e.introspect(r)
	}
	t, known := e.sandbox.tokens.find(r.URL.Query().Get("access_token"))
	if !known {
		return vague(UnknownToken, "")
	}
	now := e.sandbox.Now()
	if reason, detail := t.judge(e.name, now); reason != OK {
		return vague(reason, detail)
	}
	return jsonAnswer(http.StatusOK, struct {
		ClientName string `json:"client_name"`
		ClientID   string `json:"client_id"`
		ExpiresIn  int    `json:"expires_in"` // seconds
		Scope      string `json:"scope"`
	}{t.client.name, t.client.id, int(t.expires.Sub(now).Seconds()), t.scope.String()})
}

// cancelToken is the vendor's revocation, GET /oauth/cancel?token=…: it takes access and refresh tokens, ends what was
// issued together with them, and does not tell whether the token was known. A POST is the revocation of RFC 7009.
func (e *environment) cancelToken(r *http.Request) answer {
	if r.Method == http.MethodPost {
		return e.revokeToken(r)
	}
	value := r.URL.Query().Get("token")
	if value == "" {
		return vague(MissingParameter, "token")
	}
	e.sandbox.tokens.revoke(value)
	return jsonAnswer(http.StatusOK, struct{}{})
}

func vague(reason Reason, detail string) answer {
	return jsonAnswer(http.StatusBadRequest, map[string]string{"error": invalidRequest}).because(reason, "%s", detail)
}
