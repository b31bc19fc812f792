package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual writes the manual into a folder and returns its commands.
func manual(t *testing.T) (folder string, pages map[string]*cobra.Command) {
	t.Helper()
	folder = t.TempDir()
	root := commands()
	root.SetArgs([]string{"man", folder})
	root.SetOut(io.Discard)
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	pages = map[string]*cobra.Command{}
	var add func(c *cobra.Command)
	add = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		pages[manName(c)+".1"] = c
		for _, sub := range c.Commands() {
			add(sub)
		}
	}
	add(root)
	return folder, pages
}

func TestEveryCommandHasAManualPageWithItsFlags(t *testing.T) {
	t.Parallel()
	folder, pages := manual(t)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != len(pages) || len(pages) < 15 {
		t.Fatalf("got %d pages for %d commands, %v", len(entries), len(pages), err)
	}
	for name, c := range pages {
		src, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
			continue
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if want := `\fB` + roff("--"+f.Name) + `\fR`; !f.Hidden && !strings.Contains(string(src), want) {
				t.Errorf("%s lacks %s", name, want)
			}
		})
		for line := range strings.Lines(string(src)) {
			macro, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			known := []string{".TH", ".SH", ".B", ".BR", ".TP", ".PP", ".EX", ".EE"}
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !slices.Contains(known, macro) {
				t.Errorf("%s: %q begins like a macro", name, line)
			}
		}
	}
}

func TestAManualPageSaysWhatTheHelpSays(t *testing.T) {
	t.Parallel()
	c := &cobra.Command{Use: "tool FILE", Short: "Do a thing-or-two", Long: "tool does \\n.\n\n.hidden files\n'quoted' too\n\n\ttype this\n", Example: "  tool -x file"}
	c.Flags().StringP("name", "x", "y", "a `NAME` of it")
	got := manPage(c)
	want := `.TH TOOL 1 "" "hgrun" "hgrun"
.SH NAME
tool \- Do a thing\-or\-two
.SH SYNOPSIS
.B tool
FILE
.SH DESCRIPTION
tool does \en.
.PP
\&.hidden files
\&'quoted' too
.EX
  type this
.EE
.SH OPTIONS
.TP
\fB\-x\fR, \fB\-\-name\fR \fINAME\fR
a NAME of it.
Default: y.
.SH EXAMPLES
.EX
  tool \-x file
.EE
.SH SEE ALSO
https://github.com/hgrun/hgrun
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMandocFindsNoMistakeInTheManual(t *testing.T) {
	t.Parallel()
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("mandoc is not installed")
	}
	folder, pages := manual(t)
	for name := range pages {
		// Its exit code tells of the missing date, too: pages have none, so that they are the same in each build.
		out, _ := exec.CommandContext(t.Context(), mandoc, "-T", "lint", "-W", "warning", filepath.Join(folder, name)).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "missing date") {
				t.Error(line)
			}
		}
	}
}
