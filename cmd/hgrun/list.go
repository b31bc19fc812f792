package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

func listCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "list PATH… [--tags EXPRESSION] [--only NAME] [--shard 2/5]",
		Short: "List the requests that would run, in their order",
		RunE: func(c *cobra.Command, paths []string) error {
			l, err := t.load(c.Context(), paths, toList)
			if err != nil {
				return usage(err)
			}
			defer l.close()
			tell(c, l.notes)
			w := bufio.NewWriter(c.OutOrStdout())
			for _, job := range l.jobs {
				listCollection(w, job)
			}
			return w.Flush()
		},
	}
	t.flags(c)
	t.data.flags(c)
	t.shards.flags(c)
	t.failed.flags(c)
	t.aliases(c)
	return c
}

// tell writes notes to standard error. Where nobody can read them, nothing is lost but the notes.
func tell(c *cobra.Command, notes [2]string) {
	for _, note := range notes {
		if note != "" {
			fmt.Fprintln(c.ErrOrStderr(), note)
		}
	}
}

// listCollection writes a line for each request: place, phase, path, tags. A bufio.Writer keeps its error for Flush.
func listCollection(w *bufio.Writer, job runner.Job) {
	c := job.Collection
	fmt.Fprintf(w, "%s  %s\n", c.Name, c.File)
	listData(w, job)
	for phase, r := range c.Requests() {
		line := fmt.Sprintf("  %s:%d  %s", r.Pos.File, r.Pos.Line, r.Path())
		if phase != collections.Main {
			line += "  [" + string(phase) + "]"
		}
		if r.Needed {
			line += "  (needed)"
		}
		if len(r.Tags) > 0 {
			line += "  #" + strings.Join(r.Tags, " #")
		}
		fmt.Fprintln(w, line)
	}
}
