package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/source"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CODE]",
		Short:   "Print the page of a finding such as HG003, or the list of all",
		Example: "  hgrun explain HG003",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return explain(c, args[0])
			}
			for _, r := range diagnosis.Rules() {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", r.Code, r.Title); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func explain(c *cobra.Command, code string) error {
	page, ok := diagnosis.PageText(code)
	if !ok {
		return usage(fmt.Errorf("no finding %q; %s", code, suggestCode(code)))
	}
	_, err := fmt.Fprint(c.OutOrStdout(), page)
	return err
}

func codes() []string {
	var all []string
	for _, r := range diagnosis.Rules() {
		all = append(all, r.Code)
	}
	return all
}

// suggestCode names the nearest code, or the range, because a list of all would say nothing.
func suggestCode(code string) string {
	all := codes()
	if hint := source.Suggest(code, all); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	return "codes run from " + all[0] + " to " + all[len(all)-1]
}
