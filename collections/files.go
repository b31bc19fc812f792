package collections

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// files are those that a collection may send: below its folder, or below the root that the user allows.
type files struct {
	open  func() (fs.FS, error) // once, and only for a collection that sends files
	dir   string                // they are below
	where string                // they are, in words
	hint  string                // how to allow more
}

func newFiles(fsys fs.FS, collection, root string) *files {
	fi := &files{where: "the folder of the collection", hint: "; allow a wider one with --file-root"}
	dir := path.Dir(filepath.ToSlash(collection))
	if root != "" {
		fi.where, fi.hint, dir = root, "", root
	}
	fi.dir = dir
	fi.open = sync.OnceValues(func() (fs.FS, error) {
		below, err := source.Within(fsys, dir)
		if err != nil {
			err = fmt.Errorf("folder %q: %w", dir, cause(err))
		}
		return below, err
	})
	return fi
}

// file is the path of a file that is sent.
type file struct {
	path vars.Template
	in   *files
	pos  source.Pos
}

// read reads a path. What it is known to be before a run must exist.
func (f *file) read(n source.Node) {
	f.pos = n.Pos()
	f.path.Read(n)
	if !n.IsScalar() || n.IsNull() || !f.path.Static() || f.path.IsZero() && n.Text() != "" {
		return
	}
	name, err := f.in.clean(f.path.Outline(""))
	if err != nil {
		n.Errorf("%w", err)
		return
	}
	fsys, err := f.in.open()
	var info fs.FileInfo
	if err == nil {
		info, err = fs.Stat(fsys, name)
	}
	if err != nil {
		n.Errorf("file %q: %w", name, cause(err))
		return
	}
	if info.IsDir() {
		n.Errorf("file %q: is a folder", name)
	}
}

// load returns the name of the file, expanded, and what is in it. The error is a *source.Error.
func (f *file) load(s *vars.Scope) (name string, content []byte, err error) {
	text, err := f.path.Expand(s)
	if err != nil {
		return "", nil, err
	}
	name, err = f.in.clean(text)
	if err != nil {
		return "", nil, f.pos.Errorf("%w", err)
	}
	fsys, err := f.in.open()
	if err == nil {
		content, err = fs.ReadFile(fsys, name)
	}
	if err != nil {
		return "", nil, f.pos.Errorf("file %q: %w", name, cause(err))
	}
	return name, content, nil
}

// contents returns what is in a file.
func (fi *files) contents(text string) ([]byte, error) {
	name, err := fi.clean(text)
	if err != nil {
		return nil, err
	}
	fsys, err := fi.open()
	if err != nil {
		return nil, err
	}
	content, err := fs.ReadFile(fsys, name)
	return content, cause(err)
}

// shown returns a path as people find the file: from where the collection was named.
func (fi *files) shown(name string) string { return path.Join(filepath.ToSlash(fi.dir), name) }

// clean returns the path as package fs wants it, or an error for one that leaves the folder.
func (fi *files) clean(text string) (string, error) {
	name := path.Clean(strings.ReplaceAll(text, `\`, "/"))
	switch {
	case text == "":
		return "", errors.New("file: the path is empty")
	case path.IsAbs(name) || filepath.IsAbs(text) || strings.HasPrefix(name, "~") || len(name) > 1 && name[1] == ':':
		return "", fmt.Errorf("file %q: want a path that is relative to %s%s", text, fi.where, fi.hint)
	case name == ".." || strings.HasPrefix(name, "../"):
		return "", fmt.Errorf("file %q leaves %s%s", text, fi.where, fi.hint)
	}
	return name, nil
}

// cause takes the path out of a file error, because the message says it already.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// contentType returns the media type of a file by the end of its name. The table is hgrun's own, so that a run is the
// same on every machine.
func contentType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".json":
		return "application/json"
	case ".ndjson":
		return "application/x-ndjson"
	case ".xml":
		return "application/xml"
	case ".txt", ".log":
		return "text/plain; charset=utf-8"
	case ".csv":
		return "text/csv"
	case ".html", ".htm":
		return "text/html; charset=utf-8"
	case ".yaml", ".yml":
		return "application/yaml"
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".gz":
		return "application/gzip"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".svg":
		return "image/svg+xml"
	case ".dcm":
		return "application/dicom"
	case ".hl7":
		return "x-application/hl7-v2+er7"
	}
	return "application/octet-stream"
}
