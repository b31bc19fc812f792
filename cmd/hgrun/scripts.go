package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"runtime"
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
	for s := range scriptsOf(jobs) {
		scripts = append(scripts, script.Script{Pos: s.Pos, Text: s.Text, Lines: s.Lines, Inside: inside(fsys, s)})
	}
	if len(scripts) == 0 {
		return nil
	}
	return (&script.Engine{}).Check(scripts...)
}

// scriptsOf yields each script once.
func scriptsOf(jobs []runner.Job) iter.Seq[*collections.Script] {
	return func(yield func(*collections.Script) bool) {
		seen := map[*collections.Script]bool{}
		for _, job := range jobs {
			for _, r := range job.Collection.Requests() {
				for _, s := range append(r.Scripts(collections.Prerequest), r.Scripts(collections.Test)...) {
					if !seen[s] && !yield(s) {
						return
					}
					seen[s] = true
				}
			}
		}
	}
}

// takeTurns has a run of scripts that does one thing at a time keep to one processor. A script runs on a goroutine of its own, so that one that does not come
// back can be left behind; where another processor is idle, each handing over wakes it for nothing, which takes longer than most scripts do.
func takeTurns(jobs []runner.Job, workers int) {
	if workers == 0 && len(jobs) > 1 {
		return
	}
	if workers > 1 || os.Getenv("GOMAXPROCS") != "" {
		return
	}
	for range scriptsOf(jobs) {
		runtime.GOMAXPROCS(1)
		return
	}
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
