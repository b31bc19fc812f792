package expect

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// readSchema reads a schema that the body must fit: the schema itself; {file: …}; with json: in front for a part of the
// body, {json: path, file: …} and {json: path, schema: …}; or a list of these.
func readSchema(n source.Node, t Terms) {
	switch {
	case n.IsList():
		for _, item := range n.Items() {
			readSchema(item, t)
		}
	case !n.IsMap():
		n.Errorf("a schema is a mapping; one that stands in a file is named by {file: …}")
	case n.Has("file") || n.Has("json") || n.Has("schema"):
		readSchemaOf(n, t)
	case n.IsEmpty():
		n.Errorf("an empty schema expects nothing")
	default:
		t.inlineSchema(wholeJSON(), n)
	}
}

// wholeJSON is the body as JSON, by the name of the subject schema.
func wholeJSON() Query {
	return partQuery{jsonQuery{path: "@this"}, "schema"}
}

// partQuery is a query by another name.
type partQuery struct {
	of   Query
	name string
}

func (p partQuery) String() string { return p.name }

// Find returns what the other query does.
func (p partQuery) Find(a *Answer) (any, error) { return p.of.Find(a) }

func (p partQuery) look(a *Answer) (value, error) { return look(p.of, a) }

func (p partQuery) hint(a *Answer) string { return hintOf(p.of, a) }

func (p partQuery) uses() []vars.Use { return usesOf(p.of) }

func (p partQuery) fill(s *vars.Scope) (Query, error) {
	of, err := filled(p.of, s)
	return partQuery{of, p.name}, err
}

// readSchemaOf reads the form with keys of its own.
func readSchemaOf(n source.Node, t Terms) {
	q := wholeJSON()
	var file, inline *source.Node
	n.Map(source.Keys{
		"json": func(n source.Node) {
			if of := readJSONQuery(n); of != nil {
				q = partQuery{of, "schema of " + of.String()}
			} else {
				q = nil
			}
		},
		"file":   func(n source.Node) { file = &n },
		"schema": func(n source.Node) { inline = &n },
	})
	switch {
	case q == nil:
	case file != nil && inline != nil:
		inline.Errorf("the schema stands in a file or here, not both")
	case file != nil:
		t.schemaFile(q, *file)
	case inline != nil && inline.IsMap():
		t.inlineSchema(q, *inline)
	case inline != nil:
		inline.Errorf("a schema is a mapping")
	default:
		n.Errorf("which schema? write file: … or schema: {…} beside json")
	}
}

func (t Terms) schemaFile(q Query, n source.Node) {
	name := n.Text()
	switch {
	case name == "":
		return
	case strings.Contains(name, "{{"):
		n.Errorf("the file is read with the collection, before any variable has a value; write its name without {{}}")
		return
	}
	f := &schemaFile{pos: n.Pos(), name: name}
	*t.files = append(*t.files, f)
	t.into.expect(q, []Predicate{{pos: n.Pos(), compile: f.ready}})
}

// schemaFile is a schema in a file.
type schemaFile struct {
	pos  source.Pos
	name string
	fits *fits // nil until it is loaded
}

func (f *schemaFile) ready(*vars.Scope) (matcher, error) {
	if f.fits == nil {
		return nil, f.pos.Errorf("%s was not loaded", f.name)
	}
	return *f.fits, nil
}

func (f *schemaFile) load(files *Files) error {
	name, fragment, _ := strings.Cut(f.name, "#")
	if done, ok := files.schemas[f.name]; ok {
		f.fits = done
		return nil
	}
	set := newSchemaSet(files.document)
	r, err := set.fetch(inlineSchema + name)
	if err != nil {
		return unread(f.pos, name, err)
	}
	at := schemaPlace{r, r.node, r.pointer}
	if fragment != "" {
		if at, err = set.resolve(at, "#"+fragment); err != nil {
			return f.pos.Errorf("%s: %w", f.name, err)
		}
	}
	root := set.compile(at)
	set.finish()
	if len(set.problems) > 0 {
		return set.said(func(p schemaProblem) *source.Error {
			return f.pos.Errorf("%s#%s: %s", strings.TrimPrefix(p.at.in.document.uri, inlineSchema), p.at.pointer, p.text)
		})
	}
	if files.schemas == nil {
		files.schemas = map[string]*fits{}
	}
	f.fits = &fits{set, root, f.name}
	files.schemas[f.name] = f.fits
	return nil
}

// unread says why a file cannot be used, without naming it twice.
func unread(pos source.Pos, name string, err error) error {
	var places source.Problems
	if errors.As(err, &places) {
		return pos.Errorf("%w", err)
	}
	return pos.Errorf("%s: %w", name, err)
}

// said words what is wrong with the schemas.
func (s *schemaSet) said(at func(schemaProblem) *source.Error) error {
	var problems source.Problems
	for _, p := range s.problems {
		problems = append(problems, at(p))
	}
	return problems.Err()
}

// inlineSchema reads a schema that stands in the collection. It is compiled with the files that it refers to.
func (t Terms) inlineSchema(q Query, n source.Node) {
	if at, found := templated(n); found {
		at.Errorf("a schema is read with the collection, before any variable has a value; write it without {{}}")
		return
	}
	before := lintSchema(n)
	in := &schemaInline{node: n, bad: before}
	*t.files = append(*t.files, in)
	t.into.expect(q, []Predicate{{pos: n.Pos(), compile: in.ready}})
	in.compile(nil)
}

// schemaInline is a schema in the collection.
type schemaInline struct {
	node  source.Node
	root  any
	top   *schemaResource
	fits  *fits
	bad   bool // what is wrong was said
	needs bool // files, which are there when they are loaded
}

func (in *schemaInline) ready(*vars.Scope) (matcher, error) {
	if in.fits == nil {
		return nil, in.node.Pos().Errorf("the files of the schema were not loaded")
	}
	return *in.fits, nil
}

var errLater = errors.New("files are loaded later")

// compile compiles the schema at once if it refers to no files; else it waits for load.
func (in *schemaInline) compile(files *Files) error {
	if in.bad {
		return nil
	}
	if in.root == nil {
		in.root = in.node.Value()
	}
	set := newSchemaSet(func(name string) (any, error) {
		if files == nil {
			in.needs = true
			return nil, errLater
		}
		return files.document(name)
	})
	in.top = set.add(inlineSchema, in.root)
	root := set.compile(schemaPlace{in.top, in.root, ""})
	set.finish()
	switch {
	case files == nil && in.needs:
		return nil
	case len(set.problems) == 0:
		in.fits = &fits{set, root, "the schema"}
		return nil
	}
	in.bad = true
	err := set.said(in.placed)
	if files == nil {
		in.node.Record(err)
		return nil
	}
	return err
}

// placed gives a problem its place in the collection, or names the file that it is in.
func (in *schemaInline) placed(p schemaProblem) *source.Error {
	if name := strings.TrimPrefix(p.at.in.document.uri, inlineSchema); p.at.in.document != in.top {
		return in.node.Pos().Errorf("%s#%s: %s", name, p.at.pointer, p.text)
	}
	return nodeAt(in.node, p.at.pointer).Pos().Errorf("%s", p.text)
}

func (in *schemaInline) load(files *Files) error {
	if in.fits != nil || in.bad {
		return nil
	}
	return in.compile(files)
}

// nodeAt follows a JSON pointer in YAML as far as it leads.
func nodeAt(n source.Node, pointer string) source.Node {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch {
		case n.IsMap():
			entries := n.Entries()
			i := slices.IndexFunc(entries, func(e source.Entry) bool { return e.Name() == token })
			if i < 0 {
				return n
			}
			n = entries[i].Value
		case n.IsList():
			i, err := strconv.Atoi(token)
			items := n.Items()
			if err != nil || i >= len(items) {
				return n
			}
			n = items[i]
		}
	}
	return n
}

// templated finds a text with {{ in a schema.
func templated(n source.Node) (at source.Node, found bool) {
	switch {
	case n.IsMap():
		for _, e := range n.Entries() {
			if at, found := templated(e.Value); found {
				return at, true
			}
		}
	case n.IsList():
		for _, item := range n.Items() {
			if at, found := templated(item); found {
				return at, true
			}
		}
	case n.IsText():
		return n, strings.Contains(n.Text(), "{{")
	}
	return n, false
}

// lintSchema says of unknown words what they were probably meant to be: JSON Schema itself passes over them.
func lintSchema(n source.Node) (bad bool) {
	if !n.IsMap() {
		return false
	}
	known := append(sortedNames(schemaKeywords()), annotations()...)
	for _, e := range n.Entries() {
		if !slices.Contains(known, e.Name()) {
			if hint := source.Suggest(e.Name(), known); strings.HasPrefix(hint, "did you mean") && !strings.HasPrefix(e.Name(), "x-") {
				e.Key.Errorf("unknown word of JSON Schema %q; %s", e.Name(), hint)
				bad = true
			}
		}
		switch subschemas(e.Name()) {
		case oneSchema, listOfSchemas:
			items := []source.Node{e.Value}
			if e.Value.IsList() {
				items = e.Value.Items()
			}
			for _, item := range items {
				bad = lintSchema(item) || bad
			}
		case mapOfSchemas:
			if e.Value.IsMap() {
				for _, one := range e.Value.Entries() {
					bad = lintSchema(one.Value) || bad
				}
			}
		}
	}
	return bad
}
