package diagnosis

import (
	"maps"
	"slices"
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

// isPlaceholder recognises YOUR_CLIENT_ID, your-client-id, <client-id>, ${CLIENT_ID}, CLIENT SECRET and the like.
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
	if !slices.ContainsFunc(words, func(w string) bool { return strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" }) {
		last := words[len(words)-1]
		return words[0] == "YOUR" || words[0] == "CLIENT" || slices.Contains([]string{"HERE", "TOKEN", "SECRET", "ASSERTION"}, last)
	}
	return strings.EqualFold(words[0], "your") && len(words) < 5
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

// gap is a value that was not filled in.
type gap struct {
	place, name string // where it stands in the YAML, and what it is called
	why         string // empty: nothing is wrong
}

func findUnfilled(c *Case) []Finding {
	for _, look := range []func(*Case) gap{urlGap, credentialsGap, paramGap, headerGap} {
		g := look(c)
		if g.why == "" {
			continue
		}
		f := Finding{
			Confidence: Certain, Pos: c.at(g.place, "body", "url", "request"),
			Cause:    g.name + " " + g.why,
			Evidence: []Evidence{line(Sent, "%s, which %s", g.name, g.why)},
			Fix:      "set the variable in the environment file (a secret under secrets:), or capture it in a request before this one",
		}
		if c.Environment.Name != "" {
			f.Evidence = append(f.Evidence, line(Configured, "environment %s", quote(c.Environment.Name)))
		}
		return one(f)
	}
	return nil
}

// braces returns why a value was not filled in, if braces show it: empty values and placeholders may be meant.
func braces(value string) string {
	if why := unfilled(value); strings.Contains(why, "{{") {
		return why
	}
	return ""
}

func urlGap(c *Case) gap {
	plain := strings.NewReplacer("%7B", "{", "%7D", "}", "%7b", "{", "%7d", "}").Replace(withoutQuery(c.request().URL))
	return gap{"url", "the URL", braces(plain)}
}

func credentialsGap(c *Case) gap {
	scheme, rest, there := c.authorization()
	if !there || rest == "" {
		return gap{}
	}
	if why := unfilled(rest); why != "" {
		return gap{"header Authorization", "the Authorization header (" + clip(printable(scheme), 20) + ")", why}
	}
	if pair := c.basic(); pair.there && pair.wrong == "" {
		return gap{"header Authorization", "the secret in the Basic header", unfilled(pair.secret)}
	}
	return gap{}
}

func paramGap(c *Case) gap {
	for _, p := range c.params() {
		why := braces(p.value)
		if c.role() == TokenRequest && required(p.name) {
			why = unfilled(p.value)
		}
		if why == "" {
			continue
		}
		group := "form "
		if p.in == inQuery {
			group = "query "
		}
		return gap{group + p.name, "the parameter " + clip(printable(p.name), 40), why}
	}
	return gap{}
}

func headerGap(c *Case) gap {
	header := c.request().Header
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, v := range header[name] {
			if why := braces(v); why != "" && name != "Authorization" {
				return gap{"header " + name, "the header " + clip(printable(name), 40), why}
			}
		}
	}
	return gap{}
}
