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
	"sync"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

// snapshots writes the snapshots of a run, for --update.
type snapshots struct {
	mu      sync.Mutex
	written map[string]string // what is in them now, by file
	missing map[string]bool   // which of these are new
	held    map[string]bool   // those that an answer was as
}

// newSnapshots makes every collection keep its snapshots.
func newSnapshots(jobs []runner.Job) *snapshots {
	s := &snapshots{written: map[string]string{}, missing: map[string]bool{}, held: map[string]bool{}}
	for i := range jobs {
		jobs[i].Snapshots = s
	}
	return s
}

// Hold notes that a snapshot is as it should be.
func (s *snapshots) Hold(file string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[file] = true
}

const shareHint = "; put a variable in the name of the snapshot, so that each has its own"

// Keep writes a snapshot, whole or not at all.
func (s *snapshots) Keep(file, text string, missing bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, again := s.written[file]; again {
		if before != text {
			return errors.New("another answer of this run has been written to it" + shareHint)
		}
		return nil
	}
	if s.held[file] {
		return errors.New("another answer of this run is as it says" + shareHint)
	}
	target := filepath.FromSlash(file)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := writeWhole(target, []byte(text)); err != nil {
		return err
	}
	s.written[file], s.missing[file] = text, missing
	return nil
}

// writeWhole writes a file that may not be there yet. A link stays one.
func writeWhole(target string, text []byte) error {
	if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
		f, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL, 0o644)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return replace(target, text)
}

// report tells which snapshots were written, and of a run of everything which ones nothing asked for. The error is of
// snapshots that cannot be as two answers are.
func (s *snapshots) report(out io.Writer, jobs []runner.Job, whole bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, file := range slices.Sorted(maps.Keys(s.written)) {
		verb := "changed"
		if s.missing[file] {
			verb = "wrote"
		}
		fmt.Fprintf(out, "%s %s\n", verb, file)
		if s.held[file] {
			errs = append(errs, fmt.Errorf("%s: one answer was as it said, another was not and changed it%s", file, shareHint))
		}
	}
	if whole {
		for _, file := range s.unused(jobs) {
			fmt.Fprintf(out, "unused %s: nothing is compared with it any more\n", file)
		}
	}
	return errors.Join(errs...)
}

// unused returns the snapshots of the collections that no answer was compared with.
func (s *snapshots) unused(jobs []runner.Job) []string {
	var files []string
	seen := map[string]bool{}
	for _, job := range jobs {
		folder := collections.SnapshotFolder(job.Collection.File)
		if seen[folder] {
			continue
		}
		seen[folder] = true
		// A folder that cannot be read is one without snapshots: there are none unless something wrote them.
		_ = filepath.WalkDir(filepath.FromSlash(folder), func(file string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				if name := filepath.ToSlash(file); !s.held[name] && s.written[name] == "" {
					files = append(files, name)
				}
			}
			return nil
		})
	}
	return files
}
