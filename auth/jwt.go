package auth

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// jwt sends a JWT of its own making, signed anew for each attempt. It has the claims that the file gives it and no others.
type jwt struct {
	block
	in             string // header or query
	lifetime       time.Duration
	header, claims vars.Document
	keys           assertions.Keys
}

func jwtKeys() []textKey {
	return []textKey{
		{name: "alg", words: assertions.Algorithms()}, {name: "key", needed: true, secret: true},
		{name: "key_encoding", words: []string{"raw", "base64", "base64url", "hex"}}, {name: "prefix"}, {name: "parameter"},
	}
}

func readJWT(n source.Node) Authorizer {
	j := &jwt{in: "header"}
	j.block = readBlock(n, "jwt", jwtKeys(), source.Keys{
		"in": source.OneOf(&j.in, "header", "query"), "header": j.readObject(&j.header), "claims": j.readObject(&j.claims),
		"lifetime": readLifetime(&j.lifetime),
	})
	if n.IsMap() && !n.Has("claims") {
		n.Errorf(`jwt needs claims; add claims: {iss: "{{client_id}}"}`)
	}
	return j
}

// readLifetime reads whole seconds: the times in a JWT have no fractions.
func readLifetime(to *time.Duration) func(source.Node) {
	return func(n source.Node) {
		d := time.Second
		source.Duration(&d)(n)
		if d < time.Second || d%time.Second != 0 {
			n.Errorf("got %s, want whole seconds, at least 1s: the times in a JWT have no fractions", d)
			return
		}
		*to = d
	}
}

// readObject reads a mapping, or a text that is one in JSON once its variables are filled in.
func (j *jwt) readObject(to *vars.Document) func(source.Node) {
	return func(n source.Node) {
		if n.IsList() {
			n.Errorf("want a mapping (key: value), got a list")
		}
		to.Read(n)
	}
}

// Uses returns the names in the block.
func (j *jwt) Uses() []vars.Use {
	return slices.Concat(j.block.Uses(), j.header.Uses(), j.claims.Uses())
}

func (j *jwt) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := j.expand(s.Scope)
	if err != nil {
		return err
	}
	name := v.or("parameter", "token")
	if err := j.room(req, name); err != nil {
		return err
	}
	key, err := j.keys.Read(v.text("key"), v.text("alg"), v.text("key_encoding"))
	if err != nil {
		return j.place("key").Errorf("%w", err)
	}
	key.Hide(s.Scope)
	header, err := jwtObject(j.header, s.Scope)
	if err != nil {
		return err
	}
	claims, err := jwtObject(j.claims, s.Scope)
	if err != nil {
		return err
	}
	if j.lifetime > 0 {
		now := time.Now()
		claims.addNew("iat", strconv.FormatInt(now.Unix(), 10))
		claims.addNew("exp", strconv.FormatInt(now.Add(j.lifetime).Unix(), 10))
	}
	token, err := signJWT(key, header, claims)
	if err != nil {
		return j.pos.Errorf("%w", err)
	}
	s.Scope.Hide("jwt", token)
	if j.in == "query" {
		req.URL = withQuery(req.URL, url.QueryEscape(name)+"="+token)
		return nil
	}
	prefix := v.text("prefix")
	if j.at[j.index("prefix")] == (source.Pos{}) {
		prefix = "Bearer"
	}
	setHeader(req, "Authorization", credentials(prefix, token))
	return nil
}

func (j *jwt) room(req *wire.Request, name string) error {
	if j.in == "header" {
		return vacant(req, j.pos, j.kind)
	}
	_, query, _ := strings.Cut(req.URL, "?")
	if slices.ContainsFunc(formPairs(query), func(p pair) bool { return p.name == name }) {
		return j.pos.Errorf("the request has the query parameter %s of its own, and auth: jwt would write another; remove it, or give the request auth: none", name)
	}
	return nil
}

// jwtMembers are those of a JSON object, in their order.
type jwtMembers []struct{ name, value string }

func (m *jwtMembers) addNew(name, value string) {
	if m.text(name) == "" {
		*m = append(*m, struct{ name, value string }{name, value})
	}
}

// text returns the JSON of a member, empty where there is none.
func (m jwtMembers) text(name string) string {
	for _, member := range m {
		if member.name == name {
			return member.value
		}
	}
	return ""
}

func (m jwtMembers) json() []byte {
	list := make([]string, len(m))
	for i, member := range m {
		name, _ := json.Marshal(member.name) // a text always can be
		list[i] = string(name) + ":" + member.value
	}
	return []byte("{" + strings.Join(list, ",") + "}")
}

// jwtObject returns the members of a document: a mapping, or a text that holds one in JSON. Nothing has none.
func jwtObject(d vars.Document, s *vars.Scope) (jwtMembers, error) {
	if d.Pos() == (source.Pos{}) {
		return nil, nil
	}
	text, err := d.JSON(s)
	if err != nil {
		return nil, err
	}
	var inner string
	if json.Unmarshal(text, &inner) == nil {
		text = []byte(inner)
	}
	m := jwtMembers{}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, d.Pos().Errorf("want a mapping, or a text that is a JSON object; this is neither")
	}
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		if err != nil {
			return nil, d.Pos().Errorf("want a JSON object: %w", err)
		}
		m = append(m, struct{ name, value string }{name.(string), string(value)})
	}
	if _, err := dec.Token(); err != nil {
		return nil, d.Pos().Errorf("want a JSON object: %w", err)
	}
	return m, nil
}

// signJWT signs claims under a header, to which alg and typ are added where it has none.
func signJWT(key *assertions.Key, header, claims jwtMembers) (string, error) {
	full := jwtMembers{}
	full.addNew("alg", strconv.Quote(key.Algorithm()))
	if header.text("typ") == "" {
		full.addNew("typ", `"JWT"`)
	}
	for _, m := range header {
		if m.name != "alg" { // the key decides; another one in the header would be a lie
			full.addNew(m.name, m.value)
		}
	}
	return key.Sign(full.json(), claims.json())
}
