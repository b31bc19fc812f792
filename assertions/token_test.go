package assertions_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/vars"
)

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// raw puts a JWT together from JSON and a signature of some bytes.
func raw(header, claims string, signature int) string {
	return segment(header) + "." + segment(claims) + "." + segment(strings.Repeat("s", signature))
}

const hs256 = `{"alg":"HS256"}`

type malformed struct{ name, text, want string }

func checkMalformed(t *testing.T, rows []malformed) {
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := assertions.Inspect(tt.text); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestInspectSaysWhatIsMalformedAndWhere(t *testing.T) {
	t.Parallel()
	good := raw(hs256, `{"iss":"a"}`, 32)
	checkMalformed(t, []malformed{
		{"empty", "", "the text is empty, want a JWT"},
		{"scheme", "Bearer " + good, `the text starts with "Bearer "; the JWT is what comes after it`},
		{"quotes", `"` + good + `"`, "character 1 is a quote; take the quotes off"},
		{"line break", good + "\n", fmt.Sprintf("character %d is a line break; a JWT is one line", len(good)+1)},
		{"wrapped", good[:30] + "\r\n" + good[30:], "character 31 is a line break; a JWT is one line"},
		{"space", good[:5] + " " + good[5:], "character 6 is white space; a JWT has none"},
		{"padding", segment(hs256) + "=." + segment("{}") + ".", "character 21 is = (padding), which a JWT leaves out"},
		{"base64", "ey+J.a.b", "character 3 is + of base64; a JWT is base64url, which has - and _ instead"},
		{"URL-encoded", "eyJ%2E", "character 4 is %; the JWT is URL-encoded once too often"},
		{"template", "{{assertion}}", "character 1 is {; a JWT has no JSON in plain view, or a variable was not filled in"},
		{"other character", "eyJé*", "character 4 is 'é', which base64url does not have"},
		{"one part", "eyJhbGciOiJIUzI1NiJ9", "got 1 part, want 3: header.payload.signature"},
		{"two parts", "eyJhbGciOiJIUzI1NiJ9.e30", "got 2 parts, want 3: header.payload.signature"},
		{"four parts", "a.b.c.d", "got 4 parts, want 3: header.payload.signature"},
		{"encrypted", "a.b.c.d.e", "5 parts: the JWT is encrypted (JWE) and cannot be read without its key"},
		{"no header", ".e30.c2ln", "the header is empty, want 3: header.payload.signature"},
		{"no claims", "e30..c2ln", "the payload is empty, want 3: header.payload.signature"},
		{"header cut off", "eyJhb.e30.c2ln", "the header (characters 1 to 5) has 5 characters, which no whole bytes have in base64url; it is cut off or has one too many"},
		{"claims cut off", "e30.e30e3.c2ln", "the payload (characters 5 to 9) has 5 characters, which no whole bytes have in base64url; it is cut off or has one too many"},
		{"stray bits", "e31.e30.c2ln", "the header ends in stray bits (character 3); it is cut off or changed"},
		{"header no JSON", raw("hello", "{}", 32), "the header is not JSON: invalid character 'h' looking for beginning of value (byte 1)"},
		{"header ends too early", raw(`{"alg":`, "{}", 32), "the header is not JSON: it ends too early, after 7 bytes"},
		{"claims blank", raw(hs256, " ", 32), "the payload is not JSON: it is empty"},
		{"claims a list", raw(hs256, "[]", 32), "the payload is a list, want a JSON object"},
		{"claims a number", raw(hs256, "5", 32), "the payload is a number, want a JSON object"},
		{"claims null", raw(hs256, "null", 32), "the payload is null, want a JSON object"},
		{"two objects", raw(hs256, "{}{}", 32), "the payload has something behind its JSON (byte 3)"},
		{"no UTF-8", raw(hs256, "{\"a\":\"\xff\"}", 32), "the payload is not UTF-8 text"},
	})
}

func TestInspectComparesTheSignatureWithItsAlgorithm(t *testing.T) {
	t.Parallel()
	good := raw(hs256, `{"iss":"a"}`, 32)
	checkMalformed(t, []malformed{
		{"no alg", raw("{}", "{}", 32), "the header has no alg"},
		{"alg a number", raw(`{"alg":5}`, "{}", 32), "the header's alg is a number, want a text"},
		{"no signature", segment(hs256) + ".e30.", "the signature is empty; the JWT is cut off"},
		{"signature for none", raw(`{"alg":"none"}`, "{}", 32), "the signature has 32 bytes, want none for alg none"},
		{"HS256 cut off", raw(hs256, "{}", 30), "the signature has 30 bytes, want 32 for HS256; the JWT is cut off, or another algorithm made it"},
		{"HS256 cut within a byte", good[:len(good)-2], "the signature (characters 38 to 78) has 41 characters, which no whole bytes have in base64url; it is cut off or has one too many"},
		{"HS512 too long", raw(`{"alg":"HS512"}`, "{}", 65), "the signature has 65 bytes, want 64 for HS512; it was made with another algorithm or in another form"},
		{"ES256 in DER", raw(`{"alg":"ES256"}`, "{}", 71), "the signature has 71 bytes, want 64 for ES256; it was made with another algorithm or in another form"},
		{"ES512", raw(`{"alg":"ES512"}`, "{}", 128), "the signature has 128 bytes, want 132 for ES512; the JWT is cut off, or another algorithm made it"},
		{"EdDSA", raw(`{"alg":"EdDSA"}`, "{}", 32), "the signature has 32 bytes, want 64 for EdDSA; the JWT is cut off, or another algorithm made it"},
		{"RS256 cut off", raw(`{"alg":"RS256"}`, "{}", 255),
			"the signature has 255 bytes, want as many as the RSA key: 256 for 2048 bits, 384 for 3072, 512 for 4096; the JWT is cut off, or another algorithm made it"},
		{"PS256 too short", raw(`{"alg":"PS256"}`, "{}", 32),
			"the signature has 32 bytes, want as many as the RSA key: 256 for 2048 bits, 384 for 3072, 512 for 4096; the JWT is cut off, or another algorithm made it"},
	})
}

func TestInspectReadsWhatIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, jwt := range []string{
		raw(hs256, "{}", 32),
		raw(` {"alg":"HS384"} `, "{}\n", 48),
		raw(`{"alg":"RS256"}`, "{}", 128),
		raw(`{"alg":"PS512"}`, "{}", 512),
		raw(`{"alg":"ES384"}`, "{}", 96),
		raw(`{"alg":"ES256K"}`, "{}", 70),
		segment(`{"alg":"none"}`) + ".e30.",
	} {
		if _, err := assertions.Inspect(jwt); err != nil {
			t.Errorf("%s: %v", jwt, err)
		}
	}
}

func TestATokenComesWithTheErrorWhereItsClaimsCouldBeRead(t *testing.T) {
	t.Parallel()
	whole := raw(hs256, `{"iss":"a"}`, 32)
	for _, text := range []string{whole[:len(whole)-1], whole[:len(whole)-2], whole[:len(whole)-5]} {
		token, err := assertions.Inspect(text)
		if err == nil || token == nil || token.Text("iss") != "a" {
			t.Errorf("%s: got %v, %v, want the claims and an error", text, token, err)
		}
	}
}

func TestATokenTellsItsClaimsByTheirType(t *testing.T) {
	t.Parallel()
	token := inspect(t, raw(`{"alg":"HS256","n":1.50}`,
		`{"exp":1700000000,"iat":"1700000000","nbf":1.5,"ms":1700000000000,"aud":"a","sub":5,"big":12345678901234567890}`, 32))
	if at, ok := token.Time("exp"); !ok || !at.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("exp: got %v %v", at, ok)
	}
	for _, claim := range []string{"iat", "nbf", "big", "aud", "nothing"} {
		if at, ok := token.Time(claim); ok {
			t.Errorf("%s: got %v, want no time", claim, at)
		}
	}
	if got := fmt.Sprintf("%q %q %q %v %v", token.Audiences(), token.Text("aud"), token.Text("sub"), token.Claims["big"], token.Header["n"]); got != `["a"] "a" "" 12345678901234567890 1.50` {
		t.Errorf("got %s", got)
	}
	if got := inspect(t, raw(hs256, `{"aud":["a",1,"b"]}`, 32)).Audiences(); fmt.Sprint(got) != "[a b]" {
		t.Errorf("aud: got %v", got)
	}
	if got := inspect(t, raw(hs256, `{"aud":1}`, 32)).Audiences(); got != nil {
		t.Errorf("aud: got %v, want none", got)
	}
}

func TestLooksLikeKnowsTheShapeOfAJWT(t *testing.T) {
	t.Parallel()
	good := raw(hs256, `{"iss":"a"}`, 32)
	tests := []struct {
		text string
		want bool
	}{
		{good, true},
		{raw("{\n\"alg\":\"HS256\"}", "{}", 32), true},
		{good[:len(good)-3], true},
		{segment(`{"alg":"none"}`) + ".e30.", true},
		{"", false},
		{"ey", false},
		{"ey.ey.eyeyeyeyeyeyey", true},
		{"Bearer " + good, false},
		{good + "\n", false},
		{good + ".x", false},
		{segment(hs256) + "..abc", false},
		{"eyJhbGciOiJIUzI1NiJ9eyJ", false},
		{"www.example.com.and.more", false},
		{"eyes.example.com/path?", false},
	}
	for _, tt := range tests {
		if got := assertions.LooksLike(tt.text); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestVerifyTakesEveryFormOfThePublicKey(t *testing.T) {
	t.Parallel()
	m := made()
	jwt := mint(t, "key: '{{key}}'\nkid: a", scope("key", pkcs8(m.p384)), assertions.Defaults{Audience: tokenURL})
	public, other := jwkText(jose.JSONWebKey{Key: m.p384.Public(), KeyID: "a"}), jwkText(jose.JSONWebKey{Key: m.rsa.Public(), KeyID: "b"})
	pss := mint(t, "key: '{{key}}'", scope("key", pssPEM(m.rsa)), assertions.Defaults{Audience: tokenURL})
	if err := inspect(t, pss).Verify(pssPublicPEM(m.rsa), ""); err != nil {
		t.Errorf("public PEM for PSS: %v", err)
	}
	for name, key := range map[string]string{
		"private PEM": pkcs8(m.p384), "SEC1": sec1(m.p384), "public PEM": publicPEM(m.p384), "certificate": certificate(m.p384),
		"JWK": public, "JWKS": jwks(other, public), "public PEM indented": "  " + strings.ReplaceAll(publicPEM(m.p384), "\n", "\n  "),
	} {
		if err := inspect(t, jwt).Verify(key, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyRefusesWhatDidNotSign(t *testing.T) {
	t.Parallel()
	m := made()
	sign := func(key, yaml string) string {
		return mint(t, "key: '{{key}}'\n"+yaml, scope("key", key), assertions.Defaults{Audience: tokenURL})
	}
	const encoded = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
	hs, rs := sign(encoded, "alg: HS256"), sign(pkcs8(m.rsa), "")
	es := sign(sec1(m.p256), "kid: a")
	changed := strings.Split(hs, ".")
	changed[1] = segment(`{"iss":"another"}`)
	const wrong = "the signature is not of this key: another key made it, or header or claims were changed"
	a := jwkText(jose.JSONWebKey{Key: m.rsa.Public(), KeyID: "a"})
	tests := []struct{ name, jwt, key, encoding, want string }{
		{"another secret", hs, secret32 + "x", "", wrong},
		{"changed claims", strings.Join(changed, "."), encoded, "", wrong},
		{"secret that was not decoded", hs, encoded, "base64", wrong + "; it is right for key_encoding: raw"},
		{"secret that was decoded", sign(encoded, "key_encoding: base64"), encoded, "", wrong + "; it is right for key_encoding: base64"},
		{"secret with a line break", hs, encoded + "\n", "", wrong + "; it is right for the secret without the white space around it"},
		{"secret without its line break", sign(encoded+"\n", ""), encoded, "", wrong + "; it is right for the secret with a line break at its end"},
		{"another RSA key", rs, publicPEM(m.rsa1024), "", wrong},
		{"public key as a secret", hs, publicPEM(m.rsa), "", "the key is an RSA key of 2048 bits, HS256 wants a shared secret; alg: RS256 fits the key"},
		{"secret for RSA", rs, secret32, "", "the key has no -----BEGIN line, want a PEM or a JWK for RS256; a shared secret goes with HS256, HS384 or HS512"},
		{"another curve", es, publicPEM(m.p384), "", "the key is an EC key of the curve P-384, ES256 wants an EC key of the curve P-256; alg: ES384 fits the key"},
		{"JWKS without the kid", es, jwks(member(a, "kid", "b")), "", `the JWT's kid "a" is not in the JWKS; there are: "b"`},
		{"JWKS with another key of that kid", es, jwks(a), "", "the key is an RSA key of 2048 bits, ES256 wants an EC key of the curve P-256; alg: RS256 fits the key"},
		{"strange key of that kid", es, jwks(`{"kty":"AKP","kid":"a"}`), "", `the JWK's kty is "AKP", want RSA, EC, OKP or oct`},
		{"empty key", rs, "", "", "the key is empty; set the secret that it comes from"},
		{"unknown encoding", hs, encoded, "base46", `unknown key_encoding "base46"; known here: raw, base64, base64url, hex`},
		{"none", segment(`{"alg":"none"}`) + ".e30.", secret32, "", "alg none is refused: an assertion must be signed (RFC 7523, section 3)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := inspect(t, tt.jwt).Verify(tt.key, tt.encoding); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func FuzzInspectNeverPanics(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", raw(hs256, "{}", 32), raw(`{"alg":"RS256"}`, `{"aud":["x"],"exp":1}`, 256), "e30.e30.", "Bearer x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := assertions.Inspect(text)
		switch {
		case err == nil && token == nil:
			t.Fatal("neither a token nor an error")
		case err == nil && token.Raw != text:
			t.Fatalf("got %q back for %q", token.Raw, text)
		case token != nil:
			token.Audiences()
			token.Time("exp")
			if token.Verify(secret32, "") == nil {
				t.Fatalf("%q verifies with a key that signed nothing", text)
			}
		}
	})
}

func FuzzNoKeyTextPanics(f *testing.F) {
	m := made()
	for _, seed := range []string{"", pkcs8(m.p256), publicPEM(m.p256), jwkText(jose.JSONWebKey{Key: m.p256}), jwks(`{"kty":"RSA"}`), pkcs12(),
		"-----BEGIN X-----", "-----BEGIN -----END -----", `"-----BEGIN A-----\nAA==\n-----END A-----"`, "{{", `{"kty":"oct","k":"AAAA"}`} {
		f.Add(seed, "RS256", "raw")
		f.Add(seed, "", "base64")
	}
	f.Fuzz(func(t *testing.T, key, alg, encoding string) {
		a := parse(t, "alg: '{{alg}}'\nkey: '{{key}}'")
		if alg == "" {
			a = parse(t, "key: '{{key}}'")
		}
		jwt, err := a.Mint(scope("key", key, "alg", alg), assertions.Defaults{Audience: tokenURL})
		if err == nil {
			if err := inspect(t, jwt).Verify(key, ""); err != nil {
				t.Fatalf("%q does not verify its own signature: %v", key, err)
			}
		}
		_ = inspect(t, raw(hs256, "{}", 32)).Verify(key, encoding)
	})
}

func BenchmarkMint(b *testing.B) {
	m := made()
	for _, bb := range []struct{ alg, key string }{{"HS256", secret32}, {"ES256", sec1(m.p256)}, {"ES384", sec1(m.p384)}, {"RS256", pkcs8(m.rsa)}} {
		b.Run(bb.alg, func(b *testing.B) {
			a := parse(b, "alg: "+bb.alg+"\nkey: '{{key}}'\nclaims: {iss: '{{id}}', sub: '{{id}}'}")
			layer := vars.Layer{Values: map[string]vars.Value{"key": {Text: bb.key}, "id": {Text: "client"}}}
			b.ReportAllocs()
			var s *vars.Scope
			for n := 0; b.Loop(); n++ {
				if n%256 == 0 { // what earlier mints hid is not measured
					s = vars.NewScope(nil, layer)
				}
				if _, err := a.Mint(s, assertions.Defaults{Audience: tokenURL}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
