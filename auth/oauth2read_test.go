package auth_test

import (
	"fmt"
	"strings"
	"testing"
)

const grantNames = "authorization-code, client-credentials, device, jwt-bearer, password, refresh-token, token-exchange"

func TestProblemsOfOAuth2AreAllReportedAtTheirPlace(t *testing.T) {
	t.Parallel()
	const iss = `a.yaml:2:3: oauth2 needs client_id, or iss and sub among the claims of assertion, to say who the client is; add client_id: "{{client_id}}"`
	for _, c := range []struct {
		name string
		yaml []string // lines below oauth2:
		want []string
	}{
		{"nothing", []string{`scope: x`}, []string{`a.yaml:2:3: oauth2 needs grant; add one of ` + grantNames}},
		{"jwt-bearer", []string{`grant: jwt-bearer`}, []string{
			`a.yaml:2:3: oauth2 with grant: jwt-bearer needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with grant: jwt-bearer needs assertion; add assertion: {alg: RS384, key: "{{signing_key}}"}`,
			iss,
		}},
		{"client-credentials", []string{`grant: client-credentials`}, []string{
			`a.yaml:2:3: oauth2 with grant: client-credentials needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with client_auth: basic needs client_id; add client_id: "{{client_id}}"`,
			`a.yaml:2:3: oauth2 with client_auth: basic needs client_secret; add client_secret: "{{client_secret}}"`,
		}},
		{"refresh-token", []string{`grant: refresh-token`}, []string{
			`a.yaml:2:3: oauth2 with grant: refresh-token needs refresh_token; add refresh_token: "{{refresh_token}}"`,
			`a.yaml:2:3: oauth2 with grant: refresh-token needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with client_auth: none needs client_id; add client_id: "{{client_id}}"`,
		}},
		{"health-gorilla", []string{`profile: health-gorilla`}, []string{
			`a.yaml:2:3: oauth2 with grant: jwt-bearer needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with grant: jwt-bearer needs assertion; add client_secret: "{{client_secret}}", which is the key of HS256, or assertion: {…}`,
			iss,
		}},
		{"pattern-health", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`}, []string{
			`a.yaml:2:3: oauth2 with client_auth: basic needs client_secret; add client_secret: "{{client_secret}}"`,
		}},
		{"half of the claims", []string{`grant: jwt-bearer`, `token_url: https://x/`, `assertion: {key: "{{k}}", claims: {iss: a}}`}, []string{iss}},
		{"unknown key", []string{`grant: jwt-bearer`, `token_uri: x`, `client_id: c`, `assertion: {key: "{{k}}"}`}, []string{
			`a.yaml:2:3: oauth2 with grant: jwt-bearer needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:3:3: unknown key "token_uri"; did you mean "token_url"?`,
		}},
		{"profile", []string{`profile: health-gorila`}, []string{`a.yaml:2:12: unknown value "health-gorila"; did you mean "health-gorilla"?`}},
		{"profile not at all", []string{`profile: acme`}, []string{`a.yaml:2:12: unknown value "acme"; known here: health-gorilla, health-gorilla-legacy, pattern-health, smart-backend-services, udap`}},
		{"grant by its wire name", []string{`grant: client_credentials`}, []string{`a.yaml:2:10: unknown grant "client_credentials"; write grant: client-credentials, which sends grant_type=client_credentials`}},
		{"grant by its URN", []string{`grant: "urn:ietf:params:oauth:grant-type:jwt-bearer"`}, []string{`a.yaml:2:10: unknown grant "urn:ietf:params:oauth:grant-type:jwt-bearer"; write grant: jwt-bearer, which sends grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`}},
		{"invented grant", []string{`grant: JWT`}, []string{`a.yaml:2:10: unknown grant "JWT"; write grant: jwt-bearer, which sends grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`}},
		{"near grant", []string{`grant: jwt-baerer`}, []string{`a.yaml:2:10: unknown grant "jwt-baerer"; did you mean "jwt-bearer"?`}},
		{"far grant", []string{`grant: magic`}, []string{`a.yaml:2:10: unknown grant "magic"; known here: ` + grantNames}},
		{"retired grant", []string{`grant: implicit`}, []string{`a.yaml:2:10: unknown grant "implicit": the implicit grant is retired (RFC 9700, section 2.1.2); write grant: authorization-code; known here: ` + grantNames}},
		{"empty grant", []string{`grant: `}, []string{`a.yaml:2:9: want text, got nothing`}},
		{"client_auth by its other name", []string{`grant: client-credentials`, `client_auth: client_secret_basic`}, []string{`a.yaml:3:16: unknown client_auth "client_secret_basic"; write client_auth: basic`}},
		{"near client_auth", []string{`grant: client-credentials`, `client_auth: private_key`}, []string{`a.yaml:3:16: unknown client_auth "private_key"; known here: basic, client_secret_jwt, mtls, none, post, private_key_jwt`}},
		{"commas", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `scope: "{{a}}, b"`}, []string{
			`a.yaml:6:10: scope has a comma, and scopes are separated by spaces (RFC 6749, section 3.3); for a server that wants commas write params: {scope: …}`,
		}},
		{"comma in a list", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `scope: [a, "b,c"]`}, []string{
			`a.yaml:6:14: scope has a comma, and scopes are separated by spaces (RFC 6749, section 3.3); for a server that wants commas write params: {scope: …}`,
		}},
		{"half a URL", []string{`profile: pattern-health`, `token_url: as.example/token`, `client_id: c`, `client_secret: s`}, []string{
			`a.yaml:3:14: got "as.example/token", want a whole URL such as https://host/oauth/token`,
		}},
		{"terms", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `expires_in_unit: sec`, `skew: 30`, `basic_encoding: none`}, []string{
			`a.yaml:6:20: unknown value "sec"; known here: s, ms`,
			`a.yaml:7:9: want a time span such as 500ms, 5s or 2m, got "30"; say the unit: 30s or 30ms`,
			`a.yaml:8:19: unknown value "none"; known here: raw, rfc6749`,
		}},
		{"parameter of another grant", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `refresh_token: r`}, []string{
			`a.yaml:6:18: refresh_token belongs to grant: refresh-token, and this is grant: client-credentials; one request has one grant`,
		}},
		{"assertion without use", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `client_auth: post`, `assertion: {key: k}`}, []string{
			`a.yaml:7:14: assertion has no use with grant: client-credentials and client_auth: post; a request says in one way who the client is`,
		}},
		{"secret without use", []string{`grant: jwt-bearer`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `assertion: {alg: HS256, key: "{{k}}"}`}, []string{
			`a.yaml:5:18: client_secret has no use: client_auth: none does not send it, and the assertion has a key of its own; remove it, or say client_auth: basic or post`,
		}},
		{"secret of a public client", []string{`grant: refresh-token`, `client_auth: none`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `refresh_token: r`}, []string{
			`a.yaml:6:18: client_secret has no use: client_auth: none does not send it, and there is no assertion that it could sign; remove it, or say client_auth: basic or post`,
		}},
		{"two assertions", []string{`grant: jwt-bearer`, `client_auth: private_key_jwt`, `token_url: https://x/`, `client_id: c`, `assertion: {key: "{{k}}"}`}, []string{
			`a.yaml:2:3: oauth2 with client_auth: private_key_jwt needs client_assertion; add client_assertion: {alg: RS384, key: "{{signing_key}}"}, which is signed beside the assertion that is the grant, or take client_auth: private_key_jwt out`,
		}},
		{"second assertion of a grant that has none", []string{`grant: client-credentials`, `token_url: https://x/`, `client_id: c`, `assertion: {key: "{{k}}"}`, `client_assertion: {key: "{{k}}"}`}, []string{
			`a.yaml:6:21: client_assertion stands beside an assertion that is the grant, and grant: client-credentials has none; write assertion: {…}`,
		}},
		{"second assertion without use", []string{`grant: jwt-bearer`, `client_auth: none`, `token_url: https://x/`, `client_id: c`, `assertion: {key: "{{k}}"}`, `client_assertion: {key: "{{k}}"}`}, []string{
			`a.yaml:7:21: client_assertion has no use with grant: jwt-bearer and client_auth: none; a request says in one way who the client is`,
		}},
		{"password", []string{`grant: password`, `token_url: https://x/`}, []string{
			`a.yaml:2:3: oauth2 with grant: password needs username; add username: "{{username}}"`,
			`a.yaml:2:3: oauth2 with grant: password needs password; add password: "{{password}}"`,
			`a.yaml:2:3: oauth2 with client_auth: none needs client_id; add client_id: "{{client_id}}"`,
		}},
		{"token-exchange", []string{`grant: token-exchange`, `requested_token_type: jwtt`}, []string{
			`a.yaml:2:3: oauth2 with grant: token-exchange needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with grant: token-exchange needs subject_token; add subject_token: "{{subject_token}}"`,
			`a.yaml:3:25: unknown token type "jwtt", and no URI; did you mean "jwt"?`,
		}},
		{"device", []string{`grant: device`, `token_url: https://x/`, `client_id: c`}, []string{
			`a.yaml:2:3: oauth2 with grant: device needs device_url; add device_url: "{{device_url}}"`,
		}},
		{"authorization-code", []string{`grant: authorization-code`, `client_id: c`, `redirect_uri: callback`, `code_verifier: short`}, []string{
			`a.yaml:2:3: oauth2 with grant: authorization-code needs token_url; add token_url: "{{token_url}}"`,
			`a.yaml:2:3: oauth2 with grant: authorization-code needs authorization_url; add authorization_url: "{{authorization_url}}"`,
			`a.yaml:4:17: got "callback", want a whole URL such as http://127.0.0.1:8765/callback`,
			`a.yaml:5:18: code_verifier has 5 characters, want 43 to 128 of A-Z a-z 0-9 - . _ ~ (RFC 7636, section 4.1)`,
		}},
		{"authorization-code with a code", []string{`grant: authorization-code`, `token_url: https://x/`, `client_id: c`, `code: "{{code}}"`, `redirect_uri: "app:/x#y"`, `par: yes`}, []string{
			`a.yaml:6:17: got "app:/x#y", want a URL without a fragment (RFC 6749, section 3.1.2)`,
			`a.yaml:7:8: want true or false, got "yes"`,
		}},
		{"authorization parameters", []string{`grant: authorization-code`, `token_url: https://x/`, `authorization_url: https://x/`, `client_id: c`,
			`authorization_params: {state: x, scope: y, aud: z, prompt: login}`}, []string{
			`a.yaml:6:26: authorization_params: state is made anew for every authorization request`,
			`a.yaml:6:36: authorization_params: scope has a key of its own; write scope: … beside authorization_params`,
			`a.yaml:6:46: authorization_params: aud has a key of its own; write fhir_url: … beside authorization_params`,
		}},
		{"authorization of another grant", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `par: true`, `authorization_params: {prompt: login}`}, []string{
			`a.yaml:6:8: par belongs to grant: authorization-code, and this is grant: client-credentials; one request has one grant`,
			`a.yaml:7:25: authorization_params belongs to grant: authorization-code, and this is grant: client-credentials; one request has one grant`,
		}},
		{"grant by another name", []string{`grant: on_behalf_of`}, []string{`a.yaml:2:10: unknown grant "on_behalf_of"; write grant: token-exchange, which sends grant_type=urn:ietf:params:oauth:grant-type:token-exchange`}},
		{"context", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `context: {a: access_token, "$b": patient}`}, []string{
			`a.yaml:6:16: context: access_token stays with auth, which sends it where it belongs; name another member of the token response`,
			`a.yaml:6:30: "$b": names that start with $ belong to hgrun`,
		}},
		{"health-gorilla-legacy", []string{`profile: health-gorilla-legacy`, `token_url: https://x/`, `client_secret: s`}, []string{
			`a.yaml:2:3: oauth2 with profile: health-gorilla-legacy needs client_id; add client_id: "{{client_id}}"`,
			iss,
			`a.yaml:2:3: oauth2 with profile: health-gorilla-legacy and grant: jwt-bearer needs the claim iss; add assertion: {claims: {iss: …}}`,
			`a.yaml:2:3: oauth2 with profile: health-gorilla-legacy and grant: jwt-bearer needs the claim sub; add assertion: {claims: {sub: …}}`,
		}},
		{"smart-backend-services", []string{`profile: smart-backend-services`, `token_url: https://x/`}, []string{
			`a.yaml:2:3: oauth2 with client_auth: private_key_jwt needs assertion; add assertion: {alg: RS384, key: "{{signing_key}}"}`,
			`a.yaml:2:3: oauth2 with profile: smart-backend-services needs client_id; add client_id: "{{client_id}}"`,
			`a.yaml:2:3: oauth2 with profile: smart-backend-services needs scope; add scope: "{{scope}}"`,
			iss,
		}},
		{"udap", []string{`profile: udap`, `token_url: https://x/`, `client_id: c`, `assertion: {key: "{{k}}"}`}, []string{
			`a.yaml:2:3: oauth2 with profile: udap and grant: client-credentials needs the claim extensions; add assertion: {claims: {extensions: …}}`,
			`a.yaml:2:3: oauth2 with profile: udap needs the header x5c; add assertion: {header: {x5c: …}}`,
		}},
		{"shared key as a private one", []string{`grant: client-credentials`, `client_auth: private_key_jwt`, `token_url: https://x/`, `client_id: c`, `assertion: {alg: HS256, key: "{{k}}"}`}, []string{
			`a.yaml:6:20: client_auth: private_key_jwt signs with a private key, and HS256 has none; want client_auth: client_secret_jwt, or another alg`,
		}},
		{"private key as a shared one", []string{`grant: client-credentials`, `client_auth: client_secret_jwt`, `token_url: https://x/`, `client_id: c`, `assertion: {alg: RS256, key: "{{k}}"}`}, []string{
			`a.yaml:6:20: client_auth: client_secret_jwt signs with the client secret, and RS256 with a private key; want client_auth: private_key_jwt, or HS256`,
		}},
		{"encoding without use", []string{`grant: client-credentials`, `client_auth: post`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `basic_encoding: raw`}, []string{
			`a.yaml:7:19: basic_encoding has no use with client_auth: post`,
		}},
		{"params", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `scope: a`, `params:`,
			`  grant_type: x`, `  client_secret: x`, `  scope: b`, `  refresh_token: x`, `  client_assertion: x`, `  other: x`}, []string{
			`a.yaml:8:5: params: grant_type has a key of its own; write grant: …`,
			`a.yaml:9:5: params: client_secret has a key of its own; write client_secret: … beside params, and client_auth: post`,
			`a.yaml:10:5: params: scope stands beside params already, and a parameter may be sent once (RFC 6749, section 3.2)`,
			`a.yaml:11:5: params: refresh_token has a key of its own; write refresh_token: … beside params, and grant: refresh-token`,
			`a.yaml:12:5: params: client_assertion has a key of its own; write assertion: {…} beside params`,
		}},
		{"client_id twice", []string{`grant: client-credentials`, `client_auth: post`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `params: {client_id: d}`}, []string{
			`a.yaml:7:12: params: client_id stands beside params already, and a parameter may be sent once (RFC 6749, section 3.2)`,
		}},
		{"headers", []string{`profile: pattern-health`, `token_url: https://x/`, `client_id: c`, `client_secret: s`, `headers:`,
			`  authorization: x`, `  Content-Type: application/json`, `  "a b": x`}, []string{
			`a.yaml:7:5: headers: Authorization is what client_auth writes; say client_auth: basic`,
			`a.yaml:8:5: headers: Content-Type is not for a file to say: a token request is a form (RFC 6749, section 4)`,
			`a.yaml:9:5: "a b" cannot be the name of a header`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse("oauth2:\n  " + strings.Join(c.yaml, "\n  ") + "\n")
			same(t, "problems", fmt.Sprint(err), strings.Join(c.want, "\n"))
		})
	}
}
