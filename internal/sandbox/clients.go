package sandbox

import (
	"slices"
	"time"
)

const (
	jwtBearerGrant    = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	clientCredentials = "client_credentials"
	refreshTokenGrant = "refresh_token"
)

// A client is a registration at one server.
type client struct {
	id, name     string
	secret       string   // used as raw UTF-8 bytes; empty for a public client
	grants       []string // grant types it may use
	scopes       scope    // the most it may ask for
	defaultScope scope    // what it gets when it asks for nothing
	assertions   policy
	subject      string        // common name of its certificate; empty: none
	browser      bool          // is sent codes, at one of callbacks
	life         time.Duration // of its access tokens; 0 means accessLife
}

func (c *client) public() bool { return c.secret == "" && c.subject == "" && !c.assertions.accepted() }

func (c *client) tokenLife() time.Duration {
	if c.life == 0 {
		return accessLife
	}
	return c.life
}

// A policy is what a server wants of a client's assertions.
type policy struct {
	algorithms  []string      // the only ones accepted
	key         any           // []byte for HS*, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey; nil: none accepted
	maxLifetime time.Duration // how far ahead exp may lie
	needJTI     bool
	registered  *registeredKeys // instead of key; nil: none
}

func (p policy) accepted() bool { return p.key != nil || p.registered != nil }

// registeredKeys are the keys of a client that names the one it used (kid) in the header of each assertion.
type registeredKeys struct {
	url  string // where the client publishes them: the only value that jku may have
	find func(id string) (jwk, *refusal)
}

// maxAssertionLife is generous on purpose: the vendor's own page makes assertions that end at midnight of a chosen day,
// up to two days ahead. It still catches an exp in milliseconds.
const maxAssertionLife = 48 * time.Hour

// A registry is the clients of one environment.
type registry struct{ main, viewer, public *client }

func newRegistry(environment string) registry {
	id := "hg-" + environment
	secret := inventedSecret(environment + " client")
	return registry{
		main: &client{
			id: id + "-client", name: "Smoke tests", secret: secret,
			grants:       []string{jwtBearerGrant, clientCredentials, tokenExchangeGrant},
			scopes:       scope{"patient360", "rls", "nlp", "user/*.*"},
			defaultScope: scope{"patient360", "user/*.*"},
			assertions:   policy{algorithms: []string{"HS256"}, key: []byte(secret), maxLifetime: maxAssertionLife},
		},
		viewer: &client{
			id: id + "-viewer", name: "Record viewer", secret: inventedSecret(environment + " viewer"),
			grants: []string{refreshTokenGrant, authorizationCode, deviceGrant, passwordGrant, tokenExchangeGrant},
			scopes: scope{
				"openid", "profile", "fhirUser", "offline_access", "patient360", "user/*.*", "launch", "launch/patient", "patient/*.rs",
			},
			browser:      true,
			defaultScope: scope{"offline_access", "patient360", "user/*.read"},
		},
		public: &client{
			id: id + "-public", name: "Single-page viewer",
			grants:  []string{authorizationCode, deviceGrant},
			scopes:  scope{"openid", "profile", "fhirUser", "user/*.read", "launch", "launch/patient", "patient/*.rs"},
			browser: true,
		},
	}
}

// callbacks are the redirect URIs of every client; the loopback ones may have any port.
func callbacks() []string {
	return []string{
		"http://127.0.0.1/callback", "http://127.0.0.1/", "http://localhost/callback", "http://localhost/",
		"http://[::1]/callback", "http://[::1]/", "https://app.example/callback",
	}
}

func (r registry) all() []*client { return []*client{r.main, r.viewer, r.public} }

// find returns the client with the id, or nil.
func (r registry) find(id string) *client {
	for _, c := range r.all() {
		if c != nil && c.id == id {
			return c
		}
	}
	return nil
}

func (c *client) may(grant string) bool { return slices.Contains(c.grants, grant) }
