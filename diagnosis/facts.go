package diagnosis

import (
	"crypto/x509"
	"strings"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// Of returns the case of the exchange of a request of a collection. What the file says is read only when a rule asks, with
// the names of s.
func Of(x *wire.Exchange, req *collections.Request, s *vars.Scope) *Case {
	c := &Case{Exchange: x}
	c.read.configure = func(c *Case) { c.configured(&placesOf{req: req}, s) }
	return c
}

// OfCall returns the case of an exchange that the credentials of a request needed: a token exchange, say.
func OfCall(x *wire.Exchange, req *collections.Request, s *vars.Scope) *Case {
	c := &Case{Exchange: x}
	c.read.configure = func(c *Case) { c.configured(&placesOf{req: req, call: true}, s) }
	return c
}

// configure reads what the file says, once.
func (c *Case) configure() {
	if read := c.read.configure; read != nil {
		c.read.configure = nil
		read(c)
	}
}

func (c *Case) configured(p *placesOf, s *vars.Scope) {
	if !p.call {
		p.assertion = p.req.Assertion
		if p.req.Auth != nil {
			c.Kind, _, _ = strings.Cut(p.req.Auth.String(), " ")
		}
	}
	if block, ok := p.req.Auth.(auth.Factual); ok {
		facts := block.Facts(s)
		p.block, p.literals = facts.Places, facts.Literals
		if p.assertion == nil {
			p.assertion = facts.Assertion
		}
		c.Token = TokenFacts{
			Profile: facts.Profile, Grant: facts.Grant, ClientAuth: facts.ClientAuth, BasicEncoding: facts.Encoding, Unit: facts.Unit,
			TokenURL: facts.Texts["token_url"], RefreshURL: facts.Texts["refresh_url"], Issuer: facts.Texts["issuer"],
			ClientID: facts.Texts["client_id"], Scope: facts.Texts["scope"], Renews: true,
		}
		c.Keys.Secret = facts.Texts["client_secret"]
	}
	c.Token.Signed = p.assertion != nil
	if p.assertion != nil {
		if key, err := p.assertion.Key().Expand(s); err == nil {
			c.Keys.Key, c.Keys.Encoding = key, p.assertion.KeyEncoding()
		}
	}
	c.Places = p.place
}

// placesOf finds the places of a request's parts.
type placesOf struct {
	req       *collections.Request
	call      bool                  // the exchange is one that the credentials needed, which the request's own parts say nothing of
	block     map[string]source.Pos // of the keys of the oauth2 block; nil for none
	literals  map[string]bool
	assertion *assertions.Assertion // nil for none
}

func (p *placesOf) place(of string) Place {
	group, name, _ := strings.Cut(of, " ")
	switch group {
	case "request":
		if pos, ok := p.block[""]; ok && p.call {
			return Place{Pos: pos}
		}
		return Place{Pos: p.req.Pos}
	case "auth", "oauth2":
		if p.block == nil {
			return Place{}
		}
		return Place{Pos: p.block[name], Literal: p.literals[name]}
	case "assertion", "claims":
		return p.inAssertion(group, name)
	}
	if p.call {
		return Place{}
	}
	pos, literal := p.req.Message.Place(of)
	return Place{Pos: pos, Literal: literal}
}

func (p *placesOf) inAssertion(group, name string) Place {
	if p.assertion == nil {
		return Place{}
	}
	if group == "claims" {
		name = "claims." + name
	}
	pos, written := p.assertion.Place(name)
	switch {
	case name != "" && !written:
		return Place{}
	case name == "key":
		return Place{Pos: pos, Literal: p.assertion.Key().Static()}
	}
	return Place{Pos: pos}
}

// EnvironmentOf returns what is known of an environment, with the names of s. The proxy and the certificate are read too, so
// that it is best called once.
func EnvironmentOf(e *environments.Environment, s *vars.Scope) EnvironmentFacts {
	f := VariablesOf(e, s)
	if e == nil {
		return f
	}
	if proxy, err := e.Proxy.Expand(s); err == nil {
		f.Proxy = proxy
	}
	f.Certificate = certificateOf(e)
	return f
}

// VariablesOf is EnvironmentOf without what needs a secret: the proxy's password, the certificate's key.
func VariablesOf(e *environments.Environment, s *vars.Scope) EnvironmentFacts {
	if e == nil {
		return EnvironmentFacts{}
	}
	f := EnvironmentFacts{Name: e.Name, URLs: map[string]string{}}
	for name := range e.Variables {
		v, err := s.Lookup(name)
		if err != nil || v.Secret {
			continue
		}
		if strings.HasPrefix(v.Text, "https://") || strings.HasPrefix(v.Text, "http://") {
			f.URLs[name] = v.Text
		}
		if name == "client_id" {
			f.ClientID = v.Text
		}
	}
	return f
}

func certificateOf(e *environments.Environment) *Certificate {
	config, err := e.TLS.Config()
	if err != nil || config == nil || len(config.Certificates) == 0 || len(config.Certificates[0].Certificate) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		return nil
	}
	return &Certificate{Subject: leaf.Subject.String(), Expires: leaf.NotAfter}
}
