package diagnosis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
)

func mixedFlows() Rule {
	return Rule{
		Code: "HG010", Title: "parameters of two flows are mixed", Rank: 7,
		Answers: refusedRequest, Words: []string{"mixed", "does not belong", "only one", "multiple", "parameter"}, Lint: findMixedFlows,
		Page: Page{
			Symptom:   "invalid_request, invalid_grant or silence; some servers accept it and ignore one half.",
			Cause:     "A request says in two ways what it wants: assertion belongs to the jwt-bearer grant, client_assertion authenticates a client.",
			Detection: "Each parameter is held against the grant_type.",
			Evidence:  "The grant_type and the names that do not belong to it.",
			Fix:       "One pattern per request.",
			Sources:   "Health Gorilla, Troubleshooting: \"Use exactly one supported pattern per request\"; RFC 7521, section 4; fosite accepts a mix.",
		},
	}
}

// grantParams are the parameters that belong to a grant and to no other.
func grantParams() map[string][]string {
	return map[string][]string{
		"client_credentials": {},
		"password":           {"username", "password"},
		"refresh_token":      {"refresh_token"},
		"authorization_code": {"code", "redirect_uri", "code_verifier"},
		jwtBearerGrant:       {"assertion"},
		"urn:ietf:params:oauth:grant-type:saml2-bearer":   {"assertion"},
		"urn:ietf:params:oauth:grant-type:device_code":    {"device_code"},
		"urn:ietf:params:oauth:grant-type:token-exchange": {"subject_token", "actor_token"},
		"urn:openid:params:grant-type:ciba":               {"auth_req_id"},
	}
}

func findMixedFlows(c *Case) []Finding {
	grant := c.grantType()
	own, known := grantParams()[grant]
	if c.role() != TokenRequest || !known {
		return nil
	}
	f := Finding{Confidence: Certain}
	foreign := c.foreignParams(grant, own)
	if foreign == nil && slices.Contains(own, "assertion") {
		f.Confidence = Likely
		foreign = c.besideAssertion()
	}
	if foreign == nil {
		return nil
	}
	slices.Sort(foreign)
	f.Pos = c.at("form "+foreign[0], "form grant_type", "body", "request")
	f.Cause = fmt.Sprintf("%s does not belong to grant_type %s; the request mixes two flows", strings.Join(foreign, ", "), quote(grant))
	f.Evidence = []Evidence{line(Sent, "%s", c.paramNames()), line(Expected, "%s", flowHint(grant))}
	f.Fix = "keep the parameters of one flow: " + flowHint(grant)
	return one(f)
}

// foreignParams returns the parameters of a request that belong to other grants than its own.
func (c *Case) foreignParams(grant string, own []string) []string {
	var foreign []string
	for other, params := range grantParams() {
		if other == grant {
			continue
		}
		for _, p := range params {
			if c.has(p) && !slices.Contains(own, p) && !slices.Contains(foreign, p) {
				foreign = append(foreign, p)
			}
		}
	}
	if slices.Contains(own, "assertion") {
		for _, p := range []string{"client_assertion", "client_assertion_type"} {
			if c.has(p) {
				foreign = append(foreign, p)
			}
		}
	}
	return foreign
}

// besideAssertion returns the client authentication beside an assertion that is a grant: some servers allow it, and the
// vendor's do not.
func (c *Case) besideAssertion() []string {
	if !c.healthGorillaLike() {
		return nil
	}
	var foreign []string
	if c.has("client_secret") {
		foreign = append(foreign, "client_secret")
	}
	if _, _, there := c.authorization(); there {
		foreign = append(foreign, "an Authorization header")
	}
	return foreign
}

// healthGorillaLike reports whether the server is one whose assertion grant takes no client authentication beside it, or
// may be one: nothing says otherwise.
func (c *Case) healthGorillaLike() bool {
	return c.healthGorilla() || len(c.discovery().AuthMethods) == 0 || contains(c.discovery().AuthMethods, "none")
}

func flowHint(grant string) string {
	switch grant {
	case jwtBearerGrant:
		return "grant_type, assertion and scope"
	case "client_credentials":
		return "grant_type, scope, and either client_assertion_type and client_assertion, or Basic, or client_id and client_secret"
	}
	return "grant_type " + clip(grant, 60) + " and its own parameters"
}

// paramNames lists the names of a token request's parameters.
func (c *Case) paramNames() string {
	var names []string
	for _, p := range c.params() {
		if len(names) == 20 {
			names = append(names, "…")
			break
		}
		names = append(names, clip(printable(p.name), 40))
	}
	if len(names) == 0 {
		return "no parameters"
	}
	return "the parameters " + strings.Join(names, ", ")
}

func inventedGrant() Rule {
	return Rule{
		Code: "HG011", Title: "grant_type is none that exists, or none that this server has", Rank: 6,
		Answers: refusedRequest, Words: []string{"unsupported_grant_type", "grant_type", "grant type", "unsupported grant"}, Lint: findInvented, Explain: explainUnsupported,
		Page: Page{
			Symptom:   "unsupported_grant_type or invalid_request.",
			Cause:     "The value of grant_type was invented or shortened: it is compared as text.",
			Detection: "grant_type against the values that RFCs define, and those of the discovery document.",
			Evidence:  "The value and the nearest one that exists.",
			Fix:       "Use the exact value.",
			Sources:   "RFC 6749, sections 4 and 5.2; RFC 7523, section 2.1; Health Gorilla, Troubleshooting: \"Do not invent alternative grant_type values\".",
		},
	}
}

// nearestGrant returns the grant that somebody may have meant.
func (c *Case) nearestGrant(got string) string {
	plain := strings.NewReplacer("_", "", "-", "", " ", "", ":", "").Replace(strings.ToLower(got))
	best, least := "", 1<<30
	for name := range grantParams() {
		short := name[strings.LastIndexByte(name, ':')+1:]
		for _, form := range []string{name, short} {
			form = strings.NewReplacer("_", "", "-", "", ":", "").Replace(form)
			if d := source.Distance(plain, form); d < least || d == least && name < best {
				best, least = name, d
			}
		}
	}
	switch {
	case strings.Contains(plain, "jwt") || strings.Contains(plain, "clientassertiontype"):
		return jwtBearerGrant
	case least > 6 && c.has("assertion"):
		return jwtBearerGrant
	case least > 6:
		return ""
	}
	return best
}

func findInvented(c *Case) []Finding {
	if c.role() != TokenRequest || c.request().Method == "GET" && !c.has("grant_type") || len(c.request().Body) == 0 && !c.has("grant_type") {
		return nil
	}
	p, there := c.first("grant_type")
	if p.value == "password" && !contains(c.discovery().Grants, "password") {
		return one(Finding{
			Confidence: Possible, Pos: c.at("form grant_type", "oauth2 grant", "body"),
			Cause:    "the password grant is retired (RFC 9700, section 2.4), and few servers have it",
			Evidence: []Evidence{line(Sent, "grant_type \"password\"")},
			Fix:      "use client_credentials, the jwt-bearer grant, or authorization_code",
		})
	}
	if _, known := grantParams()[p.value]; known || there && unfilled(p.value) != "" || encodedTwice(p.value) {
		return nil
	}
	f := Finding{Confidence: Certain, Pos: c.at("form grant_type", "oauth2 grant", "body")}
	if !there {
		if len(c.params()) == 0 {
			return nil
		}
		f.Cause = "the token request has no grant_type"
		f.Evidence = []Evidence{line(Sent, "%s", c.paramNames())}
		f.Fix = "add grant_type: client_credentials, " + jwtBearerGrant + ", or the one that is meant"
		return one(f)
	}
	f.Cause = "there is no grant_type of this name"
	f.Evidence = []Evidence{line(Sent, "grant_type %s", quote(p.value))}
	f.Fix = "use the exact value that the server documents"
	if near := c.nearestGrant(p.value); near != "" {
		f.Evidence = append(f.Evidence, line(Expected, "%s, perhaps", quote(near)))
		f.Fix = "write grant_type: " + near
	}
	return one(f)
}

func explainUnsupported(c *Case) []Finding {
	grant := c.grantType()
	if c.answer().class&(UnsupportedGrant|UnauthorizedClient) == 0 || grant == "" || grant == "refresh_token" {
		return nil
	}
	if _, known := grantParams()[grant]; !known {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("form grant_type", "oauth2 grant", "body"),
		Cause:    fmt.Sprintf("grant_type %s exists, but this endpoint does not take it, or not of this client", quote(grant)),
		Evidence: []Evidence{line(Sent, "grant_type %s to %s", quote(grant), shownURL(c.request().URL)), c.serverLine()},
		Fix:      "ask for the grant to be enabled for the client, or use one that is",
	}
	if list := c.discovery().Grants; len(list) > 0 {
		f.Evidence = append(f.Evidence, line(Expected, "one of %s", clip(strings.Join(list, ", "), 300)))
	}
	return one(f)
}

func notAForm() Rule {
	return Rule{
		Code: "HG012", Title: "the token request is no form", Rank: 8,
		Answers: refusedRequest, Words: []string{"x-www-form-urlencoded", "content type", "content-type", "unsupported media"}, Lint: findNotAForm,
		Page: Page{
			Symptom:   "invalid_request, unsupported_grant_type, 415, or 400 without a body.",
			Cause:     "The parameters were sent as JSON, as multipart or without a Content-Type. Token endpoints read application/x-www-form-urlencoded only.",
			Detection: "Content-Type and the first byte of the body.",
			Evidence:  "Both.",
			Fix:       "form: instead of json:, and no Content-Type of the file's own.",
			Sources:   "RFC 6749, section 4 and appendix B; panva: \"only application/x-www-form-urlencoded …\"; glewlwyd: 400 without a body.",
		},
	}
}

func findNotAForm(c *Case) []Finding {
	req := c.request()
	kind := c.contentType()
	if c.role() != TokenRequest || req.Method != "POST" || len(req.Body) == 0 || kind == "application/x-www-form-urlencoded" {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("header Content-Type", "body", "request"),
		Evidence: []Evidence{line(Sent, "Content-Type %s", quote(kind)), line(Expected, "Content-Type \"application/x-www-form-urlencoded\"")},
		Fix:      "write the parameters under form: and leave Content-Type out",
	}
	switch first := strings.TrimLeft(string(req.Body[:min(len(req.Body), 16)]), " \r\n\t"); {
	case strings.HasPrefix(first, "{") && len(c.params()) == 0 && !c.configuredTokenURL():
		return nil // a login of its own kind
	case strings.HasPrefix(first, "{"):
		f.Cause = "the parameters of the token request were sent as JSON"
		f.Evidence = append(f.Evidence, line(Sent, "a body of %d bytes that starts with {", len(req.Body)))
	case strings.HasPrefix(kind, "multipart/"):
		f.Cause = "the parameters of the token request were sent as multipart"
	default:
		f.Cause = "the token request has a form in its body, and its Content-Type does not say so"
	}
	return one(f)
}

func misplacedAssertion() Rule {
	return Rule{
		Code: "HG013", Title: "the assertion, or a parameter, stands in the wrong place", Rank: 7,
		Answers: refusedRequest, Words: []string{"missing", "query", "parameter", "required"}, Lint: findMisplaced,
		Page: Page{
			Symptom:   "invalid_request, invalid_client, or silence.",
			Cause:     "The JWT was put into another field (password, client_secret, code), into a header, or the parameters into the URL.",
			Detection: "Values with the shape of a JWT outside assertion and client_assertion; parameters of the form in the query.",
			Evidence:  "The name of the field that holds it.",
			Fix:       "assertion with the jwt-bearer grant; client_assertion with client_credentials; both in the form.",
			Sources:   "RFC 7523, section 2; RFC 6749, section 2.3.1: not in the URI; Health Gorilla, Troubleshooting.",
		},
	}
}

func findMisplaced(c *Case) []Finding {
	if c.role() != TokenRequest {
		return nil
	}
	for _, p := range c.params() {
		switch {
		case p.in == inQuery && formOnly(p.name):
			return one(Finding{
				Confidence: Certain, Pos: c.at("query "+p.name, "url", "request"),
				Cause:    p.name + " stands in the URL; a token endpoint reads its parameters from the form only",
				Evidence: []Evidence{line(Sent, "%s in the query of %s", p.name, shownURL(c.request().URL)), line(Expected, "%s in the body, as a form", p.name)},
				Fix:      "move " + p.name + " from the URL or query: to form:",
			})
		case wrongField(p.name) && assertions.LooksLike(p.value):
			return one(Finding{
				Confidence: Certain, Pos: c.at("form "+p.name, "body"),
				Cause:    fmt.Sprintf("%s holds a JWT, which belongs into assertion or client_assertion", p.name),
				Evidence: []Evidence{line(Sent, "%s: %s", p.name, segments(p.value)), line(Sent, "%s", c.paramNames())},
				Fix:      rightField,
			})
		}
	}
	return c.misplacedInHeader()
}

const rightField = "send it as assertion with grant_type " + jwtBearerGrant + ", or as client_assertion with client_credentials, in the form"

// misplacedInHeader finds an assertion in a header of a token request that has none in its form.
func (c *Case) misplacedInHeader() []Finding {
	if len(c.proofs()) > 0 || c.has("subject_token") {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(c.request().Header)) {
		for _, v := range c.request().Header[name] {
			if jwt := lastWord(v); name != "Dpop" && assertions.LooksLike(jwt) {
				return one(Finding{
					Confidence: Certain, Pos: c.at("header "+name, "auth", "request"),
					Cause:    fmt.Sprintf("the header %s holds a JWT, and the form has no assertion: a token endpoint looks for it in the form", clip(printable(name), 40)),
					Evidence: []Evidence{line(Sent, "%s: %s", clip(printable(name), 40), segments(jwt)), line(Sent, "%s", c.paramNames())},
					Fix:      rightField,
				})
			}
		}
	}
	return nil
}

// formOnly are the parameters that a token endpoint never reads from the URL.
func formOnly(name string) bool {
	return name == "grant_type" || name == "assertion" || name == "client_secret" || strings.HasPrefix(name, "client_assertion")
}

func wrongField(name string) bool {
	switch name {
	case "password", "client_secret", "code", "username", "client_id", "scope", "jwt", "token", "access_token", "client_assertion_type", "grant_type", "device_code":
		return true
	}
	return false
}

func lastWord(text string) string { return text[strings.LastIndexByte(text, ' ')+1:] }
