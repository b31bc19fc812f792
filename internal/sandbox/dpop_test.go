package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// A prover is a client of the DPoP server with its key and the last nonce it was given.
type prover struct {
	bench
	key   *ecdsa.PrivateKey
	nonce string
}

func newProver(t *testing.T) *prover {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &prover{bench: benchOn(t, New(Options{Servers: Servers{DPoP: true}}), "sandbox"), key: key}
}

// proof is a right one for a request, changed as given; a nil value takes a claim out.
func (p *prover) proof(method, address, access string, header, changes claims) string {
	p.Helper()
	c := claims{"htm": method, "htu": address, "iat": p.sandbox.Now().Unix(), "jti": rand.Text(), "nonce": p.nonce}
	if access != "" {
		sum := sha256.Sum256([]byte(access))
		c["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	h := claims{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: p.key.Public()}}
	for target, source := range map[*claims]claims{&c: changes, &h: header} {
		maps.Copy(*target, source)
		maps.DeleteFunc(*target, func(_ string, value any) bool { return value == nil })
	}
	return signed(p.T, jose.ES256, p.key, h, c)
}

// ask sends an assertion with a proof and takes the nonce of the answer.
func (p *prover) ask(proof ...string) reply {
	p.Helper()
	headers := []string{"Content-Type", formType}
	for _, each := range proof {
		headers = append(headers, "DPoP", each)
	}
	got := p.send("POST", p.vars["dpop_token_url"], encodeForm("grant_type", jwtBearerGrant, "assertion",
		p.assertion(claims{"aud": p.vars["dpop_token_url"]})), headers...)
	p.nonce = got.header.Get("DPoP-Nonce")
	return got
}

func (p *prover) askRight(header, changes claims) reply {
	return p.ask(p.proof("POST", p.vars["dpop_token_url"], "", header, changes))
}

func (p *prover) token() string {
	p.Helper()
	p.askRight(nil, nil)
	got := p.askRight(nil, nil)
	if got.status != 200 || got.member("token_type") != "DPoP" {
		p.Fatalf("got %d %s (%s)", got.status, got.body, got.reason)
	}
	return got.member("access_token")
}

// read gets a patient with a token and a proof changed as given.
func (p *prover) read(access string, header, changes claims) reply {
	p.Helper()
	address := p.vars["dpop_fhir_url"] + "/Patient/1001"
	got := p.send("GET", address+"?_pretty=true", "", "Authorization", "DPoP "+access,
		"DPoP", p.proof("GET", address, access, header, changes))
	p.nonce = got.header.Get("DPoP-Nonce")
	return got
}

func TestADPoPTokenNeedsANonceAtBothServers(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	first := p.askRight(nil, claims{"nonce": nil})
	first.is(t, 400, "use_dpop_nonce", WrongNonce)
	if p.nonce == "" {
		t.Fatal("got no DPoP-Nonce")
	}
	got := p.askRight(nil, nil)
	got.is(t, 200, "", OK)
	access := got.member("access_token")
	if got.member("token_type") != "DPoP" {
		t.Errorf("got %s", got.body)
	}
	bare := p.read(access, nil, claims{"nonce": nil})
	bare.is(t, 401, "", WrongNonce)
	want := `DPoP error="use_dpop_nonce", algs="ES256 ES384 RS256 PS256 EdDSA"`
	if challenge := bare.header.Get("Www-Authenticate"); challenge != want {
		t.Errorf("got %q, want %q", challenge, want)
	}
	p.read(access, nil, nil).is(t, 200, "", OK)
	old := p.nonce
	p.sandbox.Advance(nonceTurns * 1e9)
	if p.read(access, nil, nil).is(t, 200, "", OK); p.nonce == old {
		t.Error("the nonce does not change")
	}
	p.sandbox.Advance(nonceTurns * 1e9)
	p.nonce = old
	p.read(access, nil, nil).is(t, 401, "", WrongNonce)
	p.read(access, nil, nil).is(t, 200, "", OK)
}

func TestADPoPProofFitsItsRequest(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	access := p.token()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := p.sandbox.Now().Unix()
	cases := []struct {
		name           string
		header, claims claims
		detail         string
	}{
		{"typ", claims{"typ": "JWT"}, nil, `typ: got "JWT", want "dpop+jwt"`},
		{"jwk", claims{"jwk": nil}, nil, "jwk: want a public key"},
		{"private jwk", claims{"jwk": jose.JSONWebKey{Key: p.key}}, nil, "jwk: the key is a private one"},
		{"another key", claims{"jwk": jose.JSONWebKey{Key: other.Public()}}, nil, "not signed with the key in its header"},
		{"crit", claims{"b64": true}, claims{"htm": "POST"}, `htm: got "POST", want "GET"`},
		{"htu", nil, claims{"htu": p.vars["dpop_fhir_url"]}, `htu: got "http://sandbox.dpop.example/fhir/R4", ` +
			`want "http://sandbox.dpop.example/fhir/R4/Patient/1001"`},
		{"jti", nil, claims{"jti": nil}, "jti: got none"},
		{"no iat", nil, claims{"iat": nil}, "iat: got none"},
		{"iat as text", nil, claims{"iat": "now"}, `iat: got "now", want whole seconds`},
		{"old", nil, claims{"iat": now - 400}, "iat: got -400 s from now, want at most 5 ahead and 300 back"},
		{"ath", nil, claims{"ath": "x"}, "ath: not the SHA-256 of the access token"},
		{"no ath", nil, claims{"ath": nil}, "ath: not the SHA-256 of the access token"},
	}
	for _, c := range cases {
		got := p.read(access, c.header, c.claims)
		entries := p.sandbox.Entries()
		if detail := entries[len(entries)-1].Detail; got.status != 401 || got.reason != WrongProof || !strings.HasPrefix(detail, c.detail) &&
			!strings.HasPrefix(c.detail, "iat: got -") {
			t.Errorf("%s: got %d (%s: %s), want %s", c.name, got.status, got.reason, detail, c.detail)
		}
		if want := `DPoP error="invalid_dpop_proof", `; !strings.HasPrefix(got.header.Get("Www-Authenticate"), want) {
			t.Errorf("got %q", got.header.Get("Www-Authenticate"))
		}
	}
	p.read(access, nil, claims{"htu": p.vars["dpop_fhir_url"] + "/Patient/1001?_pretty=true#top"}).is(t, 200, "", OK)
	p.read(access, nil, claims{"jti": "once"}).is(t, 200, "", OK)
	p.read(access, nil, claims{"jti": "once"}).is(t, 401, "", ReplayedProof)
	p.askRight(claims{"typ": "JWT"}, nil).is(t, 400, "invalid_dpop_proof", WrongProof)
	p.ask().is(t, 400, "invalid_dpop_proof", MissingProof)
	p.ask("a.b.c").is(t, 400, "invalid_dpop_proof", WrongProof)
	right := p.proof("POST", p.vars["dpop_token_url"], "", nil, nil)
	p.ask(right, right).is(t, 400, "invalid_dpop_proof", WrongProof)
	secret := signed(t, jose.HS256, []byte(strings.Repeat("x", 32)), claims{"typ": "dpop+jwt"}, claims{})
	p.ask(secret).is(t, 400, "invalid_dpop_proof", WrongProof)
}

func TestADPoPTokenIsNothingWithoutItsKey(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	access := p.token()
	address := p.vars["dpop_fhir_url"] + "/Patient/1001"
	p.send("GET", address, "", "Authorization", "DPoP "+access).is(t, 401, "", MissingProof)
	downgraded := p.send("GET", address, "", "Authorization", "Bearer "+access)
	downgraded.is(t, 401, "", BoundAsBearer)
	if want := `DPoP error="invalid_token", algs="ES256 ES384 RS256 PS256 EdDSA"`; downgraded.header.Get("Www-Authenticate") != want {
		t.Errorf("got %v", downgraded.header)
	}
	nothing := p.send("GET", address, "")
	nothing.is(t, 401, "", NoCredentials)
	if want := `DPoP algs="ES256 ES384 RS256 PS256 EdDSA"`; nothing.header.Get("Www-Authenticate") != want {
		t.Errorf("got %v", nothing.header)
	}
	p.send("GET", address, "", "Authorization", "DPoP a", "Authorization", "DPoP b").is(t, 400, "", SeveralCredentials)
	p.read("invented", nil, nil).is(t, 401, "", UnknownToken)
	own := p.key
	thief := newProver(t).key
	p.key = thief
	p.read(access, nil, nil).is(t, 401, "", WrongProofKey)
	p.key = own
	p.get(access, "/Patient/1001").is(t, 401, "", ForeignToken)
	p.sandbox.Advance(pastToken)
	p.read(access, nil, nil).is(t, 401, "", ExpiredToken)
}

func TestEveryAlgorithmOfAProofThatDiscoveryNamesIsTaken(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	p.ask()
	keys := keysByAlgorithm(t)
	for _, name := range proofAlgorithms() {
		algorithm := jose.SignatureAlgorithm(name)
		var public any = keys[algorithm].public
		if key, ok := public.(*rsa.PublicKey); ok {
			public = key
		}
		proof := signed(t, algorithm, keys[algorithm].private, claims{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: public}}, claims{
			"htm": "POST", "htu": p.vars["dpop_token_url"], "iat": p.sandbox.Now().Unix(), "jti": name, "nonce": p.nonce,
		})
		p.ask(proof).is(t, 200, "", OK)
	}
	got := p.send("GET", p.vars["dpop_fhir_url"]+"/.well-known/smart-configuration", "")
	if !strings.Contains(got.body, `"dpop_signing_alg_values_supported":["ES256","ES384","RS256","PS256","EdDSA"]`) ||
		got.member("token_endpoint") != p.vars["dpop_token_url"] {
		t.Errorf("got %s", got.body)
	}
}

func TestACodeIsBoundToTheKeyThatAskedForIt(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	p.ask()
	thumbprint := newJWK("", "", &p.key.PublicKey).thumbprint()
	q := p.request("aud", p.vars["dpop_fhir_url"], "dpop_jkt", thumbprint)
	got := p.send("GET", p.vars["dpop_base_url"]+authorizePath+"?"+q.Encode(), "")
	back, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	redeem := func() reply {
		address := p.vars["dpop_base_url"] + refreshPath
		return p.send("POST", address, encodeForm("grant_type", authorizationCode, "code", back.Query().Get("code"), "redirect_uri",
			callbackURL, "code_verifier", verifier, "client_id", p.vars["viewer_client_id"], "client_secret", p.vars["viewer_client_secret"]),
			"Content-Type", formType, "DPoP", p.proof("POST", address, "", nil, nil))
	}
	own := p.key
	p.key = newProver(t).key
	redeem().is(t, 400, "invalid_grant", WrongProofKey)
	p.key = own
	done := redeem()
	done.is(t, 200, "", OK)
	if done.member("token_type") != "DPoP" || done.member("patient") != "1001" {
		t.Errorf("got %s", done.body)
	}
	info := p.post(p.vars["dpop_base_url"]+infoPath, "token", done.member("access_token"), "client_id", p.vars["client_id"],
		"client_secret", p.vars["client_secret"])
	if !strings.Contains(info.body, `"token_type":"DPoP"`) || !strings.Contains(info.body, `"cnf":{"jkt":"`+thumbprint+`"}`) {
		t.Errorf("got %s", info.body)
	}
}

func TestADeviceOfTheDPoPServerIsApprovedToo(t *testing.T) {
	t.Parallel()
	p := newProver(t)
	got := p.post(p.vars["dpop_base_url"]+devicePath, "client_id", p.vars["public_client_id"], "scope", "user/*.read")
	if err := p.sandbox.ApproveDevice(got.member("user_code"), true); err != nil {
		t.Error(err)
	}
	if err := p.sandbox.ApproveDevice("BCDF-GHJK", true); err == nil || err.Error() != "user_code: no device waits with it" {
		t.Errorf("got %v", err)
	}
}
