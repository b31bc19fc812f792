package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/internal/wire"
)

// opened verifies a JWT with another library and returns its header and its claims.
func opened(t *testing.T, token string, alg jose.SignatureAlgorithm, key any) (header, claims map[string]any) {
	t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		t.Fatal(err)
	}
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	for text, to := range map[string]*map[string]any{string(head): &header, string(payload): &claims} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestAJWTHasTheClaimsOfTheFileAndNoOthers(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef"
	pem := rsaPEM(t)
	for _, c := range []struct {
		name, yaml, prefix string
		alg                jose.SignatureAlgorithm
		key                any
		header, claims     string
	}{
		{"HS256", `jwt: {alg: HS256, key: "{{secret}}", claims: {iss: me, admin: true, n: 3}}`, "Bearer ", jose.HS256, []byte(secret), `map[alg:HS256 typ:JWT]`, `map[admin:true iss:me n:3]`},
		{"encoded", `jwt: {alg: HS256, key: "{{encoded}}", key_encoding: base64, claims: {}}`, "Bearer ", jose.HS256, []byte(secret), `map[alg:HS256 typ:JWT]`, `map[]`},
		{"RS256 with a header", `jwt: {alg: RS256, key: "{{pem}}", header: {kid: k1, typ: at+jwt}, claims: {iss: me}, prefix: JWT}`, "JWT ", jose.RS256, &rsaKey().PublicKey, `map[alg:RS256 kid:k1 typ:at+jwt]`, `map[iss:me]`},
		{"the key decides", `jwt: {key: "{{pem}}", claims: {iss: me}, prefix: ""}`, "", jose.RS256, &rsaKey().PublicKey, `map[alg:RS256 typ:JWT]`, `map[iss:me]`},
		{"JSON in a variable", `jwt: {alg: HS256, key: "{{secret}}", header: "{{head}}", claims: "{{payload}}"}`, "Bearer ", jose.HS256, []byte(secret), `map[alg:HS256 kid:x typ:JWT]`, `map[list:[1 2] who:me]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := session(nil, "secret", secret, "encoded", base64.StdEncoding.EncodeToString([]byte(secret)), "pem", pem, "head", `{"alg":"none","kid":"x"}`, "payload", `{"who":"me","list":[1,2]}`)
			sent := authorize(t, read(t, c.yaml), s)
			token, ok := strings.CutPrefix(sent, c.prefix)
			if !ok {
				t.Fatalf("got %s, want the prefix %q", sent, c.prefix)
			}
			header, claims := opened(t, token, c.alg, c.key)
			same(t, "header", fmt.Sprint(header), c.header)
			same(t, "claims", fmt.Sprint(claims), c.claims)
			if shown := s.Scope.Redact(sent); strings.Contains(shown, "eyJ") {
				t.Errorf("the token is shown: %s", shown)
			}
		})
	}
}

func TestAJWTWithALifetimeIsSignedAnew(t *testing.T) {
	t.Parallel()
	at(t, "2026-01-01T00:00:00Z", func(t *testing.T) {
		req := &wire.Request{Method: "GET", URL: "https://api.example/a?b=c"}
		if err := read(t, `jwt: {alg: HS256, key: 0123456789abcdef0123456789abcdef, claims: {iss: me}, lifetime: 5m, in: query, parameter: jwt}`).Authorize(t.Context(), req, session(nil)); err != nil {
			t.Fatal(err)
		}
		token, ok := strings.CutPrefix(req.URL, "https://api.example/a?b=c&jwt=")
		if !ok {
			t.Fatalf("got %s", req.URL)
		}
		_, claims := opened(t, token, jose.HS256, []byte("0123456789abcdef0123456789abcdef"))
		same(t, "claims", fmt.Sprintf("%.0f %.0f %v", claims["iat"], claims["exp"], claims["iss"]), "1767225600 1767225900 me")
	})
}

func TestASAPNamesTheServiceThatAsks(t *testing.T) {
	t.Parallel()
	pem := rsaPEM(t)
	der := strings.Join(strings.Split(strings.TrimSpace(pem), "\n")[1:], "")
	der = strings.TrimSuffix(der, "-----END PRIVATE KEY-----")
	data := "data:application/pkcs8;kid=svc%2Fkey-2;base64," + strings.ReplaceAll(der, "+", "%2B")
	for _, c := range []struct{ name, yaml, kid, want string }{
		{"plain", `asap: {iss: svc, aud: other, kid: svc/key-1, key: "{{pem}}"}`, "svc/key-1", "svc svc other 1767225600 1767229200"},
		{"with a subject", `asap: {iss: svc, aud: other, sub: me, kid: svc/key-1, key: "{{pem}}", lifetime: 1m}`, "svc/key-1", "svc me other 1767225600 1767225660"},
		{"a data URL", `asap: {iss: svc, aud: other, key: "{{data}}"}`, "svc/key-2", "svc svc other 1767225600 1767229200"},
		{"claims go first", `asap: {iss: svc, aud: other, kid: k, key: "{{pem}}", claims: {aud: [a, b], exp: 1767225700}}`, "k", "svc svc [a b] 1767225600 1767225700"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at(t, "2026-01-01T00:00:00Z", func(t *testing.T) {
				s, a := session(nil, "pem", pem, "data", data), read(t, c.yaml)
				sent := authorize(t, a, s)
				token, _ := strings.CutPrefix(sent, "Bearer ")
				header, claims := opened(t, token, jose.RS256, &rsaKey().PublicKey)
				same(t, "header", fmt.Sprint(header), fmt.Sprintf("map[alg:RS256 kid:%s typ:JWT]", c.kid))
				same(t, "claims", fmt.Sprintf("%v %v %v %.0f %.0f", claims["iss"], claims["sub"], claims["aud"], claims["iat"], claims["exp"]), c.want)
				_, again := opened(t, strings.TrimPrefix(authorize(t, a, s), "Bearer "), jose.RS256, &rsaKey().PublicKey)
				if claims["jti"] == again["jti"] || len(fmt.Sprint(claims["jti"])) != 36 {
					t.Errorf("got jti %v, then %v", claims["jti"], again["jti"])
				}
				key := pem
				if strings.Contains(c.yaml, "data") {
					key = data + der
				}
				for _, text := range []string{sent, key} {
					if shown := s.Scope.Redact(text); strings.Contains(shown, "eyJ") || strings.Contains(shown, der[:40]) {
						t.Errorf("shown: %s", shown)
					}
				}
			})
		})
	}
}

func TestJWTAndASAPSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`jwt: {key: x}`:                                        `a.yaml:1:6: jwt needs claims; add claims: {iss: "{{client_id}}"}`,
		`jwt: {claims: {}}`:                                    `a.yaml:1:6: jwt needs key; add key: "{{key}}"`,
		`jwt: {key: x, claims: [a]}`:                           `a.yaml:1:23: want a mapping (key: value), got a list`,
		`jwt: {key: x, alg: none, claims: {}}`:                 `a.yaml:1:20: unknown value "none"; known here: HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA`,
		`jwt: {key: x, claims: {}, lifetime: 1500ms}`:          `a.yaml:1:37: got 1.5s, want whole seconds, at least 1s: the times in a JWT have no fractions`,
		`asap: {iss: a, aud: b, key: x}`:                       `a.yaml:1:7: asap needs kid, by which the server finds the public key; add kid: "{{key_id}}"`,
		`asap: {iss: a, aud: b, kid: c, key: x, lifetime: 2h}`: `a.yaml:1:50: got 2h0m0s, want at most 1h, which the protocol allows`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	for yaml, want := range map[string]string{
		`jwt: {alg: RS256, key: "{{secret}}", claims: {}}`:               `a.yaml:1:24: `,
		`jwt: {alg: HS256, key: "{{secret}}", claims: "{{secret}}"}`:     `a.yaml:1:46: want a mapping, or a text that is a JSON object; this is neither`,
		`asap: {iss: a, aud: b, kid: c, key: "{{secret}}"}`:              `a.yaml:1:37: `,
		`asap: {iss: a, aud: b, kid: "", key: "{{secret}}", alg: PS256}`: `a.yaml:1:38: `,
	} {
		got := refused(t, read(t, yaml), session(nil, "secret", "hush-hush-hush-hush-hush-hush-hush"), request())
		if !strings.HasPrefix(got, want) || strings.Contains(got, "hush") {
			t.Errorf("%s: got %s, want %s", yaml, got, want)
		}
	}
	taken := request()
	taken.URL += "?token=x"
	same(t, "query", refused(t, read(t, `jwt: {key: 0123456789abcdef0123456789abcdef, claims: {}, in: query}`), session(nil), taken),
		"a.yaml:1:6: the request has the query parameter token of its own, and auth: jwt would write another; remove it, or give the request auth: none")
}
