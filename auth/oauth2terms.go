package auth

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

const defaultSkew = 30 * time.Second

// readTerms reads how pairs, lifetimes and tokens are written.
func (r *reading) readTerms() {
	t := &r.o.terms
	*t = terms{pair: r.preset.pair, skew: defaultSkew, kind: "Bearer"}
	unit := r.preset.unit
	for name, read := range map[string]func(source.Node){
		"basic_encoding":  source.OneOf(&t.pair, rawPair, encodedPair),
		"expires_in_unit": source.OneOf(&unit, "s", "ms"),
		"skew":            source.Duration(&t.skew),
		"token_type":      source.String(&t.kind),
	} {
		if n, ok := r.found[name]; ok {
			read(n)
		}
	}
	if n, ok := r.found["par"]; ok {
		var pushed bool
		source.Bool(&pushed)(n)
		t.par = strconv.FormatBool(pushed)
	}
	t.unit = map[string]time.Duration{"s": time.Second, "ms": time.Millisecond}[unit]
	if n, ok := r.found["dpop"]; ok && !r.has("token_type") && (n.IsMap() || n.Text() == "true") {
		t.kind = "DPoP"
	}
	t.prefix = t.kind
	if strings.EqualFold(t.kind, "bearer") || strings.EqualFold(t.kind, "N_A") { // N_A: RFC 8693, section 2.2.1
		t.prefix = "Bearer"
	}
	if n, ok := r.found["header_prefix"]; ok {
		t.prefix = n.Text()
	}
	if n, ok := r.found["basic_encoding"]; ok && r.o.clientName != "basic" {
		n.Errorf("basic_encoding has no use with client_auth: %s", r.o.clientName)
	}
}

// missing reports every key that the grant, the client authentication and the profile cannot do without, with what to add.
func (r *reading) missing() {
	reported := map[string]bool{}
	lacks := func(name, why string) {
		if r.has(name) || reported[name] || r.madeGood(name) {
			return
		}
		reported[name] = true
		r.n.Errorf("oauth2 with %s needs %s; %s", why, name, r.toAdd(name))
	}
	for _, name := range r.o.grant.needs {
		lacks(name, "grant: "+r.o.name)
	}
	for _, name := range r.o.client.needs {
		if name == "assertion" {
			name = r.clientAssertion()
		}
		lacks(name, "client_auth: "+r.o.clientName)
	}
	for _, name := range r.preset.needs {
		lacks(name, "profile: "+r.profile)
	}
	r.missingClaims()
	if r.o.clientName == "none" && !r.o.grant.anonymous {
		lacks("client_id", "client_auth: none")
	}
}

// madeGood reports whether something else stands in for a key that is not there.
func (r *reading) madeGood(name string) bool {
	switch name {
	case "token_url":
		return r.has("discover") || r.o.name == refreshTokenName && r.has("refresh_url")
	case "authorization_url":
		return r.has("code") || r.has("discover")
	case "assertion", "client_assertion":
		return r.o.grantJWT.assertion != nil && name == "assertion" || r.o.clientJWT.assertion != nil && name == r.clientAssertion()
	}
	return memberOf(name) != "" && r.has("discover")
}

// toAdd says what a file that lacks a key should have.
func (r *reading) toAdd(name string) string {
	if name != "assertion" && name != "client_assertion" {
		return `add ` + name + `: "{{` + name + `}}"`
	}
	alg := r.preset.alg
	if !r.o.grant.assertion || name == "client_assertion" {
		alg = r.clientAlg()
	}
	if isHMAC(alg) {
		return `add client_secret: "{{client_secret}}", which is the key of ` + alg + `, or ` + name + `: {…}`
	}
	add := `add ` + name + `: {alg: RS384, key: "{{signing_key}}"}`
	if name == "client_assertion" {
		add += ", which is signed beside the assertion that is the grant, or take client_auth: " + r.o.clientName + " out"
	}
	return add
}

// missingClaims reports what only the author of an assertion can know.
func (r *reading) missingClaims() {
	for _, key := range r.signs() {
		if !r.has("client_id") && !r.names(key, "claims", "iss", "sub") {
			r.n.Errorf(`oauth2 needs client_id, or iss and sub among the claims of %s, to say who the client is; add client_id: "{{client_id}}"`, key)
		}
		for _, claim := range r.preset.claims[r.o.name] {
			if !r.names(key, "claims", claim) {
				r.n.Errorf("oauth2 with profile: %s and grant: %s needs the claim %s; add %s: {claims: {%s: …}}", r.profile, r.o.name, claim, key, claim)
			}
		}
		for _, field := range r.preset.header {
			if !r.names(key, "header", field) {
				r.n.Errorf("oauth2 with profile: %s needs the header %s; add %s: {header: {%s: …}}", r.profile, field, key, field)
			}
		}
	}
}

// signs returns the keys of the assertions that are signed.
func (r *reading) signs() []string {
	var keys []string
	if r.o.grant.assertion {
		keys = append(keys, "assertion")
	}
	if r.o.client.assertion {
		keys = append(keys, r.clientAssertion())
	}
	return slices.Compact(keys)
}

// names reports whether the claims or the header of an assertion name all of the members.
func (r *reading) names(key, part string, members ...string) bool {
	n, ok := r.found[key]
	if !ok {
		return false
	}
	there, ok := entry(n, part)
	return ok && !slices.ContainsFunc(members, func(name string) bool { return !there.Has(name) })
}
