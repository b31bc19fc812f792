package http

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// environments reads http-client.env.json, whose values are variables, and http-client.private.env.json, whose values are secrets and are
// never written.
func (m *importer) environments(name string) error {
	files := []struct {
		name    string
		private bool
	}{
		{"http-client.env.json", false}, {"rest-client.env.json", false}, {"http-client.private.env.json", true}, {"rest-client.private.env.json", true},
	}
	for _, f := range files {
		at := path.Join(path.Dir(m.in.Name), f.name)
		text, err := fs.ReadFile(m.in.FS, at)
		if err != nil || m.in.Name == "-" {
			continue
		}
		read := func(n source.Node) { m.environment(name, n, f.private) }
		if err := source.Parse(at, text, read); err != nil {
			return err
		}
	}
	if m.draft == nil {
		m.draft = draft.New(name, "imported")
	}
	return nil
}

// environment reads a mapping of the names of environments to their variables. Those of $shared are in all.
func (m *importer) environment(name string, n source.Node, private bool) {
	entries := n.Entries()
	for _, e := range entries {
		if e.Name() == "$shared" || !e.Value.IsMap() {
			continue
		}
		if m.draft == nil {
			m.draft = draft.New(name, e.Name())
		}
		into := m.draft.Environment(e.Name())
		m.values(into, e.Value, private)
		for _, s := range entries {
			if s.Name() == "$shared" && s.Value.IsMap() {
				m.values(into, s.Value, private)
			}
		}
	}
}

func (m *importer) values(into *draft.Environment, n source.Node, private bool) {
	for _, v := range n.Entries() {
		name := v.Name()
		switch {
		case !v.Value.IsScalar():
			m.draft.Note(v.Key.Pos(), "%s is no text and is left out", name)
		case strings.HasPrefix(name, "$") || strings.TrimSpace(name) != name || name == "" || strings.ContainsAny(name, "{}|\"'"):
			m.draft.Note(v.Key.Pos(), "%q cannot be the name of a variable; it is left out", name)
		case into.Variables.Has(name) && !private || into.Secrets.Has(name):
		case private || draft.IsSecret(name):
			into.Variables.Delete(name)
			into.Secrets.Set(name, draft.M("env", strings.ToUpper(draft.Name(name))))
		default:
			into.Variables.Set(name, m.plain(v.Value))
		}
	}
}

// plain is a scalar of JSON, with its templates as hgrun has them.
func (m *importer) plain(n source.Node) any {
	switch v := n.Value().(type) {
	case string:
		return m.templates(n.Pos(), v)
	case json.Number, bool:
		return v
	default:
		return strings.TrimPrefix(fmt.Sprint(v), "<nil>")
	}
}
