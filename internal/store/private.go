package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// makeFolder makes the folder for this user alone, and refuses one that is not.
func (s *Store) makeFolder() error {
	err := checkFolder(s.dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(s.dir)); err != nil {
		return err
	}
	return checkFolder(s.dir)
}

// checkFolder returns why a folder is no place for secrets, or nil.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder; the token store needs one", dir)
	}
	if err := checkOwner(dir, info); err != nil {
		return err
	}
	if openToOthers(info) {
		return fmt.Errorf("%s is open to others (%s), and tokens are kept in it; make it private: chmod 700 %s", dir, info.Mode(), dir)
	}
	return nil
}

// openPrivate opens a file that this user alone may read. A link, a pipe and the like are refused.
func openPrivate(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|noFollow, 0o600)
	if isLink(err) {
		return nil, fmt.Errorf("%s is a symbolic link, want a file; delete it", path)
	}
	if err != nil {
		return nil, err
	}
	if err := checkFile(path, f); err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}

func checkFile(path string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file (%s); delete it", path, info.Mode())
	}
	if err := checkOwner(path, info); err != nil {
		return err
	}
	if openToOthers(info) {
		return fmt.Errorf("%s is open to others (%s); whoever read it has what is in it; delete it, and the token is fetched anew", path, info.Mode())
	}
	return nil
}

// readPrivate reads a file that this user alone may read.
func readPrivate(path string) ([]byte, error) {
	f, err := openPrivate(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, 2*maxRecord+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(content) > 2*maxRecord {
		return nil, fmt.Errorf("%s has more than %d bytes, which no record has; delete it", path, 2*maxRecord)
	}
	return content, nil
}
