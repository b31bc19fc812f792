package assertions_test

import (
	"encoding/asn1"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
)

// refusal is a key with an algorithm ("" for none) and what Mint says of them, place included: alg stands at 1:6,
// key at 2:6, kid at 3:6, key_encoding at 4:15.
type refusal struct {
	name, alg, kid, encoding, key string
	want                          string
}

func (r refusal) yaml() string {
	alg, kid := "# no alg", "# no kid"
	if r.alg != "" {
		alg = "alg: " + `"{{alg}}"`
	}
	if r.kid != "" {
		kid = "kid: " + r.kid
	}
	encoding := r.encoding
	if encoding == "" {
		encoding = "raw"
	}
	return alg + "\nkey: \"{{key}}\"\n" + kid + "\nkey_encoding: " + encoding + "\n"
}

func checkRefusals(t *testing.T, rows []refusal) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, r.yaml()).Mint(scope("alg", r.alg, "key", r.key), assertions.Defaults{Audience: tokenURL})
			if err == nil {
				t.Fatalf("got a signature, want %s", r.want)
			}
			if err.Error() != r.want {
				t.Errorf("got  %s\nwant %s", err, r.want)
			}
		})
	}
}

func TestAKeyThatNobodyFilledInIsRefused(t *testing.T) {
	t.Parallel()
	checkRefusals(t, []refusal{
		{name: "empty", alg: "HS256", key: "",
			want: `a.yaml:2:6: the key is empty; set the secret that it comes from`},
		{name: "white space", alg: "RS256", key: " \n",
			want: `a.yaml:2:6: the key is empty; set the secret that it comes from`},
		{name: "template", key: "{{client_secret}}",
			want: `a.yaml:2:6: the key still has {{client_secret}} in it; set that variable`},
		{name: "template in a text", alg: "HS256", key: "a{{ b }}c",
			want: `a.yaml:2:6: the key still has {{b}} in it; set that variable`},
		{name: "half a template", alg: "HS256", key: "abc{{x y",
			want: `a.yaml:2:6: the key still has {{ in it; a variable was not filled in`},
		{name: "YOUR_CLIENT_SECRET", alg: "HS256", key: "YOUR_CLIENT_SECRET",
			want: `a.yaml:2:6: the key is a placeholder with YOUR in it; set the real one`},
		{name: "your-secret-here in brackets", alg: "HS256", key: "<your-secret-here>",
			want: `a.yaml:2:6: the key is a placeholder with YOUR in it; set the real one`},
		{name: "in the middle", alg: "HS256", key: "CLIENT SECRET OF YOUR APP",
			want: `a.yaml:2:6: the key is a placeholder with YOUR in it; set the real one`},
	})
}

func TestASecretThatOnlyResemblesAPlaceholderIsUsed(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"CLIENT_SECRET", "yourself-the-secret", "YOUR1+abcdefgh", "aYOURb", "{not json}", `{"a":1}`} {
		mint(t, "alg: HS256\nkey: '{{key}}'", scope("key", key), assertions.Defaults{Audience: tokenURL})
	}
}

func TestAnAlgorithmThatDoesNotFitTheKeyNamesBoth(t *testing.T) {
	t.Parallel()
	m := made()
	checkRefusals(t, []refusal{
		{name: "none", alg: "none", key: secret32,
			want: `a.yaml:1:6: alg none is refused: an assertion must be signed (RFC 7523, section 3)`},
		{name: "None", alg: "None", key: secret32,
			want: `a.yaml:1:6: alg none is refused: an assertion must be signed (RFC 7523, section 3)`},
		{name: "typo", alg: "RS265", key: pkcs8(m.rsa),
			want: `a.yaml:1:6: unknown alg "RS265"; did you mean "RS256"?`},
		{name: "lower case", alg: "es384", key: pkcs8(m.p384),
			want: `a.yaml:1:6: unknown alg "es384"; did you mean "ES384"?`},
		{name: "unheard of", alg: "A128GCM", key: secret32,
			want: `a.yaml:1:6: unknown alg "A128GCM"; known here: HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA`},
		{name: "secret for RS", alg: "RS256", key: secret32,
			want: `a.yaml:2:6: the key has no -----BEGIN line, want a PEM or a JWK for RS256; a shared secret goes with HS256, HS384 or HS512`},
		{name: "private key for HS", alg: "HS256", key: pkcs8(m.rsa),
			want: `a.yaml:1:6: the key is an RSA key of 2048 bits, HS256 wants a shared secret; alg: RS256 fits the key`},
		{name: "public key for HS", alg: "HS256", key: publicPEM(m.rsa),
			want: `a.yaml:1:6: the key is an RSA key of 2048 bits, HS256 wants a shared secret; alg: RS256 fits the key`},
		{name: "JWK for HS", alg: "HS512", key: jwkText(jose.JSONWebKey{Key: m.p256}),
			want: `a.yaml:1:6: the key is an EC key of the curve P-256, HS512 wants a shared secret; alg: ES256 fits the key`},
		{name: "JWK of a secret for ES", alg: "ES256", key: jwkText(jose.JSONWebKey{Key: []byte(secret32)}),
			want: `a.yaml:1:6: the key is a shared secret, ES256 wants an EC key of the curve P-256; alg: HS256 fits the key`},
		{name: "P-384 for ES256", alg: "ES256", key: sec1(m.p384),
			want: `a.yaml:1:6: the key is an EC key of the curve P-384, ES256 wants an EC key of the curve P-256; alg: ES384 fits the key`},
		{name: "P-256 for ES512", alg: "ES512", key: pkcs8(m.p256),
			want: `a.yaml:1:6: the key is an EC key of the curve P-256, ES512 wants an EC key of the curve P-521; alg: ES256 fits the key`},
		{name: "RSA for ES", alg: "ES384", key: pkcs8(m.rsa),
			want: `a.yaml:1:6: the key is an RSA key of 2048 bits, ES384 wants an EC key of the curve P-384; alg: RS256 fits the key`},
		{name: "EC for RS", alg: "PS256", key: pkcs8(m.p256),
			want: `a.yaml:1:6: the key is an EC key of the curve P-256, PS256 wants an RSA key; alg: ES256 fits the key`},
		{name: "RSA for EdDSA", alg: "EdDSA", key: pkcs8(m.rsa),
			want: `a.yaml:1:6: the key is an RSA key of 2048 bits, EdDSA wants an Ed25519 key; alg: RS256 fits the key`},
		{name: "Ed25519 for RS", alg: "RS256", key: pkcs8(m.ed25519),
			want: `a.yaml:1:6: the key is an Ed25519 key, RS256 wants an RSA key; alg: EdDSA fits the key`},
		{name: "PSS key for RS", alg: "RS384", key: pssPEM(m.rsa),
			want: `a.yaml:1:6: the RSA key is for PSS only, RS384 is not PSS; alg: PS384 fits`},
		{name: "RSA too small for PS512", alg: "PS512", key: pkcs1(m.rsa1024),
			want: `a.yaml:1:6: the RSA key has 1024 bits, PS512 needs at least 1034`},
		{name: "alg of the JWK does not fit", key: member(jwkText(jose.JSONWebKey{Key: m.p256}), "alg", "RS256"),
			want: `a.yaml:2:6: the key is an EC key of the curve P-256, RS256 wants an RSA key; alg: ES256 fits the key`},
		{name: "alg of the JWK signs nothing", key: member(jwkText(jose.JSONWebKey{Key: m.rsa}), "alg", "RSA-OAEP"),
			want: `a.yaml:2:6: the JWK's alg signs nothing here: unknown alg "RSA-OAEP"; known here: HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA`},
	})
}

func TestAKeyInAFormThatCannotSignSaysWhatItIs(t *testing.T) {
	t.Parallel()
	m := made()
	checkRefusals(t, []refusal{
		{name: "public key", alg: "RS256", key: publicPEM(m.rsa),
			want: `a.yaml:2:6: the PEM PUBLIC KEY is a public key; an assertion is signed with the private key`},
		{name: "PKCS#1 public key", key: block("RSA PUBLIC KEY", must(base64.StdEncoding.DecodeString("MAYCAQECAQM="))),
			want: `a.yaml:2:6: the RSA key has 1 bits, want at least 2048; less than 1024 is no protection`},
		{name: "certificate", alg: "ES256", key: certificate(m.p256),
			want: `a.yaml:2:6: the PEM CERTIFICATE holds a public key; an assertion is signed with the private key`},
		{name: "certificate request", alg: "ES256", key: block("CERTIFICATE REQUEST", []byte{1}),
			want: `a.yaml:2:6: the PEM is a CERTIFICATE REQUEST, want a key`},
		{name: "PKCS#12", alg: "RS256", key: pkcs12(),
			want: `a.yaml:2:6: the key is a PKCS#12 file (.p12, .pfx); convert it: openssl pkcs12 -in key.p12 -nodes -nocerts -out key.pem`},
		{name: "PKCS#12 without alg", key: pkcs12(),
			want: `a.yaml:2:6: the key is a PKCS#12 file (.p12, .pfx); convert it: openssl pkcs12 -in key.p12 -nodes -nocerts -out key.pem`},
		{name: "OpenSSH public key", key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here",
			want: `a.yaml:2:6: the key is an OpenSSH public key; want the private key as PEM or JWK, or a shared secret`},
		{name: "OpenSSH public key for HS", alg: "HS256", key: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAy\n",
			want: `a.yaml:2:6: the key is an OpenSSH public key; want the private key as PEM or JWK, or a shared secret`},
		{name: "public key for PSS", alg: "PS256", key: pssPublicPEM(m.rsa),
			want: `a.yaml:2:6: the PEM PUBLIC KEY is a public key; an assertion is signed with the private key`},
	})
}

func TestAKeyThatIsWeakOrDamagedIsRefused(t *testing.T) {
	t.Parallel()
	m := made()
	bare := strings.ReplaceAll(pkcs8(m.p256), "\n", "")
	bare = strings.TrimSuffix(strings.TrimPrefix(bare, "-----BEGIN PRIVATE KEY-----"), "-----END PRIVATE KEY-----")
	checkRefusals(t, []refusal{
		{name: "X25519", key: pkcs8(m.x25519),
			want: `a.yaml:2:6: the key is an X25519 key, which encrypts and cannot sign`},
		{name: "P-224", key: sec1(m.p224),
			want: `a.yaml:2:6: the EC key's curve is P-224; JWTs are signed on P-256, P-384 or P-521`},
		{name: "secp256k1", alg: "ES256", key: secp256k1PEM(),
			want: `a.yaml:2:6: the EC key's curve is not known; JWTs are signed on P-256, P-384 or P-521`},
		{name: "tiny RSA", alg: "RS256", key: tinyRSA(),
			want: `a.yaml:2:6: the RSA key has 512 bits, want at least 2048; less than 1024 is no protection`},
		{name: "two keys", alg: "ES256", key: pkcs8(m.p256) + sec1(m.p256),
			want: `a.yaml:2:6: the PEM holds 2 private keys, want one`},
		{name: "cut off", alg: "RS256", key: pkcs8(m.rsa)[:900],
			want: `a.yaml:2:6: the PEM has no line -----END PRIVATE KEY-----; it is cut off`},
		{name: "damaged base64", alg: "RS256", key: strings.Replace(pkcs8(m.rsa), "M", "*", 1),
			want: `a.yaml:2:6: what stands between BEGIN and END of the PEM PRIVATE KEY is not base64; it is damaged`},
		{name: "damaged DER", alg: "RS256", key: block("PRIVATE KEY", []byte("no ASN.1 at all")),
			want: `a.yaml:2:6: the PEM PRIVATE KEY is damaged: its content is no key`},
		{name: "damaged content", alg: "RS256", key: wrapped(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, nil, []byte{1}),
			want: `a.yaml:2:6: the PKCS#8 private key is damaged: its numbers cannot be read or do not belong together`},
		{name: "inconsistent RSA", alg: "RS256", key: mixedRSA(),
			want: `a.yaml:2:6: the PKCS#1 private key is damaged: its numbers cannot be read or do not belong together`},
		{name: "Ed448", key: wrapped(asn1.ObjectIdentifier{1, 3, 101, 113}, nil, []byte{1}),
			want: `a.yaml:2:6: the PKCS#8 private key is of a kind that signs no JWT (object identifier 1.3.101.113)`},
		{name: "base64 of PKCS#12", alg: "RS256", key: base64.StdEncoding.EncodeToString([]byte(pkcs12())),
			want: `a.yaml:2:6: the key is a PKCS#12 file (.p12, .pfx); convert it: openssl pkcs12 -in key.p12 -nodes -nocerts -out key.pem`},
		{name: "BEGIN line without end", alg: "RS256", key: "-----BEGIN PRIVATE KEY\nabc",
			want: `a.yaml:2:6: the PEM's BEGIN line has no ----- at its end`},
		{name: "base64 without BEGIN", alg: "ES256", key: bare,
			want: `a.yaml:2:6: the key is base64 without its -----BEGIN line, want a PEM or a JWK for ES256; write key_encoding: base64, or the whole PEM`},
	})
}

func TestAJWKThatCannotSignSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	m := made()
	ec := jwkText(jose.JSONWebKey{Key: m.p256})
	checkRefusals(t, []refusal{
		{name: "without d", alg: "ES256", key: jwkText(jose.JSONWebKey{Key: m.p256.Public()}),
			want: `a.yaml:2:6: the JWK is a public key (it has no d); an assertion is signed with the private key`},
		{name: "RSA without d", key: jwkText(jose.JSONWebKey{Key: m.rsa.Public()}),
			want: `a.yaml:2:6: the JWK is a public key (it has no d); an assertion is signed with the private key`},
		{name: "not JSON", alg: "ES256", key: `{"kty": "EC",, }`,
			want: `a.yaml:2:6: the key looks like a JWK, but is not JSON (character 14)`},
		{name: "cut off", alg: "ES256", key: ec[:40],
			want: `a.yaml:2:6: the key looks like a JWK, but is not JSON (character 40)`},
		{name: "without kty", alg: "ES256", key: member(ec, "kty", nil),
			want: `a.yaml:2:6: the JWK has no kty`},
		{name: "other kty", key: member(ec, "kty", "AKP"),
			want: `a.yaml:2:6: the JWK's kty is "AKP", want RSA, EC, OKP or oct`},
		{name: "other crv", key: member(ec, "crv", "secp256k1"),
			want: `a.yaml:2:6: the JWK's crv is "secp256k1", want P-256, P-384 or P-521`},
		{name: "crv of another size", key: member(ec, "crv", "P-384"),
			want: `a.yaml:2:6: the JWK's x and y are no point of P-384`},
		{name: "d of another key", key: member(ec, "d", strings.Repeat("A", 42)+"E"),
			want: `a.yaml:2:6: the JWK's d does not belong to its x and y`},
		{name: "no base64url", key: member(ec, "x", "ab+c"),
			want: `a.yaml:2:6: the JWK's x is not base64url (character 3)`},
		{name: "no y", key: member(ec, "y", nil),
			want: `a.yaml:2:6: the JWK has no y`},
		{name: "x too long", key: member(ec, "x", strings.Repeat("q", 60)),
			want: `a.yaml:2:6: the JWK's x and y are no point of P-256`},
		{name: "d too long", key: member(ec, "d", strings.Repeat("q", 60)),
			want: `a.yaml:2:6: the JWK's d is too long for P-256`},
		{name: "secret without k", key: `{"kty":"oct"}`,
			want: `a.yaml:2:6: the JWK has no k`},
		{name: "d is a number", key: member(ec, "d", 5),
			want: `a.yaml:2:6: the JWK has no d`},
		{name: "base64 of a JWK", encoding: "base64", key: ec,
			want: `a.yaml:2:6: key_encoding is base64, but the key is a PEM or a JWK; take key_encoding out`},
	})
}

func TestAnRSAOrEd25519JWKThatCannotSignSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	m := made()
	rs, ed := jwkText(jose.JSONWebKey{Key: m.rsa}), jwkText(jose.JSONWebKey{Key: m.ed25519})
	checkRefusals(t, []refusal{
		{name: "other OKP", key: member(ed, "crv", "Ed448"),
			want: `a.yaml:2:6: the JWK's crv is "Ed448", want Ed25519`},
		{name: "Ed25519 d of another key", key: member(ed, "d", strings.Repeat("A", 43)),
			want: `a.yaml:2:6: the JWK's d does not belong to its x`},
		{name: "Ed25519 x too short", key: member(ed, "x", "AAAA"),
			want: `a.yaml:2:6: the JWK's x has 3 bytes, want 32`},
		{name: "Ed25519 d too short", key: member(ed, "d", "AAAA"),
			want: `a.yaml:2:6: the JWK's d has 3 bytes, want 32`},
		{name: "RSA without n", key: member(rs, "n", nil),
			want: `a.yaml:2:6: the JWK has no n`},
		{name: "RSA d no base64url", key: member(rs, "d", "a%"),
			want: `a.yaml:2:6: the JWK's d is not base64url (character 2)`},
		{name: "RSA without q", key: member(rs, "q", nil),
			want: `a.yaml:2:6: the JWK has no q`},
		{name: "Ed25519 without x", key: member(ed, "x", nil),
			want: `a.yaml:2:6: the JWK has no x`},
		{name: "RSA numbers that do not belong together", key: member(rs, "d", "AQAB"),
			want: `a.yaml:2:6: the JWK's numbers do not belong together (n, e, d, p, q)`},
		{name: "RSA exponent", key: member(rs, "e", "AA"),
			want: `a.yaml:2:6: the JWK's e is no RSA exponent`},
		{name: "RSA with three primes", key: member(rs, "oth", []any{}),
			want: `a.yaml:2:6: the JWK has more than two primes (oth), which hgrun does not sign with`},
		{name: "tiny RSA", key: member(rs, "n", strings.Repeat("q", 80)),
			want: `a.yaml:2:6: the RSA key has 480 bits, want at least 2048; less than 1024 is no protection`},
		{name: "for encryption", key: member(rs, "use", "enc"),
			want: `a.yaml:2:6: the JWK is for encryption (use: enc), want one for signing`},
	})
}

func TestASetOfKeysNeedsToKnowWhichOneSigns(t *testing.T) {
	t.Parallel()
	m := made()
	a, b := jwkText(jose.JSONWebKey{Key: m.p256, KeyID: "a"}), jwkText(jose.JSONWebKey{Key: m.rsa, KeyID: "b"})
	bare := jwkText(jose.JSONWebKey{Key: m.p256})
	public := jwkText(jose.JSONWebKey{Key: m.p384.Public(), KeyID: "p"})
	strange := `{"kty":"AKP","kid":"s"}`
	checkRefusals(t, []refusal{
		{name: "several", key: jwks(a, b),
			want: `a.yaml:2:6: 2 keys of the JWKS can sign; choose one with kid; there are: "a", "b"`},
		{name: "several for one alg", alg: "ES256", key: jwks(a, bare, b),
			want: `a.yaml:2:6: 2 keys of the JWKS can sign; choose one with kid; there are: "a" and 1 without`},
		{name: "several without kid", alg: "ES256", key: jwks(bare, bare),
			want: `a.yaml:2:6: 2 keys of the JWKS can sign; choose one with kid; none of them has a kid`},
		{name: "unknown kid", kid: "c", key: jwks(a, b),
			want: `a.yaml:3:6: no key of the JWKS has the kid "c"; there are: "a", "b"`},
		{name: "unknown kid, none has one", kid: "c", key: jwks(bare),
			want: `a.yaml:3:6: no key of the JWKS has the kid "c"; none of them has a kid`},
		{name: "kid of a public key", kid: "p", key: jwks(a, public),
			want: `a.yaml:2:6: the JWK is a public key (it has no d); an assertion is signed with the private key`},
		{name: "only public", key: jwks(public, public),
			want: `a.yaml:2:6: none of the 2 keys in the JWKS can sign; the first: the JWK is a public key (it has no d); an assertion is signed with the private key`},
		{name: "kid of a strange key", kid: "s", key: jwks(a, strange),
			want: `a.yaml:2:6: the JWK's kty is "AKP", want RSA, EC, OKP or oct`},
		{name: "empty", key: jwks(),
			want: `a.yaml:2:6: the JWKS has no keys in it`},
		{name: "no list", key: `{"keys": {}}`,
			want: `a.yaml:2:6: the JWKS's keys is not a list`},
		{name: "no objects", key: `{"keys": [1]}`,
			want: `a.yaml:2:6: key 1 of the JWKS is not an object`},
		{name: "the one key does not fit", alg: "ES384", key: jwks(a, public),
			want: `a.yaml:1:6: the key is an EC key of the curve P-256, ES384 wants an EC key of the curve P-384; alg: ES256 fits the key`},
	})
}

func TestASetOfKeysSignsWithTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	m := made()
	a, b := jwkText(jose.JSONWebKey{Key: m.p256, KeyID: "a"}), jwkText(jose.JSONWebKey{Key: m.rsa, KeyID: "b"})
	rs384 := jwkText(jose.JSONWebKey{Key: m.rsa1024, KeyID: "c", Algorithm: "RS384"})
	public := jwkText(jose.JSONWebKey{Key: m.p384.Public(), KeyID: "p"})
	tests := []struct{ name, yaml, key, alg, kid string }{
		{"by kid", "kid: b", jwks(a, b), "RS256", "b"},
		{"the only private one", "", jwks(public, `{"kty":"AKP"}`, a), "ES256", "a"},
		{"the only one for the alg", "alg: PS256", jwks(a, b, public), "PS256", "b"},
		{"the one that says the alg", "alg: RS384", jwks(a, rs384), "RS384", "c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := inspect(t, mint(t, "key: '{{key}}'\n"+tt.yaml, scope("key", tt.key), assertions.Defaults{Audience: tokenURL}))
			if kid := token.Header["kid"]; token.Algorithm() != tt.alg || kid != tt.kid {
				t.Errorf("got alg %s kid %v, want %s %s", token.Algorithm(), kid, tt.alg, tt.kid)
			}
			if err := token.Verify(tt.key, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKeyEncodingThatDoesNotHoldNamesThePlace(t *testing.T) {
	t.Parallel()
	checkRefusals(t, []refusal{
		{name: "hex", alg: "HS256", encoding: "hex", key: "00ffxx",
			want: `a.yaml:2:6: key_encoding is hex, but the key is not hex (character 5)`},
		{name: "odd hex", alg: "HS256", encoding: "hex", key: "00fff",
			want: `a.yaml:2:6: key_encoding is hex, but the key is not hex (it has 5 characters)`},
		{name: "base64", alg: "HS256", encoding: "base64", key: "ab-_",
			want: `a.yaml:2:6: key_encoding is base64, but the key is not base64 (character 3)`},
		{name: "base64 cut off", alg: "HS256", encoding: "base64", key: "abcde",
			want: `a.yaml:2:6: key_encoding is base64, but the key is not base64 (it has 5 characters)`},
		{name: "base64url", alg: "HS256", encoding: "base64url", key: "ab+/",
			want: `a.yaml:2:6: key_encoding is base64url, but the key is not base64url (character 3)`},
	})
}
