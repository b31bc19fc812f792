package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/curl"
	"github.com/hgrun/hgrun/internal/source"
)

// exportOptions are the flags of export alone.
type exportOptions struct {
	target target
	shell  string
	output string
	notes  []*source.Error // what has no counterpart
}

// exporters is the table of what a collection can be exported to.
func exporters() map[string]func(o *exportOptions, l *loaded) ([]byte, error) {
	return map[string]func(*exportOptions, *loaded) ([]byte, error){
		"curl":    (*exportOptions).curl,
		"postman": (*exportOptions).postman,
	}
}

func exportCommand() *cobra.Command {
	var o exportOptions
	formats := slices.Sorted(maps.Keys(exporters()))
	c := &cobra.Command{
		Use:   "export FORMAT PATH… [-e ENV] [--only NAME]",
		Short: "Write the requests of a collection as something else: curl commands, a Postman collection",
		Long: `export writes the requests as a run would send them, in their order; nothing is sent and no secret is read. Secrets and tokens are
variables of the shell, and a comment says where each comes from. What only a response brings stays as {{name}}.

export postman writes a file of Postman (v2.1) with expectations and captures as scripts, and with -e and -o its environment beside it,
secrets without their values. What Postman has no counterpart for is told on standard error.

Formats: ` + strings.Join(formats, ", ") + `. PowerShell means 7.3 or later.`,
		Example: `  hgrun export curl collection.yaml -e sandbox
  hgrun export curl collection.yaml -e sandbox --only "Read the patient" --shell powershell
  hgrun export curl . -e sandbox -o requests.sh
  hgrun export postman collection.yaml -e sandbox -o api.postman_collection.json`,
		Args:      cobra.MinimumNArgs(1),
		ValidArgs: formats,
		RunE:      o.run,
	}
	o.target.flags(c)
	o.target.data.flags(c)
	c.Flags().StringVar(&o.shell, "shell", string(curl.POSIX), "how to quote: `posix` or powershell")
	c.Flags().StringVarP(&o.output, "output", "o", "", "write to this `FILE`; by default to standard output")
	// Completing a value is a convenience.
	_ = c.RegisterFlagCompletionFunc("shell", cobra.FixedCompletions(curl.Shells(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (o *exportOptions) run(c *cobra.Command, args []string) error {
	format := args[0]
	write, ok := exporters()[format]
	switch {
	case !ok:
		return usage(fmt.Errorf("unknown format %q; %s", format, source.Suggest(format, slices.Sorted(maps.Keys(exporters())))))
	case !slices.Contains(curl.Shells(), o.shell):
		return usage(fmt.Errorf("--shell: unknown shell %q; %s", o.shell, source.Suggest(o.shell, curl.Shells())))
	}
	need := toCheck
	if format == "postman" {
		need = toList // a file of Postman holds names, and not what they stand for
	}
	l, err := o.target.load(c.Context(), args[1:], need)
	if err != nil {
		return usage(err)
	}
	defer l.close()
	tell(c, l.notes)
	text, err := write(o, l)
	if err != nil {
		return usage(err)
	}
	for _, n := range o.notes {
		fmt.Fprintln(c.ErrOrStderr(), "note:", n)
	}
	return writeText(c, o.output, text)
}

func (o *exportOptions) curl(l *loaded) ([]byte, error) {
	var b bytes.Buffer
	script := curlScript{target: &o.target, shell: curl.Shell(o.shell)}
	for _, job := range l.jobs {
		script.collection(&b, job)
	}
	return b.Bytes(), nil
}

// outline is run --dry-run: what export curl writes.
func (o *runOptions) outline(c *cobra.Command, paths []string) error {
	if len(o.reports.files) > 0 {
		return usage(errors.New("--dry-run sends nothing, so that there is nothing to report; leave out --report"))
	}
	e := exportOptions{target: o.target, shell: string(curl.POSIX)}
	return e.run(c, append([]string{"curl"}, paths...))
}
