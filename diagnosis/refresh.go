package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func noRefreshToken() Rule {
	return Rule{
		Code: "HG016", Title: "no refresh token was issued", Rank: 5,
		Answers: Granted, Explain: explainNoRefresh,
		Page: Page{
			Symptom:   "The answer has an access token, and no refresh_token to capture.",
			Cause:     "Refresh tokens come with offline_access and only from grants with a user; never with client credentials.",
			Detection: "offline_access was requested, or a capture looked for refresh_token, and the answer has none.",
			Evidence:  "grant_type, the scopes asked for and granted.",
			Fix:       "Ask for offline_access, and let it be enabled for the client; with client credentials fetch a new token instead.",
			Sources:   "RFC 6749, sections 4.4.3 and 6; OpenID Connect Core, section 11; Health Gorilla: \"Not all application types receive a refresh token\".",
		},
	}
}

func explainNoRefresh(c *Case) []Finding {
	g := c.granted()
	scopes := strings.Fields(c.value("scope"))
	asked := slices.Contains(scopes, "offline_access") || slices.Contains(scopes, "online_access")
	wanted := slices.ContainsFunc(c.Missing, func(m string) bool { return strings.Contains(m, "refresh_token") })
	if g.refresh != "" || g.access == "" || !asked && !wanted || c.grantType() == "refresh_token" {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 scope", "form scope", "oauth2 grant", "form grant_type", "request"),
		Evidence: []Evidence{line(Sent, "grant_type %s, scope %s", quote(c.grantType()), quote(c.value("scope"))), line(Server, "no refresh_token")},
	}
	if g.hasScope {
		f.Evidence = append(f.Evidence, line(Server, "scope %s", quote(g.scope)))
	}
	switch grant := c.grantType(); {
	case grant == "client_credentials" || grant == jwtBearerGrant:
		f.Confidence = Certain
		f.Cause = "this grant never brings a refresh token: the same request brings another access token"
		f.Fix = "fetch a new token instead of refreshing; take offline_access out of scope"
	case !asked:
		f.Cause = "offline_access was not asked for, and refresh tokens come with it"
		f.Fix = "add offline_access to scope"
	default:
		f.Cause = "offline_access was asked for and no refresh token came: it is not enabled for this client, or the client is public"
		f.Fix = "have offline_access enabled for the client"
	}
	return one(f)
}

func reusedRefreshToken() Rule {
	return Rule{
		Code: "HG017", Title: "a refresh token was used that had been replaced", Rank: 7,
		Answers: InvalidGrant | InvalidClient | Silent | OtherRefusal | InvalidRequest, Words: []string{"refresh", "replaced", "revoked", "used again", "family"}, Lint: findReusedRefresh, Explain: explainRefresh,
		Page: Page{
			Symptom:   "invalid_grant for a refresh; after it the newest refresh token is dead as well.",
			Cause:     "Each refresh replaces the refresh token. Who sends an old one again is taken for a thief, and the whole family is revoked.",
			Detection: "The run remembers, by fingerprint, which refresh tokens it sent and what replaced them.",
			Evidence:  "When it was replaced, and the fingerprint of its successor.",
			Fix:       "Store the new refresh token each time; now that the family is dead, authorise again.",
			Sources:   "RFC 6749, section 6; RFC 9700, section 4.14.2; measured at panva and glewlwyd; Health Gorilla, Refresh Token.",
		},
	}
}

func findReusedRefresh(c *Case) []Finding {
	sent := c.value("refresh_token")
	r, before := c.History.refreshOf(sent)
	if c.role() != TokenRequest || c.grantType() != "refresh_token" || !before || !r.granted || c.overlaps(r) {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("form refresh_token", "oauth2 refresh_token", "body"),
		Cause:    fmt.Sprintf("this refresh token was used %s ago already", spanText(c.now().Sub(r.start))),
		Evidence: []Evidence{line(Sent, "refresh token %s", fingerprint(sent)), line(Measured, "first used at %s", clock(r.start))},
		Fix:      "capture refresh_token from every answer and send the newest; the old family is revoked by now, so authorise again",
	}
	if r.replacedBy == "" {
		f.Confidence = Possible
		f.Cause += "; its answer brought no other, so that it may still be good"
	} else {
		f.Cause += " and replaced"
		f.Evidence = append(f.Evidence, line(Measured, "replaced by %s", r.replacedBy))
	}
	return one(f)
}

// overlaps reports whether the refresh token was in use by another request at the same moment.
func (c *Case) overlaps(r refresh) bool {
	const breath = 500 * time.Millisecond
	return c.now().Before(r.end.Add(breath))
}

func explainRefresh(c *Case) []Finding {
	if c.grantType() != "refresh_token" || c.answer().class&(InvalidGrant|Silent) == 0 || c.suspects(Possible) > 0 {
		return nil
	}
	return one(Finding{
		Confidence: Possible, Pos: c.at("form refresh_token", "oauth2 refresh_token", "body"),
		Cause:    "the server does not take the refresh token: it has expired, was revoked, was used by somebody else, or belongs to another client or server",
		Evidence: []Evidence{line(Sent, "refresh token %s", fingerprint(c.value("refresh_token"))), c.serverLine(), line(Measured, "this run has not used it before")},
		Fix:      "get a new one by authorising again, and store each one that replaces it",
	})
}

func racingRefresh() Rule {
	return Rule{
		Code: "HG018", Title: "two requests refreshed at the same time", Rank: 9,
		Answers: InvalidGrant | InvalidClient | Silent | OtherRefusal | InvalidRequest, Words: []string{"refresh"}, Lint: findRace,
		Page: Page{
			Symptom:   "invalid_grant within milliseconds of a refresh that succeeded; it comes and goes.",
			Cause:     "Two workers saw the token end and both sent the same refresh token; the second one is taken for a thief.",
			Detection: "The same refresh token was under way, or just back, in another exchange of the run.",
			Evidence:  "The times of both.",
			Fix:       "One refresh per credential at a time: an oauth2 block does so; two processes need a shared store.",
			Sources:   "RFC 9700, section 4.14.2; HQBase#41.",
		},
	}
}

func findRace(c *Case) []Finding {
	sent := c.value("refresh_token")
	r, before := c.History.refreshOf(sent)
	if c.role() != TokenRequest || c.grantType() != "refresh_token" || !before || !c.overlaps(r) {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("oauth2", "form refresh_token", "body"),
		Cause: "another request sent the same refresh token at the same time, and won",
		Evidence: []Evidence{
			line(Sent, "refresh token %s", fingerprint(sent)),
			line(Measured, "sent at %s; the other from %s to %s", stamp(c.now()), stamp(r.start), stamp(r.end)),
		},
		Fix: "let one oauth2 block fetch the token for all requests, so that they wait for one another; processes need one store",
	})
}

func stamp(t time.Time) string { return t.UTC().Format("15:04:05.000") }

func refreshAddress() Rule {
	return Rule{
		Code: "HG022", Title: "the refresh went to another endpoint than refreshes go to", Rank: 8,
		Answers: NotFound | HTMLPage | UnsupportedGrant | UnauthorizedClient | Silent | InvalidRequest, Words: []string{"unsupported_grant_type"}, Explain: explainRefreshAddress,
		Page: Page{
			Symptom:   "unsupported_grant_type, 404 or an HTML page for a refresh, while the first exchange works.",
			Cause:     "Some servers refresh at another URL: Health Gorilla at /oauth2/token, and exchanges assertions at /oauth/token.",
			Detection: "grant_type=refresh_token at a URL that does not take it.",
			Evidence:  "The URL that was used, and the other one.",
			Fix:       "refresh_url: in the oauth2 block, which is separate from token_url.",
			Sources:   "Health Gorilla, Refresh Token: https://api.healthgorilla.com/oauth2/token.",
		},
	}
}

func explainRefreshAddress(c *Case) []Finding {
	if c.grantType() != "refresh_token" {
		return nil
	}
	other, known := c.otherRefreshURL()
	if c.answer().class&(Silent|InvalidRequest) != 0 && (!known || c.suspects(Likely) > 0) {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 refresh_url", "oauth2 token_url", "url", "request"),
		Cause:    "this endpoint does not refresh tokens",
		Evidence: []Evidence{line(Sent, "grant_type \"refresh_token\" to %s", shownURL(c.request().URL)), c.serverLine()},
		Fix:      "write the URL that the server documents for refreshing: refresh_url: in the oauth2 block",
	}
	if other != "" {
		f.Evidence = append(f.Evidence, line(Expected, "%s, perhaps", shownURL(other)))
		f.Fix = "refresh_url: " + shownURL(other)
	}
	return one(f)
}

// otherRefreshURL returns where the refresh should perhaps have gone, and whether the configuration says so.
func (c *Case) otherRefreshURL() (other string, known bool) {
	here := withoutQuery(c.request().URL)
	for _, address := range []string{c.Token.RefreshURL, c.Environment.URLs["refresh_url"]} {
		if address != "" && withoutQuery(address) != here {
			return address, true
		}
	}
	if base, ok := strings.CutSuffix(here, "/oauth/token"); ok {
		return base + "/oauth2/token", false
	}
	return "", false
}
