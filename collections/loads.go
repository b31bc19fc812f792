package collections

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

const (
	maxDepth    = 20      // of includes in includes
	maxIncluded = 100_000 // requests that come from includes
)

// loads reads the files of one collection, each once however often it is included.
type loads struct {
	options Options
	read    func(file string) (*Collection, error)
	done    map[string]*Collection // nil for one with problems, which were told
	open    []string               // that are read now, the outermost first
	taken   int                    // requests
}

// beside returns the name of a file that is included by another.
func (l *loads) beside(file, name string) (string, error) {
	slashed := strings.ReplaceAll(name, `\`, "/")
	switch {
	case name == "":
		return "", errors.New("include: the path is empty")
	case strings.Contains(name, "{{"):
		return "", fmt.Errorf("include %q: the file is read with the collection, so that its path holds no template", name)
	case path.IsAbs(slashed) || filepath.IsAbs(name) || strings.HasPrefix(slashed, "~") || len(slashed) > 1 && slashed[1] == ':':
		return "", fmt.Errorf("include %q: want a path that is relative to this file", name)
	}
	full := source.Beside(file, slashed)
	if root := l.options.FileRoot; root != "" && !below(root, full) {
		return "", fmt.Errorf("include %q leaves %s, which --file-root names", name, root)
	}
	return full, nil
}

// below reports whether a file stands below a folder.
func below(folder, file string) bool {
	from, err := filepath.Abs(filepath.FromSlash(folder))
	if err != nil {
		return false
	}
	to, err := filepath.Abs(filepath.FromSlash(file))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(from, to)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// included returns a collection, nil without an error where its problems were told before.
func (l *loads) included(file string) (*Collection, error) {
	key := path.Clean(file)
	if c, ok := l.done[key]; ok {
		return c, nil
	}
	if i := slices.Index(l.open, key); i >= 0 {
		return nil, fmt.Errorf("include: this closes a cycle: %s", strings.Join(append(slices.Clone(l.open[i:]), key), " -> "))
	}
	if len(l.open) > maxDepth {
		return nil, fmt.Errorf("include: files include one another more than %d deep", maxDepth)
	}
	c, err := l.load(file)
	l.done[key] = c
	return c, err
}

func (l *loads) load(file string) (*Collection, error) {
	l.open = append(l.open, path.Clean(file))
	defer func() { l.open = l.open[:len(l.open)-1] }()
	return l.read(file)
}

// fill gives an include copies of the requests that it stands for.
func (rd *reader) fill(n source.Node, f *Folder) {
	c := f.Include.of
	rd.loads.taken += c.Setup.size() + c.Main.size() + c.Teardown.size()
	if rd.loads.taken > maxIncluded {
		n.Errorf("include: more than %d requests come from includes", maxIncluded)
		return
	}
	f.Items = c.Main.copies(f)
	if len(c.Setup.Items) > 0 {
		f.Setup = c.Setup.copyTo(f)
	}
	if len(c.Teardown.Items) > 0 {
		f.Teardown = c.Teardown.copyTo(f)
	}
}

// size is the number of requests below a folder.
func (f *Folder) size() (n int) {
	for range f.All() {
		n++
	}
	return n
}

// copyTo returns a copy of the folder, its requests and the folders in it, that stands in another.
func (f *Folder) copyTo(parent *Folder) *Folder {
	if f == nil {
		return nil
	}
	c := *f
	c.Parent = parent
	c.Setup, c.Teardown, c.Items = f.Setup.copyTo(&c), f.Teardown.copyTo(&c), f.copies(&c)
	return &c
}

func (f *Folder) copies(parent *Folder) []Item {
	items := make([]Item, len(f.Items))
	for i, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			items[i] = it.copyTo(parent)
		case *Request:
			r := *it
			r.Folder = parent
			items[i] = &r
		}
	}
	return items
}
