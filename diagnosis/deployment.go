package diagnosis

import (
	"fmt"
	"maps"
	"slices"
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

// origins is the table of who belongs where.
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
	here := deployment(hostname(c.request().URL))
	f := Finding{Pos: c.at("url", "oauth2 token_url", "request"), Fix: "take the token URL, aud, the FHIR base and the client from one environment file"}
	a, ok := c.audience()
	issued, known := c.History.token(c.bearer())
	switch by := deployment(hostname(issued.by)); {
	case ok && a.elsewhere():
		f.Confidence = Certain
		f.Pos = c.at(c.audiencePos()...)
		f.Cause = fmt.Sprintf("the assertion is for %s and was posted to %s: two environments", origin(a.first()), origin(a.target))
	case known && by != "" && here != "" && by != here && domain(issued.by) == domain(c.request().URL):
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("the token comes from %s and was sent to %s: two environments", origin(issued.by), origin(c.request().URL))
		f.Evidence = []Evidence{line(Sent, "token %s, issued by %s", fingerprint(c.bearer()), shownURL(issued.by))}
	case known && issued.env != "" && c.Environment.Name != "" && issued.env != c.Environment.Name:
		f.Confidence = Likely
		f.Cause = fmt.Sprintf("the token was fetched in environment %s and used in %s", quote(issued.env), quote(c.Environment.Name))
	case known && issued.used == "" && c.foreignOrigin(issued):
		f.Confidence = Likely
		f.Cause = fmt.Sprintf("the token comes from %s, and %s is no server of the same environment", origin(issued.by), origin(c.request().URL))
	case deploymentOf(c.Environment.Name) != "" && here != "" && deploymentOf(c.Environment.Name) != here && sameVendor(c.request().URL):
		f.Confidence = Possible
		f.Cause = fmt.Sprintf("the environment is called %s, and the request goes to %s", quote(c.Environment.Name), origin(c.request().URL))
	default:
		return nil
	}
	f.Evidence = append(f.Evidence, c.hosts()...)
	return one(f)
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
