package environments

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Names returns the environments that Find would find for a collection, sorted: for a shell to complete.
func Names(fsys fs.FS, collection string) []string {
	var names []string
	for _, dir := range above(fsys, path.Dir(filepath.ToSlash(collection))) {
		entries, err := fs.ReadDir(fsys, path.Join(dir, folder))
		if err != nil { // a folder that is not there has no environments
			continue
		}
		for _, e := range entries {
			if ending := path.Ext(e.Name()); !e.IsDir() && (ending == ".yaml" || ending == ".yml") {
				names = append(names, strings.TrimSuffix(e.Name(), ending))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
