package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

func hawkTime(key, ts string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("hawk.1.ts\n" + ts + "\n"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The examples of the page that describes Hawk.
func TestHawkSignsAsTheExamplesOfItsPage(t *testing.T) {
	t.Parallel()
	const yaml = `hawk: {id: dh37fgj492je, key: "{{key}}", timestamp: "1353832234", nonce: j4h3g2, ext: some-app-ext-data%s}`
	const get = "http://example.com:8000/resource/1?b=1&a=2"
	plain := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	for _, c := range []struct {
		name, more string
		req        wire.Request
		want       string
	}{
		{"a request", "", wire.Request{Method: "GET", URL: get}, `Hawk id="dh37fgj492je", ts="1353832234", nonce="j4h3g2", ext="some-app-ext-data", mac="6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE="`},
		{"a payload", ", payload_hash: true", wire.Request{Method: "POST", URL: get, Header: plain, Body: []byte("Thank you for flying Hawk")},
			`Hawk id="dh37fgj492je", ts="1353832234", nonce="j4h3g2", hash="Yi9LfIIFRtBEPt74PVmbTF/xVAwPn7ub15ePICfgnuY=", ext="some-app-ext-data", mac="aSe1DERmZuRl3pI36/9BdZmnErTw3sNzOOAUlfeKjVw="`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := session(nil, "key", "werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn")
			if err := read(t, fmt.Sprintf(yaml, c.more)).Authorize(t.Context(), &c.req, s); err != nil {
				t.Fatal(err)
			}
			same(t, "header", c.req.Header.Get("Authorization"), c.want)
			if shown := s.Scope.Redact("werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn"); strings.Contains(shown, "werx") {
				t.Errorf("the key is shown: %s", shown)
			}
		})
	}
}

func TestHawkBelievesTheClockOfAServerThatKnowsTheKey(t *testing.T) {
	t.Parallel()
	at(t, "2026-01-01T00:00:00Z", func(t *testing.T) {
		a, s := read(t, `hawk: {id: i, key: werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn}`), session(nil)
		req, why := dance(t, a, s, request, `Hawk ts="1767226200", tsm="forged=", error="Stale timestamp"`)
		same(t, "why for a forged clock", why, "")
		if got := req.Header.Get("Authorization"); !strings.Contains(got, `ts="1767225600"`) {
			t.Errorf("got %s", got)
		}
		// the HMAC of hawk.1.ts and the time, by the key above
		told := `Hawk ts="1767226200", tsm="` + hawkTime("werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn", "1767226200") + `", error="Stale timestamp"`
		req, why = dance(t, a, s, request, told)
		same(t, "why", why, "the server's clock is 10m0s ahead of that of this machine, and it was told so")
		if got := req.Header.Get("Authorization"); !strings.Contains(got, `ts="1767226200"`) {
			t.Errorf("got %s", got)
		}
		same(t, "why the same clock again", a.(auth.Observer).Observe(refusal(req, "Www-Authenticate", told), s), "")
	})
}

func TestHawkSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`hawk: {id: i}`:                            `a.yaml:1:7: hawk needs key; add key: "{{key}}"`,
		`hawk: {id: i, key: k, dlg: d}`:            `a.yaml:1:7: dlg has no use without app: it says on whose behalf the application acts`,
		`hawk: {id: i, key: k, algorithm: sha265}`: `a.yaml:1:34: unknown value "sha265"; did you mean "sha256"?`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	for yaml, want := range map[string]string{
		`hawk: {id: 'a"b', key: k}`:   `a.yaml:1:12: id has a " or a \, which the header of Hawk cannot carry`,
		`hawk: {id: "{{v}}", key: k}`: `a.yaml:1:12: id is empty`,
	} {
		same(t, yaml, refused(t, read(t, yaml), session(nil, "v", ""), request()), want)
	}
}
