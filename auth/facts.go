package auth

import (
	"slices"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Factual is an Authorizer that tells what its block says, for those who explain why a server refused what it sent.
type Factual interface {
	// Facts returns the block with its variables filled in; what has no value is empty.
	Facts(s *vars.Scope) Facts
}

// Facts is what an oauth2 block says.
type Facts struct {
	Profile    string // empty for none
	Grant      string // "jwt-bearer"
	ClientAuth string // "basic"
	Encoding   string // of a Basic pair: raw or rfc6749
	Unit       time.Duration
	Texts      map[string]string     // by key: token_url, client_id, scope, and client_secret, which must not be shown
	Places     map[string]source.Pos // of those keys; of the block for ""
	Literals   map[string]bool       // keys whose value no variable brings
	Assertion  *assertions.Assertion // that is sent; nil for none
}

// Facts returns the block with its variables filled in.
func (o *oauth2) Facts(s *vars.Scope) Facts {
	f := Facts{
		Profile: o.profile.name, Grant: o.name, ClientAuth: o.clientName, Encoding: o.terms.pair, Unit: o.terms.unit,
		Texts: map[string]string{}, Places: map[string]source.Pos{"": o.pos}, Literals: map[string]bool{}, Assertion: o.grantJWT.assertion,
	}
	if f.Assertion == nil {
		f.Assertion = o.clientJWT.assertion
	}
	for _, field := range o.fields {
		if field.use != ownText {
			continue
		}
		f.Places[field.key.name] = field.pos
		f.Literals[field.key.name] = !slices.ContainsFunc(field.parts, func(t vars.Template) bool { return !t.Static() })
		text := ""
		for i, part := range field.parts {
			piece, err := part.Expand(s)
			if err != nil {
				text = ""
				break
			}
			if i > 0 {
				text += " "
			}
			text += piece
		}
		f.Texts[field.key.name] = text
	}
	return f
}
