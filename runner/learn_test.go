package runner

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

// taken are the secrets that were learnt.
type taken []string

func (t *taken) Hide(name, text string) { *t = append(*t, name+" "+text) }

func TestAnAnswerTellsItsSecretsByTheirNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, contentType, body, want string }{
		{"JSON", "application/json", `{"access_token": "tok\/en+0", "expires_in": 1, "idToken":"id-0", "token_type":"Bearer","code":"8867-4"}`, "access_token tok/en+0, idToken id-0"},
		{"JSON in JSON", "application/json", `{"data":"{\"refresh_token\":\"refresh-0\"}"}`, "refresh_token refresh-0"},
		{"JSON that is cut", "application/json", `{"password":"hunter2","access_token":"half`, "password hunter2"},
		{"what may be a token", "application/json", `{"token":"0123456789abcdef","type":"token","secret":"no"}`, "token 0123456789abcdef"},
		{"a form", "application/x-www-form-urlencoded", "access_token=tok%2Fen&scope=a+b", "access_token tok/en"},
		{"a form that says it is text", "text/plain", "access_token=tok%2Fen0&scope=a+b", "access_token tok/en0"},
		{"a link", "text/html", `<a href="https://h/?access_token=tok%2Fen0&amp;state=1">x</a>`, "access_token tok/en0"},
		{"XML", "text/xml", "<e><w:Password Type=\"x\">a&amp;b</w:Password><user>me</user></e>", "Password a&b"},
		{"an instruction", "text/plain", "send password=... or access_token=<yours>", ""},
		{"parts", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\nhunter2\r\n--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n8867-4\r\n--x--\r\n", "client_secret hunter2"},
		{"nothing", "application/json", `{"resourceType":"Patient","name":[{"given":["Jane"]}]}`, ""},
	} {
		var got taken
		learn(&got, &wire.Exchange{Response: &wire.Response{Header: http.Header{"Content-Type": {tt.contentType}}, Body: []byte(tt.body)}})
		if got := strings.Join(got, ", "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAURLTellsItsSecrets(t *testing.T) {
	t.Parallel()
	var got taken
	learn(&got, &wire.Exchange{Request: wire.Request{URL: "https://me:hunter2@h/?api_key=key-0"}, Response: &wire.Response{Header: http.Header{"Location": {"https://app/#access_token=tok%2Fen&state=1"}}}})
	slices.Sort(got)
	if got, want := strings.Join(got, ", "), "access_token tok/en, api_key key-0, password hunter2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
