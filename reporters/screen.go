package reporters

import (
	"strings"
	"sync"
)

// Screen is what the console is shown on. The zero Screen is a file: plain text for 80 columns.
type Screen struct {
	Color    bool       // escape sequences for colours
	Terminal bool       // somebody looks at it, so that a line of progress may come and go and long lines are wrapped
	ASCII    bool       // it has no other signs
	Quiet    bool       // failures and the summary only
	Columns  func() int // of the terminal, asked for again while the run goes on; nil and 0 mean 80
	CI       string     // the system whose log it is, such as github; see CISystems. Empty for none
	Requests func() int // of the whole run, asked for after the first event; nil and 0 say nothing
}

// columns is how wide the screen is now. A narrower one than 20 columns is used as if it had 20.
func (s *Screen) columns() int {
	n := 0
	if s.Columns != nil {
		n = s.Columns()
	}
	if n <= 0 {
		return 80
	}
	return max(n, 20)
}

// asciiSigns has, for each sign of the console, one that takes as many columns.
var asciiSigns = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("✓", "+", "✗", "x", "–", "-", "↳", ">", "…", "~", "→", ">", "‹", "<", "›", ">", "·", "-", "│", "|", "█", "#", "░", ".")
})

// inert takes the power from text that the system of a log would obey: workflow commands of GitHub at the start of a line, logging
// commands of Azure and GitHub and service messages of TeamCity, such as ##vso[task.setvariable]. It stays readable: what is
// added has no width.
func inert(s string) string {
	if !strings.Contains(s, "##") && !strings.Contains(s, "::") {
		return s
	}
	const nothing = "\u200b"
	if start := strings.TrimLeft(s, " \t\n"); strings.HasPrefix(start, "::") {
		s = s[:len(s)-len(start)] + nothing + start
	}
	at := 0
	for {
		i := strings.Index(s[at:], "##")
		if i < 0 {
			return s
		}
		at += i + 1
		if word := strings.TrimLeft(s[at+1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-#"); strings.HasPrefix(word, "[") {
			s = s[:at] + nothing + s[at:]
			at += len(nothing)
		}
	}
}
