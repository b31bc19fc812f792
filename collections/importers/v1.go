package importers

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// v1 writes a collection of the format v1, a flat list of requests that folders order by their ids, as one of v2.1.
func (im *importer) v1(n source.Node) source.Node {
	requests, folders := byID(n, "requests"), byID(n, "folders")
	made := n.Mapping().With("info", take(n.Mapping(), n, "name", "name", "description", "description"))
	made = take(made, n, "variables", "variable", "events", "event", "auth", "auth", "protocolProfileBehavior", "protocolProfileBehavior")
	t := &tree{im: im, requests: requests, folders: folders, seen: map[string]bool{}}
	items := t.items(n)
	if list, ok := n.Get("folders"); ok && list.IsList() { // those that no order names
		for _, f := range list.Items() {
			parent, nested := f.Get("folder")
			if inner, found := f.Get("folderId"); found {
				parent, nested = inner, true
			}
			if id := idOf(f); !t.seen[id] && (!nested || parent.Raw() == "") {
				t.seen[id] = true
				items = append(items, t.folder(f))
			}
		}
	}
	if list, ok := n.Get("requests"); ok && list.IsList() {
		for _, r := range list.Items() {
			if id := idOf(r); !t.seen[id] {
				t.seen[id] = true
				items = append(items, t.request(r))
			}
		}
	}
	return made.With("item", n.List(items...))
}

// tree puts the requests of a v1 collection where folders say.
type tree struct {
	im                *importer
	requests, folders map[string]source.Node
	seen              map[string]bool
}

func idOf(n source.Node) string {
	id, _ := n.Get("id")
	return id.Raw()
}

func byID(n source.Node, key string) map[string]source.Node {
	found := map[string]source.Node{}
	if list, ok := n.Get(key); ok && list.IsList() {
		for _, item := range list.Items() {
			found[idOf(item)] = item
		}
	}
	return found
}

// take copies values under other keys: pairs of their key and ours.
func take(made, from source.Node, pairs ...string) source.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if v, ok := from.Get(pairs[i]); ok && !v.IsNull() {
			made = made.With(pairs[i+1], v)
		}
	}
	return made
}

// items returns what the orders of the collection or a folder name, folders first.
func (t *tree) items(n source.Node) []source.Node {
	var items []source.Node
	each := func(key string, of map[string]source.Node, make func(source.Node) source.Node) {
		order, ok := n.Get(key)
		if !ok || !order.IsList() {
			return
		}
		for _, id := range order.Items() {
			if item, ok := of[id.Raw()]; ok && !t.seen[id.Raw()] {
				t.seen[id.Raw()] = true
				items = append(items, make(item))
			}
		}
	}
	each("folders_order", t.folders, t.folder)
	each("order", t.requests, t.request)
	return items
}

func (t *tree) folder(n source.Node) source.Node {
	made := take(n.Mapping(), n, "name", "name", "description", "description", "events", "event", "auth", "auth", "protocolProfileBehavior", "protocolProfileBehavior")
	return made.With("item", n.List(t.items(n)...))
}

func (t *tree) request(n source.Node) source.Node {
	req := take(n.Mapping(), n, "method", "method", "description", "description")
	if url, ok := n.Get("url"); ok {
		req = req.With("url", url.Scalar(withPathVariables(url.Raw(), n)))
	}
	if list, ok := n.Get("headerData"); ok && list.IsList() {
		req = req.With("header", list)
	} else {
		req = take(req, n, "headers", "header")
	}
	if auth, ok := helper(n); ok {
		req = req.With("auth", auth)
	}
	if body, ok := v1Body(n); ok {
		req = req.With("body", body)
	}
	made := take(n.Mapping(), n, "name", "name", "protocolProfileBehavior", "protocolProfileBehavior")
	if events := v1Events(n); !events.IsEmpty() {
		made = made.With("event", events)
	}
	return take(made.With("request", req), n, "responses", "response")
}

// withPathVariables fills in the :variables of a URL.
func withPathVariables(url string, n source.Node) string {
	values := map[string]string{}
	if m, ok := n.Get("pathVariables"); ok && m.IsMap() {
		for _, e := range m.Entries() {
			values[e.Name()] = e.Value.Raw()
		}
	}
	if list, ok := n.Get("pathVariableData"); ok && list.IsList() {
		for _, v := range list.Items() {
			value, _ := v.Get("value")
			values[variableName(v)] = value.Raw()
		}
	}
	path, rest := url, ""
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		path, rest = url[:i], url[i:]
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			if value, ok := values[name]; ok {
				segments[i] = value
			}
		}
	}
	return strings.Join(segments, "/") + rest
}

// helper returns the auth of a request: as newer files have it, or the helper of older ones.
func helper(n source.Node) (source.Node, bool) {
	if auth, ok := n.Get("auth"); ok && !auth.IsNull() {
		return auth, true
	}
	name, ok := n.Get("currentHelper")
	kind := map[string]string{
		"basicAuth": "basic", "bearerAuth": "bearer", "digestAuth": "digest", "oAuth1": "oauth1", "oAuth2": "oauth2", "hawkAuth": "hawk", "awsSigV4": "awsv4",
		"ntlmAuth": "ntlm", "apikeyAuth": "apikey", "noauth": "noauth",
	}[name.Raw()]
	if !ok || kind == "" {
		return source.Node{}, false
	}
	made := name.Mapping().With("type", name.Scalar(kind))
	if attributes, ok := n.Get("helperAttributes"); ok && attributes.IsMap() {
		made = made.With(kind, attributes)
	}
	return made, true
}

func v1Body(n source.Node) (source.Node, bool) {
	mode, ok := n.Get("dataMode")
	if !ok || mode.Raw() == "" {
		return source.Node{}, false
	}
	data, _ := n.Get("data")
	raw, written := n.Get("rawModeData")
	if !written || raw.IsNull() {
		raw = data
	}
	if raw.IsZero() {
		raw = mode.Scalar("")
	}
	if raw.IsList() && !raw.IsEmpty() { // as some versions wrote it
		raw = raw.Items()[0]
	}
	made := mode.Mapping()
	switch kind := mode.Raw(); kind {
	case "params", "urlencoded":
		if kind == "params" {
			kind = "formdata"
		}
		if data.IsZero() || !data.IsList() {
			data = mode.List()
		}
		made = made.With("mode", mode.Scalar(kind)).With(kind, data)
	case "binary":
		made = made.With("mode", mode.Scalar("file")).With("file", mode.Mapping().With("src", raw.Scalar(raw.Raw())))
	case "graphql":
		graphql, _ := n.Get("graphqlModeData")
		if graphql.IsZero() {
			return source.Node{}, false
		}
		made = made.With("mode", mode).With("graphql", graphql)
	default:
		made = made.With("mode", mode).With("raw", raw.Scalar(raw.Raw()))
	}
	made = take(made, n, "dataOptions", "options", "dataDisabled", "disabled")
	return made, true
}

// v1Events returns the scripts of a request: events, or the two texts of older files.
func v1Events(n source.Node) source.Node {
	if events, ok := n.Get("events"); ok && events.IsList() && !events.IsEmpty() {
		return events
	}
	var events []source.Node
	for _, p := range [][2]string{{"preRequestScript", "prerequest"}, {"tests", "test"}} {
		if text, ok := n.Get(p[0]); ok && strings.TrimSpace(text.Raw()) != "" {
			script := text.Mapping().With("exec", text)
			events = append(events, text.Mapping().With("listen", text.Scalar(p[1])).With("script", script))
		}
	}
	return n.List(events...)
}
