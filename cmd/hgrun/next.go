package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/reporters"
)

// written tells people which files the reports stand in.
func (rs *reports) written(s *screenFlags) {
	if s.quiet {
		return
	}
	var files []string
	for _, r := range rs.open {
		if _, ok := r.Reporter.(stepSummary); ok {
			continue // GitHub shows it
		}
		if r.err != nil || r.path == "" || r.path == "-" || strings.HasPrefix(r.path, "/dev/") || isCollector(r.kind, r.path) {
			continue
		}
		files = append(files, "wrote "+reporters.Place(r.kind, r.path)+" ("+r.kind+")")
	}
	rs.tell(files)
}

// tell writes lines for people below the console, fainter than what it says. What cannot be written there could not be read either.
func (rs *reports) tell(lines []string) {
	for _, line := range lines {
		if rs.screen.Color {
			line = "\x1b[2m" + line + "\x1b[0m"
		}
		_, _ = fmt.Fprintln(rs.console, line)
	}
}

// next returns the commands to type after a run that did not pass, on a machine where somebody types. Finding is the code of an explanation,
// empty for none.
func (o *runOptions) next(c *cobra.Command, paths []string, finding string) []string {
	if o.show.quiet || o.watch || ciSystem(os.Getenv) != "" {
		return nil
	}
	var lines []string
	if o.target.failed.kept {
		lines = append(lines, "next: "+again(c, paths))
	}
	if finding != "" {
		lines = append(lines, "next: hgrun explain "+finding)
	}
	return lines
}

// again is the command that runs what did not pass, or how to get it from the one before where that has values which are not shown again.
func again(c *cobra.Command, paths []string) string {
	words := []string{"hgrun", "run"}
	for _, path := range paths {
		words = append(words, shellWord(path))
	}
	whole := true
	c.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "report", "history", "verbose", "quiet", "update", "code", "last-failed", "color", "disable-unicode", "silent", "export-environment", "export-globals":
		case "var", "global-var", "ssl-client-passphrase":
			whole = false
		default:
			whole = whole && f.Value.String() != "-"
			words = append(words, flagWords(f)...)
		}
	})
	if !whole {
		return "add --last-failed to the command to run only what did not pass"
	}
	return strings.Join(append(words, "--last-failed"), " ")
}

// flagWords is a flag as it is typed.
func flagWords(f *pflag.Flag) []string {
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand
	}
	if f.NoOptDefVal != "" {
		if f.Value.String() == f.NoOptDefVal {
			return []string{name}
		}
		return []string{"--" + f.Name + "=" + shellWord(f.Value.String())}
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values = list.GetSlice()
	}
	var words []string
	for _, v := range values {
		words = append(words, name, shellWord(v))
	}
	return words
}

// shellWord is one argument as a shell takes it.
func shellWord(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,+@%", r))
	}) {
		return text
	}
	if runtime.GOOS == "windows" {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
