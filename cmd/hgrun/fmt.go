package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct {
	write bool
	check bool
	diff  bool
}

func fmtCommand() *cobra.Command {
	var o fmtOptions
	c := &cobra.Command{
		Use:   "fmt [PATH…] [-w | --check] [-d]",
		Short: "Write collections and environments in one form: indentation, quotes, the order of keys",
		Long: `fmt prints files as hgrun writes them: two spaces for each level, quotes where they are needed, the keys of collections, folders and
requests in one order. Comments, empty lines, anchors and texts of several lines are kept, and what a file means never changes. In
folders, collections and the files of folders called environments are formatted. Without a PATH it is this folder; - is standard input.

Exit codes: 0 done, or nothing differs · 1 with --check, a file differs · 2 a file that cannot be read as YAML.`,
		Example: `  hgrun fmt -w .                                    every file below this folder
  hgrun fmt --check .                               in a pipeline: which files are not formatted
  hgrun fmt -d collection.yaml                      what would change
  hgrun fmt - < collection.yaml                     for editors`,
		RunE: o.run,
	}
	c.Flags().BoolVarP(&o.write, "write", "w", false, "write each file that differs, and print its name, instead of printing the text")
	c.Flags().BoolVar(&o.check, "check", false, "print the names of files that differ, write nothing, and exit with 1 where there are any")
	c.Flags().BoolVarP(&o.diff, "diff", "d", false, "print what changes as a diff")
	return c
}

func (o *fmtOptions) run(c *cobra.Command, paths []string) error {
	if o.write && o.check {
		return usage(errors.New("--write writes and --check does not; leave one out"))
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	files, problems := formattable(source.Disk(), paths)
	differ := false
	for _, file := range files {
		changed, err := o.file(c, file)
		var end *exit
		if errors.As(err, &end) {
			return err
		}
		problems = gather(problems, err)
		differ = differ || changed
	}
	switch err := problems.Err(); {
	case err != nil:
		fmt.Fprintln(c.ErrOrStderr(), err) // as it is: of what was sent there is nothing to say
		return &exit{code: exitUsage}
	case o.check && differ:
		return &exit{code: exitFailed}
	}
	return nil
}

// file formats one file and reports whether it differed. An *exit among its errors ends the command.
func (o *fmtOptions) file(c *cobra.Command, file string) (differs bool, err error) {
	src, err := readFormattable(c.InOrStdin(), file)
	if err != nil {
		return false, err
	}
	out, err := formatText(file, src)
	if err != nil {
		return false, err
	}
	differs = !bytes.Equal(src, out)
	text := out
	switch {
	case o.write && file == "-":
		return false, usage(errors.New("standard input cannot be written; leave out --write"))
	case o.write && differs:
		if err := replace(file, out); err != nil {
			return false, &exit{exitReport, err}
		}
		fallthrough
	case o.write, o.check, o.diff:
		text = o.told(file, src, out)
	}
	if _, err := c.OutOrStdout().Write(text); err != nil {
		return false, &exit{exitReport, err}
	}
	return differs, nil
}

// told is what --write, --check and --diff say of a file.
func (o *fmtOptions) told(file string, src, out []byte) []byte {
	switch {
	case bytes.Equal(src, out):
		return nil
	case o.diff:
		return unified(file, string(src), string(out))
	}
	return []byte(file + "\n")
}

func readFormattable(in io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(in)
	}
	src, err := fs.ReadFile(source.Disk(), file)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = &source.Error{Pos: source.Pos{File: file}, Err: at.Err}
	}
	return src, err
}

// formatText formats the text of a file as what its keys say that it is.
func formatText(file string, src []byte) ([]byte, error) {
	var layout *source.Layout
	err := source.Parse(file, src, func(n source.Node) { layout = layoutOf(n) })
	if err != nil {
		return nil, err
	}
	return source.Format(file, src, layout)
}

// layoutOf tells a collection from an environment: by the first key that the other has not. Anything else is a problem.
func layoutOf(n source.Node) *source.Layout {
	if !n.IsMap() {
		n.Errorf("neither a collection nor an environment: want a mapping with requests:, or one with variables: or secrets:")
		return nil
	}
	collection, environment := collections.Layout(), environments.Layout()
	shared := environment
	known := false
	for _, e := range n.Entries() {
		in, out := collection.Has(e.Name()), environment.Has(e.Name())
		switch {
		case in && !out:
			return collection
		case out && !in:
			return environment
		}
		known = known || in
	}
	if !known {
		n.Errorf("neither a collection nor an environment: no key of either, such as requests: or variables:")
	}
	return shared
}

// formattable returns the files that paths name, each once.
func formattable(fsys fs.FS, paths []string) (files []string, problems source.Problems) {
	seen := map[string]bool{}
	for _, name := range paths {
		found, err := formattableIn(fsys, filepath.ToSlash(name))
		if err != nil {
			problems = append(problems, &source.Error{Pos: source.Pos{File: name}, Err: err})
		}
		for _, file := range found {
			if !seen[path.Clean(file)] {
				seen[path.Clean(file)] = true
				files = append(files, file)
			}
		}
	}
	return files, problems
}

func formattableIn(fsys fs.FS, name string) ([]string, error) {
	if name == "-" {
		return []string{name}, nil
	}
	info, err := fs.Stat(fsys, name)
	var at *fs.PathError
	switch {
	case errors.As(err, &at):
		return nil, at.Err
	case err != nil:
		return nil, err
	case !info.IsDir():
		return []string{name}, nil
	}
	var found []string
	name = path.Clean(name)
	err = fs.WalkDir(fsys, name, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != name && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules") && e.IsDir():
			return fs.SkipDir
		case e.IsDir() || strings.HasPrefix(e.Name(), ".") || path.Ext(file) != ".yaml" && path.Ext(file) != ".yml":
			return nil
		}
		ours := path.Base(path.Dir(file)) == "environments" || path.Base(name) == "environments" && path.Dir(file) == name
		if !ours {
			src, err := fs.ReadFile(fsys, file)
			if err != nil {
				return err
			}
			ours = collections.IsCollection(src)
		}
		if ours {
			found = append(found, file)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = errors.New("nothing to format in this folder: no YAML file with requests: in it, and none in a folder called environments")
	}
	return found, err
}

// replace writes a file whole or not at all, with the mode that it has. A link stays one: what it leads to is written.
func replace(file string, text []byte) error {
	target, err := filepath.EvalSymlinks(filepath.FromSlash(file))
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s: the file may not be written", file)
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}
