package diagnosis

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// grantAnswer is what a token endpoint granted (RFC 6749, section 5.1).
type grantAnswer struct {
	access, refresh string
	id              string
	kind            string // token_type
	scope           string
	hasScope        bool
	expires         string // expires_in as it stands in the JSON; empty for none
	life            int64  // expires_in where it is a whole number
	whole           bool   // it is
}

func (g *grantAnswer) secrets() []string { return []string{g.access, g.refresh, g.id} }

// granted reads the response as a grant; without one everything is empty.
func (c *Case) granted() *grantAnswer {
	if c.read.granted != nil {
		return c.read.granted
	}
	g := &grantAnswer{}
	c.read.granted = g
	r := c.response()
	if r == nil || len(r.Body) > maxParams {
		return g
	}
	var top map[string]json.RawMessage
	if json.Unmarshal([]byte(strings.TrimPrefix(string(r.Body), "\ufeff")), &top) != nil {
		return g
	}
	for name, to := range map[string]*string{
		"access_token": &g.access, "refresh_token": &g.refresh, "id_token": &g.id, "token_type": &g.kind, "scope": &g.scope,
	} {
		_ = json.Unmarshal(top[name], to) // what is no text is as good as none
	}
	_, g.hasScope = top["scope"]
	if raw := top["expires_in"]; raw != nil {
		g.expires = string(raw)
		n, err := strconv.ParseInt(strings.Trim(g.expires, `"`), 10, 64)
		g.life, g.whole = n, err == nil
	}
	return g
}

// lifetime is expires_in in the unit that is configured; zero where it is not known.
func (g *grantAnswer) lifetime(unit time.Duration) time.Duration {
	if unit == 0 {
		unit = time.Second
	}
	if !g.whole || g.life <= 0 || g.life > int64(1<<62)/int64(unit) {
		return 0
	}
	return time.Duration(g.life) * unit
}

// grantType returns what a token request asks for by, as it is sent.
func (c *Case) grantType() string { return c.value("grant_type") }

const (
	jwtBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	assertionType  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// healthGorilla reports whether the vendor's rules hold: by the profile, or by the host.
func (c *Case) healthGorilla() bool {
	return strings.HasPrefix(c.Token.Profile, "health-gorilla") || strings.HasSuffix(hostname(c.request().URL), "healthgorilla.com")
}

// backend reports whether the rules of SMART Backend Services hold.
func (c *Case) backend() bool {
	d := c.discovery()
	return c.Token.Profile == "smart-backend-services" || contains(d.Capabilities, "client-confidential-asymmetric")
}
