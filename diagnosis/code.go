package diagnosis

import (
	"fmt"
	"net/url"
	"strings"
)

func brokenPKCE() Rule {
	return Rule{
		Code: "HG067", Title: "the authorization code cannot be redeemed: verifier, redirect_uri, or the code itself", Rank: 6,
		Answers: refusedToken, Words: []string{"code_verifier", "verifier", "pkce", "redirect_uri", "authorization code", "grant request is invalid"}, Lint: findPKCE, Explain: explainCode,
		Page: Page{
			Symptom:   "invalid_grant for grant_type=authorization_code.",
			Cause:     "The code_verifier does not belong to the challenge, is malformed, redirect_uri differs from the first step, or the code was used before or is too old.",
			Detection: "Length and characters of the verifier; whether redirect_uri is there.",
			Evidence:  "The lengths, and what is missing.",
			Fix:       "A verifier of 43 to 128 letters, S256, and the same redirect_uri in both steps; a code works once, and for a minute or so.",
			Sources:   "RFC 7636, section 4.1; RFC 6749, section 4.1.3; measured: panva answers \"grant request is invalid\" to all of them.",
		},
	}
}

func findPKCE(c *Case) []Finding {
	if c.grantType() != "authorization_code" {
		return nil
	}
	verifier, there := c.first("code_verifier")
	f := Finding{Pos: c.at("form code_verifier", "form redirect_uri", "oauth2", "body"), Fix: "make a verifier of 43 to 128 characters A-Z a-z 0-9 - . _ ~ for each authorization, and send it with the code"}
	strange := strings.IndexFunc(verifier.value, func(r rune) bool { return !jwtRune(r) && r != '~' })
	switch {
	case !there && c.has("redirect_uri") && c.has("client_secret"):
		return nil // a confidential client may do without
	case !there && !c.basic().there && len(c.proofs()) == 0:
		f.Confidence = Likely
		f.Cause = "the code is redeemed without code_verifier, and without client authentication"
		f.Evidence = []Evidence{line(Sent, "%s", c.paramNames())}
	case there && (len(verifier.value) < 43 || len(verifier.value) > 128):
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("code_verifier has %d characters, want 43 to 128", len(verifier.value))
		f.Evidence = []Evidence{line(Sent, "code_verifier of %d characters", len(verifier.value))}
	case there && strange >= 0:
		f.Confidence = Certain
		f.Cause = "code_verifier has a character that it may not have"
		f.Evidence = []Evidence{line(Sent, "code_verifier of %d characters; number %d is not allowed", len(verifier.value), strange+1)}
	case !c.has("redirect_uri"):
		f.Confidence = Possible
		f.Cause = "redirect_uri is missing, which must be the same as in the first step"
		f.Evidence = []Evidence{line(Sent, "%s", c.paramNames())}
		f.Fix = "send redirect_uri exactly as in the first step"
	default:
		return nil
	}
	return one(f)
}

func explainCode(c *Case) []Finding {
	if c.grantType() != "authorization_code" || c.answer().class&(InvalidGrant|OtherRefusal|Silent) == 0 || len(findPKCE(c)) > 0 {
		return nil
	}
	return one(Finding{
		Confidence: Likely, Pos: c.at("form code", "form redirect_uri", "oauth2", "body"),
		Cause: "the server does not take the code: it was used before, is too old, or redirect_uri or code_verifier are not those of the first step",
		Evidence: []Evidence{
			line(Sent, "redirect_uri %s, code of %d characters, code_verifier of %d", shownURL(c.value("redirect_uri")), len(c.value("code")), len(c.value("code_verifier"))),
			c.serverLine(),
		},
		Fix: "get a new code and redeem it once, at once, with the redirect_uri and the verifier of its own first step",
	})
}

func foreignState() Rule {
	return Rule{
		Code: "HG068", Title: "the redirect back carries another state or issuer than expected", Rank: 8,
		Answers: Redirected | Answered, Words: nil, Explain: explainState,
		Page: Page{
			Symptom:   "The authorization endpoint redirects back, and the answer belongs to somebody else.",
			Cause:     "state must come back as it was sent, and iss must be the issuer that was asked: otherwise the answer may be forged.",
			Detection: "The query of the redirect against that of the request and the discovery document.",
			Evidence:  "Lengths and fingerprints of both states; both issuers.",
			Fix:       "Abort. Do not redeem the code.",
			Sources:   "RFC 6749, section 10.12; RFC 9207, section 2.4.",
		},
	}
}

func explainState(c *Case) []Finding {
	if c.role() != AuthorizationRequest || c.response() == nil {
		return nil
	}
	back, err := url.Parse(c.response().Header.Get("Location"))
	if err != nil || back.RawQuery == "" {
		return nil
	}
	q := back.Query()
	if !q.Has("code") && !q.Has("error") {
		return nil
	}
	f := Finding{Confidence: Certain, Pos: c.at("query state", "url", "request"), Fix: "do not redeem the code; start again, and find out who answered"}
	sent, got := c.value("state"), q.Get("state")
	issuer := c.discovery().Issuer
	if issuer == "" {
		issuer = c.Token.Issuer
	}
	switch iss := q.Get("iss"); {
	case sent != got:
		f.Cause = "the state that came back is not the one that was sent"
		f.Evidence = []Evidence{line(Sent, "state of %d characters, %s", len(sent), fingerprint(sent)), line(Server, "state of %d characters, %s", len(got), fingerprint(got))}
	case iss != "" && issuer != "" && iss != issuer:
		f.Cause = "the answer comes from another issuer than the one that was asked"
		f.Evidence = []Evidence{line(Expected, "iss %s", shownURL(issuer)), line(Server, "iss %s", shownURL(iss))}
	default:
		return nil
	}
	return one(f)
}

func launchAudience() Rule {
	return Rule{
		Code: "HG069", Title: "aud of the authorization request is not the FHIR base", Rank: 7,
		Answers: Redirected | BadRequest | InvalidToken | Forbidden | Answered | HTMLPage, Words: []string{"aud"}, Lint: findLaunchAudience,
		Page: Page{
			Symptom:   "invalid_request, or an error page, at the first step of a SMART launch.",
			Cause:     "SMART wants aud: the FHIR base that the token is for, exactly as in the server's documentation.",
			Detection: "aud of the query against the FHIR base of the environment, byte for byte.",
			Evidence:  "Both.",
			Fix:       "aud: \"{{fhir_url}}\".",
			Sources:   "SMART App Launch 2.2, Authorization; athenaFlex#313; g10#438.",
		},
	}
}

func findLaunchAudience(c *Case) []Finding {
	if c.role() != AuthorizationRequest {
		return nil
	}
	name, base := c.Environment.fhirBase()
	aud, there := c.first("aud")
	f := Finding{Confidence: Certain, Pos: c.at("query aud", "url", "request")}
	smart := strings.Contains(c.value("scope"), "launch") || strings.Contains(c.value("scope"), "patient/") || strings.Contains(c.value("scope"), "user/")
	switch {
	case !there && smart:
		f.Confidence = Likely
		f.Cause = "the request has no aud, which SMART requires"
		f.Evidence = []Evidence{line(Sent, "no aud")}
		f.Fix = "add aud, the FHIR base"
	case there && base != "" && aud.value != base:
		f.Cause = "aud is not the FHIR base of the environment"
		f.Evidence = []Evidence{line(Sent, "%s", difference("aud", shownURL(aud.value), name, shownURL(base)))}
		f.Fix = "write aud as " + shownURL(base)
	default:
		return nil
	}
	if base != "" {
		f.Evidence = append(f.Evidence, line(Configured, "%s %s", name, shownURL(base)))
	}
	return one(f)
}
