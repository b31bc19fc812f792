package assertions_test

import (
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
)

func texts(a *assertions.Assertion) []string {
	var out []string
	for _, w := range a.Warnings() {
		out = append(out, w.Error())
	}
	return out
}

func TestADamagedPEMIsRepairedAndTheRepairReported(t *testing.T) {
	t.Parallel()
	m := made()
	pem := pkcs8(m.p256)
	indent := "    " + strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n    ") + "\n"
	const repaired = "a.yaml:1:6: the PEM was repaired before use: "
	tests := []struct{ name, key, want string }{
		{"whole", pem, ""},
		{"CRLF", strings.ReplaceAll(pem, "\n", "\r\n"), ""},
		{"no line break at the end", strings.TrimSpace(pem), ""},
		{"text before it", "subject=CN=x\n\n" + pem, ""},
		{"parameters before it", block("EC PARAMETERS", []byte{6, 8}) + sec1(m.p256), ""},
		{"certificate before it", certificate(m.p256) + pem, ""},
		{`literal \n`, strings.ReplaceAll(pem, "\n", `\n`), repaired + `\n written for line breaks`},
		{`literal \r\n`, strings.ReplaceAll(pem, "\n", `\r\n`), repaired + `\n written for line breaks`},
		{"double quotes", `"` + pem + `"`, repaired + "quotes around it"},
		{"single quotes and line break", "'" + strings.TrimSpace(pem) + "'\n", repaired + "quotes around it"},
		{"indentation", indent, repaired + "indentation"},
		{"tabs", strings.ReplaceAll(indent, "    ", "\t"), repaired + "indentation"},
		{"byte order mark", "\ufeff" + pem, repaired + "a byte order mark"},
		{"one line", strings.ReplaceAll(pem, "\n", " "), repaired + "everything on one line"},
		{"one line without spaces", strings.ReplaceAll(pem, "\n", ""), repaired + "everything on one line"},
		{"everything", "\ufeff\"" + strings.ReplaceAll(indent, "\n", `\n`) + "\"",
			repaired + `a byte order mark, quotes around it, \n written for line breaks, indentation`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := parse(t, "key: '{{key}}'")
			jwt, err := a.Mint(scope("key", tt.key), assertions.Defaults{Audience: tokenURL})
			if err != nil {
				t.Fatal(err)
			}
			if err := inspect(t, jwt).Verify(publicPEM(m.p256), ""); err != nil {
				t.Error(err)
			}
			if got := strings.Join(texts(a), "\n"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWarningsNameWhatAServerMayRefuse(t *testing.T) {
	t.Parallel()
	m := made()
	rs384 := jwkText(jose.JSONWebKey{Key: m.rsa, KeyID: "a", Algorithm: "RS384"})
	const spaces = "a.yaml:1:6: the secret starts or ends with white space, which is signed with; take it out unless the server has it too"
	tests := []struct {
		name, yaml, key string
		want            []string
	}{
		{"nothing", "alg: HS256\nlifetime: 5m", secret32, nil},
		{"short secret", "", "short", []string{"a.yaml:1:6: the secret has 5 bytes, HS256 wants at least 32 (RFC 7518, section 3.2)"}},
		{"secret short of its alg", "alg: HS512", secret32, []string{"a.yaml:1:6: the secret has 32 bytes, HS512 wants at least 64 (RFC 7518, section 3.2)"}},
		{"line break", "", secret32 + "\n", []string{"a.yaml:1:6: the secret ends with a line break, which is signed with; take it out unless the server has it too"}},
		{"space before", "", " " + secret32, []string{spaces}},
		{"space behind", "", secret32 + "\t", []string{spaces}},
		{"quotes", "", `"` + secret32 + `"`, []string{"a.yaml:1:6: the secret stands in quotes, which are signed with; take them out unless the server has them too"}},
		{"byte order mark", "", "\ufeff" + secret32, []string{"a.yaml:1:6: the secret starts with a byte order mark, which is signed with; take it out unless the server has it too"}},
		{"RSA of 1024 bits", "", pkcs8(m.rsa1024), []string{"a.yaml:1:6: the RSA key has 1024 bits, want at least 2048 (RFC 7518, section 3.3)"}},
		{"another alg than the JWK's", "alg: RS256", rs384, []string{"a.yaml:2:6: alg is RS256, but the JWK says RS384; the server has most likely registered that one"}},
		{"another kid than the JWK's", "kid: b", rs384, []string{`a.yaml:2:6: kid is "b", but the JWK says "a"; the server has most likely registered that one`}},
		{"long lifetime", "lifetime: 6m", secret32, []string{"a.yaml:2:11: the assertion lives 360 s; many servers refuse more than 300 s (SMART App Launch, UDAP)"}},
		{"two audiences", "aud: issuer\nclaims: {aud: x}", secret32, []string{"a.yaml:2:6: aud has no effect, because claims has an aud of its own at line 3"}},
		{"fixed jti", "claims: {jti: once}", secret32, []string{"a.yaml:2:10: jti is the same in every assertion; a server that looks for replays accepts only the first"}},
		{"no jti", "claims: {jti: null}", secret32, nil},
		{"jti of one's own", "claims: {jti: 'x-{{$guid}}'}", secret32, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := parse(t, "key: '{{key}}'\n"+tt.yaml)
			s := scope("key", tt.key)
			for range 2 { // a second assertion adds nothing
				if _, err := a.Mint(s, assertions.Defaults{Audience: tokenURL}); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := strings.Join(texts(a), "\n"), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestTheZeroAssertionMintsNothing(t *testing.T) {
	t.Parallel()
	var a assertions.Assertion
	_, err := a.Mint(scope(), assertions.Defaults{Audience: tokenURL})
	if err == nil || err.Error() != "the assertion has no key" || a.Warnings() != nil || a.Uses() != nil {
		t.Errorf("got %v, warnings %v, uses %v", err, a.Warnings(), a.Uses())
	}
}
