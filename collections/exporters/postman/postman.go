// Package postman writes a collection as Postman has them (Collection Format v2.1), with expectations and captures as the scripts that a
// person would have written. It knows nothing of runs.
package postman

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

// Exported is a collection as a file of Postman, and what has no counterpart there.
type Exported struct {
	Text  []byte
	Notes []*source.Error
}

// collection is a file of Postman.
type collection struct {
	Info     info       `json:"info"`
	Item     []*item    `json:"item"`
	Event    []event    `json:"event,omitempty"`
	Auth     *auth      `json:"auth,omitempty"`
	Variable []variable `json:"variable,omitempty"`
}

type info struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Schema      string `json:"schema"`
}

// item is a folder or a request.
type item struct {
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"` // of a folder
	Item        []*item        `json:"item,omitzero"`
	Event       []event        `json:"event,omitempty"`
	Request     *request       `json:"request,omitempty"`
	Auth        *auth          `json:"auth,omitempty"` // of a folder
	Behaviour   map[string]any `json:"protocolProfileBehavior,omitempty"`
}

type event struct {
	Listen string `json:"listen"`
	Script script `json:"script"`
}

type script struct {
	Type string   `json:"type"`
	Exec []string `json:"exec"`
}

type variable struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Type     string `json:"type,omitempty"`
	Src      string `json:"src,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`

	ContentType string `json:"contentType,omitempty"` // of a part
	FileName    string `json:"fileName,omitempty"`    // of a part that is a file
}

type request struct {
	Method      string     `json:"method"`
	Header      []variable `json:"header"`
	Body        *body      `json:"body,omitempty"`
	URL         string     `json:"url"`
	Auth        *auth      `json:"auth,omitempty"`
	Description string     `json:"description,omitempty"`
}

// Collection writes the collection of a file.
func Collection(fsys fs.FS, file string) (*Exported, error) {
	x := &exporter{auths: map[string]source.Node{}}
	var made collection
	if err := source.Read(fsys, file, func(n source.Node) { made = x.collection(n, file) }); err != nil {
		return nil, err
	}
	text, err := written(made)
	return &Exported{text, x.notes}, err
}

// written is JSON as Postman writes it: tabs, and < as it is.
func written(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// exporter is one collection while it is written.
type exporter struct {
	notes []*source.Error
	auths map[string]source.Node
}

func (x *exporter) note(n source.Node, format string, args ...any) {
	x.notes = append(x.notes, n.Pos().Errorf(format, args...))
}

func (x *exporter) collection(n source.Node, file string) collection {
	c := collection{Info: info{Name: strings.TrimSuffix(path.Base(file), path.Ext(file)), Schema: schema}, Item: []*item{}}
	for _, e := range below(n, "auths") {
		x.auths[e.Name()] = e.Value
	}
	var headers []variable
	for _, e := range n.Entries() {
		switch e.Name() {
		case "name":
			c.Info.Name = e.Value.Text()
		case "description":
			c.Info.Description = e.Value.Text()
		case "variables":
			c.Variable = x.variables(e.Value)
		case "auth":
			c.Auth = x.auth(e.Value)
		case "headers":
			headers = x.headers(e.Value)
		case "script":
			c.Event = scripts(e.Value)
		case "auths", "setup", "requests", "teardown":
		default:
			x.left(e, "")
		}
	}
	for _, phase := range []string{"setup", "requests", "teardown"} {
		items := x.items(n, phase, headers)
		if phase != "requests" && len(items) > 0 {
			items = []*item{{Name: strings.ToUpper(phase[:1]) + phase[1:], Item: items}}
		}
		c.Item = append(c.Item, items...)
	}
	return c
}

// left tells of a key without a counterpart.
func (x *exporter) left(e source.Entry, of string) {
	if of != "" {
		of = " of " + of
	}
	x.notes = append(x.notes, e.Key.Pos().Errorf("%s%s has no counterpart in Postman; it is left out", e.Name(), of))
}

// below returns the entries of the mapping under a key.
func below(n source.Node, key string) []source.Entry {
	for _, e := range n.Entries() {
		if e.Name() == key && e.Value.IsMap() {
			return e.Value.Entries()
		}
	}
	return nil
}

func (x *exporter) items(n source.Node, key string, headers []variable) []*item {
	var items []*item
	for _, e := range n.Entries() {
		if e.Name() != key || !e.Value.IsList() {
			continue
		}
		for _, one := range e.Value.Items() {
			switch {
			case one.Has("request"):
				items = append(items, x.request(one, headers))
			case one.Has("requests"):
				items = append(items, x.folder(one, headers))
			default:
				x.note(one, "an include has no counterpart in Postman; it is left out")
			}
		}
	}
	return items
}

func (x *exporter) folder(n source.Node, headers []variable) *item {
	f := &item{Item: []*item{}}
	for _, e := range n.Entries() {
		switch e.Name() {
		case "name":
			f.Name = e.Value.Text()
		case "description":
			f.Description = e.Value.Text()
		case "auth":
			f.Auth = x.auth(e.Value)
		case "headers":
			headers = merged(headers, x.headers(e.Value))
		case "setup", "requests", "teardown", "script":
		case "variables":
			f.Event = append(f.Event, x.set("pm.variables", e.Value))
		default:
			x.left(e, "a folder")
		}
	}
	if both, ok := n.Get("script"); ok {
		f.Event = joined(f.Event, scripts(both))
	}
	for _, phase := range []string{"setup", "requests", "teardown"} {
		f.Item = append(f.Item, x.items(n, phase, headers)...)
	}
	return f
}

// set writes variables of a folder or a request, which Postman has in scripts alone; scope is the one of Postman that has them.
func (x *exporter) set(scope string, n source.Node) event {
	var lines []string
	for _, v := range x.variables(n) {
		lines = append(lines, scope+".set("+quote(v.Key)+", pm.variables.replaceIn("+quote(v.Value)+"));")
	}
	return event{"prerequest", script{"text/javascript", lines}}
}

func (x *exporter) variables(n source.Node) []variable {
	var list []variable
	for _, e := range n.Entries() {
		text, ok := x.text(e.Value)
		if !ok {
			text = x.json(e.Value, 0)
		}
		list = append(list, variable{Key: e.Name(), Value: text})
	}
	return list
}

// headers are names and values; none is one that takes an inherited header away.
func (x *exporter) headers(n source.Node) []variable {
	var list []variable
	for _, e := range n.Entries() {
		list = append(list, x.values(e, e.Name())...)
	}
	return list
}

// values are the fields of one name.
func (x *exporter) values(e source.Entry, name string) []variable {
	switch {
	case e.Value.IsNull():
		return []variable{{Key: name, Disabled: true}}
	case e.Value.IsList():
		var list []variable
		for _, one := range e.Value.Items() {
			text, _ := x.text(one)
			list = append(list, variable{Key: name, Value: text})
		}
		return list
	}
	text, _ := x.text(e.Value)
	return []variable{{Key: name, Value: text}}
}

func merged(outer, inner []variable) []variable {
	var list []variable
	for _, h := range outer {
		if !slices.ContainsFunc(inner, func(i variable) bool { return strings.EqualFold(i.Key, h.Key) }) {
			list = append(list, h)
		}
	}
	return append(list, inner...)
}

// text is a scalar, with a note where it uses what Postman does not have.
func (x *exporter) text(n source.Node) (string, bool) {
	if !n.IsScalar() {
		return "", false
	}
	if n.IsNull() {
		return "", true
	}
	text := n.Text()
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "{{")
		if !ok {
			return plain(text), true
		}
		inner, after, _ := strings.Cut(after, "}}")
		switch {
		case strings.Contains(inner, "|") && !isText(inner):
			x.note(n, "{{%s}}: Postman has no filters; a script has to set the value", strings.TrimSpace(inner))
		case strings.HasPrefix(strings.TrimSpace(inner), "$assertion"):
			x.note(n, "{{$assertion}}: Postman signs no assertion; a script has to set the value")
		}
		rest = after
	}
}

// isText reports whether a placeholder has the filter to_string alone: in Postman each is part of a text.
func isText(inner string) bool {
	_, filters, _ := strings.Cut(inner, "|")
	return strings.TrimSpace(filters) == "to_string"
}

// plain writes a text without what Postman does not need: filters that make a text, and braces that are escaped.
func plain(text string) string {
	if strings.Contains(text, "to_string") {
		text = regexp.MustCompile(`\{\{([^{}|"]+?)\s*\|\s*to_string\s*\}\}`).ReplaceAllString(text, "{{$1}}")
	}
	return strings.NewReplacer(`{{"{{"}}`, "{{", `{{"{"}}`, "{").Replace(text)
}
