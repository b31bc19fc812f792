package collections

import (
	"io/fs"
	"path"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// open reads the file of a collection: our own, or one of Postman, which can be a folder too.
func (rd *reader) open(fsys fs.FS, file string) error {
	src, err := source.File(fsys, file)
	if err != nil {
		if !importers.IsTree(fsys, file) {
			return err
		}
		rd.foreign = true
		rd.files = newFiles(fsys, path.Join(file, "files are relative to the folder"), rd.loads.options.FileRoot)
		return importers.ReadTree(fsys, file, rd.imports(), rd.imported)
	}
	if !importers.Is(src) {
		return source.Parse(file, src, rd.collection)
	}
	rd.foreign = true
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
	rd.collection(in.Node)
}
