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

// exchange is one token on its way: its request while it is put together, then what its answer said.
type exchange struct {
	block     *oauth2
	session   Session
	values    []string  // of the block's fields
	server    *metadata // nil where the block says everything
	grant     grant     // that is asked by: the block's own, or a refresh token
	kept      record    // what the store had of it
	family    *family   // whose refresh token is sent; nil where none is
	consented *consented
	message
	answer answer
}

// message is a request to the server while it is put together.
type message struct {
	endpoint
	url      string
	audience string // of an assertion
	form     form
	header   http.Header
	jwt      string // the assertion that was signed last, for hints
}

func newMessage(e endpoint, to, audience string) message {
	m := message{endpoint: e, url: to, audience: audience, header: http.Header{}}
	m.header.Set("Accept", "application/json")
	m.header.Set("Content-Type", "application/x-www-form-urlencoded")
	return m
}

// exchange expands the block with values that are made now, checks them, and hides those that are secret.
func (o *oauth2) exchange(s Session) (*exchange, error) {
	s.Scope = s.Tokens.own(s.Scope)
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
			if f.use == ownText && o.needs(f.key.name) && (o.discover == "" || memberOf(f.key.name) == "") {
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
	return slices.Contains(o.grant.needs, name) || slices.Contains(o.client.needs, name) || slices.Contains(o.profile.needs, name)
}

// text returns the value of a key of the block, or what the server's metadata says in its place; else it is empty.
func (x *exchange) text(name string) string {
	if text := x.own(name); text != "" {
		return text
	}
	return x.server.endpoint(name, x.block.clientName == "mtls")
}

// own returns the value of a key of the block, empty where the block has none.
func (x *exchange) own(name string) string {
	if i := x.block.index(name); i >= 0 {
		return x.values[i]
	}
	return ""
}

// begin makes the exchange that the block's grant is, and returns the family of the refresh token that came with it.
func (x *exchange) begin(ctx context.Context) (*token, *family, error) {
	x.family, x.grant = nil, x.block.grant
	if err := x.require("token_url"); err != nil {
		return nil, nil, err
	}
	defer func() { x.consented.end() }()
	t, err := x.obtain(ctx, x.text("token_url"), "token exchange ("+x.block.name+")")
	if err != nil || x.answer.refresh == "" {
		return t, nil, err
	}
	f := x.session.Tokens.family(x.answer.refresh)
	f.context = t.context
	return t, f, nil
}

// refresh exchanges the newest refresh token of the family, when no other request does so. A refresh token that the
// answer brings takes its place for good; an answer without one keeps it (RFC 6749, section 6). What came with the first
// token and does not come again stays true.
func (x *exchange) refresh(ctx context.Context, f *family) (*token, error) {
	if err := f.turn.enter(ctx); err != nil {
		return nil, err
	}
	defer f.turn.leave()
	x.family, x.grant = f, refreshToken()
	x.session.Tokens.adopt(f, x.kept.RefreshToken)
	if f.context == nil {
		f.context = x.kept.Context
	}
	to := x.own("refresh_url")
	if to == "" {
		if err := x.require("token_url"); err != nil {
			return nil, err
		}
		to = x.text("token_url")
	}
	t, err := x.rotated(ctx, f, to)
	if err != nil {
		return nil, err
	}
	t.context = merged(f.context, t.context)
	f.context = t.context
	return t, nil
}

// rotated exchanges a refresh token. One that the file gives has a place of its own in the store, for all the blocks that
// share it: the one that replaces it is kept there before anything else happens.
func (x *exchange) rotated(ctx context.Context, f *family, to string) (t *token, err error) {
	var shelf *shelf
	if x.block.name == refreshTokenName {
		if shelf, err = x.session.Tokens.open(ctx, familyKey(x.text("refresh_token"))); err != nil {
			return nil, err
		}
	}
	defer func() { err = shelf.close(err) }()
	kept, err := shelf.load(ctx)
	if err != nil {
		return nil, err
	}
	x.session.Tokens.adopt(f, kept.RefreshToken)
	if t, err = x.obtain(ctx, to, "token refresh"); err != nil {
		return nil, err
	}
	if x.answer.refresh == "" {
		return t, nil
	}
	x.session.Tokens.rotate(f, x.answer.refresh)
	return t, shelf.save(ctx, record{Credential: x.label(), IssuedAt: t.since.UTC().Round(0), RefreshToken: x.answer.refresh})
}

// obtain asks a token endpoint, again where the answer says that another request will do better.
func (x *exchange) obtain(ctx context.Context, to, name string) (*token, error) {
	for nonced := false; ; {
		if err := x.prepare(ctx, to); err != nil {
			return nil, err
		}
		t, err := x.send(ctx, name)
		if err == nil {
			return t, nil
		}
		var refused *Refusal
		if errors.As(err, &refused) && refused.Code == useNonce && x.answer.nonce != "" && !nonced {
			nonced = true
			continue
		}
		if x.grant.again == nil {
			return nil, err
		}
		if err = x.grant.again(ctx, x, err); err != nil {
			return nil, err
		}
	}
}

// prepare puts form and header together. The order of the parameters is that of the specifications' examples.
func (x *exchange) prepare(ctx context.Context, to string) error {
	x.message = newMessage(tokenEndpoint(), to, to)
	x.form.add("grant_type", x.grant.wire)
	if err := x.grant.fill(ctx, x); err != nil {
		return err
	}
	if err := x.block.client.put(x); err != nil {
		return err
	}
	if !x.grant.earlier && (x.family == nil || x.block.name == refreshTokenName) { // else the scope stays what an earlier request asked for
		x.form.add("scope", x.scope())
	}
	x.form.add("audience", x.text("audience"))
	x.form.add("resource", x.text("resource"))
	if err := x.extras(); err != nil {
		return err
	}
	return x.putProof()
}

// scope returns the scopes that the block asks for, one space apart.
func (x *exchange) scope() string { return strings.Join(strings.Fields(x.text("scope")), " ") }

// extras adds what params: and headers: say.
func (x *exchange) extras() error {
	for i, f := range x.block.fields {
		if f.use == param {
			x.form.add(f.key.name, x.values[i])
		}
	}
	return x.headers()
}

// headers adds what headers: says.
func (x *exchange) headers() error {
	for i, f := range x.block.fields {
		if f.use != header {
			continue
		}
		if !isHeaderValue(x.values[i]) {
			return f.pos.Errorf("headers: %s has white space at its ends or a control character, which no header can carry", f.key.name)
		}
		x.header.Set(f.key.name, x.values[i])
	}
	return nil
}

// sign signs an assertion of the block now; an assertion is never sent twice.
func (x *exchange) sign(s signing) (string, error) {
	jwt, err := s.assertion.Mint(x.session.Scope, assertions.Defaults{
		Audience: x.audience,
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
	return &token{text: x.answer.token, since: start, life: x.answer.life, scope: x.answer.scope, context: x.answer.context()}, nil
}

// form is the body of a token request, in the order in which it is sent.
type form []struct{ name, value string }

// add adds a parameter; one without a value is as good as absent (RFC 6749, section 3.2).
func (f *form) add(name, value string) {
	if value != "" {
		*f = append(*f, struct{ name, value string }{name, value})
	}
}

// once is add for a parameter that may stand there already.
func (f *form) once(name, value string) {
	if !f.has(name) {
		f.add(name, value)
	}
}

// get returns the value of a parameter, empty where it is absent.
func (f form) get(name string) string {
	for _, p := range f {
		if p.name == name {
			return p.value
		}
	}
	return ""
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
