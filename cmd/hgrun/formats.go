package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/reporters"
)

// formatFlags say what single reports do differently.
type formatFlags struct {
	granularity string
}

func (o *formatFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&o.granularity, "junit-granularity", "request", "what a testcase of JUnit is: a `request`, or each expectation and test of a script")
}

func (o *formatFlags) formats(step *githubStep) (reporters.Formats, error) {
	made := reporters.Formats{Workspace: step.workspace, Files: step.files}
	switch o.granularity {
	case "request", "":
		return made, nil
	case "expectation":
		made.Each = true
		return made, nil
	}
	return made, usage(fmt.Errorf("--junit-granularity: want request or expectation, got %q", o.granularity))
}
