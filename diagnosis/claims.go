package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
)

func wrongClient() Rule {
	return Rule{
		Code: "HG004", Title: "iss or sub is not the client ID", Rank: 6,
		Answers: refusedProof, Words: []string{"improper client id", "iss", "sub ", "subject", "client id", "unknown client"}, Lint: findWrongClient,
		Page: Page{
			Symptom:   "invalid_client, or the text \"improper client id\"; from old Health Gorilla servers \"Subject validation failed\".",
			Cause:     "iss and sub of an assertion that says who the client is must both be the client ID.",
			Detection: "iss and sub are compared with client_id of the request, of the oauth2 block and of the environment, and with each other.",
			Evidence:  "iss, sub and the client ID.",
			Fix:       "Set both to the client ID, or leave them out of claims: hgrun fills them in from client_id.",
			Sources:   "RFC 7523, section 3, items 1 and 2; Health Gorilla, Troubleshooting.",
		},
	}
}

func findWrongClient(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil {
		return nil
	}
	id, where := c.clientID()
	issuer, subject := c.wrongIssuer(t, id), c.wrongSubject(t, id)
	if issuer == "" && subject == "" {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("claims iss", "claims sub", "oauth2 client_id", "assertion", "form assertion", "form client_assertion"),
		Cause:    strings.TrimPrefix(issuer+"; "+subject, "; "),
		Evidence: []Evidence{line(Sent, "iss %s", claimText(t, "iss")), line(Sent, "sub %s", claimText(t, "sub"))},
		Fix:      "set iss and sub to the client ID, or leave them out of claims: hgrun fills them in from client_id",
	}
	f.Cause = strings.TrimSuffix(f.Cause, "; ")
	switch {
	case c.strictClient(p):
	case id == "" && issuer == "": // a user may be the subject of a grant
		f.Confidence = Possible
	case issuer == "":
		f.Confidence = Likely
	}
	if where == environmentsClient {
		f.Confidence = min(f.Confidence, Likely) // an environment may have more clients
	}
	if id != "" {
		f.Evidence = append(f.Evidence, line(Expected, "%s (%s)", identity(id), where))
	}
	return one(f)
}

// strictClient reports whether an assertion must name the client as its issuer and as its subject.
func (c *Case) strictClient(p *proof) bool { return p.name == "client_assertion" || c.healthGorilla() }

func (c *Case) wrongIssuer(t *assertions.Token, id string) string {
	switch iss := t.Text("iss"); {
	case iss == "":
		return "iss is missing"
	case id != "" && iss != id:
		return "iss is not the client ID"
	}
	return ""
}

// wrongSubject says nothing of an email address, which is a rule of its own.
func (c *Case) wrongSubject(t *assertions.Token, id string) string {
	switch iss, sub := t.Text("iss"), t.Text("sub"); {
	case sub == "":
		return "sub is missing"
	case strings.Contains(sub, "@"):
	case id != "" && sub != id:
		return "sub is not the client ID"
	case id == "" && iss != "" && sub != iss:
		return "iss and sub differ"
	}
	return ""
}

func claimText(t *assertions.Token, name string) string {
	switch value := t.Claims[name].(type) {
	case nil:
		return "is missing"
	case string:
		return identity(value)
	}
	return "is no text"
}

func emailSubject() Rule {
	return Rule{
		Code: "HG005", Title: "sub is an email address", Rank: 7,
		Answers: refusedProof, Words: []string{"email", "subject", "sub ", "improper client id"}, Lint: findEmail,
		Page: Page{
			Symptom:   "invalid_client or \"improper client id\".",
			Cause:     "sub holds the email address of a person, where the client ID is wanted.",
			Detection: "sub contains an @, whether the client ID does too or not.",
			Evidence:  "That sub is an address, its domain, and the client ID.",
			Fix:       "Set sub to the client ID.",
			Sources:   "Health Gorilla, Troubleshooting: \"Never use an email address in the sub claim\".",
		},
	}
}

func findEmail(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil {
		return nil
	}
	id, where := c.clientID()
	sub := t.Text("sub")
	if !strings.Contains(sub, "@") {
		return nil
	}
	if sub == id {
		return emailAsClient(c, id, where)
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("claims sub", "assertion", "form assertion", "form client_assertion"),
		Cause:    "sub is an email address; a client says who it is by its client ID",
		Evidence: []Evidence{line(Sent, "sub is %s", identity(sub))},
		Fix:      "set sub to the client ID, or leave it out of claims: hgrun fills it in",
	}
	switch {
	case c.strictClient(p):
	case id == "":
		f.Confidence = Possible // some servers want the user here
	case where == environmentsClient:
		f.Confidence = Likely
	}
	if id != "" {
		f.Evidence = append(f.Evidence, line(Expected, "%s (%s)", identity(id), where))
	}
	return one(f)
}

// emailAsClient is the address that stands in client_id itself. A vendor that says so gives out no such IDs; others might.
func emailAsClient(c *Case, id, where string) []Finding {
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 client_id", "claims sub", "assertion", "form client_id"),
		Cause: "iss and sub are the client ID, and the client ID is an email address: that of a person, not of a client",
		Evidence: []Evidence{line(Sent, "sub is %s", identity(id)),
			line(Expected, "the client ID that the vendor gave to the application (now %s is an address)", where)},
		Fix: "set client_id to the ID that the vendor assigned; a person's address signs nobody in here",
	}
	if !strings.HasPrefix(c.Token.Profile, "health-gorilla") {
		f.Confidence = Possible
	}
	return one(f)
}

func replayedID() Rule {
	return Rule{
		Code: "HG033", Title: "the jti was used before", Rank: 8,
		Answers: refusedProof, Words: []string{"jti", "replay", "already used", "already been used", "used before"}, Lint: findReplay,
		Page: Page{
			Symptom:   "The first exchange works, the second is refused: invalid_client, jti_known, or silence.",
			Cause:     "An assertion, or its jti, was sent a second time: a jti that is written in the file, or a retry of the same bytes.",
			Detection: "The run remembers every jti that it sent, with its issuer.",
			Evidence:  "When the jti was first sent, and whether it was the same assertion.",
			Fix:       "A new jti for every attempt: leave jti out of claims, hgrun makes 128 random bits.",
			Sources:   "RFC 7523, section 3, item 7; SMART App Launch 2.2; fosite answers 400 jti_known.",
		},
	}
}

func findReplay(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil {
		return nil
	}
	use, same, ok := c.History.sent(*p)
	exp, dated := expiry(t)
	if !ok || !use.at.Before(c.now()) || dated && !exp.After(c.now()) {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("claims jti", "form "+p.name, "assertion", "body"),
		Cause:    fmt.Sprintf("an assertion with this jti was sent %s ago already", spanText(c.now().Sub(use.at))),
		Evidence: []Evidence{line(Measured, "first sent at %s to %s", clock(use.at), shownURL(use.to))},
		Fix:      "leave jti out of claims: hgrun makes a new one for every attempt; a text that was copied can be sent once",
	}
	if same {
		f.Cause = fmt.Sprintf("this very assertion was sent %s ago already", spanText(c.now().Sub(use.at)))
		f.Evidence = append(f.Evidence, line(Sent, "the same bytes, %s", fingerprint(p.text)))
		if t.Text("jti") == "" {
			f.Confidence = Possible
		}
	}
	return one(f)
}

func missingID() Rule {
	return Rule{
		Code: "HG034", Title: "the assertion has no jti", Rank: 4,
		Answers: refusedProof, Words: []string{"jti"}, Lint: findMissingID,
		Page: Page{
			Symptom:   "invalid_client or silence for an assertion whose claims look right.",
			Cause:     "SMART, UDAP and several servers require a jti, so that they can refuse an assertion the second time.",
			Detection: "The claims have no jti; surer where the profile or the discovery document is SMART's.",
			Evidence:  "The claims that were sent.",
			Fix:       "Leave jti out of claims instead of setting it to null: hgrun makes one.",
			Sources:   "SMART App Launch 2.2, client-confidential-asymmetric; measured: panva, glewlwyd and fosite refuse, zitadel does not.",
		},
	}
}

func findMissingID(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil || t.Claims["jti"] != nil && t.Claims["jti"] != "" {
		return nil
	}
	var names []string
	for name := range t.Claims {
		names = append(names, clip(printable(name), 40))
	}
	slices.Sort(names)
	f := Finding{
		Confidence: Possible, Pos: c.at("claims jti", "assertion", "form assertion", "form client_assertion"),
		Cause:    "the assertion has no jti, which some servers require",
		Evidence: []Evidence{line(Sent, "the claims %s", clip(strings.Join(names, ", "), 300))},
		Fix:      "let hgrun write the jti: leave it out of claims",
	}
	if c.backend() || p.name == "client_assertion" && !strings.HasPrefix(t.Algorithm(), "HS") {
		f.Confidence = Likely
	}
	return one(f)
}
