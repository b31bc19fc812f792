package http

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// scripts turns the lines of scripts that have a plain meaning into expect and capture, and tells of the others.
func (m *importer) scripts(b *block, item *draft.Map) {
	kept := 0
	first := 0
	for _, l := range b.scripts {
		switch {
		case strings.HasPrefix(l.text, "??"):
			if !m.assert(strings.Fields(l.text[2:]), item) {
				m.draft.Note(m.pos(l.number), "this assert has no counterpart that could be written for you: %s", strings.TrimSpace(l.text[2:]))
			}
		case m.known(l.text, item) || frame(l.text):
		default:
			if kept++; first == 0 {
				first = l.number
			}
		}
	}
	if kept > 0 {
		m.draft.Note(m.pos(first), "a script is left out, but for what became expect and capture; %d of its lines say more", kept)
	}
}

// frame reports whether a line of a script only holds others together.
func frame(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "client.test(") || strings.HasPrefix(text, "//") || strings.HasPrefix(text, "client.log(") || strings.Trim(text, "{}();, ") == ""
}

// known reads client.global.set("x", response.body.a.b) and client.assert(response.status === 200, …).
func (m *importer) known(text string, item *draft.Map) bool {
	set := regexp.MustCompile(`client\.global\.set\(\s*["']([^"']+)["']\s*,\s*response\.(body|headers\.valueOf\(\s*["']([^"']+)["']\s*\))((?:\.[A-Za-z_$][\w$]*|\[\d+\])*)\s*\)`)
	status := regexp.MustCompile(`client\.assert\(\s*response\.status\s*===?\s*(\d{3})\b`)
	equal := regexp.MustCompile(`client\.assert\(\s*response\.body((?:\.[A-Za-z_$][\w$]*|\[\d+\])+)\s*===?\s*(?:["']([^"']*)["']|(\d+|true|false))\s*[,)]`)
	if found := set.FindStringSubmatch(text); found != nil {
		value := any(dotted(found[4]))
		switch {
		case found[3] != "":
			value = draft.M("header", found[3])
		case found[4] == "":
			value = draft.M("text", true)
		}
		item.Map("capture").Set(found[1], value)
		return true
	}
	if found := status.FindStringSubmatch(text); found != nil {
		code, _ := strconv.Atoi(found[1]) // three digits
		item.Map("expect").Set("status", code)
		return true
	}
	if found := equal.FindStringSubmatch(text); found != nil {
		item.Map("expect").Map("json").Set(dotted(found[1]), literal(found[2], found[3]))
		return true
	}
	return false
}

// dotted writes .a[0].b as a path of gjson.
func dotted(text string) string {
	return strings.TrimPrefix(strings.NewReplacer("[", ".", "]", "").Replace(text), ".")
}

func literal(text, word string) any {
	if number, err := strconv.Atoi(word); err == nil {
		return number
	}
	if word != "" {
		return word == "true"
	}
	return draft.Literal(text)
}

// assert reads what httpyac writes behind ??: status == 200, header content-type includes json, body a.b == c.
func (m *importer) assert(words []string, item *draft.Map) bool {
	operators := map[string]string{"==": "equals", "!=": "not", "includes": "contains", "contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with",
		"matches": "matches", ">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}
	at := -1
	for i, w := range words {
		if operators[w] != "" {
			at = i
			break
		}
	}
	if at < 1 || at+1 >= len(words) {
		return false
	}
	predicate := operators[words[at]]
	value := strings.Join(words[at+1:], " ")
	number, err := strconv.Atoi(value)
	typed := any(m.templates(m.pos(0), strings.Trim(value, `"'`)))
	if err == nil {
		typed = number
	}
	judged := any(draft.M(predicate, typed))
	if predicate == "equals" {
		judged = typed
	}
	expect := item.Map("expect")
	switch {
	case at == 1 && words[0] == "status":
		expect.Set("status", judged)
	case at == 2 && words[0] == "header":
		expect.Map("headers").Set(words[1], judged)
	case at == 2 && words[0] == "body" || words[0] == "jsonpath" && at == 2:
		expect.Map("json").Set(strings.TrimPrefix(dotted(words[1]), "$."), judged)
	case at == 1 && words[0] == "duration" && err == nil:
		expect.Set("duration", draft.M(predicate, value+"ms"))
	default:
		if expect.Len() == 0 {
			item.Delete("expect")
		}
		return false
	}
	return true
}
