package main

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/reporters"
)

// screenFlags say how much of a run is shown, and how.
type screenFlags struct {
	verbose int
	quiet   bool
	color   string // on and off decide, anything else leaves it to the terminal
	ascii   bool

	requests func() int // of the whole run, 0 where only the run can tell; nil before it is known
}

func (s *screenFlags) flags(c *cobra.Command, verbose string) {
	f := c.Flags()
	f.CountVarP(&s.verbose, "verbose", "v", verbose)
	f.BoolVarP(&s.quiet, "quiet", "q", false, "show what did not pass and the summary alone")
}

func (s *screenFlags) check() error {
	if s.quiet && s.verbose > 0 {
		return errors.New("--quiet: -v shows more and -q less; give one of the two")
	}
	return nil
}

// screen is what the console is shown on where it is written to out.
func (s *screenFlags) screen(out io.Writer) reporters.Screen {
	terminal, ci := isTerminal(out), ciSystem(os.Getenv)
	file, _ := out.(*os.File)
	screen := reporters.Screen{Quiet: s.quiet, CI: ci, Terminal: terminal && ci == "", Color: s.colored(terminal && obeysEscapes(file))}
	screen.Requests = func() int {
		if s.requests == nil {
			return 0
		}
		return s.requests()
	}
	switch {
	case terminal:
		screen.ASCII = s.ascii || !unicodeLocale(os.Getenv)
		screen.Columns = func() int { return terminalColumns(file) }
	default:
		screen.ASCII = s.ascii
		screen.Columns = sync.OnceValue(func() int { return columnsOf(os.Getenv("COLUMNS")) })
	}
	return screen
}

func (s *screenFlags) colored(terminal bool) bool {
	switch s.color {
	case "on":
		return true
	case "off":
		return false
	}
	return colored(terminal)
}

// columnsOf reads the variable COLUMNS, which shells and some CI systems set; 0 where it says nothing.
func columnsOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 10_000 {
		return 0
	}
	return n
}

// unicodeLocale reports whether the locale has the signs of Unicode. Where none is set, as in most containers, terminals show them all the same
// (POSIX.1-2024, section 8.2).
func unicodeLocale(env func(string) string) bool {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = env(name); locale != "" {
			break
		}
	}
	if locale == "C" || locale == "POSIX" {
		return false
	}
	_, charset, named := strings.Cut(locale, ".")
	charset, _, _ = strings.Cut(charset, "@")
	return !named || strings.EqualFold(charset, "UTF-8") || strings.EqualFold(charset, "UTF8")
}

// ciSystem returns the system that a job runs in, as reporters know it: ci for one whose log folds no lines, and empty for none.
func ciSystem(env func(string) string) string {
	for _, of := range []struct{ name, variable string }{
		{"github", "GITHUB_ACTIONS"}, {"gitlab", "GITLAB_CI"}, {"azure", "TF_BUILD"}, {"buildkite", "BUILDKITE"},
		{"teamcity", "TEAMCITY_VERSION"}, {"travis", "TRAVIS"},
		{"ci", "CI"}, {"ci", "JENKINS_URL"}, {"ci", "CODEBUILD_BUILD_ID"}, {"ci", "BITBUCKET_BUILD_NUMBER"},
	} {
		if value := env(of.variable); value != "" && !strings.EqualFold(value, "false") && value != "0" {
			return of.name
		}
	}
	return ""
}

// isTerminal reports whether a person looks at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("TERM") == "dumb" {
		return false
	}
	nothing, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, nothing)
}

// colored follows NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, then the terminal.
func colored(terminal bool) bool {
	switch {
	case os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("FORCE_COLOR") != "" && os.Getenv("FORCE_COLOR") != "0", os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal
}
