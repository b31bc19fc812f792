// Package bruno turns a folder of Bruno, its .bru files or those in YAML, into a collection. It runs none of its scripts.
package bruno

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// Import reads a folder with its folders and environments, or a single file, in the language of Bruno or in YAML.
func Import(in draft.Input) (*draft.Collection, error) {
	m := &importer{in: in}
	name := strings.TrimSuffix(path.Base(in.Name), path.Ext(in.Name))
	if in.Text != nil {
		m.single(name)
	} else {
		m.whole(name)
	}
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	m.undefined()
	return m.draft, nil
}

// importer is one folder while it is read.
type importer struct {
	in       draft.Input
	draft    *draft.Collection
	problems source.Problems
	layout   layout
	used     []use
	set      []string // what scripts set, as far as that shows
	count    int
}

// use is a name in a template.
type use struct {
	name string
	pos  source.Pos
}

func (m *importer) single(name string) {
	f, ok := m.parse(m.in.Name, m.in.Text)
	if !ok {
		m.draft = draft.New(name, "imported")
		return
	}
	if len(f.items) > 0 {
		m.bundle(f, orElse(f.get("meta").value("name"), name))
		return
	}
	m.draft = draft.New(name, "imported")
	items := []any{}
	if item := m.request(f); item != nil {
		items = append(items, item.item)
	}
	m.put(m.draft.Top, items, m.in.Name)
}

// bundle is a collection in one file.
func (m *importer) bundle(f *file, name string) {
	for _, e := range f.environments {
		m.environment(name, orElse(e.get("name").value("name"), "imported"), e)
	}
	if m.draft == nil {
		m.draft = draft.New(name, "imported")
	}
	m.settings(f, m.draft.Top)
	m.put(m.draft.Top, m.bundled(f.items), m.in.Name)
}

// bundled are the requests and folders of a collection in one file, in their order.
func (m *importer) bundled(files []*file) []any {
	var items []any
	for _, f := range files {
		if len(f.items) == 0 {
			if r := m.request(f); r != nil {
				items = append(items, r.item)
			}
			continue
		}
		folder := draft.M("name", draft.Literal(orElse(f.get("meta").value("name"), "Folder")))
		m.settings(f, folder)
		if inner := m.bundled(f.items); len(inner) > 0 {
			folder.Set("requests", inner)
			items = append(items, folder)
		}
	}
	return items
}

func (m *importer) put(into *draft.Map, items []any, name string) {
	if len(items) == 0 {
		m.problems = append(m.problems, (source.Pos{File: name, Line: 1, Col: 1}).Errorf("no request in it; want a folder with .bru files that have get, post … in them, or with .yml files that have http"))
	}
	into.Set("requests", items)
}

func (m *importer) whole(name string) {
	m.layout = bruLayout()
	text, err := fs.ReadFile(m.in.FS, path.Join(m.in.Name, "bruno.json"))
	var about struct {
		Name string `json:"name"`
	}
	if err == nil && json.Unmarshal(text, &about) == nil && about.Name != "" {
		name = about.Name
	}
	top, inYAML := m.file(path.Join(m.in.Name, "opencollection.yml"))
	if inYAML {
		m.layout = yamlLayout()
		if len(top.items) > 0 {
			m.bundle(top, orElse(top.get("meta").value("name"), name))
			return
		}
		if given := top.get("meta").value("name"); given != "" {
			name = given
		}
	}
	m.environments(name)
	if m.draft == nil {
		m.draft = draft.New(name, "imported")
	}
	if f, ok := m.file(path.Join(m.in.Name, m.layout.collection)); ok {
		m.settings(f, m.draft.Top)
	}
	items := m.folder(m.in.Name, 0)
	m.put(m.draft.Top, items, m.in.Name)
}

// layout is what the files of a collection are called.
type layout struct {
	collection, folder string
	endings            []string // of requests and environments
}

func bruLayout() layout { return layout{"collection.bru", "folder.bru", []string{".bru"}} }

func yamlLayout() layout {
	return layout{"opencollection.yml", "folder.yml", []string{".yml", ".yaml"}}
}

// holds reports whether a file is a request or an environment.
func (l layout) holds(file string) bool {
	base := path.Base(file)
	ending := path.Ext(base)
	special := slices.ContainsFunc([]string{"collection", "folder", "opencollection", "workspace"}, func(name string) bool { return base == name+ending })
	return slices.Contains(l.endings, ending) && !special
}

// file reads a file that may not be there; one in YAML may end in .yaml too.
func (m *importer) file(name string) (*file, bool) {
	text, err := fs.ReadFile(m.in.FS, name)
	if err != nil && strings.HasSuffix(name, ".yml") {
		name = strings.TrimSuffix(name, "yml") + "yaml"
		text, err = fs.ReadFile(m.in.FS, name)
	}
	if err != nil {
		return nil, false
	}
	return m.parse(name, text)
}

func (m *importer) parse(name string, text []byte) (*file, bool) {
	read := func(name string, text []byte) (*file, error) { return parse(name, string(text)) }
	if slices.Contains(yamlLayout().endings, path.Ext(name)) {
		read = parseYAML
	}
	f, err := read(name, text)
	if problems, ok := err.(source.Problems); ok { //nolint:errorlint // parse wraps nothing
		m.problems = append(m.problems, problems...)
	}
	return f, err == nil
}

// ordered is an item and its place among the others.
type ordered struct {
	item *draft.Map
	seq  int
	name string
}

// folder reads what is in a folder: its folders first, each in the order of seq.
func (m *importer) folder(name string, depth int) []any {
	entries, err := fs.ReadDir(m.in.FS, name)
	if err != nil || depth > 30 {
		m.problems = append(m.problems, (source.Pos{File: name}).Errorf("this folder cannot be read"))
		return nil
	}
	var folders, requests []ordered
	for _, e := range entries {
		at := path.Join(name, e.Name())
		switch {
		case e.IsDir() && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || depth == 0 && e.Name() == "environments"):
		case e.IsDir():
			if f := m.inner(at, e.Name(), depth); f != nil {
				folders = append(folders, *f)
			}
		case m.layout.holds(at):
			if f, ok := m.file(at); ok {
				if r := m.request(f); r != nil {
					requests = append(requests, *r)
				}
			}
		}
	}
	var items []any
	for _, list := range [][]ordered{folders, requests} {
		slices.SortStableFunc(list, func(a, b ordered) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.name, b.name)) })
		for _, o := range list {
			items = append(items, o.item)
		}
	}
	return items
}

// inner is a folder in a folder; nil where no request is in it.
func (m *importer) inner(at, name string, depth int) *ordered {
	o := &ordered{item: draft.M("name", draft.Literal(name)), seq: last, name: name}
	if f, ok := m.file(path.Join(at, m.layout.folder)); ok {
		m.settings(f, o.item)
		o.seq = sequence(f)
		if given := f.get("meta").value("name"); given != "" {
			o.item.Set("name", draft.Literal(given))
		}
	}
	items := m.folder(at, depth+1)
	if len(items) == 0 {
		return nil
	}
	o.item.Set("requests", items)
	return o
}

const last = 1 << 30 // of what has no seq

func sequence(f *file) int {
	if n, err := strconv.Atoi(f.get("meta").value("seq")); err == nil {
		return n
	}
	return last
}

// settings writes what collections, folders and requests have in common.
func (m *importer) settings(f *file, into *draft.Map) {
	into.SetSome("description", strings.TrimSpace(f.get("docs").text))
	headers := into.Map("headers")
	for _, p := range f.get("headers").pairs {
		if !p.disabled && p.key != "" {
			headers.Add(p.key, m.value(p.key, p.value, p.pos))
		}
	}
	if headers.Len() == 0 {
		into.Delete("headers")
	}
	if mode := f.get("auth").value("mode"); mode != "" && mode != "inherit" {
		m.auth(f, mode, into)
	}
	for _, p := range f.get("vars:pre-request").pairs {
		if key := strings.TrimPrefix(p.key, "@"); !p.disabled && key != "" {
			into.Map("variables").Set(key, m.value(key, p.value, p.pos))
		}
	}
	m.scripts(f)
}

// value is a text under a name, a secret where the name is one of a secret.
func (m *importer) value(name, text string, pos source.Pos) string {
	text = m.templates(pos, text)
	if draft.IsSecret(name) {
		return m.draft.Keep(name, text)
	}
	return text
}

// environments makes one of each file of environments/; a secret has no value there.
func (m *importer) environments(name string) {
	folder := path.Join(m.in.Name, "environments")
	entries, err := fs.ReadDir(m.in.FS, folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !m.layout.holds(e.Name()) {
			continue
		}
		f, ok := m.file(path.Join(folder, e.Name()))
		if !ok {
			continue
		}
		m.environment(name, strings.TrimSuffix(e.Name(), path.Ext(e.Name())), f)
	}
}

// environment makes one of a file; name is that of the collection.
func (m *importer) environment(name, called string, f *file) {
	if m.draft == nil {
		m.draft = draft.New(name, called)
	}
	into := m.draft.Environment(called)
	for _, p := range f.get("vars").pairs {
		if p.disabled || p.key == "" {
			continue
		}
		if draft.IsSecret(p.key) && p.value != "" && !strings.Contains(p.value, "{{") {
			into.Secrets.Set(p.key, draft.M("env", strings.ToUpper(draft.Name(p.key))))
			m.draft.Note(p.pos, "%s is a secret; its value comes from the variable %s of the shell", p.key, strings.ToUpper(draft.Name(p.key)))
			continue
		}
		into.Variables.Set(p.key, m.templates(p.pos, p.value))
	}
	for _, p := range f.get("vars:secret").pairs {
		if !p.disabled && p.key != "" {
			into.Variables.Delete(p.key)
			into.Secrets.Set(p.key, draft.M("env", strings.ToUpper(draft.Name(p.key))))
		}
	}
}
