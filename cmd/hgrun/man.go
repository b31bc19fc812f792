package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand is there for those who make packages; people read --help.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man FOLDER",
		Short:   "Write the manual pages of all commands into a folder",
		Example: `  hgrun man /usr/local/share/man/man1`,
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usage(err)
			}
			return writeManual(c.Root(), args[0])
		},
	}
}

// writeManual writes a page for a command and for each of its own.
func writeManual(c *cobra.Command, folder string) error {
	if c.Hidden || c.Name() == "help" {
		return nil
	}
	c.InitDefaultHelpFlag()
	if err := os.WriteFile(filepath.Join(folder, manName(c)+".1"), []byte(manPage(c)), 0o644); err != nil {
		return &exit{exitReport, err}
	}
	for _, sub := range c.Commands() {
		if err := writeManual(sub, folder); err != nil {
			return err
		}
	}
	return nil
}

// manName is what man(1) calls the page: hgrun-report-merge.
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the page of a command in the macros of man(7).
func manPage(c *cobra.Command) string {
	var out strings.Builder
	fmt.Fprintf(&out, ".TH %s 1 \"\" \"hgrun\" \"hgrun\"\n", roff(strings.ToUpper(manName(c))))
	fmt.Fprintf(&out, ".SH NAME\n%s \\- %s\n", roff(manName(c)), roff(c.Short))
	fmt.Fprintf(&out, ".SH SYNOPSIS\n.B %s\n", roff(c.CommandPath()))
	if _, arguments, found := strings.Cut(c.Use, " "); found {
		out.WriteString(roff(arguments) + "\n")
	}
	if c.HasAvailableSubCommands() {
		out.WriteString("[command] [flags]\n")
	}
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	out.WriteString(".SH DESCRIPTION\n")
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		manParagraph(&out, i, paragraph)
	}
	manCommands(&out, c)
	manOptions(&out, c)
	if c.Example != "" {
		out.WriteString(".SH EXAMPLES\n.EX\n" + roff(strings.TrimRight(c.Example, "\n")) + "\n.EE\n")
	}
	manSeeAlso(&out, c)
	return out.String()
}

// manParagraph writes one paragraph, as it is where it is indented: that is something to type.
func manParagraph(out *strings.Builder, number int, text string) {
	text = strings.Trim(text, "\n")
	switch {
	case strings.HasPrefix(text, "\t"), strings.HasPrefix(text, "  "):
		text = ".EX\n" + roff(strings.ReplaceAll(text, "\t", "  ")) + "\n.EE"
	case number > 0:
		text = ".PP\n" + roff(text)
	default:
		text = roff(text)
	}
	out.WriteString(text + "\n")
}

// manCommands lists the commands of a command.
func manCommands(out *strings.Builder, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	out.WriteString(".SH COMMANDS\n")
	for _, sub := range c.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			fmt.Fprintf(out, ".TP\n.BR %s (1)\n%s.\n", roff(manName(sub)), roff(sub.Short))
		}
	}
}

// manOptions lists the flags of a command, its own and those of the commands around it.
func manOptions(out *strings.Builder, c *cobra.Command) {
	out.WriteString(".SH OPTIONS\n")
	one := func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		out.WriteString(".TP\n")
		if f.Shorthand != "" {
			out.WriteString("\\fB\\-" + roff(f.Shorthand) + "\\fR, ")
		}
		out.WriteString("\\fB" + roff("--"+f.Name) + "\\fR")
		if value != "" {
			out.WriteString(" \\fI" + roff(value) + "\\fR")
		}
		out.WriteString("\n" + roff(text) + ".\n")
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" {
			out.WriteString("Default: " + roff(f.DefValue) + ".\n")
		}
	}
	c.NonInheritedFlags().VisitAll(one)
	c.InheritedFlags().VisitAll(one)
}

func manSeeAlso(out *strings.Builder, c *cobra.Command) {
	out.WriteString(".SH SEE ALSO\n")
	if c.HasParent() {
		fmt.Fprintf(out, ".BR %s (1),\n", roff(manName(c.Parent())))
	}
	out.WriteString("https://github.com/hgrun/hgrun\n")
}

// roff is text as a line of it stands in a page: a dot or a quote that begins one is no macro.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
