package collections

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// Find returns the collection files that paths name: files as they are, folders searched for YAML files with requests: and for folders that are a
// collection of Postman each, the files of a folder sorted. Folders called environments, includes, node_modules or __snapshots__ and hidden ones are passed over. A path that is not there,
// and a folder without a collection, is an error; all of them come together as source.Problems.
func Find(fsys fs.FS, paths []string) ([]string, error) {
	var found []string
	var problems source.Problems
	seen := map[string]bool{}
	for _, p := range paths {
		files, err := find(fsys, filepath.ToSlash(p))
		if err != nil {
			problems = append(problems, &source.Error{Pos: source.Pos{File: p}, Err: err})
		}
		for _, file := range files {
			if !seen[path.Clean(file)] {
				seen[path.Clean(file)] = true
				found = append(found, file)
			}
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return found, nil
}

func find(fsys fs.FS, name string) ([]string, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, cause(err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	if importers.IsTree(fsys, name) {
		return []string{path.Clean(name)}, nil
	}
	if root, part := importers.PartOf(fsys, name); root != "" {
		return nil, partOf(root, part)
	}
	name = path.Clean(name)
	var found []string
	err = fs.WalkDir(fsys, name, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && file != name && passedOver(e.Name()):
			return fs.SkipDir
		case e.IsDir() && importers.IsTree(fsys, file):
			found = append(found, file)
			return fs.SkipDir
		case e.IsDir() || strings.HasPrefix(e.Name(), ".") || path.Ext(file) != ".yaml" && path.Ext(file) != ".yml":
			return nil
		}
		src, err := fs.ReadFile(fsys, file)
		if err == nil && IsCollection(src) {
			found = append(found, file)
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = errors.New("no collection in this folder: no YAML file with requests: in it")
	}
	return found, err
}

func passedOver(folder string) bool {
	return folder == "environments" || folder == "includes" || folder == "node_modules" || folder == snapshotFolder || strings.HasPrefix(folder, ".")
}

// IsCollection reports whether YAML text has requests: among the keys of its outermost mapping. It looks at lines alone,
// so that a collection with a mistake in it is found and refused, and not passed over.
func IsCollection(src []byte) bool {
	indent := -1
	for line := range bytes.Lines(bytes.TrimPrefix(src, []byte("\ufeff"))) {
		text := bytes.TrimLeft(line, " ")
		word := bytes.TrimRight(text, " \t\r\n")
		if len(word) == 0 || word[0] == '#' || word[0] == '%' || bytes.HasPrefix(line, []byte("---")) {
			continue
		}
		if indent < 0 {
			if word[0] == '{' {
				return flowCollection(src)
			}
			indent = len(line) - len(text)
		}
		if len(line)-len(text) == indent && isRequestsKey(word) {
			return true
		}
	}
	return false
}

func isRequestsKey(text []byte) bool {
	for _, key := range []string{"requests", `"requests"`, "'requests'"} {
		if rest, ok := bytes.CutPrefix(text, []byte(key)); ok {
			rest = bytes.TrimLeft(rest, " ")
			return len(rest) > 0 && rest[0] == ':'
		}
	}
	return false
}

// flowCollection is IsCollection for a file that is one {…}: JSON, for example.
func flowCollection(src []byte) bool {
	is := false
	err := source.Parse("", src, func(n source.Node) { is = n.Has("requests") })
	return is || err != nil && bytes.Contains(src, []byte("requests"))
}

// partOf says what to run in the place of a part of a collection of Postman in YAML files.
func partOf(root, part string) error {
	only := ""
	if part != "" {
		only = fmt.Sprintf(" --only %q", part)
	}
	return fmt.Errorf("a part of the collection of Postman in %[1]s, whose variables and auth it needs: hgrun run %[1]q%[2]s", root, only)
}
