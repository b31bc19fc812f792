package bruno

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// templates writes every {{…}} of a text as hgrun has it.
func (m *importer) templates(pos source.Pos, text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	found := regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	made := found.ReplaceAllStringFunc(text, func(match string) string {
		name := strings.TrimSpace(strings.Trim(match, "{}"))
		from, process := strings.CutPrefix(name, "process.env.")
		switch {
		case process:
			secret := draft.M("env", from)
			if !draft.IsSecret(from) {
				secret.Set("secret", false)
			}
			m.draft.Import(draft.Name(from), secret)
			return "{{" + draft.Name(from) + "}}"
		case strings.HasPrefix(name, "$") && slices.Contains(dynamics(), name):
			return "{{" + name + "}}"
		case strings.HasPrefix(name, "$"):
			m.draft.Note(pos, "{{%s}} has no counterpart; set the variable by hand", name)
			return m.draft.Shell(draft.Name(name))
		case !plain(name):
			m.draft.Note(pos, "{{%s}} cannot be the name of a variable; it stands as text", name)
			return draft.Literal("{{") + name + "}}"
		}
		m.used = append(m.used, use{name, pos})
		return "{{" + name + "}}"
	})
	if rest := found.ReplaceAllString(text, ""); strings.Contains(rest, "{{") {
		m.draft.Note(pos, "{{ without }} stands as text")
		return draft.Literal(text)
	}
	return made
}

// undefined lets names that nothing defines come from the shell.
func (m *importer) undefined() {
	at, reason := map[string]source.Pos{}, map[string]string{}
	for _, u := range m.used {
		if _, ok := at[u.name]; !ok {
			at[u.name] = u.pos
		}
		if slices.Contains(m.set, u.name) {
			reason[u.name] = "set by a script"
		}
	}
	m.draft.Define(at, reason)
}
