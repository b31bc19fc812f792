package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed template
var template embed.FS

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a working collection and environment to start from",
		Long: `init writes collection.yaml and environments/sandbox.yaml into a folder, the current one by default. The collection runs at once
against the embedded sandbox, and against the vendor's when its client secret is in the environment. Beside them it writes the schemas
of both for editors (see hgrun schema) into .hgrun. A collection or an environment that is there already is never replaced.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			folder := "."
			if len(args) == 1 {
				folder = args[0]
			}
			written, err := writeTemplate(folder)
			if err != nil {
				return usage(err)
			}
			for _, file := range written {
				fmt.Fprintln(c.OutOrStdout(), "wrote", file)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "\nnow try\n  hgrun run %s -e embedded\n  hgrun check %s -e sandbox\n",
				filepath.Join(folder, "collection.yaml"), filepath.Join(folder, "collection.yaml"))
			return err
		},
	}
}

// writeTemplate writes all files or, where one of the template exists, none. The schemas are hgrun's own: they are written anew.
func writeTemplate(folder string) (written []string, err error) {
	files := map[string][]byte{}
	var there []string
	err = fs.WalkDir(template, "template", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel("template", filepath.FromSlash(path))
		if err != nil {
			return err
		}
		to := filepath.Join(folder, rel)
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, to)
		}
		written = append(written, to)
		files[to], err = template.ReadFile(path)
		return err
	})
	for kind, text := range schemas() {
		to := filepath.Join(folder, ".hgrun", kind+".schema.json")
		written = append(written, to)
		files[to] = text()
	}
	slices.Sort(written)
	if len(there) > 0 {
		err = fmt.Errorf("%s: there already; nothing was written", strings.Join(there, ", "))
	}
	if err != nil {
		return nil, err
	}
	for _, to := range written {
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(to, files[to], 0o644); err != nil {
			return nil, err
		}
	}
	return written, nil
}
