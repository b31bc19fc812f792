package source

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Disk returns the machine's files by the names a user types: relative to the working folder, with .., absolute, or
// from the home folder on with ~/.
func Disk() fs.FS { return disk{} }

// Observed returns the same files as Disk, and tells saw of each before it is opened, looked at or looked for, by its path on the
// machine; listed says that it is a folder whose entries are asked for. Several goroutines may call saw.
func Observed(saw func(path string, listed bool)) fs.FS { return disk{saw} }

type disk struct {
	saw func(path string, listed bool) // nil for nobody
}

func (d disk) at(name string, listed bool) string {
	path := native(name)
	if d.saw != nil {
		d.saw(path, listed)
	}
	return path
}

func (d disk) Open(name string) (fs.File, error) { return os.Open(d.at(name, false)) }

func (d disk) Stat(name string) (fs.FileInfo, error) { return os.Stat(d.at(name, false)) }

func (d disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(d.at(name, false)) }

func (d disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(d.at(name, true)) }

func native(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, filepath.FromSlash(rest))
		}
	}
	return filepath.FromSlash(name)
}

// Within returns the files below dir, which no name and no symbolic link can leave.
func Within(fsys fs.FS, dir string) (fs.FS, error) {
	d, ok := fsys.(disk)
	if !ok {
		return fs.Sub(fsys, path.Clean(dir))
	}
	root, err := os.OpenRoot(native(dir))
	if err != nil {
		return nil, err
	}
	if d.saw != nil {
		return observed{root.FS(), disk{d.saw}, dir}, nil
	}
	return root.FS(), nil
}

// observed are files below a folder that somebody observes.
type observed struct {
	files fs.FS
	disk  disk
	dir   string
}

func (o observed) see(name string, listed bool) { o.disk.at(path.Join(o.dir, name), listed) }

func (o observed) Open(name string) (fs.File, error) {
	o.see(name, false)
	return o.files.Open(name)
}

func (o observed) Stat(name string) (fs.FileInfo, error) {
	o.see(name, false)
	return fs.Stat(o.files, name)
}

func (o observed) ReadFile(name string) ([]byte, error) {
	o.see(name, false)
	return fs.ReadFile(o.files, name)
}

func (o observed) ReadDir(name string) ([]fs.DirEntry, error) {
	o.see(name, true)
	return fs.ReadDir(o.files, name)
}

// Beside returns the name of a file that is named relative to another: Beside("a/b.yaml", "../c.pem") is "c.pem".
func Beside(file, name string) string {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) || filepath.IsAbs(name) || strings.HasPrefix(name, "~") {
		return name
	}
	return path.Join(path.Dir(filepath.ToSlash(file)), name)
}
