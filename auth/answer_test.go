package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	pattern = "oauth2: {profile: pattern-health, token_url: \"" + tokenURL + "\", client_id: my-client, client_secret: s3cr}"
	gorilla = "oauth2: {profile: health-gorilla, token_url: \"" + tokenURL + "\", client_id: my-client, client_secret: " + sharedKey + "}"
	seconds = "oauth2: {grant: client-credentials, client_auth: none, token_url: \"" + tokenURL + "\", client_id: my-client}"
)

// said is what every refusal begins with.
const said = "a.yaml:1:9: no access token: the token endpoint answered "

const (
	checkPair = "\ncheck: client_id \"my-client\" and client_secret (client_auth: basic)"
	checkJWT  = "\ncheck: the assertion has aud \"https://as.example/oauth/token\", iss \"my-client\", sub \"my-client\" and lives 60 s; then the key that the server knows (alg HS256) and the clocks"
	checkNone = "\ncheck: no client authentication was sent (client_auth: none); a client with a secret needs basic or post"
	otherPage = "\nthe request went to https://as.example/oauth/token, which may be another page, or a login page or proxy before it"
)

func TestEveryRefusalExplainsItself(t *testing.T) {
	t.Parallel()
	const jsonType, problemType, formType = "application/json", "application/problem+json", "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, yaml, kind, body string
		status                 int
		want                   string
	}{
		{"RFC 6749", pattern, jsonType, `{"error":"invalid_client","error_description":"client authentication failed"}`, 401, `401 Unauthorized with the error invalid_client: client authentication failed` + checkPair},
		{"RFC 6749 with a page", seconds, jsonType, `{"error":"invalid_scope","error_description":"no such scope","error_uri":"https://as.example/e"}`, 400, `400 Bad Request with the error invalid_scope: no such scope (https://as.example/e)`},
		{"code alone", gorilla, jsonType, `{"error":"invalid_client"}`, 400, `400 Bad Request with the error invalid_client` + checkJWT},
		{"invalid_grant", gorilla, jsonType, `{"error":"invalid_grant"}`, 400, `400 Bad Request with the error invalid_grant` + checkJWT},
		{"a code of its own", seconds, jsonType, `{"error":"scope_invalid"}`, 400, `400 Bad Request with the error scope_invalid`},
		{"500 for an expired assertion", gorilla, jsonType, `{"error":"error","error_description":"The error is unrecognizable"}`, 500, `500 Internal Server Error with the error error: The error is unrecognizable` + checkJWT},
		{"error on success", seconds, jsonType, `{"error":"invalid_scope","access_token":"leaked-token-1"}`, 200, `200 OK with the error invalid_scope`},
		{"silence", gorilla, "", ``, 400, `400 Bad Request with an empty body` + checkJWT},
		{"silence after Basic", pattern, "", "\n", 403, `403 Forbidden with an empty body` + checkPair},
		{"silence of success", seconds, "", ``, 200, `200 OK with an empty body` + otherPage},
		{"plain text", gorilla, "text/plain", "improper client id\r\n", 400, `400 Bad Request and the text: improper client id` + checkJWT},
		{"HTML", seconds, "text/html", "<!DOCTYPE html>\n<html><head><TITLE lang=en>Sign\n in &amp; go</TITLE></head>", 200, `200 OK with an HTML page titled "Sign in & go", want JSON with access_token` + otherPage},
		{"HTML that says it is JSON", seconds, jsonType, "<html></html>", 404, `404 Not Found with an HTML page, want JSON with access_token` + "\ncheck: no token endpoint answers a POST to https://as.example/oauth/token; no client authentication was sent (client_auth: none); a client with a secret needs basic or post"},
		{"form", seconds, formType, "error=invalid_request&error_description=no+such+thing", 400, `400 Bad Request with the error invalid_request: no such thing`},
		{"form on success", seconds, formType, "access_token=leaked-token-1&token_type=bearer", 200, `200 OK with a form that has access_token in it, want JSON; ask for it with headers: {Accept: application/json}` + otherPage},
		{"RFC 9457", seconds, problemType, `{"type":"https://as.example/p","title":"Not now","status":403,"detail":"The office is closed"}`, 403, `403 Forbidden with the error "Not now": The office is closed (https://as.example/p)`},
		{"FHIR", seconds, "application/fhir+json", `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","details":{"text":"no access"}}]}`, 403, `403 Forbidden with the error forbidden: no access`},
		{"an object as error", seconds, jsonType, `{"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}}`, 403, `403 Forbidden with the error PERMISSION_DENIED: no`},
		{"message alone", seconds, jsonType, `{"message":"wait a few seconds"}`, 429, `429 Too Many Requests and says: wait a few seconds (Retry-After: 7)`},
		{"JSON that says nothing", seconds, jsonType, `{"trace":"abc","ok":false}`, 502, `502 Bad Gateway with JSON that names no error (members: ok, trace)`},
		{"a list", seconds, jsonType, `[1]`, 400, `400 Bad Request with JSON that is a list, want an object with access_token` + checkNone},
		{"JSON that breaks off", seconds, jsonType, `{"access_token":"leaked-token-1","expires`, 200, `200 OK with JSON that breaks off or is malformed (41 bytes)` + otherPage},
		{"bytes", seconds, "image/png", "\x89PNG\xff", 200, `200 OK with 5 bytes that are no text (Content-Type "image/png")` + otherPage},
		{"redirect", seconds, "", ``, 307, `307 Temporary Redirect to "https://login.example/?next=1", want 200; a token endpoint is never redirected, because the secret would go along: write the final address into the file`},
		{"wrong method", seconds, "text/plain", `no`, 405, "405 Method Not Allowed and the text: no\ncheck: no token endpoint answers a POST to https://as.example/oauth/token; no client authentication was sent (client_auth: none); a client with a secret needs basic or post"},
		{"no token", seconds, jsonType, `{"token":"abc","ttl":5}`, 200, `200 OK without access_token (members: token, ttl)`},
		{"an empty object", seconds, jsonType, `{}`, 200, `200 OK without access_token (members: none)`},
		{"an empty token", seconds, jsonType, `{"access_token":""}`, 200, `200 OK with an access_token that is an empty text, want a text`},
		{"a number as token", seconds, jsonType, `{"access_token":123456}`, 200, `200 OK with an access_token that is a number, want a text`},
		{"a token with a line break", seconds, jsonType, `{"access_token":"abc\ndef"}`, 200, `200 OK with an access_token that no request can carry: the token has white space at character 4 of 7, and a token has none`},
		{"DPoP", seconds, jsonType, `{"access_token":"abcdef","token_type":"DPoP"}`, 200, `200 OK with token_type "DPoP", want "Bearer"; write dpop: true, so that the token is bound to a key that hgrun has`},
		{"negative life", seconds, jsonType, `{"access_token":"abcdef","token_type":"bearer","expires_in":-1}`, 200, `200 OK with expires_in -1, want a time to come`},
		{"life in words", seconds, jsonType, `{"access_token":"abcdef","token_type":"bearer","expires_in":"1h"}`, 200, `200 OK with expires_in "1h", want a number`},
		{"life as an object", seconds, jsonType, `{"access_token":"abcdef","token_type":"bearer","expires_in":{}}`, 200, `200 OK with expires_in {}, want a number`},
		{"life in nanoseconds", seconds, jsonType, `{"access_token":"abcdef","token_type":"bearer","expires_in":3600000000000}`, 200, `200 OK with expires_in 3600000000000, which is 114077.1 years in seconds (expires_in_unit: s) and 114.1 years in milliseconds (expires_in_unit: ms); no token lives for a hundred years`},
		{"life that is over", pattern, jsonType, `{"access_token":"abcdef","token_type":"bearer","expires_in":900}`, 200, `200 OK with expires_in 900, which is 0.9 s in milliseconds (expires_in_unit: ms) and 15 minutes in seconds (expires_in_unit: s); a token that ends before it is used is of no use`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: func(int, auth.Call) (*wire.Response, error) {
				r := response(c.status, c.kind, c.body)
				r.Header.Set("Location", "https://login.example/?next=1")
				if c.status == http.StatusTooManyRequests {
					r.Header.Set("Retry-After", "7")
				}
				return r, nil
			}}
			s := session(d)
			a := read(t, c.yaml)
			err := a.Authorize(t.Context(), request(), s)
			same(t, "error", fmt.Sprint(err), said+c.want)
			if shown := s.Scope.Redact(c.body); strings.Contains(shown, "leaked-token-1") && c.name != "JSON that breaks off" {
				t.Errorf("got %s", shown)
			}
			checkTokenError(t, err, c.status)
		})
	}
}

func checkTokenError(t *testing.T, err error, status int) {
	t.Helper()
	var token *auth.TokenError
	var refusal *auth.Refusal
	var placed *source.Error
	if !errors.As(err, &token) || !errors.As(err, &refusal) || !errors.As(err, &placed) {
		t.Fatalf("got %T, want a TokenError that wraps a Refusal and a source.Error", err)
	}
	if token.Pos.String() != "a.yaml:1:9" || placed.Pos != token.Pos || len(token.Credential) != 32 || refusal.Status != status {
		t.Errorf("got %s, %s, %q, %d", token.Pos, placed.Pos, token.Credential, refusal.Status)
	}
}

func TestHintsNameWhatIsOddAboutWhatWasSent(t *testing.T) {
	t.Parallel()
	const hmac = "  grant: jwt-bearer\n  assertion: {alg: HS256, key: " + sharedKey + ", "
	for _, c := range []struct{ name, yaml, want string }{
		{
			"audience, subject and issuer", hmac + `aud: "https://as.example/oauth/token/", claims: {iss: app, sub: me@x.example}}`,
			`check: the assertion has aud "https://as.example/oauth/token/", iss "app", sub "me@x.example" and lives 60 s; aud differs from the URL "https://as.example/oauth/token" that it was posted to; ` +
				`iss and sub differ; sub looks like an email address, and the client ID is wanted; iss is not client_id; then the key that the server knows (alg HS256) and the clocks`,
		},
		{
			"a list of audiences", hmac + `aud: [token_url]}`,
			`check: the assertion has aud ["https://as.example/oauth/token"], iss "my-client", sub "my-client" and lives 60 s; aud differs from the URL "https://as.example/oauth/token" that it was posted to; then the key that the server knows (alg HS256) and the clocks`,
		},
		{
			"a pair that both encodings write differently", "  grant: client-credentials\n  client_secret: \"a+b \"",
			`check: client_id "my-client" and client_secret (client_auth: basic); client_secret has white space at its ends; they were sent with basic_encoding: rfc6749, and raw would send other bytes`,
		},
		{
			"a secret in the form", "  grant: client-credentials\n  client_auth: post\n  client_secret: a+b",
			`check: client_id "my-client" and client_secret (client_auth: post)`,
		},
		{
			"a refresh token", "  grant: refresh-token\n  refresh_token: abcdef",
			`check: the refresh token may have ended, been revoked or been used before; get a new one`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: says(400, "application/json", `{"error":"invalid_grant"}`)}
			a := read(t, "oauth2:\n  token_url: "+tokenURL+"\n  client_id: my-client\n"+c.yaml)
			err := a.Authorize(t.Context(), request(), session(d))
			var refusal *auth.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			same(t, "hint", refusal.Hint, c.want)
			same(t, "code", refusal.Code, "invalid_grant")
		})
	}
}

func TestADoubleSlashIsHinted(t *testing.T) {
	t.Parallel()
	d := &desk{answer: says(400, "", "")}
	a := read(t, strings.Replace(pattern, "/oauth/", "/oauth//", 1))
	err := a.Authorize(t.Context(), request(), session(d))
	same(t, "error", fmt.Sprint(err), said+"400 Bad Request with an empty body\ncheck: the path of the URL has a double slash; client_id \"my-client\" and client_secret (client_auth: basic)")
}

func TestAnswersThatWillDoMayBeOdd(t *testing.T) {
	t.Parallel()
	long := "expires_in %s is %s in seconds (expires_in_unit: s) and %s in milliseconds (expires_in_unit: ms)"
	for _, c := range []struct{ name, yaml, body, want string }{
		{"ordinary", seconds, `{"access_token":"abcdef","token_type":"bEaReR","expires_in":3600}`, ""},
		{"a byte order mark", seconds, "\ufeff" + `{"access_token":"abcdef","token_type":"Bearer"}`, ""},
		{"an error that is null", seconds, `{"access_token":"abcdef","token_type":"Bearer","error":null}`, ""},
		{"no token_type", seconds, `{"access_token":"abcdef"}`, "the answer has no token_type, which RFC 6749, section 5.1, requires"},
		{"a month", seconds, `{"access_token":"abcdef","token_type":"Bearer","expires_in":2592000}`, ""},
		{"milliseconds read as seconds", seconds, `{"access_token":"abcdef","token_type":"Bearer","expires_in":3600000}`, fmt.Sprintf(long, "3600000", "41.7 days", "1 hour")},
		{"a day in milliseconds", seconds, `{"access_token":"abcdef","token_type":"Bearer","expires_in":"86400000"}`, fmt.Sprintf(long, "86400000", "2.7 years", "1 day")},
		{"Pattern Health", pattern, `{"access_token":"abcdef","token_type":"bearer","expires_in":3600000}`, ""},
		{"seconds read as milliseconds", pattern, `{"access_token":"abcdef","token_type":"bearer","expires_in":3600}`, "expires_in 3600 is 3.6 s in milliseconds (expires_in_unit: ms) and 1 hour in seconds (expires_in_unit: s)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: says(200, "application/json", c.body)}
			same(t, "Authorization", authorize(t, read(t, c.yaml), session(d)), "Bearer abcdef")
			same(t, "notes", strings.Join(d.calls[0].Notes(), "\n"), c.want)
		})
	}
}

func TestTokenTypeAndPrefixCanBeChosen(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`token_type: DPoP`:                        "DPoP abcdef",
		`token_type: dpop, header_prefix: Bearer`: "Bearer abcdef",
		`token_type: DPOP, header_prefix: ""`:     "abcdef",
	} {
		d := &desk{answer: says(200, "application/json", `{"access_token":"abcdef","token_type":"DPoP"}`)}
		a := read(t, strings.Replace(seconds, "{", "{"+yaml+", ", 1))
		same(t, yaml, authorize(t, a, session(d)), want)
	}
}

func TestTokensAreHiddenBeforeAnyoneSeesTheExchange(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"access_token":"leak-aaaa-1","token_type":"bearer","refresh_token":"leak-bbbb-2","id_token":"leak-cccc-3"}`,
		`{"access_token":"leak-aaaa-1","access_token":"leak-aaaa-2"}`,
		`{"result":{"list":[{"access_token":"leak-aaaa-1"}]},"error":"x"}`,
		`{"error":"invalid_grant","refresh_token":"leak-bbbb-2"}`,
		`{"access_token":123456789,"id_token":"leak-cccc-3"}`,
		`{"":"access_token","access_token":"leak-aaaa-1"`,
		`{"access_token" : "\u006ceak-aaaa-1"}`,
		`access_token=leak%2Daaaa-1&refresh_token=leak-bbbb-2`,
	} {
		for _, status := range []int{200, 400} {
			s := session(nil)
			judged := false
			s.Sender = sender(func(c auth.Call) error {
				err := c.Judge(&wire.Exchange{Request: c.Request, Response: response(status, "", body)})
				shown := s.Scope.Redact(body)
				judged = !strings.Contains(shown, "leak") && !strings.Contains(shown, "123456789")
				if !judged {
					t.Errorf("got %s", shown)
				}
				return err
			})
			_ = read(t, seconds).Authorize(t.Context(), request(), s)
			if !judged {
				t.Errorf("%s was not judged", body)
			}
		}
	}
}

type sender func(auth.Call) error

func (s sender) Send(_ context.Context, c auth.Call) error { return s(c) }

func TestWithoutAnAnswerTheTransportSpeaks(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection refused")
	for name, s := range map[string]sender{
		"from the sender":   func(auth.Call) error { return broken },
		"from the exchange": func(c auth.Call) error { return c.Judge(&wire.Exchange{Err: broken}) },
	} {
		err := read(t, seconds).Authorize(t.Context(), request(), session(s))
		same(t, name, fmt.Sprint(err), "a.yaml:1:9: no access token: connection refused")
		if !errors.Is(err, broken) {
			t.Errorf("%s: got %T, which does not wrap the cause", name, err)
		}
	}
	err := read(t, seconds).Authorize(t.Context(), request(), session(sender(func(auth.Call) error { return nil })))
	same(t, "nobody judged", fmt.Sprint(err), "a.yaml:1:9: no access token: nobody judged the answer of the token endpoint")
	err = read(t, seconds).Authorize(t.Context(), request(), session(sender(func(c auth.Call) error { return c.Judge(&wire.Exchange{}) })))
	same(t, "nothing", fmt.Sprint(err), "a.yaml:1:9: no access token: the token endpoint gave no answer")
}

func TestAServersWordsAreOneLineOfBoundedLength(t *testing.T) {
	t.Parallel()
	d := &desk{answer: says(400, "text/plain", strings.Repeat("very\n long \x1b[31m", 100))}
	err := read(t, seconds).Authorize(t.Context(), request(), session(d))
	first, _, _ := strings.Cut(err.Error(), "\n")
	if len(first) > 450 || strings.ContainsRune(first, '\x1b') || !strings.HasSuffix(first, "…") {
		t.Errorf("got %d bytes: %q", len(first), first)
	}
}
