package postman

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// body is what a request carries.
type body struct {
	Mode       string     `json:"mode"`
	Raw        string     `json:"raw,omitempty"`
	URLEncoded []variable `json:"urlencoded,omitempty"`
	FormData   []variable `json:"formdata,omitempty"`
	File       *file      `json:"file,omitempty"`
	GraphQL    *graphql   `json:"graphql,omitempty"`
	Options    *options   `json:"options,omitempty"`
}

type file struct {
	Src string `json:"src"`
}

type graphql struct {
	Query     string `json:"query"`
	Operation string `json:"operationName,omitempty"`
	Variables string `json:"variables,omitempty"`
}

type options struct {
	Raw language `json:"raw"`
}

type language struct {
	Language string `json:"language"`
}

func (x *exporter) request(n source.Node, headers []variable) *item {
	r := &request{}
	it := &item{Request: r}
	for _, e := range n.Entries() {
		switch e.Name() {
		case "name":
			it.Name = e.Value.Text()
		case "description":
			r.Description = e.Value.Text()
		case "request":
			text, _ := x.text(e.Value)
			r.Method, r.URL, _ = strings.Cut(strings.TrimSpace(text), " ")
			r.URL = strings.TrimSpace(r.URL)
		case "headers":
			headers = merged(headers, x.headers(e.Value))
		case "auth":
			r.Auth = x.auth(e.Value)
		case "follow_redirects":
			if most, err := strconv.Atoi(e.Value.Text()); err == nil {
				it.behave("maxRedirects", most)
			} else {
				it.behave("followRedirects", e.Value.Text() != "false")
			}
		case "variables", "set", "query", "expect", "capture", "script":
		default:
			if !x.body(e, r) {
				x.left(e, "a request")
			}
		}
	}
	x.query(n, r)
	it.Event = x.events(n)
	if it.Name == "" {
		it.Name = strings.TrimSpace(r.Method + " " + r.URL)
	}
	if r.Body != nil && slices.Contains([]string{"GET", "COPY", "HEAD", "PURGE", "UNLOCK"}, strings.ToUpper(r.Method)) {
		it.behave("disableBodyPruning", true)
	}
	r.Header = slices.DeleteFunc(headers, func(h variable) bool { return h.Disabled })
	if r.Header == nil {
		r.Header = []variable{}
	}
	return it
}

// events writes what a request sets, expects and captures as scripts, and its own behind them.
func (x *exporter) events(n source.Node) []event {
	var made []event
	var before []string
	for _, e := range n.Entries() {
		switch e.Name() {
		case "variables":
			before = append(before, x.set("pm.variables", e.Value).Script.Exec...)
		case "set": // lasts, as what is captured does
			before = append(before, x.set("pm.environment", e.Value).Script.Exec...)
		}
	}
	if len(before) > 0 {
		made = append(made, event{"prerequest", script{"text/javascript", before}})
	}
	if tests := append(x.expectations(n), x.captures(n)...); len(tests) > 0 {
		made = append(made, event{"test", script{"text/javascript", withBody(tests)}})
	}
	if both, ok := n.Get("script"); ok {
		made = joined(made, scripts(both))
	}
	return made
}

// behave adds to what Postman calls the behaviour of a request.
func (it *item) behave(name string, value any) {
	if it.Behaviour == nil {
		it.Behaviour = map[string]any{}
	}
	it.Behaviour[name] = value
}

// scripts writes those of a collection, a folder or a request as they are.
func scripts(n source.Node) []event {
	var events []event
	for _, e := range n.Entries() {
		var lines []string
		for _, line := range e.Value.Lines() {
			lines = append(lines, line.Text)
		}
		events = append(events, event{e.Name(), script{"text/javascript", lines}})
	}
	return events
}

// joined puts scripts behind what declarations became: one for each event, which is what Postman shows. Names that both declare do not meet.
func joined(made, scripts []event) []event {
	for _, s := range scripts {
		i := slices.IndexFunc(made, func(e event) bool { return e.Listen == s.Listen })
		if i < 0 {
			made = append(made, s)
			continue
		}
		var lines []string
		for _, line := range made[i].Script.Exec {
			lines = append(lines, strings.TrimRight("    "+line, " "))
		}
		lines = slices.Concat([]string{"{"}, lines, []string{"}", ""}, s.Script.Exec)
		made[i].Script.Exec = lines
	}
	return made
}

// query appends parameters to the URL, as Postman has them in it.
func (x *exporter) query(n source.Node, r *request) {
	for _, e := range below(n, "query") {
		for _, v := range x.values(e, e.Name()) {
			if v.Disabled {
				continue
			}
			sign := "?"
			if strings.Contains(r.URL, "?") {
				sign = "&"
			}
			r.URL += sign + escape(v.Key) + "=" + escape(v.Value)
		}
	}
}

// escape is url.QueryEscape that leaves {{name}} as it is.
func escape(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		b.WriteString(url.QueryEscape(before))
		if !ok {
			return b.String()
		}
		inner, after, _ := strings.Cut(rest, "}}")
		b.WriteString("{{" + inner + "}}")
		text = after
	}
}

// body writes one of the kinds of bodies, and reports whether the key is one.
func (x *exporter) body(e source.Entry, r *request) bool {
	raw := func(text, kind string) { r.Body = &body{Mode: "raw", Raw: text, Options: &options{language{kind}}} }
	text, _ := x.text(e.Value)
	switch e.Name() {
	case "json":
		raw(x.json(e.Value, 0), "json")
	case "text":
		raw(text, "text")
	case "xml":
		raw(text, "xml")
	case "form":
		r.Body = &body{Mode: "urlencoded"}
		for _, f := range e.Value.Entries() {
			r.Body.URLEncoded = append(r.Body.URLEncoded, x.values(f, f.Name())...)
		}
	case "multipart":
		r.Body = &body{Mode: "formdata"}
		for _, f := range e.Value.Entries() {
			r.Body.FormData = append(r.Body.FormData, x.part(f)...)
		}
	case "file":
		r.Body = &body{Mode: "file", File: &file{text}}
	case "graphql":
		r.Body = &body{Mode: "graphql", GraphQL: &graphql{Query: text}}
		for _, g := range entries(e.Value) {
			switch g.Name() {
			case "query":
				r.Body.GraphQL.Query, _ = x.text(g.Value)
			case "operation":
				r.Body.GraphQL.Operation, _ = x.text(g.Value)
			case "variables":
				r.Body.GraphQL.Variables = x.json(g.Value, 0)
			default:
				x.left(g, "graphql")
			}
		}
	default:
		return false
	}
	return true
}

func (x *exporter) part(f source.Entry) []variable {
	if f.Value.IsList() {
		var list []variable
		for _, item := range f.Value.Items() {
			list = append(list, x.partOf(f.Name(), item))
		}
		return list
	}
	return []variable{x.partOf(f.Name(), f.Value)}
}

// partOf is one of the parts of a name: a text, or a mapping that says more.
func (x *exporter) partOf(name string, n source.Node) variable {
	if !n.IsMap() {
		text, _ := x.text(n)
		return variable{Key: name, Value: text}
	}
	v := variable{Key: name, Type: "text"}
	for _, e := range n.Entries() {
		text, _ := x.text(e.Value)
		switch e.Name() {
		case "file":
			v.Type, v.Src = "file", text
		case "text":
			v.Value = text
		case "content_type":
			v.ContentType = text
		case "filename":
			v.FileName = text
		default:
			x.left(e, "a part")
		}
	}
	return v
}

// json writes a value as JSON, its members in the order of the file.
func (x *exporter) json(n source.Node, level int) string {
	in, out := "\n"+strings.Repeat("  ", level+1), "\n"+strings.Repeat("  ", level)
	var parts []string
	switch {
	case n.IsMap():
		for _, e := range n.Entries() {
			parts = append(parts, in+quote(e.Name())+": "+x.json(e.Value, level+1))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{" + strings.Join(parts, ",") + out + "}"
	case n.IsList():
		for _, item := range n.Items() {
			parts = append(parts, in+x.json(item, level+1))
		}
		if len(parts) == 0 {
			return "[]"
		}
		return "[" + strings.Join(parts, ",") + out + "]"
	case n.IsText():
		text, _ := x.text(n)
		return quote(text)
	}
	return literal(n.Value())
}

// quote writes text as a literal of JavaScript and JSON.
func quote(text string) string { return literal(text) }

func literal(v any) string {
	text, err := written(v)
	if err != nil { // nil, bool, numbers and texts are always written
		return "null"
	}
	return strings.TrimSpace(string(text))
}

// entries are those of a mapping, and none of anything else.
func entries(n source.Node) []source.Entry {
	if !n.IsMap() {
		return nil
	}
	return n.Entries()
}
