package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const dpopBlock = `oauth2: {grant: client-credentials, client_auth: none, token_url: "` + tokenURL + `", client_id: c, dpop: true}`

// proof is a DPoP proof as another library verified it.
type proof struct {
	key    string // thumbprint
	alg    string
	claims map[string]any
}

func proven(t *testing.T, h http.Header) proof {
	t.Helper()
	text := h.Get("DPoP")
	parsed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256, jose.ES384, jose.RS256})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	header := parsed.Signatures[0].Header
	if header.ExtraHeaders["typ"] != "dpop+jwt" || !header.JSONWebKey.IsPublic() {
		t.Errorf("got the header %+v", header)
	}
	payload, err := parsed.Verify(header.JSONWebKey)
	if err != nil {
		t.Fatal(err)
	}
	p := proof{alg: header.Algorithm}
	if err := json.Unmarshal(payload, &p.claims); err != nil {
		t.Fatal(err)
	}
	sum, err := header.JSONWebKey.Thumbprint(5) // crypto.SHA256
	if err != nil {
		t.Fatal(err)
	}
	p.key = base64.RawURLEncoding.EncodeToString(sum)
	return p
}

// dpopServer is a server that binds tokens and wants a nonce in every proof where it has one.
func dpopServer(nonce string) func(int, auth.Call) (*wire.Response, error) {
	return func(nth int, c auth.Call) (*wire.Response, error) {
		parts := strings.Split(c.Request.Header.Get("DPoP"), ".")
		claims, _ := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
		r := response(200, "application/json", fmt.Sprintf(`{"access_token":"token-%d","token_type":"DPoP"}`, nth))
		if nonce != "" && !strings.Contains(string(claims), `"nonce":"`+nonce+`"`) {
			r = response(400, "application/json", `{"error":"use_dpop_nonce"}`)
		}
		if nonce != "" {
			r.Header.Set("DPoP-Nonce", nonce)
		}
		return r, nil
	}
}

func TestEveryRequestProvesThatTheClientHasTheKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, more, alg string }{
		{"a key for the run", `dpop: true`, "ES256"},
		{"an algorithm", `dpop: {alg: ES384}`, "ES384"},
		{"a key of its own", `dpop: {key: "{{pem}}"}`, "ES384"},
		{"a key and an algorithm", `dpop: {alg: RS256, key: "{{rsa}}"}`, "RS256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: dpopServer("")}
			s := session(d, "pem", privatePEM(t), "rsa", rsaPEM(t))
			a := read(t, strings.Replace(dpopBlock, "dpop: true", c.more, 1))
			first, second := request(), request()
			first.URL, first.Method = "https://api.example/Patient?name=a#b", "PUT"
			for _, req := range []*wire.Request{first, second} {
				if err := a.Authorize(t.Context(), req, s); err != nil {
					t.Fatal(err)
				}
			}
			exchange, one, two := proven(t, d.calls[0].Request.Header), proven(t, first.Header), proven(t, second.Header)
			same(t, "Authorization", first.Header.Get("Authorization"), "DPoP token-1")
			same(t, "algorithm", exchange.alg, c.alg)
			sum := sha256.Sum256([]byte("token-1"))
			same(t, "exchange", fmt.Sprint(exchange.claims["htm"], exchange.claims["htu"], exchange.claims["ath"], exchange.claims["nonce"]), "POST"+tokenURL+"<nil> <nil>")
			same(t, "request", fmt.Sprint(one.claims["htm"], one.claims["htu"], one.claims["ath"], one.claims["nonce"]),
				"PUThttps://api.example/Patient"+base64.RawURLEncoding.EncodeToString(sum[:])+"<nil>")
			if exchange.key != one.key || one.key != two.key {
				t.Errorf("got the keys %s, %s, %s, want one", exchange.key, one.key, two.key)
			}
			if one.claims["jti"] == two.claims["jti"] || len(one.claims["jti"].(string)) < 22 {
				t.Errorf("got the ids %v and %v", one.claims["jti"], two.claims["jti"])
			}
			if age := time.Since(time.Unix(int64(one.claims["iat"].(float64)), 0)); age < 0 || age > time.Minute {
				t.Errorf("got a proof of %s ago", age)
			}
			if shown := s.Scope.Redact(first.Header.Get("DPoP")); shown == first.Header.Get("DPoP") {
				t.Error("the proof is shown")
			}
		})
	}
}

func TestANonceOfTheTokenEndpointIsSentOnceMore(t *testing.T) {
	t.Parallel()
	d := &desk{answer: dpopServer("nonce-1")}
	s := session(d, "pem", privatePEM(t))
	block := strings.Replace(dpopBlock, "client_auth: none", `assertion: {alg: ES384, key: "{{pem}}"}`, 1)
	same(t, "Authorization", authorize(t, read(t, block), s), "DPoP token-2")
	first, _ := signed(t, d.calls[0], "ES384", signingKey().Public())
	second, _ := signed(t, d.calls[1], "ES384", signingKey().Public())
	if first["jti"] == second["jti"] {
		t.Error("the second request repeats the assertion of the first")
	}
	same(t, "nonce", fmt.Sprint(proven(t, d.calls[1].Request.Header).claims["nonce"]), "nonce-1")
	same(t, "another credential knows it", authorize(t, read(t, strings.Replace(block, "{", "{scope: more, ", 1)), s), "DPoP token-3")
	if len(d.calls) != 3 {
		t.Errorf("got %d calls, want 3", len(d.calls))
	}
}

func TestANonceIsAskedForNoMoreThanOnce(t *testing.T) {
	t.Parallel()
	for name, nonce := range map[string]string{"a nonce that is never right": "n", "no nonce": ""} {
		d := &desk{answer: func(nth int, _ auth.Call) (*wire.Response, error) {
			r := response(400, "application/json", `{"error":"use_dpop_nonce"}`)
			if nonce != "" {
				r.Header.Set("DPoP-Nonce", fmt.Sprint(nonce, nth))
			}
			return r, nil
		}}
		err := read(t, dpopBlock).Authorize(t.Context(), request(), session(d))
		same(t, name, fmt.Sprint(err), said+"400 Bad Request with the error use_dpop_nonce")
		if want := map[string]int{"n": 2, "": 1}[nonce]; len(d.calls) != want {
			t.Errorf("%s: got %d calls, want %d", name, len(d.calls), want)
		}
	}
}

func TestACodeSurvivesTheNonceOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	b := &browser{answer: "code=code-0001&state=$state"}
	d := &desk{answer: dpopServer("nonce-1")}
	s := session(d)
	s.Consent = b.pastes
	same(t, "Authorization", authorize(t, read(t, strings.Replace(pasteBlock, "{", "{dpop: true, ", 1)), s), "DPoP token-2")
	same(t, "key", b.asked.Get("dpop_jkt"), proven(t, d.calls[1].Request.Header).key)
	if len(b.prompts) != 1 {
		t.Errorf("got %d prompts, want 1", len(b.prompts))
	}
}

func TestAnAPIMayAskForANonce(t *testing.T) {
	t.Parallel()
	const ask = `DPoP error="use_dpop_nonce", error_description="x"`
	d := &desk{answer: dpopServer("")}
	s := session(d)
	a := read(t, dpopBlock)
	observer := a.(auth.Observer)
	answer := func(status int, challenge, nonce string) *wire.Exchange {
		t.Helper()
		req := request()
		if err := a.Authorize(t.Context(), req, s); err != nil {
			t.Fatal(err)
		}
		r := response(status, "", "")
		r.Header.Set("WWW-Authenticate", challenge)
		if nonce != "" {
			r.Header.Set("DPoP-Nonce", nonce)
		}
		return &wire.Exchange{Request: *req, Response: r}
	}
	for _, c := range []struct {
		name, challenge, nonce, next string
		status                       int
		again                        bool
	}{
		{"no nonce", ask, "", "<nil>", 401, false},
		{"a nonce", ask, "n-1", "n-1", 401, true},
		{"the same once more", ask, "n-1", "n-1", 401, false},
		{"another", `Bearer, ` + ask, "n-2", "n-2", 401, true},
		{"on success", "", "n-3", "n-3", 200, false},
		{"beside another error", `DPoP error="invalid_token"`, "n-4", "n-4", 401, false},
	} {
		if got := observer.Observe(answer(c.status, c.challenge, c.nonce), s) != ""; got != c.again {
			t.Errorf("%s: got %t, want %t", c.name, got, c.again)
		}
		same(t, c.name, fmt.Sprint(proven(t, answer(200, "", "").Request.Header).claims["nonce"]), c.next)
	}
	other := request()
	other.URL = "https://other.example/"
	if err := a.Authorize(t.Context(), other, s); err != nil {
		t.Fatal(err)
	}
	same(t, "another origin", fmt.Sprint(proven(t, other.Header).claims["nonce"]), "<nil>")
	if len(d.calls) != 1 {
		t.Errorf("got %d token requests, want 1", len(d.calls))
	}
	if observer.Observe(&wire.Exchange{}, s)+read(t, seconds).(auth.Observer).Observe(answer(401, ask, "n-9"), s) != "" {
		t.Error("got true without an answer, or without DPoP")
	}
}

func TestABoundTokenIsKeptOnlyWithItsKey(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{`dpop: true`: "DPoP token-2", `dpop: {key: "{{pem}}"}`: "DPoP token-1"} {
		c := &cupboard{}
		d := &desk{answer: dpopServer("")}
		a := read(t, strings.Replace(dpopBlock, "dpop: true", more, 1))
		authorize(t, a, process(d, c, "pem", privatePEM(t)))
		same(t, more, authorize(t, a, process(d, c, "pem", privatePEM(t))), want)
		if strings.Contains(fmt.Sprint(c.records), "PRIVATE") {
			t.Errorf("got %v", c.records)
		}
	}
}

func TestWhatIsWrongWithDPoPIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, more, key, want string }{
		{"a shared secret", `{key: "{{key}}"}`, sharedKey, "a.yaml:1:127: no access token: dpop: the key is a shared secret, want a private key as PEM or JWK"},
		{"no key", `{key: "{{key}}"}`, "", "a.yaml:1:127: no access token: dpop.key is empty"},
		{"another algorithm", `{alg: "{{key}}"}`, "RS257", `a.yaml:1:127: no access token: unknown alg "RS257"; did you mean "RS256"?`},
	} {
		err := read(t, strings.Replace(dpopBlock, "dpop: true", "dpop: "+c.more, 1)).Authorize(t.Context(), request(), session(&desk{}, "key", c.key))
		same(t, c.name, fmt.Sprint(err), c.want)
	}
	for yaml, want := range map[string]string{
		`dpop: {alg: HS256}`: `a.yaml:1:127: HS256 signs with a shared secret, want an algorithm with a private key such as ES256`,
		`dpop: {kid: x}`:     `a.yaml:1:122: unknown key "kid"; known here: alg, key`,
		`dpop: always`:       `a.yaml:1:121: want true or false, got "always"`,
	} {
		_, err := parse(strings.Replace(dpopBlock, "dpop: true", yaml, 1))
		same(t, yaml, fmt.Sprint(err), want)
	}
	d := &desk{answer: numbered("")}
	same(t, "not bound", fmt.Sprint(read(t, dpopBlock).Authorize(t.Context(), request(), session(d))),
		said+`200 OK with token_type "Bearer", want "DPoP"; the server did not bind the token to the key: register the client for DPoP, or take dpop out`)
	taken := request()
	taken.Header.Set("DPoP", "by hand")
	same(t, "by hand", refused(t, read(t, dpopBlock), session(&desk{answer: dpopServer("")}), taken),
		"a.yaml:1:9: the request has a DPoP header of its own, and auth: oauth2 client-credentials would write another; remove it, or give the request auth: none")
	off := &desk{answer: numbered("")}
	same(t, "dpop: false", authorize(t, read(t, strings.Replace(dpopBlock, "true", "false", 1)), session(off)), "Bearer token-1")
}

func TestAClientWithACertificateSaysOnlyItsName(t *testing.T) {
	t.Parallel()
	const block = `oauth2: {grant: client-credentials, client_auth: mtls, client_id: c, `
	d := &desk{answer: numbered("")}
	authorize(t, read(t, block+`token_url: "`+tokenURL+`"}`), session(d))
	same(t, "token request", dump(d.calls[0].Request), formHead+formType+"grant_type=client_credentials&client_id=c")

	d = described("https://as.example/.well-known/openid-configuration", `{"issuer":"https://as.example","token_endpoint":"https://plain.example/token",
  "token_endpoint_auth_methods_supported":["self_signed_tls_client_auth"],"mtls_endpoint_aliases":{"token_endpoint":"`+tokenURL+`"}}`)
	authorize(t, read(t, block+`discover: {issuer: "https://as.example"}}`), session(d))
	same(t, "URL", d.calls[1].Request.URL, tokenURL)
	same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), "")

	d = &desk{answer: says(401, "application/json", `{"error":"invalid_client"}`)}
	err := read(t, block+`token_url: "`+tokenURL+`"}`).Authorize(t.Context(), request(), session(d))
	same(t, "error", fmt.Sprint(err), said+"401 Unauthorized with the error invalid_client\ncheck: client_id \"c\" and the certificate that tls: of the environment has (client_auth: mtls)")
	_, err = parse(`oauth2: {grant: client-credentials, client_auth: mtls, token_url: "` + tokenURL + `"}`)
	same(t, "no name", fmt.Sprint(err), `a.yaml:1:9: oauth2 with client_auth: mtls needs client_id; add client_id: "{{client_id}}"`)
}
