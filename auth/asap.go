package auth

import (
	"context"
	"encoding/base64"
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

// asap sends a JWT that says which service asks (Atlassian S2S Authentication Protocol), signed anew for each attempt.
type asap struct {
	block
	lifetime time.Duration
	claims   vars.Document
	keys     assertions.Keys
}

const asapLongest = time.Hour // that the protocol allows from iat to exp

func asapKeys() []textKey {
	return []textKey{
		{name: "iss", needed: true}, {name: "aud", needed: true}, {name: "kid"}, {name: "key", needed: true, secret: true}, {name: "sub"},
		{name: "alg", words: slices.DeleteFunc(assertions.Algorithms(), func(alg string) bool { return strings.HasPrefix(alg, "HS") || alg == "EdDSA" })},
	}
}

func readASAP(n source.Node) Authorizer {
	a := &asap{lifetime: asapLongest}
	a.block = readBlock(n, "asap", asapKeys(), source.Keys{"lifetime": a.readLifetime, "claims": a.claims.Read})
	key := a.texts[a.index("key")]
	if n.IsMap() && !n.Has("kid") && n.Has("key") && !strings.Contains(key.Outline(""), "kid=") && key.Static() {
		n.Errorf(`asap needs kid, by which the server finds the public key; add kid: "{{key_id}}"`)
	}
	return a
}

func (a *asap) readLifetime(n source.Node) {
	readLifetime(&a.lifetime)(n)
	if a.lifetime > asapLongest {
		n.Errorf("got %s, want at most 1h, which the protocol allows", a.lifetime)
	}
}

// Uses returns the names in the block.
func (a *asap) Uses() []vars.Use { return append(a.block.Uses(), a.claims.Uses()...) }

func (a *asap) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := a.expand(s.Scope)
	if err != nil {
		return err
	}
	if err := vacant(req, a.pos, a.kind); err != nil {
		return err
	}
	text, kid, err := asapKey(v.text("key"))
	if err != nil {
		return a.place("key").Errorf("%w", err)
	}
	key, err := a.keys.Read(text, v.or("alg", "RS256"), "")
	if err != nil {
		return a.place("key").Errorf("%w", err)
	}
	key.Hide(s.Scope)
	if _, der, ok := strings.Cut(v.text("key"), ";base64,"); ok {
		s.Scope.Hide("key", der)
	}
	for _, other := range []string{key.KeyID(), kid} {
		kid = v.or("kid", other)
		if kid != "" {
			break
		}
	}
	if kid == "" {
		return a.pos.Errorf(`asap needs kid, by which the server finds the public key; add kid: "{{key_id}}"`)
	}
	claims, err := a.minted(v, s)
	if err != nil {
		return err
	}
	header := jwtMembers{}
	header.addNew("kid", jsonText(kid))
	token, err := signJWT(key, header, claims)
	if err != nil {
		return a.pos.Errorf("%w", err)
	}
	s.Scope.Hide("jwt", token)
	setHeader(req, "Authorization", "Bearer "+token)
	return nil
}

// minted returns the claims of the protocol; those of the file stand in their place.
func (a *asap) minted(v values, s Session) (jwtMembers, error) {
	claims, err := jwtObject(a.claims, s.Scope)
	if err != nil {
		return nil, err
	}
	id, err := s.Scope.Lookup("$guid")
	if err != nil {
		return nil, err
	}
	now := time.Now()
	claims.addNew("iss", jsonText(v.text("iss")))
	claims.addNew("sub", jsonText(v.or("sub", v.text("iss"))))
	claims.addNew("aud", jsonText(v.text("aud")))
	claims.addNew("iat", strconv.FormatInt(now.Unix(), 10))
	claims.addNew("exp", strconv.FormatInt(now.Add(a.lifetime).Unix(), 10))
	claims.addNew("jti", jsonText(id.Text))
	return claims, nil
}

func jsonText(text string) string {
	b, _ := json.Marshal(text) // a text always can be
	return string(b)
}

// asapKey reads a key that is a data URL with its name: data:application/pkcs8;kid=NAME;base64,DER. Another text is the key itself.
func asapKey(text string) (key, kid string, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "data:")
	if !ok {
		return text, "", nil
	}
	head, der, _ := strings.Cut(rest, ",")
	for part := range strings.SplitSeq(head, ";") {
		if name, found := strings.CutPrefix(part, "kid="); found {
			if kid, err = url.QueryUnescape(name); err != nil {
				return "", "", err
			}
		}
	}
	plain, err := url.PathUnescape(der)
	if err != nil {
		return "", "", err
	}
	if raw, err := base64.StdEncoding.DecodeString(plain); err == nil {
		plain = "-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString(raw) + "\n-----END PRIVATE KEY-----\n"
	}
	return plain, kid, nil
}
