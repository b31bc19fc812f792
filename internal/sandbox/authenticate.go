package sandbox

import (
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strings"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticate finds out which client is asking. Exactly one way of saying so may be used: a client assertion, a secret
// in the form, a Basic header, or, for a public client, client_id alone.
func (e *environment) authenticate(r tokenRequest) (*client, *refusal) {
	var (
		basic     = r.header.Get("Authorization")
		secret    = r.form.Get("client_secret")
		assertion = r.form.Get("client_assertion")
		kind      = r.form.Get("client_assertion_type")
	)
	used := 0
	for _, present := range []bool{basic != "", secret != "", assertion != "" || kind != ""} {
		if present {
			used++
		}
	}
	switch {
	case used > 1:
		return nil, refuse(invalidRequest, SeveralAuthentications, "%d of Basic, client_secret and client_assertion", used)
	case basic != "":
		return e.authenticateBasic(basic, r.form.Get("client_id"))
	case secret != "":
		return e.checkSecret(r.form.Get("client_id"), secret)
	case used == 0 && r.peer != nil:
		return e.checkCertificate(r.form.Get("client_id"), r.peer)
	case used == 0:
		return e.checkPublic(r.form.Get("client_id"))
	case assertion == "":
		return nil, refuse(invalidRequest, MissingParameter, "client_assertion")
	case kind == "":
		return nil, refuse(invalidRequest, MissingParameter, "client_assertion_type")
	case kind != assertionType:
		return nil, refuse(invalidRequest, WrongAssertionType, "got %q", kind)
	}
	return e.judge(assertion, trial{clientID: r.form.Get("client_id"), audience: r.endpoint, also: r.also, blame: invalidClient})
}

// authenticateBasic wants id and secret form-encoded before they are joined (RFC 6749, section 2.3.1).
func (e *environment) authenticateBasic(header, clientID string) (*client, *refusal) {
	id, secret, refused := basicPair(header)
	if refused != nil {
		return nil, refused
	}
	plainID, err := url.QueryUnescape(id)
	plainSecret, also := url.QueryUnescape(secret)
	if err != nil || also != nil {
		return nil, refuse(invalidClient, UnencodedBasic, "id or secret is not form-encoded")
	}
	if clientID != "" && clientID != plainID {
		return nil, refuse(invalidClient, UnknownClient, "Basic and client_id name two clients")
	}
	c, refused := e.checkSecret(plainID, plainSecret)
	if refused == nil {
		return c, nil
	}
	if _, raw := e.checkSecret(id, secret); raw == nil {
		return nil, refuse(invalidClient, UnencodedBasic, "right, if it were form-encoded")
	}
	return nil, refused
}

// basicPair takes an Authorization: Basic header apart, as it stands.
func basicPair(header string) (id, secret string, refused *refusal) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", refuse(invalidClient, MalformedBasic, "the scheme is not Basic")
	}
	pair, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", refuse(invalidClient, MalformedBasic, "not base64")
	}
	id, secret, found := strings.Cut(string(pair), ":")
	if !found {
		return "", "", refuse(invalidClient, MalformedBasic, "no colon between id and secret")
	}
	return id, secret, nil
}

func (e *environment) checkSecret(id, secret string) (*client, *refusal) {
	c := e.clients.find(id)
	if c == nil {
		if e.sibling(id) != nil {
			return nil, refuse(invalidClient, UnknownClient, "%q is a client of the other environment", id)
		}
		return nil, refuse(invalidClient, UnknownClient, "%q", id)
	}
	if c.secret == "" || subtle.ConstantTimeCompare([]byte(c.secret), []byte(secret)) == 0 {
		return nil, refuse(invalidClient, WrongSecret, "for %s: %s", c.id, secretFault(c.secret, secret))
	}
	return c, nil
}

// secretFault says in what way a secret is wrong without showing it.
func secretFault(want, got string) string {
	switch {
	case strings.Trim(got, " \t\r\n\"'\ufeff") == want:
		return "right but for white space, quotes or a byte order mark around it"
	case strings.ReplaceAll(got, " ", "+") == want:
		return "right but for + that became a space"
	}
	return "another one"
}

func (e *environment) checkPublic(id string) (*client, *refusal) {
	c := e.clients.find(id)
	switch {
	case id == "":
		return nil, refuse(invalidClient, NoAuthentication, "no client_id either")
	case c == nil:
		return nil, refuse(invalidClient, UnknownClient, "%q", id)
	case !c.public():
		return nil, refuse(invalidClient, NoAuthentication, "%s is no public client", id)
	}
	return c, nil
}
