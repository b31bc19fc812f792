package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/docs/schema"
	"github.com/hgrun/hgrun/internal/source"
)

// schemas is the table of the files that have a schema.
func schemas() map[string]func() []byte {
	return map[string]func() []byte{"collection": schema.Collection, "environment": schema.Environment}
}

func schemaCommand() *cobra.Command {
	var output string
	kinds := slices.Sorted(maps.Keys(schemas()))
	c := &cobra.Command{
		Use:   "schema [" + strings.Join(kinds, "|") + "] [-o FILE]",
		Short: "Write the JSON Schema of collections or environments, for editors",
		Long: `schema writes a JSON Schema (draft-07) of everything that may stand in a collection, the default, or in an environment. With it
an editor completes keys, explains them, and underlines what hgrun would refuse. A first line in the YAML file names it, relative to
that file, for editors that use yaml-language-server (VS Code, JetBrains, Vim and others):

  # yaml-language-server: $schema=.hgrun/collection.schema.json

hgrun init writes both schemas and these lines. After an update of hgrun, write the schemas again.`,
		Example: `  hgrun schema -o .hgrun/collection.schema.json
  hgrun schema environment -o .hgrun/environment.schema.json`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: kinds,
		RunE: func(c *cobra.Command, args []string) error {
			kind := "collection"
			if len(args) == 1 {
				kind = args[0]
			}
			text, ok := schemas()[kind]
			if !ok {
				return usage(fmt.Errorf("there is no schema of %q; %s", kind, source.Suggest(kind, kinds)))
			}
			return writeText(c, output, text())
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "write to this `FILE`; by default to standard output")
	return c
}

// writeText writes to a file or, where it has no name, to standard output.
func writeText(c *cobra.Command, file string, text []byte) error {
	var err error
	if file == "" {
		_, err = c.OutOrStdout().Write(text)
	} else {
		err = os.WriteFile(file, text, 0o644) //nolint:gosec // there is nothing secret in it
	}
	if err != nil {
		return &exit{exitReport, err}
	}
	return nil
}
