package diagnosis

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// secretsOf are the values that no finding may show, and the forms in which they might hide.
func secretsOf(r *rig, c *Case) []string {
	list := []string{r.vars["client_secret"], r.vars["viewer_client_secret"], r.vars["pattern_client_secret"], r.vars["refresh_token"], c.Keys.Key, c.Keys.Secret}
	for _, p := range c.params() {
		switch p.name {
		case "assertion", "client_assertion", "client_secret", "refresh_token", "password", "code", "code_verifier":
			list = append(list, p.value)
			if parts := strings.Split(p.value, "."); len(parts) == 3 {
				list = append(list, parts...)
			}
		}
	}
	if token := c.bearer(); len(token) > 16 && !strings.Contains(token, "{{") && !strings.Contains(token, "YOUR") {
		list = append(list, token)
	}
	if c.response() != nil {
		list = append(list, c.granted().secrets()...)
	}
	var out []string
	for _, s := range list {
		if len(s) < 8 || strings.HasPrefix(s, "{{") {
			continue
		}
		out = append(out, s, url.QueryEscape(s), base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)))
	}
	return out
}

func everything(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintln(&b, f.Title, f.Cause, f.Fix, f.Pos)
		for _, e := range f.Evidence {
			fmt.Fprintln(&b, e.Label, e.Text, e.Pos)
		}
	}
	return b.String()
}

func TestNoFindingShowsASecret(t *testing.T) {
	t.Parallel()
	var all []mistake
	for _, list := range [][]mistake{proofMistakes(), requestMistakes(), serverMistakes(), smartMistakes()} {
		all = append(all, list...)
	}
	for _, mode := range []sandbox.ErrorMode{sandbox.DefaultErrors, sandbox.StrictErrors, sandbox.SilentErrors} {
		for _, m := range all {
			t.Run(string(mode)+"/"+m.code+" "+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", mode, sandbox.Servers{WWW: true, DPoP: true, MTLS: true, SMART: isSmart(m)})
					c := m.make(r)
					if c.Keys.Secret == "" {
						c.Keys.Secret = r.vars["client_secret"]
					}
					text := everything(append(Explain(c), Lint(c)...))
					for _, secret := range secretsOf(r, c) {
						if strings.Contains(text, secret) {
							t.Errorf("a finding shows a secret of %d characters, %s:\n%s", len(secret), fingerprint(secret), text)
						}
					}
					if strings.Contains(text, "jane.doe") {
						t.Errorf("a finding shows an email address:\n%s", text)
					}
				})
			})
		}
	}
}

func isSmart(m mistake) bool {
	for _, s := range smartMistakes() {
		if s.name == m.name && s.code == m.code {
			return true
		}
	}
	return false
}

// TestWhatAServerEchoesIsNotShown has a server repeat everything that it was sent.
func TestWhatAServerEchoesIsNotShown(t *testing.T) {
	t.Parallel()
	jwt := goodAssertion(claims{"exp": moment().Unix() - 5})
	const secret = `p@ss:w/rd+100%&= "x"`
	for name, req := range map[string]wire.Request{
		"assertion":     form(asURL, "grant_type", jwtBearerGrant, "assertion", jwt),
		"secret":        form(asURL, "grant_type", "client_credentials", "client_id", "app", "client_secret", secret),
		"Basic":         withHeader(form(asURL, "grant_type", "client_credentials"), "Authorization", basicHeader("app", secret)),
		"refresh token": form(asURL, "grant_type", "refresh_token", "refresh_token", "rt-0123456789-abcdef", "client_id", "app"),
		"bearer":        get(fhirURL+"/Patient/1", "opaque-0123456789-ABCDEF"),
		"query":         {Method: "GET", URL: fhirURL + "/Patient/1?access_token=opaque-0123456789-ABCDEF&family=Featherstonehaugh", Header: http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			echo := strings.Join([]string{string(req.Body), req.Header.Get("Authorization"), req.URL, secret, jwt, "jane.doe@clinic.example", "MRN 123456789"}, " ")
			for _, status := range []int{400, 401, 403, 404, 406, 429, 500} {
				c := made(req, status, fmt.Sprintf(`{"error":"invalid_grant","error_description":%q}`, echo), "Www-Authenticate", "Bearer error=\"invalid_token\", error_description=\""+url.QueryEscape(echo)+"\"")
				c.Keys.Secret = secret
				text := everything(Explain(c))
				for _, leak := range []string{jwt, secret, "p@ss", "rt-0123456789-abcdef", "opaque-0123456789-ABCDEF", "jane.doe", "123456789", "Featherstonehaugh", basicHeader("app", secret)[6:]} {
					if strings.Contains(text, leak) {
						t.Errorf("%d: a finding shows %q:\n%s", status, leak, text)
					}
				}
			}
		})
	}
}
