package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func newSMARTBench(t *testing.T, environment string) bench {
	t.Helper()
	return benchOn(t, New(Options{Servers: Servers{SMART: true}}), environment)
}

// signed is an assertion with the header members and claims given.
func signed(t testing.TB, algorithm jose.SignatureAlgorithm, key any, header, c claims) string {
	t.Helper()
	o := &jose.SignerOptions{}
	for name, value := range header {
		o.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (b bench) privateKey(name string) any {
	b.Helper()
	block, rest := pem.Decode([]byte(b.vars[name]))
	if block == nil || len(rest) > 0 || block.Type != "PRIVATE KEY" {
		b.Fatalf("%s is no PEM of a private key", name)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	return key
}

// smartClaims are right ones with a new jti, changed as given; a nil value takes a claim out.
func (b bench) smartClaims(changes claims) claims {
	now := b.sandbox.Now().Unix()
	id := b.vars["smart_client_id"]
	c := claims{"iss": id, "sub": id, "aud": b.vars["smart_token_url"], "exp": now + 300, "jti": rand.Text()}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func (b bench) smartHeader(changes claims) claims {
	h := claims{"typ": "JWT", "kid": b.vars["smart_key_id"]}
	maps.Copy(h, changes)
	maps.DeleteFunc(h, func(_ string, value any) bool { return value == nil })
	return h
}

// backend asks for a token with right header and claims, changed as given.
func (b bench) backend(header, changes claims) reply {
	b.Helper()
	return b.backendWith(signed(b.T, jose.ES384, b.privateKey("smart_private_key"), b.smartHeader(header), b.smartClaims(changes)))
}

func (b bench) backendWith(assertion string, more ...string) reply {
	b.Helper()
	form := []string{"grant_type", clientCredentials, "client_assertion_type", assertionType, "client_assertion", assertion}
	if len(more) == 0 {
		more = []string{"scope", "system/*.rs"}
	}
	return b.post(b.vars["smart_token_url"], append(form, more...)...)
}

func TestABackendServiceReadsPatientsWithEitherOfItsKeys(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"sandbox", "production"} {
		b := newSMARTBench(t, environment)
		for algorithm, name := range map[jose.SignatureAlgorithm]string{jose.ES384: "", jose.RS384: "_rs384"} {
			got := b.backendWith(signed(t, algorithm, b.privateKey("smart_private_key"+name),
				b.smartHeader(claims{"kid": b.vars["smart_key_id"+name]}), b.smartClaims(nil)))
			token := got.member("access_token")
			want := fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":300,"scope":"system/*.rs"}`, token)
			if got.body != want || got.status != 200 {
				t.Fatalf("%s: got %d %s (%s), want %s", algorithm, got.status, got.body, got.reason, want)
			}
			read := b.send("GET", b.vars["smart_fhir_url"]+"/Patient/"+b.vars["patient"], "", "Authorization", "Bearer "+token)
			if read.status != 200 || !strings.Contains(read.body, `"family":"Quillon"`) {
				t.Errorf("got %d %s", read.status, read.body)
			}
			b.get(token, "/Patient/"+b.vars["patient"]).is(t, 401, "", ForeignToken)
			b.sandbox.Advance(smartLife)
			b.send("GET", b.vars["smart_fhir_url"]+"/Patient", "", "Authorization", "Bearer "+token).is(t, 401, "", ExpiredToken)
		}
	}
}

func TestEveryFailureToAuthenticateABackendServiceIsInvalidClient(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	now := b.sandbox.Now().Unix()
	cases := []struct {
		name           string
		header, claims claims
		reason         Reason
	}{
		{"no typ", claims{"typ": nil}, nil, WrongHeader},
		{"another typ", claims{"typ": "at+jwt"}, nil, WrongHeader},
		{"no kid", claims{"kid": nil}, nil, WrongHeader},
		{"a kid nobody registered", claims{"kid": "old"}, nil, UnknownKey},
		{"the kid of the other key", claims{"kid": b.vars["smart_key_id_rs384"]}, nil, WrongAlgorithm},
		{"a jku of somebody else", claims{"jku": "https://elsewhere.example/jwks.json"}, nil, WrongHeader},
		{"no jti", nil, claims{"jti": nil}, WrongID},
		{"aud is the issuer", nil, claims{"aud": b.vars["smart_base_url"]}, WrongAudience},
		{"aud ends with a slash", nil, claims{"aud": b.vars["smart_token_url"] + "/"}, WrongAudience},
		{"aud of another server", nil, claims{"aud": b.vars["token_url"]}, WrongAudience},
		{"another issuer", nil, claims{"iss": "https://app.example"}, WrongIssuer},
		{"another subject", nil, claims{"sub": "nightly"}, WrongSubject},
		{"expired", nil, claims{"exp": now - 1}, ExpiredAssertion},
		{"more than five minutes", nil, claims{"exp": now + 310}, DistantExpiry},
		{"no exp", nil, claims{"exp": nil}, WrongExpiry},
		{"a client nobody knows", nil, claims{"iss": "x", "sub": "x"}, UnknownClient},
	}
	want := said(401, "invalid_client", "the client could not be authenticated")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := b.backend(c.header, c.claims); got.whole() != want || got.reason != c.reason {
				t.Errorf("got %s (%s), want %s (%s)", got.whole(), got.reason, want, c.reason)
			}
		})
	}
	b.backend(claims{"jku": b.vars["smart_jwks_url"], "typ": "client-authentication+jwt"}, nil).is(t, 200, "", OK)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b.backendWith(signed(t, jose.ES384, other, b.smartHeader(nil), b.smartClaims(nil))).is(t, 401, "invalid_client", WrongSignature)
	weak, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b.backendWith(signed(t, jose.ES256, weak, b.smartHeader(nil), b.smartClaims(nil))).is(t, 401, "invalid_client", WrongAlgorithm)
	b.backendWith("a.b").is(t, 401, "invalid_client", MalformedAssertion)
	used := signed(t, jose.ES384, b.privateKey("smart_private_key"), b.smartHeader(nil), b.smartClaims(nil))
	b.backendWith(used).is(t, 200, "", OK)
	b.backendWith(used).is(t, 401, "invalid_client", ReplayedAssertion)
}

func TestABackendServiceHasNoOtherWayToATokenThanItsAssertion(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	id := b.vars["smart_client_id"]
	ask := func(authorization string, form ...string) reply {
		headers := []string{"Content-Type", formType}
		if authorization != "" {
			headers = append(headers, "Authorization", authorization)
		}
		return b.send("POST", b.vars["smart_token_url"], encodeForm(append(form, "scope", "system/*.rs")...), headers...)
	}
	ask(basic(id, ""), "grant_type", clientCredentials).is(t, 401, "invalid_client", WrongSecret)
	ask(basic(id, "x"), "grant_type", clientCredentials).is(t, 401, "invalid_client", WrongSecret)
	ask("", "grant_type", clientCredentials, "client_id", id, "client_secret", "x").is(t, 401, "invalid_client", WrongSecret)
	ask("", "grant_type", clientCredentials, "client_id", id).is(t, 401, "invalid_client", NoAuthentication)
	ask("", "grant_type", clientCredentials).is(t, 401, "invalid_client", NoAuthentication)
	ask("", "grant_type", jwtBearerGrant, "assertion", "a.b.c").is(t, 400, "unsupported_grant_type", UnsupportedGrant)
	ask("", "grant_type", refreshTokenGrant).is(t, 400, "unsupported_grant_type", UnsupportedGrant)
}

func TestABackendServiceNamesItsScopesInEitherSyntax(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	ask := func(scope string) reply {
		return b.backendWith(signed(t, jose.ES384, b.privateKey("smart_private_key"), b.smartHeader(nil), b.smartClaims(nil)), "scope", scope)
	}
	for _, scope := range []string{"system/*.rs", "system/*.read", "system/Patient.rs system/Observation.read", "system/Patient.cud"} {
		if got := ask(scope); got.member("scope") != scope {
			t.Errorf("got %s, want %q", got.body, scope)
		}
	}
	for _, scope := range []string{"user/*.rs", "patient/*.read", "system/*.*", "system/DocumentReference.write", "patient360"} {
		ask(scope).is(t, 400, "invalid_scope", UnregisteredScope)
	}
	ask("").is(t, 400, "invalid_scope", MissingParameter)
	narrow := ask("system/Patient.r").member("access_token")
	got := b.send("GET", b.vars["smart_fhir_url"]+"/Observation", "", "Authorization", "Bearer "+narrow)
	got.is(t, 403, "", InsufficientScope)
	want := `Bearer error="insufficient_scope", scope="system/Observation.s"`
	if challenge := got.header.Get("Www-Authenticate"); challenge != want {
		t.Errorf("got %q, want %q", challenge, want)
	}
}

func TestTheKeysOfABackendServiceAreFetchedFromItsURLWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	b.backend(nil, nil).is(t, 200, "", OK)
	b.inject(Fault{Route: "/clients/*", Kind: "503", Times: 1})
	b.backend(nil, nil).is(t, 200, "", OK) // they were registered
	b.sandbox.SetSwitches(Switches{AssertionSwitches: AssertionSwitches{FetchKeys: true}})
	b.backend(nil, nil).is(t, 401, "invalid_client", UnreachableKeys)
	b.backend(nil, nil).is(t, 200, "", OK)
	b.backend(claims{"kid": "old"}, nil).is(t, 401, "invalid_client", UnknownKey)
	b.inject(Fault{Route: "/clients/*", Kind: "close", Times: 1})
	b.backend(nil, nil).is(t, 401, "invalid_client", UnreachableKeys)
	entries := b.sandbox.Entries()
	if fetched := entries[len(entries)-2]; fetched.Path != "/clients/smart-sandbox/jwks.json" || fetched.Reason != InjectedFault {
		t.Errorf("got %+v", fetched)
	}
}

func TestThePublishedKeysAreThePublicPartsOfTheSecretOnes(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	var set jose.JSONWebKeySet
	got := b.send("GET", b.vars["smart_jwks_url"], "")
	if err := json.Unmarshal([]byte(got.body), &set); err != nil || len(set.Keys) != 2 {
		t.Fatal(err, got.body)
	}
	for suffix, algorithm := range map[string]string{"": "ES384", "_rs384": "RS384"} {
		keys := set.Key(b.vars["smart_key_id"+suffix])
		if len(keys) != 1 || !keys[0].IsPublic() || !keys[0].Valid() || keys[0].Algorithm != algorithm || keys[0].Use != "sig" {
			t.Fatalf("got %+v", keys)
		}
		private := b.privateKey("smart_private_key" + suffix).(crypto.Signer)
		if !keys[0].Key.(interface{ Equal(crypto.PublicKey) bool }).Equal(private.Public()) {
			t.Errorf("%s is not the key that signs", algorithm)
		}
	}
	again := benchOn(t, b.sandbox, "sandbox")
	if again.vars["smart_private_key"] != b.vars["smart_private_key"] {
		t.Error("the keys of one sandbox change")
	}
}

func TestTheDiscoveryOfABackendServer(t *testing.T) {
	t.Parallel()
	b := newSMARTBench(t, "sandbox")
	want := strings.ReplaceAll(`{"issuer":"B","token_endpoint":"B/oauth/token","grant_types_supported":["client_credentials"],
		"token_endpoint_auth_methods_supported":["private_key_jwt"],
		"token_endpoint_auth_signing_alg_values_supported":["RS384","ES384"],
		"scopes_supported":["system/*.rs","system/*.read","system/Patient.cruds","system/Observation.cruds"],
		"code_challenge_methods_supported":["S256"],
		"capabilities":["client-confidential-asymmetric","permission-v1","permission-v2"]}`, `"B`, `"`+b.vars["smart_base_url"])
	for _, address := range []string{b.vars["smart_fhir_url"], b.vars["smart_base_url"]} {
		if got := b.send("GET", address+"/.well-known/smart-configuration", ""); got.status != 200 || !sameJSON(t, got.body, want) {
			t.Errorf("got %d %s, want %s", got.status, got.body, want)
		}
	}
	if got := b.send("GET", b.vars["smart_fhir_url"]+"/metadata", ""); !strings.Contains(got.body, `"valueUri":"`+b.vars["smart_token_url"]+`"`) {
		t.Errorf("got %s", got.body)
	}
}

func TestOnlyServersThatWereAskedForStart(t *testing.T) {
	t.Parallel()
	if n := len(New(Options{}).Hosts()); n != 4 {
		t.Errorf("got %d hosts, want 4", n)
	}
	var wanted Servers
	wanted.Need("token_url")
	if wanted != (Servers{}) {
		t.Errorf("got %+v for a variable that is always there", wanted)
	}
	wanted.Need("smart_private_key")
	b, client := started(t, Options{Servers: wanted})
	if n := len(b.sandbox.Hosts()); n != 6 || !strings.HasPrefix(b.vars["smart_base_url"], "http://127.0.0.1:") {
		t.Errorf("got %d hosts, %s", n, b.vars["smart_base_url"])
	}
	if status, _ := fetch(t, client, b.vars["smart_fhir_url"]+"/metadata"); status != 200 {
		t.Errorf("got %d", status)
	}
	production := benchOn(t, b.sandbox, "production")
	for name, value := range b.vars {
		if production.vars[name] == value {
			t.Errorf("%s is the same in both environments", name)
		}
	}
}

func TestAJWKReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for algorithm, pair := range keysByAlgorithm(t) {
		signer, ok := pair.private.(crypto.Signer)
		if !ok {
			continue
		}
		theirs := jose.JSONWebKey{Key: signer.Public()}
		text, err := theirs.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var ours jwk
		if err := json.Unmarshal(text, &ours); err != nil {
			t.Fatal(err)
		}
		key, err := ours.public()
		if err != nil || !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(signer.Public()) {
			t.Errorf("%s: got %v %v", algorithm, key, err)
		}
		want, err := theirs.Thumbprint(crypto.SHA256)
		if got := ours.thumbprint(); err != nil || got != base64.RawURLEncoding.EncodeToString(want) {
			t.Errorf("%s: got the thumbprint %s, %v", algorithm, got, err)
		}
		if algorithm != jose.EdDSA && newJWK("", "", signer.Public()).thumbprint() != ours.thumbprint() {
			t.Errorf("%s: written otherwise than read", algorithm)
		}
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]jwk{
		"the key is a private one":                                  {Type: "EC", D: "AQ"},
		"a number of the key is not base64url":                      {Type: "EC", X: "+"},
		"want an RSA key of 2048 bits or more":                      newJWK("", "", small.Public()),
		`got a key of type "oct" and curve ""`:                      {Type: "oct"},
		`got a curve "P-256" with coordinates of 1 and 0 bytes`:     {Type: "EC", Curve: "P-256", X: "AQ"},
		`got a key of type "OKP" and curve "Ed25519"`:               {Type: "OKP", Curve: "Ed25519", X: "AQ"},
		`got a curve "secp256k1" with coordinates of 0 and 0 bytes`: {Type: "EC", Curve: "secp256k1"},
	}
	for _, want := range slices.Sorted(maps.Keys(bad)) {
		if _, err := bad[want].public(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAClaimOrHeaderThatIsThereTwiceIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	now := b.sandbox.Now().Unix()
	claims := fmt.Sprintf(`"iss":%q,"sub":%[1]q,"aud":%q,"exp":%d`, b.vars["client_id"], b.vars["token_url"], now+60)
	ask := func(header, claims string) reply {
		head := encode(header) + "." + encode(claims)
		mac := digestHMAC([]byte(b.vars["client_secret"]), head)
		return b.exchange(head + "." + base64.RawURLEncoding.EncodeToString(mac))
	}
	ask(`{"alg":"HS256"}`, "{"+claims+"}").is(t, 200, "", OK)
	ask(`{"alg":"HS256"}`, fmt.Sprintf(`{"exp":%d,%s}`, now-60, claims)).isSilent(t, MalformedAssertion)
	ask(`{"alg":"none","alg":"HS256"}`, "{"+claims+"}").isSilent(t, MalformedAssertion)
	ask(`{"alg":"HS256"}`, "{"+claims+`,"deep":{"a":1,"a":2}}`).is(t, 200, "", OK) // no claim of the assertion itself
	ask(`{"alg":"HS256"}`, "{"+claims+"} {}").isSilent(t, MalformedAssertion)
	ask(`{"alg":7}`, "{"+claims+"}").isSilent(t, MalformedAssertion)
	ask(`["HS256"]`, "{"+claims+"}").isSilent(t, MalformedAssertion)
	ask(`{"alg":"HS256"}`, "{"+claims+",").isSilent(t, MalformedAssertion)
	ask(`{"alg":"HS256"}`, "{"+claims+`,"x":}`).isSilent(t, MalformedAssertion)
	entries := b.sandbox.Entries()
	if got, want := entries[1].Detail, `the claims are not a JSON object: "exp" is there twice`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
