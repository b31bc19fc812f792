// Package diagnosis explains an exchange, before it is sent and after: servers answer a dozen different mistakes with one
// identical 401 or with an empty body, so the explanation comes from checking the very bytes that were sent. It knows nothing
// of how requests are sent or reported, and it sends nothing itself.
package diagnosis

import (
	"slices"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
)

// Finding is one explanation. It holds no secret: values are named, measured and compared by fingerprint, never shown.
type Finding struct {
	Code       string // "HG003", stable
	Title      string // of the rule: "aud is not the token URL"
	Cause      string // what is wrong here, one or two sentences
	Confidence Confidence
	Evidence   []Evidence
	Fix        string     // what to change
	Pos        source.Pos // where in the YAML; the zero Pos where it is not known
}

// Evidence is one line that a finding rests on.
type Evidence struct {
	Label string // Sent, Expected, Configured, Server or Measured
	Text  string
	Pos   source.Pos // where it was configured, if anywhere
}

// The labels of evidence.
const (
	Sent       = "sent"
	Expected   = "expected"
	Configured = "configured"
	Server     = "server"
	Measured   = "measured"
)

// Confidence says how sure a finding is. The zero Confidence is none.
type Confidence int

// The confidences: Certain where no server takes what was sent, or where the server says so itself; Likely where most
// servers refuse it; Possible where some do, or where it cannot be checked from here.
const (
	Possible Confidence = iota + 1
	Likely
	Certain
)

// String returns possible, likely or certain.
func (c Confidence) String() string {
	switch c {
	case Possible:
		return "possible"
	case Likely:
		return "likely"
	case Certain:
		return "certain"
	}
	return "none"
}

// Rule is one kind of mistake: how it is found, and the page that tells of it. To add one, write it and its line in the
// table of its family.
type Rule struct {
	Code   string // "HG003": the row of the catalogue, stable
	Family string // the name of its table, for the order of docs/diagnoses.md
	Title  string
	Page   Page
	// Answers are those that the mistake leads to. In all others the rule is silent after the exchange.
	Answers Answers
	// Words in the server's answer that speak for this mistake, in lower case.
	Words []string
	// Rank is how special the mistake is, from 0 to 9: of two findings that are equally sure, the one that tells more
	// comes first.
	Rank int
	// Covers are the codes of rules that find the same mistake and tell less of it: beside this one they are left out.
	Covers []string
	// Lint looks at the request alone. It runs before sending, and again after a request failed.
	Lint func(*Case) []Finding
	// Explain looks at the response too.
	Explain func(*Case) []Finding
}

// Page is what docs/diagnoses.md and hgrun explain say of a rule.
type Page struct {
	Symptom   string
	Cause     string
	Detection string
	Evidence  string
	Fix       string
	Sources   string
}

// maxFindings is how many explanations help; a sixth would only hide the first.
const maxFindings = 5

// Rules returns the table of all rules, by code.
func Rules() []Rule { return slices.Clone(table()) }

var table = sync.OnceValue(func() []Rule {
	var all []Rule
	for _, f := range families() {
		for _, r := range f.rules {
			r.Family = f.name
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Rule) int { return compareText(a.Code, b.Code) })
	return all
})

// family is the rules of one file.
type family struct {
	name  string
	rules []Rule
}

// Lint returns what is wrong with a request before it is sent, the surest first. It needs no response.
func Lint(c *Case) []Finding {
	c.configure()
	var list []scored
	for i := range table() {
		r := &table()[i]
		if r.Lint == nil {
			continue
		}
		for _, f := range r.Lint(c) {
			list = append(list, r.score(f, nil))
		}
	}
	return c.finish(list)
}

// Explain returns why an exchange went as it did, the true cause first, at most five findings. It returns nothing where
// nothing is wrong, and nothing where what is wrong has nothing to do with the way a request is made.
func Explain(c *Case) []Finding {
	if r := c.response(); r == nil || r.Status/100 != 2 {
		c.configure()
	}
	a := c.answer()
	if a.class == 0 {
		return nil
	}
	if a.class != Answered {
		c.configure()
	}
	c.read.rules = table()
	list := slices.Clone(c.lints())
	for i := range c.read.rules {
		r := &c.read.rules[i]
		if r.Explain == nil || r.Answers&a.class == 0 {
			continue
		}
		for _, f := range r.Explain(c) {
			list = append(list, r.score(f, a))
		}
	}
	return c.finish(list)
}

// lints returns what is wrong with the request and could have led to the answer; nothing where the request succeeded.
func (c *Case) lints() []scored {
	if c.read.linted {
		return c.read.lints
	}
	c.read.linted = true
	a := c.answer()
	if !a.failed() {
		return nil
	}
	for i := range c.read.rules {
		r := &c.read.rules[i]
		if r.Lint == nil || r.Answers&a.class == 0 {
			continue
		}
		for _, f := range r.Lint(c) {
			c.read.lints = append(c.read.lints, r.score(f, a))
		}
	}
	return c.read.lints
}

// one is the result of a rule that found one thing.
func one(f Finding) []Finding { return []Finding{f} }
