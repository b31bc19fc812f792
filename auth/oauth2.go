package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// oauth2 sends a token that it fetches from a token endpoint when none is at hand (RFC 6749).
type oauth2 struct {
	pos        source.Pos
	name       string // of the grant: "jwt-bearer"
	grant      grant
	clientName string // of the client authentication: "basic"
	client     clientAuth
	fields     []field
	grantJWT   signing // the assertion that is the grant
	clientJWT  signing // the assertion that says who the client is
	profile    profile
	terms      terms
	context    []capture
	discover   string // how: smart, issuer or oauth; empty for not at all
}

// signing is an assertion. Its definition is part of what makes a token different.
type signing struct {
	assertion  *assertions.Assertion // nil for none
	definition vars.Document
}

func (s *signing) read(n source.Node) {
	s.assertion = &assertions.Assertion{}
	s.assertion.Read(n)
	s.definition.Read(n)
}

// terms are how the block wants pairs, lifetimes and tokens to be written and read.
type terms struct {
	pair   string        // raw or rfc6749
	par    string        // true, false, or empty: as the server demands
	unit   time.Duration // of expires_in
	skew   time.Duration // how long before its end a token is renewed, at most half its life
	kind   string        // the token_type that the server must answer, in any case
	dpop   bool          // a key proves that the token is the client's own
	prefix string        // before the token in the Authorization header; empty sends the token alone
}

// field is one text of the block that variables may change.
type field struct {
	use   use
	key   key
	pos   source.Pos
	parts []vars.Template // joined by spaces
}

// use says where a field goes.
type use byte

const (
	ownText use = iota // where its key says
	param              // into the form
	header             // into the header of the token request

	authorizationParam // into the authorization request
)

func (o *oauth2) String() string { return "oauth2 " + o.name }

func (o *oauth2) Uses() []vars.Use {
	var uses []vars.Use
	for _, f := range o.fields {
		for _, part := range f.parts {
			uses = append(uses, part.Uses()...)
		}
	}
	for _, s := range []signing{o.grantJWT, o.clientJWT} {
		if s.assertion != nil {
			uses = append(uses, s.assertion.Uses()...)
		}
	}
	return uses
}

// Authorize puts a token onto req, fetching or renewing it first where that is due.
func (o *oauth2) Authorize(ctx context.Context, req *wire.Request, s Session) error {
	if err := vacant(req, o.pos, o.String()); err != nil {
		return err
	}
	t, err := o.token(ctx, s)
	if err != nil {
		return err
	}
	s.Scope.Hide("access_token", t.text)
	if o.terms.dpop {
		if err := o.bind(req, s, t.text); err != nil {
			return err
		}
	}
	o.capture(t, s.Scope)
	setHeader(req, "Authorization", credentials(o.terms.prefix, t.text))
	return nil
}

// token returns the token at hand, or fetches or renews it.
func (o *oauth2) token(ctx context.Context, s Session) (*token, error) {
	id, err := o.credential(s)
	if err != nil {
		return nil, err
	}
	t, shared, err := s.Tokens.get(ctx, id, o.terms.skew, func(had held) (*token, *family, error) { return o.fetch(ctx, s, id, had) })
	if err != nil {
		return nil, o.failed(id, shared, err)
	}
	return t, nil
}

// failed leaves a missing variable as it is, because the request that should have captured it is to blame.
func (o *oauth2) failed(id credential, shared bool, err error) error {
	if _, undefined := vars.AsUndefined(err); undefined {
		return err
	}
	return &TokenError{Pos: o.pos, Credential: id.key(), Shared: shared, Err: err}
}

// Renew forgets the token that req carries, unless another request has done so already.
func (o *oauth2) Renew(req *wire.Request, s Session) bool {
	id, err := o.credential(s)
	if err != nil {
		return false
	}
	carried, ok := strings.CutPrefix(req.Header.Get("Authorization"), credentials(o.terms.prefix, ""))
	if !ok || carried == "" || !o.repeats(s, id) {
		return false
	}
	s.Tokens.forget(id, carried)
	return true
}

// repeats reports whether another token can be had without anything new from outside.
func (o *oauth2) repeats(s Session, id credential) bool {
	switch {
	case s.Tokens.renews(id):
		return true
	case o.name == authorizationCodeName && o.index("code") >= 0:
		code, err := o.fields[o.index("code")].parts[0].Expand(s.Scope)
		return err == nil && code == "" && s.Consent != nil
	case o.name == authorizationCodeName || o.name == deviceName:
		return s.Consent != nil
	}
	return true
}

// credential is the digest of everything that makes a token different: two blocks that agree on it share their token.
type credential [sha256.Size]byte

// key names the credential in messages and in a store.
func (c credential) key() string { return hex.EncodeToString(c[:16]) }

func (o *oauth2) credential(s Session) (credential, error) {
	scope := s.Tokens.pin(s.Scope)
	values, err := o.expand(scope)
	if err != nil {
		return credential{}, err
	}
	b := make([]byte, 0, 1024)
	add := func(text string) {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	add(o.name)
	add(o.clientName)
	add(o.terms.pair)
	add(o.terms.unit.String())
	add(strconv.FormatBool(o.terms.dpop))
	for i, f := range o.fields {
		if f.key.fleeting {
			continue
		}
		b = append(b, byte(f.use))
		add(f.key.name)
		add(values[i])
	}
	for _, s := range []signing{o.grantJWT, o.clientJWT} {
		if s.assertion == nil {
			continue
		}
		definition, err := s.definition.JSON(scope)
		if err != nil {
			return credential{}, err
		}
		add(string(definition))
	}
	if s.Name != "" {
		add("session")
		add(s.Name)
	}
	return sha256.Sum256(b), nil
}

// expand returns the texts of the fields, in their order.
func (o *oauth2) expand(s *vars.Scope) ([]string, error) {
	values := make([]string, len(o.fields))
	for i, f := range o.fields {
		if len(f.parts) == 1 {
			text, err := f.parts[0].Expand(s)
			if err != nil {
				return nil, err
			}
			values[i] = text
			continue
		}
		texts := make([]string, len(f.parts))
		for j, part := range f.parts {
			var err error
			if texts[j], err = part.Expand(s); err != nil {
				return nil, err
			}
		}
		values[i] = strings.Join(texts, " ")
	}
	return values, nil
}

// at returns the place of a key of the block, or of the block where it has none.
func (o *oauth2) at(name string) source.Pos {
	if i := o.index(name); i >= 0 {
		return o.fields[i].pos
	}
	return o.pos
}

func (o *oauth2) index(name string) int {
	return slices.IndexFunc(o.fields, func(f field) bool { return f.use == ownText && f.key.name == name })
}

// fetch gets a token that is new to this run: from the store, where there is one that will do, or from the server. It
// returns the family that renews the token next time, or nil. What the server gave is in the store before anybody uses it.
func (o *oauth2) fetch(ctx context.Context, s Session, id credential, had held) (t *token, f *family, err error) {
	f = had.family
	x, err := o.exchange(s)
	if err != nil {
		return nil, f, err
	}
	shelf, err := s.Tokens.open(ctx, o.storeKey(id))
	if err != nil {
		return nil, f, err
	}
	defer func() { err = shelf.close(err) }()
	if x.kept, err = shelf.load(ctx); err != nil {
		return nil, f, err
	}
	s.Scope.Hide("refresh_token", x.kept.RefreshToken)
	switch {
	case o.name == refreshTokenName:
		f = s.Tokens.family(x.text("refresh_token"))
	case f == nil && x.kept.RefreshToken != "":
		f = s.Tokens.family(x.kept.RefreshToken)
	}
	if t := x.kept.token(); !had.outdated && o.serves(t, had.refused) {
		return t, f, nil
	}
	if t, f, err = o.exchanged(ctx, x, f); err != nil {
		return nil, f, err
	}
	if err = shelf.save(ctx, x.record(t, f)); err != nil {
		return nil, f, err
	}
	return t, f, nil
}

// exchanged gets a token from the server: by the refresh token of the family while there is one, else by the block's own
// grant.
func (o *oauth2) exchanged(ctx context.Context, x *exchange, f *family) (*token, *family, error) {
	if err := x.discover(ctx); err != nil {
		return nil, f, err
	}
	if f != nil {
		t, err := x.refresh(ctx, f)
		var refused *Refusal
		if o.name == refreshTokenName || !errors.As(err, &refused) || !refused.final() {
			return t, f, err
		}
	}
	return x.begin(ctx)
}
