package diagnosis

import (
	"net/http"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// requestMistakes are those that the sandbox answers in one way, whatever its wording of refused proofs.
func requestMistakes() []mistake {
	return append(tokenRequestMistakes(), append(apiMistakes(), faultMistakes()...)...)
}

func tokenRequestMistakes() []mistake {
	return []mistake{
		{"HG010", "assertion and client_assertion", sandbox.MixedFlows, func(r *rig) *Case {
			return r.exchange(r.bearer(r.forge(nil), "client_assertion_type", assertionType, "client_assertion", r.forge(nil)))
		}},
		{"HG010", "assertion with client_credentials", sandbox.MixedFlows, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "assertion", r.forge(nil)))
		}},
		{"HG010", "Basic beside the assertion grant", sandbox.MixedFlows, func(r *rig) *Case {
			req := r.bearer(r.forge(nil))
			req.Header.Set("Authorization", basicHeader(r.vars["client_id"], r.vars["client_secret"]))
			return r.exchange(req)
		}},
		{"HG011", "a short grant_type", sandbox.UnsupportedGrant, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "jwt-bearer", "assertion", r.forge(nil)))
		}},
		{"HG011", "a hyphen in client-credentials", sandbox.UnsupportedGrant, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client-credentials", "client_id", r.vars["client_id"], "client_secret", r.vars["client_secret"]))
		}},
		{"HG011", "a grant that exists elsewhere", sandbox.UnsupportedGrant, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "password", "username", "jane", "password", "open sesame"))
		}},
		{"HG011", "no grant_type", sandbox.MissingParameter, func(r *rig) *Case { return r.exchange(form(r.tokenURL(), "assertion", r.forge(nil))) }},
		{"HG012", "JSON", sandbox.WrongContentType, func(r *rig) *Case {
			req := r.bearer("")
			req.Header.Set("Content-Type", "application/json")
			req.Body = []byte(`{"grant_type": "` + jwtBearerGrant + `", "assertion": "` + r.forge(nil) + `"}`)
			return r.exchange(req)
		}},
		{"HG012", "multipart", sandbox.WrongContentType, func(r *rig) *Case {
			req := r.bearer("")
			req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			req.Body = []byte("--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\n" + jwtBearerGrant +
				"\r\n--b\r\nContent-Disposition: form-data; name=\"assertion\"\r\n\r\n" + r.forge(nil) + "\r\n--b--\r\n")
			return r.exchange(req)
		}},
		{"HG012", "no Content-Type", sandbox.WrongContentType, func(r *rig) *Case {
			req := r.bearer(r.forge(nil))
			req.Header.Del("Content-Type")
			return r.exchange(req)
		}},
		{"HG013", "the assertion as password", sandbox.NoAuthentication, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_id", r.vars["client_id"], "client_id_hint", "", "jwt", r.forge(nil)))
		}},
		{"HG013", "the assertion as client_secret", sandbox.WrongSecret, func(r *rig) *Case { return r.exchangeSecret(r.forge(nil)) }},
		{"HG013", "the assertion in a header", sandbox.MissingParameter, func(r *rig) *Case {
			req := form(r.tokenURL(), "grant_type", jwtBearerGrant)
			req.Header.Set("X-Assertion", r.forge(nil))
			return r.exchange(req)
		}},
		{"HG013", "the parameters in the URL", sandbox.ParameterInQuery, func(r *rig) *Case {
			req := r.bearer(r.forge(nil))
			req.URL, req.Body = req.URL+"?"+string(req.Body), nil
			return r.exchange(req)
		}},
		{"HG014", "a variable without value", sandbox.MalformedAssertion, func(r *rig) *Case { return r.exchange(r.bearer("{{assertion}}")) }},
		{"HG014", "an empty assertion", sandbox.MissingParameter, func(r *rig) *Case { return r.exchange(r.bearer("")) }},
		{"HG014", "the documentation's placeholder", sandbox.UnknownClient, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_id", "YOUR_CLIENT_ID", "client_secret", r.vars["client_secret"]))
		}},
		{"HG017", "an old refresh token", sandbox.ReplacedRefreshToken, func(r *rig) *Case {
			r.done(r.refreshRequest("client_secret", r.vars["viewer_client_secret"]))
			time.Sleep(time.Minute)
			return r.refresh("client_secret", r.vars["viewer_client_secret"])
		}},
		{"HG017", "a refresh token that nobody knows", sandbox.UnknownRefreshToken, func(r *rig) *Case {
			r.vars["refresh_token"] = "rt_that_was_never_issued"
			return r.refresh("client_secret", r.vars["viewer_client_secret"])
		}},
		{"HG018", "two refreshes at once", sandbox.ReplacedRefreshToken, func(r *rig) *Case {
			r.done(r.refreshRequest("client_secret", r.vars["viewer_client_secret"]))
			c := r.refresh("client_secret", r.vars["viewer_client_secret"])
			c.Exchange.Timings.Start = c.Exchange.Timings.Start.Add(-20 * time.Millisecond) // it was sent before the first answer came
			return c
		}},
		{"HG022", "a refresh at the endpoint of exchanges", sandbox.UnsupportedGrant, func(r *rig) *Case {
			req := r.refreshRequest("client_secret", r.vars["viewer_client_secret"])
			req.URL = r.tokenURL()
			return r.exchange(req)
		}},
		{"HG023", "no Basic at Pattern Health", sandbox.NoAuthentication, func(r *rig) *Case { return r.pattern("") }},
		{"HG023", "Basic with the pair in plain text", sandbox.MalformedBasic, func(r *rig) *Case {
			return r.pattern("Basic " + r.vars["pattern_client_id"] + ":" + r.vars["pattern_client_secret"])
		}},
		{"HG024", "Basic that is form-encoded at Pattern Health", sandbox.EncodedBasic, func(r *rig) *Case {
			return r.pattern(basicHeader(r.vars["pattern_client_id"], strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(r.vars["pattern_client_secret"])))
		}},
		{"HG025", "Basic whose secret is quoted", sandbox.WrongSecret, func(r *rig) *Case {
			return r.pattern(basicHeader(r.vars["pattern_client_id"], `"`+r.vars["pattern_client_secret"]+`"`))
		}},
		{"HG027", "Basic and client_secret", sandbox.SeveralAuthentications, func(r *rig) *Case {
			req := form(r.tokenURL(), "grant_type", "client_credentials", "client_id", r.vars["client_id"], "client_secret", r.vars["client_secret"])
			req.Header.Set("Authorization", basicHeader(r.vars["client_id"], r.vars["client_secret"]))
			return r.exchange(req)
		}},
		{"HG047", "client_assertion_type encoded twice", sandbox.WrongAssertionType, func(r *rig) *Case {
			return r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_assertion_type", strings.ReplaceAll(assertionType, ":", "%3A"), "client_assertion", r.forge(nil)))
		}},
		{"HG048", "scopes with commas", sandbox.UnregisteredScope, func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil), "scope", "patient360,user/*.*")) }},
		{"HG048", "scopes with an encoded plus", sandbox.UnregisteredScope, func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil), "scope", "patient360+user/*.*")) }},
		{"HG052", "a scope that is not registered", sandbox.UnregisteredScope, func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil), "scope", "patient360 create_users")) }},
		{"HG052", "a scope in the wrong order of letters", sandbox.UnregisteredScope, func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil), "scope", "user/Patient.sr")) }},
		{"HG052", "a refresh that asks for more", sandbox.GrownScope, func(r *rig) *Case {
			return r.refresh("client_secret", r.vars["viewer_client_secret"], "scope", "user/Patient.cruds")
		}},
		{"HG056", "GET at the token URL", sandbox.WrongMethod, func(r *rig) *Case {
			return r.exchange(wire.Request{Method: "GET", URL: r.tokenURL(), Header: http.Header{"Accept": {"application/json"}}})
		}},
		{"HG056", "a token URL that does not exist", sandbox.UnknownPath, func(r *rig) *Case {
			return r.exchange(form(r.vars["base_url"]+"/oauth/v2/token", "grant_type", jwtBearerGrant, "assertion", r.forge(claims{"aud": r.vars["base_url"] + "/oauth/v2/token"})))
		}},
		{"HG056", "two slashes in the token URL", sandbox.DoubleSlash, func(r *rig) *Case {
			return r.exchange(form(r.vars["base_url"]+"//oauth/token", "grant_type", jwtBearerGrant, "assertion", r.forge(claims{"aud": r.vars["base_url"] + "//oauth/token"})))
		}},
		{"HG074", "Contect-Type", sandbox.WrongContentType, func(r *rig) *Case {
			req := r.bearer(r.forge(nil))
			req.Header["Contect-Type"] = req.Header["Content-Type"]
			delete(req.Header, "Content-Type")
			return r.exchange(req)
		}},
	}
}

func (r *rig) pattern(authorization string) *Case {
	r.Helper()
	req := form(r.vars["pattern_url"]+"/api/auth/token", "grant_type", "client_credentials")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return r.exchange(req)
}

func apiMistakes() []mistake {
	patient := func(r *rig) string { return r.vars["fhir_url"] + "/Patient/" + r.vars["patient"] }
	return []mistake{
		{"HG001", "the assertion as access token", sandbox.AssertionAsToken, func(r *rig) *Case { return r.exchange(get(patient(r), r.forge(nil))) }},
		{"HG001", "an assertion that was exchanged before", sandbox.AssertionAsToken, func(r *rig) *Case {
			jwt := r.forge(claims{"aud": "some-audience"})
			r.done(r.bearer(jwt))
			return r.exchange(get(patient(r), jwt))
		}},
		{"HG008", "a token of the other environment", sandbox.ForeignToken, func(r *rig) *Case {
			token := r.token("")
			return r.exchange(get(strings.Replace(patient(r), "sandbox.", "api.", 1), token))
		}},
		{"HG015", "an expired token", sandbox.ExpiredToken, func(r *rig) *Case {
			token := r.token("")
			r.done(get(patient(r), token))
			time.Sleep(time.Hour + time.Minute)
			return r.exchange(get(patient(r), token))
		}},
		{"HG014", "a token that was never captured", sandbox.UnknownToken, func(r *rig) *Case { return r.exchange(get(patient(r), "{{access_token}}")) }},
		{"HG014", "the documentation's token", sandbox.UnknownToken, func(r *rig) *Case { return r.exchange(get(patient(r), "YOUR ACCESS TOKEN")) }},
		{"HG050", "Bearer Bearer", sandbox.UnknownToken, func(r *rig) *Case { return r.exchange(get(patient(r), "Bearer "+r.token(""))) }},
		{"HG050", "a quoted token", sandbox.UnknownToken, func(r *rig) *Case { return r.exchange(get(patient(r), `"`+r.token("")+`"`)) }},
		{"HG050", "the token alone", sandbox.NoCredentials, func(r *rig) *Case {
			return r.exchange(get(patient(r), "", "Authorization", r.token("")))
		}},
		{"HG050", "no header", sandbox.NoCredentials, func(r *rig) *Case { return r.exchange(get(patient(r), "")) }},
		{"HG050", "nothing behind Bearer", sandbox.UnknownToken, func(r *rig) *Case { return r.exchange(get(patient(r), "", "Authorization", "Bearer")) }},
		{"HG053", "a scope that does not cover it", sandbox.InsufficientScope, func(r *rig) *Case {
			token := r.token("user/Observation.read")
			return r.exchange(get(patient(r), token))
		}},
		{"HG057", "two slashes in a FHIR URL", sandbox.DoubleSlash, func(r *rig) *Case {
			return r.exchange(get(strings.Replace(patient(r), "/Patient", "//Patient", 1), r.token("")))
		}},
		{"HG070", "a token from before the scope was changed", sandbox.InsufficientScope, func(r *rig) *Case {
			token := r.token("user/Observation.read")
			c := r.exchange(get(patient(r), token))
			c.Token.Scope = "user/Patient.rs user/Observation.read"
			return c
		}},
		{"HG071", "a token that was revoked", sandbox.RevokedToken, func(r *rig) *Case {
			token := r.token("")
			r.done(get(patient(r), token))
			r.done(get(r.vars["base_url"]+"/oauth/cancel?token="+token, ""))
			time.Sleep(time.Minute)
			return r.exchange(get(patient(r), token))
		}},
		{"HG072", "a format that the server does not have", sandbox.WrongAccept, func(r *rig) *Case {
			return r.exchange(get(patient(r), r.token(""), "Accept", "application/fhir+xml"))
		}},
		{"HG073", "a search parameter that nobody knows", sandbox.OK, func(r *rig) *Case {
			return r.exchange(get(r.vars["fhir_url"]+"/Patient?familly=smith&_count=2", r.token("")))
		}},
		{"HG016", "a refresh token from client credentials", sandbox.OK, func(r *rig) *Case {
			c := r.exchange(form(r.tokenURL(), "grant_type", "client_credentials", "client_id", r.vars["client_id"], "client_secret", r.vars["client_secret"]))
			c.Missing = []string{"refresh_token"}
			return c
		}},
		{"HG019", "milliseconds taken for seconds", sandbox.OK, func(r *rig) *Case {
			return r.pattern(basicHeader(r.vars["pattern_client_id"], r.vars["pattern_client_secret"]))
		}},
		{"HG020", "seconds taken for milliseconds", sandbox.OK, func(r *rig) *Case {
			c := r.exchange(r.bearer(r.forge(nil)))
			c.Token.Unit = time.Millisecond
			return c
		}},
	}
}

func faultMistakes() []mistake {
	at := func(f sandbox.Fault, send func(*rig) *Case) func(*rig) *Case {
		return func(r *rig) *Case {
			r.Helper()
			if err := r.sandbox.Inject(f); err != nil {
				r.Fatal(err)
			}
			return send(r)
		}
	}
	exchange := func(r *rig) *Case { return r.exchange(r.bearer(r.forge(nil))) }
	read := func(r *rig) *Case { return r.exchange(get(r.vars["fhir_url"]+"/Patient/1", "some-token")) }
	fault := sandbox.InjectedFault
	return []mistake{
		{"HG054", "a login page at the token URL", fault, at(sandbox.Fault{Route: "/oauth/token", Kind: "html"}, exchange)},
		{"HG054", "a login page at the API", fault, at(sandbox.Fault{Route: "/fhir/*", Kind: "html"}, read)},
		{"HG055", "301 at the token URL", fault, at(sandbox.Fault{Route: "/oauth/token", Kind: "301"}, exchange)},
		{"HG055", "307 to another host", fault, at(sandbox.Fault{Route: "/oauth/token", Kind: "307", To: "cross-host"}, exchange)},
		{"HG058", "407", fault, at(sandbox.Fault{Route: "*", Kind: "407"}, read)},
		{"HG063", "429 with a date", fault, at(sandbox.Fault{Route: "*", Kind: "429", RetryAfter: "date"}, read)},
		{"HG063", "429 without Retry-After at the token URL", fault, at(sandbox.Fault{Route: "*", Kind: "429"}, exchange)},
		{"HG064", "503 at the token URL", fault, at(sandbox.Fault{Route: "/oauth/token", Kind: "503"}, exchange)},
		{"HG064", "500 at the token URL", fault, at(sandbox.Fault{Route: "/oauth/token", Kind: "500"}, exchange)},
	}
}
