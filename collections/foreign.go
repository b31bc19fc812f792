package collections

import (
	"io/fs"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// open reads the file of a collection: our own, or one of Postman.
func (rd *reader) open(fsys fs.FS, file string) error {
	src, err := source.File(fsys, file)
	if err != nil {
		return err
	}
	if !importers.Is(src) {
		return source.Parse(file, src, rd.collection)
	}
	rd.foreign = true
	return source.ParseJSON(file, src, func(n source.Node) {
		in := importers.Postman(n, importers.Options{Lenient: rd.loads.options.Lenient, Exact: true})
		rd.c.Notes = in.Notes
		rd.collection(in.Node)
	})
}
