package sandbox

import "net/http"

// openWWW makes the host on which the vendor's discovery places the authorization server: one more address of the token
// endpoints, the same HTML page with status 200 for every other path, and the issuer of all that discovery says. An
// assertion posted to it may name either address of the token endpoint.
func openWWW(e *environment, origin string) opened {
	e.www = origin
	routes := map[string]endpoint{
		tokenPath:                           e.tokenEndpoint(origin+tokenPath, assertionGrants, e.origin+tokenPath),
		refreshPath:                         e.tokenEndpoint(origin+refreshPath, refreshGrants, e.origin+refreshPath),
		"/.well-known/openid-configuration": e.openIDConfiguration,
	}
	shell := htmlAnswer(http.StatusOK, "Health records for everyone", `<div id="root"></div>`)
	return opened{
		name: "www " + e.name,
		answer: func(r *http.Request) answer {
			if route, ok := routes[r.URL.Path]; ok {
				return route(r)
			}
			return shell.because(UnknownPath, "a page for every path")
		},
		variables: func() []Variable {
			return []Variable{{Name: "www_url", Value: origin}, {Name: "www_token_url", Value: origin + tokenPath}}
		},
	}
}

// issuer is the name of the authorization server.
func (e *environment) issuer() string {
	if e.www != "" {
		return e.www
	}
	return e.origin
}
