package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
)

func malformedAssertion() Rule {
	return Rule{
		Code: "HG006", Title: "the assertion is malformed or cut off", Rank: 7,
		Answers: refusedProof | ServerError, Words: []string{"malformed", "format", "base64", "segments", "parse", "decode", "compact", "signature"}, Lint: findMalformed,
		Page: Page{
			Symptom:   "The token endpoint answers 400 or 403 without a body.",
			Cause:     "The JWT is no whole JWT: a part is missing, was cut off or changed while it was copied.",
			Detection: "Three parts, each base64url; header and claims JSON objects; a signature as long as its algorithm makes it.",
			Evidence:  "The lengths of the parts, and which one is wrong and where.",
			Fix:       "Copy the whole value, or let hgrun sign.",
			Sources:   "RFC 7515, section 7.1; RFC 7518, section 3; Health Gorilla, Troubleshooting: \"Silent failure\".",
		},
	}
}

func findMalformed(c *Case) []Finding {
	for _, p := range c.proofs() {
		if p.err == nil || encodedTwice(p.text) || strangeAt(p.text) >= 0 {
			continue
		}
		return one(Finding{
			Confidence: Certain, Pos: c.at("form "+p.name, "assertion", "body"),
			Cause:    p.name + " is no whole JWT: " + p.err.Error(),
			Evidence: append([]Evidence{line(Sent, "%s", segments(p.text))}, expectedShape(p.token)...),
			Fix:      "copy the full value, without changing anything; or let hgrun sign the assertion",
		})
	}
	return nil
}

// segments measures the parts of what should be a JWT.
func segments(text string) string {
	parts := strings.Split(text, ".")
	sizes := make([]string, 0, len(parts))
	for i, p := range parts {
		if i == 6 {
			sizes = append(sizes, "…")
			break
		}
		sizes = append(sizes, fmt.Sprint(len(p)))
	}
	return fmt.Sprintf("%d characters in %d parts of %s, %s", len(text), len(parts), strings.Join(sizes, ", "), fingerprint(text))
}

func expectedShape(t *assertions.Token) []Evidence {
	if t == nil {
		return []Evidence{line(Expected, "three parts: header.payload.signature")}
	}
	alg := t.Algorithm()
	size := map[string]string{
		"HS256": "32 bytes, 43 characters", "HS384": "48 bytes, 64 characters", "HS512": "64 bytes, 86 characters",
		"ES256": "64 bytes, 86 characters", "ES384": "96 bytes, 128 characters", "ES512": "132 bytes, 176 characters",
		"EdDSA": "64 bytes, 86 characters",
	}[alg]
	if size == "" {
		size = "as many bytes as the RSA key: 256 for 2048 bits"
	}
	return []Evidence{line(Expected, "a signature of %s for alg %s", size, quote(clip(alg, 20)))}
}

func silentAnswer() Rule {
	return Rule{
		Code: "HG007", Title: "the answer is empty, and several things are wrong", Rank: 9,
		Answers: Silent, Explain: explainSilence,
		Page: Page{
			Symptom:   "The token endpoint refuses without a body and without a Content-Type.",
			Cause:     "Servers that say nothing do so for an expired assertion, a wrong audience and a damaged JWT alike; here more than one of them holds.",
			Detection: "Every check of the assertion runs again over the bytes that were sent, and two or more fail.",
			Evidence:  "All checks that failed, the surest first.",
			Fix:       "Repair all of them: the server refuses for each alone.",
			Sources:   "Health Gorilla, Troubleshooting: \"Token Exchange Fails Without A Response\"; measured: glewlwyd answers 403 without a body to eleven mistakes.",
		},
	}
}

func explainSilence(c *Case) []Finding {
	var titles, kinds []string
	evidence := []Evidence{c.serverLine()}
	fix := ""
	for _, f := range rank(slices.Clone(c.lints())) {
		if f.Confidence < Certain || slices.Contains(kinds, f.family) { // two findings of a family are one mistake, as a rule
			continue
		}
		kinds = append(kinds, f.family)
		titles = append(titles, f.Title)
		evidence = append(evidence, line(Measured, "%s %s: %s", f.Code, f.Title, f.Cause))
		if fix == "" {
			fix = f.Fix
		}
	}
	if len(titles) < 2 {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("oauth2", "assertion", "body"),
		Cause:    fmt.Sprintf("the server says nothing, and %d checks of what was sent fail: %s", len(titles), strings.Join(titles, "; ")),
		Evidence: evidence,
		Fix:      "repair each of them; first: " + fix,
	})
}

func doublyEncoded() Rule {
	return Rule{
		Code: "HG047", Title: "a parameter is URL-encoded twice", Rank: 8,
		Answers: refusedRequest, Words: []string{"must have value", "format", "malformed", "unsupported", "client_assertion_type", "assertion type"}, Lint: findDoublyEncoded,
		Page: Page{
			Symptom:   "A form that looks right is refused: the server sees %3A where a colon is meant.",
			Cause:     "A value was encoded by hand and then again by the form.",
			Detection: "The value still has %XX in it after it was decoded once.",
			Evidence:  "The parameter, as it was sent and as the server reads it.",
			Fix:       "Write the plain value: form: encodes it.",
			Sources:   "RFC 6749, appendix B; panva: \"client_assertion_type must have value …\".",
		},
	}
}

// encodedTwice reports whether a decoded value still has escapes of URLs in it.
func encodedTwice(value string) bool {
	for i := 0; i+2 < len(value); i++ {
		if value[i] == '%' && isHex(value[i+1]) && isHex(value[i+2]) {
			return true
		}
	}
	return false
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b >= 'A' && b <= 'F' || b >= 'a' && b <= 'f' }

func findDoublyEncoded(c *Case) []Finding {
	if c.role() != TokenRequest {
		return nil
	}
	for _, p := range c.params() {
		switch p.name {
		case "assertion", "client_assertion", "client_assertion_type", "grant_type", "scope", "redirect_uri", "refresh_token", "code":
		default:
			continue
		}
		if p.in != inForm || !encodedTwice(p.value) || p.name == "redirect_uri" && strings.Contains(p.value, "://") {
			continue
		}
		f := Finding{
			Confidence: Certain, Pos: c.at("form "+p.name, "body"),
			Cause: p.name + " is URL-encoded once too often: after decoding it still has escapes in it",
			Fix:   "write the plain value under form:, which encodes it once; take the urlencode filter out",
		}
		if secretName(p.name) {
			f.Evidence = []Evidence{line(Sent, "%s has escapes such as %%%s after decoding (%d characters)", p.name, firstEscape(p.value), len(p.value))}
		} else {
			f.Evidence = []Evidence{line(Sent, "%s as sent: %s", p.name, quote(p.raw)), line(Sent, "%s as the server reads it: %s", p.name, quote(p.value))}
		}
		return one(f)
	}
	return nil
}

func firstEscape(value string) string {
	at := strings.IndexByte(value, '%')
	return clip(value[at+1:min(at+3, len(value))], 2)
}

func strangeCharacters() Rule {
	return Rule{
		Code: "HG049", Title: "the assertion has characters in it that no JWT has", Rank: 8,
		Answers: refusedProof | ServerError, Words: []string{"malformed", "base64", "format", "parse"}, Lint: findStrange,
		Page: Page{
			Symptom:   "The token endpoint refuses without a body.",
			Cause:     "Quotes, a Bearer prefix, a line break or white space were copied along with the assertion.",
			Detection: "Characters outside base64url and the dot.",
			Evidence:  "Which character stands where.",
			Fix:       "Take it off: {{name | trim}} for white space.",
			Sources:   "RFC 7515, section 2.",
		},
	}
}

// strangeAt returns where the first character stands that no JWT has, or -1.
func strangeAt(text string) int {
	return strings.IndexFunc(text, func(r rune) bool { return !jwtRune(r) })
}

func findStrange(c *Case) []Finding {
	for _, p := range c.proofs() {
		at := strangeAt(p.text)
		if at < 0 || encodedTwice(p.text) || p.err == nil {
			continue
		}
		return one(Finding{
			Confidence: Certain, Pos: c.at("form "+p.name, "body"),
			Cause:    p.name + " has something in it that no JWT has: " + p.err.Error(),
			Evidence: []Evidence{line(Sent, "%d characters, %s; the first that does not belong there is number %d", len([]rune(p.text)), fingerprint(p.text), len([]rune(p.text[:at]))+1)},
			Fix:      "take quotes, prefixes and white space off the value: {{name | trim}}",
		})
	}
	return nil
}
