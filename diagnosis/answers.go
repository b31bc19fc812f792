package diagnosis

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func htmlAnswer() Rule {
	return Rule{
		Code: "HG054", Title: "an HTML page came instead of data", Rank: 7,
		Answers: HTMLPage, Explain: explainHTML,
		Page: Page{
			Symptom:   "200, and the JSON expectations fail: invalid character '<'.",
			Cause:     "A login page, a proxy or portal on the way, or a host that answers every unknown path with its start page.",
			Detection: "The body is HTML where JSON or FHIR was asked for.",
			Evidence:  "The title of the page, the URL it came from, and the redirects before it.",
			Fix:       "Check host and path; leave the VPN's portal; follow_redirects: 0 shows who redirects.",
			Sources:   "www.healthgorilla.com answers 200 and one HTML page to every unknown path.",
		},
	}
}

func explainHTML(c *Case) []Finding {
	r := c.response()
	f := Finding{
		Confidence: Certain, Pos: c.at("url", "oauth2 token_url", "request"),
		Cause:    "the answer is an HTML page with status " + strconv.Itoa(r.Status) + ", not data: another page, a login, or a proxy answered",
		Evidence: []Evidence{c.serverLine(), line(Server, "Content-Type %s from %s", quote(clip(r.Header.Get("Content-Type"), 60)), shownURL(r.URL))},
		Fix:      "check host and path of the URL; sign in to the network or the VPN; see who redirects with follow_redirects: 0",
	}
	for _, h := range r.Hops {
		f.Evidence = append(f.Evidence, line(Measured, "redirected with %d by %s", h.Status, shownURL(h.URL)))
	}
	if s := loginWords(c.answer().title); s != "" {
		f.Cause = "a login page came with status " + strconv.Itoa(r.Status) + " instead of data"
	}
	return one(f)
}

func loginWords(title string) string {
	lower := strings.ToLower(title)
	for _, w := range []string{"sign in", "log in", "login", "signin", "captive", "portal"} {
		if strings.Contains(lower, w) {
			return w
		}
	}
	return ""
}

func redirectedToken() Rule {
	return Rule{
		Code: "HG055", Title: "the token endpoint redirects", Rank: 7,
		Answers: Redirected | InvalidToken, Explain: explainRedirect,
		Page: Page{
			Symptom:   "301, 302, 307 or 308 from the token URL; or a 401 behind a redirect to another host.",
			Cause:     "The URL is not the final one. Following would send the secret to another address (307), or turn the POST into a GET without a body (301, 302); the Authorization header is left behind at another host.",
			Detection: "The status; the hops before the answer.",
			Evidence:  "The Location.",
			Fix:       "Write the final URL.",
			Sources:   "RFC 9110, section 15.4; measured: Go's client sends the body of a 307 to another host.",
		},
	}
}

func explainRedirect(c *Case) []Finding {
	r := c.response()
	if c.answer().class == InvalidToken {
		return explainLostHeader(c)
	}
	if c.role() != TokenRequest {
		return nil
	}
	to := r.Header.Get("Location")
	f := Finding{
		Confidence: Certain, Pos: c.at("oauth2 token_url", "url", "request"),
		Cause:    fmt.Sprintf("the token endpoint redirects with %d; a token request is never sent on, because the secret would go along", r.Status),
		Evidence: []Evidence{line(Sent, "POST %s", shownURL(c.request().URL)), line(Server, "Location %s", shownURL(to))},
		Fix:      "write the final URL into the file, if it is the server's own",
	}
	if u, err := url.Parse(to); err == nil && u.Host != "" && !strings.EqualFold(u.Hostname(), hostname(c.request().URL)) {
		f.Evidence = append(f.Evidence, line(Measured, "that is another host"))
	}
	return one(f)
}

// explainLostHeader is about the credentials that stay behind when a redirect leads to another host.
func explainLostHeader(c *Case) []Finding {
	r := c.response()
	if len(r.Hops) == 0 || hostname(r.URL) == hostname(c.request().URL) || len(c.request().Header["Authorization"]) == 0 {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("url", "request"),
		Cause:    "a redirect led to another host, where the Authorization header is not sent",
		Evidence: []Evidence{line(Sent, "%s", shownURL(c.request().URL)), line(Server, "redirected to %s", shownURL(r.URL))},
		Fix:      "write the final URL",
	})
}

func noTokenEndpoint() Rule {
	return Rule{
		Code: "HG056", Title: "no token endpoint answers at this URL", Rank: 6,
		Answers: NotFound | InvalidRequest | Silent | OtherRefusal, Words: []string{"method not allowed", "not found"}, Lint: findTokenURL, Explain: explainNotFound,
		Page: Page{
			Symptom:   "404 or 405 from the token URL.",
			Cause:     "The path is incomplete, has two slashes, or the method is not POST.",
			Detection: "Method and path of the request.",
			Evidence:  "Both, and the discovered endpoint.",
			Fix:       "POST to the token URL as documented.",
			Sources:   "RFC 6749, section 3.2: \"The client MUST use the HTTP POST method\".",
		},
	}
}

func findTokenURL(c *Case) []Finding {
	req := c.request()
	if c.role() != TokenRequest || req.URL == "" {
		return nil
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil
	}
	f := Finding{Confidence: Certain, Pos: c.at("url", "oauth2 token_url", "method", "request")}
	switch {
	case req.Method != "" && req.Method != http.MethodPost:
		f.Pos = c.at("method", "request")
		f.Cause = "a token is asked for with " + req.Method + ", and token endpoints take POST"
		f.Evidence = []Evidence{line(Sent, "%s %s", req.Method, shownURL(req.URL)), line(Expected, "POST, with a form as body")}
		f.Fix = "request: POST …, with form:"
	case strings.Contains(u.Path, "//"):
		f.Confidence = Likely
		f.Cause = "the path of the token URL has a double slash, probably from a base URL that ends in a slash"
		f.Evidence = []Evidence{line(Sent, "%s", shownURL(req.URL))}
		f.Fix = "take one slash out of the URL or of its variable"
	default:
		return nil
	}
	return one(f)
}

func explainNotFound(c *Case) []Finding {
	if c.role() != TokenRequest || c.answer().class != NotFound || c.grantType() == "refresh_token" || len(findTokenURL(c)) > 0 {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("url", "oauth2 token_url", "request"),
		Cause:    "no token endpoint answers at this URL: the path is incomplete or of another version, or the host is another",
		Evidence: []Evidence{line(Sent, "%s %s", c.request().Method, shownURL(c.request().URL)), c.serverLine()},
		Fix:      "write the token URL as documented",
	}
	if d := c.discovery(); d.TokenEndpoint != "" {
		f.Evidence = append(f.Evidence, line(Expected, "%s (token_endpoint of the discovery document)", shownURL(d.TokenEndpoint)))
		f.Fix = "token_url: " + shownURL(d.TokenEndpoint)
	}
	return one(f)
}

func silentFHIR() Rule {
	return Rule{
		Code: "HG057", Title: "the URL has a double slash or something extra in it", Rank: 7,
		Answers: BadRequest | NotFound, Explain: explainExtra,
		Page: Page{
			Symptom:   "400 without a body from a FHIR server.",
			Cause:     "Two slashes in the path, an incomplete URL, or a character that slipped in at its end.",
			Detection: "The path as it was sent.",
			Evidence:  "The place in the path.",
			Fix:       "Take it out; a base URL variable should not end in a slash.",
			Sources:   "Health Gorilla's error table: \"400 (no message): extra characters such as 2 slashes, or incomplete endpoint URL\".",
		},
	}
}

func explainExtra(c *Case) []Finding {
	a := c.answer()
	path := pathOf(c.request().URL)
	if c.role() != APIRequest || !a.empty || a.status != 400 && a.status != 404 {
		return nil
	}
	f := Finding{Confidence: Certain, Pos: c.at("url", "request"), Fix: "write the URL without it; a variable for the base should not end in a slash"}
	switch at := strings.Index(path, "//"); {
	case at >= 0:
		f.Cause = "the path has a double slash in it"
		f.Evidence = []Evidence{line(Sent, "%s", shownURL(c.request().URL)), line(Measured, "the double slash is at character %d of the path", at+1), c.serverLine()}
	case extraAtEnd(path) != "":
		f.Confidence = Likely
		f.Cause = "the path ends in " + extraAtEnd(path)
		f.Evidence = []Evidence{line(Sent, "%s", shownURL(c.request().URL)), c.serverLine()}
	case a.status == 400 && (strings.Contains(path, "/fhir") || c.healthGorilla()):
		f.Confidence = Possible
		f.Cause = "the server refuses without a word, as some do for a URL that is incomplete or has extra characters"
		f.Evidence = []Evidence{line(Sent, "%s %s", c.request().Method, shownURL(c.request().URL)), c.serverLine()}
		f.Fix = "compare the URL with the documentation, character by character"
	default:
		return nil
	}
	return one(f)
}

func pathOf(address string) string {
	rest := withoutQuery(address)
	if _, after, ok := strings.Cut(rest, "://"); ok {
		rest = after
	}
	if at := strings.IndexByte(rest, '/'); at >= 0 {
		return rest[at:]
	}
	return ""
}

// extraAtEnd names what does not belong at the end of a path.
func extraAtEnd(path string) string {
	for end, name := range map[string]string{
		"%20": "a space", "%0A": "a line break", "%0D": "a line break", "%22": "a quote", "%7D": "a brace", "'": "a quote", ",": "a comma", ";": "a semicolon",
		"%09": "a tab",
	} {
		if strings.HasSuffix(path, end) {
			return name
		}
	}
	return ""
}

func throttled() Rule {
	return Rule{
		Code: "HG063", Title: "the server asks to slow down", Rank: 7,
		Answers: Throttled, Explain: explainThrottled,
		Page: Page{
			Symptom:   "429.",
			Cause:     "More requests came than the server allows this client.",
			Detection: "The status and Retry-After, in seconds or as a date.",
			Evidence:  "How long the server wants to be left alone.",
			Fix:       "retry: with on: [429], which honours Retry-After; fewer jobs at a time.",
			Sources:   "RFC 6585, section 4; RFC 9110, section 10.2.3.",
		},
	}
}

// retryAfter reads Retry-After in both of its forms.
func (c *Case) retryAfter() (wait time.Duration, said string) {
	text := c.response().Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1<<30)) * time.Second, text
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(c.now())), text
	}
	return 0, text
}

func explainThrottled(c *Case) []Finding {
	wait, said := c.retryAfter()
	f := Finding{
		Confidence: Certain, Pos: c.at("request"),
		Cause:    "too many requests came in too short a time",
		Evidence: []Evidence{c.serverLine()},
		Fix:      "retry: {times: 3, on: [429]}, which waits as long as Retry-After says; and fewer collections at a time (--jobs)",
	}
	if said == "" {
		f.Evidence = append(f.Evidence, line(Server, "no Retry-After; wait a few seconds, longer each time"))
	} else {
		f.Evidence = append(f.Evidence, line(Server, "Retry-After %s: %s", quote(clip(said, 40)), spanText(wait)))
	}
	return one(f)
}

func tokenServerDown() Rule {
	return Rule{
		Code: "HG064", Title: "the token server itself fails", Rank: 2,
		Answers: ServerError, Words: []string{"unavailable", "bad gateway", "timeout"}, Explain: explainTokenServer,
		Page: Page{
			Symptom:   "500, 502, 503 or 504 from the token URL.",
			Cause:     "The server is down or overloaded. Some servers answer 500 to a mistake of the client, so what was sent is checked first.",
			Detection: "The status, and that every check of the request succeeds.",
			Evidence:  "The status, and what was checked.",
			Fix:       "retry: with on: [502, 503, 504], if nothing else was found.",
			Sources:   "RFC 9110, section 15.6; measured: fosite answers 500 to an expired assertion.",
		},
	}
}

func explainTokenServer(c *Case) []Finding {
	if c.role() != TokenRequest || c.suspects(Likely) > 0 {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 token_url", "url", "request"),
		Cause:    "the token server fails, and every check of what was sent succeeds",
		Evidence: []Evidence{c.serverLine()},
		Fix:      "try again later; retry: {times: 3, on: [502, 503, 504]}",
	}
	if _, said := c.retryAfter(); said != "" {
		f.Evidence = append(f.Evidence, line(Server, "Retry-After %s", quote(clip(said, 40))))
	}
	if c.answer().status == 500 {
		f.Confidence = Possible
		f.Fix = "show the server's operators when it happened; a 500 may also be this server's word for a refusal"
	}
	return one(f)
}
