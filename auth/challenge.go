package auth

import (
	"net/http"
	"strings"
)

// Challenge is one way in which a server says that it wants credentials (RFC 9110, section 11.6.1).
type Challenge struct {
	Scheme string            // "Bearer", as the server writes it
	Token  string            // a token68 in the place of parameters; empty for none
	Params map[string]string // by lower-case name, without quotes; the first of a repeated one
}

// Is reports whether the challenge is of a scheme, in any case.
func (c Challenge) Is(scheme string) bool { return strings.EqualFold(c.Scheme, scheme) }

// Challenges reads the WWW-Authenticate headers of a response. Several may stand in one header. What cannot be read is
// passed over.
func Challenges(h http.Header) []Challenge {
	var all []Challenge
	for _, line := range h.Values("WWW-Authenticate") {
		all = append(all, readChallenges(line)...)
	}
	return all
}

func readChallenges(line string) []Challenge {
	var all []Challenge
	for line != "" {
		line = strings.TrimLeft(line, " \t,")
		word, rest := cutWord(line)
		if word == "" {
			if line != "" {
				line = line[1:] // a stray character
			}
			continue
		}
		spaced := strings.TrimLeft(rest, " \t")
		if len(all) > 0 && strings.HasPrefix(spaced, "=") {
			line = all[len(all)-1].add(word, spaced[1:])
			continue
		}
		c := Challenge{Scheme: word, Params: map[string]string{}}
		c.Token, line = cutToken68(spaced)
		all = append(all, c)
	}
	return all
}

// add adds a parameter whose value starts behind the equals sign, and returns the rest of the line.
func (c Challenge) add(name, rest string) string {
	rest = strings.TrimLeft(rest, " \t")
	value := ""
	if strings.HasPrefix(rest, `"`) {
		value, rest = cutQuoted(rest[1:])
	} else {
		end := strings.IndexAny(rest, ", \t")
		if end < 0 {
			end = len(rest)
		}
		value, rest = rest[:end], rest[end:]
	}
	name = strings.ToLower(name)
	if _, repeated := c.Params[name]; !repeated {
		c.Params[name] = value
	}
	return rest
}

// cutWord cuts a token (RFC 9110, section 5.6.2) off a line.
func cutWord(line string) (word, rest string) {
	end := strings.IndexFunc(line, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
	if end < 0 {
		end = len(line)
	}
	return line[:end], line[end:]
}

// cutToken68 cuts a token68 off a line: one that ends at a comma or with the line, after equals signs that nothing follows.
func cutToken68(line string) (token, rest string) {
	end := strings.IndexAny(line, ", \t")
	if end < 0 {
		end = len(line)
	}
	token = line[:end]
	after := strings.TrimLeft(line[end:], " \t")
	bare := strings.TrimRight(token, "=")
	if bare == "" || strings.ContainsAny(bare, `="`) || after != "" && after[0] != ',' {
		return "", line
	}
	return token, line[end:]
}

// cutQuoted cuts a quoted text off a line that starts behind its first quote. One that does not end takes the whole line.
func cutQuoted(line string) (text, rest string) {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case c == '"':
			return b.String(), line[i+1:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
