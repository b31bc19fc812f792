package auth

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
)

// idTokenLeeway is how far the clocks of the two sides may lie apart.
const idTokenLeeway = time.Minute

// judgeIDToken checks an ID token as OpenID Connect Core, section 3.1.3.7, says, and keeps its claims.
func judgeIDToken(x *exchange, members map[string]json.RawMessage) string {
	raw, ok := text(members["id_token"])
	if !ok {
		granted := x.answer.scope == "" || slices.Contains(strings.Fields(x.answer.scope), "openid")
		if granted && slices.Contains(strings.Fields(x.scope()), "openid") {
			return "without id_token (members: " + memberNames(members) + "), which the scope openid asks for"
		}
		return ""
	}
	token, err := assertions.Inspect(raw)
	if err != nil {
		return fmt.Sprintf("with an id_token that is no JWT: %v", err)
	}
	if complaint := x.judgeClaims(token); complaint != "" {
		return "with an id_token " + complaint
	}
	if complaint := x.judgeSignature(token); complaint != "" {
		return "with an id_token " + complaint
	}
	x.answer.claims = map[string]json.RawMessage{}
	for name, value := range token.Claims {
		if raw, err := json.Marshal(value); err == nil {
			x.answer.claims[name] = raw
		}
	}
	return ""
}

func (x *exchange) judgeClaims(t *assertions.Token) string {
	client, issuer := x.text("client_id"), x.text("issuer")
	audiences := t.Audiences()
	expires, ok := t.Time("exp")
	switch {
	case issuer != "" && t.Text("iss") != issuer:
		return fmt.Sprintf("of the issuer %q, want %q byte for byte", shown(t.Text("iss")), issuer)
	case !slices.Contains(audiences, client):
		return fmt.Sprintf("for the audience %q, want client_id %q among it", shown(strings.Join(audiences, " ")), client)
	case len(audiences) > 1 && t.Text("azp") != "" && t.Text("azp") != client:
		return fmt.Sprintf("whose azp is %q, want client_id %q", shown(t.Text("azp")), client)
	case t.Text("sub") == "":
		return "without sub"
	case !ok:
		return "without an exp that is a number"
	case time.Since(expires) > idTokenLeeway:
		return fmt.Sprintf("that ended at %s", expires.UTC().Format(time.RFC3339))
	case x.consented != nil && x.consented.nonce != "" && t.Text("nonce") != x.consented.nonce:
		return "whose nonce is not the one that was sent: it belongs to another sign-in"
	}
	return ""
}

func (x *exchange) judgeSignature(t *assertions.Token) string {
	keys := ""
	if x.consented != nil {
		keys = x.consented.keys
	}
	switch alg := t.Algorithm(); {
	case strings.EqualFold(alg, "none"):
		return "that nobody signed (alg none)"
	case isHMAC(alg) && x.text("client_secret") == "":
		return fmt.Sprintf("signed with %s, and there is no client_secret to verify it with", alg)
	case isHMAC(alg):
		keys = x.text("client_secret")
	case keys == "":
		x.note("the signature of the id_token was not verified, because nobody says where the issuer's keys are; discover: or jwks_url: does")
		return ""
	}
	if err := t.Verify(keys, ""); err != nil {
		return fmt.Sprintf("whose signature does not verify: %v", err)
	}
	return ""
}
