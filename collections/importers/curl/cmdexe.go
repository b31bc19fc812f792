package curl

import "strings"

// cmd takes a text apart as cmd.exe and the C runtime do: ^ before a character takes its meaning away, ^ at the end of a line
// continues it, and \" is a quote in a quoted word.
func (s *scanner) cmd() {
	quoted := false // for the C runtime
	shell := false  // for cmd.exe, which sees no ^ in quotes
	for s.more() {
		c := s.text[s.at]
		literal := false
		if c == '^' && !shell {
			s.next()
			if !s.more() {
				break
			}
			if c = s.text[s.at]; c == '\n' {
				s.next()
				if quoted && s.more() && s.text[s.at] == '\n' { // ^ and an empty line are a line break in a word
					s.put(s.next())
				}
				continue
			}
			literal = true
		}
		switch {
		case c == '\\' && s.quoteAfter(shell):
			s.begin()
			s.at = strings.IndexByte(s.text[s.at:], '"') + s.at
			s.put(s.next())
		case c == '"':
			s.begin()
			s.next()
			if quoted && s.more() && s.text[s.at] == '"' && !literal { // "" is a quote
				s.put(s.next())
				continue
			}
			quoted = !quoted
			shell = quoted && !literal
		case !quoted && (c == ' ' || c == '\t'):
			s.endWord()
			s.next()
		case c == '\n' && !quoted || !quoted && !literal && (c == '&' || c == '|'):
			s.endCommand()
			s.skipping = c == '|'
			s.next()
		default:
			s.begin()
			s.put(s.next())
		}
	}
	if quoted && s.err == nil {
		s.err = s.start.Errorf(`a quote " that is never closed`)
	}
}

// quoteAfter reports whether a backslash stands before a quote: \" or, as browsers write it, ^\^".
func (s *scanner) quoteAfter(shell bool) bool {
	rest := s.text[s.at+1:]
	return strings.HasPrefix(rest, `"`) || !shell && strings.HasPrefix(rest, `^"`)
}
