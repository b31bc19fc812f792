package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hgrun/hgrun/internal/wire"
)

// Revoke ends a token at the server of a (RFC 7009) and returns how many it ended. An empty token means those that this run
// or the store has of a, the refresh token first; hgrun forgets them. The error is a *source.Error that wraps a *Refusal where
// the server refused, or tells that a is of another kind.
func Revoke(ctx context.Context, a Authorizer, s Session, token string) (ended int, err error) {
	o, err := asOAuth2(a, "revocation")
	if err != nil {
		return 0, err
	}
	id, err := o.credential(s)
	if err != nil {
		return 0, err
	}
	if token == "" {
		ended, err = o.revokeAll(ctx, s, id)
		return ended, o.about("revocation", err)
	}
	x, err := o.query(ctx, s, token)
	if err == nil {
		err = x.end(ctx, token, s.Tokens.kindOf(token))
	}
	if err != nil {
		return 0, o.about("revocation", err)
	}
	s.Tokens.forget(id, token)
	return 1, nil
}

// revokeAll ends what is held of a credential.
func (o *oauth2) revokeAll(ctx context.Context, s Session, id credential) (ended int, err error) {
	shelf, err := s.Tokens.open(ctx, o.storeKey(id))
	if err != nil {
		return 0, err
	}
	defer func() { err = shelf.close(err) }()
	kept, err := shelf.load(ctx)
	if err != nil {
		return 0, err
	}
	access, refresh := s.Tokens.held(id)
	if access == "" {
		access = kept.AccessToken
	}
	if refresh == "" {
		refresh = kept.RefreshToken
	}
	x, err := o.exchange(s)
	if err != nil {
		return 0, err
	}
	if o.name == refreshTokenName {
		if refresh, err = x.newest(ctx); err != nil {
			return 0, err
		}
	}
	if access == "" && refresh == "" {
		return 0, nil
	}
	if err := x.discover(ctx); err != nil {
		return 0, err
	}
	s.Scope.Hide("access_token", access)
	s.Scope.Hide("refresh_token", refresh)
	if ended, err = x.endBoth(ctx, access, refresh); err != nil {
		return ended, err
	}
	s.Tokens.drop(id)
	return ended, shelf.save(ctx, record{Credential: x.label(), IssuedAt: kept.IssuedAt})
}

// newest returns the newest of the family of the refresh token that the file gives.
func (x *exchange) newest(ctx context.Context) (refresh string, err error) {
	given := x.text("refresh_token")
	f := x.session.Tokens.family(given)
	if err := f.turn.enter(ctx); err != nil {
		return "", err
	}
	defer f.turn.leave()
	shelf, err := x.session.Tokens.open(ctx, familyKey(given))
	if err != nil {
		return "", err
	}
	defer func() { err = shelf.close(err) }()
	kept, err := shelf.load(ctx)
	if err != nil {
		return "", err
	}
	x.session.Tokens.adopt(f, kept.RefreshToken)
	return f.latest(), nil
}

// endBoth ends a refresh token and the access token that came with it. A vendor with a way of its own ends both by one.
func (x *exchange) endBoth(ctx context.Context, access, refresh string) (ended int, err error) {
	if refresh != "" && (access == "" || x.block.profile.revoke.param == "") {
		if err := x.end(ctx, refresh, "refresh_token"); err != nil {
			return 0, err
		}
		ended++
	}
	if access == "" {
		return ended, nil
	}
	var refused *Refusal
	err = x.end(ctx, access, "access_token")
	if ended > 0 && errors.As(err, &refused) && refused.Code == "unsupported_token_type" { // RFC 7009, section 2.2.1
		return ended, nil
	}
	if err != nil {
		return ended, err
	}
	return ended + 1, nil
}

// end ends one token. A server says yes to a token that it does not know as well.
func (x *exchange) end(ctx context.Context, token, hint string) error {
	q := x.block.profile.revoke
	at, err := x.place("revocation_url", q)
	if err != nil {
		return err
	}
	side := *x
	side.answer = answer{}
	side.message = newMessage(endpoint{name: "revocation endpoint"}, at, x.text("token_url"))
	req := wire.Request{Method: http.MethodGet, URL: q.url(at, token), Header: side.header}
	if q.param == "" {
		side.form.add("token", token)
		side.form.add("token_type_hint", hint)
		if err := side.identify(); err != nil {
			return err
		}
		req = wire.Request{Method: http.MethodPost, URL: at, Header: side.header, Body: side.form.encode()}
	} else {
		side.header.Del("Content-Type")
	}
	return side.ask(ctx, "revocation", req, func(r *wire.Response, body []byte) *Refusal {
		var says struct{ Error json.RawMessage }
		if r.Status >= 200 && r.Status < 300 && !looksLikeHTML(body) && (json.Unmarshal(body, &says) != nil || says.Error == nil) {
			return nil
		}
		refused := side.explain(r, body)
		refused.Hint = side.hint(refused)
		return refused
	})
}
