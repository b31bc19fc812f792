package diagnosis

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
)

func assertionAsToken() Rule {
	return Rule{
		Code: "HG001", Title: "the assertion was sent as an access token", Rank: 8,
		Answers: InvalidToken | Forbidden | BadRequest, Words: []string{"invalid_token"}, Lint: findAssertionAsToken,
		Page: Page{
			Symptom:   "401 with WWW-Authenticate: Bearer error=\"invalid_token\" from an API.",
			Cause:     "The JWT that a client signs is no access token: it is exchanged for one at the token endpoint first.",
			Detection: "The Bearer value is a JWT whose aud is a token endpoint, or an assertion that was sent to one in this run.",
			Evidence:  "aud, iss and exp of the JWT.",
			Fix:       "Exchange it: an oauth2 block, or a POST to the token URL, whose access_token is captured.",
			Sources:   "Health Gorilla, Troubleshooting: \"Using A JWT Assertion As An Access Token\"; RFC 7523, section 2.1.",
		},
	}
}

func findAssertionAsToken(c *Case) []Finding {
	bearer := strings.Trim(c.bearer(), `"' `)
	if c.role() != APIRequest || !assertions.LooksLike(bearer) {
		return nil
	}
	if _, issued := c.History.token(bearer); issued && c.History.issuedBy(bearer) {
		return nil
	}
	t, _ := assertions.Inspect(bearer)
	use, made := c.History.made(bearer)
	if t == nil || !made && !c.aimsAtTokenEndpoint(t) {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("header Authorization", "auth", "request"),
		Cause: "the Bearer value is a JWT assertion, which is exchanged for an access token first",
		Evidence: []Evidence{
			line(Sent, "a JWT with aud %s, iss %s, %s", shownList(t.Audiences()), claimText(t, "iss"), fingerprint(bearer)),
		},
		Fix: "exchange it at the token endpoint and send the access_token of the answer: auth: {oauth2: {grant: jwt-bearer, …}}, or a request that captures access_token",
	}
	if exp, ok := t.Time("exp"); ok {
		f.Evidence = append(f.Evidence, line(Sent, "exp %s", clock(exp)))
	}
	if made {
		f.Evidence = append(f.Evidence, line(Measured, "the same JWT was sent as an assertion at %s to %s", clock(use.at), shownURL(use.to)))
	} else {
		f.Evidence = append(f.Evidence, line(Measured, "its aud is a token endpoint, and not this API"))
	}
	return one(f)
}

// aimsAtTokenEndpoint reports whether the aud of a JWT is a token endpoint, so that the JWT is for it and not for an API.
func (c *Case) aimsAtTokenEndpoint(t *assertions.Token) bool {
	for _, aud := range t.Audiences() {
		if aud == "" {
			continue
		}
		for _, known := range []string{c.Token.TokenURL, c.Token.RefreshURL, c.Environment.URLs["token_url"], c.discovery().TokenEndpoint} {
			if normal(aud) == normal(known) {
				return true
			}
		}
		if u, err := url.Parse(aud); err == nil && u.Host != "" && tokenPath(u.Path) {
			return true
		}
	}
	return t.Text("iss") != "" && t.Text("iss") == t.Text("sub") && len(t.Audiences()) == 1 && hostname(t.Audiences()[0]) == hostname(c.request().URL) && t.Claims["scope"] == nil && t.Claims["scp"] == nil
}

func shownList(list []string) string {
	var shown []string
	for i, s := range list {
		if i == 4 {
			shown = append(shown, "…")
			break
		}
		shown = append(shown, shownURL(s))
	}
	if len(shown) == 0 {
		return "none"
	}
	return strings.Join(shown, ", ")
}

// tokenState is what is known of the access token that a request carries.
type tokenState struct {
	text  string
	issue issue
	known bool // this run has fetched or used it
	end   time.Time
	dated bool // end is known
	how   string
}

func (c *Case) tokenState() tokenState {
	s := tokenState{text: c.bearer()}
	if s.text == "" {
		return s
	}
	s.issue, s.known = c.History.token(s.text)
	if s.known && s.issue.life > 0 {
		s.end, s.dated = s.issue.at.Add(s.issue.life), true
		s.how = fmt.Sprintf("issued at %s for %s", clock(s.issue.at), spanText(s.issue.life))
	}
	if assertions.LooksLike(s.text) {
		if t, _ := assertions.Inspect(s.text); t != nil {
			if exp, ok := expiry(t); ok {
				s.end, s.dated, s.how = exp, true, "exp of the token "+clock(exp)
			}
		}
	}
	return s
}

func expiredToken() Rule {
	return Rule{
		Code: "HG015", Title: "the access token has expired", Rank: 6,
		Answers: InvalidToken | Forbidden, Words: []string{"expired_token", "expired"}, Explain: explainExpiredToken,
		Page: Page{
			Symptom:   "401 in the middle of a run that began well; sometimes with error=\"expired_token\".",
			Cause:     "The token's life is over: it was fetched once and kept for longer than expires_in.",
			Detection: "The time since the exchange against expires_in, the exp of a JWT, and the server's words.",
			Evidence:  "The age of the token and its life.",
			Fix:       "An oauth2 block renews the token by itself; a captured one is fetched again by running its request again.",
			Sources:   "RFC 6750, section 3.1; Health Gorilla, Refresh Token; Pattern Health, Authentication.",
		},
	}
}

func explainExpiredToken(c *Case) []Finding {
	s := c.tokenState()
	if c.role() != APIRequest || s.text == "" {
		return nil
	}
	f := Finding{
		Pos:      c.at("header Authorization", "auth", "oauth2", "request"),
		Evidence: []Evidence{line(Sent, "token %s", fingerprint(s.text)), c.serverLine()},
		Fix:      "let an oauth2 block fetch and renew the token; or fetch it again before this request",
	}
	switch late := c.now().Sub(s.end); {
	case s.dated && late >= 0:
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("the access token ended %s before it was sent", spanText(late))
		f.Evidence = append(f.Evidence, line(Measured, "%s; sent at %s", s.how, clock(c.now())))
	case c.answer().class == Forbidden:
		return nil
	case c.answer().says([]string{"expired_token", "token has expired", "token expired", "token is expired"}):
		f.Confidence = Certain
		f.Cause = "the server says that the access token has expired"
	case c.explainedOtherwise(s):
		return nil
	default:
		f.Confidence = Possible
		f.Cause = "the server does not take the access token: it may have expired, been revoked, or belong to another server; this run does not know its life"
	}
	return one(f)
}

// explainedOtherwise reports whether another rule knows more of a token whose life is not over, or not known.
func (c *Case) explainedOtherwise(s tokenState) bool {
	switch {
	case s.known && (!s.issue.worked.IsZero() || !s.issue.at.IsZero() && s.dated):
		return true
	case !s.known && len(findAssertionAsToken(c)) > 0:
		return true
	}
	return len(findMisshapen(c)) > 0 || c.answer().challenge.nonce
}

func endedEarly() Rule {
	return Rule{
		Code: "HG071", Title: "the server refused a token before its end", Rank: 5,
		Answers: InvalidToken, Words: []string{"revoked", "unknown token"}, Explain: explainEndedEarly,
		Page: Page{
			Symptom:   "A token that worked a moment ago gets a 401, long before expires_in is over.",
			Cause:     "The token was revoked, or the server lost it in a restart; some servers end a token when another is issued.",
			Detection: "The run fetched the token or saw it work, its life is not over, and the server answers 401.",
			Evidence:  "When it was issued and worked last, and how much of its life is left.",
			Fix:       "Fetch a new one: an oauth2 block does so once by itself.",
			Sources:   "RFC 6750, section 3.1; RFC 7009; bruno#5803.",
		},
	}
}

func explainEndedEarly(c *Case) []Finding {
	s := c.tokenState()
	if c.role() != APIRequest || !s.known || s.dated && !s.end.After(c.now()) || c.answer().says([]string{"expired_token", "token has expired"}) {
		return nil
	}
	if s.issue.worked.IsZero() && !s.dated && s.issue.at.IsZero() || len(findMixedDeployments(c)) > 0 {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2", "auth", "header Authorization", "request"),
		Cause:    "the server refused a token whose life is not over: it was revoked, or the server has forgotten it",
		Evidence: []Evidence{line(Sent, "token %s", fingerprint(s.text)), c.serverLine()},
		Fix:      "fetch a new token: auth: oauth2 does so once after a 401, and sends the request again",
	}
	if !s.issue.worked.IsZero() {
		f.Evidence = append(f.Evidence, line(Measured, "it worked at %s, %s earlier", clock(s.issue.worked), spanText(c.now().Sub(s.issue.worked))))
	} else if f.Confidence = Possible; s.issue.by != "" {
		f.Cause = "the server refused a token that this run has just fetched; it may be for another server"
		f.Evidence = append(f.Evidence, line(Measured, "issued by %s", shownURL(s.issue.by)))
	}
	if s.dated {
		f.Evidence = append(f.Evidence, line(Measured, "%s: %s are left", s.how, spanText(s.end.Sub(c.now()))))
	}
	return one(f)
}

// issuedBy reports whether a token endpoint issued a token in this run.
func (h *History) issuedBy(text string) bool {
	i, ok := h.token(text)
	return ok && i.by != ""
}

func unexpectedType() Rule {
	return Rule{
		Code: "HG065", Title: "the token is of another type than it is sent as", Rank: 6,
		Answers: Granted | InvalidToken, Words: []string{"dpop", "token type", "token_type"}, Explain: explainType,
		Page: Page{
			Symptom:   "A fresh token gets a 401.",
			Cause:     "The server issued a token of another type, for instance one that is bound to a key (DPoP), and it was sent as Bearer.",
			Detection: "token_type of the answer; the cnf of a JWT; the scheme of the challenge.",
			Evidence:  "token_type, and the scheme that was used.",
			Fix:       "token_type: in the oauth2 block; a DPoP proof for DPoP.",
			Sources:   "RFC 6749, section 7.1; RFC 9449, sections 5 and 7.1.",
		},
	}
}

func explainType(c *Case) []Finding {
	f := Finding{Pos: c.at("oauth2 token_type", "oauth2", "header Authorization", "request")}
	if c.answer().class == Granted {
		kind := c.granted().kind
		if c.granted().access == "" || strings.EqualFold(kind, "bearer") || kind == "" || c.header("Dpop") != "" && strings.EqualFold(kind, "dpop") {
			return nil
		}
		f.Confidence = Likely
		f.Cause = "the server issued a token of the type " + quote(clip(kind, 30)) + ", which is not sent as Bearer"
		f.Evidence = []Evidence{line(Server, "token_type %s", quote(clip(kind, 30))), line(Expected, "token_type \"Bearer\"")}
		f.Fix = "send it as its type wants, with token_type: in the oauth2 block; or ask the server for Bearer tokens"
		return one(f)
	}
	scheme, _, _ := c.authorization()
	t, _ := assertions.Inspect(c.bearer())
	bound := false
	if t != nil {
		cnf, _ := t.Claims["cnf"].(map[string]any)
		bound = cnf["jkt"] != nil
	}
	if !strings.EqualFold(scheme, "bearer") || !bound && c.answer().challenge.scheme != "dpop" || c.answer().challenge.nonce {
		return nil
	}
	f.Confidence = Likely
	f.Cause = "the token is bound to a key (DPoP) and was sent as Bearer"
	f.Evidence = []Evidence{line(Sent, "Authorization: Bearer, no DPoP header"), c.serverLine()}
	f.Fix = "send Authorization: DPoP with a proof in the header DPoP"
	return one(f)
}

func wantsNonce() Rule {
	return Rule{
		Code: "HG066", Title: "the server wants a DPoP nonce", Rank: 9,
		Answers: InvalidToken | OtherRefusal | InvalidRequest | BadRequest, Words: []string{"use_dpop_nonce"}, Explain: explainNonce,
		Page: Page{
			Symptom:   "400 or 401 with use_dpop_nonce.",
			Cause:     "The server accepts DPoP proofs only with a nonce that it gave out before.",
			Detection: "The error code.",
			Evidence:  "Whether the answer brought a nonce.",
			Fix:       "Send the request once more, with the nonce of the header DPoP-Nonce in the proof.",
			Sources:   "RFC 9449, sections 8 and 9.",
		},
	}
}

func explainNonce(c *Case) []Finding {
	if c.answer().code != "use_dpop_nonce" {
		return nil
	}
	given := "no DPoP-Nonce header came with it"
	if c.response().Header.Get("Dpop-Nonce") != "" {
		given = "a DPoP-Nonce header came with it"
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("auth", "oauth2", "request"),
		Cause:    "the server wants a DPoP proof with a nonce of its own",
		Evidence: []Evidence{c.serverLine(), line(Server, "%s", given)},
		Fix:      "make a new proof with this nonce and send the request again, once",
	})
}

func staleToken() Rule {
	return Rule{
		Code: "HG070", Title: "the token was fetched with another configuration", Rank: 6,
		Covers:  []string{"HG053"},
		Answers: InvalidToken | Forbidden, Explain: explainStale,
		Page: Page{
			Symptom:   "After a change of client, scope or environment, requests fail as before it.",
			Cause:     "A token that was fetched with the old configuration is still in use: captured, or from a cache whose key does not hold all that makes a token different.",
			Detection: "What the token was issued for against what is configured now.",
			Evidence:  "Both clients, or both scopes.",
			Fix:       "Fetch the token anew.",
			Sources:   "httr2#192.",
		},
	}
}

func explainStale(c *Case) []Finding {
	i, known := c.History.token(c.bearer())
	if !known || i.by == "" {
		return nil
	}
	sent := "token " + fingerprint(c.bearer())
	f := Finding{Confidence: Likely, Pos: c.at("oauth2 client_id", "oauth2 scope", "oauth2", "header Authorization", "auth", "request"), Fix: "fetch the token anew with the configuration of this request"}
	switch {
	case c.Token.ClientID != "" && i.client != "" && c.Token.ClientID != i.client:
		f.Cause = "the token was issued to another client than the one that is configured now"
		f.Evidence = []Evidence{line(Sent, "%s, issued to %s", sent, identity(i.client)), line(Configured, "client_id %s", identity(c.Token.ClientID))}
	case c.answer().class == Forbidden && i.scope != "" && len(missingScopes(c.Token.Scope, i.scope)) > 0:
		needed := c.answer().challenge.scope
		if f.Confidence = Possible; needed != "" && len(missingScopes(needed, c.Token.Scope)) == 0 && len(missingScopes(needed, i.scope)) > 0 {
			f.Confidence = Certain // the configuration is right by now
		}
		f.Cause = "the token was issued for another scope than the one that is configured now"
		f.Evidence = []Evidence{line(Sent, "%s for scope %s", sent, quote(i.scope)), line(Configured, "scope %s", quote(c.Token.Scope))}
	case c.issuedElsewhere(i):
		f.Cause = "the token comes from another token endpoint than the one that is configured now"
		f.Evidence = []Evidence{line(Sent, "%s, issued by %s", sent, shownURL(i.by)), line(Configured, "token_url %s", shownURL(c.Token.TokenURL))}
	default:
		return nil
	}
	return one(f)
}

func (c *Case) issuedElsewhere(i issue) bool {
	by := withoutQuery(i.by)
	return c.Token.TokenURL != "" && by != withoutQuery(c.Token.TokenURL) && by != withoutQuery(c.Token.RefreshURL)
}
