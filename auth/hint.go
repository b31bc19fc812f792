package auth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// hint says what to check after a refusal that tells little: a token endpoint answers a dozen mistakes with the same error,
// or with nothing. It says what was sent as far as that is no secret.
func (x *exchange) hint(r *Refusal) string {
	switch {
	case r.clear || r.Status == http.StatusTooManyRequests || r.Status > http.StatusInternalServerError:
		return ""
	case x.public:
		return x.pageHint()
	case says(r.Code) != "":
		return says(r.Code)
	case r.Status < 300 && r.Code == "":
		return "the request went to " + x.url + ", which may be another page, or a login page or proxy before it"
	case r.Code != "" && r.Code != "invalid_client" && r.Code != "invalid_grant" && r.Status < 500:
		return ""
	}
	parts := x.addressHints(r)
	if x.form != nil {
		parts = append(parts, x.sentHint(r))
	}
	if len(parts) == 0 {
		return ""
	}
	return "check: " + strings.Join(parts, "; ")
}

// addressHints say what can be wrong with the address.
func (x *exchange) addressHints(r *Refusal) []string {
	var parts []string
	if r.Status == http.StatusNotFound || r.Status == http.StatusMethodNotAllowed {
		method := "POST to"
		if x.form == nil {
			method = "GET of"
		}
		parts = append(parts, fmt.Sprintf("no %s answers a %s %s", x.name, method, x.url))
	}
	if u, err := url.Parse(x.url); err == nil && strings.Contains(u.Path, "//") {
		parts = append(parts, "the path of the URL has a double slash")
	}
	return parts
}

// pageHint is for pages that are fetched before anything secret is sent.
func (x *exchange) pageHint() string {
	switch {
	case x.block.discover == "":
		return ""
	case x.member != "":
		return "check: " + x.url + ", which the server's metadata names"
	}
	return "check: " + x.url + ", which " + x.block.discovering() + " makes; another server describes itself elsewhere"
}

// sentHint says what of the request can be wrong.
func (x *exchange) sentHint(r *Refusal) string {
	switch {
	case x.family != nil && r.Code == "invalid_grant":
		return "the refresh token may have ended, been revoked or been used before; get a new one"
	case x.grant.refused != "" && r.Code == "invalid_grant":
		return x.grant.refused
	case x.jwt != "":
		return x.assertionHint()
	case x.block.client.secret:
		return x.secretHint()
	case x.block.clientName == "mtls":
		return fmt.Sprintf("client_id %q and the certificate that tls: of the environment has (client_auth: mtls)", x.text("client_id"))
	}
	return "no client authentication was sent (client_auth: none); a client with a secret needs basic or post"
}

// says returns what a code means that is clear by itself (RFC 6749, section 4.1.2.1; RFC 8628, section 3.5).
func says(code string) string {
	switch code {
	case "access_denied":
		return "the person, or the server for the person, said no"
	case "expired_token":
		return "nobody said yes in time; try again"
	}
	return ""
}

// assertionHint shows the claims that a server looks at. What cannot be seen from here (the key, the clock) comes last.
func (x *exchange) assertionHint() string {
	c, ok := readClaims(x.jwt)
	if !ok {
		return "the assertion that was sent"
	}
	var odd []string
	var aud string
	if json.Unmarshal(c.Aud, &aud) != nil || aud != x.audience {
		odd = append(odd, fmt.Sprintf("aud differs from the URL %q that it was posted to", x.audience))
	}
	if c.Issuer != c.Subject {
		odd = append(odd, "iss and sub differ")
	}
	if strings.Contains(c.Subject, "@") {
		odd = append(odd, "sub looks like an email address, and the client ID is wanted")
	}
	if id := x.text("client_id"); id != "" && c.Issuer != id {
		odd = append(odd, "iss is not client_id")
	}
	odd = append(odd, "then the key that the server knows (alg "+c.Alg+") and the clocks")
	return fmt.Sprintf("the assertion has aud %s, iss %q, sub %q and lives %d s; %s",
		c.Aud, c.Issuer, c.Subject, int64(c.Expires-c.Issued), strings.Join(odd, "; "))
}

// claims are those of an assertion that a server looks at first.
type claims struct {
	Alg     string          `json:"-"`
	Aud     json.RawMessage `json:"aud"`
	Issuer  string          `json:"iss"`
	Subject string          `json:"sub"`
	Expires float64         `json:"exp"`
	Issued  float64         `json:"iat"`
}

func readClaims(jwt string) (claims, bool) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return claims{}, false
	}
	var c claims
	var head struct{ Alg string }
	for i, to := range []any{&head, &c} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, to) != nil {
			return claims{}, false
		}
	}
	c.Alg = head.Alg
	return c, true
}

// secretHint names what can be wrong with a secret without showing it.
func (x *exchange) secretHint() string {
	id, secret := x.text("client_id"), x.text("client_secret")
	hint := fmt.Sprintf("client_id %q and client_secret (client_auth: %s)", id, x.block.clientName)
	if strings.TrimSpace(secret) != secret {
		hint += "; client_secret has white space at its ends"
	}
	if x.block.clientName != "basic" {
		return hint
	}
	other := map[string]string{rawPair: encodedPair, encodedPair: rawPair}[x.block.terms.pair]
	if url.QueryEscape(id)+url.QueryEscape(secret) != id+secret {
		hint += fmt.Sprintf("; they were sent with basic_encoding: %s, and %s would send other bytes", x.block.terms.pair, other)
	}
	return hint
}
