package diagnosis

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
)

func lifeInMilliseconds() Rule {
	return Rule{
		Code: "HG019", Title: "expires_in is in milliseconds and read as seconds", Rank: 7,
		Answers: Granted, Explain: explainMilliseconds,
		Page: Page{
			Symptom:   "Tokens are believed to live for weeks, and requests fail after an hour.",
			Cause:     "The server gives milliseconds: 3600000 is an hour, and would be 41.7 days in seconds.",
			Detection: "expires_in above a day and a multiple of 1000; or a thousand times what the exp and iat of the token say.",
			Evidence:  "The number and both readings.",
			Fix:       "expires_in_unit: ms, which profile: pattern-health presets.",
			Sources:   "RFC 6749, section 5.1: seconds; Pattern Health, Authentication: milliseconds.",
		},
	}
}

// jwtLife is exp less iat of an access token that is a JWT; zero where it is none.
func (g *grantAnswer) jwtLife() time.Duration {
	if !assertions.LooksLike(g.access) {
		return 0
	}
	t, _ := assertions.Inspect(g.access)
	if t == nil {
		return 0
	}
	exp, ok := expiry(t)
	iat, also := t.Time("iat")
	if !ok || !also {
		return 0
	}
	return exp.Sub(iat)
}

func explainMilliseconds(c *Case) []Finding {
	g := c.granted()
	if !g.whole || c.Token.Unit == time.Millisecond || g.life <= 0 {
		return nil
	}
	seconds, ms := time.Duration(min(g.life, 1<<33))*time.Second, time.Duration(min(g.life, 1<<43))*time.Millisecond
	f := Finding{
		Pos: c.at("oauth2 expires_in_unit", "oauth2", "request"),
		Evidence: []Evidence{
			line(Server, "expires_in %s", clip(g.expires, 30)),
			line(Measured, "%s as seconds, %s as milliseconds", spanText(seconds), spanText(ms)),
		},
		Fix: "expires_in_unit: ms",
	}
	switch life := g.jwtLife(); {
	case life > 0 && (ms-life).Abs() < 2*time.Second && g.life > 1000:
		f.Confidence = Certain
		f.Cause = "expires_in is in milliseconds: the token's own exp and iat say so"
		f.Evidence = append(f.Evidence, line(Measured, "exp less iat of the token is %s", spanText(life)))
	case life > 0:
		return nil
	case g.life > 86400 && g.life%1000 == 0 && g.life%86400 != 0 && g.life < 100_000_000_000:
		f.Confidence = Likely
		f.Cause = fmt.Sprintf("expires_in looks like milliseconds: read as seconds, the token would live for %s", spanText(seconds))
	default:
		return nil
	}
	return one(f)
}

func lifeInSeconds() Rule {
	return Rule{
		Code: "HG020", Title: "expires_in is in seconds and read as milliseconds", Rank: 7,
		Answers: Granted, Explain: explainSeconds,
		Page: Page{
			Symptom:   "A token is fetched for almost every request.",
			Cause:     "expires_in_unit: ms makes 3.6 s of an hour.",
			Detection: "The unit is ms and the number small; tokens are fetched one after the other.",
			Evidence:  "The number and both readings.",
			Fix:       "expires_in_unit: s, or no unit at all.",
			Sources:   "RFC 6749, section 5.1.",
		},
	}
}

func explainSeconds(c *Case) []Finding {
	g := c.granted()
	if !g.whole || c.Token.Unit != time.Millisecond || g.life <= 0 || g.life >= 100_000 {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 expires_in_unit", "oauth2 profile", "oauth2", "request"),
		Cause: fmt.Sprintf("expires_in is read as milliseconds, so that the token would live for %s", spanText(time.Duration(g.life)*time.Millisecond)),
		Evidence: []Evidence{
			line(Server, "expires_in %s", clip(g.expires, 30)),
			line(Measured, "%s as milliseconds, %s as seconds", spanText(time.Duration(g.life)*time.Millisecond), spanText(time.Duration(g.life)*time.Second)),
			lineAt(c.at("oauth2 expires_in_unit", "oauth2 profile"), Configured, "expires_in_unit: ms"),
		},
		Fix: "expires_in_unit: s",
	}
	client, _ := c.clientID()
	if times := c.History.fetched(c.request().URL, client); len(times) > 1 {
		f.Evidence = append(f.Evidence, line(Measured, "%d tokens fetched within %s", len(times)+1, spanText(c.now().Sub(times[0]))))
	}
	return one(f)
}

func oddLife() Rule {
	return Rule{
		Code: "HG021", Title: "expires_in is missing, no number, or no life at all", Rank: 5,
		Answers: Granted, Explain: explainOddLife,
		Page: Page{
			Symptom:   "Tokens are renewed too early, too late or never.",
			Cause:     "The server leaves expires_in out, writes it as a text, as 0, negative, or in nanoseconds.",
			Detection: "The value as it stands in the JSON.",
			Evidence:  "It.",
			Fix:       "Nothing, where a 401 renews the token; otherwise tell the server's makers.",
			Sources:   "RFC 6749, section 5.1: RECOMMENDED, a number of seconds; pufferpanel#1189: nanoseconds.",
		},
	}
}

func explainOddLife(c *Case) []Finding {
	g := c.granted()
	if g.access == "" {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 expires_in_unit", "oauth2", "request"),
		Evidence: []Evidence{line(Server, "expires_in %s", clip(printable(g.expires), 40)), line(Expected, "a whole number of seconds, such as 3600")},
		Fix:      "hgrun takes the life for unknown and renews after a 401; tell the server's makers",
	}
	number, err := strconv.ParseFloat(strings.Trim(g.expires, `"`), 64)
	switch {
	case g.expires == "" || g.expires == "null":
		f.Confidence = Possible
		f.Cause = "the answer has no expires_in, so that nobody knows when the token ends"
		f.Evidence[0] = line(Server, "no expires_in")
	case err != nil:
		f.Cause = "expires_in is no number"
	case number <= 0:
		f.Cause = "expires_in leaves the token no life"
	case number >= 100_000_000_000:
		f.Cause = "expires_in is in nanoseconds, or no time span at all"
	case strings.HasPrefix(g.expires, `"`):
		f.Confidence = Possible
		f.Cause = "expires_in is a text; clients in typed languages fail at it"
	default:
		return nil
	}
	return one(f)
}
