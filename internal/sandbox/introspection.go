package sandbox

import "net/http"

// introspect is RFC 7662 for a confidential client, of its own tokens and of others'.
func (e *environment) introspect(r *http.Request) answer {
	form, c, refused := e.clientRequest(r, infoPath)
	switch {
	case refused != nil:
		return e.answers(refused, r)
	case c.public():
		return e.answers(refuse(invalidClient, NoAuthentication, "%s is public", c.id), r)
	case form.Get("token") == "":
		return e.answers(refuse(invalidRequest, MissingParameter, "token"), r)
	}
	now := e.sandbox.Now()
	t, known := e.sandbox.tokens.find(form.Get("token"))
	kind := "Bearer"
	if !known {
		t, known = e.sandbox.tokens.findRefresh(form.Get("token"))
		kind = ""
	}
	inactive := struct {
		Active bool `json:"active"`
	}{}
	if !known {
		return jsonAnswer(http.StatusOK, inactive).because(UnknownToken, "")
	}
	if reason, detail := t.judge(e.name, now); reason != OK {
		return jsonAnswer(http.StatusOK, inactive).because(reason, "%s", detail)
	}
	said := introspection{
		Active: true, Scope: t.scope.String(), ClientID: t.client.id, TokenType: kind, Expires: t.expires.Unix(), Issuer: e.issuer(),
		Subject: t.client.id, launchResponse: e.launched(t.launch, t.scope), Confirmation: t.bound.confirmation(),
	}
	if t.launch != nil {
		said.Subject = t.launch.user
	}
	if t.bound.scheme == "DPoP" && kind != "" {
		said.TokenType = "DPoP"
	}
	return jsonAnswer(http.StatusOK, said)
}

// introspection is RFC 7662, section 2.2, with what SMART adds.
type introspection struct {
	Active       bool              `json:"active"`
	Scope        string            `json:"scope"`
	ClientID     string            `json:"client_id"`
	TokenType    string            `json:"token_type,omitempty"`
	Expires      int64             `json:"exp"`
	Issuer       string            `json:"iss"`
	Subject      string            `json:"sub"`
	Confirmation map[string]string `json:"cnf,omitempty"`
	launchResponse
}

// revokeToken is RFC 7009 for the client that the token was issued to; a token nobody knows is revoked already.
func (e *environment) revokeToken(r *http.Request) answer {
	form, c, refused := e.clientRequest(r, cancelPath)
	value := form.Get("token")
	if refused == nil && value == "" {
		refused = refuse(invalidRequest, MissingParameter, "token")
	}
	if refused != nil {
		return e.answers(refused, r)
	}
	t, known := e.sandbox.tokens.find(value)
	if !known {
		t, known = e.sandbox.tokens.findRefresh(value)
	}
	if known && t.client != c {
		return e.answers(refuse(unauthorized, ForeignToken, "issued to another client than %s", c.id), r)
	}
	if !known {
		return silent(http.StatusOK, UnknownToken)
	}
	e.sandbox.tokens.revoke(value)
	return silent(http.StatusOK, OK)
}
