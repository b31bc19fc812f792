package expect

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// openAPI is an OpenAPI document of version 3.0 to 3.2. Once its actions are compiled it serves many goroutines.
type openAPI struct {
	name    string
	set     *schemaSet
	actions []*openAPIAction
	routes  map[int][]*openAPIRoute // by the number of segments
	told    int                     // how many problems of the set were reported
}

// openAPIAction is what OpenAPI calls an operation: a method of a path.
type openAPIAction struct {
	method, path string // GET, /Patient/{id}
	id           string // operationId; empty for none
	at           schemaPlace
	bases        []string                  // the paths of its servers
	answers      map[string]*openAPIAnswer // by status: 200, 4XX, default; nil until it is compiled
}

// label is what messages call the action.
func (a *openAPIAction) label() string {
	if a.id != "" {
		return a.method + " " + a.path + " (" + a.id + ")"
	}
	return a.method + " " + a.path
}

// openAPIMethods are those that a path item may have.
func openAPIMethods() []string {
	return []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
}

// newOpenAPI reads what stands at the top of a document. The error says why there is nothing to read; what is wrong with
// parts of it are problems.
func newOpenAPI(files *Files, name string) (*openAPI, error) {
	root, err := files.document(name)
	if err != nil {
		return nil, err
	}
	top, ok := root.(map[string]any)
	if !ok {
		return nil, errors.New("no OpenAPI document: got " + described(root) + ", want a mapping with openapi:, info: and paths:")
	}
	doc := &openAPI{name: name, set: newSchemaSet(files.document), routes: map[int][]*openAPIRoute{}}
	if doc.set.dialect, err = openAPIDialect(top); err != nil {
		return nil, err
	}
	doc.set.described = true
	resource := doc.set.add(inlineSchema+name, root)
	at := schemaPlace{resource, root, ""}
	components := doc.part(at, "components")
	schemas := doc.part(components, "schemas")
	for schema, node := range mapping(schemas.node) {
		doc.set.index(schemas.down(node, schema))
	}
	paths := doc.part(at, "paths")
	if len(mapping(paths.node)) == 0 {
		return nil, errors.New("describes no paths")
	}
	for _, path := range sortedNames(mapping(paths.node)) {
		doc.item(paths.down(mapping(paths.node)[path], path), path, bases(top["servers"], []string{""}))
	}
	doc.route()
	return doc, nil
}

// openAPIDialect returns the JSON Schema that a document speaks.
func openAPIDialect(top map[string]any) (dialect, error) {
	version, _ := top["openapi"].(string)
	switch {
	case strings.HasPrefix(version, "3.0"):
		return openAPI30, nil
	case strings.HasPrefix(version, "3."):
		if named, ok := top["jsonSchemaDialect"].(string); ok {
			d, known := dialects()[strings.TrimSuffix(named, "#")]
			if !known {
				return 0, errors.New("jsonSchemaDialect: unknown version of JSON Schema " + quote(named) + "; known are draft-04 to 2020-12")
			}
			return d, nil
		}
		return draft2020, nil
	case top["swagger"] != nil:
		return 0, errors.New("is of Swagger " + described(top["swagger"]) + "; convert it to OpenAPI 3")
	case version != "":
		return 0, errors.New("is of OpenAPI " + version + ", and versions 3.0 to 3.2 are understood")
	case top["openapi"] != nil:
		return 0, errors.New("openapi: got " + described(top["openapi"]) + ", want a version in quotes such as \"3.1.0\"")
	}
	return 0, errors.New("no OpenAPI document: it does not say openapi: 3.1.0 or the like")
}

// mapping returns the members of an object, none of anything else.
func mapping(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// part returns what a mapping has under a name, references followed; what is missing is nil there.
func (d *openAPI) part(at schemaPlace, name string) schemaPlace {
	return d.follow(at.down(mapping(at.node)[name], name))
}

// follow follows references of parts that are no schemas. One that leads nowhere is a problem, and its target nil.
func (d *openAPI) follow(at schemaPlace) schemaPlace {
	for range 20 {
		ref, ok := mapping(at.node)["$ref"].(string)
		if !ok {
			return at
		}
		to, err := d.set.resolve(at, ref)
		if err != nil {
			d.set.problem(at.down(ref, "$ref"), ref+": "+err.Error())
			at.node = nil
			return at
		}
		at = to
	}
	d.set.problem(at, "$ref leads back to itself")
	at.node = nil
	return at
}

// item reads the operations of a path.
func (d *openAPI) item(at schemaPlace, path string, servers []string) {
	if strings.HasPrefix(path, "x-") {
		return
	}
	switch {
	case !strings.HasPrefix(path, "/"):
		d.set.problem(at, "the path "+quote(path)+" does not start with /")
		return
	case strings.Count(path, "{") != strings.Count(path, "}"):
		d.set.problem(at, "the path "+quote(path)+" has a brace without its partner")
		return
	}
	at = d.follow(at)
	item := mapping(at.node)
	servers = bases(item["servers"], servers)
	for _, method := range openAPIMethods() {
		operation, ok := item[method].(map[string]any)
		if !ok {
			continue
		}
		a := &openAPIAction{method: strings.ToUpper(method), path: path, at: at.down(operation, method), bases: bases(operation["servers"], servers)}
		a.id, _ = operation["operationId"].(string)
		if twin := slices.IndexFunc(d.actions, func(b *openAPIAction) bool { return a.id != "" && a.id == b.id }); twin >= 0 {
			d.set.problem(a.at, "operationId "+quote(a.id)+" is that of "+d.actions[twin].method+" "+d.actions[twin].path+" too")
		}
		d.actions = append(d.actions, a)
	}
}

// bases returns the paths of a list of servers, without the slash at their ends; otherwise where there is none.
func bases(servers any, otherwise []string) []string {
	var paths []string
	l, _ := servers.([]any)
	for _, s := range l {
		address, _ := mapping(s)["url"].(string)
		if _, rest, ok := strings.Cut(address, "//"); ok { // of any host: an environment is another one
			_, address, _ = strings.Cut(rest, "/")
		}
		if address = strings.Trim(address, "/"); address != "" {
			address = "/" + address
		}
		if !slices.Contains(paths, address) {
			paths = append(paths, address)
		}
	}
	if paths == nil {
		return otherwise
	}
	return paths
}

// problems words what is wrong with the document and was not reported before, each at its place.
func (d *openAPI) problems(files *Files) error {
	var problems source.Problems
	roots := map[string]func(pointer string) source.Pos{}
	for _, p := range d.set.problems[d.told:] {
		name, err := url.PathUnescape(strings.TrimPrefix(p.at.in.document.uri, inlineSchema))
		if err != nil {
			name = d.name
		}
		place, ok := roots[name]
		if !ok {
			place = places(files, name)
			roots[name] = place
		}
		problems = append(problems, place(p.at.pointer).Errorf("%s", p.text))
	}
	d.told = len(d.set.problems)
	return problems.Err()
}

// places returns what finds the places in a file. It reads the file again, which only those with problems pay for.
func places(files *Files, name string) func(pointer string) source.Pos {
	var root *source.Node
	shown := path.Join(files.Folder, name)
	if data, err := files.read(name); err == nil {
		_ = source.Parse(shown, data, func(n source.Node) { root = &n }) // it was read before; JSON that YAML refuses has no places
	}
	return func(pointer string) source.Pos {
		if root == nil {
			return source.Pos{File: shown + "#" + pointer}
		}
		return nodeAt(*root, pointer).Pos()
	}
}
