package diagnosis

import (
	"net/url"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// Case is everything that a rule may look at. Every part but the request may be missing. A Case serves one goroutine and one
// exchange.
type Case struct {
	Exchange    *wire.Exchange // Response and Err are nil before sending; nil where not even a request could be made
	Role        Role           // zero: recognised by the request itself
	Kind        string         // of auth: "digest"; empty for none, and for what credentials themselves send
	Token       TokenFacts     // what the oauth2 block says; zero for requests that are written by hand
	Keys        Keys
	Places      Places
	Environment EnvironmentFacts
	History     *History   // of the run; nil for none
	Discovery   *Discovery // of the server; nil: whatever the run itself has fetched
	Missing     []string   // members that captures looked for in the response and did not find

	read reading
}

// Role is what a request is for.
type Role int

// The roles. An authorization request is the first step of the code flow (RFC 6749, section 4.1.1).
const (
	Unknown Role = iota
	TokenRequest
	APIRequest
	AuthorizationRequest
)

// TokenFacts is what is configured about getting a token, variables filled in. None of it is secret.
type TokenFacts struct {
	Profile       string // "health-gorilla", empty for none
	Grant         string // as hgrun names it: "jwt-bearer"
	ClientAuth    string // "basic", "post", "private_key_jwt", …
	TokenURL      string
	RefreshURL    string // empty: the token URL
	Issuer        string // empty: not known
	ClientID      string
	Scope         string        // as it is requested, separated by spaces
	BasicEncoding string        // "raw" or "rfc6749"; empty: not known
	Unit          time.Duration // of expires_in; zero: seconds
	Signed        bool          // hgrun signs the assertion itself, at every attempt
	Renews        bool          // hgrun renews the token itself
}

// Keys are the secrets behind the credentials: to be compared and measured, never to be shown.
type Keys struct {
	Secret     string // client_secret
	Key        string // of the assertion: PEM, JWK, or a shared secret
	Encoding   string // of a shared secret: raw, base64, base64url or hex; empty: raw
	Registered string // what the server is known to have: a JWKS, a public key or a certificate
}

// Place is where a value stands.
type Place struct {
	Pos     source.Pos
	Literal bool // the value is written there; no variable brings it
}

// Places say where the parts of a request stand in the YAML: "request", "url", "method", "header Accept", "form assertion",
// "query patient", "oauth2", "oauth2 scope", "assertion", "assertion aud", "claims sub". The zero Place is not known.
// nil Places know nothing.
type Places func(of string) Place

// At returns the place of the first of the parts that has one, else that of the request.
func (p Places) At(parts ...string) source.Pos {
	for _, of := range parts {
		if pos := p.of(of).Pos; pos != (source.Pos{}) {
			return pos
		}
	}
	return p.of("request").Pos
}

func (p Places) of(part string) Place {
	if p == nil {
		return Place{}
	}
	return p(part)
}

// EnvironmentFacts is what is known of the deployment, without its secrets.
type EnvironmentFacts struct {
	Name        string            // "sandbox"; empty for none
	URLs        map[string]string // its variables that are URLs, by name
	ClientID    string            // its variable client_id; empty for none
	Proxy       string            // that requests go through; empty: as the system says
	Certificate *Certificate      // of the client; nil for none
}

// Certificate is a client's certificate.
type Certificate struct {
	Subject string
	Expires time.Time
}

// fhirBase returns the FHIR base of the environment, if it has a variable for it.
func (e EnvironmentFacts) fhirBase() (name, base string) {
	for _, name := range []string{"fhir_url", "fhir_base_url", "fhir_base", "fhirUrl", "fhirBase", "smart_fhir_url", "iss"} {
		if base := e.URLs[name]; base != "" {
			return name, base
		}
	}
	return "", ""
}

// request returns the request, an empty one where there is none.
func (c *Case) request() *wire.Request {
	if c.Exchange == nil {
		return &wire.Request{}
	}
	return &c.Exchange.Request
}

func (c *Case) response() *wire.Response {
	if c.Exchange == nil {
		return nil
	}
	return c.Exchange.Response
}

// now is when the request left, or this moment where it has not.
func (c *Case) now() time.Time {
	if c.Exchange != nil && !c.Exchange.Timings.Start.IsZero() {
		return c.Exchange.Timings.Start
	}
	return time.Now()
}

func (c *Case) at(names ...string) source.Pos { return c.Places.At(names...) }

// role returns the role that was given, or the one that the request shows.
func (c *Case) role() Role {
	switch {
	case c.Role != Unknown:
		return c.Role
	case c.Exchange == nil:
		return TokenRequest // which could not be made, because its key cannot be read
	case c.read.role == Unknown:
		c.read.role = c.recognise()
	}
	return c.read.role
}

func (c *Case) recognise() Role {
	for _, p := range c.params() {
		switch p.name {
		case "grant_type", "client_assertion", "client_assertion_type":
			return TokenRequest
		case "assertion":
			if p.in != inQuery || c.tokenURL() {
				return TokenRequest
			}
		case "response_type":
			if p.in == inQuery {
				return AuthorizationRequest
			}
		}
	}
	if c.tokenURL() {
		return TokenRequest
	}
	return APIRequest
}

// tokenURL reports whether the URL is a token endpoint: one that is configured, discovered, or named like one.
func (c *Case) tokenURL() bool {
	if c.configuredTokenURL() {
		return true
	}
	address := c.request().URL
	if !namesToken(address) {
		return false // as of nearly all requests of a run
	}
	u, err := url.Parse(address)
	return err == nil && tokenPath(u.Path)
}

func (c *Case) configuredTokenURL() bool {
	target := withoutQuery(c.request().URL)
	for _, known := range []string{c.Token.TokenURL, c.Token.RefreshURL, c.discovery().TokenEndpoint, c.Environment.URLs["token_url"]} {
		if known != "" && target == withoutQuery(known) {
			return true
		}
	}
	return false
}
