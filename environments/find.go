package environments

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

const (
	folder   = "environments" // beside the collection, or above it
	maxAbove = 64             // folders above the collection that are looked at
	postman  = ".postman_environment.json"
)

// endings are those of environment files; what stands before is their name.
func endings() []string {
	return []string{postman, ".environment.yaml", ".environment.yml", ".yaml", ".yml"}
}

// Find returns the environment file that a name stands for. A name with a slash in it, or one that ends in .yaml, .yml
// or .json, is the file itself. Any other is looked for as environments/NAME.yaml or .yml beside the collection, then
// in each folder above it up to the one that holds .git, and last in the working folder; NAME.environment.yaml of Postman is found there as well, and
// NAME.postman_environment.json in the folder itself too.
func Find(fsys fs.FS, collection, name string) (file string, err error) {
	if strings.ContainsAny(name, "/"+string(filepath.Separator)) || slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) {
		return filepath.ToSlash(name), nil
	}
	dirs := above(fsys, path.Dir(filepath.ToSlash(collection)))
	for _, dir := range dirs {
		for _, file := range []string{path.Join(dir, folder, name+".yaml"), path.Join(dir, folder, name+".yml"), path.Join(dir, folder, name+postman), path.Join(dir, name+postman),
			path.Join(dir, folder, name+".environment.yaml"), path.Join(dir, folder, name+".environment.yml")} {
			if info, err := fs.Stat(fsys, file); err == nil && !info.IsDir() {
				return file, nil
			}
		}
	}
	return "", notFound(fsys, dirs, name)
}

// above returns dir and the folders above it, nearest first, and the working folder for a relative dir.
func above(fsys fs.FS, dir string) []string {
	relative := !path.IsAbs(dir) && !filepath.IsAbs(dir)
	var dirs []string
	info, err := fs.Stat(fsys, dir)
	for err == nil && len(dirs) < maxAbove {
		dirs = append(dirs, dir)
		if _, err := fs.Stat(fsys, path.Join(dir, ".git")); err == nil {
			break
		}
		parent := parentOf(dir)
		next, missing := fs.Stat(fsys, parent)
		if missing != nil || parent == dir || os.SameFile(info, next) { // the root is its own parent
			break
		}
		dir, info = parent, next
	}
	if relative && !slices.Contains(dirs, ".") {
		dirs = append(dirs, ".")
	}
	return dirs
}

func parentOf(dir string) string {
	if dir == "." || path.Base(dir) == ".." {
		return path.Join(dir, "..")
	}
	return path.Dir(dir)
}

func notFound(fsys fs.FS, dirs []string, name string) error {
	looked := make([]string, len(dirs))
	for i, dir := range dirs {
		looked[i] = path.Join(dir, folder)
	}
	where := fmt.Sprintf("no environment %q: looked for %s.yaml and .yml in %s", name, name, strings.Join(looked, ", "))
	known := files(fsys, dirs)
	if len(known) == 0 {
		return fmt.Errorf("%s; write one, or give a path: -e path/to/%s.yaml", where, name)
	}
	hint := source.Suggest(name, names(known)) + " "
	if !strings.HasPrefix(hint, "did you mean") {
		hint = ""
	}
	return fmt.Errorf("%s; %sthere are %s", where, hint, strings.Join(known, ", "))
}

// Names returns the environments that Find would find for a collection, sorted: for a shell to complete.
func Names(fsys fs.FS, collection string) []string {
	all := names(files(fsys, above(fsys, path.Dir(filepath.ToSlash(collection)))))
	slices.Sort(all)
	return slices.Compact(all)
}

// files returns the environment files below the folders, those of the nearest folder first.
func files(fsys fs.FS, dirs []string) []string {
	var known []string
	for _, dir := range dirs {
		entries, _ := fs.ReadDir(fsys, path.Join(dir, folder)) // a folder that is not there has no environments
		for _, e := range entries {
			if ending := path.Ext(e.Name()); !e.IsDir() && (ending == ".yaml" || ending == ".yml" || strings.HasSuffix(e.Name(), postman)) {
				known = append(known, path.Join(dir, folder, e.Name()))
			}
		}
		beside, _ := fs.ReadDir(fsys, dir)
		for _, e := range beside {
			if !e.IsDir() && strings.HasSuffix(e.Name(), postman) {
				known = append(known, path.Join(dir, e.Name()))
			}
		}
	}
	return known
}

// names returns what -e calls the files.
func names(files []string) []string {
	all := make([]string, len(files))
	for i, file := range files {
		all[i] = path.Base(file)
		for _, ending := range endings() {
			if name, ok := strings.CutSuffix(all[i], ending); ok {
				all[i] = name
				break
			}
		}
	}
	return all
}
