package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
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

// syntax returns what is wrong with the syntax of the scripts, each told once however many requests inherit it.
func syntax(fsys fs.FS, jobs []runner.Job) error {
	var scripts []script.Script
	seen := map[*collections.Script]bool{}
	for _, job := range jobs {
		for _, r := range job.Collection.Requests() {
			for _, s := range append(r.Scripts(collections.Prerequest), r.Scripts(collections.Test)...) {
				if !seen[s] {
					seen[s] = true
					scripts = append(scripts, script.Script{Pos: s.Pos, Text: s.Text, Lines: s.Lines, Inside: inside(fsys, s)})
				}
			}
		}
	}
	if len(scripts) == 0 {
		return nil
	}
	return (&script.Engine{}).Check(scripts...)
}

// inside finds a character of a script in its file, which is read again: only a script with a mistake is worth that.
func inside(fsys fs.FS, s *collections.Script) func(line, col int) source.Pos {
	return func(line, col int) source.Pos {
		src, err := source.File(fsys, s.Pos.File)
		if err != nil {
			return s.Lines[min(line, len(s.Lines))-1] // the file went away since it was loaded
		}
		return s.Pos.Inside(bytes.TrimPrefix(src, []byte("\ufeff")), s.Lines, line, col)
	}
}
