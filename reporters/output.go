package reporters

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// output is where a report is written to: a new file that takes its place when it is complete, or a device,
// a pipe or a writer, which have no place to take.
type output struct {
	io.Writer
	file   *os.File // nil for a writer
	path   string   // as the user named it
	target string   // what the file is renamed to; empty where it is written straight
	placed bool     // it was renamed already
}

// create opens the output at path, and its folder where there is none yet.
func create(path string, out io.Writer) (*output, error) {
	if path == "" || path == "-" {
		if out == nil {
			out = os.Stdout
		}
		return &output{Writer: out}, nil
	}
	if straight(path) {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return nil, err
		}
		return &output{Writer: file, file: file, path: path}, nil
	}
	return replace(path)
}

// straight reports whether path is something that must not be replaced: a device or a pipe, or a name of an open file,
// such as /dev/stdout, which can be a regular file behind.
func straight(path string) bool {
	clean := filepath.ToSlash(filepath.Clean(path))
	if strings.HasPrefix(clean, "/dev/") || strings.HasPrefix(clean, "/proc/") {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// replace starts the file that will take the place of path, or of what path links to.
func replace(path string) (*output, error) {
	target := path
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		target = linked
	}
	if info, err := os.Stat(target); err == nil && info.IsDir() || strings.HasSuffix(filepath.ToSlash(path), "/") {
		return nil, &fs.PathError{Op: "write", Path: path, Err: errors.New("is a folder; want a file")}
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(target+".tmp-"+rand.Text()[:8], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &output{Writer: file, file: file, path: path, target: target}, nil
}

// dir is the folder of the report, or empty where it has none.
func (o *output) dir() string {
	if o.target == "" {
		return ""
	}
	return filepath.Dir(o.target)
}

// publish puts the file in its place before it is whole, for a report that says itself whether it is. On a system that
// renames no open file, commit does it.
func (o *output) publish() {
	if o.target != "" && !o.placed {
		o.placed = os.Rename(o.file.Name(), o.target) == nil
	}
}

// commit puts the file in its place, after its bytes reached the disk.
func (o *output) commit() error {
	if o.file == nil {
		return nil
	}
	if o.target == "" {
		return o.file.Close()
	}
	err := errors.Join(o.file.Sync(), o.file.Close())
	if o.placed {
		return err
	}
	if err == nil {
		err = os.Rename(o.file.Name(), o.target)
	}
	if err != nil {
		os.Remove(o.file.Name())
	}
	return err
}

// discard forgets what was written, but for what was published.
func (o *output) discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.target != "" && !o.placed {
		os.Remove(o.file.Name())
	}
}

// place returns err with the path that the user gave, whatever file it happened to.
func (o *output) place(err error) error {
	if err == nil || o.file == nil {
		return err
	}
	var at *fs.PathError
	if errors.As(err, &at) && at.Path == o.file.Name() {
		return &fs.PathError{Op: at.Op, Path: o.path, Err: at.Err}
	}
	return fmt.Errorf("%s: %w", o.path, err)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
