package diagnosis

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// mistake is something that a client does wrong at the sandbox.
type mistake struct {
	code   string // of the finding that must come first
	name   string
	reason sandbox.Reason // the truth, as the sandbox tells it
	make   func(*rig) *Case
}

// proofMistakes are those of an assertion or a client: the wording of the refusal depends on the server.
func proofMistakes() []mistake {
	send := func(changes claims) func(*rig) *Case {
		return func(r *rig) *Case { return r.exchange(r.bearer(r.forge(changes))) }
	}
	text := func(change func(string) string) func(*rig) *Case {
		return func(r *rig) *Case { return r.exchange(r.bearer(change(r.forge(nil)))) }
	}
	now := func() int64 { return time.Now().Unix() }
	return []mistake{
		{"HG002", "expired", sandbox.ExpiredAssertion, func(r *rig) *Case { return send(claims{"iat": now() - 700, "exp": now() - 642})(r) }},
		{"HG002", "expired, in a client assertion", sandbox.ExpiredAssertion, func(r *rig) *Case {
			jwt := r.forge(claims{"iat": now() - 700, "exp": now() - 7})
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_assertion_type", assertionType, "client_assertion", jwt))
		}},
		{"HG003", "aud of another path", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": r.vars["fhir_url"]})(r) }},
		{"HG003", "aud is the origin", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": r.vars["base_url"]})(r) }},
		{"HG003", "no aud", sandbox.WrongAudience, send(claims{"aud": nil})},
		{"HG003", "aud from hgrun's own YAML", sandbox.WrongAudience, func(r *rig) *Case {
			return r.exchange(r.bearer(r.mint(`{alg: HS256, key: "{{client_secret}}", aud: "https://as.example.org/token"}`, r.tokenURL())))
		}},
		{"HG004", "iss is another client", sandbox.WrongIssuer, send(claims{"iss": "some-app"})},
		{"HG004", "sub is another client", sandbox.WrongSubject, send(claims{"sub": "some-app"})},
		{"HG005", "sub is an email", sandbox.WrongSubject, send(claims{"sub": "jane.doe@clinic.example"})},
		{"HG006", "cut by one character", sandbox.MalformedAssertion, text(func(s string) string { return s[:len(s)-1] })},
		{"HG006", "cut by twenty characters", sandbox.MalformedAssertion, text(func(s string) string { return s[:len(s)-20] })},
		{"HG006", "cut at the last dot", sandbox.MalformedAssertion, text(func(s string) string { return s[:strings.LastIndexByte(s, '.')] })},
		{"HG006", "cut in the claims", sandbox.MalformedAssertion, text(func(s string) string { return s[:len(s)/2] })},
		{"HG008", "aud of the other environment", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": "http://api.hg.example/oauth/token"})(r) }},
		{"HG009", "sent again after its end", sandbox.ExpiredAssertion, func(r *rig) *Case {
			jwt := r.forge(claims{"jti": nil})
			r.done(r.bearer(jwt))
			time.Sleep(301 * time.Second)
			return r.exchange(r.bearer(jwt))
		}},
		{"HG026", "signed with the decoded secret", sandbox.DecodedSecret, func(r *rig) *Case {
			raw, _ := base64.StdEncoding.DecodeString(r.vars["client_secret"])
			c := r.exchange(r.bearer(forge(string(raw), r.claims(nil))))
			c.Keys.Secret = r.vars["client_secret"]
			return c
		}},
		{"HG028", "the server's clock is ten minutes ahead", sandbox.InjectedFault, func(r *rig) *Case {
			r.sandbox.Advance(10 * time.Minute)
			if err := r.sandbox.Inject(sandbox.Fault{Route: "/oauth/token", Kind: "date_skew", Skew: "10m"}); err != nil {
				r.Fatal(err)
			}
			return send(nil)(r)
		}},
		{"HG029", "iat ahead", sandbox.FutureAssertion, func(r *rig) *Case { return send(claims{"iat": now() + 20})(r) }},
		{"HG029", "nbf far ahead", sandbox.FutureAssertion, func(r *rig) *Case { return send(claims{"nbf": now() + 50, "exp": now() + 90})(r) }},
		{"HG030", "exp in three days", sandbox.DistantExpiry, func(r *rig) *Case { return send(claims{"exp": now() + 3*86400 + 77})(r) }},
		{"HG031", "exp in milliseconds", sandbox.DistantExpiry, func(r *rig) *Case { return send(claims{"exp": (now() + 60) * 1000})(r) }},
		{"HG031", "exp as text", sandbox.WrongExpiry, func(r *rig) *Case { return send(claims{"exp": "1900000000"})(r) }},
		{"HG031", "no exp", sandbox.WrongExpiry, send(claims{"exp": nil})},
		{"HG032", "exp is today's midnight", sandbox.ExpiredAssertion, func(r *rig) *Case { return send(claims{"exp": now() / 86400 * 86400})(r) }},
		{"HG033", "the same jti again", sandbox.ReplayedAssertion, func(r *rig) *Case {
			r.done(r.bearer(r.forge(claims{"jti": "always-the-same"})))
			time.Sleep(2 * time.Second)
			return send(claims{"jti": "always-the-same"})(r)
		}},
		{"HG033", "the same assertion again", sandbox.ReplayedAssertion, func(r *rig) *Case {
			jwt := r.forge(nil)
			r.done(r.bearer(jwt))
			time.Sleep(2 * time.Second)
			return r.exchange(r.bearer(jwt))
		}},
		{"HG035", "aud is a list", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": []string{r.tokenURL()}})(r) }},
		{"HG036", "aud with a slash at its end", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": r.tokenURL() + "/"})(r) }},
		{"HG036", "aud with another scheme", sandbox.WrongAudience, func(r *rig) *Case {
			return send(claims{"aud": strings.Replace(r.tokenURL(), "http:", "https:", 1)})(r)
		}},
		{"HG036", "aud with www.", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": strings.Replace(r.tokenURL(), "://", "://www.", 1)})(r) }},
		{"HG036", "aud with capitals", sandbox.WrongAudience, func(r *rig) *Case { return send(claims{"aud": strings.Replace(r.tokenURL(), "oauth", "OAuth", 1)})(r) }},
		{"HG039", "signed with another secret", sandbox.WrongSignature, func(r *rig) *Case {
			return r.exchange(r.bearer(forge("0123456789abcdef0123456789abcdef", r.claims(nil))))
		}},
		{"HG047", "the assertion is encoded twice", sandbox.MalformedAssertion, text(func(s string) string { return strings.ReplaceAll(s, ".", "%2E") })},
		{"HG049", "in quotes", sandbox.MalformedAssertion, text(func(s string) string { return `"` + s + `"` })},
		{"HG049", "with its Bearer", sandbox.MalformedAssertion, text(func(s string) string { return "Bearer " + s })},
		{"HG049", "wrapped", sandbox.MalformedAssertion, text(func(s string) string { return s[:76] + "\n" + s[76:] })},
		{"HG025", "the secret ends with a line break", sandbox.WrongSecret, func(r *rig) *Case { return r.refresh("client_secret", r.vars["viewer_client_secret"]+"\n") }},
		{"HG048", "the secret's plus became a space", sandbox.WrongSecret, func(r *rig) *Case {
			req := r.refreshRequest("client_secret", "@")
			req.Body = []byte(strings.Replace(string(req.Body), url.QueryEscape("@"), r.vars["viewer_client_secret"], 1))
			return r.exchange(req)
		}},
		{"HG024", "Basic is not form-encoded", sandbox.UnencodedBasic, func(r *rig) *Case {
			req := r.refreshRequest()
			req.Header.Set("Authorization", basicHeader(r.vars["viewer_client_id"], r.vars["viewer_client_secret"]))
			return r.exchange(req)
		}},
		{"HG023", "Basic without a colon", sandbox.MalformedBasic, func(r *rig) *Case {
			req := r.refreshRequest()
			req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(r.vars["viewer_client_secret"])))
			return r.exchange(req)
		}},
		{"HG039", "another secret", sandbox.WrongSecret, func(r *rig) *Case { return r.exchangeSecret("not-the-secret-that-was-registered") }},
	}
}

func basicHeader(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

func (r *rig) refreshRequest(more ...string) wire.Request {
	pairs := []string{"grant_type", "refresh_token", "refresh_token", r.vars["refresh_token"]}
	if len(more) > 0 {
		pairs = append(pairs, "client_id", r.vars["viewer_client_id"])
	}
	return form(r.vars["refresh_url"], append(pairs, more...)...)
}

func (r *rig) refresh(more ...string) *Case {
	r.Helper()
	return r.exchange(r.refreshRequest(more...))
}

func (r *rig) exchangeSecret(secret string) *Case {
	r.Helper()
	return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_id", r.vars["client_id"], "client_secret", secret))
}
