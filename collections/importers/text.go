package importers

import (
	"strconv"
	"strings"
)

func quoted(text string) string { return strconv.Quote(text) }

// piece is a part of a text: a {{placeholder}}, or what stands between two.
type piece struct {
	text string
	name string // of a placeholder; empty for anything else
}

// pieces splits a text at its placeholders. As in Postman, one has neither { nor } in it but for placeholders that make its name, and
// {{}} is none.
func pieces(text string) []piece {
	var list []piece
	start := 0 // of what is no placeholder
	for from := 0; ; {
		open := strings.Index(text[from:], "{{")
		if open < 0 {
			break
		}
		open += from
		end, ok := closing(text, open+2, 0)
		if !ok {
			from = open + 1
			continue
		}
		name := strings.TrimSpace(text[open+2 : end])
		if open > start {
			list = append(list, piece{text: text[start:open]})
		}
		list = append(list, piece{text[open : end+2], name})
		start, from = end+2, end+2
	}
	if start < len(text) {
		list = append(list, piece{text: text[start:]})
	}
	return list
}

// deepest is how many placeholders stand inside one another at most.
const deepest = 20

// closing returns where the }} stand of a placeholder whose name begins at from, in so many others.
func closing(text string, from, depth int) (end int, ok bool) {
	if depth > deepest {
		return 0, false
	}
	for at := from; ; {
		i := strings.IndexAny(text[at:], "{}")
		if i < 0 {
			return 0, false
		}
		i += at
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			inner, ok := closing(text, i+2, depth+1)
			if !ok {
				return 0, false
			}
			at = inner + 2
		case strings.HasPrefix(text[i:], "}}"):
			return i, strings.TrimSpace(text[from:i]) != ""
		default:
			return 0, false
		}
	}
}

// braces writes a text of Postman as one of ours: {{ that begins no placeholder is written as the characters themselves.
func braces(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var b strings.Builder
	list := pieces(text)
	for i, p := range list {
		if p.name != "" {
			b.WriteString(placeholder(p.name))
			continue
		}
		t := strings.ReplaceAll(p.text, "{{", `{{"{{"}}`)
		if i+1 < len(list) && strings.HasSuffix(p.text, "{") { // would become a part of the placeholder behind it
			t = strings.TrimSuffix(t, "{") + `{{"{"}}`
			if strings.HasSuffix(p.text, "{{") {
				t = strings.ReplaceAll(p.text, "{{", `{{"{{"}}`)
			}
		}
		b.WriteString(t)
	}
	return b.String()
}

// placeholder writes a name in braces.
func placeholder(name string) string { return "{{" + name + "}}" }

// whole reports whether a text is one placeholder and nothing else.
func whole(text string) bool {
	list := pieces(text)
	return len(list) == 1 && list[0].name != ""
}

// outside changes what is no placeholder.
func outside(text string, change func(string) string) string {
	if !strings.Contains(text, "{{") {
		return change(text)
	}
	var b strings.Builder
	for _, p := range pieces(text) {
		if p.name != "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(change(p.text))
		}
	}
	return b.String()
}
