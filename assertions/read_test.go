package assertions_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
)

func jwkOf(key any) ([]byte, error) { return jose.JSONWebKey{Key: key}.MarshalJSON() }

func TestEveryMistakeInTheMappingIsReportedAtItsPlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, yaml string
		want       []string
	}{
		{"unknown key", "key: secret-of-mine\nclaim: {}", []string{`a.yaml:2:1: unknown key "claim"; did you mean "claims"?`}},
		{"no key", "alg: HS256", []string{`a.yaml:1:1: the assertion has no key; name the secret or the private key: key: "{{client_secret}}"`}},
		{"no mapping", "some text", []string{`a.yaml:1:1: want a mapping (key: value), got "some text"`}},
		{"null key", "key:", []string{"a.yaml:1:5: want text, got nothing"}},
		{"null alg", "key: secret-of-mine\nalg:", []string{"a.yaml:2:5: want text, got nothing"}},
		{"unquoted template", "key: {{client_secret}}", []string{`a.yaml:1:6: a value that starts with {{ must be quoted, because { opens a YAML mapping: write "{{client_secret}}"`}},
		{"alg none", "key: secret-of-mine\nalg: none", []string{"a.yaml:2:6: alg none is refused: an assertion must be signed (RFC 7523, section 3)"}},
		{"unknown alg", "key: secret-of-mine\nalg: HS265", []string{`a.yaml:2:6: unknown alg "HS265"; did you mean "HS256"?`}},
		{"unknown encoding", "key: secret-of-mine\nkey_encoding: base46", []string{`a.yaml:2:15: unknown value "base46"; did you mean "base64"?`}},
		{"fixed key that does not fit", "key: secret-of-mine\nalg: RS256", []string{
			"a.yaml:1:6: the key has no -----BEGIN line, want a PEM or a JWK for RS256; a shared secret goes with HS256, HS384 or HS512"}},
		{"fixed placeholder", "key: YOUR_CLIENT_SECRET", []string{"a.yaml:1:6: the key is a placeholder with YOUR in it; set the real one"}},
		{"header with alg", "key: '{{k}}'\nheader: {alg: HS256, typ: JWT,\n  kid: x}", []string{
			"a.yaml:2:10: alg does not belong in header; write it beside header",
			"a.yaml:2:22: typ does not belong in header; write it beside header",
			"a.yaml:3:3: kid does not belong in header; write it beside header"}},
		{"claims are a list", "key: '{{k}}'\nclaims: [iss]", []string{"a.yaml:2:9: want a mapping (key: value), got a list"}},
		{"claim twice", "key: '{{k}}'\nclaims: {iss: a, iss: b}", []string{`a.yaml:2:18: key "iss" stands here a second time; the first is at line 2`}},
		{"aud is a mapping", "key: '{{k}}'\naud: {a: b}", []string{"a.yaml:2:6: want token_url, issuer, a text or a list of them for aud"}},
		{"aud is a number", "key: '{{k}}'\naud: 5", []string{"a.yaml:2:6: want token_url, issuer, a text or a list of them for aud"}},
		{"aud is an empty list", "key: '{{k}}'\naud: []", []string{"a.yaml:2:6: the list of audiences is empty"}},
		{"aud holds a number", "key: '{{k}}'\naud: [a, 5]", []string{"a.yaml:2:10: an audience is a text"}},
		{"lifetime without unit", "key: '{{k}}'\nlifetime: 60", []string{`a.yaml:2:11: want a time span such as 500ms, 5s or 2m, got "60"; say the unit: 60s or 60ms`}},
		{"no lifetime", "key: '{{k}}'\nlifetime: 0s", []string{"a.yaml:2:11: got 0s, want whole seconds, at least 1s: the times in a JWT have no fractions"}},
		{"fraction of a second", "key: '{{k}}'\nlifetime: 1500ms", []string{"a.yaml:2:11: got 1.5s, want whole seconds, at least 1s: the times in a JWT have no fractions"}},
		{"backdate with a fraction", "key: '{{k}}'\nbackdate: 100ms", []string{"a.yaml:2:11: got 100ms, want whole seconds, at least 0s: the times in a JWT have no fractions"}},
		{"not_before", "key: '{{k}}'\nnot_before: soon", []string{`a.yaml:2:13: want true or false, got "soon"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryParse(tt.yaml)
			if want := strings.Join(tt.want, "\n"); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestUsesNamesEveryVariable(t *testing.T) {
	t.Parallel()
	a := parse(t, `alg: "{{a}}"
key: "{{b}}"
kid: "{{c}}"
typ: "{{d}}"
header: {x: "{{e}}"}
claims: {iss: "{{f}}", deep: ["{{g}}"]}
aud: ["{{h}}", "x{{i | default:y}}"]
`)
	var got []string
	for _, u := range a.Uses() {
		got = append(got, fmt.Sprintf("%s %s %v", u.Name, u.Pos, u.Optional))
	}
	slices.Sort(got)
	want := []string{
		"a a.yaml:1:6 false", "b a.yaml:2:6 false", "c a.yaml:3:6 false", "d a.yaml:4:6 false", "e a.yaml:5:13 false",
		"f a.yaml:6:15 false", "g a.yaml:6:31 false", "h a.yaml:7:7 false", "i a.yaml:7:18 true",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestReadStartsAfresh(t *testing.T) {
	t.Parallel()
	a := parse(t, "alg: HS256\nkey: '{{k}}'\nkid: a\naud: issuer\nlifetime: 9m\nclaims: {x: 1}")
	if err := source.Parse("b.yaml", []byte("key: '{{other}}'"), a.Read); err != nil {
		t.Fatal(err)
	}
	if uses := a.Uses(); len(uses) != 1 || uses[0].Name != "other" || a.Warnings() != nil {
		t.Errorf("got %v %v", uses, a.Warnings())
	}
}

func TestAKeyInTheFileItselfIsReadFromABlockScalar(t *testing.T) {
	t.Parallel()
	m := made()
	indented := "  " + strings.ReplaceAll(strings.TrimSpace(pkcs8(m.p256)), "\n", "\n  ")
	for name, yaml := range map[string]string{
		"PEM": "alg: ES256\nkey: |\n" + indented + "\n",
		"JWK": "key: " + string(must(json.Marshal(string(must(jwkOf(m.p256)))))) + "\n",
	} {
		if err := inspect(t, mint(t, yaml+"claims: {aud: x}", scope(), assertions.Defaults{})).Verify(publicPEM(m.p256), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
