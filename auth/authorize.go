package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// patience is how long a person may take.
const patience = 10 * time.Minute

// consent gets a code: the one that the block gives, or one that a person's consent brings.
func (x *exchange) consent(ctx context.Context) error {
	c := &consented{verifier: x.own("code_verifier"), redirectURI: x.own("redirect_uri")}
	if err := x.fetchKeys(ctx, c); err != nil {
		return err
	}
	if c.code = x.own("code"); c.code != "" {
		if !x.session.Tokens.spend(c.code) {
			return x.block.at("code").Errorf("the code was used already, and a server that sees it again ends every token of it (RFC 6749, section 4.1.2); get a new one")
		}
		x.consented = c
		return nil
	}
	if err := x.require("authorization_url"); err != nil {
		return err
	}
	if x.session.Consent == nil {
		return x.nobody("; give it code: …, which somebody got with a browser elsewhere")
	}
	turn := x.session.Tokens.person()
	if err := turn.enter(ctx); err != nil {
		return err
	}
	defer turn.leave()
	if err := x.prompt(ctx, c); err != nil {
		return err
	}
	x.consented = c
	return nil
}

// prompt sends a person to the authorization endpoint and waits for the code.
func (x *exchange) prompt(ctx context.Context, c *consented) error {
	l, err := listen(c.redirectURI)
	if err != nil {
		return x.block.at("redirect_uri").Errorf("listening for the browser: %w", err)
	}
	defer l.close()
	if l != nil {
		c.redirectURI = l.uri
	}
	if c.verifier == "" {
		c.verifier = random(32)
	}
	if slices.Contains(strings.Fields(x.scope()), "openid") {
		c.nonce = random(16)
	}
	state := random(16)
	for name, secret := range map[string]string{"code_verifier": c.verifier, "state": state, "nonce": c.nonce} {
		x.session.Scope.Hide(name, secret)
	}
	page, err := x.authorizationURL(ctx, c, state)
	if err != nil {
		return err
	}
	p := Prompt{URL: page, RedirectURI: c.redirectURI, Listens: l != nil, Expires: time.Now().Add(patience)}
	values, pasted, err := x.await(ctx, l, p)
	if err != nil {
		return err
	}
	c.code, err = x.accept(values, state, pasted)
	return err
}

// random returns random bytes as text that needs no escape: 16 bytes are 128 bits.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b)
}

// authorizationURL returns the address that the person opens. A pushed request leaves only a reference in it (RFC 9126).
func (x *exchange) authorizationURL(ctx context.Context, c *consented, state string) (string, error) {
	f, err := x.authorizationForm(c, state)
	if err != nil {
		return "", err
	}
	if x.pushes() {
		if err := x.require("par_url"); err != nil {
			return "", err
		}
		e := endpoint{name: "PAR endpoint", member: "request_uri"}
		members, err := x.aside(ctx, "pushed authorization request", e, x.text("par_url"), f)
		if err != nil {
			return "", err
		}
		request, ok := text(members["request_uri"])
		if !ok {
			return "", x.block.at("par_url").Errorf("the PAR endpoint answered with a request_uri that is no text")
		}
		f = form{}
		f.add("client_id", x.text("client_id"))
		f.add("request_uri", request)
	}
	page := x.text("authorization_url")
	glue := "?"
	if strings.Contains(page, "?") {
		glue = "&"
	}
	return page + glue + string(f.encode()), nil
}

// pushes reports whether the authorization request goes ahead of the person, as the block says or the server demands.
func (x *exchange) pushes() bool {
	switch x.block.terms.par {
	case "true":
		return true
	case "false":
		return false
	}
	return x.own("par_url") != "" || x.server.flag("require_pushed_authorization_requests")
}

// authorizationForm is the authorization request: RFC 6749, section 4.1.1, with what RFC 7636, SMART App Launch 2.2, OpenID
// Connect Core, RFC 9449 and RFC 8707 add.
func (x *exchange) authorizationForm(c *consented, state string) (form, error) {
	var f form
	f.add("response_type", "code")
	f.add("client_id", x.text("client_id"))
	f.add("redirect_uri", c.redirectURI)
	f.add("scope", x.scope())
	f.add("state", state)
	f.add("aud", x.fhirBase())
	f.add("launch", x.text("launch"))
	challenge := sha256.Sum256([]byte(c.verifier))
	f.add("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:]))
	f.add("code_challenge_method", "S256")
	f.add("nonce", c.nonce)
	if x.block.terms.dpop {
		k, err := x.block.proofKey(x.session)
		if err != nil {
			return nil, err
		}
		f.add("dpop_jkt", k.Thumbprint())
	}
	f.add("audience", x.text("audience"))
	f.add("resource", x.text("resource"))
	for i, field := range x.block.fields {
		if field.use == authorizationParam {
			f.add(field.key.name, x.values[i])
		}
	}
	return f, nil
}

// fhirBase is the server whose data the token is for, byte for byte as it is called.
func (x *exchange) fhirBase() string {
	if base := x.own("fhir_url"); base != "" {
		return base
	}
	return x.own("discover.smart")
}

// await waits for what the browser comes back with: through the listener, or through the person.
func (x *exchange) await(ctx context.Context, l *loopback, p Prompt) (values url.Values, pasted bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nobody said yes within %s", patience))
	defer cancel()
	person := x.show(ctx, p)
	for {
		select {
		case values = <-l.answers():
			return values, false, nil
		case b := <-person:
			switch {
			case b.err != nil && ctx.Err() == nil:
				return nil, false, fmt.Errorf("the person could not be asked: %w", b.err)
			case len(b.values) > 0:
				return b.values, true, nil
			case l == nil && ctx.Err() == nil:
				return nil, false, fmt.Errorf("nobody brought the address that the browser ended up at, below %s", p.RedirectURI)
			}
			person = nil // shown; the rest comes through the listener
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
	}
}

// accept judges what the browser came back with and returns the code in it. Nothing of it is believed before state says
// that it belongs to this request (RFC 6749, section 10.12) and iss that it comes from this server (RFC 9207).
func (x *exchange) accept(v url.Values, state string, pasted bool) (string, error) {
	for _, name := range []string{"code", "state", "iss", "error"} {
		if len(v[name]) > 1 {
			return "", fmt.Errorf("the browser came back with %d times %s, want one", len(v[name]), name)
		}
	}
	bare := pasted && len(v) == 1 && v.Has("code") // of a person who copied it: PKCE says that it belongs here
	if !bare {
		if err := x.belongs(v, state); err != nil {
			return "", err
		}
	}
	if said := (said{shown(v.Get("error")), shown(v.Get("error_description")), shown(v.Get("error_uri"))}); said.code != "" {
		return "", said.sentBack()
	}
	code := v.Get("code")
	if code == "" {
		return "", errors.New("the browser came back without code")
	}
	x.session.Scope.Hide("code", code)
	x.session.Tokens.spend(code)
	return code, nil
}

// belongs checks what says where an answer comes from.
func (x *exchange) belongs(v url.Values, state string) error {
	switch got := v.Get("state"); {
	case got == "":
		return errors.New("the browser came back without state, so that anybody could have sent it; nothing was sent")
	case got != state:
		return errors.New("the browser came back with another state than it left with: from an earlier attempt, or sent by somebody else; nothing was sent")
	}
	issuer := x.text("issuer")
	switch got := v.Get("iss"); {
	case issuer == "":
	case got == "" && x.server.flag("authorization_response_iss_parameter_supported"):
		return fmt.Errorf("the browser came back without iss, which %s promises (RFC 9207, section 2.4); nothing was sent", x.server.url)
	case got != "" && got != issuer:
		return fmt.Errorf("the browser came back from the issuer %q, want %q byte for byte (RFC 9207); nothing was sent", shown(got), issuer)
	}
	return nil
}

// sentBack is the refusal that a browser brings (RFC 6749, section 4.1.2.1).
func (s said) sentBack() *Refusal {
	message := "the authorization endpoint sent the browser back with the error " + s.code
	if s.description != "" {
		message += ": " + s.description
	}
	if s.uri != "" {
		message += " (" + s.uri + ")"
	}
	return &Refusal{Code: s.code, Message: message, Hint: says(s.code)}
}

// fetchKeys fetches the keys that an ID token is signed with, before anybody is asked for anything.
func (x *exchange) fetchKeys(ctx context.Context, c *consented) error {
	at := x.text("jwks_url")
	if at == "" || !slices.Contains(strings.Fields(x.scope()), "openid") {
		return nil
	}
	side := *x
	side.answer = answer{}
	side.message = newMessage(endpoint{name: "JWKS page", member: "keys", public: true}, at, "")
	side.header.Del("Content-Type")
	members, err := side.call(ctx, "keys of the issuer", wire.Request{Method: http.MethodGet, URL: at, Header: side.header})
	if err != nil {
		return err
	}
	c.keys = `{"keys":` + string(members["keys"]) + `}`
	return nil
}
