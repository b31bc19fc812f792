package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/runner"
)

// tellImport tells what files of other programs say and a run passes over: each of it, or where it can be read.
func tellImport(c *cobra.Command, jobs []runner.Job, all bool) {
	if all {
		for _, line := range importNotes(jobs) {
			level := "note:"
			if strings.HasSuffix(line, "it is left out") { // what would be an error, but for --compat
				level = "warning:"
			}
			fmt.Fprintln(c.ErrOrStderr(), level, line)
		}
		return
	}
	notes := 0
	var files []string
	for _, job := range jobs {
		if n := len(job.Collection.Notes); n > 0 {
			notes += n
			files = append(files, shellWord(job.Collection.File))
		}
	}
	if notes > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%s on what is passed over; to read: hgrun check -v %s\n", count(notes, "note"), strings.Join(files, " "))
	}
}

// importNotes returns what is passed over, each with its place.
func importNotes(jobs []runner.Job) []string {
	var lines []string
	for _, job := range jobs {
		for _, n := range job.Collection.Notes {
			lines = append(lines, n.Pos.String()+": "+n.Text)
		}
	}
	return lines
}

// passedOver is tellImport for a run, which --quiet keeps to itself where nothing is left out.
func (o *runOptions) passedOver(c *cobra.Command, jobs []runner.Job) {
	if all := o.show.verbose > 0 || o.target.compat.on(); all || !o.show.quiet {
		tellImport(c, jobs, all)
	}
}
