package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// watching runs, waits until a file changes that the run read, and runs again, until a signal comes. It ends as the last run did.
func (o *runOptions) watching(c *cobra.Command, paths []string) error {
	switch {
	case o.target.data.file == "-":
		return usage(errors.New("--watch: the standard input can be read once; give --data a file"))
	case o.update:
		return usage(errors.New("--watch: --update writes files that the run reads, which would start the next one; give one of the two"))
	}
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	for {
		files := &watched{at: map[string]stamp{}}
		o.target.saw = files.saw
		clearScreen(c.OutOrStdout())
		last := o.run(c, paths)
		code := shown(c, last)
		if ctx.Err() != nil || len(files.at) == 0 { // nothing was read: the flags are wrong
			return code
		}
		fmt.Fprintf(c.ErrOrStderr(), "watching %s; Ctrl-C ends\n", count(files.files(), "file"))
		changed, ok := files.change(ctx)
		if !ok {
			return code
		}
		fmt.Fprintf(c.ErrOrStderr(), "\nchanged: %s\n", strings.Join(changed, ", "))
	}
}

// shown shows what is wrong with a run, and returns its exit code, with nothing more to show.
func shown(c *cobra.Command, last error) error {
	var end *exit
	switch {
	case last == nil:
		return nil
	case !errors.As(last, &end):
		end = &exit{exitUsage, last}
	}
	if end.err != nil {
		fmt.Fprintln(c.ErrOrStderr(), end.message())
	}
	return &exit{code: end.code}
}

// clearScreen empties a terminal, and what can be scrolled back to.
func clearScreen(out io.Writer) {
	if isTerminal(out) && ciSystem(os.Getenv) == "" {
		_, _ = io.WriteString(out, "\x1b[H\x1b[2J\x1b[3J") // a screen that stays as it was can be read as well
	}
}

// watched are the files that a run read, as they were before it read them.
type watched struct {
	mu sync.Mutex
	at map[string]stamp
}

// stamp tells a file from what it was before.
type stamp struct {
	there   bool
	folder  bool
	size    int64
	changed int64  // in nanoseconds of Unix time
	listed  bool   // it is a folder whose entries count
	entries string // the YAML files and folders in it; reports that are written there change nothing
}

func stampOf(path string, listed bool) stamp {
	s := stamp{listed: listed}
	info, err := os.Stat(path)
	if err != nil {
		return s
	}
	s.there, s.folder = true, info.IsDir()
	if !s.folder {
		s.size, s.changed = info.Size(), info.ModTime().UnixNano()
	}
	if s.folder && listed {
		entries, _ := os.ReadDir(path) // what cannot be read has nothing in it
		for _, e := range entries {
			if end := filepath.Ext(e.Name()); e.IsDir() || end == ".yaml" || end == ".yml" {
				s.entries += e.Name() + "\x00"
			}
		}
	}
	return s
}

func (w *watched) saw(path string, listed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s, known := w.at[path]; !known || listed && !s.listed {
		w.at[path] = stampOf(path, listed)
	}
}

// files is how many there are, without those that were looked for in vain, and folders.
func (w *watched) files() int {
	n := 0
	for _, s := range w.at {
		if s.there && !s.folder {
			n++
		}
	}
	return n
}

// watchEvery is the time between two looks at the files.
const watchEvery = 300 * time.Millisecond

// change waits until files changed and do so no more, for one look, and returns their names; false where ctx ended before.
func (w *watched) change(ctx context.Context) (changed []string, ok bool) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		now := w.differ()
		changed = append(changed, now...)
		if len(now) == 0 && len(changed) > 0 {
			slices.Sort(changed)
			return slices.Compact(changed), true
		}
		select {
		case <-ctx.Done():
			return nil, false
		case <-ticker.C:
		}
	}
}

// differ returns what is not as it was at the last look.
func (w *watched) differ() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var changed []string
	for path, before := range w.at {
		if now := stampOf(path, before.listed); now != before {
			w.at[path] = now
			changed = append(changed, path)
		}
	}
	return changed
}
