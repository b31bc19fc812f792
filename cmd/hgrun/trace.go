package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// details reports whether a report shows what went over the wire of requests that passed.
func (o *reportFlags) details() bool {
	return slices.ContainsFunc(o.files, func(flag string) bool { return reporters.Details(kindOf(flag)) })
}

// trace begins the trace of a run where --traceparent or a report asks for one. It goes on with that of TRACEPARENT, which is how a CI hands its own on.
func (o *reportFlags) trace(c *cobra.Command) runner.Trace {
	if !o.traceparent && !slices.ContainsFunc(o.files, func(flag string) bool { return reporters.Traces(kindOf(flag)) }) {
		return runner.Trace{}
	}
	trace, err := runner.NewTrace(os.Getenv("TRACEPARENT"))
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "hgrun: TRACEPARENT: %v; the run begins a trace of its own\n", err)
	}
	return trace
}

// kindOf is the kind of report that a flag KIND=FILE names.
func kindOf(flag string) string {
	kind, _, _ := strings.Cut(flag, "=")
	return kind
}
