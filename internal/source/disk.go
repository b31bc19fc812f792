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

type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(native(name)) }

func (disk) Stat(name string) (fs.FileInfo, error) { return os.Stat(native(name)) }

func (disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(native(name)) }

func (disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(native(name)) }

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
	if _, ok := fsys.(disk); !ok {
		return fs.Sub(fsys, path.Clean(dir))
	}
	root, err := os.OpenRoot(native(dir))
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

// Beside returns the name of a file that is named relative to another: Beside("a/b.yaml", "../c.pem") is "c.pem".
func Beside(file, name string) string {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) || filepath.IsAbs(name) || strings.HasPrefix(name, "~") {
		return name
	}
	return path.Join(path.Dir(filepath.ToSlash(file)), name)
}
