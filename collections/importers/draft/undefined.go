package draft

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Define lets names that nothing defines, or that are captured only after they are used, come from variables of the shell, in each
// environment that lacks them. at says where a name is used; reason is what is told of it, empty for the usual.
func (c *Collection) Define(at map[string]source.Pos, reason map[string]string) {
	w := walk{names: regexp.MustCompile(`\{\{\s*([^{}|"']+?)\s*(?:\||\}\})`), captured: map[string]bool{}}
	c.share()
	for _, e := range c.Environments { // a value of an environment may need others
		for _, name := range e.Variables.Keys() {
			w.uses(e.Variables.Get(name), map[string]bool{name: true})
		}
	}
	w.item(c.Top, map[string]bool{})
	for _, name := range w.missing {
		c.define(name, at[name], reason[name])
	}
}

func (c *Collection) define(name string, pos source.Pos, reason string) {
	from := M("env", strings.ToUpper(Name(name)))
	if !IsSecret(name) {
		from.Set("secret", false)
	}
	for _, e := range c.Environments {
		if known, ok := e.Secrets.Get(name).(*Map); ok { // what is a secret in one is one in all
			from = known
		}
	}
	lacking := 0
	for _, e := range c.Environments {
		if !e.Variables.Has(name) && !e.Secrets.Has(name) {
			e.Secrets.Set(name, from)
			lacking++
		}
	}
	switch {
	case lacking == 0:
		return
	case reason == "" && lacking < len(c.Environments):
		reason = "defined in some environments and not in others"
	case reason == "":
		reason = "defined nowhere before it is used"
	}
	if env := from.Get("env"); env != nil {
		c.Note(pos, "%s is %s; it comes from the variable %v of the shell", name, reason, env)
	}
}

// walk goes through a collection in the order in which it runs.
type walk struct {
	names    *regexp.Regexp
	captured map[string]bool
	missing  []string
}

// item looks at the names of a collection, a folder or a request; outer are the variables around it.
func (w *walk) item(m *Map, outer map[string]bool) {
	known := maps.Clone(outer)
	variables, _ := m.Get("variables").(*Map)
	for _, name := range variables.Keys() {
		known[name] = true
	}
	list, folder := m.Get("requests").([]any)
	if !folder {
		w.uses(m, known)
		capture, _ := m.Get("capture").(*Map)
		for _, name := range capture.Keys() {
			w.captured[name] = true
		}
		return
	}
	shared := *m // which the first request uses
	shared.Delete("requests")
	w.uses(&shared, known)
	for _, item := range list {
		if inner, ok := item.(*Map); ok {
			w.item(inner, known)
		}
	}
}

func (w *walk) uses(v any, known map[string]bool) {
	switch v := v.(type) {
	case string:
		for _, found := range w.names.FindAllStringSubmatch(v, -1) {
			name := found[1]
			if !strings.HasPrefix(name, "$") && !known[name] && !w.captured[name] && !slices.Contains(w.missing, name) {
				w.missing = append(w.missing, name)
			}
		}
	case []any:
		for _, item := range v {
			w.uses(item, known)
		}
	case *Map:
		if v == nil {
			return
		}
		for _, e := range v.entries {
			w.uses(e.value, known)
		}
	}
}
