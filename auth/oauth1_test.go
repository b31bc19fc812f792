package auth_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

func formRequest(method, at, body string) *wire.Request {
	return &wire.Request{Method: method, URL: at, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(body)}
}

// The exchange of RFC 5849, section 1.2, and the request of section 3.4.1.1, whose signature section 3.1 shows (with the secrets that
// its erratum 2550 names).
func TestOAuth1SignsAsTheExamplesOfRFC5849(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		req        *wire.Request
		want       string
	}{
		{"temporary credentials", `oauth1: {consumer_key: dpf43f3p2l4k3l03, consumer_secret: kd94hf93k423kf44, timestamp: "137131200", nonce: wIjqoS, version: "", realm: Photos, callback: "http://printer.example.com/ready"}`,
			&wire.Request{Method: "POST", URL: "https://photos.example.net/initiate"},
			`OAuth realm="Photos", oauth_callback="http%3A%2F%2Fprinter.example.com%2Fready", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="wIjqoS", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131200", oauth_signature="74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D"`},
		{"a photo", `oauth1: {consumer_key: dpf43f3p2l4k3l03, consumer_secret: kd94hf93k423kf44, token: nnch734d00sl2jdk, token_secret: pfkkdhi9sl3r4s00, signature_method: HMAC-SHA1, timestamp: "137131202", nonce: chapoH, version: "", realm: Photos}`,
			&wire.Request{Method: "GET", URL: "http://photos.example.net/photos?file=vacation.jpg&size=original"},
			`OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="chapoH", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_token="nnch734d00sl2jdk", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`},
		{"odd parameters", `oauth1: {consumer_key: 9djdj82h48djs9d2, consumer_secret: j49sk3j29djd, token: kkk9d7dh3k39sjv7, token_secret: dh893hdasih9, timestamp: "137131201", nonce: 7d8f3e4a, version: "", realm: Example}`,
			formRequest("POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "c2&a3=2+q"),
			`OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_nonce="7d8f3e4a", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_token="kkk9d7dh3k39sjv7", oauth_signature="r6%2FTJjbCOr97%2F%2BUU0NsvSne7s5g%3D"`},
		{"plain", `oauth1: {consumer_key: jd83jd92dhsh93js, consumer_secret: ja893SD9, token: hdk48Djdsa, token_secret: "xyz4992k83j47x0b", signature_method: PLAINTEXT, timestamp: "1", nonce: n}`,
			&wire.Request{Method: "POST", URL: "https://server.example.com/x"},
			`OAuth oauth_consumer_key="jd83jd92dhsh93js", oauth_nonce="n", oauth_signature_method="PLAINTEXT", oauth_timestamp="1", oauth_token="hdk48Djdsa", oauth_version="1.0", oauth_signature="ja893SD9%26xyz4992k83j47x0b"`},
		{"empty parameters", `oauth1: {consumer_key: k, consumer_secret: s, signature_method: PLAINTEXT, timestamp: "1", nonce: n, empty_params: true}`,
			&wire.Request{Method: "POST", URL: "https://server.example.com/x"},
			`OAuth oauth_callback="", oauth_consumer_key="k", oauth_nonce="n", oauth_signature_method="PLAINTEXT", oauth_timestamp="1", oauth_token="", oauth_verifier="", oauth_version="1.0", oauth_signature="s%26"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := string(c.req.Body)
			if err := read(t, c.yaml).Authorize(t.Context(), c.req, session(nil)); err != nil {
				t.Fatal(err)
			}
			same(t, "header", c.req.Header.Get("Authorization"), c.want)
			same(t, "body", string(c.req.Body), body)
		})
	}
}

// The example of the extension OAuth Request Body Hash, with the hash of an empty body.
func TestOAuth1HashesABodyThatIsNoForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, body, want string }{
		{"HMAC-SHA1", "Hello World!", "Lve95gjOVATpfV8EL5X4nxwjKHE="},
		{"HMAC-SHA1", "", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
		{"HMAC-SHA256", "Hello World!", "f4OxZX/x/FO5LcGBSKHWXfwtSx+j1ncoSt3SABJtkGk="},
	} {
		req := &wire.Request{Method: "PUT", URL: "http://www.example.com/resource", Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(c.body)}
		yaml := fmt.Sprintf(`oauth1: {consumer_key: key, consumer_secret: secret, signature_method: %s, body_hash: true}`, c.method)
		if err := read(t, yaml).Authorize(t.Context(), req, session(nil)); err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Authorization"); !strings.Contains(got, `oauth_body_hash="`+url.QueryEscape(c.want)+`"`) {
			t.Errorf("%s: got %s, want %s in it", c.method, got, c.want)
		}
	}
	form := formRequest("POST", "http://www.example.com/", "a=b")
	if err := read(t, `oauth1: {consumer_key: key, consumer_secret: secret, body_hash: true}`).Authorize(t.Context(), form, session(nil)); err != nil {
		t.Fatal(err)
	}
	if got := form.Header.Get("Authorization"); strings.Contains(got, "oauth_body_hash") {
		t.Errorf("a form has a body hash: %s", got)
	}
}

func TestOAuth1PutsItsParametersWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	const parameters = "oauth_consumer_key=k&oauth_nonce=n&oauth_signature_method=PLAINTEXT&oauth_timestamp=1&oauth_version=1.0&oauth_signature=s%2520s%26"
	const yaml = `oauth1: {consumer_key: k, consumer_secret: "s s", signature_method: PLAINTEXT, timestamp: "1", nonce: n, in: %s}`
	for _, c := range []struct{ in, url, body, want string }{
		{"query", "https://x.example/a", "b=c", "POST https://x.example/a?" + parameters + "\nContent-Type: application/x-www-form-urlencoded\n\nb=c"},
		{"query", "https://x.example/a?", "b=c", "POST https://x.example/a?" + parameters + "\nContent-Type: application/x-www-form-urlencoded\n\nb=c"},
		{"query", "https://x.example/a?z=%2f", "b=c", "POST https://x.example/a?z=%2f&" + parameters + "\nContent-Type: application/x-www-form-urlencoded\n\nb=c"},
		{"body", "https://x.example/a?z=%2f", "b=c", "POST https://x.example/a?z=%2f\nContent-Type: application/x-www-form-urlencoded\n\nb=c&" + parameters},
		{"body", "https://x.example/a", "", "POST https://x.example/a\nContent-Type: application/x-www-form-urlencoded\n\n" + parameters},
	} {
		req := formRequest("POST", c.url, c.body)
		if err := read(t, fmt.Sprintf(yaml, c.in)).Authorize(t.Context(), req, session(nil)); err != nil {
			t.Fatal(err)
		}
		same(t, c.in, dump(*req), c.want)
	}
}

func TestOAuth1SignsWithAPrivateKey(t *testing.T) {
	t.Parallel()
	pem, public := rsaPEM(t), &rsaKey().PublicKey
	s := session(nil, "pem", pem)
	req := &wire.Request{Method: "GET", URL: "https://x.example/a"}
	a := read(t, `oauth1: {consumer_key: k, private_key: "{{pem}}", signature_method: RSA-SHA256, timestamp: "1", nonce: n}`)
	if err := a.Authorize(t.Context(), req, s); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(req.Header.Get("Authorization"), `oauth_signature="`)
	text, err := url.QueryUnescape(strings.TrimSuffix(text, `"`))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("GET&https%3A%2F%2Fx.example%2Fa&oauth_consumer_key%3Dk%26oauth_nonce%3Dn%26oauth_signature_method%3DRSA-SHA256%26oauth_timestamp%3D1%26oauth_version%3D1.0"))
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature); err != nil {
		t.Error(err)
	}
	if shown := s.Scope.Redact(pem); strings.Contains(shown, "PRIVATE") {
		t.Errorf("the key is shown: %s", shown)
	}
}

func TestOAuth1SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`oauth1: {consumer_key: k}`:                                             `a.yaml:1:9: oauth1 needs consumer_secret; add consumer_secret: "{{consumer_secret}}"`,
		`oauth1: {consumer_key: k, signature_method: RSA-SHA1}`:                 `a.yaml:1:9: oauth1 with RSA-SHA1 needs private_key; add private_key: "{{private_key}}"`,
		`oauth1: {consumer_key: k, consumer_secret: s, private_key: p}`:         `a.yaml:1:9: private_key has no use: only the methods RSA-SHA1, RSA-SHA256 and RSA-SHA512 sign with one; add signature_method: RSA-SHA256, or remove the key`,
		`oauth1: {consumer_key: k, consumer_secret: s, signature_method: SHA1}`: `a.yaml:1:65: unknown value "SHA1"; known here: HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, RSA-SHA1, RSA-SHA256, RSA-SHA512, PLAINTEXT`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	for yaml, want := range map[string]string{
		`oauth1: {consumer_key: k, consumer_secret: s, in: body}`:                       `a.yaml:1:9: in: body puts the parameters into a form, and this request has none (RFC 5849, section 3.5.2); use in: header or in: query`,
		`oauth1: {consumer_key: "{{v}}", consumer_secret: s}`:                           `a.yaml:1:24: consumer_key is empty`,
		`oauth1: {consumer_key: k, private_key: "{{key}}", signature_method: RSA-SHA1}`: `a.yaml:1:40: the key is empty; set the secret that it comes from`,
	} {
		same(t, yaml, refused(t, read(t, yaml), session(nil, "v", "", "key", ""), request()), want)
	}
	taken := request()
	taken.URL += "?oauth_signature=x"
	same(t, "query", refused(t, read(t, `oauth1: {consumer_key: k, consumer_secret: s, in: query}`), session(nil), taken),
		"a.yaml:1:9: the request has an oauth_signature of its own, and auth: oauth1 would write another; remove it, or give the request auth: none")
}
