package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"time"
)

const keysPath = "/.well-known/jwks.json"

// idToken is OpenID Connect Core, section 2, signed RS256 with the key at jwks_uri.
func (e *environment) idToken(a *authorization, now time.Time) string {
	claims := object{
		"iss": e.issuer(), "sub": a.launch.user, "aud": a.client.id, "iat": now.Unix(), "exp": now.Add(a.client.tokenLife()).Unix(),
		"auth_time": now.Unix(),
	}
	if a.nonce != "" {
		claims["nonce"] = a.nonce
	}
	if a.scope.has("fhirUser") {
		claims["fhirUser"] = e.fhirUser()
	}
	if a.scope.has("profile") {
		claims["name"] = "Perrin Ashdown"
	}
	encode64 := base64.RawURLEncoding.EncodeToString
	signed := encode64(encode(object{"alg": "RS256", "typ": "JWT", "kid": e.keyID()})) + "." + encode64(encode(claims))
	signature := must(rsa.SignPKCS1v15(nil, e.signing(), crypto.SHA256, digestOf(crypto.SHA256, signed)))
	return signed + "." + encode64(signature)
}

func (e *environment) keyID() string { return e.name + "-id-token" }

func (e *environment) publishSigningKey(r *http.Request) answer {
	return discovery(r, object{"keys": []jwk{newJWK(e.keyID(), "RS256", e.signing().Public())}})
}

func newSigningKey() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) }
