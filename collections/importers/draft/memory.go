package draft

import (
	"bytes"
	"io/fs"
	"path"
	"time"
)

// memory is files by their paths.
type memory map[string][]byte

// Open opens a file; there are no folders.
func (m memory) Open(name string) (fs.File, error) {
	text, ok := m[path.Clean(name)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memoryFile{Reader: bytes.NewReader(text), name: path.Base(name)}, nil
}

// memoryFile is one of them, and what Stat tells of it.
type memoryFile struct {
	*bytes.Reader
	name string
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memoryFile) Close() error               { return nil }
func (f *memoryFile) Name() string               { return f.name }
func (f *memoryFile) Mode() fs.FileMode          { return 0o444 }
func (f *memoryFile) ModTime() time.Time         { return time.Time{} }
func (f *memoryFile) IsDir() bool                { return false }
func (f *memoryFile) Sys() any                   { return nil }
