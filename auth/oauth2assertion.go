package auth

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
)

// readClientAuth reads client_auth, or chooses one: what the block gives decides, then the profile, then the grant.
func (r *reading) readClientAuth() bool {
	name := r.chooseClientAuth()
	n, given := r.found["client_auth"]
	if given {
		name = n.Text()
		if _, err := findClientAuth(name); err != nil {
			if name != "" {
				n.Errorf("%w", err)
			}
			return false
		}
	}
	r.o.clientName = name
	r.o.client = clientAuths()[name]
	if r.o.client.assertion && r.o.grant.assertion {
		n.Errorf("grant: %s and client_auth: %s would each send an assertion, which mixes two flows; want client_auth: none, basic or post, or grant: client-credentials", r.o.name, name)
		return false
	}
	return true
}

func (r *reading) chooseClientAuth() string {
	g := r.o.grant
	assertion, signed := r.found["assertion"]
	preset, known := r.preset.clientAuth[r.o.name]
	switch {
	case signed && !g.assertion && isHMAC(r.algOf(assertion)):
		return "client_secret_jwt"
	case signed && !g.assertion:
		return "private_key_jwt"
	case known && (r.has("client_secret") || g.auth != "none"):
		return preset
	case r.has("client_secret") && !g.assertion:
		return "basic"
	}
	return g.auth
}

// readAssertion reads the assertion, filled up with what profile and client authentication say about it. The shared key of
// an HMAC is the client secret unless the assertion has a key (OpenID Connect Core, section 9).
func (r *reading) readAssertion() {
	n, given := r.found["assertion"]
	secret, hasSecret := r.found["client_secret"]
	wanted := r.o.grant.assertion || r.o.client.assertion
	alg := r.defaultAlg()
	switch {
	case given && !wanted:
		n.Errorf("assertion has no use with grant: %s and client_auth: %s; a request says in one way who the client is", r.o.name, r.o.clientName)
	case wanted && !given && hasSecret && isHMAC(alg):
		n = r.n.Mapping()
		given = true
	}
	if !given || !wanted {
		r.checkSecretUse(false)
		return
	}
	if alg != "" {
		n = n.Default("alg", n.Scalar(alg))
	}
	lends := hasSecret && !n.Has("key") && isHMAC(r.algOf(n))
	if lends {
		n = n.Default("key", secret)
	}
	r.checkSecretUse(lends)
	r.checkAlg(n)
	r.o.assertion = &assertions.Assertion{}
	r.o.assertion.Read(n)
	r.o.definition.Read(n)
}

// defaultAlg is the algorithm of an assertion that names none; empty lets the key decide.
func (r *reading) defaultAlg() string {
	switch {
	case r.o.clientName == "private_key_jwt":
		return ""
	case r.o.clientName == "client_secret_jwt":
		return "HS256"
	case r.o.grant.assertion:
		return r.preset.alg
	}
	return ""
}

// algOf returns the algorithm that an assertion names; empty where it names none, or a variable.
func (r *reading) algOf(n source.Node) string {
	if alg, ok := entry(n, "alg"); ok && alg.IsText() {
		return alg.Text()
	}
	return r.preset.alg
}

func isHMAC(alg string) bool { return strings.HasPrefix(alg, "HS") }

// checkAlg refuses a name of the client authentication that contradicts the algorithm; on the wire both are the same.
func (r *reading) checkAlg(n source.Node) {
	alg, ok := entry(n, "alg")
	if !ok || !alg.IsText() || strings.Contains(alg.Text(), "{{") {
		return
	}
	switch {
	case r.o.clientName == "private_key_jwt" && isHMAC(alg.Text()):
		alg.Errorf("client_auth: private_key_jwt signs with a private key, and %s has none; want client_auth: client_secret_jwt, or another alg", alg.Text())
	case r.o.clientName == "client_secret_jwt" && !isHMAC(alg.Text()):
		alg.Errorf("client_auth: client_secret_jwt signs with the client secret, and %s with a private key; want client_auth: private_key_jwt, or HS256", alg.Text())
	}
}

// checkSecretUse reports a client_secret that would go nowhere: whoever wrote it believes that it is sent.
func (r *reading) checkSecretUse(isKey bool) {
	n, ok := r.found["client_secret"]
	if !ok || isKey || r.o.client.secret {
		return
	}
	why := "there is no assertion that it could sign"
	if r.has("assertion") {
		why = "the assertion has a key of its own"
	}
	n.Errorf("client_secret has no use: client_auth: %s does not send it, and %s; remove it, or say client_auth: basic or post", r.o.clientName, why)
}

// claimsName reports whether the assertion names all of the claims itself.
func (r *reading) claimsName(names ...string) bool {
	n, ok := r.found["assertion"]
	if !ok {
		return false
	}
	claims, ok := entry(n, "claims")
	return ok && !slices.ContainsFunc(names, func(name string) bool { return !claims.Has(name) })
}

// entry returns a value of a mapping.
func entry(n source.Node, name string) (source.Node, bool) {
	if !n.IsMap() {
		return source.Node{}, false
	}
	for _, e := range n.Entries() {
		if e.Name() == name {
			return e.Value, true
		}
	}
	return source.Node{}, false
}
