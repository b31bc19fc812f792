package diagnosis

import (
	"fmt"
	"net/http"
	"time"
)

func clockSkew() Rule {
	return Rule{
		Code: "HG028", Title: "the clocks of client and server differ", Rank: 8,
		Answers: refusedProof | ServerError | InvalidToken, Words: []string{"expired", "not yet valid", "future", "nbf", "iat", "clock"}, Explain: explainSkew,
		Page: Page{
			Symptom:   "A fresh assertion is refused as expired, or as not yet valid.",
			Cause:     "The server's clock and this machine's differ by more than the server overlooks.",
			Detection: "The Date header of the answer against the middle of the exchange, give or take half its duration and the second that Date rounds off.",
			Evidence:  "Both clocks, the difference, and the time the exchange took.",
			Fix:       "Set this machine's clock (NTP); for a server that is slow, a longer backdate.",
			Sources:   "RFC 9110, section 6.6.1; RFC 7519, section 4.1.4; measured with a server whose clock was ten minutes ahead.",
		},
	}
}

// skew is how far the server's clock is ahead of ours.
type skew struct {
	ahead  time.Duration // negative where it is behind
	margin time.Duration // of error
	server time.Time     // the Date header
	local  time.Time     // the middle of the exchange
}

// beyond reports whether the clocks differ by more than d for sure.
func (s skew) beyond(d time.Duration) bool { return s.ahead.Abs() > d+s.margin }

func (c *Case) skew() (skew, bool) {
	r := c.response()
	if r == nil || c.Exchange.Timings.Start.IsZero() || r.Header.Get("Date") == "" || r.Header.Get("Age") != "" {
		return skew{}, false
	}
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return skew{}, false
	}
	t := c.Exchange.Timings
	s := skew{server: date, local: t.Start.Add(t.Total / 2), margin: t.Total/2 + time.Second}
	s.ahead = date.Sub(s.local)
	return s, true
}

const (
	noticedSkew = 5 * time.Second  // that is worth a word
	harmfulSkew = 30 * time.Second // that most servers do not overlook
)

func explainSkew(c *Case) []Finding {
	s, ok := c.skew()
	_, t := c.tokenOf()
	if !ok || !s.beyond(noticedSkew) || t == nil {
		return nil
	}
	f := Finding{Confidence: Possible, Pos: c.at("assertion lifetime", "assertion backdate", "assertion", "oauth2")}
	way := "ahead of"
	if s.ahead < 0 {
		way = "behind"
	}
	f.Cause = fmt.Sprintf("the server's clock is %s %s this machine's", spanText(s.ahead), way)
	f.Evidence = []Evidence{
		line(Server, "Date %s", clock(s.server)),
		line(Measured, "%s here at that moment; the exchange took %s, so the difference is sure to %s", clock(s.local), spanText(c.Exchange.Timings.Total), spanText(s.margin)),
	}
	if s.beyond(harmfulSkew) {
		f.Confidence = Likely
	}
	exp, dated := expiry(t)
	here := c.now()
	switch iat, hasIAT := t.Time("iat"); {
	case dated && exp.After(here) && !exp.After(here.Add(s.ahead)):
		f.Confidence = Certain
		f.Cause += ": for the server the assertion has expired already"
	case hasIAT && !iat.After(here.Add(time.Second)) && iat.After(here.Add(s.ahead+s.margin)):
		f.Confidence = max(f.Confidence, Likely)
		f.Cause += ": for the server the assertion comes from the future"
		if s.beyond(harmfulSkew) {
			f.Confidence = Certain
		}
	}
	f.Fix = "set the clock of this machine by NTP; if it is the server's that is wrong, a longer backdate: and lifetime: bridge it"
	return one(f)
}

func notYetValid() Rule {
	return Rule{
		Code: "HG029", Title: "iat or nbf lies in the future", Rank: 6,
		Answers: refusedProof | ServerError, Words: []string{"not yet valid", "future", "iat", "nbf", "before", "not active"}, Lint: findFuture,
		Page: Page{
			Symptom:   "Now and then, or always, a fresh assertion is refused.",
			Cause:     "iat or nbf lies ahead of the server's clock. Some servers overlook nothing: a second was enough to break production.",
			Detection: "iat and nbf against the time of sending; within a second of it, a server that is a little slow refuses.",
			Evidence:  "How far the claim lies ahead.",
			Fix:       "backdate: 5s to 10s, hgrun's default being 5 s; no claim of the file's own.",
			Sources:   "RFC 7519, sections 4.1.5 and 4.1.6; keycloak#8966: one second; x/oauth2 sets iat ten seconds back.",
		},
	}
}

func findFuture(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	for _, name := range []string{"nbf", "iat"} {
		at, ok := t.Time(name)
		ahead := at.Sub(c.now())
		if !ok || at.Unix() >= tooManySeconds || ahead <= -time.Second {
			continue
		}
		f := Finding{
			Confidence: Possible, Pos: c.at("claims "+name, "assertion backdate", "assertion", "form assertion", "form client_assertion"),
			Cause:    fmt.Sprintf("%s is this very second: a server whose clock is a little behind sees it in the future", name),
			Evidence: []Evidence{line(Sent, "%s %s", name, clock(at)), line(Measured, "sent at %s", c.now().UTC().Format("2006-01-02T15:04:05.000Z"))},
			Fix:      "leave " + name + " out of claims: hgrun sets it 5 s back; backdate: 10s for servers that are slower",
		}
		switch {
		case ahead > harmfulSkew:
			f.Confidence = Certain
		case ahead > 0:
			f.Confidence = Likely
		}
		if ahead > 0 {
			f.Cause = fmt.Sprintf("%s lies %s ahead of the moment of sending", name, spanText(ahead))
		}
		return one(f)
	}
	return nil
}
