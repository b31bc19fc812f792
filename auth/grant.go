package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// grant is one way to get a token (RFC 6749, section 1.3). To add one, write a file with a function that returns it, and
// its line in grants.
type grant struct {
	wire      string   // grant_type
	also      []string // what people call it, for messages
	needs     []string // keys of the block that it cannot do without
	own       []key    // keys of the block that belong to it and to no other grant
	auth      string   // client authentication where the block names none and gives neither secret nor assertion
	assertion bool     // the assertion is the grant itself, not the client's authentication
	anonymous bool     // a server may take it from a client that does not say who it is
	earlier   bool     // an earlier request asked for the scope
	refused   string   // what to check after invalid_grant; empty where that depends on the client authentication
	// fill adds the grant's parameters to the form. A grant of several steps takes the earlier ones here, the first time.
	fill func(ctx context.Context, x *exchange) error
	// judge says what is wrong with a good answer, or nothing; nil for nothing ever.
	judge func(x *exchange, members map[string]json.RawMessage) string
	// again returns nil once the request is worth another try, or why it is not: err as a rule. nil for never.
	again func(ctx context.Context, x *exchange, err error) error
}

// grants is the table of the grants by the names that YAML has for them.
func grants() map[string]grant {
	return map[string]grant{
		authorizationCodeName: authorizationCode(),
		"client-credentials":  clientCredentials(),
		deviceName:            device(),
		"jwt-bearer":          jwtBearer(),
		"password":            password(),
		refreshTokenName:      refreshToken(),
		"token-exchange":      tokenExchange(),
	}
}

// inventions are values for grant that hgrun has no grant for, and what to do instead.
func inventions() map[string]string {
	return map[string]string{
		"implicit": "the implicit grant is retired (RFC 9700, section 2.1.2); write grant: authorization-code",
		"hybrid":   "a hybrid flow shows tokens to the browser; write grant: authorization-code",
	}
}

// findGrant returns a grant by its name, or says what might be meant.
func findGrant(name string) (grant, error) {
	table := grants()
	if g, ok := table[name]; ok {
		return g, nil
	}
	known := slices.Sorted(maps.Keys(table))
	if why, ok := inventions()[strings.ToLower(name)]; ok {
		return grant{}, fmt.Errorf("unknown grant %q: %s; known here: %s", name, why, strings.Join(known, ", "))
	}
	for _, n := range known {
		if g := table[n]; matches(name, g.wire, g.also) {
			return grant{}, fmt.Errorf("unknown grant %q; write grant: %s, which sends grant_type=%s", name, n, g.wire)
		}
	}
	return grant{}, fmt.Errorf("unknown grant %q; %s", name, source.Suggest(name, known))
}

// matches reports whether a name is one of the others, whatever its case and its separators are.
func matches(name, wire string, also []string) bool {
	plain := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	return slices.ContainsFunc(append([]string{wire}, also...), func(other string) bool { return plain(other) == plain(name) })
}

// key is a text of the oauth2 block.
type key struct {
	name     string
	secret   bool
	fleeting bool                    // another value is no other credential
	check    func(text string) error // of the expanded text; nil for anything goes
}

// commonKeys are the texts that every grant may have, in the order in which they are expanded.
func commonKeys() []key {
	return []key{
		{name: "token_url", check: checkTokenURL},
		{name: "refresh_url", check: checkTokenURL},
		{name: "introspection_url", check: checkTokenURL},
		{name: "revocation_url", check: checkTokenURL},
		{name: "issuer"},
		{name: "client_id"},
		{name: "client_secret", secret: true},
		{name: "scope", check: checkScope},
		{name: "audience"},
		{name: "resource"},
	}
}
