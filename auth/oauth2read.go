package auth

import (
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// reading is an oauth2 block while it is read. What a key means, and whether it is missing, depends on the grant and the
// profile, so that all keys are found first.
type reading struct {
	n       source.Node
	found   map[string]source.Node
	profile string // empty for none
	preset  profile
	grants  map[string]grant // the table, made once for a block
	o       *oauth2
}

func readOAuth2(n source.Node) Authorizer {
	r := &reading{n: n, found: map[string]source.Node{}, grants: grants(), o: &oauth2{pos: n.Pos()}}
	r.collect()
	if !n.IsMap() || !r.readProfile() || !r.readGrant() {
		return nil
	}
	r.readTexts()
	r.readDiscover()
	if !r.readClientAuth() {
		return nil
	}
	r.readExtras("params", param)
	r.readExtras("headers", header)
	r.readAuthorization()
	r.readAssertions()
	r.readContext()
	r.readTerms()
	r.readDPoP()
	r.missing()
	return r.o
}

// collect finds every key of the block; its table is the table of all keys of all grants.
func (r *reading) collect() {
	names := []string{"profile", "grant", "client_auth", "basic_encoding", "assertion", "client_assertion", "params", "headers",
		"authorization_params", "context", "discover", "dpop", "par", "expires_in_unit", "skew", "token_type", "header_prefix"}
	for _, k := range commonKeys() {
		names = append(names, k.name)
	}
	for _, g := range r.grants {
		for _, k := range g.own {
			names = append(names, k.name)
		}
	}
	keys := source.Keys{}
	for _, name := range names {
		keys[name] = func(n source.Node) { r.found[name] = n }
	}
	r.n.Map(keys)
}

func (r *reading) has(name string) bool {
	_, ok := r.found[name]
	return ok
}

func (r *reading) readProfile() bool {
	table := profiles()
	name := ""
	if n, ok := r.found["profile"]; ok {
		source.OneOf(&name, slices.DeleteFunc(slices.Sorted(maps.Keys(table)), func(s string) bool { return s == "" })...)(n)
		if name == "" {
			return false
		}
	}
	r.profile, r.preset = name, table[name]
	r.o.profile = r.preset
	r.o.profile.name = name
	return true
}

func (r *reading) readGrant() bool {
	name := r.preset.grant
	if n, ok := r.found["grant"]; ok {
		name = n.Text()
		if _, err := findGrant(name); err != nil {
			if name != "" {
				n.Errorf("%w", err)
			}
			return false
		}
	}
	if name == "" {
		r.n.Errorf("oauth2 needs grant; add one of %s", strings.Join(slices.Sorted(maps.Keys(grants())), ", "))
		return false
	}
	r.o.name = name
	r.o.grant = r.grants[name]
	return true
}

// readTexts reads the texts of the grant, and refuses those of another grant: a request that mixes the parameters of two
// grants means neither.
func (r *reading) readTexts() {
	mine := append(commonKeys(), r.o.grant.own...)
	for _, k := range mine {
		n, ok := r.found[k.name]
		if !ok {
			continue
		}
		f := field{use: ownText, key: k, pos: n.Pos(), parts: r.templates(n, k)}
		r.o.fields = append(r.o.fields, f)
	}
	for other, g := range r.grants {
		for _, k := range g.own {
			if !slices.ContainsFunc(mine, func(m key) bool { return m.name == k.name }) {
				r.belongs(k.name, other)
			}
		}
	}
}

// belongs refuses a key of another grant.
func (r *reading) belongs(name, grant string) {
	if n, ok := r.found[name]; ok && grant != r.o.name {
		n.Errorf("%s belongs to grant: %s, and this is grant: %s; one request has one grant", name, grant, r.o.name)
	}
}

// templates reads a text, or the list of texts that scope may be.
func (r *reading) templates(n source.Node, k key) []vars.Template {
	items := []source.Node{n}
	if k.name == "scope" && n.IsList() {
		items = n.Items()
	}
	parts := make([]vars.Template, len(items))
	for i, item := range items {
		parts[i] = r.template(item, k)
	}
	return parts
}

// template reads a text and checks what no variable can change.
func (r *reading) template(n source.Node, k key) vars.Template {
	var t vars.Template
	t.Read(n)
	text := t.Outline("x")
	if k.check == nil || text == "" || !t.Static() && k.name != "scope" {
		return t
	}
	if err := k.check(text); err != nil {
		n.Errorf("%w", err)
	}
	return t
}

// readExtras reads params: or headers:, whose names are the author's.
func (r *reading) readExtras(name string, u use) {
	n, ok := r.found[name]
	if u == param {
		r.presetParams()
	}
	if !ok {
		return
	}
	for _, e := range n.Entries() {
		f := field{use: u, key: key{name: e.Name()}, pos: e.Value.Pos(), parts: make([]vars.Template, 1)}
		f.parts[0].Read(e.Value)
		r.o.fields = append(r.o.fields, f)
		switch u {
		case header:
			r.checkHeader(e)
		case authorizationParam:
			if err := checkAuthorizationParam(e.Name()); err != nil {
				e.Key.Errorf("%w", err)
			}
		default:
			r.checkParam(e)
		}
	}
}

// presetParams adds the parameters of the profile that the file does not say itself.
func (r *reading) presetParams() {
	n, given := r.found["params"]
	for _, name := range slices.Sorted(maps.Keys(r.preset.params)) {
		if given && n.IsMap() && n.Has(name) {
			continue
		}
		f := field{use: param, key: key{name: name}, pos: r.n.Pos(), parts: []vars.Template{vars.Literal(r.preset.params[name])}}
		r.o.fields = append(r.o.fields, f)
	}
}

func (r *reading) checkHeader(e source.Entry) {
	switch strings.ToLower(e.Name()) {
	case "authorization":
		e.Key.Errorf("headers: Authorization is what client_auth writes; say client_auth: basic")
	case "content-type", "content-length", "host", "transfer-encoding":
		e.Key.Errorf("headers: %s is not for a file to say: a token request is a form (RFC 6749, section 4)", e.Name())
	default:
		if !isHeaderName(e.Name()) {
			e.Key.Errorf("%q cannot be the name of a header", e.Name())
		}
	}
}

// checkParam refuses what would stand in the form twice, and what another key says better.
func (r *reading) checkParam(e source.Entry) {
	name := e.Name()
	say := map[string]string{
		"grant_type":            "grant: …",
		"assertion":             "assertion: {…} beside params",
		"client_assertion":      "assertion: {…} beside params",
		"client_assertion_type": "client_auth: private_key_jwt",
		"client_secret":         "client_secret: … beside params, and client_auth: post",
		"refresh_token":         "refresh_token: … beside params, and grant: refresh-token",
	}[name]
	switch {
	case say != "":
		e.Key.Errorf("params: %s has a key of its own; write %s", name, say)
	case slices.ContainsFunc(r.o.grant.own, func(k key) bool { return k.name == name }):
		e.Key.Errorf("params: %s has a key of its own; write %s: … beside params", name, name)
	case name == "client_id" && r.o.clientName == "basic": // it is in the header only, and some servers want it in the form too
	case slices.Contains([]string{"scope", "audience", "resource", "client_id"}, name) && r.has(name):
		e.Key.Errorf("params: %s stands beside params already, and a parameter may be sent once (RFC 6749, section 3.2)", name)
	}
}
