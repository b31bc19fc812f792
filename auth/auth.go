// Package auth puts credentials onto a request just before it leaves; it knows nothing of collections and sends nothing itself.
package auth

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// Authorizer adds credentials to requests. One Authorizer serves all requests that inherit it, from many goroutines.
type Authorizer interface {
	// Authorize adds credentials to req, immediately before its bytes leave, at every attempt; req comes without those of
	// an earlier one. The error is a *TokenError where no token could be had, else a *source.Error.
	Authorize(ctx context.Context, req *wire.Request, s Session) error
	// Uses returns the names that the credentials need.
	Uses() []vars.Use
	// String names the kind and its variety, without a secret: "oauth2 jwt-bearer".
	String() string
}

// Renewer is an Authorizer whose credentials can go stale before their time.
type Renewer interface {
	// Renew forgets the token that req carries after a server refused it. True means that Authorize can bring another, so
	// that the request is worth one more attempt.
	Renew(req *wire.Request, s Session) bool
}

// Session is what a request lends to its Authorizer.
type Session struct {
	Scope  *vars.Scope // the variables of the request
	Sender Sender      // of token exchanges
	Tokens *Tokens     // of the whole run
	Name   string      // whose session it is: another name has tokens and proof keys of its own; empty for the one without a name

	Consent   Consent    // asks a person for grants that need one; nil: there is nobody to ask
	Handshake *Handshake // of this attempt; nil where nobody repeats it
}

// Sender sends the calls that credentials need.
type Sender interface {
	// Send sends c.Request as it is, follows no redirect, calls c.Judge before anyone sees the exchange, and records the
	// exchange under c.Name. It returns what Judge says, or why there is no answer.
	Send(ctx context.Context, c Call) error
}

// Call is a request that credentials need, such as a token exchange.
type Call struct {
	Name    string     // "token exchange (jwt-bearer)"
	Pos     source.Pos // of the credentials that need it
	Request wire.Request
	Judge   func(*wire.Exchange) error // hides what must be hidden and says what is wrong
	Notes   func() []string            // what is odd about an answer that will do, one line each; after Judge
}

// TokenError says that no token could be had.
type TokenError struct {
	Pos        source.Pos // of the credentials
	Credential string     // equal for equal credentials, in one run and across runs; no secret can be read from it
	Shared     bool       // another request made the exchange that failed and has reported it; this one waited for it
	Err        error      // a *Refusal, a transport error, or a *source.Error of the assertion
}

// Error returns the place and the reason; a second line, where there is one, says what to check.
func (e *TokenError) Error() string { return e.placed().Error() }

// Unwrap returns the reason as a *source.Error, which wraps Err.
func (e *TokenError) Unwrap() error { return e.placed() }

// placed lets a reason that has a place of its own, such as a claim without a value, keep it.
func (e *TokenError) placed() *source.Error {
	if inner, ok := errors.AsType[*source.Error](e.Err); ok {
		return inner.Pos.Errorf("no access token: %w", inner.Err)
	}
	return e.Pos.Errorf("no access token: %w", e.Err)
}

// Kinds is the table of the kinds of credentials: the key under auth: and who reads its value.
func Kinds() map[string]func(source.Node) Authorizer {
	return map[string]func(source.Node) Authorizer{
		"api_key":   readAPIKey,
		"asap":      readASAP,
		"aws_sigv4": readAWSSigV4,
		"basic":     readBasic,
		"bearer":    readBearer,
		"digest":    readDigest,
		"edgegrid":  readEdgeGrid,
		"hawk":      readHawk,
		"jwt":       readJWT,
		"none":      readNone,
		"ntlm":      readNTLM,
		"oauth1":    readOAuth1,
		"oauth2":    readOAuth2,
	}
}

// Read reads the value of auth: the word none, or a mapping with one kind. It returns nil after recording a problem.
func Read(n source.Node) Authorizer {
	kinds := Kinds()
	names := slices.Sorted(maps.Keys(kinds))
	if n.IsScalar() {
		return readWord(n, names)
	}
	var auth Authorizer
	first := ""
	for _, e := range n.Entries() {
		read, ok := kinds[e.Name()]
		switch {
		case !ok:
			e.Key.Errorf("unknown kind of auth %q; %s", e.Name(), source.Suggest(e.Name(), names))
		case first != "":
			e.Key.Errorf("got %s beside %s, want one kind of auth", e.Name(), first)
		default:
			first = e.Name()
			auth = read(e.Value)
		}
	}
	if n.IsMap() && len(n.Entries()) == 0 {
		n.Errorf("auth is empty; write auth: none for a request without credentials")
	}
	return auth
}

func readWord(n source.Node, names []string) Authorizer {
	switch {
	case n.IsNull():
		n.Errorf("auth is empty; write auth: none for a request without credentials")
	case n.Text() == "none":
		return none{}
	case slices.Contains(names, n.Text()):
		n.Errorf("auth: %s lacks its details; write auth: {%s: …}", n.Text(), n.Text())
	default:
		n.Errorf("unknown auth %q; want none, or a mapping with one of %s", n.Text(), strings.Join(names, ", "))
	}
	return nil
}
