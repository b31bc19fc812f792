package diagnosis

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

func wrongAudience() Rule {
	return Rule{
		Code: "HG003", Title: "aud is not the token URL", Rank: 5,
		Answers: refusedProof, Words: []string{"audience", "aud ", "'aud'"}, Lint: findWrongAudience,
		Page: Page{
			Symptom:   "invalid_grant or invalid_client, or no body at all.",
			Cause:     "aud must be the URL that the assertion is posted to, byte for byte, unless the server wants its issuer.",
			Detection: "aud is compared with the URL of the request, the discovered token endpoint and the issuer.",
			Evidence:  "aud and the URL one above the other, with the first byte that differs.",
			Fix:       "Leave aud out: hgrun writes the token URL. Or write aud: issuer, or the value of the server's documentation.",
			Sources:   "RFC 7523, section 3, item 3; Health Gorilla, Troubleshooting.",
		},
	}
}

// audience is what an assertion says about where it belongs.
type audience struct {
	list    []string
	array   bool
	target  string // the URL that it was posted to
	issuer  string // that is known; empty for none
	matches bool   // one of the list is the target
}

func (c *Case) audience() (*audience, bool) {
	_, t := c.tokenOf()
	if t == nil {
		return nil, false
	}
	a := &audience{list: t.Audiences(), target: c.request().URL, issuer: c.Token.Issuer}
	_, a.array = t.Claims["aud"].([]any)
	if a.issuer == "" {
		a.issuer = c.discovery().Issuer
	}
	if len(a.list) == 0 || !strings.Contains(a.list[0], "?") {
		a.target = withoutQuery(a.target) // parameters that went astray do not change where a token endpoint is
	}
	a.matches = slices.Contains(a.list, a.target)
	return a, true
}

// first returns the audience that comes nearest: the one on the target's host, or the first.
func (a *audience) first() string {
	for _, aud := range a.list {
		if hostname(aud) == hostname(a.target) {
			return aud
		}
	}
	if len(a.list) == 0 {
		return ""
	}
	return a.list[0]
}

// almost reports whether aud means the target in other bytes.
func (a *audience) almost() bool {
	return !a.matches && a.first() != a.issuer && normal(a.first()) == normal(a.target)
}

// elsewhere reports whether aud names a host of another deployment than the target's.
func (a *audience) elsewhere() bool {
	aud, here := deployment(hostname(a.first())), deployment(hostname(a.target))
	return !a.matches && aud != "" && here != "" && aud != here && domain(a.first()) == domain(a.target)
}

// normal makes URLs equal that mean the same to a reader.
func normal(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return strings.ToLower(strings.TrimSpace(address))
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if port := u.Port(); port != "" && port != "443" && port != "80" {
		host += ":" + port
	}
	path := u.Path
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return host + strings.ToLower(strings.TrimSuffix(path, "/"))
}

func (c *Case) audiencePos() []string {
	return []string{"assertion aud", "claims aud", "oauth2 token_url", "assertion", "form assertion", "form client_assertion"}
}

func findWrongAudience(c *Case) []Finding {
	a, ok := c.audience()
	if !ok || a.matches || a.almost() || a.elsewhere() || a.array && slices.Contains(a.list, a.issuer) {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at(c.audiencePos()...),
		Fix: "leave aud out, so that hgrun writes the token URL; or set it to " + shownURL(a.target),
	}
	aud := a.first()
	switch {
	case aud == "":
		f.Cause = "the assertion has no aud that is a text"
		f.Evidence = []Evidence{line(Sent, "no aud"), line(Expected, "%s", shownURL(a.target))}
		return one(f)
	case a.issuer != "" && aud == a.issuer:
		f.Confidence = Possible
		f.Cause = "aud is the issuer; most servers want the token URL"
	case aud == origin(a.target) || aud == origin(a.target)+"/":
		f.Confidence = Likely
		f.Cause = "aud is the server's address without the path of the token endpoint"
	default:
		f.Cause = "aud differs from the URL that the assertion was posted to"
	}
	f.Evidence = []Evidence{line(Sent, "%s", difference("aud", shownURL(aud), "posted to", shownURL(a.target)))}
	f.Evidence = append(f.Evidence, c.candidates(a)...)
	return one(f)
}

// candidates are the values that a server could mean by its audience.
func (c *Case) candidates(a *audience) []Evidence {
	list := []Evidence{line(Expected, "%s (the URL it was posted to)", shownURL(a.target))}
	if d := c.discovery(); d.TokenEndpoint != "" && d.TokenEndpoint != a.target {
		list = append(list, line(Expected, "%s (token_endpoint of the discovery document)", shownURL(d.TokenEndpoint)))
	}
	if a.issuer != "" {
		list = append(list, line(Expected, "%s (issuer)", shownURL(a.issuer)))
	}
	return list
}

func audienceList() Rule {
	return Rule{
		Code: "HG035", Title: "aud is a list", Rank: 6,
		Answers: refusedProof, Words: []string{"audience", "aud "}, Lint: findAudienceList,
		Page: Page{
			Symptom:   "Some servers accept the assertion, others refuse it without a word.",
			Cause:     "aud is an array, even if of one element. Many servers compare it as a text.",
			Detection: "The claim is an array that holds the right value.",
			Evidence:  "aud as it was sent.",
			Fix:       "Write aud as a text, not as a list.",
			Sources:   "Measured: glewlwyd refuses an array; OpenID Connect Core and Keycloak 26.2 want a single audience.",
		},
	}
}

func findAudienceList(c *Case) []Finding {
	a, ok := c.audience()
	if !ok || !a.array || !a.matches && !slices.Contains(a.list, a.issuer) {
		return nil
	}
	return one(Finding{
		Confidence: Likely, Pos: c.at(c.audiencePos()...),
		Cause:    fmt.Sprintf("aud is a list of %d; many servers take a single text only", len(a.list)),
		Evidence: []Evidence{line(Sent, "aud is an array with %s in it", shownURL(a.first())), line(Expected, "the text %s", shownURL(a.target))},
		Fix:      "write aud as a text, or leave it out",
	})
}

func almostAudience() Rule {
	return Rule{
		Code: "HG036", Title: "aud is the token URL in other bytes", Rank: 8,
		Answers: refusedProof, Words: []string{"audience", "aud "}, Lint: findAlmost,
		Page: Page{
			Symptom:   "aud looks right, and the assertion is refused as for a wrong audience.",
			Cause:     "Servers compare bytes: a slash at the end, two slashes, http instead of https, a port, capitals, or www. make another audience.",
			Detection: "aud and the URL are equal once such differences are taken away, and different before.",
			Evidence:  "Both values, with the first byte that differs.",
			Fix:       "Copy the token URL verbatim, or leave aud out.",
			Sources:   "RFC 7523, section 3: simple string comparison (RFC 3986, section 6.2.1); measured at panva, glewlwyd, fosite and zitadel.",
		},
	}
}

func findAlmost(c *Case) []Finding {
	a, ok := c.audience()
	if !ok || !a.almost() {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at(c.audiencePos()...),
		Cause:    "aud means the token URL, but is not byte for byte the same: " + unlike(a.first(), a.target),
		Evidence: append([]Evidence{line(Sent, "%s", difference("aud", shownURL(a.first()), "posted to", shownURL(a.target)))}, c.candidates(a)[1:]...),
		Fix:      "leave aud out, so that hgrun writes the token URL byte for byte; or copy " + shownURL(a.target),
	})
}

// unlike names in what two URLs differ that mean the same.
func unlike(got, want string) string {
	g, errG := url.Parse(strings.TrimSpace(got))
	w, errW := url.Parse(want)
	switch {
	case strings.TrimSpace(got) != got:
		return "it has white space at its ends"
	case errG != nil || errW != nil:
		return "its bytes differ"
	case g.Scheme != w.Scheme:
		return fmt.Sprintf("its scheme is %s, not %s", g.Scheme, w.Scheme)
	case strings.HasPrefix(g.Host, "www.") != strings.HasPrefix(w.Host, "www."):
		return "one has www. and the other has not"
	case g.Port() != w.Port():
		return "one names the port and the other does not"
	case strings.Contains(g.Path, "//") != strings.Contains(w.Path, "//"):
		return "one has a double slash in its path"
	case strings.HasSuffix(g.Path, "/") != strings.HasSuffix(w.Path, "/"):
		return "one ends with a slash and the other does not"
	case strings.EqualFold(got, want):
		return "capitals and small letters differ"
	}
	return "its bytes differ"
}

func issuerAudience() Rule {
	return Rule{
		Code: "HG037", Title: "the server may want its issuer as aud", Rank: 4,
		Answers: refusedProof, Words: []string{"audience", "aud "}, Explain: explainIssuer,
		Page: Page{
			Symptom:   "invalid_client although aud is exactly the token URL.",
			Cause:     "Newer rules want the issuer as the only audience (draft-ietf-oauth-rfc7523bis, FAPI 2.0); zitadel and some Keycloaks refuse the token URL.",
			Detection: "aud is the token URL, the issuer is another text, nothing else is wrong; or the server's words are about the audience.",
			Evidence:  "All candidates for aud.",
			Fix:       "aud: issuer, with issuer: as the discovery document has it, a slash at its end included.",
			Sources:   "draft-ietf-oauth-rfc7523bis; FAPI 2.0 Security Profile; measured at zitadel 3.51.",
		},
	}
}

func explainIssuer(c *Case) []Finding {
	a, ok := c.audience()
	if !ok || !a.matches || len(a.list) != 1 || a.issuer == a.target {
		return nil
	}
	named := c.answer().says([]string{"audience", "aud "})
	if !named && (a.issuer == "" || c.suspects(Likely) > 0) {
		return nil
	}
	f := Finding{
		Confidence: Possible, Pos: c.at(c.audiencePos()...),
		Cause:    "aud is the token URL, and nothing else is wrong with the assertion; this server may want its issuer",
		Evidence: append([]Evidence{line(Sent, "aud %s", shownURL(a.target))}, c.candidates(a)...),
		Fix:      "write aud: issuer, and issuer: as the server's discovery document has it",
	}
	if c.Token.Issuer != "" { // written for nothing but this
		f.Confidence = Likely
		f.Evidence = append(f.Evidence, line(Configured, "issuer is given, and aud does not use it"))
	}
	if a.issuer == "" {
		f.Evidence = append(f.Evidence, line(Configured, "no issuer is known; read it from /.well-known/openid-configuration"))
	}
	return one(f)
}

// suspects returns how many mistakes were found in the request that are at least as sure.
func (c *Case) suspects(least Confidence) int {
	count := 0
	for _, s := range c.lints() {
		if s.Confidence >= least {
			count++
		}
	}
	return count
}
