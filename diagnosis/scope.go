package diagnosis

import (
	"fmt"
	"slices"
	"strings"
)

func narrowedScope() Rule {
	return Rule{
		Code: "HG051", Title: "less was granted than was asked for", Rank: 5,
		Answers: Granted, Explain: explainNarrowed,
		Page: Page{
			Symptom:   "The exchange succeeds; later requests get a 403.",
			Cause:     "The server left scopes out that are not registered for the client, and said so only in scope.",
			Detection: "The scope of the answer against that of the request; a SMART scope covers a narrower one.",
			Evidence:  "The scopes that are missing.",
			Fix:       "Have them registered for the client, or do not ask for them.",
			Sources:   "RFC 6749, section 3.3; measured: panva answers 200 without the scope.",
		},
	}
}

// missingScopes returns the scopes of wanted that granted does not cover.
func missingScopes(wanted, granted string) []string {
	have := strings.Fields(granted)
	var missing []string
	for _, w := range strings.Fields(wanted) {
		if !slices.ContainsFunc(have, func(h string) bool { return coversScope(h, w) }) {
			missing = append(missing, w)
		}
	}
	return missing
}

// smartScope is a scope of SMART App Launch: level/Type.rights.
type smartScope struct{ level, kind, rights string }

// parseSMART reads scopes of version 1 (read, write, *) and 2 (cruds in that order). wrong says what is wrong with one
// that is meant to be such a scope.
func parseSMART(scope string) (s smartScope, is bool, wrong string) {
	level, rest, ok := strings.Cut(scope, "/")
	if !ok || level != "patient" && level != "user" && level != "system" {
		return s, false, ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	kind, rights, ok := strings.Cut(rest, ".")
	switch {
	case !ok || rights == "":
		return s, true, "has no rights after a dot, such as .read or .rs"
	case kind == "":
		return s, true, "names no resource type"
	case kind != "*" && (kind[0] < 'A' || kind[0] > 'Z'):
		return s, true, "names a resource type that starts with a small letter"
	}
	letters, wrong := cruds(rights)
	return smartScope{level, kind, letters}, true, wrong
}

// cruds returns rights as letters of SMART 2.
func cruds(rights string) (letters, wrong string) {
	switch rights {
	case "read":
		return "rs", ""
	case "write":
		return "cud", ""
	case "*":
		return "cruds", ""
	}
	at := -1
	for _, r := range rights {
		i := strings.IndexRune("cruds", r)
		if i < 0 {
			return "", "has rights that are neither read, write, * nor letters of cruds"
		}
		if i <= at {
			return "", "has the letters of its rights not in the order cruds"
		}
		at = i
	}
	return rights, ""
}

func coversScope(have, want string) bool {
	if have == want {
		return true
	}
	h, isH, wrongH := parseSMART(have)
	w, isW, wrongW := parseSMART(want)
	return isH && isW && wrongH == "" && wrongW == "" && h.level == w.level && (h.kind == "*" || h.kind == w.kind) && strings.Trim(w.rights, h.rights) == ""
}

func explainNarrowed(c *Case) []Finding {
	g := c.granted()
	asked := c.value("scope")
	if g.access == "" || asked == "" || !g.hasScope {
		return nil
	}
	missing := missingScopes(asked, g.scope)
	missing = slices.DeleteFunc(missing, func(s string) bool { // said by other rules, or no right at all
		return s == "offline_access" || s == "online_access" || strings.HasPrefix(s, "launch")
	})
	if len(missing) == 0 {
		return nil
	}
	return one(Finding{
		Confidence: Likely, Pos: c.at("oauth2 scope", "form scope", "request"),
		Cause:    fmt.Sprintf("the server granted less than was asked for: %s missing", strings.Join(clipAll(missing), ", ")),
		Evidence: []Evidence{line(Sent, "scope %s", quote(asked)), line(Server, "scope %s", quote(g.scope))},
		Fix:      "have the missing scopes registered for the client, or take them out of the request",
	})
}

func clipAll(list []string) []string {
	var out []string
	for i, s := range list {
		if i == 8 {
			return append(out, "…")
		}
		out = append(out, clip(printable(s), 80))
	}
	return out
}

func refusedScope() Rule {
	return Rule{
		Code: "HG052", Title: "a scope is not allowed, or not written as the server reads it", Rank: 6,
		Answers: InvalidScope, Words: []string{"scope"}, Lint: findBadScope, Explain: explainRefusedScope,
		Page: Page{
			Symptom:   "invalid_scope, or scope_invalid.",
			Cause:     "A scope is not registered for the client, is of the wrong level (patient/ without a patient), or mixes the syntax of SMART 1 (.read) and 2 (.rs).",
			Detection: "Each scope against the grammar and against scopes_supported of the discovery document.",
			Evidence:  "Scope by scope.",
			Fix:       "Rewrite or register it; the finding names the scope.",
			Sources:   "RFC 6749, section 3.3; SMART App Launch 2.2, Scopes.",
		},
	}
}

// judgeScope says what is wrong with one scope of a request; empty where nothing is seen.
func (c *Case) judgeScope(scope string) string {
	_, is, wrong := parseSMART(scope)
	level, _, _ := strings.Cut(scope, "/")
	supported := c.discovery().Scopes
	switch {
	case wrong != "":
		return wrong
	case is && level == "patient" && c.grantType() == "client_credentials":
		return "is for a patient, and client credentials have none; system/ is their level"
	case is && level == "user" && c.grantType() == "client_credentials" && c.backend():
		return "is for a user, and backend services have none; system/ is their level"
	case len(supported) > 0 && !slices.ContainsFunc(supported, func(s string) bool { return coversScope(s, scope) }):
		return "is not among the scopes that the server lists"
	}
	return ""
}

func findBadScope(c *Case) []Finding {
	asked := c.value("scope")
	if c.role() != TokenRequest || asked == "" || strings.ContainsAny(asked, ",+%") {
		return nil
	}
	var evidence []Evidence
	sure := Possible
	for _, scope := range strings.Fields(asked) {
		wrong := c.judgeScope(scope)
		if wrong == "" || len(evidence) == 6 {
			continue
		}
		if _, _, syntax := parseSMART(scope); syntax != "" {
			sure = Likely
		}
		evidence = append(evidence, line(Sent, "%s %s", quote(clip(scope, 80)), wrong))
	}
	if evidence == nil {
		return nil
	}
	return one(Finding{
		Confidence: sure, Pos: c.at("oauth2 scope", "form scope", "request"),
		Cause:    "not every scope can be right",
		Evidence: evidence,
		Fix:      "write each scope as the server lists it: level/Type.rights, with .read and .write for SMART 1, letters of cruds in this order for SMART 2",
	})
}

func explainRefusedScope(c *Case) []Finding {
	asked := c.value("scope")
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 scope", "form scope", "request"),
		Cause:    "the server refuses the scope: a part of it is not registered for this client",
		Evidence: []Evidence{line(Sent, "scope %s", quote(asked)), c.serverLine()},
		Fix:      "ask for one scope after the other to find the one that is refused, and have it registered",
	}
	switch {
	case asked == "":
		f.Cause = "the request names no scope, and the server wants one"
		f.Fix = "add scope"
	case c.grantType() == "refresh_token":
		f.Cause = "a refresh asks for a scope that was not granted at first; it cannot grow"
		f.Fix = "leave scope out of the refresh, or authorise again"
	}
	return one(f)
}

func missingScope() Rule {
	return Rule{
		Code: "HG053", Title: "the token is right, and is not allowed to do this", Rank: 5,
		Answers: Forbidden, Words: []string{"insufficient_scope", "scope", "forbidden", "permission"}, Explain: explainForbidden,
		Page: Page{
			Symptom:   "403, with insufficient_scope or an OperationOutcome forbidden, or without a word.",
			Cause:     "The scope of the token does not cover the request; or the user or the client lacks the role, which scopes do not give.",
			Detection: "WWW-Authenticate, the OperationOutcome, and the scope that the token was granted.",
			Evidence:  "The scope that is needed and those that were granted.",
			Fix:       "Ask for the scope; where it is granted already, for the role.",
			Sources:   "RFC 6750, section 3.1; Health Gorilla: scopes and tenant permissions are two layers; Pattern Health: 403 is a role.",
		},
	}
}

func explainForbidden(c *Case) []Finding {
	a := c.answer()
	if c.role() != APIRequest || len(c.request().Header["Authorization"]) == 0 {
		return nil
	}
	f := Finding{
		Confidence: Possible, Pos: c.at("oauth2 scope", "auth", "request"),
		Cause:    "the server knows who is asking and does not allow it: a scope or a role is missing",
		Evidence: []Evidence{line(Sent, "%s %s", c.request().Method, shownURL(c.request().URL)), c.serverLine()},
		Fix:      "ask the server's operators which scope or role the request needs",
	}
	i, known := c.History.token(c.bearer())
	if known && i.scope != "" {
		f.Evidence = append(f.Evidence, line(Measured, "the token was granted %s", quote(i.scope)))
	}
	needed := a.challenge.scope
	switch {
	case a.code == "insufficient_scope" && needed != "":
		f.Confidence = Certain
		f.Cause = "the token's scope does not cover the request"
		f.Evidence = append(f.Evidence, line(Server, "needs scope %s", quote(needed)))
		f.Fix = "add " + clip(printable(needed), 100) + " to scope, and have it registered for the client"
	case a.code == "insufficient_scope":
		f.Confidence = Certain
		f.Cause = "the token's scope does not cover the request"
		f.Fix = "ask for a scope that covers it"
	case a.says([]string{`"forbidden"`, "permission", "not allowed", "role"}):
		f.Confidence = Likely
	}
	return one(f)
}
