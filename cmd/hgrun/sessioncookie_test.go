package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/vars"
)

// loginServer gives whoever logs in two cookies, one of them too short to be known as a secret by itself.
func loginServer(t *testing.T, sid, pin string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sso":
			http.SetCookie(w, &http.Cookie{Name: "state", Value: pin + "-state", Path: "/"})
			http.Redirect(w, r, "/welcome", http.StatusSeeOther)
			return
		case "/welcome":
			fmt.Fprintf(w, "your cookies: %s", strings.ReplaceAll(r.Header.Get("Cookie"), pin+";", "…;")) // what is that short is known in heads alone
			return
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: sid, Path: "/", HttpOnly: true})
			http.SetCookie(w, &http.Cookie{Name: "pin", Value: pin, Path: "/"})
			return
		}
		if cookie, err := r.Cookie("sid"); err != nil || cookie.Value != sid {
			t.Errorf("%s came with the cookies %q", r.URL, r.Header["Cookie"])
		}
		http.Error(w, "the session has ended", http.StatusUnauthorized)
	}))
	t.Cleanup(s.Close)
	return s
}

const loginCollection = `name: Session
requests:
  - name: Log in
    request: POST {{api}}/login
    form: {user: me}
    expect: {status: 200}
  - name: Go round
    request: POST {{api}}/sso
    form: {user: me}
    expect: {status: 204}
  - name: Who am I
    request: GET {{api}}/me
    expect: {status: 200}
`

func TestTheCookieOfASessionIsShownMaskedWhereItWasSent(t *testing.T) {
	t.Parallel()
	const sid, pin = "pl4nted/s3ssion+v4lue==", "p1n#7"
	state := pin + "-state"
	l := &leakRun{folder: t.TempDir(), url: loginServer(t, sid, pin).URL, inputs: map[string]bool{}}
	l.env = append(os.Environ(), "NO_COLOR=1", "CI=", "HOME="+l.folder)
	file := filepath.Join(l.folder, "c.yaml")
	if err := os.WriteFile(file, []byte(loginCollection), 0o600); err != nil {
		t.Fatal(err)
	}
	l.inputs[file] = true
	if code := l.hgrun(t, "run", slices.Concat([]string{"run", "c.yaml", "--var", "api=" + l.url, "-vv"}, everyReport("reports"))...); code != 1 {
		t.Fatalf("got exit code %d, want 1: %s", code, l.said(t, "run.err"))
	}
	noLeaks(t, l.leaks(t, []planted{{"the session", sid}, {"the pin", pin}, {"the state", state}}))
	welcome := fmt.Sprintf(`"next_header":{"Accept-Encoding":["gzip"],"Cookie":["sid=%s; pin=%s; state=%s"]`, vars.Mask("cookie", sid), vars.Mask("cookie", pin), vars.Mask("cookie", state))
	if text := l.said(t, "../reports/ndjson.ndjson"); !strings.Contains(text, welcome) {
		t.Errorf("the record has no %s", welcome)
	}
	pair := func(mark string) string {
		return fmt.Sprintf("sid=%s; pin=%s", vars.Mask("cookie", sid), vars.Mask("cookie", pin)) + mark
	}
	for name, want := range map[string]string{
		"run.out":                  "\n    > Cookie: " + pair("\n"),
		"../reports/ndjson.ndjson": `"Cookie":["` + pair(`"]`),
		"../reports/har.har":       `{"name":"Cookie","value":"` + pair(`"}`),
		"../reports/html.html":     `--header "Cookie: sid=$COOKIE; pin=$COOKIE_2; state=$COOKIE_3"`,
		"../reports/junit.xml":     "&gt; Cookie: " + pair("&#xA;"),
	} {
		text := l.said(t, name)
		if name == "../reports/junit.xml" {
			text = strings.ReplaceAll(text, "\n", "&#xA;")
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s has no %s", name, want)
		}
	}
}
