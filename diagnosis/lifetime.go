package diagnosis

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
)

func expiredAssertion() Rule {
	return Rule{
		Code: "HG002", Title: "the assertion has expired", Rank: 6,
		Answers: refusedProof | ServerError, Words: []string{"expired", "exp ", "'exp'"}, Lint: findExpired,
		Page: Page{
			Symptom:   "invalid_grant or invalid_client, a 401 or 403 without a body, or even a 500, from the token endpoint.",
			Cause:     "The exp of the assertion lies before the moment at which it was sent.",
			Detection: "exp is compared with the time at which the request left.",
			Evidence:  "exp, the time of sending, and how long ago the assertion ended.",
			Fix:       "Sign a fresh assertion for every request: hgrun does so where the request has an oauth2 block or assertion:.",
			Sources:   "RFC 7523, section 3, item 4; Health Gorilla, Troubleshooting; fosite answers 500.",
		},
	}
}

// tokenOf is the first assertion with claims that can be read, and the token in it.
func (c *Case) tokenOf() (*proof, *assertions.Token) {
	if p := c.proof(); p != nil {
		return p, p.token
	}
	return nil, nil
}

// expiry returns exp where it is whole seconds and no milliseconds.
func expiry(t *assertions.Token) (time.Time, bool) {
	exp, ok := t.Time("exp")
	return exp, ok && exp.Unix() < tooManySeconds
}

// tooManySeconds is the year 5138: what is greater is no number of seconds.
const tooManySeconds = 100_000_000_000

func findExpired(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	exp, ok := expiry(t)
	now := c.now()
	if !ok || exp.After(now) {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("assertion lifetime", "claims exp", "assertion", "form assertion", "form client_assertion", "oauth2"),
		Cause:    fmt.Sprintf("the assertion ended %s before it was sent", spanText(now.Sub(exp))),
		Evidence: []Evidence{line(Sent, "exp %s", clock(exp)), line(Measured, "sent at %s, %s later", clock(now), spanText(now.Sub(exp)))},
		Fix:      "sign a new assertion for every request: write an oauth2 block, or assertion: and {{$assertion}}, instead of a value that was made before",
	})
}

func reusedAssertion() Rule {
	return Rule{
		Code: "HG009", Title: "an assertion that was made once is used again after its end", Rank: 8,
		Covers:  []string{"HG002"},
		Answers: refusedProof | ServerError, Words: []string{"expired"}, Lint: findReused,
		Page: Page{
			Symptom:   "The token exchange works, and fails a short time later with the same file.",
			Cause:     "The assertion is a text that somebody copied into the file or a variable. It ends minutes after it was made.",
			Detection: "The same assertion was sent earlier in the run, or it is a literal of the file with little time left.",
			Evidence:  "How long the assertion lives, when it was first sent, and how much of its life is left.",
			Fix:       "Let hgrun sign: an oauth2 block, or assertion: with the key.",
			Sources:   "Health Gorilla, Troubleshooting: \"Token exchange fails after a short delay\"; RFC 7523, section 3.",
		},
	}
}

const shortLeft = 2 * time.Minute // that a copied assertion has left before it is worth a word

func findReused(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil || c.Token.Signed {
		return nil
	}
	exp, ok := expiry(t)
	if !ok {
		return nil
	}
	use, same, before := c.History.sent(*p)
	left := exp.Sub(c.now())
	f := Finding{
		Pos: c.at("form "+p.name, "body"),
		Fix: "let hgrun sign a new one for every request: an oauth2 block, or assertion: and {{$assertion}}",
	}
	switch {
	case left <= 0 && before && same && use.at.Before(exp):
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("this assertion was first sent %s ago, and ended since", spanText(c.now().Sub(use.at)))
		f.Evidence = []Evidence{line(Sent, "exp %s, %s ago", clock(exp), spanText(left)), line(Measured, "first sent at %s, %s", clock(use.at), fingerprint(p.text))}
	case left > 0 && left < shortLeft && c.Places.of("form "+p.name).Literal:
		f.Confidence = Likely
		f.Cause = fmt.Sprintf("the assertion is written into the file and ends in %s", spanText(left))
		f.Evidence = []Evidence{line(Sent, "exp %s, %s from now", clock(exp), spanText(left))}
	default:
		return nil
	}
	return one(f)
}

func midnightExpiry() Rule {
	return Rule{
		Code: "HG032", Title: "exp is midnight of a calendar day", Rank: 8,
		Covers:  []string{"HG002", "HG030"},
		Answers: refusedProof | ServerError, Words: []string{"expired"}, Lint: findMidnight,
		Page: Page{
			Symptom:   "An assertion from a web page with a date field is refused on the day it was made.",
			Cause:     "The field gives midnight UTC at the start of the day that was chosen: today's date has passed already, and tomorrow's may lie too far ahead for a strict server.",
			Detection: "exp is a whole number of days since 1970.",
			Evidence:  "exp, and how far it lies from the moment of sending.",
			Fix:       "Choose tomorrow, or better: let hgrun sign, with seconds instead of days.",
			Sources:   "Health Gorilla, jwtoken.html: exp comes from an input of type date.",
		},
	}
}

func findMidnight(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	exp, ok := expiry(t)
	if !ok || exp.Unix()%86400 != 0 || exp.Unix() == 0 {
		return nil
	}
	left := exp.Sub(c.now())
	f := Finding{
		Pos:      c.at("claims exp", "form assertion", "form client_assertion", "body"),
		Evidence: []Evidence{line(Sent, "exp %s", clock(exp)), line(Measured, "sent at %s", clock(c.now()))},
	}
	if left <= 0 {
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("exp is midnight UTC at the start of %s, which is %s ago: that date is already past", exp.UTC().Format(time.DateOnly), spanText(left))
		f.Fix = "choose tomorrow's date, or let hgrun sign the assertion: its exp is a minute ahead, whatever the day"
		return one(f)
	}
	f.Confidence = Possible
	f.Cause = fmt.Sprintf("exp is midnight UTC, %s ahead: a date was chosen, where servers want minutes", spanText(left))
	f.Fix = "let hgrun sign the assertion, with lifetime: 60s"
	return one(f)
}

func distantExpiry() Rule {
	return Rule{
		Code: "HG030", Title: "exp is too far ahead", Rank: 5,
		Answers: refusedProof, Words: []string{"lifetime", "too far", "too long", "exceeds", "distant", "maximum"}, Lint: findDistant,
		Page: Page{
			Symptom:   "A right assertion is refused, often without a word.",
			Cause:     "Servers bound how long an assertion may live: SMART and UDAP to 5 minutes, others to an hour.",
			Detection: "exp less the time of sending, against 300 s; against 3600 s where no profile says otherwise.",
			Evidence:  "The time from sending to exp.",
			Fix:       "lifetime: 60s, at most 300s.",
			Sources:   "SMART App Launch 2.2, client-confidential-asymmetric; UDAP Security STU 2; glewlwyd refuses more than 3600 s silently.",
		},
	}
}

func findDistant(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	exp, ok := expiry(t)
	left := exp.Sub(c.now())
	if !ok || left <= 301*time.Second {
		return nil
	}
	f := Finding{
		Confidence: Possible, Pos: c.at("assertion lifetime", "claims exp", "form assertion", "form client_assertion"),
		Cause:    fmt.Sprintf("the assertion would live for %s; many servers take 5 minutes at most", spanText(left)),
		Evidence: []Evidence{line(Sent, "exp %s, %d s after sending", clock(exp), int64(left/time.Second)), line(Expected, "at most 300 s ahead (SMART, UDAP)")},
		Fix:      "lifetime: 60s",
	}
	if left > time.Hour || c.backend() {
		f.Confidence = Likely
	}
	return one(f)
}

func oddNumbers() Rule {
	return Rule{
		Code: "HG031", Title: "a time in the assertion is no whole number of seconds", Rank: 7,
		Answers: refusedProof | ServerError, Words: []string{"integer", "number", "numericdate", "exp:", "iat:", "nbf:", "distant", "future"}, Lint: findOddNumbers,
		Page: Page{
			Symptom:   "An assertion with right claims is refused by some servers and accepted by others.",
			Cause:     "exp, iat or nbf is in milliseconds, has a fraction, or stands in quotes. A JWT counts whole seconds since 1970.",
			Detection: "The claims are read as they were sent: texts, fractions, and numbers above 100,000,000,000.",
			Evidence:  "The value of each claim.",
			Fix:       "Whole seconds: Math.floor(Date.now() / 1000), or no claim at all: hgrun writes them.",
			Sources:   "RFC 7519, section 2, NumericDate; measured: milliseconds and fractions are taken by some servers, texts by none.",
		},
	}
}

func findOddNumbers(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	var evidence []Evidence
	sure := Likely
	for _, name := range []string{"exp", "iat", "nbf"} {
		value, there := t.Claims[name]
		if !there {
			if name == "exp" {
				evidence = append(evidence, line(Sent, "no exp"))
				sure = Certain
			}
			continue
		}
		wrong, certain := oddTime(value)
		if wrong == "" {
			continue
		}
		if certain {
			sure = Certain
		}
		evidence = append(evidence, line(Sent, "%s %s", name, wrong))
	}
	if evidence == nil {
		return nil
	}
	return one(Finding{
		Confidence: sure, Pos: c.at("claims exp", "claims iat", "claims nbf", "form assertion", "form client_assertion"),
		Cause:    "the assertion needs an exp, and its times are whole seconds since 1970; these are not",
		Evidence: append(evidence, line(Expected, "a number such as %d", c.now().Add(time.Minute).Unix())),
		Fix:      "write seconds, without quotes and fractions; or leave exp, iat and nbf out: hgrun writes them",
	})
}

// oddTime says what is wrong with a time claim, and whether no server takes it.
func oddTime(value any) (wrong string, certain bool) {
	number, ok := value.(json.Number)
	if !ok {
		text, isText := value.(string)
		if !isText {
			return "is no number", true
		}
		return "is a text, " + quote(clip(text, 40)), true
	}
	text := number.String()
	seconds, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return "is no number", true
	case seconds >= tooManySeconds:
		return clip(text, 30) + " is in milliseconds", true
	case seconds < 0:
		return clip(text, 30) + " is negative", true
	case strings.ContainsAny(text, ".eE"):
		return clip(text, 30) + " has a fraction or an exponent", false
	}
	return "", false
}
