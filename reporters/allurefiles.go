package reporters

import (
	"archive/tar"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// resultFiles takes the files of a report that has many.
type resultFiles interface {
	// add writes a file as a whole. Its time is when what it tells of happened.
	add(name string, content []byte, at time.Time) error
	// close ends what was written.
	close() error
}

// folderFiles are files of a folder.
type folderFiles struct{ dir string }

// add implements resultFiles: a reader that looks meanwhile sees the whole file or none.
func (f folderFiles) add(name string, content []byte, _ time.Time) error {
	place := filepath.Join(f.dir, name)
	draft := filepath.Join(f.dir, "."+name+".tmp-"+rand.Text()[:8])
	err := os.WriteFile(draft, content, 0o666)
	if err == nil {
		err = os.Rename(draft, place)
	}
	if err != nil {
		os.Remove(draft)
	}
	return err
}

func (folderFiles) close() error { return nil }

// tarFiles are files of a tar archive, for machines whose folders are gone when hgrun is: hgrun run … -r allure=- | tar x -C allure-results.
type tarFiles struct{ w *tar.Writer }

func (f tarFiles) add(name string, content []byte, at time.Time) error {
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	err := f.w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), ModTime: at.UTC().Truncate(time.Second), Format: tar.FormatUSTAR})
	if err == nil {
		_, err = f.w.Write(content)
	}
	return err
}

func (f tarFiles) close() error { return f.w.Close() }

// filesOf returns where a report of many files goes to.
func filesOf(w io.Writer, o Options) resultFiles {
	if o.folder {
		return folderFiles{o.dir}
	}
	return tarFiles{tar.NewWriter(w)}
}

// wantsFolder reports whether a kind has many files.
func wantsFolder(kind string) bool { return kind == "allure" }

// makeFolder makes the folder of a report. What is in it already stays.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("is a file; want a folder")}
	}
	return os.MkdirAll(path, 0o777)
}

// Place returns what people open to see the report of a kind: its file, or its folder where the files in it have names of their own.
func Place(kind, path string) string {
	if wantsFolder(kind) {
		return path
	}
	file, _ := htmlFolder(kind, path)
	return file
}

// Files returns the files that a report of a kind may stand in: one, or those of a folder that hgrun wrote, in this run or before.
func Files(kind, path string) ([]string, error) {
	if !wantsFolder(kind) {
		file, _ := htmlFolder(kind, path)
		return []string{file}, nil
	}
	entries, err := os.ReadDir(path)
	var files []string
	for _, e := range entries {
		if e.Type().IsRegular() && allureOwnFile(e.Name()) {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	return files, err
}

// allureOwnFile tells a file of ours by the version of the UUID in its name: adapters of others make random ones, of version 4.
func allureOwnFile(name string) bool {
	return len(name) > 36 && name[14] == '8' && (strings.HasSuffix(name, "-result.json") || strings.HasSuffix(name, "-attachment.txt")) ||
		name == "environment.properties" || name == "categories.json"
}
