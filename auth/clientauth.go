package auth

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hgrun/hgrun/internal/source"
)

// clientAuth is one way for a client to say who it is at a token endpoint (RFC 6749, section 2.3; OpenID Connect Core,
// section 9). To add one, write it and its line in clientAuths.
type clientAuth struct {
	registered string   // what a server's metadata and the client's registration call it
	also       []string // what else people call it, for messages
	needs      []string // keys of the block that it cannot do without
	assertion  bool     // it signs one
	secret     bool     // it sends client_secret
	put        func(x *exchange) error
}

// clientAuths is the table of the ways by the names that YAML has for them.
func clientAuths() map[string]clientAuth {
	signed := func(name string) clientAuth {
		return clientAuth{registered: name, needs: []string{"assertion"}, assertion: true, put: putAssertion}
	}
	return map[string]clientAuth{
		"basic": {registered: "client_secret_basic", also: []string{"header"}, needs: []string{"client_id", "client_secret"}, secret: true, put: putBasic},
		"post":  {registered: "client_secret_post", also: []string{"body", "form"}, needs: []string{"client_id", "client_secret"}, secret: true, put: putSecret},
		"mtls":  {registered: "tls_client_auth", also: []string{"self_signed_tls_client_auth", "tls", "certificate", "client-certificate"}, needs: []string{"client_id"}, put: putClientID},
		"none":  {registered: "none", also: []string{"public"}, put: putClientID},

		"private_key_jwt":   signed("private_key_jwt"),
		"client_secret_jwt": signed("client_secret_jwt"),
	}
}

func findClientAuth(name string) (clientAuth, error) {
	table := clientAuths()
	if a, ok := table[name]; ok {
		return a, nil
	}
	known := slices.Sorted(maps.Keys(table))
	for _, n := range known {
		if matches(name, n, append([]string{table[n].registered}, table[n].also...)) {
			return clientAuth{}, fmt.Errorf("unknown client_auth %q; write client_auth: %s", name, n)
		}
	}
	return clientAuth{}, fmt.Errorf("unknown client_auth %q; %s", name, source.Suggest(name, known))
}

// putBasic sends id and secret in the header and neither in the form: a server refuses two ways at once.
func putBasic(x *exchange) error {
	secret := x.text("client_secret")
	pair, err := basicPair(x.text("client_id"), secret, x.block.terms.pair)
	if err != nil {
		return x.block.at("client_secret").Errorf("client_auth: basic: %w", err)
	}
	x.session.Scope.Hide("basic", pair)
	x.header.Set("Authorization", "Basic "+pair)
	return nil
}

func putSecret(x *exchange) error {
	x.form.once("client_id", x.text("client_id"))
	x.form.add("client_secret", x.text("client_secret"))
	return nil
}

// putClientID names a client that proves nothing (RFC 6749, section 3.2.1), or whose certificate, which the environment's tls:
// has, proves who it is (RFC 8705, section 2).
func putClientID(x *exchange) error {
	x.form.once("client_id", x.text("client_id"))
	return nil
}

// putAssertion is RFC 7523, section 2.2; client_id may stand beside it (RFC 7521, section 4.2), and some servers want it.
func putAssertion(x *exchange) error {
	jwt, err := x.sign(x.block.clientJWT)
	x.form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	x.form.add("client_assertion", jwt)
	if !x.block.profile.alone {
		x.form.once("client_id", x.text("client_id"))
	}
	return err
}
