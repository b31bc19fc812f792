// Package source reads hgrun's YAML files and remembers where everything stood; it knows nothing of what the files mean.
package source

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Pos is a place in a file. The zero Pos means nowhere.
type Pos struct {
	File string // as the user named it
	Line int    // counted from 1
	Col  int    // counted from 1, in characters
}

// String returns file:line:col, or as much of it as is known.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Errorf returns an *Error at p. A %w verb wraps as fmt.Errorf does.
func (p Pos) Errorf(format string, args ...any) *Error {
	return &Error{Pos: p, Err: fmt.Errorf(format, args...)}
}

// Error is one problem at one place of a file.
type Error struct {
	Pos Pos
	Err error
}

// Error returns "file:line:col: text", or the text alone where the place is unknown.
func (e *Error) Error() string {
	if e.Pos == (Pos{}) {
		return e.Err.Error()
	}
	return e.Pos.String() + ": " + e.Err.Error()
}

// Unwrap returns the problem without its place.
func (e *Error) Unwrap() error { return e.Err }

// Problems is what is wrong with one or more files, in the order of their places. It is an error with one problem a line.
type Problems []*Error

// Err returns the problems sorted and without doubles, or nil where there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b *Error) int {
		if c := strings.Compare(a.Pos.File, b.Pos.File); c != 0 {
			return c
		}
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Col - b.Pos.Col
	})
	seen := make(map[string]bool, len(sorted))
	return slices.DeleteFunc(sorted, func(e *Error) bool {
		text := e.Error()
		double := seen[text]
		seen[text] = true
		return double
	})
}

// Error returns the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, e := range p {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one, for errors.Is and errors.As.
func (p Problems) Unwrap() []error {
	errs := make([]error, len(p))
	for i, e := range p {
		errs[i] = e
	}
	return errs
}

// Read reads a file of fsys and gives its top node to read. All problems come back together as Problems,
// those of the YAML itself and those that read records with Node.Errorf.
func Read(fsys fs.FS, name string, read func(Node)) error {
	src, err := File(fsys, name)
	if err != nil {
		return err
	}
	return Parse(name, src, read)
}

// File returns what is in a file. The error is an *Error at the file.
func File(fsys fs.FS, name string) ([]byte, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, &Error{Pos: Pos{File: name}, Err: plain(err)}
	}
	return src, nil
}

// plain takes the path out of a file error, because the place says it already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
