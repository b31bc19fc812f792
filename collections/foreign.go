package collections

import (
	"bytes"
	"io/fs"
	"path"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// foreign is what there is to know of a file of another program.
type foreign struct {
	is      bool                  // it is one
	secrets map[string]vars.Value // variables of the collection that are never to be shown; nil for none
}

// open reads the file of a collection: our own, or one of Postman, which can be a folder too.
func (rd *reader) open(fsys fs.FS, file string) error {
	src, err := source.File(fsys, file)
	if err != nil {
		if !importers.IsTree(fsys, file) {
			return err
		}
		rd.foreign.is = true
		rd.files = newFiles(fsys, path.Join(file, "files are relative to the folder"), rd.loads.options.FileRoot)
		return importers.ReadTree(fsys, file, rd.imports(), rd.imported)
	}
	if bytes.HasPrefix(src, []byte("$kind:")) {
		if root, part := importers.PartOf(fsys, file); root != "" {
			return &source.Error{Pos: source.Pos{File: file}, Err: partOf(root, part)}
		}
	}
	if !importers.Is(src) {
		return source.Parse(file, src, rd.collection)
	}
	rd.foreign.is = true
	return source.ParseJSON(file, src, func(n source.Node) {
		rd.imported(importers.Postman(n, rd.imports()))
	})
}

// imports says how files of Postman are read for a run.
func (rd *reader) imports() importers.Options {
	return importers.Options{Lenient: rd.loads.options.Lenient, Exact: true}
}

func (rd *reader) imported(in importers.Imported) {
	rd.c.Notes = in.Notes
	for _, s := range in.Hidden {
		if rd.foreign.secrets == nil {
			rd.foreign.secrets = map[string]vars.Value{}
		}
		rd.foreign.secrets[s.Name] = vars.Value{Text: s.Value, Secret: true}
	}
	rd.collection(in.Node)
}
