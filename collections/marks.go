package collections

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// fileLine takes FILE:LINE apart.
func fileLine(text string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(text, ':')
	if i <= 0 {
		return "", 0, false
	}
	line, err := strconv.Atoi(text[i+1:])
	return text[:i], line, err == nil && line > 0
}

// isFile reports whether the name a user typed is that of the collection, or its last part.
func (c *Collection) isFile(name string) bool {
	name, file := path.Clean(filepath.ToSlash(name)), path.Clean(filepath.ToSlash(c.File))
	return name == file || strings.HasSuffix(file, "/"+name) || strings.HasSuffix(name, "/"+file)
}

// mark is a line at which something starts: a request, a folder, or a key of the collection.
type mark struct {
	line int
	item Item // nil for a key of the collection
}

// mark notes where everything starts, in the order of the file.
func (rd *reader) mark(n source.Node) {
	if n.IsMap() {
		for _, e := range n.Entries() {
			rd.c.marks = append(rd.c.marks, mark{line: e.Key.Pos().Line})
		}
	}
	for _, root := range []*Folder{rd.c.Setup, rd.c.Main, rd.c.Teardown} {
		rd.c.marks = root.marks(rd.c.marks)
	}
	slices.SortStableFunc(rd.c.marks, func(a, b mark) int { return a.line - b.line })
}

func (f *Folder) marks(to []mark) []mark {
	if f == nil {
		return to
	}
	to = f.Setup.marks(to)
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			to = append(to, mark{it.Pos.Line, it})
			if it.Include == nil { // the lines of an included file are its own
				to = it.marks(to)
			}
		case *Request:
			to = append(to, mark{it.Pos.Line, it})
		}
	}
	return f.Teardown.marks(to)
}

// stands reports whether a line of a file is one of the request's: where it is written, or where an include brings it in.
func (c *Collection) stands(r *Request, file string, line int) bool {
	if c.isFile(file) && c.covers(r, line) {
		return true
	}
	for in := r.Folder.space(); in != nil; in = in.Parent.space() {
		if of := in.Include.of; of != nil && of.isFile(file) && of.covers(r, line) {
			return true
		}
	}
	return false
}

// covers reports whether a line is one of the request's, or one of those above the first request of its folder. What is
// included is a copy, which stands where the original does.
func (c *Collection) covers(r *Request, line int) bool {
	at, _ := slices.BinarySearchFunc(c.marks, line+1, func(m mark, line int) int { return m.line - line })
	if at == 0 {
		return false
	}
	switch it := c.marks[at-1].item.(type) {
	case *Request:
		return it.Pos == r.Pos
	case *Folder:
		for f := r.Folder; f != nil; f = f.Parent {
			if f.Pos == it.Pos {
				return true
			}
		}
	}
	return false
}
