package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/wire"
)

// exchange is one call of a token endpoint: its request while it is put together, then what its answer said.
type exchange struct {
	block   *oauth2
	session Session
	values  []string // of the block's fields
	url     string
	family  *family // whose refresh token is sent; nil where none is
	form    form
	header  http.Header
	jwt     string // the assertion that was signed, for hints
	answer  answer
}

// exchange expands the block with values that are made now, checks them, and hides those that are secret.
func (o *oauth2) exchange(s Session) (*exchange, error) {
	values, err := o.expand(s.Scope)
	if err != nil {
		return nil, err
	}
	x := &exchange{block: o, session: s, values: values}
	for i, f := range o.fields {
		if f.key.secret {
			s.Scope.Hide(f.key.name, values[i])
		}
		if values[i] == "" {
			if f.use == ownText && o.needs(f.key.name) {
				return nil, f.pos.Errorf("%s is empty", f.key.name)
			}
			continue
		}
		if f.key.check == nil {
			continue
		}
		if err := f.key.check(values[i]); err != nil {
			return nil, f.pos.Errorf("%w", err)
		}
	}
	return x, nil
}

func (o *oauth2) needs(name string) bool {
	return slices.Contains(o.grant.needs, name) || slices.Contains(o.client.needs, name)
}

// text returns the value of a key of the block, empty where the block has none.
func (x *exchange) text(name string) string {
	if i := x.block.index(name); i >= 0 {
		return x.values[i]
	}
	return ""
}

// begin makes the exchange that the block's grant is, and returns the family of the refresh token that came with it.
func (x *exchange) begin(ctx context.Context) (*token, *family, error) {
	x.url, x.family = x.text("token_url"), nil
	if err := x.prepare(ctx, x.block.grant); err != nil {
		return nil, nil, err
	}
	t, err := x.send(ctx, "token exchange ("+x.block.name+")")
	if err != nil || x.answer.refresh == "" {
		return t, nil, err
	}
	return t, x.session.Tokens.family(x.answer.refresh), nil
}

// refresh exchanges the newest refresh token of the family, when no other request does so. A refresh token that the
// answer brings takes its place for good; an answer without one keeps it (RFC 6749, section 6).
func (x *exchange) refresh(ctx context.Context, f *family) (*token, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	defer f.leave()
	x.family = f
	if x.url = x.text("refresh_url"); x.url == "" {
		x.url = x.text("token_url")
	}
	if err := x.prepare(ctx, refreshToken()); err != nil {
		return nil, err
	}
	t, err := x.send(ctx, "token refresh")
	if err == nil && x.answer.refresh != "" {
		x.session.Tokens.rotate(f, x.answer.refresh)
	}
	return t, err
}

// prepare puts form and header together. The order of the parameters is that of the specifications' examples.
func (x *exchange) prepare(ctx context.Context, g grant) error {
	x.form, x.header, x.jwt = nil, http.Header{}, ""
	x.header.Set("Accept", "application/json")
	x.header.Set("Content-Type", "application/x-www-form-urlencoded")
	x.form.add("grant_type", g.wire)
	if err := g.fill(ctx, x); err != nil {
		return err
	}
	if err := x.block.client.put(x); err != nil {
		return err
	}
	if x.family == nil || x.block.name == refreshTokenName { // else the scope stays what the first exchange asked for
		x.form.add("scope", strings.Join(strings.Fields(x.text("scope")), " "))
	}
	x.form.add("audience", x.text("audience"))
	x.form.add("resource", x.text("resource"))
	return x.extras()
}

// extras adds what params: and headers: say.
func (x *exchange) extras() error {
	for i, f := range x.block.fields {
		name, value := f.key.name, x.values[i]
		switch f.use {
		case param:
			x.form.add(name, value)
		case header:
			if !isHeaderValue(value) {
				return f.pos.Errorf("headers: %s has white space at its ends or a control character, which no header can carry", name)
			}
			x.header.Set(name, value)
		}
	}
	return nil
}

// sign signs the block's assertion now; an assertion is never sent twice.
func (x *exchange) sign() (string, error) {
	jwt, err := x.block.assertion.Mint(x.session.Scope, assertions.Defaults{
		Audience: x.url,
		ClientID: x.text("client_id"),
		Issuer:   x.text("issuer"),
	})
	x.jwt = jwt
	return jwt, err
}

// send has the request sent and makes a token of the answer.
func (x *exchange) send(ctx context.Context, name string) (*token, error) {
	start := time.Now()
	err := x.session.Sender.Send(ctx, Call{
		Name:    name,
		Pos:     x.block.pos,
		Request: wire.Request{Method: http.MethodPost, URL: x.url, Header: x.header, Body: x.form.encode()},
		Judge:   x.judge,
		Notes:   func() []string { return x.answer.notes },
	})
	switch {
	case err != nil:
		return nil, err
	case x.answer.token == "":
		return nil, errors.New("nobody judged the answer of the token endpoint")
	}
	if !x.answer.sent.IsZero() {
		start = x.answer.sent // a sender may have waited or tried before
	}
	return &token{text: x.answer.token, since: start, life: x.answer.life}, nil
}

// form is the body of a token request, in the order in which it is sent.
type form []struct{ name, value string }

// add adds a parameter; one without a value is as good as absent (RFC 6749, section 3.2).
func (f *form) add(name, value string) {
	if value != "" {
		*f = append(*f, struct{ name, value string }{name, value})
	}
}

func (f form) has(name string) bool {
	return slices.ContainsFunc(f, func(p struct{ name, value string }) bool { return p.name == name })
}

func (f form) encode() []byte {
	var b strings.Builder
	for i, p := range f {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return []byte(b.String())
}

// checkTokenURL accepts what a form can be posted to as it stands, byte for byte: it is the audience, too.
func checkTokenURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("got a URL with white space at its ends: %q", text)
	case err != nil:
		return fmt.Errorf("not a URL: %w", errors.Unwrap(err))
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return fmt.Errorf("got %q, want a whole URL such as https://host/oauth/token", text)
	case strings.Contains(text, "#"):
		return fmt.Errorf("got %q, want a URL without a fragment (RFC 6749, section 3.2)", text)
	case u.User != nil:
		return errors.New("the URL holds a user name or a password; write client_id and client_secret, and client_auth: basic")
	}
	return nil
}

// checkScope refuses commas, which make one scope of several (RFC 6749, section 3.3).
func checkScope(text string) error {
	if strings.Contains(text, ",") {
		return errors.New("scope has a comma, and scopes are separated by spaces (RFC 6749, section 3.3); for a server that wants commas write params: {scope: …}")
	}
	return nil
}
