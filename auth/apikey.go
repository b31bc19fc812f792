package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// apiKey sends a key in a header, in the query or in a cookie, as OpenAPI's apiKey does.
type apiKey struct {
	pos   source.Pos
	name  string
	value vars.Template
	in    string
}

func readAPIKey(n source.Node) Authorizer {
	k := &apiKey{pos: n.Pos(), in: "header"}
	n.Map(source.Keys{
		"name":  source.String(&k.name),
		"value": k.value.Read,
		"in":    source.OneOf(&k.in, "header", "query", "cookie"),
	})
	if !n.IsMap() {
		return k
	}
	if !n.Has("name") {
		n.Errorf("api_key needs name; add name: X-Api-Key")
	} else if k.in != "query" && !isHeaderName(k.name) {
		n.Errorf("%q cannot be the name of a %s", k.name, k.in)
	}
	if !n.Has("value") {
		n.Errorf(`api_key needs value; add value: "{{api_key}}"`)
	}
	return k
}

func (k *apiKey) Authorize(_ context.Context, req *wire.Request, s Session) error {
	value, err := k.value.Expand(s.Scope)
	if err != nil {
		return err
	}
	if value == "" {
		return k.pos.Errorf("the value of api_key %s is empty", k.name)
	}
	s.Scope.Hide("api_key", value)
	switch k.in {
	case "query":
		return k.query(req, value)
	case "cookie":
		return k.cookie(req, value)
	}
	if _, taken := req.Header[http.CanonicalHeaderKey(k.name)]; taken {
		return k.taken("header")
	}
	if !isHeaderValue(value) {
		return k.pos.Errorf("the value of api_key %s has white space at its ends or a control character, which no header can carry; trim it: {{name | trim}}", k.name)
	}
	setHeader(req, k.name, value)
	return nil
}

// query adds the key behind the query as it stands, whose escapes are the author's.
func (k *apiKey) query(req *wire.Request, value string) error {
	base, query, found := strings.Cut(req.URL, "?")
	for piece := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(piece, "=")
		if plain, err := url.QueryUnescape(name); err == nil && plain == k.name {
			return k.taken("query parameter")
		}
	}
	if found && query != "" {
		base += "?" + query + "&"
	} else {
		base += "?"
	}
	req.URL = base + url.QueryEscape(k.name) + "=" + url.QueryEscape(value)
	return nil
}

func (k *apiKey) cookie(req *wire.Request, value string) error {
	cookies := strings.Join(req.Header["Cookie"], "; ")
	for piece := range strings.SplitSeq(cookies, ";") {
		if name, _, _ := strings.Cut(strings.TrimSpace(piece), "="); name == k.name {
			return k.taken("cookie")
		}
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) }) {
		return k.pos.Errorf("the value of api_key %s has a character that no cookie can carry (RFC 6265, section 4.1.1); encode it: {{name | urlencode}}", k.name)
	}
	if cookies != "" {
		cookies += "; "
	}
	setHeader(req, "Cookie", cookies+k.name+"="+value)
	return nil
}

func (k *apiKey) taken(what string) error {
	return k.pos.Errorf("the request has the %s %s of its own, and auth: api_key would write another; remove it, or give the request auth: none", what, k.name)
}

func (k *apiKey) Uses() []vars.Use { return k.value.Uses() }

func (k *apiKey) String() string { return "api_key " + k.in + " " + k.name }
