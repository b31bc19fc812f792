package sandbox

import "net/http"

// A guard binds the tokens of an environment to a key that their holder must prove to have.
type guard interface {
	// bind looks for the proof in a token request.
	bind(r *http.Request) (binding, *refusal)
	// admit finds the access token of a request and judges it and the proof; OK means that it opens the environment.
	admit(r *http.Request) (token, Reason, string)
	// challenge is the WWW-Authenticate header for a failure of admit.
	challenge(reason Reason) string
}

// A binding is the key that the holder of a token must prove to have; the zero value is that of a bearer token.
type binding struct {
	scheme string // "DPoP" or "mTLS"
	member string // of cnf: "jkt" (RFC 9449) or "x5t#S256" (RFC 8705)
	digest string // of the key or the certificate, base64url
}

// confirmation is the claim cnf of RFC 7800; nil for a bearer token.
func (b binding) confirmation() map[string]string {
	if b.scheme == "" {
		return nil
	}
	return map[string]string{b.member: b.digest}
}

// credentials finds the access token of a request, with its proof where the environment wants one.
func (e *environment) credentials(r *http.Request) (token, Reason, string) {
	if e.guard == nil {
		return e.sandbox.bearer(r, e.name)
	}
	return e.guard.admit(r)
}

// bound issues a token with the proof that the environment wants, if any.
func (e *environment) bound(r *http.Request, g grant, asked tokenRequest) (tokenResponse, *refusal) {
	if e.guard == nil {
		return g.issue(e, asked)
	}
	proof, refused := e.guard.bind(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	asked.proof = proof
	response, refused := g.issue(e, asked)
	if refused != nil {
		return tokenResponse{}, refused
	}
	e.sandbox.tokens.bind(response.AccessToken, proof)
	if proof.scheme == "DPoP" {
		response.TokenType = proof.scheme
	}
	return response, nil
}
