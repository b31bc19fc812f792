package sandbox

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const leeway = 5 // seconds that iat and nbf may lie ahead

// A trial is an assertion on its way through the checks.
type trial struct {
	environment *environment
	jwt         jwt
	client      *client
	key         any      // what the signature is checked with
	foreign     bool     // the client belongs to the other environment
	clientID    string   // the form's client_id; may be empty
	audience    string   // URL of the endpoint that was asked
	also        []string // other right audiences, whatever the rule
	blame       string   // the code for a bad proof: invalid_grant for a grant, invalid_client for client authentication
	now         int64    // seconds since 1970, by the sandbox's clock
}

// checks returns what an assertion must withstand once it parses, in the order in which it is tried. The first failure
// is the reason.
func checks() []func(*trial) *refusal {
	return []func(*trial) *refusal{
		(*trial).findClient, (*trial).checkHeader, (*trial).checkAlgorithm, (*trial).findKey, (*trial).checkSignature,
		(*trial).checkIssuer, (*trial).checkSubject, (*trial).checkAudience, (*trial).checkHome, (*trial).checkExpiry,
		(*trial).checkStart, (*trial).checkReplay,
	}
}

// judge tries the text of an assertion and returns the client that made it.
func (e *environment) judge(text string, t trial) (*client, *refusal) {
	parsed, err := parseJWT(text)
	if err != nil {
		refused := refuse("", MalformedAssertion, "%s", err)
		refused.blame, refused.unsegmented = t.blame, errors.Is(err, errSegments)
		return nil, refused
	}
	t.environment, t.jwt, t.now = e, parsed, e.sandbox.Now().Unix()
	for _, check := range checks() {
		if refused := check(&t); refused != nil {
			refused.blame = t.blame
			return nil, refused
		}
	}
	return t.client, nil
}

// findClient looks for whoever the request claims to come from: client_id, else iss, else sub. Clients of the other
// environment are found too, so that their assertions fail for the audience.
func (t *trial) findClient() *refusal {
	for _, id := range []string{t.clientID, t.jwt.text("iss"), t.jwt.text("sub")} {
		if t.client = t.environment.clients.find(id); t.client != nil {
			break
		}
		if t.client = t.environment.sibling(id); t.client != nil {
			t.foreign = true
			break
		}
	}
	if t.client == nil || !t.client.assertions.accepted() {
		return refuse(invalidClient, UnknownClient, "no client %q that signs assertions", t.jwt.text("iss"))
	}
	return nil
}

func (t *trial) checkAlgorithm() *refusal {
	if p := t.client.assertions; t.jwt.critical || !slices.Contains(p.algorithms, t.jwt.algorithm) {
		return refuse(t.blame, WrongAlgorithm, "got %q, want one of %q", t.jwt.algorithm, p.algorithms)
	}
	return nil
}

// checkHeader wants of a client with registered keys what SMART wants: typ, kid, and the URL of the keys if any is given.
func (t *trial) checkHeader() *refusal {
	registered := t.client.assertions.registered
	if registered == nil {
		return nil
	}
	switch typ, jku := t.jwt.header.text("typ"), t.jwt.header.text("jku"); {
	case typ != "JWT" && typ != "client-authentication+jwt":
		return refuse(t.blame, WrongHeader, "typ: got %q, want %q", typ, "JWT")
	case t.jwt.header.text("kid") == "":
		return refuse(t.blame, WrongHeader, "kid: got none")
	case t.jwt.header["jku"] != nil && jku != registered.url:
		return refuse(t.blame, WrongHeader, "jku: got %q, want %q or none", jku, registered.url)
	}
	return nil
}

// findKey looks for the key that kid names, which must be one for the algorithm; other clients have a single key.
func (t *trial) findKey() *refusal {
	registered := t.client.assertions.registered
	if registered == nil {
		t.key = t.client.assertions.key
		return nil
	}
	found, refused := registered.find(t.jwt.header.text("kid"))
	if refused != nil {
		return refused
	}
	if found.Algorithm != t.jwt.algorithm {
		return refuse(t.blame, WrongAlgorithm, "got %q, but the key %q is for %s", t.jwt.algorithm, found.ID, found.Algorithm)
	}
	key, err := found.public()
	if err != nil {
		return refuse(t.blame, UnknownKey, "%q: %s", found.ID, err)
	}
	t.key = key
	return nil
}

func (t *trial) checkSignature() *refusal {
	key := t.key
	switch verify(t.jwt.algorithm, key, t.jwt.signed, t.jwt.signature) {
	case genuine:
		return nil
	case misshapen:
		return refuse("", MalformedAssertion, "signature of %d bytes is not one of %s", len(t.jwt.signature), t.jwt.algorithm)
	}
	if secret, ok := key.([]byte); ok {
		decoded, err := base64.StdEncoding.DecodeString(string(secret))
		if err == nil && verify(t.jwt.algorithm, decoded, t.jwt.signed, t.jwt.signature) == genuine {
			return refuse(t.blame, DecodedSecret, "the secret was base64-decoded before signing")
		}
	}
	return refuse(t.blame, WrongSignature, "not signed with the key of %s", t.client.id)
}

func (t *trial) checkIssuer() *refusal {
	if got := t.jwt.text("iss"); got != t.client.id {
		return refuse(invalidClient, WrongIssuer, "got %q, want %q", got, t.client.id)
	}
	if t.clientID != "" && t.clientID != t.client.id {
		return refuse(invalidClient, WrongIssuer, "got %q, but client_id is %q", t.client.id, t.clientID)
	}
	return nil
}

func (t *trial) checkSubject() *refusal {
	if got := t.jwt.text("sub"); got != t.client.id {
		what := "got %q, want %q"
		if strings.Contains(got, "@") {
			what = "got the email %q, want the client id %q"
		}
		return refuse(invalidClient, WrongSubject, what, got, t.client.id)
	}
	return nil
}

// checkHome refuses a client of the other environment that got the audience of this one right.
func (t *trial) checkHome() *refusal {
	if t.foreign {
		return refuse(invalidClient, UnknownClient, "%q is a client of the other environment", t.client.id)
	}
	return nil
}

func (t *trial) checkExpiry() *refusal {
	exp, present, err := t.jwt.seconds("exp")
	limit := t.environment.sandbox.Switches().MaxLifetime
	if limit == 0 {
		limit = int64(t.client.assertions.maxLifetime / time.Second)
	}
	switch {
	case err != nil:
		return refuse(invalidGrant, WrongExpiry, "%s", err)
	case !present:
		return refuse(invalidGrant, WrongExpiry, "no exp")
	case exp <= t.now:
		return refuse(invalidGrant, ExpiredAssertion, "exp was %d s ago", t.now-exp)
	case exp-t.now > limit:
		return refuse(invalidGrant, DistantExpiry, "exp is %d s ahead, want at most %d", exp-t.now, limit)
	}
	return nil
}

func (t *trial) checkStart() *refusal {
	for _, name := range []string{"nbf", "iat"} {
		at, _, err := t.jwt.seconds(name)
		if err != nil {
			return refuse(invalidGrant, FutureAssertion, "%s", err)
		}
		if at > t.now+leeway {
			return refuse(invalidGrant, FutureAssertion, "%s is %d s ahead", name, at-t.now)
		}
	}
	return nil
}

// checkReplay takes a jti once per issuer until the assertion expires.
func (t *trial) checkReplay() *refusal {
	raw, present := t.jwt.claims["jti"]
	id := t.jwt.text("jti")
	switches := t.environment.sandbox.Switches()
	switch {
	case !present && !t.client.assertions.needJTI && !switches.NeedJTI:
		return nil
	case id == "":
		return refuse(t.blame, WrongID, "jti: got %.40q, want a text", raw)
	}
	if switches.AllowReplay {
		return nil
	}
	exp, _, _ := t.jwt.seconds("exp") // checked before
	if !t.environment.jtis.use(fmt.Sprintf("%q %q", t.client.id, id), exp, t.now) {
		return refuse(t.blame, ReplayedAssertion, "the jti was used before")
	}
	return nil
}

// replays remembers identifiers until their assertions expire.
type replays struct {
	mu    sync.Mutex
	used  map[string]int64 // seconds since 1970 at which to forget
	limit int              // size at which to forget next
}

// use reports whether the identifier is new.
func (r *replays) use(id string, until, now int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if forget, ok := r.used[id]; ok && forget > now {
		return false
	}
	if len(r.used) >= max(r.limit, pruneAbove) {
		for old, forget := range r.used {
			if forget <= now {
				delete(r.used, old)
			}
		}
		r.limit = 2 * len(r.used)
	}
	r.used[id] = until
	return true
}
