package bruno

import (
	"strings"
	"unicode"

	"github.com/hgrun/hgrun/internal/source"
)

// auth adds the block of an auth and returns its mode; empty for none that is said.
func (f *file) auth(n source.Node) string {
	a, ok := n.Get("auth")
	if !ok || a.IsNull() {
		return ""
	}
	if a.IsScalar() {
		return a.Raw()
	}
	mode, _ := a.Get("type")
	inner, ok := a.Get(mode.Raw())
	if !ok || !inner.IsMap() {
		inner = a
	}
	f.add("auth:"+mode.Raw(), a, credentials(inner, mode.Raw() == "oauth2")...)
	return mode.Raw()
}

// credentials are the members of an auth, those of members too; of oauth2 by the names that .bru files have.
func credentials(n source.Node, oauth2 bool) []pair {
	var pairs []pair
	for _, e := range n.Entries() {
		if e.Value.IsMap() {
			pairs = append(pairs, credentials(e.Value, oauth2)...)
			continue
		}
		p := pairOf(n, e.Name())
		if oauth2 {
			p.key = snake(p.key)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// snake is access_token_url for accessTokenUrl; three names differ more.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	made := b.String()
	if other, ok := map[string]string{"flow": "grant_type", "placement": "credentials_placement", "resource_owner_password_credentials": "password"}[made]; ok {
		return other
	}
	return made
}
