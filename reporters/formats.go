package reporters

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Formats say what single formats do differently. The zero value is what each does by default.
type Formats struct {
	Each      bool   // junit: a testcase for each expectation and each test of a script, and one for what else can go wrong with the request
	Workspace string // github, markdown: folder that files are shown from; empty shows them as the user named them
	Files     string // markdown: URL of that folder, to which places are linked; empty links none
	Room      int    // markdown: bytes that there is room for; zero means a mebibyte
}

// InWorkspace returns a path as seen from the workspace, with slashes, or the path itself where it lies elsewhere.
func (f *Formats) InWorkspace(file string) string {
	if inside, ok := f.inside(file); ok {
		return inside
	}
	return filepath.ToSlash(file)
}

func (f *Formats) inside(file string) (string, bool) {
	if file == "" || f.Workspace == "" {
		return "", false
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	from, err := filepath.Rel(f.Workspace, whole)
	return filepath.ToSlash(from), err == nil && filepath.IsLocal(from)
}

// link is a place in Markdown, linked to the line where the file is in the workspace.
func (f *Formats) link(p source.Pos) string {
	inside, ok := f.inside(p.File)
	shown := p
	shown.File = f.InWorkspace(p.File)
	text := markdown(shown.String())
	if !ok || f.Files == "" || text == "" {
		return text
	}
	parts := strings.Split(inside, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	to := strings.TrimSuffix(f.Files, "/") + "/" + strings.Join(parts, "/")
	if p.Line > 0 {
		to += "#L" + strconv.Itoa(p.Line)
	}
	return "[" + text + "](<" + to + ">)"
}
