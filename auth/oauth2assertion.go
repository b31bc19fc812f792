package auth

import (
	"slices"
	"strings"

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
	return true
}

// clientAssertion is the key of the assertion that says who the client is: that of the grant, if it is one, has the name
// already.
func (r *reading) clientAssertion() string {
	if r.o.grant.assertion {
		return "client_assertion"
	}
	return "assertion"
}

func (r *reading) chooseClientAuth() string {
	g := r.o.grant
	assertion, signed := r.found[r.clientAssertion()]
	preset, known := r.preset.clientAuth[r.o.name]
	switch {
	case signed && isHMAC(r.algOf(assertion)):
		return "client_secret_jwt"
	case signed:
		return "private_key_jwt"
	case known && (r.has("client_secret") || g.auth != "none"):
		return preset
	case r.has("client_secret") && !g.assertion:
		return "basic"
	}
	return g.auth
}

// readAssertions reads the assertion that is the grant, the one that says who the client is, or both.
func (r *reading) readAssertions() {
	key, lent := r.clientAssertion(), false
	if r.o.grant.assertion {
		lent = r.readAssertion("assertion", r.preset.alg, &r.o.grantJWT)
	}
	if r.o.client.assertion {
		lent = r.readAssertion(key, r.clientAlg(), &r.o.clientJWT) || lent
		if n, given := r.found[key]; given {
			r.checkAlg(n)
		}
	}
	for _, name := range []string{"assertion", "client_assertion"} {
		n, given := r.found[name]
		switch {
		case !given || slices.Contains(r.signs(), name):
		case name == "client_assertion" && !r.o.grant.assertion:
			n.Errorf("client_assertion stands beside an assertion that is the grant, and grant: %s has none; write assertion: {…}", r.o.name)
		default:
			n.Errorf("%s has no use with grant: %s and client_auth: %s; a request says in one way who the client is", name, r.o.name, r.o.clientName)
		}
	}
	r.checkSecretUse(lent)
}

// readAssertion reads an assertion, filled up with what profile and client authentication say about it. The shared key of
// an HMAC is the client secret unless the assertion has a key (OpenID Connect Core, section 9): then the secret is lent.
func (r *reading) readAssertion(name, alg string, to *signing) (lent bool) {
	n, given := r.found[name]
	secret, hasSecret := r.found["client_secret"]
	if !given && hasSecret && isHMAC(alg) {
		n = r.n.Mapping()
		given = true
	}
	if !given {
		return false
	}
	if alg != "" {
		n = n.Default("alg", n.Scalar(alg))
	}
	lent = hasSecret && !n.Has("key") && isHMAC(r.algOf(n))
	if lent {
		n = n.Default("key", secret)
	}
	to.read(n)
	return lent
}

// clientAlg is the algorithm of a client's assertion that names none; empty lets the key decide.
func (r *reading) clientAlg() string {
	switch {
	case r.o.clientName == "client_secret_jwt":
		return "HS256"
	case !isHMAC(r.preset.alg):
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
	if len(r.signs()) > 0 && r.has(r.signs()[0]) {
		why = "the assertion has a key of its own"
	}
	n.Errorf("client_secret has no use: client_auth: %s does not send it, and %s; remove it, or say client_auth: basic or post", r.o.clientName, why)
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
