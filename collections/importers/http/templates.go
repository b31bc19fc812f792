package http

import (
	"regexp"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// templates writes every {{…}} of a text as hgrun has it.
func (m *importer) templates(pos source.Pos, text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return regexp.MustCompile(`\{\{([^{}]*)\}\}`).ReplaceAllStringFunc(text, func(found string) string {
		return m.expression(pos, strings.TrimSpace(strings.Trim(found, "{}")))
	})
}

// expression writes what stands between {{ and }}.
func (m *importer) expression(pos source.Pos, text string) string {
	name, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	from := ""
	switch {
	case name == "$processEnv", name == "$env":
		from = strings.TrimLeft(rest, "%")
	case strings.HasPrefix(name, "$env."):
		from = name[len("$env."):]
	case strings.HasPrefix(name, "$processEnv."):
		from = name[len("$processEnv."):]
	case name == "$dotenv" && rest != "":
		return m.dotenv(strings.TrimLeft(rest, "%"))
	case strings.HasPrefix(name, "$"):
		return m.dynamic(pos, name, rest)
	case strings.HasPrefix(name, "%"):
		return strings.Replace(m.expression(pos, text[1:]), "}}", " | urlencode}}", 1)
	case strings.Contains(name, ".response.") || strings.Contains(name, ".request."):
		return m.answer(pos, text)
	case text == "" || strings.ContainsAny(text, "\"'|{}()=;"):
		m.draft.Note(pos, "{{%s}} is a script; it stands as text", text)
		return draft.Literal("{{") + text + "}}"
	default:
		m.used = append(m.used, use{text, pos})
		return "{{" + text + "}}"
	}
	key := draft.Name(from)
	secret := draft.M("env", from)
	if !draft.IsSecret(from) {
		secret.Set("secret", false)
	}
	m.draft.Import(key, secret)
	return "{{" + key + "}}"
}

func (m *importer) dotenv(name string) string {
	key := draft.Name(name)
	secret := draft.M("dotenv", name)
	if !draft.IsSecret(name) {
		secret.Set("secret", false)
	}
	m.draft.Import(key, secret)
	return "{{" + key + "}}"
}

// dynamic writes a variable that is made anew each time.
func (m *importer) dynamic(pos source.Pos, name, rest string) string {
	same := map[string]string{
		"$guid": "$guid", "$uuid": "$guid", "$random.uuid": "$guid", "$timestamp": "$timestamp", "$isoTimestamp": "$isoTimestamp",
		"$randomInt": "$randomInt", "$random.email": "$randomEmail", "$random.integer": "$randomInt", "$random.alphabetic": "$randomWord",
	}
	made, ok := same[name]
	switch {
	case name == "$datetime" && strings.HasPrefix(rest, "iso8601"):
		made, ok = "$isoTimestamp", true
		rest = strings.TrimSpace(strings.TrimPrefix(rest, "iso8601"))
	case strings.HasPrefix(name, "$random.integer("), strings.HasPrefix(name, "$random.alphabetic("):
		base, _, _ := strings.Cut(name, "(")
		made, ok, rest = same[base], true, "bounds"
	}
	switch {
	case !ok:
		m.draft.Note(pos, "{{%s}} has no counterpart; set the variable by hand", strings.TrimSpace(name+" "+rest))
		return m.draft.Shell(draft.Name(name))
	case rest != "":
		m.draft.Note(pos, "{{%s}}: its bounds are left out", name)
	}
	return "{{" + made + "}}"
}

// answer turns {{login.response.body.$.token}} into a capture of the request login, and names it.
func (m *importer) answer(pos source.Pos, text string) string {
	request, rest, _ := strings.Cut(text, ".")
	kind, rest, _ := strings.Cut(rest, ".")
	where, path, _ := strings.Cut(rest, ".")
	if kind != "response" || where != "body" && where != "headers" && where != "header" || path == "" {
		m.draft.Note(pos, "{{%s}} has no counterpart; write capture: at the request %q", text, request)
		return m.draft.Shell(draft.Name(text))
	}
	name := draft.Name(request + "_" + path)
	var value any
	switch {
	case where != "body":
		value = draft.M("header", path)
	case path == "*":
		name, value = draft.Name(request+"_body"), draft.M("text", true)
	case strings.HasPrefix(path, "/"):
		value = draft.M("xpath", path)
	case strings.HasPrefix(path, "$"):
		value = draft.M("jsonpath", path)
		if plain := strings.TrimPrefix(path, "$."); !strings.ContainsAny(plain, "[]*?$@#|\\ !{}()") && plain != "" {
			value = plain
		}
	default:
		value = path
	}
	m.wanted = append(m.wanted, wanted{request, name, value, pos})
	return "{{" + name + "}}"
}
