package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// madeFile is a file of a collection before it is written.
type madeFile struct {
	name string // below the folder that is written into
	node source.Node
	of   int // the collection
}

// sentFiles say where the files lie that an import sends, and what their paths become relative to. All folders are absolute, with slashes.
type sentFiles struct {
	here   string   // the working folder
	output string   // the folder that is written into
	from   []string // the folders of the collections as they were
	root   string   // that all paths become relative to, by --file-root; empty: each to the file that names it
}

// sentFile is a path of a collection of Postman, taken apart.
type sentFile struct {
	folder string // as far as it is known without variables
	rest   string // below it
	far    bool   // the path was absolute
	wrong  string // why no run reads it; empty for a file that is there, or that only a run can tell
}

// locate finds what is sent, and decides what paths become relative to. What is not there is told.
func (im *postmanImport) locate(made []madeFile) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	absolute := func(name string) string {
		if filepath.IsAbs(name) {
			return path.Clean(filepath.ToSlash(name))
		}
		return path.Join(filepath.ToSlash(here), filepath.ToSlash(name))
	}
	im.sent = &sentFiles{here: absolute("."), output: absolute(im.options.output)}
	for _, c := range im.found {
		im.sent.from = append(im.sent.from, absolute(c.folder()))
	}
	im.sent.choose(made, func(of int, at source.Pos, wrong string) {
		report := &im.collections[of].Report
		report.Remarks = append(report.Remarks, importers.Remark{Place: at.String(), Text: wrong})
	})
	return nil
}

// choose decides what paths become relative to: to the file that names them where everything lies below it, else to the innermost folder that has
// the collections as they were and all that they send in it. Tell is told of paths that no run reads.
func (s *sentFiles) choose(made []madeFile, tell func(of int, at source.Pos, wrong string)) {
	inside, far := true, []string(nil)
	for _, m := range made {
		eachSent(m.node, func(n source.Node) source.Node {
			f := s.find(n.Raw(), s.from[m.of])
			if f.wrong != "" {
				tell(m.of, n.Pos(), f.wrong)
			}
			switch {
			case f.far && f.wrong == "":
				far = append(far, f.folder)
			case !f.far:
				s.root = common(common(s.root, s.from[m.of]), f.folder)
			}
			_, in := below(s.beside(m), f.folder)
			inside = inside && (in || f.far)
			return n
		})
	}
	for _, folder := range far {
		if wider := common(s.root, folder); strings.Contains(strings.Trim(wider, "/"), "/") { // no run needs to read the whole machine
			s.root = wider
			_, in := below(s.output, folder)
			inside = inside && in
		}
	}
	if inside {
		s.root = ""
	}
}

// beside is the folder of a file that is written.
func (s *sentFiles) beside(m madeFile) string { return path.Join(s.output, path.Dir(m.name)) }

// find takes a path apart. It is relative to the folder of the collection, or, as Newman has it, to the working folder.
func (s *sentFiles) find(text, from string) sentFile {
	text = strings.ReplaceAll(text, `\`, "/")
	known, _, open := strings.Cut(text, "{{")
	at := strings.LastIndexByte(known, '/') + 1
	f := sentFile{folder: path.Clean(known[:at]), rest: text[at:]}
	look := known
	if open {
		look = known[:at]
	}
	drive := strings.TrimPrefix(known, "/")
	switch f.far = path.IsAbs(known) || len(drive) > 1 && drive[1] == ':'; {
	case f.far && (open || !exists(look)):
		f.wrong = fmt.Sprintf("the path of the file %q is absolute, and on this machine nothing is there; write one that is relative", text)
	case f.far:
	case exists(path.Join(from, look)) || !exists(path.Join(s.here, look)):
		f.folder = path.Join(from, known[:at])
		if !open && !exists(path.Join(from, look)) {
			f.wrong = fmt.Sprintf("the file %q is not there", text)
		}
	default:
		f.folder = path.Join(s.here, known[:at])
	}
	return f
}

func exists(name string) bool {
	_, err := os.Stat(filepath.FromSlash(name))
	return err == nil
}

// moved returns a file with the paths that it has where it will lie.
func (s *sentFiles) moved(m madeFile) source.Node {
	base := s.root
	if base == "" {
		base = s.beside(m)
	}
	return eachSent(m.node, func(n source.Node) source.Node {
		f := s.find(n.Raw(), s.from[m.of])
		to, in := below(base, f.folder)
		if !in || f.far && f.wrong != "" {
			return n
		}
		return n.Reworded(to + f.rest)
	})
}

// flag is what a command needs to read the files: empty where they lie beside what names them.
func (s *sentFiles) flag() string {
	if s == nil || s.root == "" {
		return ""
	}
	return " --file-root " + shellWord(s.shown())
}

// advice says why a command needs the flag, and what makes it needless.
func (s *sentFiles) advice(o *postmanOptions) string {
	text := fmt.Sprintf("files that it sends lie outside of %s: --file-root lets hgrun read them in %s", o.output, s.shown())
	if s.shown() == "." {
		text = fmt.Sprintf("files that it sends lie outside of %s: --file-root lets hgrun read them in the folder where you are", o.output)
	}
	if !o.split {
		text += ";\ncopied into " + o.output + " by the same paths they need no flag"
	}
	return text + "\n\n"
}

// unplaced tells where a collection has to be written that nobody has named a folder for, if it sends files.
func (im *postmanImport) unplaced(c *cobra.Command) error {
	from, sends := im.found[0].folder(), false
	eachSent(im.collections[0].Node, func(n source.Node) source.Node {
		sends = true
		return n
	})
	if !sends {
		return nil
	}
	where := "the folder where you are"
	if from != "." {
		where = fmt.Sprintf("%s, or run it with --file-root %s", from, shellWord(from))
	}
	_, err := fmt.Fprintf(c.ErrOrStderr(), "note: it sends files: write it into %s; -o FOLDER makes their paths lead from there\n", where)
	return err
}

// folder is what the paths of files that a collection sends are relative to.
func (c readCollection) folder() string {
	if importers.IsTree(source.Disk(), c.file) {
		return c.file
	}
	return path.Dir(c.file)
}

// shown is the root as a person in the working folder types it.
func (s *sentFiles) shown() string {
	if relative, err := filepath.Rel(filepath.FromSlash(s.here), filepath.FromSlash(s.root)); err == nil {
		return filepath.ToSlash(relative)
	}
	return s.root
}

// below returns how a folder is reached from one around it: "files/", and nothing for the folder itself.
func below(root, folder string) (relative string, ok bool) {
	root, folder = strings.TrimSuffix(root, "/")+"/", strings.TrimSuffix(folder, "/")+"/"
	return strings.CutPrefix(folder, root)
}

// common returns the innermost folder that two others lie in; the empty name is no folder.
func common(a, b string) string {
	if a == "" {
		return b
	}
	for {
		if _, in := below(a, b); in || a == path.Dir(a) {
			return a
		}
		a = path.Dir(a)
	}
}

// eachSent returns a collection, a folder or a request with the paths of the files that it sends changed.
func eachSent(n source.Node, change func(source.Node) source.Node) source.Node {
	return n.Changed(func(key string, value source.Node) source.Node {
		switch {
		case key == "requests" && value.IsList():
			return value.Changed(func(_ string, item source.Node) source.Node { return eachSent(item, change) })
		case key == "file" && value.IsScalar():
			return change(value)
		case key == "multipart" && value.IsMap():
			return value.Changed(func(_ string, field source.Node) source.Node { return eachPart(field, change) })
		}
		return value
	})
}

// eachPart is eachSent for a field of a form: a text, a mapping, or a list of these.
func eachPart(field source.Node, change func(source.Node) source.Node) source.Node {
	if field.IsScalar() {
		return field
	}
	return field.Changed(func(key string, value source.Node) source.Node {
		switch {
		case key == "":
			return eachPart(value, change)
		case key == "file" && value.IsScalar():
			return change(value)
		}
		return value
	})
}
