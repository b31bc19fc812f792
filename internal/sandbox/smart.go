package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"sync"
	"time"
)

const (
	smartLife          = 5 * time.Minute // of access tokens, as SMART Backend Services recommends
	smartAssertionLife = 5 * time.Minute
)

// A smartServer is the registration of the one client of a SMART Backend Services server, with the keys that are the
// client's secret. They are made when first used, for an RSA key takes a while.
type smartServer struct {
	*environment
	client *client
	keys   string // path of the client's JWKS, which this server publishes for it
	ec     func() *ecdsa.PrivateKey
	rsa    func() *rsa.PrivateKey
}

// openSMART makes a server of SMART App Launch 2.2, "Backend Services", with "Client Authentication: Asymmetric".
func openSMART(beside *environment, origin string) opened {
	s := &smartServer{environment: beside.beside("smart", origin)}
	id := "smart-" + s.deployment
	s.keys = "/clients/" + id + "/jwks.json"
	s.ec = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	s.rsa = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	s.client = &client{
		id: id, name: "Nightly export", grants: []string{clientCredentials}, life: smartLife,
		scopes: scope{"system/*.rs", "system/Patient.cruds", "system/Observation.cruds"},
		assertions: policy{
			algorithms: []string{"RS384", "ES384"}, maxLifetime: smartAssertionLife, needJTI: true,
			registered: &registeredKeys{url: origin + s.keys, find: s.findKey},
		},
	}
	s.clients = registry{main: s.client}
	s.wording = alwaysInvalidClient
	s.fhir.level = "system"
	s.fhir.discover = s.configuration
	s.routes[tokenPath] = s.tokenEndpoint(origin+tokenPath, backendGrants)
	s.routes["/.well-known/smart-configuration"] = s.configuration
	s.routes[s.keys] = s.publishKeys
	return opened{name: s.name, judges: true, answer: s.answer, variables: s.variables}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic("sandbox: " + err.Error()) // never: crypto/rand does not fail, and the keys are of kinds everything knows
	}
	return value
}

func (s *smartServer) keyID(algorithm string) string { return s.client.id + "-" + algorithm }

// key returns a public key of the client as a JWK.
func (s *smartServer) key(algorithm string) jwk {
	if algorithm == "RS384" {
		return newJWK(s.keyID("rs384"), algorithm, s.rsa().Public())
	}
	return newJWK(s.keyID("es384"), algorithm, s.ec().Public())
}

// findKey looks for a key of the client: in the JWKS it registered or, when the switch says so, in the one at its URL.
func (s *smartServer) findKey(id string) (jwk, *refusal) {
	if !s.sandbox.Switches().FetchKeys {
		for _, algorithm := range []string{"ES384", "RS384"} {
			if id == s.keyID("es384") && algorithm == "ES384" || id == s.keyID("rs384") && algorithm == "RS384" {
				return s.key(algorithm), nil
			}
		}
		return jwk{}, refuse(invalidClient, UnknownKey, "kid: got %q, want %q or %q", id, s.keyID("es384"), s.keyID("rs384"))
	}
	status, body := s.sandbox.in(s.origin + s.keys)
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); status != http.StatusOK || err != nil {
		return jwk{}, refuse(invalidClient, UnreachableKeys, "%s answered %d", s.origin+s.keys, status)
	}
	for _, key := range set.Keys {
		if key.ID == id {
			return key, nil
		}
	}
	return jwk{}, refuse(invalidClient, UnknownKey, "kid: got %q, which is not in %s", id, s.origin+s.keys)
}

// publishKeys is what the client would have at its own URL.
func (s *smartServer) publishKeys(r *http.Request) answer {
	return discovery(r, object{"keys": []jwk{s.key("ES384"), s.key("RS384")}})
}

func backendGrants() map[string]grant {
	return map[string]grant{clientCredentials: {
		parameters: []string{"client_assertion", "client_assertion_type", "client_secret"}, issue: exchangeBackend,
	}}
}

// exchangeBackend is the client credentials grant, in which SMART wants a scope.
func exchangeBackend(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	if len(r.scope()) == 0 {
		return tokenResponse{}, refuse(invalidScope, MissingParameter, "scope")
	}
	return e.grantToClient(c, clientCredentials, r.scope())
}

func (s *smartServer) configuration(r *http.Request) answer {
	return discovery(r, object{
		"issuer":                                s.origin,
		"token_endpoint":                        s.origin + tokenPath,
		"grant_types_supported":                 []string{clientCredentials},
		"token_endpoint_auth_methods_supported": []string{"private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": s.client.assertions.algorithms,
		"scopes_supported":                 []string{"system/*.rs", "system/*.read", "system/Patient.cruds", "system/Observation.cruds"},
		"code_challenge_methods_supported": []string{"S256"},
		"capabilities":                     []string{"client-confidential-asymmetric", "permission-v1", "permission-v2"},
	})
}

func (s *smartServer) variables() []Variable {
	return []Variable{
		{Name: "smart_base_url", Value: s.origin},
		{Name: "smart_token_url", Value: s.origin + tokenPath},
		{Name: "smart_fhir_url", Value: s.fhir.base},
		{Name: "smart_client_id", Value: s.client.id},
		{Name: "smart_jwks_url", Value: s.origin + s.keys},
		{Name: "smart_key_id", Value: s.keyID("es384")},
		{Name: "smart_private_key", Value: encodeKey(s.ec()), Secret: true},
		{Name: "smart_key_id_rs384", Value: s.keyID("rs384")},
		{Name: "smart_private_key_rs384", Value: encodeKey(s.rsa()), Secret: true},
	}
}

// encodeKey is a private key as PEM of PKCS #8.
func encodeKey(key any) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}))
}

// alwaysInvalidClient is the one error that SMART knows for whatever is wrong with the authentication of a client.
func alwaysInvalidClient(f refusal) answer {
	if f.aboutProof() || f.code == invalidClient {
		return f.says(http.StatusUnauthorized, invalidClient, "the client could not be authenticated")
	}
	return f.answer()
}
