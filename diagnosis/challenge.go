package diagnosis

import "strings"

// challenge is what a WWW-Authenticate header says (RFC 6750, section 3), from the first challenge that names an error, or
// the first at all.
type challenge struct {
	scheme      string // lower case; empty for no header
	code        string // error, lower case
	description string
	scope       string // what the request would need
	nonce       bool   // a DPoP nonce is asked for
}

// readChallenge reads headers with several challenges, quoted texts with escapes, token68 and unquoted values, and gives
// up on nothing: what cannot be read is passed over.
func readChallenge(headers []string) challenge {
	var all []challenge
	for _, h := range headers {
		all = append(all, challengesOf(h)...)
	}
	for _, c := range all {
		if c.code != "" {
			return c
		}
	}
	for _, c := range all {
		return c
	}
	return challenge{}
}

func challengesOf(header string) []challenge {
	var all []challenge
	rest := header
	for rest != "" {
		rest = strings.TrimLeft(rest, " \t,")
		word := token(rest)
		if word == "" {
			if rest != "" {
				rest = rest[1:]
			}
			continue
		}
		rest = rest[len(word):]
		after := strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(after, "=") || strings.HasPrefix(after, "==") { // a scheme, or token68
			if len(rest) > 0 && rest[0] == '=' {
				rest = strings.TrimLeft(rest, "=")
				continue
			}
			all = append(all, challenge{scheme: strings.ToLower(word)})
			continue
		}
		var value string
		value, rest = parameter(strings.TrimLeft(after[1:], " \t"))
		if len(all) == 0 {
			all = append(all, challenge{})
		}
		all[len(all)-1].set(strings.ToLower(word), value)
	}
	return all
}

func (c *challenge) set(name, value string) {
	switch name {
	case "error":
		c.code = strings.ToLower(value)
		c.nonce = c.code == "use_dpop_nonce"
	case "error_description":
		c.description = value
	case "scope":
		c.scope = value
	}
}

// token returns the letters at the start that a name has (RFC 9110, section 5.6.2), and those of token68.
func token(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;=()<>@:\[]{}`, r)
	})
	if end < 0 {
		return text
	}
	return text[:end]
}

// parameter returns a value, quoted or not, and what follows it.
func parameter(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		word := token(text)
		return word, text[len(word):]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		case '"':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}
