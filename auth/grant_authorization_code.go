package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const authorizationCodeName = "authorization-code"

// authorizationCode exchanges a code that a person's consent brings for a token (RFC 6749, section 4.1), with PKCE always
// (RFC 7636; RFC 9700, section 2.1.1). SMART App Launch and OpenID Connect add to the authorization request.
func authorizationCode() grant {
	return grant{
		wire:  "authorization_code",
		also:  []string{"code", "auth-code", "authcode", "pkce", "authorization-code-with-pkce", "smart-app-launch", "app-launch", "3-legged", "openid"},
		needs: []string{"token_url", "authorization_url"},
		own: []key{
			{name: "authorization_url", check: checkTokenURL},
			{name: "redirect_uri", check: checkRedirectURI},
			{name: "code", secret: true, fleeting: true},
			{name: "code_verifier", secret: true, fleeting: true, check: checkVerifier},
			{name: "fhir_url", check: checkTokenURL},
			{name: "launch", secret: true},
			{name: "par_url", check: checkTokenURL},
			{name: "jwks_url", check: checkTokenURL},
		},
		auth:    "none",
		earlier: true,
		refused: "the code may have ended or been used before, or belong to another redirect_uri, client_id or code_verifier",
		judge:   judgeIDToken,
		fill: func(ctx context.Context, x *exchange) error {
			if x.consented == nil {
				if err := x.consent(ctx); err != nil {
					return err
				}
			}
			x.form.add("code", x.consented.code)
			x.form.add("redirect_uri", x.consented.redirectURI)
			x.form.add("code_verifier", x.consented.verifier)
			return nil
		},
	}
}

// checkRedirectURI accepts what a server can send a browser to, a scheme of an app among it (RFC 6749, section 3.1.2).
func checkRedirectURI(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("not a URL: %w", errors.Unwrap(err))
	case u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == "":
		return fmt.Errorf("got %q, want a whole URL such as http://127.0.0.1:8765/callback", text)
	case strings.Contains(text, "#"):
		return fmt.Errorf("got %q, want a URL without a fragment (RFC 6749, section 3.1.2)", text)
	}
	return nil
}

// checkVerifier is RFC 7636, section 4.1.
func checkVerifier(text string) error {
	strange := strings.ContainsFunc(text, func(r rune) bool {
		return r > '~' || !strings.ContainsRune("-._~", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if strange || len(text) < 43 || len(text) > 128 {
		return fmt.Errorf("code_verifier has %d characters, want 43 to 128 of A-Z a-z 0-9 - . _ ~ (RFC 7636, section 4.1)", len(text))
	}
	return nil
}

// readAuthorization reads what is said about the authorization request alone.
func (r *reading) readAuthorization() {
	for _, name := range []string{"par", "authorization_params"} {
		r.belongs(name, authorizationCodeName)
	}
	r.readExtras("authorization_params", authorizationParam)
}

// checkAuthorizationParam refuses what hgrun writes itself.
func checkAuthorizationParam(name string) error {
	switch {
	case slices.Contains([]string{"response_type", "state", "nonce", "code_challenge", "code_challenge_method", "dpop_jkt"}, name):
		return fmt.Errorf("authorization_params: %s is made anew for every authorization request", name)
	case slices.Contains([]string{"client_id", "redirect_uri", "scope", "launch", "audience", "resource"}, name):
		return fmt.Errorf("authorization_params: %s has a key of its own; write %s: … beside authorization_params", name, name)
	case name == "aud":
		return errors.New("authorization_params: aud has a key of its own; write fhir_url: … beside authorization_params")
	}
	return nil
}
