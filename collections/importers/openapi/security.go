package openapi

import (
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// security is what a request needs: the name of an auth block, and what goes into headers and the query beside it.
type security struct {
	auth   string // of auths; "none" for none, empty where nothing is said
	beside []part // more API keys
}

// required chooses the first of the alternatives that names a scheme.
func (m *importer) required(list part) security {
	if !list.ok {
		return security{}
	}
	for _, alternative := range list.items() {
		found := security{}
		for _, one := range alternative.members() {
			scheme := m.docs.resolve(m.top.get("components").get("securitySchemes").get(one.name))
			switch {
			case !scheme.ok:
				m.draft.Note(one.pos(), "the security scheme %q is not described; it is left out", one.name)
			case found.auth == "":
				found.auth = m.scheme(one.name, scheme, one.part)
			case scheme.get("type").is("apiKey"):
				found.beside = append(found.beside, scheme)
			default:
				m.draft.Note(one.pos(), "a request has one auth; the scheme %q beside %q is left out", one.name, found.auth)
			}
		}
		if found.auth != "" {
			return found
		}
	}
	return security{auth: "none"}
}

// scheme writes a security scheme as an auth block, once, and returns its name; empty where it has no counterpart.
func (m *importer) scheme(name string, scheme, scopes part) string {
	key := draft.Word(name)
	if key == "none" {
		key = "scheme-none"
	}
	if m.auths.Has(key) {
		return key
	}
	var block *draft.Map
	switch kind := scheme.get("type").text(); kind {
	case "http":
		block = m.http(scheme)
	case "apiKey":
		if scheme.get("name").text() == "" {
			m.draft.Problem(scheme.pos(), "the API key %q has no name", name)
			return ""
		}
		block = draft.M("api_key", draft.M("name", scheme.get("name").text(), "value", m.draft.Secret("api_key", "")))
		if in := scheme.get("in").text(); in == "query" || in == "cookie" {
			block.Map("api_key").Set("in", in)
		}
	case "oauth2":
		block = m.oauth2(scheme, scopes)
	case "openIdConnect":
		issuer := strings.TrimSuffix(scheme.get("openIdConnectUrl").text(), "/.well-known/openid-configuration")
		block = draft.M("oauth2", m.client(draft.M("grant", "client-credentials", "discover", draft.M("issuer", m.draft.Variable("issuer", issuer)))))
		m.draft.Host(issuer)
		m.draft.Note(scheme.pos(), "OpenID Connect does not say how a token is got; grant: client-credentials is a guess")
	case "mutualTLS":
		m.draft.Note(scheme.pos(), "%s: write the client's certificate below tls: in the environment", name)
	default:
		m.draft.Note(scheme.pos(), "a security scheme of the type %q has no counterpart", kind)
	}
	if block == nil {
		return ""
	}
	m.auths.Set(key, block)
	return key
}

func (m *importer) http(scheme part) *draft.Map {
	kind := strings.ToLower(scheme.get("scheme").text())
	switch kind {
	case "bearer":
		return draft.M("bearer", m.draft.Secret("token", ""))
	case "basic", "digest":
		return draft.M(kind, draft.M("username", m.draft.Shell("username"), "password", m.draft.Secret("password", "")))
	}
	m.draft.Note(scheme.pos(), "the HTTP authentication scheme %q has no counterpart", kind)
	return nil
}

func (m *importer) client(block *draft.Map) *draft.Map {
	block.Set("client_id", m.draft.Shell("client_id"))
	block.Set("client_secret", m.draft.Secret("client_secret", ""))
	return block
}

// oauth2 takes the flow that needs a person least.
func (m *importer) oauth2(scheme, scopes part) *draft.Map {
	flows := scheme.get("flows")
	grants := []struct{ flow, grant string }{
		{"clientCredentials", "client-credentials"}, {"password", "password"}, {"authorizationCode", "authorization-code"}, {"deviceAuthorization", "device"},
	}
	for _, g := range grants {
		flow := flows.get(g.flow)
		if !flow.ok {
			continue
		}
		block := m.client(draft.M("grant", g.grant, "token_url", m.endpoint("token_url", flow.get("tokenUrl").text())))
		switch g.grant {
		case "password":
			block.Set("username", m.draft.Shell("username"))
			block.Set("password", m.draft.Secret("password", ""))
		case "authorization-code":
			block.Set("authorization_url", m.endpoint("authorization_url", flow.get("authorizationUrl").text()))
		case "device":
			block.Set("device_url", m.endpoint("device_url", flow.get("deviceAuthorizationUrl").text()))
		}
		var names []string
		for _, s := range scopes.items() {
			names = append(names, s.text())
		}
		if len(names) == 0 {
			for _, s := range flow.get("scopes").members() {
				names = append(names, s.name)
			}
		}
		block.SetSome("scope", strings.Join(names, " "))
		return draft.M("oauth2", block)
	}
	m.draft.Note(scheme.pos(), "the implicit flow gives tokens to browsers alone; get one there and set it as a secret")
	return draft.M("bearer", m.draft.Secret("token", ""))
}

// endpoint is a URL of the description: a variable, below base_url where it is relative.
func (m *importer) endpoint(name, address string) string {
	switch {
	case address == "":
		m.draft.Note(m.top.pos(), "%s is not described; set it in the environment", name)
		address = "https://example.com/"
	case !strings.Contains(address, "://"):
		return "{{base_url}}/" + strings.TrimPrefix(address, "/")
	}
	m.draft.Host(address)
	return m.draft.Variable(name, address)
}
