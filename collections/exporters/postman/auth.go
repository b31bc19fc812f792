package postman

import (
	"encoding/json"

	"github.com/hgrun/hgrun/internal/source"
)

// auth is an auth block: its type, and its parameters under the key of that name.
type auth struct {
	kind   string
	params []variable
}

// MarshalJSON writes {"type": "basic", "basic": […]}.
func (a *auth) MarshalJSON() ([]byte, error) {
	block := map[string]any{"type": a.kind}
	if a.kind != "noauth" {
		block[a.kind] = append([]variable{}, a.params...)
	}
	return json.Marshal(block)
}

func (a *auth) add(key, value string) {
	if value != "" {
		a.params = append(a.params, variable{Key: key, Value: value, Type: "string"})
	}
}

// auth writes a block, none, or one of auths by name; nil where Postman has no counterpart.
func (x *exporter) auth(n source.Node) *auth {
	if n.IsScalar() {
		if named, ok := x.auths[n.Text()]; ok {
			return x.auth(named)
		}
		return &auth{kind: "noauth"}
	}
	kinds := n.Entries()
	if len(kinds) == 0 {
		return nil
	}
	e := kinds[0] // a block that loads has one
	fields := map[string]string{}
	for _, f := range entries(e.Value) {
		fields[f.Name()], _ = x.text(f.Value)
	}
	short, _ := x.text(e.Value)
	return x.kind(e, fields, short)
}

func (x *exporter) kind(e source.Entry, fields map[string]string, short string) *auth {
	a := &auth{}
	switch e.Name() {
	case "bearer":
		if fields["prefix"] != "" { // which Postman has for tokens of OAuth 2.0 alone
			a.kind = "oauth2"
			a.add("accessToken", fields["token"])
			a.add("headerPrefix", fields["prefix"])
			a.add("addTokenTo", "header")
			return a
		}
		a.kind = "bearer"
		a.add("token", fields["token"]+short)
	case "basic":
		a.kind = "basic"
		a.add("username", fields["username"])
		a.add("password", fields["password"])
	case "api_key":
		a.kind = "apikey"
		a.add("key", fields["name"])
		a.add("value", fields["value"])
		a.add("in", fields["in"])
		if fields["in"] == "cookie" {
			x.left(e, "a cookie")
			return nil
		}
	case "oauth2":
		return x.oauth2(e, fields)
	default:
		return x.signing(e, fields)
	}
	return a
}

// oauth2 writes the grants that Postman has. For others the token is a variable, which a person or a script has to set.
func (x *exporter) oauth2(e source.Entry, fields map[string]string) *auth {
	grants := map[string]string{"client-credentials": "client_credentials", "password": "password_credentials", "authorization-code": "authorization_code_with_pkce"}
	grant, ok := grants[fields["grant"]]
	if !ok || fields["client_auth"] == "private_key_jwt" || fields["client_auth"] == "client_secret_jwt" {
		what := "grant " + fields["grant"]
		if fields["grant"] == "" {
			what = "profile " + fields["profile"]
		}
		x.notes = append(x.notes, e.Key.Pos().Errorf("Postman cannot get a token by the %s; it is a bearer token {{access_token}} there, which somebody has to set", what))
		return &auth{kind: "bearer", params: []variable{{Key: "token", Value: "{{access_token}}", Type: "string"}}}
	}
	a := &auth{kind: "oauth2"}
	a.add("grant_type", grant)
	for _, k := range [][2]string{
		{"accessTokenUrl", "token_url"}, {"authUrl", "authorization_url"}, {"redirect_uri", "redirect_uri"}, {"clientId", "client_id"}, {"clientSecret", "client_secret"},
		{"scope", "scope"}, {"username", "username"}, {"password", "password"}, {"refreshTokenUrl", "refresh_url"},
	} {
		a.add(k[0], fields[k[1]])
	}
	placement := "header"
	if fields["client_auth"] == "post" || fields["client_auth"] == "none" {
		placement = "body"
	}
	a.add("client_authentication", placement)
	a.add("addTokenTo", "header")
	return a
}
