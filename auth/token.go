package auth

import (
	"context"
	"encoding/json"
	"maps"
	"time"
)

// Token is an access token for those who want the token itself: a run needs Authorize alone.
type Token struct {
	AccessToken  string
	Type         string                     // as the block wants it: "Bearer"
	RefreshToken string                     // that renews it; empty for none
	Scope        string                     // as it was granted; empty where the server did not say
	Issued       time.Time                  // when it was asked for
	Expires      time.Time                  // zero: unknown
	Context      map[string]json.RawMessage // what came beside it, such as the patient of a SMART launch; nil for nothing
}

// Get returns the token that a sends: the one at hand, else one of the store that will do, else one that the server gives.
// The error is a *TokenError where no token could be had, a *source.Error where something of the block has no value, or
// tells that a is of another kind.
func Get(ctx context.Context, a Authorizer, s Session) (Token, error) {
	o, id, err := fetched(a, s)
	if err != nil {
		return Token{}, err
	}
	t, err := o.token(ctx, s)
	if err != nil {
		return Token{}, err
	}
	s.Scope.Hide("access_token", t.text)
	_, refresh := s.Tokens.held(id)
	s.Scope.Hide("refresh_token", refresh)
	got := Token{AccessToken: t.text, Type: o.terms.kind, RefreshToken: refresh, Scope: t.scope, Issued: t.since, Context: t.beside()}
	if t.life > 0 {
		got.Expires = t.since.Add(t.life)
	}
	return got, nil
}

// GetAnew is Get for a token that the server gives now, however good the one at hand or in the store is: by the refresh token
// where there is one, else by the grant.
func GetAnew(ctx context.Context, a Authorizer, s Session) (Token, error) {
	_, id, err := fetched(a, s)
	if err != nil {
		return Token{}, err
	}
	s.Tokens.outdate(id)
	return Get(ctx, a, s)
}

// CredentialOf returns what two authorizers that share a token have in common: TokenError.Credential. It is empty for kinds
// that fetch none, and where something of the block has no value yet.
func CredentialOf(a Authorizer, s Session) string {
	_, id, err := fetched(a, s)
	if err != nil {
		return ""
	}
	return id.key()
}

// fetched returns the block and the credential of an authorizer that fetches tokens.
func fetched(a Authorizer, s Session) (*oauth2, credential, error) {
	o, err := asOAuth2(a, "exchange")
	if err != nil {
		return nil, credential{}, err
	}
	id, err := o.credential(s)
	return o, id, err
}

// beside returns what is of interest beside a token, once what describes the token itself is taken out.
func (t *token) beside() map[string]json.RawMessage {
	beside := maps.Clone(t.context)
	for _, name := range []string{"token_type", "expires_in", "scope"} {
		delete(beside, name)
	}
	return beside
}
