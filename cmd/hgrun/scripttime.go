package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/source"
)

// scriptFlags bound the scripts of a run.
type scriptFlags struct{ timeout string }

func (s *scriptFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.timeout, "timeout-script", "10s", "how long one script may run, what it waits for apart: a `TIME` such as 5s, or a number of milliseconds")
}

// time returns how long a script may run.
func (s *scriptFlags) time() (time.Duration, error) {
	if ms, err := strconv.Atoi(s.timeout); err == nil && ms > 0 {
		return time.Duration(ms) * time.Millisecond, nil
	}
	d, err := source.ParseDuration(s.timeout)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--timeout-script: want a time such as 5s, or a number of milliseconds, got %q", s.timeout)
	}
	return d, nil
}
