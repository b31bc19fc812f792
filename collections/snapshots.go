package collections

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
)

// snapshotFolder is what lies beside collections and has the snapshots of each in a folder of its own.
const snapshotFolder = "__snapshots__"

// SnapshotFolder returns the folder of the snapshots of a collection file, whether there are any or not: it is called as the
// collection is, so that two collections never share one.
func SnapshotFolder(file string) string {
	dir, base := path.Split(filepath.ToSlash(file))
	return path.Join(dir, snapshotFolder, strings.TrimSuffix(base, path.Ext(base)))
}

// newSnapshots returns the snapshots of a collection file. They lie beside it, whatever the root of its other files is.
func newSnapshots(fsys fs.FS, file string) *expect.Snapshots {
	folder := SnapshotFolder(file)
	beside := newFiles(fsys, file, "")
	return &expect.Snapshots{Folder: folder, Open: func(name string) ([]byte, error) {
		return beside.contents(path.Join(snapshotFolder, path.Base(folder), name))
	}}
}

// checkSnapshots refuses snapshots of answers that come several times, each different.
func (r *Request) checkSnapshots(n source.Node) {
	switch {
	case r.Flow.Poll != nil && r.Flow.Poll.Until.Keeps():
		n.Errorf("until waits for an answer, and a snapshot is of one that came: it belongs below expect")
	case r.Flow.Pages != nil && r.Expect.Keeps():
		n.Errorf("each page is an answer of its own, and no two are as one snapshot; take a snapshot without paginate, or of what collect makes of them")
	}
}
