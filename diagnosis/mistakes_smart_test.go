package diagnosis

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/hgrun/hgrun/internal/sandbox"
)

// smart makes a backend services request with an assertion of hgrun's own, changed by lines of YAML.
func (r *rig) smart(yaml string) *Case {
	r.Helper()
	r.vars["client_id"] = r.vars["smart_client_id"]
	return r.smartWith(r.mint("{"+yaml+"}", r.vars["smart_token_url"]))
}

func (r *rig) smartWith(jwt string) *Case {
	r.Helper()
	keys := r.done(get(r.vars["smart_jwks_url"], ""))
	c := r.exchange(form(r.vars["smart_token_url"], "grant_type", "client_credentials", "scope", "system/*.rs",
		"client_assertion_type", assertionType, "client_assertion", jwt))
	c.Environment = EnvironmentFacts{Name: "sandbox", ClientID: r.vars["smart_client_id"], URLs: map[string]string{"token_url": r.vars["smart_token_url"]}}
	c.Token.Profile = "smart-backend-services"
	c.Keys.Registered = string(keys.Exchange.Response.Body)
	return c
}

func ecKey(curve elliptic.Curve) string {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func smartMistakes() []mistake {
	const right = `key: "{{smart_private_key}}", kid: "{{smart_key_id}}"`
	return []mistake{
		{"HG034", "no jti", sandbox.WrongID, func(r *rig) *Case { return r.smart(right + ", claims: {jti: null}") }},
		{"HG038", "no kid", sandbox.WrongHeader, func(r *rig) *Case { return r.smart(`key: "{{smart_private_key}}"`) }},
		{"HG038", "a kid that nobody has published", sandbox.UnknownKey, func(r *rig) *Case { return r.smart(`key: "{{smart_private_key}}", kid: key-1`) }},
		{"HG038", "no typ", sandbox.WrongHeader, func(r *rig) *Case { return r.smart(right + ", typ: null") }},
		{"HG039", "the server cannot fetch the keys", sandbox.UnreachableKeys, func(r *rig) *Case {
			r.sandbox.SetSwitches(sandbox.Switches{AssertionSwitches: sandbox.AssertionSwitches{FetchKeys: true}})
			if err := r.sandbox.Inject(sandbox.Fault{Route: "/clients/*", Kind: "503", After: 1}); err != nil {
				r.Fatal(err)
			}
			return r.smart(right)
		}},
		{"HG040", "an algorithm that the server does not take", sandbox.WrongAlgorithm, func(r *rig) *Case {
			return r.smart(`alg: RS256, key: "{{smart_private_key_rs384}}", kid: "{{smart_key_id_rs384}}"`)
		}},
		{"HG041", "PSS under RS384", sandbox.WrongSignature, func(r *rig) *Case {
			r.vars["client_id"] = r.vars["smart_client_id"]
			block, _ := pem.Decode([]byte(r.vars["smart_private_key_rs384"]))
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				r.Fatal(err)
			}
			claims := r.claims(claims{"aud": r.vars["smart_token_url"]})
			header := map[string]any{"alg": "RS384", "typ": "JWT", "kid": r.vars["smart_key_id_rs384"]}
			return r.smartWith(forgeWith(header, claims, func(input string) []byte {
				digest := sha512.Sum384([]byte(input))
				signature, err := rsa.SignPSS(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA384, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
				if err != nil {
					r.Fatal(err)
				}
				return signature
			}))
		}},
		{"HG043", "another key under the registered kid", sandbox.WrongSignature, func(r *rig) *Case {
			r.vars["smart_private_key"] = ecKey(elliptic.P384())
			return r.smart(right)
		}},
		{"HG030", "an assertion of ten minutes", sandbox.DistantExpiry, func(r *rig) *Case { return r.smart(right + ", lifetime: 10m") }},
		{"HG036", "aud with a slash at its end", sandbox.WrongAudience, func(r *rig) *Case { return r.smart(right + `, aud: "{{smart_token_url}}/"`) }},
	}
}

func TestMistakesOfBackendServicesAreNamed(t *testing.T) {
	t.Parallel()
	for _, mode := range []sandbox.ErrorMode{sandbox.DefaultErrors, sandbox.SilentErrors, sandbox.StrictErrors} {
		for _, m := range smartMistakes() {
			t.Run(fmt.Sprintf("%q/%s %s", string(mode), m.code, m.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", mode, sandbox.Servers{SMART: true})
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
