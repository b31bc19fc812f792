package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// The two ways to join a name and a password. RFC 6749, section 2.3.1, form-encodes both first; servers disagree.
const (
	rawPair     = "raw"
	encodedPair = "rfc6749"
)

// basic sends a name and a password (RFC 7617).
type basic struct {
	pos                source.Pos
	username, password vars.Template
	encoding           string
}

func readBasic(n source.Node) Authorizer {
	b := &basic{pos: n.Pos(), encoding: rawPair}
	n.Map(source.Keys{
		"username": b.username.Read,
		"password": b.password.Read,
		"encoding": source.OneOf(&b.encoding, rawPair, encodedPair),
	})
	for _, key := range []string{"username", "password"} {
		if n.IsMap() && !n.Has(key) {
			n.Errorf(`basic needs %s; add %s: "{{%s}}"`, key, key, key)
		}
	}
	return b
}

func (b *basic) Authorize(_ context.Context, req *wire.Request, s Session) error {
	username, err := b.username.Expand(s.Scope)
	if err != nil {
		return err
	}
	password, err := b.password.Expand(s.Scope)
	if err != nil {
		return err
	}
	s.Scope.Hide("password", password)
	pair, err := basicPair(username, password, b.encoding)
	if err != nil {
		return b.pos.Errorf("%w", err)
	}
	s.Scope.Hide("basic", pair)
	return authorization(req, b.pos, b.String(), "Basic "+pair)
}

func (b *basic) Uses() []vars.Use { return append(b.username.Uses(), b.password.Uses()...) }

func (b *basic) String() string { return "basic" }

// basicPair returns name:password in base64.
func basicPair(name, password, encoding string) (string, error) {
	if encoding == encodedPair {
		name, password = url.QueryEscape(name), url.QueryEscape(password)
	}
	switch {
	case strings.Contains(name, ":"):
		return "", errors.New("the user name has a colon, and Basic ends the user name at the first one (RFC 7617, section 2); the encoding rfc6749 would keep it")
	case strings.ContainsFunc(name+password, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("user name or password has a line break or another control character (RFC 7617, section 2); trim it: {{name | trim}}")
	}
	return base64.StdEncoding.EncodeToString([]byte(name + ":" + password)), nil
}
