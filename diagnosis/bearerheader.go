package diagnosis

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

func misshapenHeader() Rule {
	return Rule{
		Code: "HG050", Title: "the Authorization header is missing or misshapen", Rank: 7,
		Answers: InvalidToken | Forbidden | BadRequest | NoAnswer, Words: []string{"invalid header field value", "authentication required", "no credentials", "missing"}, Lint: findMisshapen, Explain: explainNoHeader,
		Page: Page{
			Symptom:   "401 without an error code; or nothing is sent: \"invalid header field value\".",
			Cause:     "The header is missing, says Bearer twice, has the token without Bearer, or carries quotes or a line break along.",
			Detection: "The shape of the header as it was sent.",
			Evidence:  "Scheme, lengths, and what does not belong there; never the token.",
			Fix:       "auth: {bearer: \"{{access_token}}\"}, or headers: {Authorization: \"Bearer {{access_token | trim}}\"}.",
			Sources:   "RFC 6750, sections 2.1 and 3: without credentials a server names no error.",
		},
	}
}

func findMisshapen(c *Case) []Finding {
	scheme, rest, there := c.authorization()
	if !there || c.role() != APIRequest {
		return nil
	}
	wrong := misshape(scheme, rest)
	if n := len(c.request().Header["Authorization"]); n > 1 {
		wrong = fmt.Sprintf("there are %d Authorization headers", n)
	}
	if wrong == "" {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("header Authorization", "auth", "request"),
		Cause:    "the Authorization header is misshapen: " + wrong,
		Evidence: []Evidence{line(Sent, "%d characters in all: %s", len(scheme)+1+len(rest), maskedShape(scheme, rest)), line(Expected, "Bearer, one space, and the token")},
		Fix:      "write auth: {bearer: \"{{access_token}}\"}; for white space at the ends {{access_token | trim}}",
	})
}

// misshape names what is wrong with a header's value; empty where nothing is.
func misshape(scheme, rest string) string {
	lower := strings.ToLower(scheme)
	switch token := strings.TrimSpace(rest); {
	case token == "" && slices.Contains([]string{"", "bearer", "basic", "dpop"}, lower):
		return "there is no token after " + clip(scheme, 20)
	case token == "" && len(scheme) > 16:
		return "it is a token alone, without Bearer before it"
	case lower == "bearer:" || lower == "token:":
		return "there is a colon after " + clip(strings.TrimSuffix(scheme, ":"), 20)
	case lower == "bearer" || lower == "dpop":
		return misshapenToken(rest)
	}
	return ""
}

func misshapenToken(rest string) string {
	token := strings.TrimSpace(rest)
	switch {
	case len(token) > 7 && strings.EqualFold(token[:7], "bearer "):
		return "it says Bearer twice"
	case strings.ContainsAny(rest, "\r\n"):
		return "the token has a line break in it"
	case token != rest:
		return "there is white space around the token"
	case strings.Trim(token, `"'`) != token:
		return "the token stands in quotes"
	case strings.ContainsAny(token, " \t"):
		return "the token has white space in it"
	}
	return ""
}

// maskedShape shows a header with every run of other characters as a number.
func maskedShape(scheme, rest string) string {
	if rest == "" && len(scheme) > 16 {
		return fmt.Sprintf("‹%d characters›", len(scheme))
	}
	parts := strings.Fields(rest)
	shown := make([]string, 0, 4)
	for i, p := range parts {
		if i == 4 {
			shown = append(shown, "…")
			break
		}
		if strings.EqualFold(p, "bearer") || strings.EqualFold(p, "basic") {
			shown = append(shown, p)
		} else {
			shown = append(shown, fmt.Sprintf("‹%d characters›", len(p)))
		}
	}
	return clip(printable(scheme), 20) + " " + strings.Join(shown, " ")
}

func explainNoHeader(c *Case) []Finding {
	_, _, there := c.authorization()
	a := c.answer()
	if there || a.class != InvalidToken || c.role() != APIRequest || a.challenge.scheme == "basic" || a.challenge.scheme == "digest" || c.provesOtherwise() {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("auth", "request"),
		Cause:    "the request has no Authorization header, and the server wants one",
		Evidence: []Evidence{line(Sent, "no Authorization header"), c.serverLine()},
		Fix:      "give the request auth: (or its folder), or headers: {Authorization: \"Bearer {{access_token}}\"}",
	}
	if c.header("Cookie") != "" {
		f.Confidence = Possible
		f.Evidence[0] = line(Sent, "no Authorization header; a cookie that an earlier answer has set")
		f.Fix += "; if the cookie is the login, log in again"
	}
	if a.challenge.scheme != "" {
		f.Confidence = Certain
		f.Evidence = append(f.Evidence, line(Server, "WWW-Authenticate: %s", clip(printable(a.challenge.scheme), 30)))
	}
	if p, ok := c.first("access_token"); ok && p.in == inQuery {
		f.Cause = "the token stands in the URL, and the server wants it in the Authorization header"
		f.Pos = c.at("query access_token", "url", "request")
	}
	return one(f)
}

// provesOtherwise reports whether a request says who is asking in another way: by a key, a cookie or a login.
func (c *Case) provesOtherwise() bool {
	for _, name := range []string{"X-Api-Key", "Api-Key", "Apikey", "X-Auth-Token", "X-Access-Token", "Ocp-Apim-Subscription-Key"} {
		if c.header(name) != "" {
			return true
		}
	}
	if c.header("Cookie") != "" && (c.Kind != "" || c.Places.of("header Cookie").Pos != (source.Pos{})) {
		return true // of the collection; one that an earlier answer has set may be about anything
	}
	for _, name := range []string{"api_key", "apikey", "key", "sig", "signature", "password"} {
		if c.has(name) {
			return true
		}
	}
	return bytes.Contains(c.request().Body, []byte("password"))
}
