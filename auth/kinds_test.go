package auth_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

const oddSecret = "p@ss:w/rd+100%&= x"

func TestEveryKindPutsItsCredentialsOntoTheRequest(t *testing.T) {
	t.Parallel()
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, c := range []struct{ name, yaml, url, cookie, want, kind string }{
		{name: "none", yaml: `none`, want: "GET https://api.example/x\n", kind: "none"},
		{name: "none as a mapping", yaml: `{none: }`, want: "GET https://api.example/x\n", kind: "none"},
		{name: "bearer", yaml: `bearer: "{{token}}"`, want: "GET https://api.example/x\nAuthorization: Bearer abc.def\n", kind: "bearer"},
		{name: "bearer with a prefix", yaml: `bearer: {token: "{{token}}", prefix: Token}`, want: "GET https://api.example/x\nAuthorization: Token abc.def\n", kind: "bearer"},
		{name: "bearer alone", yaml: `bearer: {token: "{{token}}", prefix: ""}`, want: "GET https://api.example/x\nAuthorization: abc.def\n", kind: "bearer"},
		{
			name: "basic is raw", yaml: `basic: {username: "{{user}}", password: "{{secret}}"}`,
			want: "GET https://api.example/x\nAuthorization: Basic " + b64("user@x:p@ss:w/rd+100%&= x") + "\n", kind: "basic",
		},
		{
			name: "basic as RFC 6749 wants it", yaml: `basic: {username: "{{user}}", password: "{{secret}}", encoding: rfc6749}`,
			want: "GET https://api.example/x\nAuthorization: Basic " + b64("user%40x:p%40ss%3Aw%2Frd%2B100%25%26%3D+x") + "\n", kind: "basic",
		},
		{name: "key in a header", yaml: `api_key: {name: X-Api-Key, value: "{{key}}"}`, want: "GET https://api.example/x\nX-Api-Key: k-123\n", kind: "api_key header X-Api-Key"},
		{name: "key in the query", yaml: `api_key: {name: api key, value: "{{secret}}", in: query}`, want: "GET https://api.example/x?api+key=p%40ss%3Aw%2Frd%2B100%25%26%3D+x\n", kind: "api_key query api key"},
		{
			name: "key behind a query that stays as it is", yaml: `api_key: {name: k, value: "{{key}}", in: query}`, url: "https://api.example/x?a=%2f&b=1+2",
			want: "GET https://api.example/x?a=%2f&b=1+2&k=k-123\n", kind: "api_key query k",
		},
		{name: "key behind a bare question mark", yaml: `api_key: {name: k, value: "{{key}}", in: query}`, url: "https://api.example/x?", want: "GET https://api.example/x?k=k-123\n", kind: "api_key query k"},
		{name: "key in a cookie", yaml: `api_key: {name: sid, value: "{{key}}", in: cookie}`, want: "GET https://api.example/x\nCookie: sid=k-123\n", kind: "api_key cookie sid"},
		{name: "key in one more cookie", yaml: `api_key: {name: sid, value: "{{key}}", in: cookie}`, cookie: "lang=en", want: "GET https://api.example/x\nCookie: lang=en; sid=k-123\n", kind: "api_key cookie sid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := read(t, c.yaml)
			s := session(nil, "token", "abc.def", "user", "user@x", "secret", oddSecret, "key", "k-123")
			req := &wire.Request{Method: "GET", URL: "https://api.example/x"}
			if c.url != "" {
				req.URL = c.url
			}
			if c.cookie != "" {
				req.Header = http.Header{"Cookie": {c.cookie}}
			}
			if err := a.Authorize(t.Context(), req, s); err != nil {
				t.Fatal(err)
			}
			same(t, "request", dump(*req), c.want)
			same(t, "kind", a.String(), c.kind)
		})
	}
}

func TestEveryKindHidesWhatItSends(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{
		`bearer: "{{secret}}"`,
		`basic: {username: user, password: "{{secret}}"}`,
		`api_key: {name: X-Api-Key, value: "{{secret}}"}`,
		`api_key: {name: k, value: "{{secret}}", in: query}`,
		`api_key: {name: k, value: "{{secret}}", in: cookie}`,
	} {
		s := session(nil, "secret", "hush-hush-1234")
		req := request()
		if err := read(t, yaml).Authorize(t.Context(), req, s); err != nil {
			t.Fatal(err)
		}
		sent := dump(*req)
		pair := base64.StdEncoding.EncodeToString([]byte("user:hush-hush-1234"))
		shown := s.Scope.Redact(sent)
		if strings.Contains(shown, "hush") || strings.Contains(shown, pair) || shown == sent {
			t.Errorf("%s: got %s", yaml, shown)
		}
	}
}

func TestCredentialsThatWouldBreakARequestAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, value, want string }{
		{"empty", `bearer: "{{v}}"`, "", `a.yaml:1:9: the token is empty`},
		{"prefix", `bearer: "{{v}}"`, "bearer abc", `a.yaml:1:9: the token starts with "bearer " already, so that the header would read Bearer bearer …; take the word out of the token`},
		{"own prefix", `bearer: {token: "{{v}}", prefix: Token}`, "Token abc", `a.yaml:1:17: the token starts with "Token " already, so that the header would read Token Token …; take the word out of the token`},
		{"line break", `bearer: "{{v}}"`, "abc\n", `a.yaml:1:9: the token ends with a line break; trim it: {{name | trim}}`},
		{"space", `bearer: "{{v}}"`, "abc def", `a.yaml:1:9: the token has white space at character 4 of 7, and a token has none`},
		{"quotes", `bearer: "{{v}}"`, `"abc"`, `a.yaml:1:9: the token stands in quotes of its own; take them off`},
		{"letter", `bearer: "{{v}}"`, "abcé", `a.yaml:1:9: the token has a character at 4 of 5 that no header can carry (U+00E9)`},
		{"colon", `basic: {username: "{{v}}", password: x}`, "a:b", `a.yaml:1:8: the user name has a colon, and Basic ends the user name at the first one (RFC 7617, section 2); the encoding rfc6749 would keep it`},
		{"newline", `basic: {username: u, password: "{{v}}"}`, "secret\n", `a.yaml:1:8: user name or password has a line break or another control character (RFC 7617, section 2); trim it: {{name | trim}}`},
		{"key empty", `api_key: {name: K, value: "{{v}}"}`, "", `a.yaml:1:10: the value of api_key K is empty`},
		{"key newline", `api_key: {name: K, value: "{{v}}"}`, "x\r\nEvil: 1", `a.yaml:1:10: the value of api_key K has white space at its ends or a control character, which no header can carry; trim it: {{name | trim}}`},
		{"key cookie", `api_key: {name: K, value: "{{v}}", in: cookie}`, "a;b", `a.yaml:1:10: the value of api_key K has a character that no cookie can carry (RFC 6265, section 4.1.1); encode it: {{name | urlencode}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := refused(t, read(t, c.yaml), session(nil, "v", c.value), request())
			same(t, "error", got, c.want)
		})
	}
}

func TestCredentialsWrittenByHandAreAConflict(t *testing.T) {
	t.Parallel()
	taken := func() *wire.Request {
		return &wire.Request{Method: "GET", URL: "https://api.example/x?a+b=1", Header: http.Header{
			"Authorization": {"Bearer by-hand"}, "X-Api-Key": {"by-hand"}, "Cookie": {"lang=en; sid=1"},
		}}
	}
	const header = "a.yaml:1:%d: the request has an Authorization header of its own, and auth: %s would write another; remove the header, or give the request auth: none"
	const key = "a.yaml:1:10: the request has the %s of its own, and auth: api_key would write another; remove it, or give the request auth: none"
	for yaml, want := range map[string]string{
		`bearer: abc`:                                fmt.Sprintf(header, 9, "bearer"),
		`basic: {username: u, password: p}`:          fmt.Sprintf(header, 8, "basic"),
		`api_key: {name: x-api-key, value: v}`:       fmt.Sprintf(key, "header x-api-key"),
		`api_key: {name: a b, value: v, in: query}`:  fmt.Sprintf(key, "query parameter a b"),
		`api_key: {name: sid, value: v, in: cookie}`: fmt.Sprintf(key, "cookie sid"),
		"oauth2:\n  profile: pattern-health\n  token_url: " + tokenURL + "\n  client_id: c\n  client_secret: s": "a.yaml:2:3: the request has an Authorization header of its own, and auth: oauth2 client-credentials would write another; remove the header, or give the request auth: none",
	} {
		same(t, yaml, refused(t, read(t, yaml), session(&desk{}), taken()), want)
	}
}

func TestProblemsOfSimpleKindsAreReportedAtTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"far", `hmac: {}`, `a.yaml:1:1: unknown kind of auth "hmac"; known here: api_key, asap, aws_sigv4, basic, bearer, digest, edgegrid, hawk, jwt, none, ntlm, oauth1, oauth2`},
		{"no kind", `{}`, `a.yaml:1:1: auth is empty; write auth: none for a request without credentials`},
		{"word", `digets`, `a.yaml:1:1: unknown auth "digets"; want none, or a mapping with one of api_key, asap, aws_sigv4, basic, bearer, digest, edgegrid, hawk, jwt, none, ntlm, oauth1, oauth2`},
		{"kind without details", `bearer`, `a.yaml:1:1: auth: bearer lacks its details; write auth: {bearer: …}`},
		{"near", `barer: x`, `a.yaml:1:1: unknown kind of auth "barer"; did you mean "bearer"?`},
		{"two", "bearer: x\nbasic: {username: a, password: b}", `a.yaml:2:1: got basic beside bearer, want one kind of auth`},
		{"none with details", `none: x`, `a.yaml:1:7: auth: none takes no details`},
		{"list", `[none]`, `a.yaml:1:1: want a mapping (key: value), got a list`},
		{"bearer twice", `bearer: "Bearer {{token}}"`, `a.yaml:1:9: the token starts with "Bearer " already, so that the header would read Bearer Bearer …; take the word out of the token`},
		{"bearer without token", `bearer: {prefix: x}`, `a.yaml:1:9: bearer needs token; add token: "{{token}}"`},
		{"basic", `basic: {user: x}`, "a.yaml:1:8: basic needs username; add username: \"{{username}}\"\na.yaml:1:8: basic needs password; add password: \"{{password}}\"\na.yaml:1:9: unknown key \"user\"; known here: encoding, password, username"},
		{"encoding", `basic: {username: x, password: y, encoding: RFC6749}`, `a.yaml:1:45: unknown value "RFC6749"; did you mean "rfc6749"?`},
		{"api_key", `api_key: {in: body}`, "a.yaml:1:10: api_key needs name; add name: X-Api-Key\na.yaml:1:10: api_key needs value; add value: \"{{api_key}}\"\na.yaml:1:15: unknown value \"body\"; known here: header, query, cookie"},
		{"api_key name", `api_key: {name: "X Key", value: v}`, `a.yaml:1:10: "X Key" cannot be the name of a header`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(c.yaml)
			same(t, "problems", fmt.Sprint(err), c.want)
		})
	}
}

func TestUsesNamesEveryVariable(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`none`:            "",
		`bearer: "{{a}}"`: "a",
		`basic: {username: "{{a}}", password: "{{b | trim}}"}`: "a b",
		`api_key: {name: K, value: "{{a | default: 'x'}}"}`:    "a",
		`oauth2: {grant: client-credentials, token_url: "{{a}}/token", refresh_url: "{{b}}", client_id: "{{c}}", scope: ["{{d}}", "x{{e}}"],
  assertion: {alg: RS256, key: "{{f}}", claims: {x: "{{g}}"}}, params: {p: "{{h}}"}, headers: {H: "{{i}}"}, audience: "{{j}}", resource: "{{k}}", issuer: "{{l}}"}`: "a b c d e f g h i j k l",
		`oauth2: {grant: refresh-token, token_url: "{{a}}", client_id: "{{b}}", client_secret: "{{c}}", refresh_token: "{{d}}"}`: "a b c d",
	} {
		var names []string
		for _, u := range read(t, yaml).Uses() {
			names = append(names, u.Name)
			if u.Pos.Line == 0 {
				t.Errorf("%s: %s has no place", yaml, u.Name)
			}
		}
		slices.Sort(names)
		same(t, yaml, strings.Join(slices.Compact(names), " "), want)
	}
}

func TestAMissingVariableIsNoTokenError(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`bearer: "{{tokne}}"`:                       `a.yaml:1:9: variable "tokne" is not defined; did you mean "token"?`,
		`basic: {username: "{{u}}", password: "x"}`: `a.yaml:1:19: variable "u" is not defined`,
		`basic: {username: "x", password: "{{u}}"}`: `a.yaml:1:34: variable "u" is not defined`,
		`api_key: {name: K, value: "{{u}}"}`:        `a.yaml:1:27: variable "u" is not defined`,
		`oauth2: {profile: health-gorilla, client_id: c, token_url: "{{u}}", client_secret: "0123456789abcdef0123456789abcdef"}`:                               `a.yaml:1:60: variable "u" is not defined`,
		`oauth2: {profile: health-gorilla, client_id: c, token_url: "https://x/", assertion: {key: "0123456789abcdef0123456789abcdef", claims: {x: "{{u}}"}}}`: `a.yaml:1:139: variable "u" is not defined`,
	} {
		a := read(t, yaml)
		err := a.Authorize(t.Context(), request(), session(&desk{}, "token", "x"))
		same(t, yaml, fmt.Sprint(err), want)
		if _, ok := vars.AsUndefined(err); !ok {
			t.Errorf("%s: got %T, want an undefined name", yaml, err)
		}
		if _, ok := err.(*auth.TokenError); ok {
			t.Errorf("%s: got a TokenError", yaml)
		}
	}
}

func TestTheTableOfKindsIsWhatReadReads(t *testing.T) {
	t.Parallel()
	got := strings.Join(slices.Sorted(maps.Keys(auth.Kinds())), " ")
	same(t, "kinds", got, "api_key asap aws_sigv4 basic bearer digest edgegrid hawk jwt none ntlm oauth1 oauth2")
}
