package diagnosis

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

func brokenBasic() Rule {
	return Rule{
		Code: "HG023", Title: "the Basic header is missing or malformed", Rank: 7,
		Answers: refusedProof | InvalidToken | Forbidden, Words: []string{"basic", "authorization header", "no client authentication", "credentials"}, Lint: findBrokenBasic, Explain: explainNoBasic,
		Page: Page{
			Symptom:   "401, often with WWW-Authenticate: Basic.",
			Cause:     "Client ID and secret, joined by a colon, go through base64 once; something of that was left out.",
			Detection: "The header is decoded as the server does it; where there is none, the challenge asks for it.",
			Evidence:  "The ID, and the length of the secret.",
			Fix:       "auth: {basic: {username: …, password: …}}, or client_auth: basic in the oauth2 block.",
			Sources:   "RFC 7617, section 2; Pattern Health, Authentication.",
		},
	}
}

// credentialLine names the client and measures its secret.
func (c *Case) credentialLine() Evidence {
	p := c.basic()
	id, secret, way := p.id, p.secret, "Basic"
	if !p.there {
		id, secret, way = c.value("client_id"), c.value("client_secret"), "the form"
	}
	return line(Sent, "client %s by %s, with a secret of %d characters, %s", identity(id), way, utf8.RuneCountInString(secret), fingerprint(secret))
}

func findBrokenBasic(c *Case) []Finding {
	p := c.basic()
	if !p.there || p.wrong == "" {
		return nil
	}
	_, rest, _ := c.authorization()
	if unfilled(rest) != "" {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("header Authorization", "oauth2 client_secret", "auth", "request"),
		Cause:    "the Basic header cannot be read: " + p.wrong,
		Evidence: []Evidence{line(Sent, "Basic and %d characters, %s", len(rest), fingerprint(rest)), line(Expected, "base64 of id:secret")},
		Fix:      "let hgrun write it: client_auth: basic in the oauth2 block, or auth: {basic: {username: …, password: …}}",
	})
}

func explainNoBasic(c *Case) []Finding {
	_, _, there := c.authorization()
	wanted := c.answer().challenge.scheme == "basic"
	configured := c.Token.ClientAuth == "basic" && c.role() == TokenRequest
	if there || !wanted && !configured || c.has("client_secret") || len(c.proofs()) > 0 {
		return nil
	}
	f := Finding{
		Confidence: Likely, Pos: c.at("oauth2 client_auth", "auth", "request"),
		Cause:    "no Authorization header was sent, and the server asks for Basic",
		Evidence: []Evidence{line(Sent, "no Authorization header"), c.serverLine()},
		Fix:      "client_auth: basic with client_id and client_secret, or auth: {basic: {username: …, password: …}}",
	}
	if wanted {
		f.Evidence = append(f.Evidence, line(Server, "WWW-Authenticate: Basic"))
	}
	return one(f)
}

func basicEncoding() Rule {
	return Rule{
		Code: "HG024", Title: "the Basic header is form-encoded, or not, and the server wants it the other way", Rank: 4,
		Answers: refusedProof, Words: []string{"not properly encoded", "encoded", "basic"}, Lint: findBasicEncoding,
		Page: Page{
			Symptom:   "invalid_client for an ID and a secret that are right.",
			Cause:     "The specification form-encodes ID and secret before base64, many servers do not decode them. It matters for characters other than letters, digits, - . _ ~.",
			Detection: "ID and secret hold such characters, so that both ways send different bytes.",
			Evidence:  "Which kinds of characters, and which way was used. Never the characters' places.",
			Fix:       "basic_encoding: raw or rfc6749, the one that was not used.",
			Sources:   "RFC 6749, section 2.3.1; measured: panva wants it encoded, glewlwyd raw; Epic documents one and wants the other.",
		},
	}
}

func findBasicEncoding(c *Case) []Finding {
	p := c.basic()
	if !p.there || p.wrong != "" || c.role() != TokenRequest {
		return nil
	}
	whole := p.id + p.secret
	encoded := escaped(p.id) || escaped(p.secret)
	if secret := c.Keys.Secret; secret != "" {
		encoded = p.secret == url.QueryEscape(secret) && p.secret != secret
		if p.secret == secret {
			encoded = false
		}
	}
	odd := reservedKinds(whole)
	if !encoded && odd == "" {
		return nil
	}
	f := Finding{
		Confidence: Possible, Pos: c.at("oauth2 basic_encoding", "oauth2 client_secret", "header Authorization", "auth", "request"),
		Evidence: []Evidence{c.credentialLine()},
	}
	if encoded {
		f.Cause = "ID and secret were form-encoded before base64, as RFC 6749 says; many servers take them as they are"
		f.Evidence = append(f.Evidence, line(Sent, "form-encoded (basic_encoding: rfc6749)"))
		f.Fix = "basic_encoding: raw"
	} else {
		f.Cause = "ID or secret has characters that RFC 6749 form-encodes before base64, and they were sent as they are"
		f.Evidence = append(f.Evidence, line(Sent, "as they are (basic_encoding: raw), with %s", odd))
		f.Fix = "basic_encoding: rfc6749"
	}
	return one(f)
}

// escaped reports whether a text can be read as form-encoded and would change by decoding.
func escaped(text string) bool {
	plain, err := url.QueryUnescape(text)
	return err == nil && plain != text && strings.ContainsRune(text, '%')
}

// reservedKinds names the characters outside letters, digits and -._~ that a text has.
func reservedKinds(text string) string {
	names := map[rune]string{
		'+': "plus", '/': "slash", '=': "equals sign", '%': "percent sign", '&': "ampersand", ' ': "space", '@': "at sign", ':': "colon",
		'!': "exclamation mark", '#': "number sign", '$': "dollar sign", '*': "asterisk", '?': "question mark",
	}
	var found []string
	for _, r := range text {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
		if plain {
			continue
		}
		name := names[r]
		if name == "" {
			name = "other characters"
		}
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return strings.Join(found, ", ")
}

func untidySecret() Rule {
	return Rule{
		Code: "HG025", Title: "the secret has white space, quotes or a byte order mark around it", Rank: 7,
		Answers: refusedProof | InvalidToken, Words: []string{"white space", "secret"}, Lint: findUntidy,
		Page: Page{
			Symptom:   "invalid_client with a secret that was copied from the right place.",
			Cause:     "A file or a variable brought a line break, a space, quotes or a byte order mark along, which became part of the secret.",
			Detection: "The ends of the secret: configured, in the form, or in the Basic header.",
			Evidence:  "What stands at which end, and the lengths.",
			Fix:       "{{client_secret | trim}}, or write the file without them.",
			Sources:   "RFC 6749, section 2.3.1: secrets are compared as they are.",
		},
	}
}

// untidy names what stands around a secret.
func untidy(secret string) string {
	switch {
	case secret == "":
		return ""
	case strings.HasPrefix(secret, "\ufeff"):
		return "starts with a byte order mark"
	case strings.HasSuffix(secret, "\r\n"):
		return `ends with \r\n`
	case strings.HasSuffix(secret, "\n"):
		return `ends with \n`
	case strings.TrimRight(secret, " \t") != secret:
		return "ends with white space"
	case strings.TrimSpace(secret) != secret:
		return "starts with white space"
	case len(secret) > 2 && (secret[0] == '"' || secret[0] == '\'') && secret[len(secret)-1] == secret[0]:
		return "stands in quotes"
	}
	return ""
}

func findUntidy(c *Case) []Finding {
	sources := []struct{ what, place, text string }{
		{"client_secret", "oauth2 client_secret", c.Keys.Secret},
		{"client_secret of the form", "form client_secret", c.value("client_secret")},
		{"the secret of the Basic header", "header Authorization", c.basic().secret},
	}
	if _, t := c.tokenOf(); t != nil && strings.HasPrefix(t.Algorithm(), "HS") {
		sources = append(sources, struct{ what, place, text string }{"the key of the assertion", "assertion key", c.Keys.Key})
	}
	for _, s := range sources {
		plain := s.text
		if text, err := url.QueryUnescape(s.text); err == nil && s.place == "header Authorization" && escaped(s.text) {
			plain = text
		}
		why := untidy(plain)
		if why == "" {
			continue
		}
		return one(Finding{
			Confidence: Likely, Pos: c.at(s.place, "oauth2 client_secret", "auth", "body"),
			Cause:    s.what + " " + why,
			Evidence: []Evidence{line(Measured, "%d characters, %d without what stands around it", utf8.RuneCountInString(plain), utf8.RuneCountInString(bare(plain)))},
			Fix:      "take it off where the secret is stored, or write {{name | trim}}",
		})
	}
	return nil
}

func bare(secret string) string { return strings.Trim(secret, " \t\r\n\"'\ufeff") }

func twoAuthentications() Rule {
	return Rule{
		Code: "HG027", Title: "the client authenticates in two ways at once", Rank: 8,
		Answers: refusedRequest, Words: []string{"only one", "mechanism", "multiple", "several"}, Lint: findTwoAuthentications,
		Page: Page{
			Symptom:   "invalid_request; some servers look at one of the two and refuse it.",
			Cause:     "A request carries a Basic header and a secret or an assertion in its form; only one way may be used.",
			Detection: "Header and form are held side by side.",
			Evidence:  "The places.",
			Fix:       "Keep one: client_auth: basic or post, and no headers: Authorization beside it.",
			Sources:   "RFC 6749, section 2.3: \"MUST NOT use more than one authentication method\".",
		},
	}
}

func findTwoAuthentications(c *Case) []Finding {
	if c.role() != TokenRequest {
		return nil
	}
	var ways []string
	if c.basic().there {
		ways = append(ways, "the Basic header")
	}
	for _, name := range []string{"client_secret", "client_assertion"} {
		if c.has(name) {
			ways = append(ways, name+" in the form")
		}
	}
	if len(ways) < 2 {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("header Authorization", "form client_secret", "form client_assertion", "auth", "body"),
		Cause:    "the client says in two ways who it is: " + strings.Join(ways, " and "),
		Evidence: []Evidence{line(Sent, "%s", strings.Join(ways, ", ")), line(Expected, "one of them")},
		Fix:      "keep one of them",
	})
}

func lostPlus() Rule {
	return Rule{
		Code: "HG048", Title: "a plus or a space was lost, or scopes are separated by something else", Rank: 7,
		Answers: refusedToken, Words: []string{"scope", "space", "became"}, Lint: findLostPlus,
		Page: Page{
			Symptom:   "invalid_client for a secret with a plus in it; invalid_scope for a list of scopes.",
			Cause:     "In a form + means a space: a secret that was not encoded loses its plus. Scopes are separated by spaces, not by commas or an encoded plus.",
			Detection: "The bytes of the form before and after decoding.",
			Evidence:  "How many plus signs the secret lost; the scopes as the server reads them.",
			Fix:       "form: encodes values; write scope with spaces.",
			Sources:   "RFC 6749, section 3.3 and appendix B.",
		},
	}
}

func findLostPlus(c *Case) []Finding {
	if c.role() != TokenRequest {
		return nil
	}
	for _, p := range c.params() {
		if p.in != inForm {
			continue
		}
		var f Finding
		switch p.name {
		case "scope":
			f = joinedScopes(p)
		case "client_secret":
			f = c.lostInSecret(p)
		}
		if f.Confidence > 0 {
			f.Pos = c.at("form "+p.name, "oauth2 "+p.name, "body")
			return one(f)
		}
	}
	return nil
}

// joinedScopes finds scopes that are separated by something else than spaces.
func joinedScopes(p param) Finding {
	switch {
	case strings.ContainsAny(p.value, ",;"):
		return Finding{
			Confidence: Likely,
			Cause:      "the scopes are separated by commas, which make one scope of them",
			Evidence:   []Evidence{line(Sent, "scope %s", quote(p.value)), line(Expected, "scopes separated by spaces")},
			Fix:        "separate scopes by spaces",
		}
	case strings.Contains(p.value, "+"):
		return Finding{
			Confidence: Certain,
			Cause:      "the scopes are joined by a plus that was encoded: the server reads a plus, not a space",
			Evidence:   []Evidence{line(Sent, "scope %s", quote(p.value))},
			Fix:        "write scope with spaces; form: encodes them",
		}
	}
	return Finding{}
}

// lostInSecret finds a secret whose plus signs were not encoded.
func (c *Case) lostInSecret(p param) Finding {
	meant := strings.ReplaceAll(p.value, " ", "+")
	if !strings.Contains(p.raw, "+") || strings.Contains(p.value, "+") || p.value == c.Keys.Secret {
		return Finding{}
	}
	f := Finding{
		Confidence: Possible, // a secret may have spaces
		Cause:      fmt.Sprintf("%s was written into the form without encoding: the server reads its plus signs as spaces", p.name),
		Evidence:   []Evidence{line(Sent, "%s with %d plus signs that stand for spaces", p.name, strings.Count(p.raw, "+"))},
		Fix:        "write the form under form:, which encodes + as %2B, instead of as text",
	}
	if _, ok := looksBase64(meant); ok {
		f.Confidence = Likely
	}
	if meant == c.Keys.Secret {
		f.Confidence = Certain
	}
	return f
}
