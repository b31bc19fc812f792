package assertions

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// The key sets and JWTs that SMART App Launch publishes as examples for client-confidential-asymmetric.
const (
	smartPayload = `{"iss":"https://bili-monitor.example.com","sub":"https://bili-monitor.example.com",` +
		`"aud":"https://authorize.smarthealthit.org/token","exp":1422568860,"jti":"random-non-reusable-jwt-id-123"}`

	smartRS384Header = `{"alg":"RS384","kid":"eee9f17a3b598fd86417a980b591fbe6","typ":"JWT"}`
	smartRS384N      = "wJq2RHIA-7RT6q4go7wjcbHdW7ck7Kz22A8wf-kN7Wi5CWvhFG2_Y7nQp1lDpb2IKMQr-Q4n_vgJ6d5rWPspJpSPY7iffUK4ipQCEbzID5DJ6f" +
		"QMBZOfCTXyxkuMh3jYGKEF3Ziw2oxbM1H9j-eJAPtrj5stUG6kVoXowegdox-bSjWP0iI5PnkwUNzcekLMug4M3LRluEQgGR9O_BAML6-w3igZ" +
		"_rZA_gunyrLAMbfmCVaceW5ohLp679kyM7U6W2gDK_NbkDKcINUakVmPeoG5h8RzgGzvGrySR0k0VDFiZv60Ua07DqHTeDGH9e4NV07AECae-o" +
		"ykIj5NDCs3pw"
	smartRS384Public = `{"kty":"RSA","alg":"RS384","n":"` + smartRS384N + `","e":"AQAB","key_ops":["verify"],"ext":true,"kid":"eee9f17a3b598fd86417a980b591fbe6"}`
	smartRS384Key    = `{"keys":[` + smartRS384Public + `,{"kty":"RSA","alg":"RS384","n":"` + smartRS384N + `","e":"AQAB",` +
		`"d":"O7k9v6eiSmq2gtUP5fXW_9BplaEK4CEaQhEjtuYrnWyVxCghmVYWvPPHkb0KTwCgkhOSlx4epN-BI3YGz4bCUeZLOF7thcgEtWQD6EAjwT_ifJ` +
		`tihvAppo-GAps2rmN4jtqPmRFZ9csEFLvd5pujThyoU9WIjaJhbzsC2-4AEq6WgCDsjdxJ9AXz379vUaoSFAk_ETMRnFSUP-dCJqi_yUrS5h2T` +
		`r6rosKP3I_93tt2p2wtOfIjaq7fYipXS7_daHh7hSehEcRHkHI3faaDKY0UwqJa4icHtbX8KgayP6NPUQ-Xv8GMIii3cksRqktDuODHgqGpfkO` +
		`Cii4loS0B-wQ",` +
		`"p":"58yRMh3SBFkK0n9ulWDADANqXVGwozMHf9m5nh0sDFSy9v8dTCvTBbzP2wN4pP0cYhIrPYyeBm724lvp7FFzgIz7u2UUIU_Q2-x5VWPy97ZI-V` +
		`5_eooC58y8DdNbi89D4TzsTJaraEhcqcFH2gI4R-RP01ViKDg2EOzYu2105xE",` +
		`"q":"1LaQOiUsaGO7T7aIKgLxvLs7uEekqoSN3tl-ALZxO8RhUyRYjmtH51aKLq8bublqM3XoXBSA4TVm07qUBmWKfHCCz8QhorDFDVgVlEGUMcdmyB` +
		`moH5RaEMj4R19oG7C-emP3TFCfzjlnRELuP3v-HdEe6SxoADQwYzyAjduSYzc",` +
		`"key_ops":["sign"],"ext":true,"kid":"eee9f17a3b598fd86417a980b591fbe6"}]}`
	smartRS384Signature = "D5kAqNJwaftCqsRdVVQDq6dMBxuGFOF5svQJuXbcYp-oEyg5qOwK9ZE5cGLTHxqwfpUPNzRKgVdIGuhawAA-8g0s1nKQae8CuKs33hhKh4J34x" +
		"SEwW3MYs1gwI4GHTtR_g3kYSX6QCi14Ed3GIAvYFgqRqt-gD7sewMUXL4SB8I8cXcDbCqVizm7uPVhjw6QaeKZygJJ_AVLhM4Xs9LTy4HAhdCH" +
		"pN0FrNmCerUIYJvHDpcod7A0jDmxdoeW1KIBYlhdhQNwjtsTvT1ce4qacN_3KIv_fIzCKLIgDv9eWxkjAtxOmIm8aW5gX9xX7X0nbd0QglIyii" +
		"c_bZVNNEh0kg"

	smartES384Header    = `{"alg":"ES384","kid":"cd520211e5661dbba2256f67f6d53f97","typ":"JWT"}`
	smartES384Point     = `"kty":"EC","crv":"P-384","x":"pyqburM9y8HPcFhNosDW6ngoVEJitqXi_HJgI5hYqX21PoFDwCbYirGy_o0oapIU","y":"95bxkCnMKoHvgbcPAIAcgzzu8scd81mXfM_IzuJFNfkUNkGYBFGvuEU1KPi5j1ob","ext":true,"kid":"cd520211e5661dbba2256f67f6d53f97","alg":"ES384"`
	smartES384Key       = `{"keys":[{` + smartES384Point + `},{"d":"hQCNmfvZEUjOon8zLc0bULlmrDPFHrieFHRVZUGMuiQscx9IO7MT03TsaCPdPv0u",` + smartES384Point + `}]}`
	smartES384Signature = "ddl5N8dt5PYI_7syKg_dm1wj1LR3dYVztFlTODs6pU1vKH1Zv3d9NctbnAsZ4aZ1K7HE83_fA_hIAL0JsU1GoB7roLmrpj8zfygG9Q1ZBAmKNo" +
		"R60pyONPZsGTihoR29"
)

func smartJWT(header, signature string) string {
	return encodeSegments([]byte(header), []byte(smartPayload)) + "." + signature
}

func TestThePublishedRS384ExampleIsReproducedByteForByte(t *testing.T) {
	t.Parallel()
	var r ring
	s, f := r.signer(want{key: smartRS384Key})
	if f != nil {
		t.Fatal(f.err)
	}
	got, err := s.sign([]byte(smartRS384Header), []byte(smartPayload))
	if err != nil {
		t.Fatal(err)
	}
	if want := smartJWT(smartRS384Header, smartRS384Signature); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestThePublishedExamplesVerify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, jwt, key string }{
		{"RS384", smartJWT(smartRS384Header, smartRS384Signature), `{"keys":[` + smartRS384Public + `]}`},
		{"RS384 with the private set", smartJWT(smartRS384Header, smartRS384Signature), smartRS384Key},
		{"ES384", smartJWT(smartES384Header, smartES384Signature), `{` + smartES384Point + `}`},
		{"ES384 with the private set", smartJWT(smartES384Header, smartES384Signature), smartES384Key},
	} {
		token, err := Inspect(tt.jwt)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if err := token.Verify(tt.key, ""); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		flipped := []byte(tt.jwt)
		flipped[len(flipped)-10] ^= 1 // a letter becomes another, or - becomes , and Inspect refuses it
		if bad, err := Inspect(string(flipped)); err == nil && bad.Verify(tt.key, "") == nil {
			t.Errorf("%s: a changed signature verifies", tt.name)
		}
	}
}

func TestASMARTClientSignsWithItsPublishedSet(t *testing.T) {
	t.Parallel()
	for _, key := range []string{smartRS384Key, smartES384Key} {
		a := &Assertion{}
		if err := source.Parse("a.yaml", []byte(`key: "{{jwks}}"`), a.Read); err != nil {
			t.Fatal(err)
		}
		s := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"jwks": {Text: key, Secret: true}}})
		jwt, err := a.Mint(s, Defaults{Audience: "https://authorize.smarthealthit.org/token", ClientID: "https://bili-monitor.example.com"})
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(jwt, ".")
		raw, err := base64.RawURLEncoding.DecodeString(header)
		if err != nil {
			t.Fatal(err)
		}
		token, err := Inspect(jwt)
		if err != nil {
			t.Fatal(err)
		}
		wantHeader := `{"alg":"` + token.Algorithm() + `","typ":"JWT","kid":"` + token.Header["kid"].(string) + `"}`
		if string(raw) != wantHeader || token.Verify(key, "") != nil {
			t.Errorf("got header %s (%v), want %s", raw, token.Verify(key, ""), wantHeader)
		}
	}
}
