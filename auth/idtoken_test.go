package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

// issuer is a server that signs ID tokens.
type issuer struct {
	change func(claims map[string]any)
	alg    jose.SignatureAlgorithm
	key    any // nil: signingKey
	nonce  string
	token  string // in the place of one that is signed
	none   bool   // no ID token at all
}

const jwksURL = "https://as.example/jwks"

func (i *issuer) answer(nth int, c auth.Call) (*wire.Response, error) {
	if c.Request.URL == jwksURL {
		set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: signingKey().Public(), KeyID: "k1", Use: "sig"}}})
		return response(200, "application/json", string(set)), err
	}
	token, err := i.sign()
	if err != nil {
		return nil, err
	}
	if i.none {
		return numbered("")(nth, c)
	}
	return numbered(`,"id_token":"`+token+`"`)(nth, c)
}

func (i *issuer) sign() (string, error) {
	if i.token != "" || i.none {
		return i.token, nil
	}
	claims := map[string]any{"iss": "https://as.example", "sub": "user-1", "aud": "c", "iat": time.Now().Unix(), "exp": time.Now().Unix() + 60, "nonce": i.nonce,
		"fhirUser": "Practitioner/7"}
	if i.change != nil {
		i.change(claims)
	}
	alg, key := jose.ES384, any(signingKey())
	if i.key != nil {
		alg, key = i.alg, i.key
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

func (i *issuer) consent(_ context.Context, p auth.Prompt) (url.Values, error) {
	u, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	i.nonce = u.Query().Get("nonce")
	return url.Values{"code": {"code-" + i.nonce}, "state": {u.Query().Get("state")}}, nil
}

func TestAnIDTokenIsChecked(t *testing.T) {
	t.Parallel()
	set := func(pairs ...any) func(map[string]any) {
		return func(claims map[string]any) {
			for i := 0; i < len(pairs); i += 2 {
				maps.Copy(claims, map[string]any{pairs[i].(string): pairs[i+1]})
			}
		}
	}
	unsigned := "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJzdWIiOiJ1IiwiYXVkIjoiYyIsImV4cCI6OTk5OTk5OTk5OX0."
	for _, c := range []struct {
		name, want string
		issuer     issuer
	}{
		{"right", "", issuer{}},
		{"several audiences", "", issuer{change: set("aud", []string{"other", "c"}, "azp", "c")}},
		{"clocks that differ a little", "", issuer{change: set("exp", time.Now().Unix()-30)}},
		{"none", "without id_token (members: access_token, token_type), which the scope openid asks for", issuer{none: true}},
		{"no JWT", "with an id_token that is no JWT: got 1 part, want 3: header.payload.signature", issuer{token: "abc"}},
		{"unsigned", "with an id_token whose nonce is not the one that was sent: it belongs to another sign-in", issuer{token: unsigned}},
		{"another issuer", `with an id_token of the issuer "https://as.example/", want "https://as.example" byte for byte`, issuer{change: set("iss", "https://as.example/")}},
		{"another client", `with an id_token for the audience "d e", want client_id "c" among it`, issuer{change: set("aud", []string{"d", "e"})}},
		{"another party", `with an id_token whose azp is "d", want client_id "c"`, issuer{change: set("aud", []string{"c", "d"}, "azp", "d")}},
		{"no subject", `with an id_token without sub`, issuer{change: set("sub", nil)}},
		{"no end", `with an id_token without an exp that is a number`, issuer{change: set("exp", "soon")}},
		{"ended", `with an id_token that ended at 2020-09-13T12:26:40Z`, issuer{change: set("exp", 1600000000)}},
		{"another nonce", `with an id_token whose nonce is not the one that was sent: it belongs to another sign-in`, issuer{change: set("nonce", "x")}},
		{"another key", `with an id_token whose signature does not verify: the key is an EC key of the curve P-384, RS256 wants an RSA key; alg: ES384 fits the key`, issuer{alg: jose.RS256, key: rsaKey()}},
		{"a shared key", `with an id_token signed with HS256, and there is no client_secret to verify it with`, issuer{alg: jose.HS256, key: []byte(sharedKey)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: c.issuer.answer}
			s := session(d)
			s.Consent = c.issuer.consent
			a := read(t, strings.Replace(pasteBlock, "{", `{scope: openid fhirUser, issuer: "https://as.example", jwks_url: "`+jwksURL+`", context: [fhirUser], `, 1))
			err := a.Authorize(t.Context(), request(), s)
			same(t, "names", strings.Join(d.names(), ", "), "keys of the issuer, token exchange (authorization-code)")
			if c.want != "" {
				same(t, "error", fmt.Sprint(err), said+"200 OK "+c.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "fhirUser", s.Scope.Captured()["fhirUser"].Text, "Practitioner/7")
			same(t, "notes", strings.Join(d.calls[1].Notes(), "\n"), "")
		})
	}
}

func TestAnIDTokenThatNobodySignedIsRefused(t *testing.T) {
	t.Parallel()
	i := &issuer{token: "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJzdWIiOiJ1IiwiYXVkIjoiYyIsImV4cCI6OTk5OTk5OTk5OX0."}
	d := &desk{answer: i.answer}
	s := session(d, "code", "code-0001")
	a := read(t, strings.Replace(pasteBlock, "{", `{scope: openid, code: "{{code}}", `, 1)) // no nonce was sent
	same(t, "error", fmt.Sprint(a.Authorize(t.Context(), request(), s)), said+"200 OK with an id_token that nobody signed (alg none)")
}

func TestAnIDTokenMayBeSignedWithTheClientSecret(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		sharedKey:                            "<nil>",
		strings.Repeat("another-secret-", 3): said + "200 OK with an id_token whose signature does not verify: the signature is not of this key: another key made it, or header or claims were changed",
	} {
		i := &issuer{alg: jose.HS256, key: []byte(sharedKey)}
		d := &desk{answer: i.answer}
		s := session(d, "secret", secret)
		s.Consent = i.consent
		a := read(t, strings.Replace(pasteBlock, "{", `{scope: openid, client_secret: "{{secret}}", `, 1))
		same(t, secret, fmt.Sprint(a.Authorize(t.Context(), request(), s)), want)
	}
}

func TestKeysThatCannotBeFetchedAreMissedBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	d := &desk{answer: func(_ int, c auth.Call) (*wire.Response, error) {
		if c.Request.URL == jwksURL {
			return response(404, "", ""), nil
		}
		return response(200, "application/json", `{"issuer":"https://as.example","token_endpoint":"`+tokenURL+`","jwks_uri":"`+jwksURL+`"}`), nil
	}}
	s, b := session(d), &browser{}
	s.Consent = b.pastes
	a := read(t, strings.Replace(pasteBlock, "{", `{scope: openid, discover: {issuer: "https://as.example"}, `, 1))
	same(t, "error", fmt.Sprint(a.Authorize(t.Context(), request(), s)),
		"a.yaml:1:9: no access token: the JWKS page answered 404 Not Found with an empty body\ncheck: https://as.example/jwks, which the server's metadata names")
	if len(b.prompts) != 0 {
		t.Errorf("got %d prompts, want none", len(b.prompts))
	}
}

func TestASignatureThatCannotBeVerifiedIsNoted(t *testing.T) {
	t.Parallel()
	i := &issuer{}
	d := &desk{answer: i.answer}
	s := session(d)
	s.Consent = i.consent
	authorize(t, read(t, strings.Replace(pasteBlock, "{", "{scope: openid, ", 1)), s)
	same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), "the signature of the id_token was not verified, because nobody says where the issuer's keys are; discover: or jwks_url: does")
}
