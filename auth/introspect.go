package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// Introspection is what a server says of a token (RFC 7662, section 2.2). What it does not say is empty or zero.
type Introspection struct {
	Active    bool
	Scope     string
	ClientID  string
	Username  string
	TokenType string
	Subject   string
	Issuer    string
	Audience  []string
	Expires   time.Time
	Issued    time.Time
	Members   map[string]json.RawMessage // all that was said: patient and fhirUser of SMART among it
}

// Introspect asks the server of a about a token; an empty token means the one that a sends, which is fetched where none is at
// hand. The error is a *TokenError where there is no token to ask about, else a *source.Error that wraps a *Refusal where the
// server refused, or tells that a is of another kind.
func Introspect(ctx context.Context, a Authorizer, s Session, token string) (*Introspection, error) {
	o, err := asOAuth2(a, "introspection")
	if err != nil {
		return nil, err
	}
	if token == "" {
		t, err := o.token(ctx, s)
		if err != nil {
			return nil, err
		}
		token = t.text
	}
	found, err := o.introspect(ctx, s, token)
	return found, o.about("introspection", err)
}

// about says what an error is about, at the place that it has or at that of the block.
func (o *oauth2) about(what string, err error) error {
	if err == nil {
		return nil
	}
	if placed, ok := errors.AsType[*source.Error](err); ok {
		return placed.Pos.Errorf("%s: %w", what, placed.Err)
	}
	return o.pos.Errorf("%s: %w", what, err)
}

func asOAuth2(a Authorizer, what string) (*oauth2, error) {
	if o, ok := a.(*oauth2); ok {
		return o, nil
	}
	if a == nil {
		return nil, errors.New("there is no auth, and so no server for the " + what + " of a token")
	}
	return nil, errors.New("auth: " + a.String() + " knows no server for the " + what + " of a token, want auth: oauth2")
}

func (o *oauth2) introspect(ctx context.Context, s Session, token string) (*Introspection, error) {
	x, err := o.query(ctx, s, token)
	if err != nil {
		return nil, err
	}
	q := o.profile.introspect
	at, err := x.place("introspection_url", q)
	if err != nil {
		return nil, err
	}
	e := endpoint{name: "introspection endpoint", member: "active"}
	var members map[string]json.RawMessage
	if q.param == "" {
		var f form
		f.add("token", token)
		f.add("token_type_hint", s.Tokens.kindOf(token))
		members, err = x.aside(ctx, "introspection", e, at, f)
	} else {
		e.member = ""
		members, err = x.askPlainly(ctx, "introspection", e, q.url(at, token))
	}
	if err != nil {
		return nil, err
	}
	return readIntrospection(members), nil
}

// query expands the block for a question about a token.
func (o *oauth2) query(ctx context.Context, s Session, token string) (*exchange, error) {
	s.Scope.Hide("token", token)
	x, err := o.exchange(s)
	if err != nil {
		return nil, err
	}
	return x, x.discover(ctx)
}

// question is how a vendor is asked about a token, or told to end it, who does not follow RFC 7662 and RFC 7009. The zero
// question is for those who do.
type question struct {
	path  string // beside the token URL, where the block names no URL
	param string // of the query, for the token; empty for the zero question
}

func (q question) url(at, token string) string {
	glue := "?"
	if strings.Contains(at, "?") {
		glue = "&"
	}
	return at + glue + url.QueryEscape(q.param) + "=" + url.QueryEscape(token)
}

// place returns the URL for a question: what the block or the metadata says, or where the vendor has it.
func (x *exchange) place(key string, q question) (string, error) {
	if q.param == "" || x.text(key) != "" {
		return x.text(key), x.require(key)
	}
	if err := x.require("token_url"); err != nil {
		return "", err
	}
	base, err := url.Parse(x.text("token_url"))
	if err != nil {
		return "", x.block.at("token_url").Errorf("not a URL: %w", errors.Unwrap(err))
	}
	return base.ResolveReference(&url.URL{Path: q.path}).String(), nil
}

// askPlainly asks about a token with a GET that holds it. invalid_request says that the token is none.
func (x *exchange) askPlainly(ctx context.Context, name string, e endpoint, at string) (map[string]json.RawMessage, error) {
	side := *x
	side.message = newMessage(e, withoutQuery(at), "")
	side.header.Del("Content-Type")
	members := map[string]json.RawMessage{}
	err := side.ask(ctx, name, wire.Request{Method: http.MethodGet, URL: at, Header: side.header}, func(r *wire.Response, body []byte) *Refusal {
		found, refused := side.object(r, body)
		switch {
		case refused == nil:
			members = found
			members["active"] = json.RawMessage("true")
			return nil
		case refused.Code == "invalid_request" || refused.Code == "invalid_token":
			return nil
		}
		refused.Hint = side.hint(refused)
		return refused
	})
	return members, err
}

func readIntrospection(members map[string]json.RawMessage) *Introspection {
	word := func(name string) string { s, _ := text(members[name]); return s }
	moment := func(name string) time.Time {
		var seconds float64
		if members[name] == nil || json.Unmarshal(members[name], &seconds) != nil || seconds <= 0 {
			return time.Time{}
		}
		return time.Unix(int64(seconds), 0)
	}
	i := &Introspection{
		Active: string(members["active"]) == "true", Scope: word("scope"), ClientID: word("client_id"), Username: word("username"),
		TokenType: word("token_type"), Subject: word("sub"), Issuer: word("iss"), Expires: moment("exp"), Issued: moment("iat"), Members: members,
	}
	if life, _, err := lifetime(members["expires_in"], time.Second); i.Expires.IsZero() && err == nil && life > 0 {
		i.Expires = time.Now().Add(life)
	}
	if one := word("aud"); one != "" {
		i.Audience = []string{one}
	} else {
		i.Audience = (&metadata{members: members}).list("aud")
	}
	return i
}
