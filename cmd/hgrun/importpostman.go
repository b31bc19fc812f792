package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
)

// postmanOptions are the flags of import postman.
type postmanOptions struct {
	output string
	report string
	split  bool
	force  bool
}

// postmanImport is what import postman has read, and what it will write.
type postmanImport struct {
	options      *postmanOptions
	found        []readCollection
	collections  []importers.Rewritten
	environments []readEnvironment
	files        map[string][]byte // by their names below the folder
	names        []string          // of files, in the order in which they were made
	parts        [][]string        // the files of each collection
	sent         *sentFiles        // nil where nobody knows where the collection will lie
}

// readCollection is a collection as it was read, and its file.
type readCollection struct {
	importers.Imported
	file string
}

// readEnvironment is an environment of Postman and the name of the file that it becomes.
type readEnvironment struct {
	importers.Environment
	name    string
	file    string      // that it came from
	written source.Node // as it is written
}

func importPostmanCommand() *cobra.Command {
	var o postmanOptions
	c := &cobra.Command{
		Use:   "postman FILE|FOLDER… [-o FOLDER]",
		Short: "Collections, environments and globals of Postman",
		Long: `import postman writes collections as a person would, each into a file of its own, and environments and globals into environments/.
Values of secrets are never written: each comes from an environment variable. A report lists every script and what became of it, every
secret, and what has no counterpart. A folder is a collection in YAML files (schema 3), or has collections and environments in it.

To run a collection as it is, nothing needs to be imported: hgrun run FILE.`,
		Example: `  hgrun import postman orders.postman_collection.json -o orders
  hgrun import postman orders.json dev.json globals.json -o orders --report report.json
  hgrun import postman big.json -o big --split       a file for each folder`,
		Args: cobra.MinimumNArgs(1),
		RunE: o.run,
	}
	c.Flags().StringVarP(&o.output, "output", "o", "", "write into this `FOLDER`; by default the collection to standard output, and the report to standard error")
	c.Flags().StringVar(&o.report, "report", "", "write the report as JSON to this `FILE`")
	c.Flags().BoolVar(&o.split, "split", false, "write a file for each folder that stands outermost")
	c.Flags().BoolVar(&o.force, "force", false, "replace files that are there already")
	return c
}

func (o *postmanOptions) run(c *cobra.Command, args []string) error {
	im := &postmanImport{options: o, files: map[string][]byte{}}
	var problems source.Problems
	for _, file := range args {
		problems = gather(problems, im.read(filepath.ToSlash(file)))
	}
	if err := problems.Err(); err != nil {
		return usage(err)
	}
	if err := im.make(); err != nil {
		return usage(err)
	}
	if err := im.write(c); err != nil {
		return err
	}
	return im.tell(c)
}

// read reads one file by what is in it, or a folder.
func (im *postmanImport) read(file string) error {
	fsys := source.Disk()
	if info, err := fs.Stat(fsys, file); err == nil && info.IsDir() {
		return im.readFolder(fsys, path.Clean(file))
	}
	src, err := source.File(fsys, file)
	switch {
	case err != nil:
		return err
	case importers.Is(src):
		return source.ParseJSON(file, src, func(n source.Node) {
			im.found = append(im.found, readCollection{importers.Postman(n, importers.Options{Lenient: true}), file})
		})
	case importers.IsEnvironment(src):
		return importers.ParseEnvironment(file, src, func(in importers.Environment) {
			env := readEnvironment{Environment: in, file: file}
			name, _ := env.Node.Get("name")
			env.name = slug(name.Raw(), "environment")
			im.environments = append(im.environments, env)
		})
	}
	return source.Pos{File: file}.Errorf("neither a collection of Postman (info and item) nor an environment (values)")
}

// readFolder reads a folder that is a collection in YAML files, or all collections and environments that are in it.
func (im *postmanImport) readFolder(fsys fs.FS, dir string) error {
	var problems source.Problems
	before := len(im.found) + len(im.environments)
	err := fs.WalkDir(fsys, dir, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && importers.IsTree(fsys, file):
			problems = gather(problems, importers.ReadTree(fsys, file, importers.Options{Lenient: true}, func(in importers.Imported) {
				im.found = append(im.found, readCollection{in, file})
			}))
			return fs.SkipDir
		case e.IsDir() && file != dir && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, path.Ext(file)):
			return nil
		}
		if src, err := fs.ReadFile(fsys, file); err == nil && (importers.Is(src) || importers.IsEnvironment(src)) {
			problems = gather(problems, im.read(file))
		}
		return nil
	})
	if err == nil && len(problems) == 0 && before == len(im.found)+len(im.environments) {
		return source.Pos{File: dir}.Errorf("nothing of Postman in this folder: no collection (.resources/definition.yaml, or JSON with info and item), no environment")
	}
	return gather(problems, err).Err()
}

// has reports whether the environment has a variable or a secret of a name.
func (e readEnvironment) has(name string) bool {
	variables, ok := e.Node.Get("variables")
	return ok && variables.Has(name) || slices.ContainsFunc(e.Secrets, func(s importers.Secret) bool { return s.Name == name })
}

// isGlobals reports whether it is of the globals, by the name of its file, as Postman calls them.
func (e readEnvironment) isGlobals() bool {
	return strings.Contains(strings.ToLower(e.file), "globals")
}

// beside is what is imported together with a collection.
func (im *postmanImport) beside() importers.Beside {
	environment := func(name string) bool {
		return slices.ContainsFunc(im.environments, func(e readEnvironment) bool { return !e.isGlobals() && e.has(name) })
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(im.environments, func(e readEnvironment) bool { return e.has(name) }) ||
			slices.ContainsFunc(im.collections, func(c importers.Rewritten) bool {
				return slices.ContainsFunc(c.Secrets, func(s importers.Secret) bool { return s.Name == name })
			})
	}
	return importers.Beside{Taken: taken, Environment: environment}
}

// make writes all files into memory.
func (im *postmanImport) make() error {
	for _, c := range im.found {
		im.collections = append(im.collections, importers.Rewrite(c.file, c.Imported, declared, im.beside()))
	}
	var secrets []importers.Secret
	var made []madeFile
	for i, c := range im.collections {
		secrets = append(secrets, c.Secrets...)
		made = append(made, im.drafts(i, c)...)
	}
	if err := im.collect(made); err != nil {
		return err
	}
	if len(im.environments) == 0 && len(secrets) > 0 {
		im.environments = append(im.environments, im.own(secrets))
	}
	gone := im.gone()
	for i := range im.environments {
		env := &im.environments[i]
		env.Environment = env.Without(gone)
		env.written = importers.EnvironmentNode(env.Environment, secrets)
		if _, err := im.add("environments/"+env.name+".yaml", env.written, environments.Layout()); err != nil {
			return err
		}
	}
	return nil
}

// drafts makes a file of a collection, or one of each folder.
func (im *postmanImport) drafts(of int, c importers.Rewritten) []madeFile {
	name := slug(c.Report.Name, "collection")
	if !im.options.split {
		return []madeFile{{name + ".yaml", c.Node, of}}
	}
	var made []madeFile
	parts, nodes := importers.Split(c.Node)
	for i, node := range nodes {
		file := path.Join(name, slug(parts[i], "folder")+".yaml")
		if parts[i] == "" {
			file = name + ".yaml"
		}
		made = append(made, madeFile{file, node, of})
	}
	return made
}

// collect writes the files of the collections into memory, with paths of files that lead from where each will lie.
func (im *postmanImport) collect(made []madeFile) error {
	if im.options.output != "" {
		if err := im.locate(made); err != nil {
			return err
		}
	}
	im.parts = make([][]string, len(im.collections))
	for _, m := range made {
		if im.sent != nil {
			m.node = im.sent.moved(m)
		}
		file, err := im.add(m.name, m.node, collections.Layout())
		if err != nil {
			return err
		}
		im.parts[m.of] = append(im.parts[m.of], file)
	}
	return nil
}

// gone returns the variables that declarations have made superfluous, and that no collection uses still.
func (im *postmanImport) gone() []string {
	var gone []string
	for _, c := range im.collections {
		gone = append(gone, c.Gone...)
	}
	return slices.DeleteFunc(gone, func(name string) bool {
		return slices.ContainsFunc([]string{"{{" + name + "}}", "{{" + name + " ", `"` + name + `"`, "'" + name + "'"}, func(use string) bool {
			return slices.ContainsFunc(im.names, func(file string) bool { return strings.Contains(string(im.files[file]), use) })
		})
	})
}

// own is an environment for the secrets of collections that came without one.
func (im *postmanImport) own(secrets []importers.Secret) readEnvironment {
	at := im.collections[0].Node
	return readEnvironment{name: "imported", Environment: importers.Environment{
		Imported: importers.Imported{Node: at.Mapping().With("name", at.Scalar("imported"))}, Secrets: secrets,
	}}
}

// add adds a file and returns its name; of two with one name the second gets a number.
func (im *postmanImport) add(name string, n source.Node, layout *source.Layout) (string, error) {
	text, err := source.Write(n, layout)
	if err != nil {
		return "", err
	}
	base := strings.TrimSuffix(name, ".yaml")
	for i := 2; im.files[name] != nil; i++ {
		name = fmt.Sprintf("%s-%d.yaml", base, i)
	}
	im.files[name] = text
	im.names = append(im.names, name)
	return name, nil
}

func (im *postmanImport) write(c *cobra.Command) error {
	o := im.options
	if o.output == "" {
		if len(im.names) > 1 {
			return usage(fmt.Errorf("it becomes %d files, %s; name a folder with -o", len(im.names), strings.Join(im.names, ", ")))
		}
		return writeText(c, "", im.files[im.names[0]])
	}
	there := importOptions{output: o.output, force: o.force}
	if err := there.free(im.names); err != nil {
		return usage(err)
	}
	for _, name := range im.names {
		to := filepath.Join(o.output, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return &exit{exitReport, err}
		}
		if err := os.WriteFile(to, im.files[name], 0o644); err != nil { //nolint:gosec // there is nothing secret in it
			return &exit{exitReport, err}
		}
		fmt.Fprintln(c.OutOrStdout(), "wrote", to)
	}
	return nil
}

// tell writes the reports, and what can be done now.
func (im *postmanImport) tell(c *cobra.Command) error {
	out := c.OutOrStdout()
	if im.options.output == "" {
		out = c.ErrOrStderr()
	}
	reports := []importers.Report{}
	for i := range im.collections {
		im.collections[i].Report.Undefined = im.undefined(im.parts[i])
		reports = append(reports, im.collections[i].Report)
		if err := im.collections[i].Report.Text(out); err != nil {
			return &exit{exitReport, err}
		}
	}
	for _, env := range im.environments {
		for _, s := range env.Secrets {
			if env.file != "" {
				fmt.Fprintf(out, "  %s: the secret {{%s}} is not written down; set the environment variable %s\n", s.Pos, s.Name, importers.EnvName(s.Name))
			}
		}
	}
	if im.options.report != "" {
		text, err := json.MarshalIndent(reports, "", "  ")
		if err == nil {
			err = os.WriteFile(im.options.report, append(text, '\n'), 0o644) //nolint:gosec // there is nothing secret in it
		}
		if err != nil {
			return &exit{exitReport, err}
		}
	}
	return im.next(c)
}

func (im *postmanImport) next(c *cobra.Command) error {
	switch {
	case len(im.collections) == 0:
		return nil
	case im.options.output == "":
		return im.unplaced(c)
	}
	with := ""
	for _, env := range im.environments {
		if env.isGlobals() {
			with += " -g " + path.Join(filepath.ToSlash(im.options.output), "environments", env.name+".yaml")
		} else if !strings.Contains(with, "-e ") {
			with = " -e " + env.name + with
		}
	}
	out, why := c.OutOrStdout(), ""
	if with += im.sent.flag(); im.sent.root != "" {
		why = im.sent.advice(im.options)
	}
	_, err := fmt.Fprintf(out, "\n%snow try\n  hgrun check %[2]s%[3]s\n  hgrun run %[2]s%[3]s\n", why, shellWord(im.options.output), with)
	return err
}

// slug returns a name as that of a file, fallback for one without a letter.
func slug(name, fallback string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f)
	})
	text := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), "-")
	if text == "" {
		return fallback
	}
	return text
}
