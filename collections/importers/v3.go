package importers

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

const (
	resources  = ".resources"
	definition = "definition.yaml"
	requestEnd = ".request.yaml"
)

// IsTree reports whether a folder is a collection of Postman in YAML files (schema 3), a file for each request; one that is a folder of such a
// collection is none.
func IsTree(fsys fs.FS, dir string) bool {
	return defined(fsys, dir) && !defined(fsys, path.Join(dir, ".."))
}

// defined reports whether a folder is a collection in YAML files, or a folder of one that says something about itself.
func defined(fsys fs.FS, dir string) bool {
	file, ok := either(fsys, path.Join(dir, resources, definition))
	if !ok {
		return false
	}
	src, err := fs.ReadFile(fsys, file)
	return err == nil && strings.Contains(string(src), "$kind") && strings.Contains(string(src), "collection")
}

// PartOf returns the folder of the collection in YAML files that a file or a folder is a part of, and what it is called in it; empty for none.
func PartOf(fsys fs.FS, name string) (root, part string) {
	dir := path.Clean(name)
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(dir), ".yaml"), ".yml")
	if base == "definition" && path.Base(path.Dir(dir)) == resources {
		dir = path.Join(dir, "..", "..")
	} else {
		part, dir = strings.TrimSuffix(base, ".request"), path.Join(dir, "..")
	}
	for defined(fsys, dir) && !IsTree(fsys, dir) && dir != path.Join(dir, "..") {
		part, dir = path.Join(path.Base(dir), part), path.Join(dir, "..")
	}
	if !IsTree(fsys, dir) {
		return "", ""
	}
	return dir, part
}

// either returns the file, whose name may end in .yml too.
func either(fsys fs.FS, file string) (string, bool) {
	for _, name := range []string{file, strings.TrimSuffix(file, "yaml") + "yml"} {
		if info, err := fs.Stat(fsys, name); err == nil && !info.IsDir() {
			return name, true
		}
	}
	return "", false
}

// ReadTree reads the folder of a collection in YAML files. Each problem has its place in the file that it is of; they come together as source.Problems.
func ReadTree(fsys fs.FS, dir string, o Options, read func(Imported)) error {
	file, ok := either(fsys, path.Join(dir, resources, definition))
	if !ok {
		return &source.Error{Pos: source.Pos{File: dir}, Err: errors.New("no " + path.Join(resources, definition) + " in this folder: it is no collection of Postman in YAML files")}
	}
	return source.Read(fsys, file, func(n source.Node) {
		t := &v3{fsys: fsys, im: &importer{known: map[string]string{}, lenient: o.Lenient, exact: o.Exact}, root: n}
		made := t.item(n, dir)
		info := n.Mapping().With("name", n.Scalar(orElse(textIn(n, "name"), path.Base(path.Clean(dir)))))
		if d, ok := n.Get("description"); ok {
			info = info.With("description", d)
		}
		read(t.im.whole(made.With("info", info)))
	})
}

// v3 reads the files of a collection as the nodes that one in JSON has.
type v3 struct {
	fsys fs.FS
	im   *importer
	root source.Node // of the file that all others are read beside
}

func textIn(n source.Node, key string) string {
	v, _ := n.Get(key)
	return v.Raw()
}

// item returns a collection or a folder with what is in it.
func (t *v3) item(n source.Node, dir string) source.Node {
	made := t.shared(n.Mapping(), n)
	if v, ok := n.Get("variables"); ok {
		made = made.With("variable", listed(v))
	}
	return made.With("item", n.List(t.items(dir)...))
}

// ordered is a request or a folder, and what it is sorted by.
type ordered struct {
	node  source.Node
	order float64
	name  string
}

// items returns the requests and folders of a folder, in their order; those without one come last, by their names.
func (t *v3) items(dir string) []source.Node {
	entries, err := fs.ReadDir(t.fsys, dir)
	if err != nil {
		t.root.Errorf("folder %q: %w", dir, err)
	}
	var all []ordered
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		base, isRequest := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".yaml"), ".yml"), ".request")
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if folder, ok := t.folder(file, e.Name()); ok {
				all = append(all, folder)
			}
		case isRequest:
			if n, ok := t.open(file); ok {
				if r, ok := t.request(n, base); ok {
					all = append(all, r)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b ordered) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name))
	})
	items := make([]source.Node, len(all))
	for i := range all {
		items[i] = all[i].node
	}
	return items
}

// open reads a file beside the first one.
func (t *v3) open(file string) (source.Node, bool) {
	src, err := source.File(t.fsys, file)
	if err != nil {
		t.root.Record(err)
		return source.Node{}, false
	}
	n, ok := t.root.Beside(file, src)
	if ok && !n.IsMap() {
		n.Errorf("want a mapping (key: value): $kind, url, method")
		return n, false
	}
	return n, ok
}

// folder is a folder of requests; false for one without any.
func (t *v3) folder(dir, name string) (ordered, bool) {
	n := t.root
	file, described := either(t.fsys, path.Join(dir, resources, definition))
	if described {
		var ok bool
		if n, ok = t.open(file); !ok {
			return ordered{}, false
		}
	}
	made := n.Mapping()
	if described {
		made = t.item(n, dir)
		name = orElse(textIn(n, "name"), name)
	} else {
		made = made.With("item", n.List(t.items(dir)...))
	}
	inner, _ := made.Get("item")
	if inner.IsEmpty() && !described {
		return ordered{}, false
	}
	o := ordered{node: made.With("name", n.Scalar(name)), name: name, order: last}
	if described {
		o.order = orderOf(n)
		if d, ok := n.Get("description"); ok {
			o.node = o.node.With("description", d)
		}
	}
	return o, true
}

// last is the order of what has none.
const last = 1e300

func orderOf(n source.Node) float64 {
	if f, err := strconv.ParseFloat(textIn(n, "order"), 64); err == nil {
		return f
	}
	return last
}

// request is a request of HTTP or GraphQL; others are refused, which is recorded.
func (t *v3) request(n source.Node, name string) (ordered, bool) {
	o := ordered{name: orElse(textIn(n, "name"), name), order: orderOf(n)}
	if kind, ok := n.Get("$kind"); ok && kind.Raw() != "http-request" && kind.Raw() != "graphql-request" {
		t.im.problem(kind, "a request of kind %q cannot be sent; want http-request", kind.Raw())
		return o, false
	}
	req := n.Mapping()
	for _, key := range []string{"method", "description"} {
		if v, ok := n.Get(key); ok {
			req = req.With(key, v)
		}
	}
	if v, ok := n.Get("url"); ok {
		req = req.With("url", t.url(n, v))
	}
	if v, ok := n.Get("headers"); ok {
		req = req.With("header", listed(v))
	}
	if v, ok := n.Get("body"); ok {
		req = req.With("body", bodyOf(v))
	}
	made := t.shared(n.Mapping().With("name", n.Scalar(o.name)), n)
	if auth, ok := made.Get("auth"); ok {
		req, made = req.With("auth", auth), made.Without("auth")
	}
	o.node = made.With("request", req)
	return o, true
}

// shared adds what collections, folders and requests have alike: auth, scripts and settings.
func (t *v3) shared(made, n source.Node) source.Node {
	if a, ok := n.Get("auth"); ok {
		made = made.With("auth", authOf(a))
	}
	if s, ok := n.Get("scripts"); ok && s.IsList() {
		made = made.With("event", t.events(s))
	}
	if s, ok := n.Get("settings"); ok && s.IsMap() {
		made = made.With("protocolProfileBehavior", s)
	}
	return made
}

// authOf returns {type, credentials} as {type, TYPE: credentials}. Of several, which a collection can have, the first is used.
func authOf(a source.Node) source.Node {
	if a.IsList() {
		if a.IsEmpty() {
			return a.Word("null")
		}
		a = a.Items()[0]
	}
	kind, ok := a.Get("type")
	if !ok {
		return a
	}
	made := a.Mapping().With("type", kind)
	if c, ok := a.Get("credentials"); ok {
		made = made.With(kind.Raw(), c)
	}
	return made
}

// events returns scripts as those that listen to events.
func (t *v3) events(list source.Node) source.Node {
	listens := map[string]string{"beforeRequest": "prerequest", "beforeInvoke": "prerequest", "beforeQuery": "prerequest", "afterResponse": "test"}
	var made []source.Node
	for _, s := range list.Items() {
		kind, _ := s.Get("type")
		code, ok := s.Get("code")
		if !ok {
			continue
		}
		listen := listens[strings.TrimPrefix(kind.Raw(), "http:")]
		if listen == "" {
			listen = kind.Raw() // which is told of as one that is never run
		}
		e := s.Mapping().With("listen", kind.Scalar(listen)).With("script", s.Mapping().With("exec", code))
		if off, ok := s.Get("disabled"); ok {
			e = e.With("disabled", off)
		}
		made = append(made, e)
	}
	return list.List(made...)
}

// listed returns a list of keys and values, which may be written as a mapping too.
func listed(v source.Node) source.Node {
	if !v.IsMap() {
		return v
	}
	var items []source.Node
	for _, e := range v.Entries() {
		value := e.Value
		if inner, ok := value.Get("value"); ok {
			value = inner
		}
		items = append(items, e.Key.Mapping().With("key", e.Key.Scalar(e.Name())).With("value", value))
	}
	return v.List(items...)
}

// url returns a URL as its parts. Parameters stand in a list of their own; those that stand in the text alone are kept before them.
func (t *v3) url(n, v source.Node) source.Node {
	text, _, _ := strings.Cut(v.Raw(), "#")
	text, query, _ := strings.Cut(text, "?")
	at := pathStart(text)
	params, hasParams := n.Get("queryParams")
	if !v.IsScalar() || at == 0 || text == "" {
		return v
	}
	made := v.Mapping().With("host", v.Scalar(text[:at]))
	if at < len(text) {
		made = made.With("path", v.Scalar(text[at:]))
	}
	named := map[string]bool{}
	var list []source.Node
	if hasParams {
		for _, p := range listed(params).Items() {
			named[textIn(p, "key")] = true
			list = append(list, p)
		}
	}
	var before []source.Node
	for pair := range strings.SplitSeq(query, "&") {
		key, value, has := strings.Cut(pair, "=")
		if pair == "" || named[key] {
			continue
		}
		p := v.Mapping().With("key", v.Scalar(key))
		if has {
			p = p.With("value", v.Scalar(value))
		}
		before = append(before, p)
	}
	if list = append(before, list...); len(list) > 0 {
		made = made.With("query", v.List(list...))
	}
	if p, ok := n.Get("pathVariables"); ok {
		made = made.With("variable", listed(p))
	}
	return made
}

// pathStart returns where the path of a URL begins, the length of the text for one without.
func pathStart(text string) int {
	from, depth := 0, 0
	if i := strings.Index(text, "://"); i >= 0 {
		from = i + 3
	}
	for i := from; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			depth++
		case strings.HasPrefix(text[i:], "}}"):
			depth--
		case text[i] == '/' && depth <= 0:
			return i
		}
	}
	return len(text)
}

// bodyOf returns {type, content} as {mode, MODE: content}.
func bodyOf(b source.Node) source.Node {
	kind, _ := b.Get("type")
	content, ok := b.Get("content")
	if !ok {
		return b
	}
	switch name := kind.Raw(); name {
	case "urlencoded", "formdata":
		return b.Mapping().With("mode", kind).With(name, listed(content))
	case "graphql":
		return b.Mapping().With("mode", kind).With(name, content)
	case "file", "binary":
		if content.IsScalar() {
			content = content.Mapping().With("src", content)
		}
		return b.Mapping().With("mode", kind.Scalar("file")).With("file", content)
	default:
		language := kind.Mapping().With("raw", kind.Mapping().With("language", kind))
		return b.Mapping().With("mode", kind.Scalar("raw")).With("raw", content).With("options", language)
	}
}
