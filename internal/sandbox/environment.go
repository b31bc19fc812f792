package sandbox

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

const (
	tokenPath   = "/oauth/token"
	refreshPath = "/oauth2/token"
	fhirPath    = "/fhir/R4"
	infoPath    = "/oauth/info"
	cancelPath  = "/oauth/cancel"
)

// An environment is one deployment: its own host, token URL, audience, clients, secrets, patients and Pattern
// Health-like server. Nothing made in one is of use in the other.
type environment struct {
	place
	sandbox *Sandbox
	clients registry
	seed    *family // refresh tokens of the viewer client, handed out by variables
	jtis    replays
	fhir    *fhirServer
	pattern *patternServer
	routes  map[string]endpoint // by exact path
	flows   *flows
	guard   guard                  // nil: tokens are bearer tokens
	signing func() *rsa.PrivateKey // of id tokens; made when first used
	wording func(refusal) answer   // of the default error mode; nil: the vendor's
}

// A place is where an environment is.
type place struct {
	name       string // realm of its tokens
	deployment string // "sandbox" or "production": whose patients it has
	origin     string // scheme and host of the Health Gorilla-like server
	www        string // scheme and host of the one that discovery names instead; empty: none
}

func newEnvironment(s *Sandbox, name, origin, patternOrigin string) *environment {
	e := &environment{
		place:   place{name: name, deployment: name, origin: origin},
		sandbox: s, clients: newRegistry(name), jtis: replays{used: map[string]int64{}},
	}
	e.flows, e.signing = &flows{}, sync.OnceValue(newSigningKey)
	e.fhir = newFHIRServer(e)
	e.pattern = newPatternServer(e, patternOrigin)
	e.seed = s.tokens.plant(e.name, e.clients.viewer, e.clients.viewer.defaultScope, s.Now())
	e.addRoutes()
	return e
}

// addRoutes makes what is served beside FHIR.
func (e *environment) addRoutes() {
	e.routes = map[string]endpoint{
		tokenPath:                           e.tokenEndpoint(e.origin+tokenPath, assertionGrants),
		refreshPath:                         e.tokenEndpoint(e.origin+refreshPath, refreshGrants),
		authorizePath:                       e.authorize,
		parPath:                             e.push,
		devicePath:                          e.authorizeDevice,
		verifyPath:                          e.verifyDevice,
		infoPath:                            e.tokenInfo,
		cancelPath:                          e.cancelToken,
		keysPath:                            e.publishSigningKey,
		"/.well-known/openid-configuration": e.openIDConfiguration,
		"/.well-known/smart-configuration":  e.smartConfiguration,
	}
}

// answer serves the Health Gorilla-like host.
func (e *environment) answer(r *http.Request) answer {
	if strings.Contains(r.URL.Path, "//") {
		return silent(http.StatusBadRequest, DoubleSlash)
	}
	if route, ok := e.routes[r.URL.Path]; ok {
		return route(r)
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, fhirPath); ok && (rest == "" || rest[0] == '/') {
		return e.fhir.answer(r, strings.TrimPrefix(rest, "/"))
	}
	return jsonAnswer(http.StatusNotFound, map[string]string{"error": "not_found"}).because(UnknownPath, "")
}

// sibling returns the client that has the id in another environment, or nil.
func (e *environment) sibling(id string) *client {
	for _, other := range e.sandbox.environments {
		if other != e {
			if c := other.clients.find(id); c != nil {
				return c
			}
		}
	}
	return nil
}

func (e *environment) variables() []Variable {
	c := e.clients
	variables := []Variable{
		{Name: "base_url", Value: e.origin},
		{Name: "token_url", Value: e.origin + tokenPath},
		{Name: "refresh_url", Value: e.origin + refreshPath},
		{Name: "fhir_url", Value: e.origin + fhirPath},
		{Name: "client_id", Value: c.main.id},
		{Name: "client_secret", Value: c.main.secret, Secret: true},
		{Name: "patient", Value: e.fhir.firstPatient()},
		{Name: "viewer_client_id", Value: c.viewer.id},
		{Name: "viewer_client_secret", Value: c.viewer.secret, Secret: true},
		{Name: "refresh_token", Value: e.refreshToken(), Secret: true},
		{Name: "public_client_id", Value: c.public.id},
		{Name: "pattern_url", Value: e.pattern.origin},
		{Name: "pattern_client_id", Value: e.pattern.client.id},
		{Name: "pattern_client_secret", Value: e.pattern.client.secret, Secret: true},
		{Name: "pattern_group", Value: e.pattern.group},
	}
	if e.sandbox.Switches().Password {
		variables = append(variables, Variable{Name: "username", Value: e.userName()},
			Variable{Name: "password", Value: e.password(), Secret: true})
	}
	return variables
}

// refreshToken returns the valid token of the seeded family; a family that died of reuse is replaced by a new one.
func (e *environment) refreshToken() string {
	t := e.sandbox.tokens
	if value, alive := t.newest(e.seed, e.sandbox.Now()); alive {
		return value
	}
	return t.replant(e.seed, e.sandbox.Now())
}

// invented returns bytes that look random and are the same in every process.
func invented(name string) [sha256.Size]byte { return sha256.Sum256([]byte("hgrun sandbox " + name)) }

// inventedSecret looks like base64 of 32 bytes, as the vendors' secrets do, and is used as it is written. The number was
// chosen so that every secret holds a + and a /, without which the ways to encode it would not differ.
func inventedSecret(name string) string {
	b := invented("secret 17329 " + name)
	return base64.StdEncoding.EncodeToString(b[:])
}

// inventedUUID is a version 4 UUID in shape.
func inventedUUID(name string) string {
	b := invented("uuid " + name)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
