package expect

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dialect is a version of JSON Schema.
type dialect int8

// The dialects. 2020-12 is that of a schema that does not say; OpenAPI 3.1 speaks it too.
const (
	draft2020 dialect = iota
	draft2019
	draft7
	draft6
	draft4
	openAPI30
)

// dialects are the values of $schema.
func dialects() map[string]dialect {
	return map[string]dialect{
		"https://json-schema.org/draft/2020-12/schema":   draft2020,
		"https://json-schema.org/draft/2019-09/schema":   draft2019,
		"http://json-schema.org/draft-07/schema":         draft7,
		"http://json-schema.org/draft-06/schema":         draft6,
		"http://json-schema.org/draft-04/schema":         draft4,
		"https://spec.openapis.org/oas/3.1/dialect/base": draft2020,
	}
}

// old reports whether $ref hides what stands beside it, and whether definitions and dependencies are words.
func (d dialect) old() bool { return d >= draft7 }

// schemaSet is what schemas that refer to each other have in common.
type schemaSet struct {
	load      func(name string) (any, error) // a file, by its path from the folder of the collection on
	dialect   dialect                        // of documents that do not say
	resources map[string]*schemaResource     // by URI
	compiled  map[string]*schema             // by place
	problems  []schemaProblem
	dynamic   []string // the anchors that $dynamicRef asks for
	collects  bool     // some schema asks what others left over
	described bool     // they stand in an OpenAPI document, where discriminator is a word
}

// schemaProblem is what is wrong with a schema.
type schemaProblem struct {
	at   schemaPlace
	text string
}

// schemaResource is a document, or a part of it that has an address of its own.
type schemaResource struct {
	uri       string
	document  *schemaResource // the whole that it is a part of; itself for the whole
	node      any
	pointer   string // from the top of the document on
	dialect   dialect
	anchors   map[string]schemaPlace
	dynamic   map[string]bool // which of them are $dynamicAnchor
	recursive bool            // $recursiveAnchor
}

// schemaPlace is a place in a document.
type schemaPlace struct {
	in      *schemaResource
	node    any
	pointer string // from the top of the document on
}

func (p schemaPlace) down(node any, steps ...string) schemaPlace {
	for _, s := range steps {
		p.pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
	}
	p.node = node
	return p
}

// key tells places apart.
func (p schemaPlace) key() string { return p.in.document.uri + "#" + p.pointer }

// inlineSchema is the address of what stands in the collection itself; files are relative to its folder.
const inlineSchema = "file:///"

func newSchemaSet(load func(name string) (any, error)) *schemaSet {
	return &schemaSet{load: load, resources: map[string]*schemaResource{}, compiled: map[string]*schema{}}
}

func (s *schemaSet) problem(at schemaPlace, text string) {
	s.problems = append(s.problems, schemaProblem{at, text})
}

// add takes a document in.
func (s *schemaSet) add(uri string, root any) *schemaResource {
	r := &schemaResource{uri: uri, node: root, dialect: s.dialect}
	r.document = r
	s.resources[uri] = r
	s.index(schemaPlace{r, root, ""})
	return r
}

// index notes the parts of a document that have an address or an anchor of their own.
func (s *schemaSet) index(at schemaPlace) {
	m, ok := at.node.(map[string]any)
	if !ok {
		return
	}
	at = s.address(at, m)
	for _, word := range []string{"$anchor", "$dynamicAnchor"} {
		if name, ok := m[word].(string); ok {
			at.in.anchor(name, at, word == "$dynamicAnchor")
		}
	}
	if m["$recursiveAnchor"] == true && at.pointer == at.in.pointer {
		at.in.recursive = true
	}
	for word, v := range m {
		switch subschemas(word) {
		case oneSchema:
			s.index(at.down(v, word))
			fallthrough // items may be a list
		case listOfSchemas:
			l, _ := v.([]any)
			for i, e := range l {
				s.index(at.down(e, word, strconv.Itoa(i)))
			}
		case mapOfSchemas:
			o, _ := v.(map[string]any)
			for name, e := range o {
				s.index(at.down(e, word, name))
			}
		}
	}
}

// address follows $schema and $id, which make a resource of a schema.
func (s *schemaSet) address(at schemaPlace, m map[string]any) schemaPlace {
	if at.pointer == at.in.pointer {
		s.version(at, m)
	}
	word := "$id"
	switch at.in.dialect {
	case draft4:
		word = "id"
	case openAPI30:
		return at // its schemas have no addresses
	}
	id, ok := m[word].(string)
	if _, refers := m["$ref"]; !ok || id == "" || at.in.dialect.old() && refers {
		return at
	}
	if strings.HasPrefix(id, "#") {
		at.in.anchor(id[1:], at, false)
		return at
	}
	uri, fragment := resolveURI(at.in.uri, id)
	r := &schemaResource{uri: uri, document: at.in.document, node: at.node, pointer: at.pointer, dialect: at.in.dialect}
	if at.pointer == at.in.document.pointer {
		r = at.in // the document itself: both addresses lead there
		r.uri = uri
	}
	s.resources[uri] = r
	if at.in = r; r.pointer != r.document.pointer {
		s.version(at, m)
	}
	if fragment != "" {
		r.anchor(fragment, at, false)
	}
	return at
}

// version reads $schema.
func (s *schemaSet) version(at schemaPlace, m map[string]any) {
	version, ok := m["$schema"].(string)
	if !ok {
		return
	}
	d, known := dialects()[strings.TrimSuffix(version, "#")]
	if !known {
		s.problem(at.down(version, "$schema"), "$schema: unknown version of JSON Schema "+quote(version)+"; known are draft-04 to 2020-12")
	}
	at.in.dialect = d
}

func (r *schemaResource) anchor(name string, at schemaPlace, dynamic bool) {
	if r.anchors == nil {
		r.anchors, r.dynamic = map[string]schemaPlace{}, map[string]bool{}
	}
	r.anchors[name] = at
	r.dynamic[name] = r.dynamic[name] || dynamic
}

// resolveURI resolves a reference, and takes its fragment off.
func resolveURI(base, ref string) (uri, fragment string) {
	b, err := url.Parse(base)
	if err != nil {
		return ref, ""
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ref, ""
	}
	fragment = u.Fragment
	u.Fragment, u.RawFragment = "", ""
	return u.String(), fragment
}

// resolve finds what a $ref at a place means.
func (s *schemaSet) resolve(at schemaPlace, ref string) (schemaPlace, error) {
	uri, fragment := resolveURI(at.in.uri, ref)
	r, ok := s.resources[uri]
	if !ok {
		var err error
		if r, err = s.fetch(uri); err != nil {
			return at, err
		}
	}
	to := schemaPlace{r, r.node, r.pointer}
	switch {
	case fragment == "":
		return to, nil
	case fragment[0] != '/':
		if place, ok := r.anchors[fragment]; ok {
			return place, nil
		}
		return at, errors.New("there is no anchor " + quote(fragment))
	}
	for token := range strings.SplitSeq(fragment[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		next, ok := member(to.node, token)
		if !ok {
			return at, errors.New("there is nothing at " + fragment)
		}
		to = to.down(next, token)
		if inner := s.resourceAt(to); inner != nil {
			to.in = inner
		}
	}
	return to, nil
}

// resourceAt returns the resource that a place is the top of, or nil.
func (s *schemaSet) resourceAt(at schemaPlace) *schemaResource {
	for _, r := range s.resources {
		if r.document == at.in.document && r.pointer == at.pointer && r != at.in {
			return r
		}
	}
	return nil
}

func member(node any, name string) (any, bool) {
	switch node := node.(type) {
	case map[string]any:
		v, ok := node[name]
		return v, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node) {
			return node[i], true
		}
	}
	return nil, false
}

// fetch loads a file. Nothing is ever fetched from elsewhere.
func (s *schemaSet) fetch(uri string) (*schemaResource, error) {
	path, isFile := strings.CutPrefix(uri, inlineSchema)
	if !isFile {
		return nil, errors.New("it lies elsewhere, and nothing is fetched; save it in the folder of the collection, and refer to the file")
	}
	name, err := url.PathUnescape(path)
	if err != nil || s.load == nil {
		return nil, errors.New(path + " cannot be loaded here")
	}
	root, err := s.load(name)
	if err != nil {
		return nil, err
	}
	return s.add(uri, root), nil
}

// compile returns the schema at a place. What is wrong with it is added to the problems.
func (s *schemaSet) compile(at schemaPlace) *schema {
	key := at.key()
	if done, ok := s.compiled[key]; ok {
		return done
	}
	out := &schema{resource: at.in}
	s.compiled[key] = out
	switch node := at.node.(type) {
	case bool:
		out.never = !node
	case map[string]any:
		if inner := s.resourceAt(at); inner != nil {
			at.in, out.resource = inner, inner
		}
		s.keywords(out, at, node)
	default:
		s.problem(at, "a schema is a mapping, or true or false; got "+described(node))
	}
	return out
}

// keywords compiles the words of a schema, in an order that does not change.
func (s *schemaSet) keywords(out *schema, at schemaPlace, words map[string]any) {
	out.nullable = at.in.dialect == openAPI30 && words["nullable"] == true
	table := schemaKeywords()
	if _, refers := words["$ref"]; refers && at.in.dialect.old() {
		words = map[string]any{"$ref": words["$ref"]}
	}
	for _, word := range sortedNames(words) {
		read, ok := table[word]
		if !ok || !slices.Contains(read.dialects(), at.in.dialect) {
			continue
		}
		k := keyword{set: s, at: at, name: word, value: words[word], beside: words}
		r := read.read(k)
		if r == nil {
			continue
		}
		if strings.HasPrefix(word, "unevaluated") {
			s.collects = true
			out.last = append(out.last, r)
			continue
		}
		out.rules = append(out.rules, r)
	}
}
