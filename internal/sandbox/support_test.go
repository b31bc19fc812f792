package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A bench is a sandbox under test, with the variables of one environment.
type bench struct {
	*testing.T
	sandbox *Sandbox
	vars    map[string]string
}

func newBench(t *testing.T, environment string) bench {
	return benchOn(t, New(Options{}), environment)
}

func benchOn(t *testing.T, s *Sandbox, environment string) bench {
	t.Helper()
	vars := map[string]string{}
	for _, v := range s.Variables(environment) {
		vars[v.Name] = v.Value
	}
	return bench{t, s, vars}
}

// A reply is what came back, with the reason the sandbox noted for it.
type reply struct {
	status int
	header http.Header
	body   string
	reason Reason
}

// member returns a member of a JSON object as text, or "".
func (r reply) member(name string) string {
	var m map[string]any
	if json.Unmarshal([]byte(r.body), &m) != nil {
		return ""
	}
	text, _ := m[name].(string)
	return text
}

// send hands a request to the server of its URL. Headers are name, value, name, value.
func (b bench) send(method, address, body string, headers ...string) reply {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	handler := b.sandbox.Hosts()[u.Host]
	if handler == nil {
		b.Fatalf("no server at %s", u.Host)
	}
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	got := reply{status: w.Code, header: w.Result().Header, body: w.Body.String()}
	if entries := b.sandbox.Entries(); len(entries) > 0 {
		got.reason = entries[len(entries)-1].Reason
	}
	return got
}

// post sends a form given as name, value, name, value.
func (b bench) post(address string, form ...string) reply {
	b.Helper()
	return b.send("POST", address, encodeForm(form...), "Content-Type", formType)
}

func encodeForm(form ...string) string {
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	return values.Encode()
}

type claims map[string]any

// claims are those of a right assertion of the environment's client, changed as given; a nil value takes a claim out.
func (b bench) claims(changes claims) claims {
	now := b.sandbox.Now().Unix()
	c := claims{"iss": b.vars["client_id"], "sub": b.vars["client_id"], "aud": b.vars["token_url"], "iat": now, "exp": now + 60}
	for name, value := range changes {
		c[name] = value
	}
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

// assertion signs the right claims, changed as given, with the client's secret.
func (b bench) assertion(changes claims) string {
	b.Helper()
	return sign(b.T, jose.HS256, []byte(b.vars["client_secret"]), b.claims(changes))
}

func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, c claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// exchange sends an assertion by the JWT bearer flow.
func (b bench) exchange(assertion string) reply {
	b.Helper()
	return b.post(b.vars["token_url"], "grant_type", jwtBearerGrant, "assertion", assertion)
}

// token gets an access token with a scope; "" means the default one.
func (b bench) token(scope string) string {
	b.Helper()
	form := []string{"grant_type", jwtBearerGrant, "assertion", b.assertion(nil)}
	if scope != "" {
		form = append(form, "scope", scope)
	}
	got := b.post(b.vars["token_url"], form...)
	if got.status != http.StatusOK {
		b.Fatalf("no token: %d %s (%s)", got.status, got.body, got.reason)
	}
	return got.member("access_token")
}

// get reads a path below the FHIR base with a token.
func (b bench) get(token, path string, headers ...string) reply {
	b.Helper()
	return b.send("GET", b.vars["fhir_url"]+path, "", append(headers, "Authorization", "Bearer "+token)...)
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// patternToken gets a token of the Pattern Health-like server.
func (b bench) patternToken() reply {
	b.Helper()
	return b.send("POST", b.vars["pattern_url"]+patternTokenPath, "grant_type=client_credentials", "Content-Type", formType,
		"Accept", jsonType, "Authorization", basic(b.vars["pattern_client_id"], b.vars["pattern_client_secret"]))
}

// is fails the test unless the status, the OAuth error code or other "error" member, and the reason are as wanted.
func (r reply) is(t testing.TB, status int, code string, reason Reason) {
	t.Helper()
	if got := r.member("error"); r.status != status || got != code || r.reason != reason {
		t.Errorf("got %d %q (%s), want %d %q (%s); body %s", r.status, got, r.reason, status, code, reason, r.body)
	}
}

// isSilent fails the test unless the answer is a 400 without body and Content-Type.
func (r reply) isSilent(t testing.TB, reason Reason) {
	t.Helper()
	if r.status != http.StatusBadRequest || r.body != "" || r.header.Get("Content-Type") != "" || r.reason != reason {
		t.Errorf("got %d %q %q (%s), want an empty 400 (%s)", r.status, r.header.Get("Content-Type"), r.body, r.reason, reason)
	}
}

const pastToken = accessLife + time.Second

func digestHMAC(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
