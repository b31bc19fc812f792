package assertions_test

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/vars"
)

// parts returns header and claims as they are on the wire.
func parts(t *testing.T, jwt string) (header, claims string) {
	t.Helper()
	segments := strings.Split(jwt, ".")
	if len(segments) != 3 {
		t.Fatalf("got %d segments, want 3", len(segments))
	}
	return string(must(base64.RawURLEncoding.DecodeString(segments[0]))), string(must(base64.RawURLEncoding.DecodeString(segments[1])))
}

var jtiValue = regexp.MustCompile(`"jti":"[A-Za-z0-9_-]{22}"`)

type signed struct{ name, yaml, header, claims string }

func checkSigned(t *testing.T, defaults assertions.Defaults, rows []signed) {
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := scope("key", secret32, "name", "n", "which", "issuer")
			s.Set("count", vars.Value{Text: "7", JSON: true})
			s.Set("list", vars.Value{Text: `["x",1]`, JSON: true})
			s.Set("audiences", vars.Value{Text: `["x","y"]`, JSON: true})
			a := parse(t, "alg: HS256\nkey: '{{key}}'\n"+tt.yaml)
			var jwt string
			synctest.Test(t, func(t *testing.T) { jwt = must(a.Mint(s, defaults)) })
			header, claims := parts(t, jwt)
			if header != tt.header {
				t.Errorf("header: got  %s\nwant %s", header, tt.header)
			}
			if claims = jtiValue.ReplaceAllString(claims, `"jti":"*"`); claims != tt.claims {
				t.Errorf("claims: got  %s\nwant %s", claims, tt.claims)
			}
		})
	}
}

// The clock of synctest starts at 2000-01-01 00:00:00 UTC = 946684800; a backdate of 5 s makes that 946684795.
func TestWhatTheMappingSaysIsWhatIsSigned(t *testing.T) {
	t.Parallel()
	const plainHeader = `{"alg":"HS256","typ":"JWT"}`
	const times = `"iat":946684795,"exp":946684855,"jti":"*"`
	defaults := assertions.Defaults{Audience: "https://as.example/token?a=1&b=<2>", ClientID: `c"1`, Issuer: "https://as.example/"}
	const aud = `"aud":"https://as.example/token?a=1&b=<2>"`
	const who = `"iss":"c\"1","sub":"c\"1"`
	checkSigned(t, defaults, []signed{
		{"defaults", "", plainHeader, `{` + who + `,` + aud + `,` + times + `}`},
		{"header", "kid: k1\ntyp: client-authentication+jwt\nheader: {x5c: [a, b], jku: 'https://{{name}}'}",
			`{"alg":"HS256","typ":"client-authentication+jwt","kid":"k1","x5c":["a","b"],"jku":"https://n"}`, `{` + who + `,` + aud + `,` + times + `}`},
		{"header without typ", "typ: null\nkid: null\nheader: {cty: null}", `{"alg":"HS256"}`, `{` + who + `,` + aud + `,` + times + `}`},
		{"numbers as ids", "kid: 007", `{"alg":"HS256","typ":"JWT","kid":"007"}`, `{` + who + `,` + aud + `,` + times + `}`},
		{"iss and sub", "claims: {sub: '{{name}}', iss: app}", plainHeader, `{"iss":"app","sub":"n",` + aud + `,` + times + `}`},
		{"types survive", "claims: {n: 1.50, t: true, whole: '{{count}}', part: 'a{{count}}', list: '{{list}}', deep: {a: ['{{count}}', null]}}", plainHeader,
			`{` + who + `,` + aud + `,` + times + `,"n":1.50,"t":true,"whole":7,"part":"a7","list":["x",1],"deep":{"a":[7,null]}}`},
		{"every claim of one's own", "claims: {jti: j, exp: 5, iat: 4, nbf: 3, aud: [x], sub: s, iss: i}", plainHeader,
			`{"iss":"i","sub":"s","aud":["x"],"iat":4,"nbf":3,"exp":5,"jti":"j"}`},
		{"one claim changes no other", "claims: {iat: 4}", plainHeader, `{` + who + `,` + aud + `,"iat":4,"exp":946684855,"jti":"*"}`},
		{"null takes a claim out", "claims: {iss: null, aud: null, jti: null, exp: null}", plainHeader, `{"sub":"c\"1","iat":946684795}`},
		{"nothing left", "claims: {iss: null, sub: null, aud: null, jti: null, exp: null, iat: null}", plainHeader, `{}`},
		{"aud: token_url", "aud: token_url", plainHeader, `{` + who + `,` + aud + `,` + times + `}`},
		{"aud: issuer", "aud: issuer", plainHeader, `{` + who + `,"aud":"https://as.example/",` + times + `}`},
		{"aud: issuer by variable", "aud: '{{which}}'", plainHeader, `{` + who + `,"aud":"https://as.example/",` + times + `}`},
		{"aud: text", "aud: HTTPS://x:443//{{name}}/", plainHeader, `{` + who + `,"aud":"HTTPS://x:443//n/",` + times + `}`},
		{"aud: list of one", "aud: [issuer]", plainHeader, `{` + who + `,"aud":["https://as.example/"],` + times + `}`},
		{"aud: list", "aud: [token_url, '{{name}}']", plainHeader, `{` + who + `,` + strings.Replace(aud, `:"`, `:["`, 1) + `,"n"],` + times + `}`},
		{"aud: captured list", "aud: '{{audiences}}'", plainHeader, `{` + who + `,"aud":["x","y"],` + times + `}`},
		{"aud: null", "aud: null", plainHeader, `{` + who + `,` + times + `}`},
		{"times", "lifetime: 5m\nbackdate: 0s\nnot_before: true", plainHeader, `{` + who + `,` + aud + `,"iat":946684800,"nbf":946684800,"exp":946685100,"jti":"*"}`},
		{"not_before: false", "backdate: 10s\nnot_before: false", plainHeader, `{` + who + `,` + aud + `,"iat":946684790,"exp":946684850,"jti":"*"}`},
	})
}

func TestWithoutAClientIDThereIsNoIssAndNoSub(t *testing.T) {
	t.Parallel()
	jwt := mint(t, "key: '{{key}}'\nclaims: {iat: 1, exp: 2, jti: j}", scope("key", secret32), assertions.Defaults{Audience: tokenURL})
	const want = `{"aud":"https://as.example/oauth/token","iat":1,"exp":2,"jti":"j"}`
	if _, claims := parts(t, jwt); claims != want {
		t.Errorf("got  %s\nwant %s", claims, want)
	}
}

func TestEveryMintSignsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, s, d := parse(t, "key: '{{key}}'"), scope("key", secret32), assertions.Defaults{Audience: tokenURL}
		first := inspect(t, must(a.Mint(s, d)))
		time.Sleep(2 * time.Second)
		second := inspect(t, must(a.Mint(s, d)))
		for _, claim := range []string{"iat", "exp"} {
			before, _ := first.Time(claim)
			after, ok := second.Time(claim)
			if !ok || after.Sub(before) != 2*time.Second {
				t.Errorf("%s: got %v after %v, want 2 s more", claim, after, before)
			}
		}
		if one, two := first.Text("jti"), second.Text("jti"); one == two || len(one) != 22 {
			t.Errorf("got jti %q and %q, want two of 22 characters", one, two)
		}
	})
}

func TestAKeyThatChangesIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	a, d := parse(t, "key: '{{key}}'"), assertions.Defaults{Audience: tokenURL}
	for i := range 100 { // more than the ring keeps
		key := secret32 + strconv.Itoa(i%70)
		jwt := must(a.Mint(scope("key", key), d))
		if err := inspect(t, jwt).Verify(key, "raw"); err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
	}
}

func TestNothingOfAnAssertionIsShown(t *testing.T) {
	t.Parallel()
	m := made()
	jwk := member(string(must(jwkOf(m.rsa))), "kid", "a")
	s := scope("key", jwk)
	jwt := mint(t, "key: '{{key}}'", s, assertions.Defaults{Audience: tokenURL})
	signature := jwt[strings.LastIndexByte(jwt, '.')+1:]
	d := regexp.MustCompile(`"d":"([^"]+)"`).FindStringSubmatch(jwk)[1]
	tests := []struct{ name, text, want string }{
		{"JWT", "x " + jwt + " y", "x " + vars.Mask("assertion", jwt) + " y"},
		{"signature", "x " + signature + " y", "x " + vars.Mask("assertion", signature) + " y"},
		{"key", "x " + jwk + " y", "x " + vars.Mask("key", jwk) + " y"},
		{"private part", "x " + d + " y", "x " + vars.Mask("key", d) + " y"},
		{"key id", "x a y", "x a y"},
	}
	for _, tt := range tests {
		if got := s.Redact(tt.text); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAnEncodedSecretIsHiddenInBothForms(t *testing.T) {
	t.Parallel()
	s := scope("key", hex.EncodeToString([]byte(secret32)))
	mint(t, "key: '{{key}}'\nkey_encoding: hex", s, assertions.Defaults{Audience: tokenURL})
	if got, want := s.Redact(secret32), vars.Mask("key", secret32); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAShortKeyIsNotHidden(t *testing.T) {
	t.Parallel()
	s := scope("key", "abcdefg")
	mint(t, "key: '{{key}}'", s, assertions.Defaults{Audience: tokenURL})
	if got := s.Redact("abcdefgh"); got != "abcdefgh" {
		t.Errorf("got %s", got)
	}
}

func TestAnAssertionServesManyGoroutines(t *testing.T) {
	t.Parallel()
	m := made()
	a := parse(t, "alg: '{{alg}}'\nkey: '{{key}}'")
	var group sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for i := range 8 {
		alg, key, public := "ES256", pkcs8(m.p256), publicPEM(m.p256)
		if i%2 == 0 {
			alg, key, public = "RS256", pkcs8(m.rsa1024), publicPEM(m.rsa1024)
		}
		group.Go(func() {
			for range 10 {
				jwt, err := a.Mint(scope("alg", alg, "key", key), assertions.Defaults{Audience: tokenURL})
				if err != nil {
					t.Error(err)
					return
				}
				token, err := assertions.Inspect(jwt)
				if err != nil {
					t.Error(err)
					return
				}
				if err := token.Verify(public, ""); err != nil {
					t.Error(err)
				}
				a.Warnings()
				mu.Lock()
				seen[token.Text("jti")] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(seen) != 80 {
		t.Errorf("got %d different jti, want 80", len(seen))
	}
}

func TestMintNamesThePlaceOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	known := assertions.Defaults{Audience: tokenURL, ClientID: "c"}
	tests := []struct {
		name, yaml string
		defaults   assertions.Defaults
		want       string
	}{
		{"variable of the key", "key: '{{kay}}'", known, `a.yaml:1:6: variable "kay" is not defined; did you mean "key"?`},
		{"variable of alg", "key: '{{key}}'\nalg: '{{nothing}}'", known, `a.yaml:2:6: variable "nothing" is not defined`},
		{"variable of kid", "key: '{{key}}'\nkid: '{{nothing}}'", known, `a.yaml:2:6: variable "nothing" is not defined`},
		{"variable of typ", "key: '{{key}}'\ntyp: '{{nothing}}'", known, `a.yaml:2:6: variable "nothing" is not defined`},
		{"variable of aud", "key: '{{key}}'\naud: '{{nothing}}'", known, `a.yaml:2:6: variable "nothing" is not defined`},
		{"variable of the header", "key: '{{key}}'\nheader: {a: '{{nothing}}'}", known, `a.yaml:2:13: variable "nothing" is not defined`},
		{"variable of a claim", "key: '{{key}}'\nclaims: {a: ['{{nothing}}']}", known, `a.yaml:2:14: variable "nothing" is not defined`},
		{"alg none by variable", "key: '{{key}}'\nalg: '{{none}}'", known, "a.yaml:2:6: alg none is refused: an assertion must be signed (RFC 7523, section 3)"},
		{"empty alg", "key: '{{key}}'\nalg: '{{empty}}'", known, "a.yaml:2:6: alg is empty; leave it out to let the key decide"},
		{"empty kid", "key: '{{key}}'\nkid: '{{empty}}'", known, "a.yaml:2:6: kid is empty; write kid: null to send none"},
		{"no token URL", "\n\nkey: '{{key}}'", assertions.Defaults{}, "a.yaml:3:1: aud is the token URL, which is not known here; write the audience as text"},
		{"no issuer", "key: '{{key}}'\naud: issuer", known, "a.yaml:2:6: aud is the issuer, which is not known here; write the audience as text"},
		{"no issuer in a list", "key: '{{key}}'\naud: [x, issuer]", known, "a.yaml:2:6: aud is the issuer, which is not known here; write the audience as text"},
		{"empty aud", "key: '{{key}}'\naud: '{{empty}}'", known, "a.yaml:2:6: aud is empty"},
		{"aud is a number", "key: '{{key}}'\naud: '{{seven}}'", known, "a.yaml:2:6: got a number for aud, want a text or a list of texts"},
		{"aud is an empty list", "key: '{{key}}'\naud: '{{none_at_all}}'", known, "a.yaml:2:6: the list of audiences is empty"},
		{"aud is a list of lists", "key: '{{key}}'\naud: '{{nested}}'", known, "a.yaml:2:6: got a list in the list of audiences, want a text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := scope("key", secret32, "none", "none", "empty", "")
			s.Set("seven", vars.Value{Text: "7", JSON: true})
			s.Set("none_at_all", vars.Value{Text: "[]", JSON: true})
			s.Set("nested", vars.Value{Text: "[[]]", JSON: true})
			_, err := parse(t, tt.yaml).Mint(s, tt.defaults)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
