package diagnosis

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/auth"
)

func refusedCredentials() Rule {
	return Rule{
		Code: "HG076", Title: "the server does not take what auth made", Rank: 6,
		Covers:  []string{"HG015", "HG050", "HG070", "HG071"},
		Answers: InvalidToken | Forbidden, Words: []string{"signature", "digest", "hawk", "ntlm", "mac", "skewed"}, Explain: explainCredentials,
		Page: Page{
			Symptom:   "401 or 403 to a request with auth: digest, ntlm, aws_sigv4, oauth1, hawk, edgegrid, jwt or asap.",
			Cause:     "The server wants credentials of another kind, the clocks differ, or key, password or their name is another than the server's.",
			Detection: "The schemes in WWW-Authenticate against the kind of auth; the Date header against this machine's clock.",
			Evidence:  "The kind of auth, the schemes that the server names, both clocks.",
			Fix:       "Name the kind that the server wants; set the clock (NTP); check the key and its name.",
			Sources:   "RFC 9110, section 11.6.1; RFC 7616; RFC 5849, section 3.2; Amazon, Signature Version 4: requests are good for five minutes.",
		},
	}
}

// madeKinds are the kinds of auth that make something new for each request, and the scheme of their challenge; empty where none is common.
func madeKinds() map[string]string {
	return map[string]string{"digest": "Digest", "ntlm": "NTLM", "hawk": "Hawk", "oauth1": "OAuth", "aws_sigv4": "", "edgegrid": "", "jwt": "", "asap": ""}
}

// kindOf is the kind of auth for each scheme that a server may want.
func kindOf(scheme string) string {
	return map[string]string{"digest": "digest", "ntlm": "ntlm", "negotiate": "ntlm", "hawk": "hawk", "basic": "basic", "bearer": "bearer or oauth2", "oauth": "oauth1"}[strings.ToLower(scheme)]
}

// onlyMade reports whether a server wants nothing but credentials that are made for each request. Of Negotiate that cannot be said.
func onlyMade(offered []auth.Challenge) bool {
	return len(offered) > 0 && !slices.ContainsFunc(offered, func(o auth.Challenge) bool { return !o.Is("Digest") && !o.Is("NTLM") && !o.Is("Hawk") })
}

func explainCredentials(c *Case) []Finding {
	r := c.response()
	if r == nil || r.Status != 401 && r.Status != 403 {
		return nil
	}
	offered := auth.Challenges(r.Header)
	scheme, made := madeKinds()[c.Kind]
	if known := map[string]string{"bearer": "Bearer", "basic": "Basic"}[c.Kind]; known != "" && onlyMade(offered) {
		scheme, made = known, true
	}
	if !made {
		return nil
	}
	f := Finding{Confidence: Possible, Pos: c.at("auth", "request"), Evidence: []Evidence{line(Configured, "auth: %s", c.Kind), c.serverLine()}}
	if scheme != "" && len(offered) > 0 && !slices.ContainsFunc(offered, func(o auth.Challenge) bool { return o.Is(scheme) }) {
		f.Confidence = Certain
		f.Cause = "the server does not take credentials of the kind " + scheme + ", which auth: " + c.Kind + " makes"
		for _, o := range offered {
			f.Evidence = append(f.Evidence, line(Server, "WWW-Authenticate: %s", clip(printable(o.Scheme), 30)))
		}
		f.Fix = "ask for the credentials that the server takes"
		if kind := kindOf(offered[0].Scheme); kind != "" {
			f.Fix = "write auth: with the kind " + kind
		}
		return one(f)
	}
	if _, _, there := c.authorization(); !there && scheme != "" || slices.ContainsFunc(offered, func(o auth.Challenge) bool { return o.Token != "" }) {
		return nil // the server asks, and is answered next
	}
	return one(c.refusedProof(f))
}

// refusedProof says what can be wrong with a proof of the right kind.
func (c *Case) refusedProof(f Finding) Finding {
	passwords := c.Kind == "digest" || c.Kind == "ntlm"
	if s, ok := c.skew(); ok && !passwords && s.beyond(harmfulSkew) {
		way := "ahead of"
		if s.ahead < 0 {
			way = "behind"
		}
		f.Confidence = Likely
		f.Cause = "the server's clock is " + spanText(s.ahead.Abs()) + " " + way + " this machine's, and what auth: " + c.Kind + " makes is good for a few minutes"
		f.Evidence = append(f.Evidence, line(Server, "Date %s", clock(s.server)), line(Measured, "%s here at that moment", clock(s.local)))
		f.Fix = "set this machine's clock (NTP)"
		return f
	}
	f.Cause = "the server does not take the signature: it has another key, another name for it, or saw another request than the one that was signed"
	f.Fix = "check the key and its name; then what a proxy on the way may change: host, path, query or body"
	if passwords {
		f.Cause = "the server does not take the answer to its challenge: it knows another password, or another name"
		f.Fix = "check username and password, and the domain or realm they are for"
	}
	return f
}
