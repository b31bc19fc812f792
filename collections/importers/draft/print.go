package draft

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
)

// text writes a mapping as YAML in the one form of hgrun fmt.
func (m *Map) text(name string, layout *source.Layout) ([]byte, error) {
	var p printer
	p.mapping(m, 0)
	return source.Format(name, []byte(p.b.String()), layout)
}

// printer writes YAML that is right; source.Format makes it beautiful.
type printer struct{ b strings.Builder }

func (p *printer) indent(level int) { p.b.WriteString(strings.Repeat("  ", level)) }

func (p *printer) mapping(m *Map, level int) { p.entries(m, level, true) }

// entries writes a mapping whose first key is indented already; first says whether its comment is still to be written.
func (p *printer) entries(m *Map, level int, first bool) {
	for i, e := range m.entries {
		if i > 0 {
			p.indent(level)
		}
		if i > 0 || first {
			p.comment(e.comment, level)
		}
		p.b.WriteString(scalar(e.key, true) + ":")
		p.value(e.value, level, e.key)
	}
}

// comment writes lines and indents what follows them.
func (p *printer) comment(text string, level int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.b.WriteString(strings.TrimRight("# "+comment(line), " ") + "\n")
		p.indent(level)
	}
}

// comment takes out of a line what cannot stand in a comment.
func comment(line string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r != ' ' && !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, line)
}

// value writes what follows a key or a dash at a level.
func (p *printer) value(v any, level int, key string) {
	switch v := v.(type) {
	case *Map:
		switch {
		case v.Len() == 0:
			p.b.WriteString(" {}\n")
		case level > 0 && short(v):
			p.b.WriteString(" " + flow(v) + "\n")
		default:
			p.b.WriteString("\n")
			p.indent(level + 1)
			p.mapping(v, level+1)
		}
	case []any:
		p.list(v, level, key)
	case string:
		if lines, sign, ok := literal(v); ok {
			p.b.WriteString(" " + sign + "\n")
			for _, line := range lines {
				if line != "" {
					p.indent(level + 1)
				}
				p.b.WriteString(line + "\n")
			}
			return
		}
		p.b.WriteString(" " + scalar(v, false) + "\n")
	default:
		p.b.WriteString(" " + atom(v, false) + "\n")
	}
}

func (p *printer) list(list []any, level int, key string) {
	switch {
	case len(list) == 0:
		p.b.WriteString(" []\n")
		return
	case short(list):
		p.b.WriteString(" " + flow(list) + "\n")
		return
	}
	p.b.WriteString("\n")
	for _, item := range list {
		p.indent(level + 1)
		if m, ok := item.(*Map); ok && m.Len() > 0 && (key == "requests" || !short(m)) {
			p.comment(m.entries[0].comment, level+1) // above the dash
			p.b.WriteString("- ")
			p.entries(m, level+2, false)
			continue
		}
		p.b.WriteString("-")
		p.value(item, level+1, "")
	}
}

const maxShort = 72 // characters of a mapping or a list in braces

// short reports whether a value is written in braces: scalars, or one mapping of scalars.
func short(v any) bool {
	simple := func(v any) bool {
		s, ok := v.(string)
		return !composite(v) && (!ok || !strings.Contains(s, "\n"))
	}
	switch v := v.(type) {
	case *Map:
		for _, e := range v.entries {
			inner, nested := e.value.(*Map)
			if e.comment != "" || !simple(e.value) && (!nested || v.Len() > 1 || !short(inner)) {
				return false
			}
		}
	case []any:
		for _, item := range v {
			if !simple(item) {
				return false
			}
		}
	}
	return len(flow(v)) <= maxShort
}

func composite(v any) bool {
	switch v.(type) {
	case *Map, []any:
		return true
	}
	return false
}

func flow(v any) string {
	var parts []string
	switch v := v.(type) {
	case *Map:
		for _, e := range v.entries {
			parts = append(parts, scalar(e.key, true)+": "+flow(e.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for _, item := range v {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return atom(v, true)
}

// atom writes a scalar that is nil, true, a number or text.
func atom(v any, inBraces bool) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case json.Number:
		return v.String()
	case string:
		return scalar(v, inBraces)
	}
	return scalar(fmt.Sprint(v), inBraces)
}

// scalar writes text on one line: as it is where YAML takes that for the same text, and in double quotes otherwise.
func scalar(text string, inBraces bool) string {
	if plain(text) && !(inBraces && strings.ContainsAny(text, ",[]{}:?#")) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return b.String() + `"`
}

// plain reports whether text needs no quotes. source.Format takes more of them away.
func plain(text string) bool {
	if len(text) == 3 && text[0] >= '1' && text[0] <= '5' && text[1:] == "xx" { // a class of statuses
		return true
	}
	if !utf8.ValidString(text) || text == "" || text[0] >= utf8.RuneSelf || !unicode.IsLetter(rune(text[0])) || strings.TrimSpace(text) != text {
		return false
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return !strings.Contains(text, ": ") && !strings.Contains(text, " #") && !strings.HasSuffix(text, ":") &&
		strings.IndexFunc(text, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) < 0
}

// literal returns the lines of a text that is written as a block, and the sign before them.
func literal(text string) (lines []string, sign string, ok bool) {
	body := strings.TrimSuffix(text, "\n")
	if !utf8.ValidString(body) || !strings.Contains(body, "\n") || strings.HasPrefix(body, " ") || strings.HasPrefix(body, "\n") || strings.HasSuffix(body, "\n") {
		return nil, "", false
	}
	lines = strings.Split(body, "\n")
	for _, line := range lines {
		if strings.TrimRight(line, " ") != line || strings.IndexFunc(line, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) >= 0 {
			return nil, "", false
		}
	}
	if body == text {
		return lines, "|-", true
	}
	return lines, "|", true
}
