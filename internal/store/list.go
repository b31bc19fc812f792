package store

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Entry is what the store has of one key.
type Entry struct {
	Key   string    // "" where Err is not nil
	File  string    // with its folder
	Saved time.Time // the last time
	Size  int       // bytes of the record
	Err   error     // why the record cannot be read; nil for one that can
}

// List returns what the store has, by key; what cannot be read comes first. The records themselves stay where they are.
func (s *Store) List(ctx context.Context) ([]Entry, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, path := range files {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		e, there := s.entry(path)
		if there {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.File, b.File)) })
	return list, nil
}

// Purge deletes every record, those that cannot be read too, and returns how many there were.
func (s *Store) Purge(ctx context.Context) (int, error) {
	files, err := s.files()
	if err != nil {
		return 0, err
	}
	for i, path := range files {
		if ctx.Err() != nil {
			return i, context.Cause(ctx)
		}
		if err := gone(os.Remove(path)); err != nil {
			return i, err
		}
	}
	return len(files), syncFolder(s.dir)
}

// files returns the records' files.
func (s *Store) files() ([]string, error) {
	if err := checkFolder(s.dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), recordSuffix) {
			files = append(files, filepath.Join(s.dir, e.Name()))
		}
	}
	return files, nil
}

// entry reads one file; there is false where it has just been deleted.
func (s *Store) entry(path string) (e Entry, there bool) {
	e = Entry{File: path}
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return e, false
	}
	if err == nil {
		e.Saved = info.ModTime()
	}
	content, err := readPrivate(path)
	if err != nil {
		e.Err = err
		return e, !errors.Is(err, os.ErrNotExist)
	}
	key, record, err := s.decode(content)
	if err == nil && s.path(key, recordSuffix) != path {
		err = errors.New("holds the record of another credential")
	}
	if err != nil {
		e.Err = damaged(path, err)
		return e, true
	}
	e.Key, e.Size = key, len(record)
	return e, true
}
