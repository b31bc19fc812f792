package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

func TestAChangeOfAFileThatWasReadIsSeen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   string
	}{
		{"another text of the same size", put("c.yaml", "two"), "c.yaml"},
		{"a file that was looked for in vain", put("environments.yaml", "x"), "., environments.yaml"},
		{"a file that is gone", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "c.yaml"))) }, "., c.yaml"},
		{"a new collection in a folder that was searched", put("new.yaml", "x"), "."},
		{"a report in a folder that was searched", put("report.xml", "x"), ""},
		{"a file that nobody read", put("other.txt", "x"), ""},
		{"nothing", func(*testing.T, string) {}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put("c.yaml", "one")(t, dir)
			put("other.txt", "one")(t, dir)
			must(t, os.Chtimes(filepath.Join(dir, "c.yaml"), time.Time{}, time.Unix(1e9, 0)))
			synctest.Test(t, func(t *testing.T) {
				files := &watched{at: map[string]stamp{}}
				fsys := source.Observed(files.saw)
				_, _ = fs.ReadDir(fsys, filepath.ToSlash(dir))
				_, _ = fs.ReadFile(fsys, filepath.ToSlash(dir)+"/c.yaml")
				_, _ = fs.Stat(fsys, filepath.ToSlash(dir)+"/environments.yaml")
				if got := files.files(); got != 1 {
					t.Errorf("got %d files, want 1", got)
				}
				ctx, end := context.WithTimeout(t.Context(), time.Minute)
				defer end()
				time.AfterFunc(10*time.Second, func() { test.change(t, dir) })
				start := time.Now()
				changed, ok := files.change(ctx)
				for i, path := range changed {
					rel, err := filepath.Rel(dir, path)
					must(t, err)
					changed[i] = rel
				}
				if got := strings.Join(changed, ", "); got != test.want || ok != (test.want != "") {
					t.Errorf("got %q %v, want %q", got, ok, test.want)
				}
				if took := time.Since(start); ok && took > 10*time.Second+2*watchEvery {
					t.Errorf("seen after %s", took)
				}
			})
		})
	}
}

func TestAFileThatIsStillBeingWrittenIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	put("c.yaml", "")(t, dir)
	synctest.Test(t, func(t *testing.T) {
		files := &watched{at: map[string]stamp{}}
		files.saw(file, false)
		start := time.Now()
		go func() {
			for n := range 20 { // for two seconds
				put("c.yaml", strings.Repeat("x", n+1))(t, dir)
				time.Sleep(100 * time.Millisecond)
			}
		}()
		_, ok := files.change(t.Context())
		if took := time.Since(start); !ok || took < 1900*time.Millisecond || took > 2900*time.Millisecond {
			t.Errorf("got %v after %s, want true after the last change", ok, took)
		}
	})
}

func TestAChangeDuringTheRunIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put("c.yaml", "one")(t, dir)
	synctest.Test(t, func(t *testing.T) {
		files := &watched{at: map[string]stamp{}}
		files.saw(filepath.Join(dir, "c.yaml"), false)
		put("c.yaml", "changed while it ran")(t, dir)
		files.saw(filepath.Join(dir, "c.yaml"), false) // read once more: what was before the run counts
		start := time.Now()
		changed, ok := files.change(t.Context())
		if !ok || len(changed) != 1 || time.Since(start) != watchEvery {
			t.Errorf("got %v %v after %s", changed, ok, time.Since(start))
		}
	})
}

// put returns a function that writes a file.
func put(name, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
