// Package openapi turns a description of an API, OpenAPI 3.0 to 3.2, into a collection with one request for each operation, whose
// answers are compared with the description. It knows nothing of how they are compared.
package openapi

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// Import reads a description, in JSON or YAML. The error is a source.Problems with all that is wrong.
func Import(in draft.Input) (made *draft.Collection, err error) {
	if in.Text == nil {
		return nil, (source.Pos{File: in.Name}).Errorf("a folder; name the file that starts with openapi:")
	}
	file := "openapi.yaml"
	if in.Name != "-" && path.Ext(in.Name) != "" {
		file = draft.Word(path.Base(in.Name))
	}
	err = source.Parse(in.Name, in.Text, func(n source.Node) {
		m := &importer{in: in, file: file, top: part{n, in.Name, true}, auths: &draft.Map{}, folders: map[string]*draft.Map{}, within: map[source.Pos]bool{}}
		if m.version() {
			m.read()
			made = m.draft
		}
	})
	return made, err
}

// importer is one description while it is read.
type importer struct {
	in      draft.Input
	file    string // the name of the description beside the collection
	top     part
	docs    *documents
	draft   *draft.Collection
	auths   *draft.Map
	whole   security // of what says nothing itself
	items   []any
	folders map[string]*draft.Map
	within  map[source.Pos]bool // schemas that an example is being made of
	checked []*draft.Map        // requests whose answers are compared with the description
}

// version refuses what is no description of OpenAPI 3.
func (m *importer) version() bool {
	switch version := m.top.get("openapi"); {
	case m.top.get("swagger").ok:
		m.top.get("swagger").node.Errorf("got Swagger %s, want OpenAPI 3; convert it first: npx swagger2openapi %s -o openapi.yaml", m.top.get("swagger").text(), path.Base(m.in.Name))
		return false
	case !version.ok:
		m.top.node.Errorf("no OpenAPI description: openapi: 3.… is missing at its top")
		return false
	case !strings.HasPrefix(version.text(), "3."):
		version.node.Errorf("got OpenAPI %q, want 3.0, 3.1 or 3.2", version.text())
		return false
	case len(m.top.get("paths").members()) == 0:
		m.top.node.Errorf("the description has no paths, so that there is nothing to request")
		return false
	}
	return true
}

func (m *importer) read() {
	name := m.top.get("info").get("title").text()
	if name == "" {
		name = "API"
	}
	m.draft = draft.New(name, "imported")
	m.docs = &documents{in: m.in, draft: m.draft, tops: map[string]part{m.in.Name: m.top}}
	m.draft.Top.SetSome("description", paragraph(m.top.get("info").get("description").text()))
	m.servers()
	m.whole = m.required(m.top.get("security"))
	for _, tag := range m.top.get("tags").items() {
		m.folder(tag.get("name").text(), tag.get("description").text())
	}
	for _, p := range m.top.get("paths").members() {
		at := m.docs.resolve(p.part)
		for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"} {
			if o := at.get(method); o.ok && o.node.IsMap() {
				m.operation(operation{part: o, method: strings.ToUpper(method), path: p.name, item: at})
			}
		}
	}
	m.finish()
}

// finish puts auth blocks and folders in their places.
func (m *importer) finish() {
	if m.whole.auth != "" && m.whole.auth != "none" {
		if m.auths.Len() == 1 {
			m.draft.Top.Set("auth", m.auths.Get(m.whole.auth))
			m.auths.Delete(m.whole.auth)
		} else {
			m.draft.Top.Set("auth", m.whole.auth)
		}
	}
	m.draft.Top.SetSome("auths", m.auths)
	var items []any
	for _, item := range m.items {
		if folder, ok := item.(*draft.Map); ok && folder.Has("requests") && len(folder.Get("requests").([]any)) == 0 { //nolint:forcetypeassert // made here
			continue
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		m.draft.Problem(m.top.pos(), "the description has no operation, so that there is nothing to request")
	}
	m.draft.Top.Set("requests", items)
	m.describe()
}

// describe puts the description beside the collection, and takes it back where answers cannot be compared with it.
func (m *importer) describe() {
	if len(m.checked) == 0 {
		return
	}
	if m.draft.Files == nil {
		m.draft.Files = map[string][]byte{}
	}
	m.draft.Files[m.file] = m.in.Text
	if err := m.draft.Loads(m.checked...); err == nil {
		return
	}
	for _, item := range m.checked {
		if err := m.draft.Loads(item); err != nil {
			item.Map("expect").Delete("openapi")
			m.draft.Note(m.top.pos(), "%v: answers are not compared with the description: %s", item.Get("request"), firstLine(err))
		}
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// servers makes an environment of each server; the first is the one that values go to.
func (m *importer) servers() {
	list := m.top.get("servers").items()
	if len(list) == 0 {
		m.draft.Environments[0].Variables.Set("base_url", "http://localhost")
		m.draft.Note(m.top.pos(), "no server is described; base_url in the environment is http://localhost")
	}
	for i, s := range list {
		address, name := m.address(s), m.serverName(s)
		if i == 0 {
			m.draft.Environments[0].Name = name
		}
		name = draft.Free(name, func(n string) bool {
			return i > 0 && slices.ContainsFunc(m.draft.Environments, func(e *draft.Environment) bool { return e.Name == n })
		})
		m.draft.Environment(name).Variables.Set("base_url", address)
	}
	m.draft.Template("{{base_url}}")
}

func (m *importer) serverName(s part) string {
	description := s.get("description").text()
	for _, known := range []string{"production", "sandbox", "staging", "development", "test", "local", "demo"} {
		if strings.Contains(strings.ToLower(description), known) {
			return known
		}
	}
	if words := strings.Fields(description); len(words) > 0 && len(words) <= 3 {
		return draft.Word(description)
	}
	return "imported"
}

// address returns the URL of a server, its variables filled in.
func (m *importer) address(s part) string {
	address := s.get("url").text()
	for _, v := range s.get("variables").members() {
		address = strings.ReplaceAll(address, "{"+v.name+"}", v.get("default").text())
	}
	if !strings.Contains(address, "://") {
		m.draft.Note(s.pos(), "the server %q has no host; base_url is below http://localhost", address)
		address = "http://localhost/" + strings.TrimPrefix(address, "/")
	}
	return draft.Literal(strings.TrimSuffix(address, "/"))
}

func (m *importer) folder(name, description string) *draft.Map {
	if f, ok := m.folders[name]; ok {
		return f
	}
	f := draft.M("name", draft.Literal(name))
	f.SetSome("description", paragraph(description))
	f.Set("requests", []any{})
	m.folders[name] = f
	m.items = append(m.items, f)
	return f
}

func (m *importer) add(o operation, item *draft.Map) {
	tags := o.get("tags").items()
	if len(tags) == 0 || tags[0].text() == "" {
		m.items = append(m.items, item)
		return
	}
	f := m.folder(tags[0].text(), "")
	f.Set("requests", append(f.Get("requests").([]any), item)) //nolint:forcetypeassert // made by folder
}

// paragraph is the first one of a text, where it is short.
func paragraph(text string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n\n")
	first = strings.Join(strings.Fields(first), " ")
	if len(first) > 400 {
		if end := strings.Index(first[200:], ". "); end >= 0 {
			return first[:200+end+1]
		}
		return ""
	}
	return first
}

// braces finds the parameters of a path.
func braces(text string) string {
	return regexp.MustCompile(`\{([^{}]+)\}`).ReplaceAllStringFunc(text, func(name string) string {
		return "{{" + variable(strings.Trim(name, "{}")) + "}}"
	})
}

// variable is the name of a parameter, as far as a variable may have it.
func variable(name string) string {
	if strings.HasPrefix(name, "$") || strings.ContainsAny(name, " {}|\"'") || name == "" {
		return draft.Name(name)
	}
	return name
}
