package bruno

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// parseYAML reads a file of Bruno in YAML (OpenCollection) as the blocks that a .bru file has.
func parseYAML(name string, text []byte) (*file, error) {
	f := &file{name: name}
	err := source.Parse(name, text, func(n source.Node) {
		if !n.IsMap() {
			n.Errorf("want a mapping (key: value): info, http")
			return
		}
		f.read(n)
	})
	return f, err
}

// read reads a request, a folder or a collection.
func (f *file) read(n source.Node) {
	info, _ := n.Get("info")
	f.add("meta", info, pairOf(info, "name"), pairOf(info, "seq"), tags(info))
	for _, kind := range []string{"http", "graphql"} {
		if h, ok := n.Get(kind); ok && h.IsMap() {
			f.http(h, kind)
		}
	}
	for _, other := range []string{"grpc", "websocket"} {
		if b, ok := n.Get(other); ok {
			f.add(map[string]string{"grpc": "grpc", "websocket": "ws"}[other], b)
		}
	}
	if shared, ok := n.Get("request"); ok && shared.IsMap() {
		f.add("headers", shared, list(shared, "headers")...)
		f.runtime(shared)
		if mode := f.auth(shared); mode != "" {
			f.add("auth", shared, pair{key: "mode", value: mode})
		}
	}
	if runtime, ok := n.Get("runtime"); ok && runtime.IsMap() {
		f.runtime(runtime)
	}
	if settings, ok := n.Get("settings"); ok && settings.IsMap() {
		f.add("settings", settings, pairOf(settings, "followRedirects"), pairOf(settings, "maxRedirects"), pairOf(settings, "timeout"))
	}
	if docs, ok := n.Get("docs"); ok {
		if content, ok := docs.Get("content"); ok {
			docs = content
		}
		f.text("docs", docs, docs.Raw())
	}
	if variables, ok := n.Get("variables"); ok && variables.IsList() { // of an environment
		f.environment(variables)
	}
	config, _ := n.Get("config")
	f.items, f.environments = f.several(n, "items"), f.several(config, "environments")
}

// several returns what a collection in one file holds.
func (f *file) several(n source.Node, key string) []*file {
	v, ok := n.Get(key)
	if !ok || !v.IsList() {
		return nil
	}
	var all []*file
	for _, item := range v.Items() {
		inner := &file{name: f.name}
		if item.IsMap() {
			inner.read(item)
			if name := pairOf(item, "name"); name.key != "" { // of an environment
				inner.add("name", item, name)
			}
		}
		all = append(all, inner)
	}
	return all
}

// add adds a block of pairs; those without a key are none.
func (f *file) add(name string, at source.Node, pairs ...pair) *block {
	b := &block{name: name}
	if !at.IsZero() {
		b.pos = at.Pos()
	}
	for _, p := range pairs {
		if p.key != "" {
			b.pairs = append(b.pairs, p)
		}
	}
	f.blocks = append(f.blocks, b)
	return b
}

func (f *file) text(name string, at source.Node, text string) {
	f.add(name, at).text = text
}

// pairOf returns a member that is a text, a number or a word.
func pairOf(n source.Node, key string) pair {
	v, ok := n.Get(key)
	if !ok || !v.IsScalar() {
		return pair{}
	}
	return pair{key: key, value: v.Raw(), pos: v.Pos()}
}

func tags(info source.Node) pair {
	v, ok := info.Get("tags")
	if !ok || !v.IsList() {
		return pair{}
	}
	var all []string
	for _, tag := range v.Items() {
		all = append(all, tag.Raw())
	}
	return pair{key: "tags", value: strings.Join(all, "\n"), pos: v.Pos()}
}

// list returns a list of names and values as pairs.
func list(n source.Node, key string) []pair {
	v, ok := n.Get(key)
	if !ok || !v.IsList() {
		return nil
	}
	var pairs []pair
	for _, item := range v.Items() {
		pairs = append(pairs, named(item))
	}
	return pairs
}

// named is {name, value, disabled}. A value may stand deeper, with its type.
func named(item source.Node) pair {
	name, _ := item.Get("name")
	value, _ := item.Get("value")
	if data, ok := value.Get("data"); ok {
		value = data
	}
	p := pair{key: name.Raw(), value: value.Raw(), disabled: isOff(item)}
	if !name.IsZero() {
		p.pos = name.Pos()
	}
	return p
}

func isOff(item source.Node) bool {
	disabled, _ := item.Get("disabled")
	enabled, _ := item.Get("enabled")
	return disabled.Raw() == "true" || enabled.Raw() == "false"
}

// http is what is sent.
func (f *file) http(h source.Node, kind string) {
	body, _ := h.Get("body")
	if body.IsZero() || !body.IsList() {
		body = h.Mapping().With("body", body0(h))
	} else {
		body = selected(body)
	}
	inner, _ := body.Get("body")
	mode := f.body(inner, kind)
	method := pairOf(h, "method")
	if method.key == "" {
		method = pair{key: "method", value: map[string]string{"http": "GET", "graphql": "POST"}[kind]}
	}
	made := f.add("http", h, method, pairOf(h, "url"))
	if mode != "" {
		made.pairs = append(made.pairs, pair{key: "body", value: mode})
	}
	if auth := f.auth(h); auth != "" {
		made.pairs = append(made.pairs, pair{key: "auth", value: auth})
	}
	f.add("headers", h, list(h, "headers")...)
	f.params(h)
}

// body0 is the body of a request, an empty mapping for none.
func body0(h source.Node) source.Node {
	if b, ok := h.Get("body"); ok && b.IsMap() {
		return b
	}
	return h.Mapping()
}

// selected is the variant of a body that is chosen, the first where none is.
func selected(bodies source.Node) source.Node {
	items := bodies.Items()
	for _, b := range items {
		if v, _ := b.Get("selected"); v.Raw() == "true" {
			return b
		}
	}
	if len(items) == 0 {
		return bodies.Mapping()
	}
	return items[0]
}

func (f *file) params(h source.Node) {
	v, ok := h.Get("params")
	if !ok || !v.IsList() {
		return
	}
	kinds := map[string][]pair{}
	for _, item := range v.Items() {
		kind, _ := item.Get("type")
		kinds[kind.Raw()] = append(kinds[kind.Raw()], named(item))
	}
	for _, kind := range []string{"query", "path"} {
		if len(kinds[kind]) > 0 {
			f.add("params:"+kind, v, kinds[kind]...)
		}
	}
}

// body adds the blocks of a body and returns its mode.
func (f *file) body(b source.Node, kind string) string {
	if kind == "graphql" {
		return f.graphql(b)
	}
	mode, _ := b.Get("type")
	data, ok := b.Get("data")
	if !ok {
		return ""
	}
	switch mode.Raw() {
	case "form-urlencoded":
		f.add("body:form-urlencoded", b, list(b, "data")...)
	case "multipart-form", "file":
		if !data.IsList() {
			return ""
		}
		var pairs []pair
		for _, item := range data.Items() {
			pairs = append(pairs, attached(item))
		}
		f.add("body:"+mode.Raw(), b, pairs...)
	case "graphql":
		return f.graphql(data)
	default:
		f.text("body:"+mode.Raw(), data, data.Raw())
	}
	return mode.Raw()
}

func (f *file) graphql(b source.Node) string {
	query, _ := b.Get("query")
	variables, _ := b.Get("variables")
	f.text("body:graphql", b, query.Raw())
	f.text("body:graphql:vars", b, variables.Raw())
	return "graphql"
}

// attached is a part of a body: a text, or a file as a .bru file writes it.
func attached(item source.Node) pair {
	p := named(item)
	kind, _ := item.Get("type")
	path, isFile := item.Get("filePath")
	if isFile {
		p.key = orElse(p.key, "file")
	} else if path, isFile = item.Get("value"); kind.Raw() != "file" {
		isFile = false
	}
	if isFile {
		if path.IsList() && !path.IsEmpty() {
			path = path.Items()[0]
		}
		p.value = "@file(" + path.Raw() + ")"
	}
	if media, ok := item.Get("contentType"); ok && media.Raw() != "" {
		p.value += " @contentType(" + media.Raw() + ")"
	}
	return p
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// runtime is what happens around a request.
func (f *file) runtime(r source.Node) {
	if pairs := list(r, "variables"); len(pairs) > 0 {
		f.add("vars:pre-request", r, pairs...)
	}
	if mode := f.auth(r); mode != "" && f.get("http").name != "" && f.get("http").value("auth") == "" {
		h := f.get("http")
		h.pairs = append(h.pairs, pair{key: "auth", value: mode})
	}
	if scripts, ok := r.Get("scripts"); ok && scripts.IsList() {
		names := map[string]string{"before-request": "script:pre-request", "after-response": "script:post-response", "tests": "tests", "test": "tests"}
		for _, s := range scripts.Items() {
			kind, _ := s.Get("type")
			code, _ := s.Get("code")
			if name := names[kind.Raw()]; name != "" {
				f.text(name, s, code.Raw())
			}
		}
	}
	if all, ok := r.Get("assertions"); ok && all.IsList() {
		var pairs []pair
		for _, a := range all.Items() {
			pairs = append(pairs, asserted(a))
		}
		f.add("assert", all, pairs...)
	}
	f.actions(r)
}

// asserted is {expression, operator, value}.
func asserted(a source.Node) pair {
	p := pairOf(a, "expression")
	operator, _ := a.Get("operator")
	value, _ := a.Get("value")
	p.key, p.value = p.value, strings.TrimSpace(operator.Raw()+" "+value.Raw())
	p.disabled = isOff(a)
	return p
}

// actions are variables that are set from the answer.
func (f *file) actions(r source.Node) {
	all, ok := r.Get("actions")
	if !ok || !all.IsList() {
		return
	}
	var pairs []pair
	for _, a := range all.Items() {
		kind, _ := a.Get("type")
		phase, _ := a.Get("phase")
		selector, _ := a.Get("selector")
		variable, _ := a.Get("variable")
		from, into := pairOf(selector, "expression"), pairOf(variable, "name")
		if kind.Raw() != "set-variable" || phase.Raw() == "before-request" {
			a.Errorf("an action of type %q, %s: want set-variable, after-response", kind.Raw(), orElse(phase.Raw(), "at no time"))
			continue
		}
		pairs = append(pairs, pair{key: into.value, value: from.value, disabled: isOff(a), pos: a.Pos()})
	}
	f.add("vars:post-response", all, pairs...)
}

// environment are the variables of an environment, and those that are secrets.
func (f *file) environment(variables source.Node) {
	var plain, secret []pair
	for _, v := range variables.Items() {
		if hidden, _ := v.Get("secret"); hidden.Raw() == "true" {
			secret = append(secret, named(v))
			continue
		}
		plain = append(plain, named(v))
	}
	f.add("vars", variables, plain...)
	f.add("vars:secret", variables, secret...)
}
