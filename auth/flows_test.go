package auth_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func TestTokenRequestsOfOtherGrantsAreRightByteForByte(t *testing.T) {
	t.Parallel()
	const clientAssertion = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<jwt>"
	for _, c := range []struct{ name, yaml, want string }{
		{
			"password", `
  grant: password
  username: "{{odd}}"
  password: "{{odd}}"
  client_id: c
  scope: a b`,
			"grant_type=password&username=p%40ss%3Aw%2Frd%2B100%25%26%3D+x&password=p%40ss%3Aw%2Frd%2B100%25%26%3D+x&client_id=c&scope=a+b",
		},
		{
			"token-exchange of nobody", `
  grant: token-exchange
  subject_token: st-0001`,
			"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=st-0001&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
		},
		{
			"token-exchange with everything", `
  grant: token-exchange
  client_auth: post
  client_id: c
  client_secret: s3cr
  subject_token: st-0001
  subject_token_type: id_token
  actor_token: at-0001
  actor_token_type: "urn:example:actor"
  requested_token_type: jwt
  audience: https://api.example/
  resource: https://api.example/fhir
  scope: a`,
			"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt" +
				"&subject_token=st-0001&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token" +
				"&actor_token=at-0001&actor_token_type=urn%3Aexample%3Aactor&client_id=c&client_secret=s3cr&scope=a" +
				"&audience=https%3A%2F%2Fapi.example%2F&resource=https%3A%2F%2Fapi.example%2Ffhir",
		},
		{
			"health-gorilla-legacy", `
  profile: health-gorilla-legacy
  client_id: c
  client_secret: "{{key}}"
  scope: user/*.* patient360
  assertion: {claims: {iss: "https://app.example", sub: some.user}}`,
			"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<jwt>&client_id=c&scope=user%2F%2A.%2A+patient360",
		},
		{
			"health-gorilla-legacy by client credentials", `
  profile: health-gorilla-legacy
  grant: client-credentials
  client_id: c
  client_secret: "{{key}}"`,
			"grant_type=client_credentials&client_id=c&client_secret=" + sharedKey,
		},
		{
			"smart-backend-services", `
  profile: smart-backend-services
  client_id: c
  scope: system/*.rs
  assertion: {alg: ES384, key: "{{pem}}", kid: k1}`,
			"grant_type=client_credentials&" + clientAssertion + "&client_id=c&scope=system%2F%2A.rs",
		},
		{
			"udap", `
  profile: udap
  client_id: c
  scope: system/*.rs
  assertion: {alg: ES384, key: "{{pem}}", header: {x5c: [MIIB]}, claims: {extensions: {hl7-b2b: {version: "1"}}}}`,
			"grant_type=client_credentials&" + clientAssertion + "&scope=system%2F%2A.rs&udap=1",
		},
		{
			"udap otherwise", `
  profile: udap
  grant: refresh-token
  client_id: c
  refresh_token: rt-0001
  params: {udap: "2"}
  assertion: {alg: ES384, key: "{{pem}}", header: {x5c: [MIIB]}}`,
			"grant_type=refresh_token&refresh_token=rt-0001&" + clientAssertion + "&udap=2",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: numbered(`,"issued_token_type":"urn:ietf:params:oauth:token-type:jwt"`)}
			s := session(d, "key", sharedKey, "odd", oddSecret, "pem", privatePEM(t))
			same(t, "Authorization", authorize(t, read(t, "oauth2:\n  token_url: "+tokenURL+c.yaml), s), "Bearer token-1")
			got, _ := takeJWT(dump(d.calls[0].Request))
			same(t, "token request", got, formHead+formType+c.want)
		})
	}
}

func TestProfilesSignAsTheirSourcesSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{
			"health-gorilla-legacy", "  profile: health-gorilla-legacy\n  client_secret: \"{{key}}\"\n  assertion: {claims: {iss: \"https://app.example\", sub: some.user}}",
			"HS256 iss=https://app.example sub=some.user aud=" + tokenURL,
		},
		{"smart-backend-services", "  profile: smart-backend-services\n  scope: s\n  assertion: {key: \"{{rsa}}\", kid: k1}", "RS384 iss=c sub=c aud=" + tokenURL},
		{"udap", "  profile: udap\n  assertion: {key: \"{{rsa}}\", header: {x5c: [\"{{x5c}}\"]}, claims: {extensions: {}}}", "RS256 iss=c sub=c aud=" + tokenURL},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: numbered("")}
			authorize(t, read(t, "oauth2:\n  token_url: "+tokenURL+"\n  client_id: c\n"+c.yaml), session(d, "key", sharedKey, "rsa", rsaPEM(t), "x5c", certificate(t)))
			form, _ := url.ParseQuery(string(d.calls[0].Request.Body))
			alg, key := jose.HS256, any([]byte(sharedKey))
			if !strings.HasPrefix(c.want, "HS256") {
				alg, key = jose.SignatureAlgorithm(c.want[:5]), rsaKey().Public()
			}
			claims, header := signed(t, d.calls[0], alg, key)
			same(t, "assertion", fmt.Sprintf("%s iss=%s sub=%s aud=%s", header.Algorithm, claims["iss"], claims["sub"], claims["aud"]), c.want)
			if form.Get("client_id") == "" && !strings.HasPrefix(c.name, "udap") {
				t.Error("got no client_id")
			}
		})
	}
}

// certificate is a certificate of rsaKey as x5c has it.
func certificate(t *testing.T) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, rsaKey().Public(), rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestAGrantThatIsAnAssertionGoesWithAClientThatSignsOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml string }{
		{"both private", `client_auth: private_key_jwt, assertion: {alg: ES384, key: "{{pem}}", claims: {iss: i, sub: patient}}, client_assertion: {alg: ES384, key: "{{pem}}"}`},
		{"by the algorithm", `assertion: {alg: ES384, key: "{{pem}}", claims: {iss: i, sub: patient}}, client_assertion: {alg: ES384, key: "{{pem}}"}`},
		{"a shared client's", `client_auth: client_secret_jwt, client_secret: "{{key}}", assertion: {alg: ES384, key: "{{pem}}", claims: {iss: i, sub: patient}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: numbered("")}
			a := read(t, `oauth2: {grant: jwt-bearer, token_url: "`+tokenURL+`", client_id: c, scope: a, `+c.yaml+`}`)
			authorize(t, a, session(d, "pem", privatePEM(t), "key", sharedKey))
			form, err := url.ParseQuery(string(d.calls[0].Request.Body))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "order", names(string(d.calls[0].Request.Body)), "grant_type assertion client_assertion_type client_assertion client_id scope")
			alg, key := jose.ES384, any(signingKey().Public())
			same(t, "grant", subject(t, form.Get("assertion"), alg, key), "i patient "+tokenURL)
			if c.name == "a shared client's" {
				alg, key = jose.HS256, []byte(sharedKey)
			}
			same(t, "client", subject(t, form.Get("client_assertion"), alg, key), "c c "+tokenURL)
		})
	}
}

func subject(t *testing.T, text string, alg jose.SignatureAlgorithm, key any) string {
	t.Helper()
	parsed, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Iss string `json:"iss"`
		Sub string `json:"sub"`
		Aud string `json:"aud"`
	}
	if err := parsed.Claims(key, &claims); err != nil {
		t.Fatal(err)
	}
	return claims.Iss + " " + claims.Sub + " " + claims.Aud
}

// names returns the names of a form's parameters in their order.
func names(form string) string {
	var all []string
	for piece := range strings.SplitSeq(form, "&") {
		name, _, _ := strings.Cut(piece, "=")
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func TestAnExchangedTokenIsOfTheTypeThatWasWanted(t *testing.T) {
	t.Parallel()
	const exchange = `oauth2: {grant: token-exchange, token_url: "` + tokenURL + `", subject_token: st-0001`
	const jwtType = "urn:ietf:params:oauth:token-type:jwt"
	for _, c := range []struct{ name, yaml, body, err, notes string }{
		{"as wanted", ", requested_token_type: jwt", `"token_type":"Bearer","issued_token_type":"` + jwtType + `"`, "", ""},
		{"any", "", `"token_type":"Bearer","issued_token_type":"` + jwtType + `"`, "", ""},
		{"silent", ", requested_token_type: jwt", `"token_type":"Bearer"`, "", "the answer has no issued_token_type, which RFC 8693, section 2.2.1, requires"},
		{
			"another", ", requested_token_type: access_token", `"token_type":"Bearer","issued_token_type":"` + jwtType + `"`,
			said + `200 OK with issued_token_type "` + jwtType + `", want "urn:ietf:params:oauth:token-type:access_token" as requested_token_type says`, "",
		},
		{
			"no access token", "", `"token_type":"N_A","issued_token_type":"` + jwtType + `"`,
			said + `200 OK with token_type "N_A", want "Bearer"; if the API takes such a token as it is, say token_type: N_A`, "",
		},
		{"no access token, taken", ", token_type: N_A", `"token_type":"N_A","issued_token_type":"` + jwtType + `"`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: says(200, "application/json", `{"access_token":"abcdef",`+c.body+`}`)}
			req := request()
			err := read(t, exchange+c.yaml+"}").Authorize(t.Context(), req, session(d))
			if c.err != "" {
				same(t, "error", fmt.Sprint(err), c.err)
				return
			}
			same(t, "Authorization", req.Header.Get("Authorization"), "Bearer abcdef")
			same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), c.notes)
		})
	}
}

func TestGrantsWithoutASecretHintAtWhatTheySend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ yaml, want string }{
		{"grant: password, client_id: c, username: u, password: p0ssword", "check: username and password"},
		{"grant: token-exchange, subject_token: st-0001", "check: subject_token, which may have ended or be of another subject_token_type"},
	} {
		d := &desk{answer: says(400, "application/json", `{"error":"invalid_grant"}`)}
		s := session(d)
		err := read(t, `oauth2: {token_url: "`+tokenURL+`", `+c.yaml+`}`).Authorize(t.Context(), request(), s)
		same(t, c.yaml, fmt.Sprint(err), said+"400 Bad Request with the error invalid_grant\n"+c.want)
		if sent := dump(d.calls[0].Request); s.Scope.Redact(sent) == sent {
			t.Errorf("%s: got nothing hidden", c.yaml)
		}
	}
}

func TestAScopeThatIsNotGrantedIsNoted(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`,"scope":"a b c"`: "",
		`,"scope":"b"`:     `the server granted the scope "b", without a c`,
		``:                 "",
	} {
		d := &desk{answer: numbered(body)}
		authorize(t, read(t, strings.Replace(seconds, "{", "{scope: a b c, ", 1)), session(d))
		same(t, body, strings.Join(d.calls[0].Notes(), "\n"), want)
	}
}
