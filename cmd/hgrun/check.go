package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// checkOptions are the flags of check alone.
type checkOptions struct {
	target  target
	format  string
	lint    string
	verbose bool
}

func checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check PATH… [-e ENV]",
		Short: "Find every mistake that shows without a network; nothing is sent, no secret is read",
		Long: `check reads collections and their environment as run does, and tells every problem of every file at once. Requests that can be
made without a secret and without a response are looked at more closely: what a server would refuse is a warning.

Exit codes: 0 no problem, warnings or not · 2 a problem, or with --lint error a warning.`,
		Example: `  hgrun check collection.yaml -e sandbox
  hgrun check .                                     every collection below this folder
  hgrun check . --format sarif > hgrun.sarif        for code scanning
  hgrun check . --format github                     as annotations of a pull request`,
		RunE: func(c *cobra.Command, paths []string) error { return o.check(c, paths) },
	}
	o.target.flags(c)
	o.target.data.flags(c)
	o.target.aliases(c)
	formats := slices.Sorted(maps.Keys(reporters.Notices()))
	c.Flags().StringVar(&o.format, "format", "text", "how to write what is found: `text`, sarif or github")
	c.Flags().StringVar(&o.lint, "lint", "warn", "what to do about requests that a server would refuse: `warn`, error (a problem like any other) or off")
	c.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show what of a file of Postman is passed over")
	// Completing a value is a convenience.
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (o *checkOptions) check(c *cobra.Command, paths []string) error {
	formats := reporters.Notices()
	write, ok := formats[o.format]
	switch {
	case !ok:
		return usage(fmt.Errorf("--format: unknown format %q; %s", o.format, source.Suggest(o.format, slices.Sorted(maps.Keys(formats)))))
	case o.lint != "warn" && o.lint != "error" && o.lint != "off":
		return usage(fmt.Errorf("--lint: want warn, error or off, got %q", o.lint))
	}
	l, err := o.target.load(c.Context(), paths, toCheck)
	var found []reporters.Notice
	if err == nil {
		defer l.close()
		found, err = o.findings(l)
	}
	notices := append(noticesOf(err), found...)
	if o.format == "text" {
		notices = found // problems are told at the end, as errors
	} else {
		repository := reporters.Formats{Workspace: stepOf(false).workspace}
		for i := range notices {
			notices[i].Pos.File = repository.InWorkspace(notices[i].Pos.File)
		}
	}
	if err := write(c.OutOrStdout(), version(), notices); err != nil {
		return &exit{exitReport, err}
	}
	if err != nil {
		return usage(err)
	}
	if o.format != "text" {
		return nil
	}
	return o.told(c, l, len(found))
}

// told writes the notes on what is passed over, where they are wanted, and a line about everything.
func (o *checkOptions) told(c *cobra.Command, l *loaded, warnings int) error {
	notes := importNotes(l.jobs)
	text := summary(l, warnings)
	switch {
	case len(notes) == 0:
	case o.verbose:
		text = "note: " + strings.Join(notes, "\nnote: ") + "\n" + text + ", " + count(len(notes), "note")
	default:
		text += ", " + count(len(notes), "note") + " (-v shows what is passed over)"
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), text)
	return err
}

// findings lints the requests, and what is written beside them. With --lint error they are problems.
func (o *checkOptions) findings(l *loaded) ([]reporters.Notice, error) {
	if o.lint == "off" {
		return nil, nil
	}
	notices := oddities(l.jobs)
	for _, job := range l.jobs {
		scope := vars.NewScope(nil, job.Environment.Layers()...)
		facts := diagnosis.VariablesOf(job.Environment, scope)
		for _, f := range diagnosis.LintCollection(job.Collection, scope, facts) {
			if f.Confidence >= diagnosis.Likely {
				notices = append(notices, reporters.Notice{Pos: f.Pos, Warning: true, Code: f.Code, Message: f.Cause, Fix: f.Fix})
			}
		}
	}
	slices.SortStableFunc(notices, func(a, b reporters.Notice) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	if o.lint == "error" {
		var problems source.Problems
		for _, n := range notices {
			problems = append(problems, n.Pos.Errorf("%s; %s", n.Text(), n.Fix))
		}
		return nil, problems.Err()
	}
	return notices, nil
}

// oddities are what is odd about collections as they are written; of a file that several include, once.
func oddities(jobs []runner.Job) []reporters.Notice {
	var notices []reporters.Notice
	told := map[source.Pos]bool{}
	for _, job := range jobs {
		for _, w := range job.Collection.Warnings() {
			if !told[w.Pos] {
				told[w.Pos] = true
				notices = append(notices, reporters.Notice{Pos: w.Pos, Warning: true, Message: w.Text, Fix: w.Fix})
			}
		}
	}
	return notices
}

func noticesOf(err error) []reporters.Notice {
	var notices []reporters.Notice
	for _, p := range gather(nil, err) {
		notices = append(notices, reporters.Notice{Pos: p.Pos, Message: p.Err.Error()})
	}
	return notices
}

func summary(l *loaded, warnings int) string {
	requests := 0
	for _, job := range l.jobs {
		requests += job.Collection.Count()
	}
	text := fmt.Sprintf("%s, %s: no problem found", count(len(l.jobs), "collection"), count(requests, "request"))
	if warnings > 0 {
		text += ", " + count(warnings, "warning")
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
