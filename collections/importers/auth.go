package importers

import (
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// parameters are those of an auth block, each at its place: a list of keys and values in v2.1, a mapping in v2.0.
type parameters map[string]source.Node

func parametersOf(n source.Node) parameters {
	ps := parameters{}
	switch {
	case n.IsMap():
		for _, e := range n.Entries() {
			ps[e.Name()] = e.Value
		}
	case n.IsList():
		for _, p := range n.Items() {
			key, _ := p.Get("key")
			if value, ok := p.Get("value"); ok && !isOff(p) {
				ps[key.Raw()] = value
			}
		}
	}
	return ps
}

// text returns a parameter, empty where there is none.
func (ps parameters) text(name string) string { return ps[name].Raw() }

// add adds a parameter to a mapping under the key of ours, unless it is empty.
func (ps parameters) add(made source.Node, key, name string) source.Node {
	if v, ok := ps[name]; ok && v.Raw() != "" {
		return made.With(key, v.Scalar(braces(v.Raw())))
	}
	return made
}

// need adds a parameter even where it is empty.
func (ps parameters) need(made source.Node, key, name string) source.Node {
	if v, ok := ps[name]; ok {
		return made.With(key, v.Scalar(braces(v.Raw())))
	}
	return made.With(key, made.Scalar(""))
}

// kinds is the table of the types of auth: each returns the kind of ours and what it says.
func kinds() map[string]func(*importer, source.Node, parameters) (string, source.Node) {
	return map[string]func(*importer, source.Node, parameters) (string, source.Node){
		"basic":  basic,
		"bearer": bearer,
		"apikey": apiKey,
		"oauth2": oauth2,
	}
}

// allKinds are those and the ones that sign.
func allKinds() map[string]func(*importer, source.Node, parameters) (string, source.Node) {
	all := kinds()
	maps.Copy(all, signing())
	return all
}

// authHeader returns the header that a kind of auth of ours writes, empty for none.
func authHeader(kind string, value source.Node) string {
	if kind != "api_key" {
		return "Authorization"
	}
	name, _ := value.Get("name")
	if in, ok := value.Get("in"); ok && in.Raw() == "query" {
		return ""
	}
	return name.Raw()
}

// auth adds the auth of an item, and returns what holds from here on.
func (im *importer) auth(made, n source.Node, in around) (source.Node, around) {
	kind, ok := n.Get("type")
	if !ok {
		if !n.IsEmpty() {
			im.problem(n, "auth has no type")
		}
		return made, in
	}
	name := kind.Raw()
	if name == "inherit" {
		return made, in
	}
	in.header = ""
	none := made.With("auth", kind.Scalar("none"))
	if name == "noauth" || kind.IsNull() {
		return none, in
	}
	block, _ := n.Get(name)
	read, known := allKinds()[name]
	if !known {
		im.problem(kind, "auth %q is no type that can be sent; %s", name, source.Suggest(name, slices.Sorted(maps.Keys(allKinds()))))
		return none, in
	}
	var ps parameters
	if block.IsZero() {
		block, ps = kind, parameters{}
	} else {
		ps = parametersOf(block)
	}
	key, value := read(im, block, ps)
	if key == "none" {
		return none, in
	}
	in.header = authHeader(key, value)
	return made.With("auth", n.Mapping().With(key, value)), in
}

func basic(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	return "basic", ps.need(ps.need(n.Mapping(), "username", "username"), "password", "password")
}

func bearer(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	token, ok := ps["token"]
	if !ok {
		token = n.Scalar("")
	}
	return "bearer", token.Scalar(braces(token.Raw()))
}

func apiKey(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(ps.need(n.Mapping(), "name", "key"), "value", "value")
	if ps.text("in") == "query" {
		made = made.With("in", n.Scalar("query"))
	}
	return "api_key", made
}

// fetches is the table of grants that need nobody to agree.
func fetches() map[string]string {
	return map[string]string{
		"client_credentials":           "client-credentials",
		"password_credentials":         "password",
		"password":                     "password",
		"authorization_code":           "authorization-code",
		"authorization_code_with_pkce": "authorization-code",
	}
}

// oauth2 is a token that is known already, or one that is fetched. Postman's app fetches it where a person clicks; its command lines never
// do.
func oauth2(im *importer, n source.Node, ps parameters) (string, source.Node) {
	token, grant := ps.text("accessToken"), ps.either("grant_type", "grantType")
	alone := grant == "client_credentials" || grant == "password_credentials" || grant == "password"
	fetched := ps.text("accessTokenUrl") != ""
	switch {
	case token != "" && (strings.Contains(token, "{{") || !fetched || !alone):
		return known(n, ps)
	case fetched && (grant == "" || fetches()[grant] != ""):
		return "oauth2", im.fetched(n, ps, orElse(fetches()[grant], "authorization-code"))
	case grant == "implicit":
		im.problem(n, "oauth2: the implicit grant needs a browser and ends in it; use authorization_code or client_credentials, or give an accessToken")
		return "none", n
	case fetched:
		im.problem(n, "oauth2: unknown grant_type %q; %s", grant, source.Suggest(grant, slices.Sorted(maps.Keys(fetches()))))
		return "none", n
	}
	im.note(n, "oauth2 has neither an accessToken nor an accessTokenUrl (Postman leaves them out of exports), so that requests go without a token")
	return "none", n
}

// known is oauth2 with a token that is there.
func known(n source.Node, ps parameters) (string, source.Node) {
	token := ps["accessToken"].Scalar(braces(ps.text("accessToken")))
	if where := ps.text("addTokenTo"); where == "queryParams" || where == "url" {
		return "api_key", n.Mapping().With("name", n.Scalar("access_token")).With("value", token).With("in", n.Scalar("query"))
	}
	if prefix, ok := ps["headerPrefix"]; ok && strings.TrimSpace(prefix.Raw()) != "Bearer" {
		return "bearer", n.Mapping().With("token", token).With("prefix", prefix.Scalar(braces(strings.TrimSpace(prefix.Raw()))))
	}
	return "bearer", token
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

func (ps parameters) either(name, older string) string { return orElse(ps.text(name), ps.text(older)) }

// first adds the first of several parameters that is there: newer files call some of them otherwise.
func (ps parameters) first(made source.Node, key string, names ...string) source.Node {
	for _, name := range names {
		if ps.text(name) != "" {
			return ps.add(made, key, name)
		}
	}
	return made
}

// fetched is oauth2 with all that a token exchange needs.
func (im *importer) fetched(n source.Node, ps parameters, grant string) source.Node {
	made := n.Mapping().With("grant", n.Scalar(grant))
	made = ps.add(made, "token_url", "accessTokenUrl")
	made = ps.first(made, "refresh_url", "refreshTokenUrl")
	made = ps.add(made, "client_id", "clientId")
	if ps.text("clientSecret") != "" {
		made = ps.add(made, "client_secret", "clientSecret")
		how := "basic"
		if given := ps.either("client_authentication", "clientAuth"); given == "body" {
			how = "post"
		}
		made = made.With("client_auth", n.Scalar(how))
	} else if grant == "client-credentials" {
		made = made.With("client_auth", n.Scalar("none")) // a secret would be asked for
	}
	made = ps.add(made, "scope", "scope")
	made = ps.add(made, "audience", "audience")
	made = ps.add(made, "resource", "resource")
	if grant == "password" {
		made = ps.add(ps.add(made, "username", "username"), "password", "password")
	}
	if grant == "authorization-code" {
		made = ps.first(made, "authorization_url", "authUrl")
		made = ps.first(made, "redirect_uri", "redirect_uri", "redirectUri", "callBackUrl")
		if more := im.requestParams(ps["authRequestParams"], n, "request_body"); !more.IsEmpty() {
			made = made.With("authorization_params", more)
		}
	}
	if more := im.requestParams(ps["tokenRequestParams"], n, "request_header"); !more.IsEmpty() {
		made = made.With("params", more)
	}
	if prefix, ok := ps["headerPrefix"]; ok && strings.TrimSpace(prefix.Raw()) != "Bearer" {
		made = made.With("header_prefix", prefix.Scalar(braces(strings.TrimSpace(prefix.Raw()))))
	}
	if where := ps.text("addTokenTo"); where == "queryParams" || where == "url" {
		im.note(ps["addTokenTo"], "the token goes into the header Authorization, not into the URL, where servers write it to their logs")
	}
	return made
}

// requestParams returns more parameters of a request, but for those that go elsewhere.
func (im *importer) requestParams(list, at source.Node, elsewhere string) source.Node {
	made := at.Mapping()
	if list.IsZero() || !list.IsList() {
		return made
	}
	for _, p := range list.Items() {
		key, _ := p.Get("key")
		value, _ := p.Get("value")
		as, _ := p.Get("send_as")
		if isOff(p) || key.Raw() == "" || made.Has(key.Raw()) {
			continue
		}
		if as.Raw() == elsewhere {
			im.note(p, "oauth2: the parameter "+quoted(key.Raw())+" is sent as "+as.Raw()+" by Postman, and not at all here")
			continue
		}
		made = made.With(key.Raw(), p.Scalar(braces(value.Raw())))
	}
	return made
}
