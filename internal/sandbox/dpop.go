package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	proofAge   = 300 // seconds that iat of a proof may lie back
	nonceTurns = 300 // seconds after which there is another nonce; the one before is still good
)

// dpop is RFC 9449 with nonces: every proof must hold one that the server gave out in the last minutes.
type dpop struct{ *environment }

func proofAlgorithms() []string { return []string{"ES256", "ES384", "RS256", "PS256", "EdDSA"} }

// openDPoP makes a server with the clients of an environment, whose tokens are all bound to a key.
func openDPoP(e *environment, origin string) opened {
	n := e.beside("dpop", origin)
	d := dpop{n}
	n.guard = d
	n.addRoutes()
	n.fhir.discover = n.described(object{"dpop_signing_alg_values_supported": proofAlgorithms()})
	n.routes["/.well-known/smart-configuration"] = n.fhir.discover
	return opened{
		name: n.name, flows: n.flows, judges: true,
		answer: func(r *http.Request) answer { return n.answer(r).with("Dpop-Nonce", d.nonce(0)) },
		variables: func() []Variable {
			return []Variable{
				{Name: "dpop_base_url", Value: origin}, {Name: "dpop_token_url", Value: origin + tokenPath},
				{Name: "dpop_fhir_url", Value: n.fhir.base},
			}
		},
	}
}

// nonce is the one of so many turns ago.
func (d dpop) nonce(ago int64) string {
	turn := d.sandbox.Now().Unix()/nonceTurns - ago
	return base64.RawURLEncoding.EncodeToString(d.sandbox.mac([]byte("nonce " + d.name + " " + strconv.FormatInt(turn, 10))))
}

func (d dpop) bind(r *http.Request) (binding, *refusal) {
	thumbprint, reason, detail := d.prove(r, "")
	switch reason {
	case OK:
		return binding{"DPoP", "jkt", thumbprint}, nil
	case WrongNonce:
		return binding{}, refuse(useNonce, reason, "%s", detail)
	}
	return binding{}, refuse(invalidDPoP, reason, "%s", detail)
}

func (d dpop) admit(r *http.Request) (token, Reason, string) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) > 1:
		return token{}, SeveralCredentials, "the Authorization header is repeated"
	case len(headers) == 0:
		return token{}, NoCredentials, ""
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	found, known := d.sandbox.tokens.find(value)
	switch {
	case strings.EqualFold(scheme, "Bearer") && known && found.bound.scheme == "DPoP":
		return token{}, BoundAsBearer, "the token is bound to a key, and was sent as Bearer"
	case !strings.EqualFold(scheme, "DPoP"):
		return token{}, NoCredentials, "the Authorization header is no DPoP"
	case !known:
		return token{}, UnknownToken, ""
	}
	if reason, detail := found.judge(d.name, d.sandbox.Now()); reason != OK {
		return token{}, reason, detail
	}
	thumbprint, reason, detail := d.prove(r, value)
	if reason == OK && thumbprint != found.bound.digest {
		return token{}, WrongProofKey, fmt.Sprintf("got a proof of %s, the token is bound to %s", thumbprint, found.bound.digest)
	}
	return found, reason, detail
}

func (d dpop) challenge(reason Reason) string {
	algorithms := `algs="` + strings.Join(proofAlgorithms(), " ") + `"`
	switch reason {
	case NoCredentials:
		return "DPoP " + algorithms
	case WrongNonce:
		return `DPoP error="use_dpop_nonce", ` + algorithms
	case MissingProof, WrongProof, ReplayedProof:
		return `DPoP error="invalid_dpop_proof", ` + algorithms
	case SeveralCredentials:
		return `DPoP error="invalid_request", ` + algorithms
	}
	return `DPoP error="invalid_token", ` + algorithms
}

// prove checks the DPoP header (RFC 9449, section 4.3) and returns the thumbprint of its key. The access token is empty at
// the token endpoint.
func (d dpop) prove(r *http.Request, access string) (thumbprint string, reason Reason, detail string) {
	headers := r.Header.Values("Dpop")
	if len(headers) == 0 {
		return "", MissingProof, "no DPoP header"
	}
	if len(headers) > 1 {
		return "", WrongProof, "several DPoP headers"
	}
	proof, err := parseJWT(headers[0])
	if err != nil {
		return "", WrongProof, err.Error()
	}
	thumbprint, fault := proof.selfSigned()
	if fault == "" {
		fault = d.claimsFault(proof, r, access)
	}
	if fault != "" {
		return "", WrongProof, fault
	}
	switch nonce := proof.text("nonce"); nonce {
	case d.nonce(0), d.nonce(1):
	case "":
		return "", WrongNonce, "nonce: got none"
	default:
		return "", WrongNonce, "nonce: got one that is not good any more"
	}
	iat, _, _ := proof.seconds("iat") // checked before
	if !d.jtis.use("proof "+thumbprint+" "+proof.text("jti"), iat+proofAge, d.sandbox.Now().Unix()) {
		return "", ReplayedProof, "the jti was used before"
	}
	return thumbprint, OK, ""
}

// selfSigned checks that a proof is signed with the public key in its header.
func (j jwt) selfSigned() (thumbprint, fault string) {
	if got := j.header.text("typ"); got != "dpop+jwt" {
		return "", fmt.Sprintf("typ: got %q, want %q", got, "dpop+jwt")
	}
	if j.critical || !slices.Contains(proofAlgorithms(), j.algorithm) {
		return "", fmt.Sprintf("alg: got %q, want one of %q", j.algorithm, proofAlgorithms())
	}
	var k jwk
	if err := json.Unmarshal(j.header["jwk"], &k); err != nil {
		return "", "jwk: want a public key"
	}
	key, err := k.public()
	if err != nil {
		return "", "jwk: " + err.Error()
	}
	if verify(j.algorithm, key, j.signed, j.signature) != genuine {
		return "", "not signed with the key in its header"
	}
	return k.thumbprint(), ""
}

// claimsFault says which claim of a proof does not fit the request; "" when all do.
func (d dpop) claimsFault(proof jwt, r *http.Request, access string) string {
	now := d.sandbox.Now().Unix()
	iat, present, err := proof.seconds("iat")
	target := proof.text("htu")
	if end := strings.IndexAny(target, "?#"); end >= 0 {
		target = target[:end]
	}
	sum := sha256.Sum256([]byte(access))
	hash := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case proof.text("jti") == "":
		return "jti: got none"
	case proof.text("htm") != r.Method:
		return fmt.Sprintf("htm: got %q, want %q", proof.text("htm"), r.Method)
	case target != d.origin+r.URL.Path:
		return fmt.Sprintf("htu: got %q, want %q", proof.text("htu"), d.origin+r.URL.Path)
	case err != nil:
		return err.Error()
	case !present:
		return "iat: got none"
	case iat > now+leeway || iat < now-proofAge:
		return fmt.Sprintf("iat: got %d s from now, want at most %d ahead and %d back", iat-now, leeway, proofAge)
	case access != "" && proof.text("ath") != hash:
		return "ath: not the SHA-256 of the access token"
	}
	return ""
}
