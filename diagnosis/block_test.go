package diagnosis

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// counter is a Sender that keeps the case of what it sends.
type counter struct {
	rig   *rig
	req   *collections.Request
	scope *vars.Scope
	last  *Case
	found []Finding
}

func (s *counter) Send(_ context.Context, call auth.Call) error {
	x := s.rig.send(call.Request)
	err := call.Judge(x)
	s.last = OfCall(x, s.req, s.scope)
	s.last.History, s.last.Environment = s.rig.history, s.rig.env
	s.found = Explain(s.last)
	s.rig.history.Note(s.last)
	return err
}

// block sends the first request of a collection whose oauth2 block has these lines.
func (r *rig) block(lines string) *counter {
	r.Helper()
	text := "auth:\n  oauth2:\n"
	for line := range strings.Lines(lines) {
		text += "    " + strings.TrimLeft(line, "\t")
	}
	text += "\nrequests:\n  - name: Read\n    request: GET {{fhir_url}}/Patient/{{patient}}\n"
	return r.collection(text)
}

func (r *rig) collection(text string) *counter {
	r.Helper()
	c, err := collections.Load(fstest.MapFS{"chain.yaml": {Data: []byte(text)}}, "chain.yaml", collections.Options{})
	if err != nil {
		r.Fatal(err)
	}
	values := map[string]vars.Value{}
	for name, value := range r.vars {
		values[name] = vars.Value{Text: value}
	}
	s := &counter{rig: r}
	for _, req := range c.Requests() {
		s.req = req
	}
	s.scope = vars.NewScope(nil, append(s.req.Layers, vars.Layer{Name: "environment", Values: values})...)
	msg, err := s.req.Message.Build(s.scope)
	if err != nil {
		r.Fatal(err)
	}
	if s.req.Auth == nil {
		return s
	}
	if err := s.req.Auth.Authorize(context.Background(), msg, auth.Session{Scope: s.scope, Sender: s, Tokens: &auth.Tokens{}}); err == nil && s.found == nil {
		r.Fatal("nothing was refused, and nothing was found")
	}
	return s
}

// blockMistakes are mistakes in an oauth2 block, and the line and the code of what must be said first.
func blockMistakes() []struct{ name, code, place, lines string } {
	const hg = "profile: health-gorilla\ntoken_url: \"{{token_url}}\"\nclient_secret: \"{{client_secret}}\"\n"
	const bare = "profile: health-gorilla\ntoken_url: \"{{token_url}}\"\n"
	const id = "client_id: \"{{client_id}}\"\n"
	return []struct{ name, code, place, lines string }{
		{"aud with a slash", "HG036", "7:22", hg + id + "assertion: {aud: \"{{token_url}}/\"}"},
		{"aud of production", "HG008", "7:22", hg + id + "assertion: {aud: \"http://api.hg.example/oauth/token\"}"},
		{"aud in a list", "HG035", "7:22", hg + id + "assertion: {aud: [token_url]}"},
		{"sub is an email", "HG005", "7:26", hg + id + "assertion: {claims: {sub: jane@clinic.example}}"},
		{"iss is another", "HG004", "7:26", hg + id + "assertion: {claims: {iss: my-website}}"},
		{"a lifetime of days", "HG030", "7:27", hg + id + "assertion: {lifetime: 200h}"},
		{"exp as text", "HG031", "7:26", hg + id + "assertion: {claims: {exp: \"1900000000\"}}"},
		{"exp in the past", "HG002", "7:26", hg + id + "assertion: {claims: {exp: 946684000}}"},
		{"iat in the future", "HG029", "7:26", hg + id + "assertion: {claims: {iat: 946684860}}"},
		{"the secret is decoded", "HG026", "6:44", bare + id + "assertion: {key_encoding: base64, key: \"{{client_secret}}\"}"},
		{"the wrong secret", "HG039", "6:34", bare + id + "assertion: {alg: HS256, key: \"a-wrong-secret-of-many-bytes-here\"}"},
		{"a scope that is not registered", "HG052", "7:12", hg + id + "scope: create_users"},
		{"another algorithm", "HG040", "7:22", hg + id + "assertion: {alg: HS512}"},
		{"refreshing where exchanges go", "HG022", "5:18",
			"grant: refresh-token\nclient_auth: post\nrefresh_url: \"{{token_url}}\"\nclient_id: \"{{viewer_client_id}}\"\nclient_secret: \"{{viewer_client_secret}}\"\nrefresh_token: \"{{refresh_token}}\""},
		{"a form-encoded pair at Pattern Health", "HG024", "6:20",
			"profile: pattern-health\ntoken_url: \"{{pattern_url}}/api/auth/token\"\nclient_id: \"{{pattern_client_id}}\"\nclient_secret: \"{{pattern_client_secret}}\"\nbasic_encoding: rfc6749"},
		{"seconds at a server of milliseconds", "HG019", "3:5",
			"profile: pattern-health\ntoken_url: \"{{pattern_url}}/api/auth/token\"\nclient_id: \"{{pattern_client_id}}\"\nclient_secret: \"{{pattern_client_secret}}\"\nexpires_in_unit: s"},
		{"milliseconds at a server of seconds", "HG020", "3:5", hg + id + "expires_in_unit: ms"},
		{"no token endpoint", "HG056", "4:16", "profile: health-gorilla\ntoken_url: \"{{base_url}}/oauth/tokens\"\nclient_secret: \"{{client_secret}}\"\n" + id},
	}
}

func TestMistakesOfABlockAreNamedAtTheirPlace(t *testing.T) {
	t.Parallel()
	for mode, errors := range map[string]sandbox.ErrorMode{"HG": sandbox.DefaultErrors, "silent": sandbox.SilentErrors, "generic": sandbox.GenericErrors} {
		for _, m := range blockMistakes() {
			t.Run(mode+"/"+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", errors, sandbox.Servers{})
					s := r.block(m.lines)
					if first(s.found) != m.code {
						t.Fatalf("got %q first, want %s (%s); answer %d %.200s; findings:%s", first(s.found), m.code, r.reason(), s.last.response().Status, s.last.response().Body, tell(s.found))
					}
					if got := s.found[0].Pos.String(); got != "chain.yaml:"+m.place {
						t.Errorf("%s stands at %s, want %s", m.code, got, m.place)
					}
				})
			})
		}
	}
}

func TestARequestByHandHasItsPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "sandbox", sandbox.DefaultErrors, sandbox.Servers{})
		s := r.collection(`requests:
  - name: Exchange
    request: POST {{token_url}}
    form:
      grant_type: client-credentials
      client_id: "{{client_id}}"
      client_secret: written-into-the-file
`)
		msg, err := s.req.Message.Build(s.scope)
		if err != nil {
			t.Fatal(err)
		}
		c := Of(r.send(*msg), s.req, s.scope)
		got := Explain(c)
		if want := (source.Pos{File: "chain.yaml", Line: 5, Col: 19}); first(got) != "HG011" || got[0].Pos != want {
			t.Errorf("want HG011 at %s, got%s", want, tell(got))
		}
		lint := Lint(Of(c.Exchange, s.req, s.scope))
		if codes := fmt.Sprint(codesOf(lint)); codes != "[HG011 HG075]" || lint[1].Pos.Line != 7 {
			t.Errorf("got %s before sending, want [HG011 HG075]:%s", codes, tell(lint))
		}
	})
}

func codesOf(list []Finding) []string {
	var codes []string
	for _, f := range list {
		codes = append(codes, f.Code)
	}
	return codes
}
