package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "check PATH… [-e ENV]",
		Short: "Find every mistake that shows without a network; nothing is sent, no secret is read",
		Example: `  hgrun check collection.yaml -e sandbox
  hgrun check .                                     every collection below this folder`,
		RunE: func(c *cobra.Command, paths []string) error {
			l, err := t.load(c.Context(), paths, toCheck)
			if err != nil {
				return usage(err)
			}
			defer l.close()
			requests := 0
			for _, job := range l.jobs {
				requests += job.Collection.Count()
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s, %s: no problem found\n", count(len(l.jobs), "collection"), count(requests, "request"))
			return err
		},
	}
	t.flags(c)
	return c
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
