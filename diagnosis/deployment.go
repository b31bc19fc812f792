package diagnosis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hgrun/hgrun/internal/source"
)

func otherDeployment() Rule {
	return Rule{
		Code: "HG008", Title: "parts of two environments are mixed", Rank: 8,
		Answers: refusedProof | InvalidToken | Forbidden | NotFound, Words: []string{"audience", "aud "}, Lint: findMixedDeployments,
		Page: Page{
			Symptom:   "What works in the sandbox fails in production, or the other way round.",
			Cause:     "Token URL, aud, FHIR base, client ID and token belong to one environment each; here they come from two.",
			Detection: "The hosts of the request, of aud, of the variables and of the endpoint that issued the token are compared, with the environment's name.",
			Evidence:  "A table of the hosts.",
			Fix:       "Take every URL and every credential from one environment file.",
			Sources:   "Health Gorilla, Troubleshooting: \"Environment mismatch\".",
		},
	}
}

// hosts is the table of who belongs where.
func (c *Case) hosts() []Evidence {
	list := []Evidence{line(Sent, "request to %s", origin(c.request().URL))}
	if a, ok := c.audience(); ok && len(a.list) > 0 {
		list = append(list, line(Sent, "aud is of %s", origin(a.first())))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment.URLs)) {
		if o := origin(c.Environment.URLs[name]); o != "" && len(list) < 8 {
			list = append(list, line(Configured, "%s is of %s", clip(name, 40), o))
		}
	}
	if c.Environment.Name != "" {
		list = append(list, line(Configured, "environment %s", quote(c.Environment.Name)))
	}
	return list
}

func findMixedDeployments(c *Case) []Finding {
	f := c.foreignAssertion()
	if f.Confidence == 0 {
		f = c.foreignToken()
	}
	if f.Confidence == 0 {
		f = c.misnamed()
	}
	if f.Confidence == 0 {
		return nil
	}
	if f.Pos == (source.Pos{}) {
		f.Pos = c.at("url", "oauth2 token_url", "request")
	}
	f.Fix = "take the token URL, aud, the FHIR base and the client from one environment file"
	f.Evidence = append(f.Evidence, c.hosts()...)
	return one(f)
}

// foreignAssertion finds an assertion that is for another environment than it was sent to.
func (c *Case) foreignAssertion() Finding {
	a, ok := c.audience()
	if !ok || !a.elsewhere() {
		return Finding{}
	}
	return Finding{
		Confidence: Certain, Pos: c.at(c.audiencePos()...),
		Cause: fmt.Sprintf("the assertion is for %s and was posted to %s: two environments", origin(a.first()), origin(a.target)),
	}
}

// foreignToken finds a token that comes from another environment than it was sent to.
func (c *Case) foreignToken() Finding {
	issued, known := c.History.token(c.bearer())
	if !known {
		return Finding{}
	}
	target := c.request().URL
	by, here := deployment(hostname(issued.by)), deployment(hostname(target))
	switch {
	case by != "" && here != "" && by != here && domain(issued.by) == domain(target):
		return Finding{
			Confidence: Certain,
			Cause:      fmt.Sprintf("the token comes from %s and was sent to %s: two environments", origin(issued.by), origin(target)),
			Evidence:   []Evidence{line(Sent, "token %s, issued by %s", fingerprint(c.bearer()), shownURL(issued.by))},
		}
	case issued.env != "" && c.Environment.Name != "" && issued.env != c.Environment.Name:
		return Finding{
			Confidence: Likely,
			Cause:      fmt.Sprintf("the token was fetched in environment %s and used in %s", quote(issued.env), quote(c.Environment.Name)),
		}
	case !issued.used && c.foreignOrigin(issued):
		return Finding{
			Confidence: Likely,
			Cause:      fmt.Sprintf("the token comes from %s, and %s is no server of the same environment", origin(issued.by), origin(target)),
		}
	}
	return Finding{}
}

// misnamed finds an environment whose name says another deployment than the host does.
func (c *Case) misnamed() Finding {
	named, here := deploymentOf(c.Environment.Name), deployment(hostname(c.request().URL))
	if named == "" || here == "" || named == here || !sameVendor(c.request().URL) {
		return Finding{}
	}
	return Finding{
		Confidence: Possible,
		Cause:      fmt.Sprintf("the environment is called %s, and the request goes to %s", quote(c.Environment.Name), origin(c.request().URL)),
	}
}

// foreignOrigin reports whether the variables of the environment name the token's issuer and not the server that was asked.
func (c *Case) foreignOrigin(i issue) bool {
	if len(c.Environment.URLs) == 0 {
		return false
	}
	var here, there bool
	for _, address := range c.Environment.URLs {
		here = here || origin(address) == origin(c.request().URL)
		there = there || origin(address) == origin(i.by)
	}
	return here != there
}

// sameVendor reports whether the host is one of a vendor that has several deployments by name.
func sameVendor(address string) bool {
	host := hostname(address)
	for _, suffix := range []string{"healthgorilla.com", "pattern.health"} {
		if len(host) > len(suffix) && host[len(host)-len(suffix):] == suffix {
			return true
		}
	}
	return false
}
