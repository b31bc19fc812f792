package diagnosis

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/wire"
)

// serverMistakes are those that only some servers mind.
func serverMistakes() []mistake {
	return append(policyMistakes(), append(codeMistakes(), boundMistakes()...)...)
}

// discover reads what the server says of itself, as a request of the run.
func (r *rig) discover(base string) { r.done(get(base+"/.well-known/smart-configuration", "")) }

func policyMistakes() []mistake {
	want := func(a sandbox.Audience, changes claims) func(*rig) *Case {
		return func(r *rig) *Case {
			r.Helper()
			if err := r.sandbox.SetAudience("sandbox", a); err != nil {
				r.Fatal(err)
			}
			r.discover(r.vars["fhir_url"])
			return r.exchange(r.bearer(r.forge(changes)))
		}
	}
	return []mistake{
		{"HG037", "the server wants its issuer", sandbox.WrongAudience, want(sandbox.Issuer, nil)},
		{"HG037", "the server wants its issuer with a slash", sandbox.WrongAudience, want(sandbox.IssuerSlash, nil)},
		{"HG003", "the server wants its token URL, and got its issuer", sandbox.WrongAudience, func(r *rig) *Case {
			return want(sandbox.TokenURLString, claims{"aud": r.vars["www_url"]})(r)
		}},
		{"HG034", "no jti", sandbox.WrongID, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{AssertionSwitches: sandbox.AssertionSwitches{NeedJTI: true}})
			return r.exchange(r.bearer(r.forge(claims{"jti": nil})))
		}},
		{"HG030", "an hour and a half ahead", sandbox.DistantExpiry, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{AssertionSwitches: sandbox.AssertionSwitches{MaxLifetime: 3600}})
			return r.exchange(r.bearer(r.forge(claims{"exp": time.Now().Unix() + 5417})))
		}},
		{"HG030", "ten minutes ahead", sandbox.DistantExpiry, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{AssertionSwitches: sandbox.AssertionSwitches{MaxLifetime: 300}})
			return r.exchange(r.bearer(r.forge(claims{"exp": time.Now().Unix() + 600})))
		}},
		{"HG051", "a scope that was left out", sandbox.OK, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{DownScope: true})
			return r.exchange(r.bearer(r.forge(nil), "scope", "patient360 create_users"))
		}},
		{"HG015", "an expired token that the server names so", sandbox.ExpiredToken, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{ExpiredToken: true})
			token := r.token("")
			r.sandbox.Advance(2 * time.Hour) // which this machine's clock does not see
			return r.exchange(get(r.vars["fhir_url"]+"/Patient/"+r.vars["patient"], token))
		}},
		{"HG054", "a page for every unknown path", sandbox.UnknownPath, func(r *rig) *Case {
			return r.exchange(form(r.vars["www_url"]+"/token", "grant_type", jwtBearerGrant, "assertion", r.forge(nil)))
		}},
		{"HG063", "too many requests at Pattern Health", sandbox.TooManyRequests, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{PatternRate: 1})
			r.latency = 0
			pair := basicHeader(r.vars["pattern_client_id"], r.vars["pattern_client_secret"])
			token := r.pattern(pair).granted().access
			read := get(r.vars["pattern_url"]+"/api/v1/groups/"+r.vars["pattern_group"]+"/members", token, "Accept", "application/json")
			for range 5 {
				if c := r.exchange(read); c.Exchange.Response.Status == 429 {
					return c
				}
			}
			return r.exchange(read)
		}},
		{"HG072", "no Accept for JSON at Pattern Health", sandbox.WrongAccept, func(r *rig) *Case {
			req := form(r.vars["pattern_url"]+"/api/auth/token", "grant_type", "client_credentials")
			req.Header.Set("Accept", "text/html")
			req.Header.Set("Authorization", basicHeader(r.vars["pattern_client_id"], r.vars["pattern_client_secret"]))
			return r.exchange(req)
		}},
	}
}

const callback = "http://127.0.0.1:8123/callback"

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorize is the first step of a launch; changes are name, value of parameters.
func (r *rig) authorize(verifier string, changes ...string) wire.Request {
	q := url.Values{
		"response_type": {"code"}, "client_id": {r.vars["public_client_id"]}, "redirect_uri": {callback}, "scope": {"launch/patient patient/*.rs"},
		"state": {"a-state-nobody-can-guess"}, "aud": {r.vars["fhir_url"]}, "code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return wire.Request{Method: "GET", URL: r.vars["base_url"] + "/oauth/authorize?" + q.Encode(), Header: http.Header{}}
}

func (r *rig) code(verifier string) string {
	r.Helper()
	back, err := url.Parse(r.done(r.authorize(verifier)).Exchange.Response.Header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		r.Fatalf("no code in %q (%s)", back, r.reason())
	}
	return back.Query().Get("code")
}

func (r *rig) redeem(code, verifier, redirect string) wire.Request {
	return form(r.vars["refresh_url"], "grant_type", "authorization_code", "code", code, "redirect_uri", redirect, "code_verifier", verifier, "client_id", r.vars["public_client_id"])
}

func codeMistakes() []mistake {
	verifier := strings.Repeat("v-1.~_", 8)
	return []mistake{
		{"HG067", "another verifier", sandbox.WrongVerifier, func(r *rig) *Case {
			return r.exchange(r.redeem(r.code(verifier), strings.Repeat("another.", 6), callback))
		}},
		{"HG067", "a short verifier", sandbox.WrongVerifier, func(r *rig) *Case {
			return r.exchange(r.redeem(r.code("short"), "short", callback))
		}},
		{"HG067", "the code a second time", sandbox.UsedCode, func(r *rig) *Case {
			code := r.code(verifier)
			r.done(r.redeem(code, verifier, callback))
			return r.exchange(r.redeem(code, verifier, callback))
		}},
		{"HG067", "another redirect_uri", sandbox.WrongRedirect, func(r *rig) *Case {
			return r.exchange(r.redeem(r.code(verifier), verifier, "http://127.0.0.1:8123/"))
		}},
		{"HG067", "a code that is too old", sandbox.ExpiredCode, func(r *rig) *Case {
			code := r.code(verifier)
			time.Sleep(2 * time.Minute)
			return r.exchange(r.redeem(code, verifier, callback))
		}},
		{"HG069", "aud with a slash at its end", sandbox.WrongResource, func(r *rig) *Case { return r.exchange(r.authorize(verifier, "aud", r.vars["fhir_url"]+"/")) }},
		{"HG069", "aud of the other environment", sandbox.WrongResource, func(r *rig) *Case {
			return r.exchange(r.authorize(verifier, "aud", "http://api.hg.example/fhir/R4"))
		}},
		{"HG069", "no aud", sandbox.WrongResource, func(r *rig) *Case { return r.exchange(r.authorize(verifier, "aud", "")) }},
	}
}

// dpopProof signs a proof for a request (RFC 9449, section 4.2).
func dpopProof(key *ecdsa.PrivateKey, method, target, nonce, access string) string {
	raw, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	enc := base64.RawURLEncoding
	header := map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": map[string]any{
		"kty": "EC", "crv": "P-256", "x": enc.EncodeToString(raw[1:33]), "y": enc.EncodeToString(raw[33:]),
	}}
	c := claims{"jti": rand.Text(), "htm": method, "htu": target, "iat": time.Now().Unix()}
	if nonce != "" {
		c["nonce"] = nonce
	}
	if access != "" {
		c["ath"] = challengeOf(access)
	}
	return forgeWith(header, c, func(input string) []byte {
		digest := sha256.Sum256([]byte(input))
		x, y, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			panic(err)
		}
		signature := make([]byte, 64)
		x.FillBytes(signature[:32])
		y.FillBytes(signature[32:])
		return signature
	})
}

// bound asks the DPoP server for a token, with a nonce or without.
func (r *rig) bound(nonce bool) *Case {
	r.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.Fatal(err)
	}
	target := r.vars["dpop_token_url"]
	ask := func(nonce string) wire.Request {
		req := form(target, "grant_type", jwtBearerGrant, "assertion", r.forge(claims{"aud": target}))
		req.Header.Set("Dpop", dpopProof(key, "POST", target, nonce, ""))
		return req
	}
	c := r.exchange(ask(""))
	if !nonce {
		return c
	}
	return r.done(ask(c.Exchange.Response.Header.Get("Dpop-Nonce")))
}

func boundMistakes() []mistake {
	return []mistake{
		{"HG066", "a proof without nonce", sandbox.WrongNonce, func(r *rig) *Case { return r.bound(false) }},
		{"HG065", "a bound token as Bearer", sandbox.BoundAsBearer, func(r *rig) *Case {
			token := r.bound(true).granted().access
			return r.exchange(get(r.vars["dpop_fhir_url"]+"/Patient/"+r.vars["patient"], token))
		}},
		{"HG061", "no client certificate", sandbox.NoCertificate, func(r *rig) *Case {
			c := r.exchange(form(r.vars["mtls_token_url"], "grant_type", "client_credentials", "client_id", r.vars["mtls_client_id"]))
			c.Token.ClientAuth = "mtls"
			return c
		}},
		{"HG061", "no client certificate, by the server's own words", sandbox.NoCertificate, func(r *rig) *Case {
			r.discover(r.vars["mtls_url"])
			return r.exchange(form(r.vars["mtls_token_url"], "grant_type", "client_credentials", "client_id", r.vars["mtls_client_id"]))
		}},
	}
}

func TestMistakesThatSomeServersMindAreNamed(t *testing.T) {
	t.Parallel()
	for mode, errors := range map[string]sandbox.ErrorMode{"HG": sandbox.DefaultErrors, "generic": sandbox.GenericErrors, "silent": sandbox.SilentErrors} {
		for _, m := range serverMistakes() {
			t.Run(fmt.Sprintf("%s/%s %s", mode, m.code, m.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", errors, sandbox.Servers{WWW: true, DPoP: true, MTLS: true})
					c := m.make(r)
					if got := r.reason(); got != m.reason {
						t.Fatalf("the sandbox says %s, want %s: the mistake was not made", got, m.reason)
					}
					if got := Explain(c); first(got) != m.code {
						t.Errorf("got %s first, want %s; answer %d %.200s; findings:%s", first(got), m.code, c.Exchange.Response.Status, c.Exchange.Response.Body, tell(got))
					}
				})
			})
		}
	}
}
