package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

// refusal is an answer with a challenge to a request.
func refusal(req *wire.Request, header, challenge string) *wire.Exchange {
	r := response(401, "", "")
	r.URL = req.URL
	r.Header.Add(header, challenge)
	return &wire.Exchange{Request: *req, Response: r}
}

// dance sends a request as a runner does: once, and once more where the answer makes it worthwhile. It returns the last one.
func dance(t *testing.T, a auth.Authorizer, s auth.Session, make func() *wire.Request, challenge string) (*wire.Request, string) {
	t.Helper()
	first := make()
	if err := a.Authorize(t.Context(), first, s); err != nil {
		t.Fatal(err)
	}
	why := a.(auth.Observer).Observe(refusal(first, "Www-Authenticate", challenge), s)
	second := make()
	if err := a.Authorize(t.Context(), second, s); err != nil {
		t.Fatal(err)
	}
	return second, why
}

// The examples of RFC 7616, sections 3.9.1 and 3.9.2, of RFC 2617, section 3.5, and of RFC 2069, section 2.4 as corrected.
func TestDigestAnswersAsTheExamplesOfTheRFCs(t *testing.T) {
	t.Parallel()
	const (
		mufasa = `digest: {username: Mufasa, password: "{{p}}", client_nonce: f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ%s}`
		asked  = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=%s, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
		answer = `Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", algorithm=%s, qop=auth, nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", response="%s", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	)
	for _, c := range []struct{ name, yaml, password, url, challenge, want string }{
		{"MD5", fmt.Sprintf(mufasa, ""), "Circle of Life", "http://www.example.org/dir/index.html", fmt.Sprintf(asked, "MD5"), fmt.Sprintf(answer, "MD5", "8ca523f5e9506fed4657c9700eebdbec")},
		{"SHA-256", fmt.Sprintf(mufasa, ""), "Circle of Life", "http://www.example.org/dir/index.html", fmt.Sprintf(asked, "SHA-256"), fmt.Sprintf(answer, "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")},
		{"RFC 7616 SHA-512-256 and userhash", `digest: {username: Jäsøn Doe, password: "{{p}}", client_nonce: NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v}`, "Secret, or not?", "http://api.example.org/doe.json",
			`Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true`,
			`Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", realm="api@example.org", nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", uri="/doe.json", algorithm=SHA-512-256, qop=auth, nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", userhash=true`},
		{"RFC 2617", `digest: {username: Mufasa, password: "{{p}}", client_nonce: 0a4f113b}`, "Circle Of Life", "http://www.nowhere.org/dir/index.html",
			`Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			`Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"`},
		{"RFC 2069", `digest: {username: Mufasa, password: "{{p}}"}`, "CircleOfLife", "http://www.nowhere.org/dir/index.html",
			`Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			`Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := session(nil, "p", c.password)
			req, why := dance(t, read(t, c.yaml), s, func() *wire.Request { return &wire.Request{Method: "GET", URL: c.url} }, c.challenge)
			same(t, "why", why, "the server asked for a digest and was given it")
			same(t, "header", req.Header.Get("Authorization"), c.want)
			if strings.Contains(req.Header.Get("Authorization"), c.password) || strings.Contains(s.Scope.Redact("x "+c.password), c.password) {
				t.Error("the password is in clear")
			}
		})
	}
}

func TestDigestCountsItsAnswersToANonce(t *testing.T) {
	t.Parallel()
	a, s := read(t, `digest: {username: u, password: "{{p}}"}`), session(nil, "p", "hush-hush")
	dance(t, a, s, request, `Digest realm="r", nonce="n-1", qop="auth"`)
	header := authorize(t, a, s)
	for _, part := range []string{`nonce="n-1"`, "nc=00000002"} {
		if !strings.Contains(header, part) {
			t.Errorf("got %s, want %s in it", header, part)
		}
	}
	carried := request()
	carried.Header.Set("Authorization", header)
	if got := a.(auth.Observer).Observe(refusal(carried, "Www-Authenticate", `Digest realm="r", nonce="n-1", qop="auth"`), s); got != "" {
		t.Errorf("got %q for the question that was answered, want no further attempt", got)
	}
	got := a.(auth.Observer).Observe(refusal(carried, "Www-Authenticate", `Digest realm="r", nonce="n-2", qop="auth", stale=true`), s)
	same(t, "why", got, "the server ended the nonce of the digest and gave another")
	if header = authorize(t, a, s); !strings.Contains(header, `nonce="n-2"`) || !strings.Contains(header, "nc=00000001") {
		t.Errorf("got %s", header)
	}
	carried.Header.Set("Authorization", header)
	ok := &wire.Exchange{Request: *carried, Response: &wire.Response{Status: 200, URL: carried.URL, Header: http.Header{"Authentication-Info": {`qop=auth, nextnonce="n-3"`}}}}
	same(t, "why", a.(auth.Observer).Observe(ok, s), "")
	if header = authorize(t, a, s); !strings.Contains(header, `nonce="n-3"`) || !strings.Contains(header, "nc=00000001") {
		t.Errorf("got %s", header)
	}
	other := s
	other.Name = "bob"
	same(t, "header of another session", authorize(t, a, other), "")
	same(t, "header of another block", authorize(t, read(t, `digest: {username: u, password: "{{p}}", qop: auth-int}`), s), "")
}

func TestDigestChoosesWhatItCanAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, challenge, want string }{
		{"the first that is known", `digest: {username: u, password: p123}`, `Digest realm="r", nonce="a", algorithm=SHA-1024, Digest realm="r", nonce="b", algorithm=SHA-256, Digest realm="r", nonce="c", algorithm=MD5`, "algorithm=SHA-256"},
		{"the one that is wanted", `digest: {username: u, password: p123, algorithm: MD5}`, `Digest realm="r", nonce="b", algorithm=SHA-256, Digest realm="r", nonce="c"`, `nonce="c"`},
		{"integrity", `digest: {username: u, password: p123, qop: auth-int}`, `Digest realm="r", nonce="b", qop="auth,auth-int"`, "qop=auth-int"},
		{"integrity alone", `digest: {username: u, password: p123}`, `Digest realm="r", nonce="b", qop="auth-int"`, "qop=auth-int"},
		{"another realm's quote", `digest: {username: 'a"b', password: p123}`, `Digest realm="the \"r\"", nonce="b"`, `username="a\"b", realm="the \"r\""`},
		{"letters beyond ASCII", `digest: {username: Jäsøn, password: p123}`, `Digest realm="r", nonce="b"`, `username*=UTF-8''J%C3%A4s%C3%B8n`},
		{"with others", `digest: {username: u, password: p123}`, `Basic realm="x", Digest realm="r", nonce="b"`, `nonce="b"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req, _ := dance(t, read(t, c.yaml), session(nil), request, c.challenge)
			if got := req.Header.Get("Authorization"); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s in it", got, c.want)
			}
		})
	}
}

func TestDigestAnswersAheadWithWhatTheBlockBrings(t *testing.T) {
	t.Parallel()
	a := read(t, `digest: {username: Mufasa, password: Circle Of Life, realm: testrealm@host.com, nonce: dcd98b7102dd2f0e8b11d0f600bfb0c093, qop: auth, nonce_count: "00000001", client_nonce: 0a4f113b}`)
	req := &wire.Request{Method: "GET", URL: "http://www.nowhere.org/dir/index.html"}
	if err := a.Authorize(t.Context(), req, session(nil)); err != nil {
		t.Fatal(err)
	}
	if got := req.Header.Get("Authorization"); !strings.Contains(got, `response="6629fae49393a05397450978507c4ef1"`) {
		t.Errorf("got %s", got)
	}
}

func TestDigestSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`digest: {username: u}`:                                  `a.yaml:1:9: digest needs password; add password: "{{password}}"`,
		`digest: {username: u, password: p, nonce: n}`:           `a.yaml:1:9: digest has a nonce and no realm; a server gives both with its challenge, so leave both out or write both`,
		`digest: {username: u, password: p, algorithm: sha-256}`: `a.yaml:1:47: unknown value "sha-256"; did you mean "SHA-256"?`,
		`digest: {username: u, password: p, passwort: q}`:        `a.yaml:1:36: unknown key "passwort"; did you mean "password"?`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	const challenge = `Digest realm="The other", nonce="n"`
	for yaml, want := range map[string]string{
		`digest: {username: u, password: "{{v}}"}`:                                       `a.yaml:1:33: password is empty`,
		`digest: {username: "u\n", password: p}`:                                         `a.yaml:1:20: username has a line break or another control character; trim it: {{name | trim}}`,
		`digest: {username: u, password: p, realm: Mine}`:                                `a.yaml:1:43: the server asks for the password of realm "The other", and realm: says "Mine"; nothing was answered`,
		`digest: {username: u, password: p, qop: auth-int}`:                              `a.yaml:1:41: the server does not offer qop auth-int`,
		`digest: {username: u, password: p, realm: The other, nonce: n, nonce_count: x}`: `a.yaml:1:77: want nonce_count as a hexadecimal number of at least 1, such as 00000001, got "x"`,
		`digest: {username: u, password: p, algorithm: "{{w}}"}`:                         `a.yaml:1:47: unknown algorithm "MD6"; did you mean "MD5"?`,
	} {
		a, s := read(t, yaml), session(nil, "v", "", "w", "MD6")
		if !strings.Contains(yaml, "nonce:") {
			a.(auth.Observer).Observe(refusal(request(), "Www-Authenticate", challenge), s)
		}
		same(t, yaml, refused(t, a, s, request()), want)
	}
}
