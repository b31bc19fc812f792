// Command hgrun runs collections of API requests.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// The exit codes. Of several the highest wins, but for an interruption, which always shows: 130 or 143.
const (
	exitPassed  = 0
	exitFailed  = 1 // an expectation did not hold
	exitUsage   = 2 // usage, a file that does not load, nothing selected: nothing was sent; or every request was skipped by a condition
	exitNoReply = 3 // a request got no answer, or no token could be had
	exitReport  = 4 // a report could not be written
)

func main() {
	collectLate()
	os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs one command line and returns its exit code.
func execute(args []string, out, errOut io.Writer) int {
	root := commands()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(context.Background())
	var end *exit
	switch {
	case err == nil:
		return exitPassed
	case errors.As(err, &end):
		if end.err != nil {
			fmt.Fprintln(errOut, end.message())
		}
		return end.code
	}
	fmt.Fprintf(errOut, "hgrun: %v; see hgrun --help\n", err)
	return exitUsage
}

// exit ends the command with a code; err, where there is one, is shown.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return fmt.Sprint(e.err) }

func (e *exit) Unwrap() error { return e.err }

func usage(err error) error { return &exit{exitUsage, err} }

// commands returns the tree of commands, one file each.
func commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "hgrun",
		Short: "Run collections of API requests: token exchanges, request chains, expectations",
		Long: `hgrun runs collections: YAML files that describe the token exchange of an API, the requests that follow,
the values that one response hands to the next request, and what every response must satisfy.`,
		Example: `  hgrun init                                        a collection and an environment to start from
  hgrun run collection.yaml -e embedded             run it against the built-in sandbox
  hgrun run . -e sandbox -r junit=junit.xml         every collection here, with a JUnit report
  hgrun check . -e sandbox                          every mistake that shows without a network`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
	}
	asked := root.Flags().Bool("version", false, "print the version, as hgrun version does")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if *asked {
			return printVersion(c)
		}
		return c.Help()
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(runCommand(), reportCommand(), checkCommand(), varsCommand(), exportCommand(), importCommand(), explainCommand(), listCommand(), tokenCommand(), assertionCommand(), sandboxCommand(), initCommand(), fmtCommand(), schemaCommand(), versionCommand(), manCommand())
	return root
}
