package diagnosis

import (
	"fmt"
	"strings"
)

func unfilledVariable() Rule {
	return Rule{
		Code: "HG014", Title: "a variable was not filled in", Rank: 9,
		Answers: refusedRequest | refusedAPI | NoAnswer | HTMLPage, Words: []string{"missing", "host name", "unknown client"}, Lint: findUnfilled,
		Page: Page{
			Symptom:   "Anything from invalid_client to \"no such host\".",
			Cause:     "A value still reads {{name}}, is empty, or is the placeholder of a documentation: YOUR_CLIENT_ID.",
			Detection: "URL, headers and parameters are searched for braces, empty values and placeholders.",
			Evidence:  "Where the value stands, and the name of the variable.",
			Fix:       "Set it in the environment file, and secrets under secrets:.",
			Sources:   "RFC 6749, section 3.2: a parameter without a value is as good as absent; Go: invalid character \"{\" in host name.",
		},
	}
}

// unfilled says why a value is none; empty for one that is.
func unfilled(value string) string {
	trimmed := strings.TrimSpace(value)
	if trimmed == "" {
		return "is empty"
	}
	if _, after, ok := strings.Cut(trimmed, "{{"); ok {
		if name, _, ok := strings.Cut(after, "}}"); ok && len(name) < 60 {
			return "still has {{" + strings.TrimSpace(name) + "}} in it"
		}
	}
	if isPlaceholder(trimmed) {
		return "is the placeholder " + clip(trimmed, 60)
	}
	return ""
}

// isPlaceholder recognises YOUR_CLIENT_ID, <client-id>, ${CLIENT_ID}, CLIENT ID and the like.
func isPlaceholder(text string) bool {
	if len(text) > 60 || len(text) < 4 {
		return false
	}
	if text[0] == '<' && text[len(text)-1] == '>' || strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") {
		return true
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	if len(words) < 2 {
		return false
	}
	for _, w := range words {
		if strings.ToUpper(w) != w || strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return strings.EqualFold(words[0], "your") && (len(words) < 5)
		}
	}
	return words[0] == "YOUR" || words[len(words)-1] == "HERE" || strings.HasPrefix(text, "CLIENT") || strings.HasSuffix(text, "TOKEN") ||
		strings.HasSuffix(text, "SECRET") || strings.HasSuffix(text, "ASSERTION")
}

// required are the parameters of token requests that mean nothing without a value.
func required(name string) bool {
	switch name {
	case "grant_type", "assertion", "client_assertion", "client_assertion_type", "client_id", "client_secret", "refresh_token", "code",
		"code_verifier", "redirect_uri", "username", "password", "scope", "subject_token", "device_code":
		return true
	}
	return false
}

func findUnfilled(c *Case) []Finding {
	req := c.request()
	found := func(where, name, why string) []Finding {
		f := Finding{
			Confidence: Certain, Pos: c.at(where, "body", "url", "request"),
			Cause:    fmt.Sprintf("%s %s", name, why),
			Evidence: []Evidence{line(Sent, "%s, which %s", name, why)},
			Fix:      "set the variable in the environment file (a secret under secrets:), or capture it in a request before this one",
		}
		if c.Environment.Name != "" {
			f.Evidence = append(f.Evidence, line(Configured, "environment %s", quote(c.Environment.Name)))
		}
		return one(f)
	}
	plain := strings.NewReplacer("%7B", "{", "%7D", "}", "%7b", "{", "%7d", "}").Replace(withoutQuery(req.URL))
	if why := unfilled(plain); req.URL != "" && strings.Contains(why, "{{") {
		return found("url", "the URL", why)
	}
	if scheme, rest, there := c.authorization(); there && rest != "" {
		if why := unfilled(rest); why != "" {
			return found("header Authorization", "the Authorization header ("+clip(scheme, 20)+")", why)
		}
		if why := unfilled(c.basic().secret); c.basic().there && c.basic().wrong == "" && why != "" {
			return found("header Authorization", "the secret in the Basic header", why)
		}
	}
	for _, p := range c.params() {
		why := unfilled(p.value)
		switch {
		case why == "":
		case c.role() == TokenRequest && required(p.name):
			return found("form "+p.name, "the parameter "+p.name, why)
		case strings.Contains(why, "{{"):
			return found(map[string]string{inQuery: "query "}[p.in]+p.name, "the parameter "+clip(printable(p.name), 40), why)
		}
	}
	for name, values := range req.Header {
		for _, v := range values {
			if why := unfilled(v); name != "Authorization" && strings.Contains(why, "{{") {
				return found("header "+name, "the header "+name, why)
			}
		}
	}
	return nil
}
