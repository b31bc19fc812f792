package main

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// undefined returns the names that the files of a collection use and that neither they nor an environment defines by then, in the order in which they are
// used, as hgrun check will tell.
func (im *postmanImport) undefined(files []string) []string {
	if im.options.output == "" {
		return nil
	}
	given := map[string]string{}
	for _, env := range im.environments {
		for _, key := range []string{"variables", "secrets"} {
			if list, ok := env.written.Get(key); ok {
				for _, e := range list.Entries() {
					given[e.Name()] = ""
				}
			}
		}
	}
	scope := vars.NewScope(nil, environments.New("imported", given, nil).Layers()...)
	names := []string{}
	for _, file := range files {
		c, err := collections.Load(source.Disk(), filepath.ToSlash(path.Join(im.options.output, file)), collections.Options{FileRoot: im.sent.root})
		if err != nil {
			continue // hgrun check says why
		}
		for _, p := range gather(nil, c.Check(scope)) {
			if u, ok := vars.AsUndefined(p); ok && !slices.Contains(names, u.Name) {
				names = append(names, u.Name)
			}
		}
	}
	return names
}
