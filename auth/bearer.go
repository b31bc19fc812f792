package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// bearer sends a token that is known already (RFC 6750, section 2.1).
type bearer struct {
	pos    source.Pos // of the token
	token  vars.Template
	prefix string // before the token; empty sends the token alone
}

func readBearer(n source.Node) Authorizer {
	b := &bearer{pos: n.Pos(), prefix: "Bearer"}
	given := n.IsScalar()
	token := func(n source.Node) {
		given = true
		b.pos = n.Pos()
		b.token.Read(n)
		if err := checkToken(b.token.Outline("x"), b.prefix); err != nil {
			n.Errorf("%w", err)
		}
	}
	if given {
		token(n)
		return b
	}
	n.Map(source.Keys{"token": token, "prefix": source.String(&b.prefix)})
	if !given && n.IsMap() {
		n.Errorf(`bearer needs token; add token: "{{token}}"`)
	}
	return b
}

func (b *bearer) Authorize(_ context.Context, req *wire.Request, s Session) error {
	token, err := b.token.Expand(s.Scope)
	if err != nil {
		return err
	}
	if err := checkToken(token, b.prefix); err != nil {
		return b.pos.Errorf("%w", err)
	}
	s.Scope.Hide("token", token)
	return authorization(req, b.pos, b.String(), credentials(b.prefix, token))
}

func (b *bearer) Uses() []vars.Use { return b.token.Uses() }

func (b *bearer) String() string { return "bearer" }

// credentials is the value of an Authorization header.
func credentials(prefix, token string) string {
	if prefix == "" {
		return token
	}
	return prefix + " " + token
}

// checkToken says what would make a header of a token wrong, without showing the token.
func checkToken(token, prefix string) error {
	for _, p := range []string{"Bearer", prefix} {
		if len(token) > len(p) && p != "" && strings.EqualFold(token[:len(p)], p) && token[len(p)] == ' ' {
			return fmt.Errorf("the token starts with %q already, so that the header would read %s; take the word out of the token",
				token[:len(p)+1], credentials(prefix, token[:len(p)]+" …"))
		}
	}
	switch {
	case token == "":
		return errors.New("the token is empty")
	case len(token) > 1 && (token[0] == '"' || token[0] == '\'') && token[len(token)-1] == token[0]:
		return errors.New("the token stands in quotes of its own; take them off")
	case strings.TrimRight(token, "\r\n") != token:
		return errors.New("the token ends with a line break; trim it: {{name | trim}}")
	}
	for i, r := range token {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			return fmt.Errorf("the token has white space at character %d of %d, and a token has none", i+1, len(token))
		case r < ' ' || r > '~':
			return fmt.Errorf("the token has a character at %d of %d that no header can carry (%U)", i+1, len(token), r)
		}
	}
	return nil
}
