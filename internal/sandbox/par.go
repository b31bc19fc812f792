package sandbox

import (
	"crypto/rand"
	"net/http"
	"net/url"
)

const (
	parPath    = "/oauth/par"
	requestURI = "urn:ietf:params:oauth:request_uri:"
)

// push is the endpoint of RFC 9126: the client proves itself and leaves its authorization request, which the browser then
// names by its request_uri, once and within a minute.
func (e *environment) push(r *http.Request) answer {
	form, c, refused := e.clientRequest(r, parPath)
	if refused != nil {
		return e.answers(refused, r)
	}
	if form.Has("request_uri") {
		return e.answers(refuse(invalidRequest, MixedFlows, "request_uri cannot be pushed"), r)
	}
	form.Set("client_id", c.id)
	asked, refused := e.validate(form)
	if refused != nil {
		return e.answers(refused, r)
	}
	now := e.sandbox.Now()
	e.flows.mu.Lock()
	defer e.flows.mu.Unlock()
	for name, old := range e.flows.pushed {
		if now.Sub(old.expires) > keepDead {
			delete(e.flows.pushed, name)
		}
	}
	if e.flows.pushed == nil {
		e.flows.pushed = map[string]*authorization{}
	}
	name := requestURI + rand.Text()
	asked.expires = now.Add(codeLife)
	e.flows.pushed[name] = asked
	return jsonAnswer(http.StatusCreated, struct {
		RequestURI string `json:"request_uri"`
		ExpiresIn  int    `json:"expires_in"`
	}{name, int(codeLife.Seconds())}).with("Cache-Control", "no-store")
}

// pull takes a pushed request, which can be done once.
func (e *environment) pull(query url.Values) (*authorization, *refusal) {
	e.flows.mu.Lock()
	defer e.flows.mu.Unlock()
	name := query.Get("request_uri")
	asked := e.flows.pushed[name]
	switch {
	case asked == nil:
		return nil, refuse(invalidRequest, UnknownRequest, "request_uri: not issued here, or used before")
	case asked.client.id != query.Get("client_id"):
		return nil, refuse(invalidRequest, UnknownRequest, "request_uri: issued to another client than %q", query.Get("client_id"))
	case !e.sandbox.Now().Before(asked.expires):
		return nil, refuse(invalidRequest, UnknownRequest, "request_uri: expired")
	}
	delete(e.flows.pushed, name)
	return asked, nil
}

// clientRequest reads the form of an endpoint that is not the token endpoint and finds out who sends it. Issuer and token
// URL are right audiences of an assertion too (RFC 9126, section 2).
func (e *environment) clientRequest(r *http.Request, path string) (url.Values, *client, *refusal) {
	form, refused := readForm(r)
	if refused != nil {
		return nil, nil, refused
	}
	c, refused := e.authenticate(tokenRequest{
		endpoint: e.origin + path, also: []string{e.issuer(), e.origin + tokenPath}, header: r.Header, form: form, peer: peer(r),
	})
	return form, c, refused
}
