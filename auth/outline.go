package auth

import "github.com/hgrun/hgrun/internal/wire"

// Outliner is an Authorizer whose credentials come with an answer or with the moment of sending, and that can say before
// how they will look.
type Outliner interface {
	// Outline puts the headers onto req that Authorize will, with token where the token will stand. The notes tell of
	// headers that are different each time, one line each.
	Outline(req *wire.Request, token string) (notes []string)
}

// Outline writes the Authorization header.
func (o *oauth2) Outline(req *wire.Request, token string) (notes []string) {
	setHeader(req, "Authorization", credentials(o.terms.prefix, token))
	if o.terms.dpop {
		notes = []string{"a DPoP header proves the key of the token, signed for each request (RFC 9449)"}
	}
	return notes
}
