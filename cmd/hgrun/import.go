package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections/importers/bruno"
	"github.com/hgrun/hgrun/collections/importers/curl"
	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/collections/importers/har"
	"github.com/hgrun/hgrun/collections/importers/http"
	"github.com/hgrun/hgrun/collections/importers/openapi"
	"github.com/hgrun/hgrun/internal/source"
)

// importKinds is the table of what collections are made of: one command each, below import.
func importKinds() []*cobra.Command {
	return []*cobra.Command{
		imported("bruno", "FOLDER", bruno.Import, "A folder of Bruno, its files and environments, or one file; .bru or YAML",
			`import bruno makes a collection of a folder of Bruno: folders first, then requests, each in the order of seq. Files
are .bru or YAML (OpenCollection). Asserts become expect, vars:post-response become capture, and what is secret in its environments
comes from variables of the shell. Scripts and tests stay in the files of Bruno; each is told.`,
			`  hgrun import bruno ./bruno-collection -o api
  hgrun run api -e dev`),
		imported("curl", "FILE | - | -- curl …", curl.Import, "Command lines of curl: as a browser copies them, from a manual, or a script of many",
			`import curl reads commands quoted for bash, for cmd.exe (^) or with $'…', over several lines, and as many as there are. A comment above
a command becomes its name, and $NAME a variable that comes from the environment. Behind -- stands one command as it is.`,
			`  hgrun import curl requests.sh -o api
  pbpaste | hgrun import curl - > collection.yaml
  hgrun import curl -- curl https://api.example.com/users -H 'Accept: application/json'`),
		imported("har", "FILE", har.Import, "A recording of a browser or a proxy (HAR 1.2): requests, and the status that came back",
			`import har makes a request of each exchange that is no part of a page: scripts, styles, images, preflights and what was asked twice are
left out, and so are headers that a browser adds by itself and cookies that earlier answers set; --all keeps them. Credentials, cookies
and what has the name of a secret become secrets. Nothing of the answers is guessed but their status.`,
			`  hgrun import har session.har -o api`),
		imported("http", "FILE", http.Import, "Files of requests, .http and .rest, of VS Code, JetBrains and httpyac, with their environments",
			`import http makes a request of each block between ###. {{name.response.body.…}} becomes a capture of the request that # @name calls so,
client.global.set, client.assert and ?? become capture and expect where they are plain, and http-client.env.json and its private
sister become environments. No script is run.`,
			`  hgrun import http api.http -o api
  hgrun run api -e dev`),
		imported("openapi", "FILE", openapi.Import, "A description of OpenAPI 3.0 to 3.2: a request for each operation, its answers compared with the description",
			`import openapi makes a folder of each tag and a request of each operation, with values from its examples, and an environment of each
server. The description is put beside the collection, and every answer is expected to conform to it. Required parameters and those
with an example are sent; --all sends the others too.`,
			`  hgrun import openapi openapi.yaml -o api
  hgrun run api -e production`),
		importPostmanCommand(),
	}
}

func importCommand() *cobra.Command {
	kinds := importKinds()
	var lines strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&lines, "  %-9s %s\n", k.Name(), k.Short)
	}
	c := &cobra.Command{
		Use:   "import KIND FILE [-o FOLDER]",
		Short: "Make a collection of what another tool wrote: " + kindNames(kinds),
		Long: `import makes a collection that a person could have written, and passes hgrun check. With -o it writes collection.yaml and
environments/ into a folder, without it the collection alone to standard output. What has no counterpart is told on standard error,
with its place.

Passwords, tokens and keys are never written: each becomes a {{variable}}, and a secret of the environment that comes from a variable
of the shell. Schemes and hosts become variables too, so that another environment is another deployment.

Kinds:
` + strings.TrimRight(lines.String(), "\n"),
		Example: `  hgrun import curl requests.sh -o api
  hgrun check api -e imported
  hgrun run api -e imported`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(fmt.Errorf("there is no importer of %q; %s", args[0], source.Suggest(args[0], strings.Split(kindNames(kinds), ", "))))
		},
	}
	c.AddCommand(kinds...)
	return c
}

func kindNames(kinds []*cobra.Command) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name()
	}
	return strings.Join(names, ", ")
}

// importOptions are the flags of the kinds that make a draft.
type importOptions struct {
	output string
	force  bool
	all    bool
}

// imported is the command of a kind.
func imported(kind, args string, read func(draft.Input) (*draft.Collection, error), short, long, example string) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:     kind + " " + args + " [-o FOLDER]",
		Short:   short,
		Long:    long,
		Example: example,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in, err := o.input(c, args)
			if err != nil {
				return usage(err)
			}
			made, err := read(in)
			if err != nil {
				return usage(err)
			}
			return o.write(c, made)
		},
	}
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the collection and its environments into this `FOLDER`; by default the collection to standard output")
	c.Flags().BoolVar(&o.force, "force", false, "replace files that are there already")
	c.Flags().BoolVar(&o.all, "all", false, "keep what is left out by default, such as headers that a browser adds and files of a page")
	return c
}

// input is a file, a folder, standard input, or the words of a command line.
func (o *importOptions) input(c *cobra.Command, args []string) (draft.Input, error) {
	in := draft.Input{FS: source.Disk(), Name: args[0], All: o.all}
	switch {
	case c.ArgsLenAtDash() == 0:
		in.Name = "command line"
		in.Text = []byte(quoted(args))
		return in, nil
	case len(args) > 1:
		return in, fmt.Errorf("import reads one file, got %d; a text that is a command stands behind --", len(args))
	case args[0] == "-":
		text, err := io.ReadAll(c.InOrStdin())
		in.Text = text
		return in, err
	}
	if at, err := fs.Stat(in.FS, in.Name); err == nil && at.IsDir() {
		return in, nil
	}
	text, err := fs.ReadFile(in.FS, in.Name)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = fmt.Errorf("%s: %w", in.Name, pe.Err)
		}
	}
	in.Text = text
	return in, err
}

// quoted writes words as a shell reads them.
func quoted(words []string) string {
	for i, w := range words {
		words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(words, " ")
}

func (o *importOptions) write(c *cobra.Command, made *draft.Collection) error {
	for _, n := range made.Notes {
		fmt.Fprintln(c.ErrOrStderr(), "note:", n)
	}
	if o.output == "" {
		return o.alone(c, made)
	}
	files, err := made.Write()
	if err != nil {
		return usage(err)
	}
	names := slices.Sorted(maps.Keys(files))
	if err := o.free(names); err != nil {
		return usage(err)
	}
	for _, name := range names {
		to := filepath.Join(o.output, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return &exit{exitReport, err}
		}
		if err := os.WriteFile(to, files[name], 0o644); err != nil { //nolint:gosec // there is nothing secret in it
			return &exit{exitReport, err}
		}
		fmt.Fprintln(c.OutOrStdout(), "wrote", to)
	}
	return o.next(c, made)
}

// free refuses to replace a file, unless that is wanted.
func (o *importOptions) free(names []string) error {
	var there []string
	for _, name := range names {
		to := filepath.Join(o.output, filepath.FromSlash(name))
		if _, err := os.Lstat(to); err == nil {
			there = append(there, to)
		}
	}
	if len(there) > 0 && !o.force {
		return fmt.Errorf("%s: there already; nothing was written. --force replaces it", strings.Join(there, ", "))
	}
	return nil
}

// next says what a person can do now, and which variables of the shell have to be set first.
func (o *importOptions) next(c *cobra.Command, made *draft.Collection) error {
	out := c.OutOrStdout()
	env := made.Environments[0]
	if names := env.FromShell(); len(names) > 0 {
		fmt.Fprintf(out, "\nset %s in the environment of the shell, then try\n", strings.Join(names, ", "))
	} else {
		fmt.Fprintln(out, "\nnow try")
	}
	_, err := fmt.Fprintf(out, "  hgrun check %[1]s -e %[2]s\n  hgrun run %[1]s -e %[2]s\n", o.output, draft.Word(env.Name))
	return err
}

func (o *importOptions) alone(c *cobra.Command, made *draft.Collection) error {
	if len(made.Files) > 0 {
		return usage(fmt.Errorf("the collection needs files beside it: %s; name a folder with -o", strings.Join(slices.Sorted(maps.Keys(made.Files)), ", ")))
	}
	text, err := made.Alone()
	if err != nil {
		return usage(err)
	}
	for _, flag := range made.Environments[0].Flags() {
		fmt.Fprintln(c.ErrOrStderr(), "note: the collection needs a secret:", flag)
	}
	_, err = c.OutOrStdout().Write(text)
	return err
}
