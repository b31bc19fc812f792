package diagnosis

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// reply is what a server in use was seen to answer.
type reply struct {
	status int
	body   string // JSON unless it is empty
}

// Four servers' answers to the same mistakes, as they were measured.
const (
	panvaGeneric = `{"error":"invalid_client","error_description":"client authentication failed"}`
	panvaShape   = `{"error":"invalid_client","error_description":"invalid client_assertion format"}`
)

// measured is one mistake at four servers; a reply with status 0 or 200 is of a server that does not mind.
type measured struct {
	name                             string
	code                             string
	panva, glewlwyd, fosite, zitadel reply
	make                             func(*rig) *Case // without a response that counts
}

func measurements() []measured {
	silent := reply{403, ""}
	bearer := func(changes claims) func(*rig) *Case {
		return func(r *rig) *Case { return r.exchange(r.bearer(r.forge(changes))) }
	}
	return []measured{
		{"expired", "HG002", reply{401, panvaGeneric}, silent, reply{500, `{"error":"error","error_description":"The error is unrecognizable"}`},
			reply{400, `{"error":"invalid_request","error_description":"token has expired"}`},
			func(r *rig) *Case { return bearer(claims{"exp": time.Now().Unix() - 3})(r) }},
		{"aud slash", "HG036", reply{401, panvaGeneric}, silent,
			reply{401, `{"error":"invalid_client","error_description":"Claim 'audience' from 'client_assertion' must match the authorization server's token endpoint."}`},
			reply{400, `{"error":"invalid_request","error_description":"Audience must contain client_id \"http://as.example/\""}`},
			func(r *rig) *Case { return bearer(claims{"aud": r.tokenURL() + "/"})(r) }},
		{"aud array", "HG035", reply{200, ""}, silent, reply{200, ""}, reply{200, ""},
			func(r *rig) *Case { return bearer(claims{"aud": []string{r.tokenURL()}})(r) }},
		{"no jti", "HG034", reply{401, panvaGeneric}, silent,
			reply{401, `{"error":"invalid_client","error_description":"Claim 'jti' from 'client_assertion' must be set but is not."}`}, reply{200, ""},
			bearer(claims{"jti": nil})},
		{"replay", "HG033", reply{401, panvaGeneric}, silent, reply{400, `{"error":"jti_known"}`}, reply{200, ""}, func(r *rig) *Case {
			r.done(r.bearer(r.forge(claims{"jti": "once"})))
			time.Sleep(time.Second)
			return bearer(claims{"jti": "once"})(r)
		}},
		{"exp in a day", "HG030", reply{200, ""}, silent, reply{400, `{"error":"invalid_grant","error_description":"The expiration is too far in the future"}`}, reply{200, ""},
			func(r *rig) *Case { return bearer(claims{"exp": time.Now().Unix() + 86411})(r) }},
		{"truncated signature", "HG006", reply{401, panvaGeneric}, silent, reply{401, `{"error":"invalid_client","error_description":"illegal base64 data at input byte 40"}`},
			reply{400, `{"error":"invalid_request","error_description":"invalid signature"}`}, func(r *rig) *Case {
				jwt := r.forge(nil)
				return r.exchange(r.bearer(jwt[:len(jwt)-3]))
			}},
		{"cut at the last dot", "HG006", reply{400, panvaShape}, silent, reply{401, panvaGeneric}, reply{400, `{"error":"invalid_request"}`}, func(r *rig) *Case {
			jwt := r.forge(nil)
			return r.exchange(r.bearer(jwt[:strings.LastIndexByte(jwt, '.')]))
		}},
		{"scope not allowed", "HG052", reply{0, ""}, reply{400, `{"error":"scope_invalid"}`}, reply{400, `{"error":"invalid_scope"}`}, reply{0, ""}, func(r *rig) *Case {
			return r.exchange(r.bearer(r.forge(nil), "scope", "patient360 create_users"))
		}},
		{"JSON body", "HG012", reply{400, `{"error":"invalid_request","error_description":"only application/x-www-form-urlencoded content-type bodies are supported"}`},
			reply{400, ""}, reply{0, ""}, reply{0, ""}, func(r *rig) *Case {
				req := r.bearer("")
				req.Header.Set("Content-Type", "application/json")
				req.Body = []byte(`{"grant_type":"client_credentials","client_id":"a","client_secret":"not-shown"}`)
				return r.exchange(req)
			}},
		{"old refresh token", "HG017", reply{400, `{"error":"invalid_grant","error_description":"grant request is invalid"}`}, reply{400, ""}, reply{0, ""}, reply{0, ""}, func(r *rig) *Case {
			r.done(r.refreshRequest("client_secret", r.vars["viewer_client_secret"]))
			time.Sleep(time.Minute)
			return r.refresh("client_secret", r.vars["viewer_client_secret"])
		}},
	}
}

// TestFourServersAnswersToTheSameMistakes holds the diagnosis against what panva's oidc-provider 9.13.3, glewlwyd 2.7.5,
// fosite 0.49 and zitadel/oidc 3.51 were seen to answer.
func TestFourServersAnswersToTheSameMistakes(t *testing.T) {
	t.Parallel()
	for _, m := range measurements() {
		for server, answer := range map[string]reply{"panva": m.panva, "glewlwyd": m.glewlwyd, "fosite": m.fosite, "zitadel": m.zitadel} {
			if answer.status == 0 {
				continue
			}
			t.Run(server+"/"+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", sandbox.DefaultErrors, sandbox.Servers{})
					c := m.make(r)
					c.Exchange.Response = answer.response(c.Exchange)
					got, want := Explain(c), m.code
					if answer.status == 200 {
						want = ""
					}
					if first(got) != want {
						t.Errorf("got %q first, want %q; findings:%s", first(got), want, tell(got))
					}
				})
			})
		}
	}
}

// response is the reply to an exchange; one with status 200 and no body brings a token.
func (a reply) response(x *wire.Exchange) *wire.Response {
	header := http.Header{"Date": {x.Timings.Start.UTC().Format(http.TimeFormat)}}
	if a.status == 200 && a.body == "" {
		a.body = `{"access_token":"opaque-0123456789","token_type":"bearer","expires_in":3600,"scope":"patient360 user/*.*"}`
	}
	if a.body != "" {
		header.Set("Content-Type", "application/json")
	}
	return &wire.Response{Status: a.status, URL: x.Request.URL, Header: header, Body: []byte(a.body)}
}
