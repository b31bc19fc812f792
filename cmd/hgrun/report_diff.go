package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/reporters"
)

// differ are the flags of report diff.
type differ struct {
	format string
	slower float64
}

func diffCommand() *cobra.Command {
	var o differ
	formats := slices.Sorted(maps.Keys(reporters.DifferenceFormats()))
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what changed from one run to another: what newly fails, is fixed, is slower",
		Long: `diff compares the records of two runs, by collection, folders and name of each request. A request that was not there before and fails is newly
failing too. A record that was cut off has errored where it ends. - is standard input.

Exit codes: 0 nothing newly fails · 1 something does · 2 a record that cannot be read.`,
		Example: `  hgrun report diff yesterday.ndjson today.ndjson
  hgrun report diff main.ndjson branch.ndjson --format markdown > comment.md`,
		Args: files(2, "two records, the older one first"),
		RunE: o.run,
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "text", "how to write it: `text`, or markdown for a comment on a pull request")
	f.Float64Var(&o.slower, "slower", 2, "how many `TIMES` as long a request must take to be told, and 50 ms more at least; 0 looks at no times")
	// Completing a value is a convenience.
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (o *differ) run(c *cobra.Command, args []string) error {
	write, ok := reporters.DifferenceFormats()[o.format]
	switch {
	case !ok:
		return usage(fmt.Errorf("--format: got %q; %s", o.format, source.Suggest(o.format, slices.Sorted(maps.Keys(reporters.DifferenceFormats())))))
	case o.slower != 0 && !(o.slower >= 1):
		return usage(fmt.Errorf("--slower: got %v, want 1 or more, such as 1.5, or 0", o.slower))
	case args[0] == "-" && args[1] == "-":
		return usage(errors.New("two records cannot share standard input"))
	}
	older, err := openRecord(c, args[0])
	if err != nil {
		return usage(err)
	}
	defer older.close()
	newer, err := openRecord(c, args[1])
	if err != nil {
		return usage(err)
	}
	defer newer.close()
	d, err := reporters.Compare(older.Whole(), newer.Whole(), o.slower)
	if err != nil {
		return usage(err)
	}
	d.Old, d.New = older.Name(), newer.Name()
	if err := write(c.OutOrStdout(), d); err != nil {
		return &exit{exitReport, err}
	}
	if len(d.Changes[reporters.Broken]) > 0 {
		return &exit{code: exitFailed}
	}
	return nil
}
