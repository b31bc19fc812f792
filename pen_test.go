package hgrun_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

// pen writes a drawn value as YAML as people do: now in braces, now over lines, with all kinds of quotes, with comments and
// empty lines anywhere, with anchors.
type pen struct {
	r       *rand.Rand
	b       strings.Builder
	anchors []any
}

func newPen(r *rand.Rand) *pen { return &pen{r: r} }

// page writes a whole file.
func (p *pen) page(v any) string {
	p.between(0)
	if p.r.IntN(8) == 0 {
		p.b.WriteString("--- # a document\n")
	}
	p.lines(v, 0)
	p.between(0)
	text := p.b.String()
	switch p.r.IntN(8) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = "\ufeff" + text
	case 2:
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

func (p *pen) one(in int) bool { return p.r.IntN(in) == 0 }

func (p *pen) pad(indent int) { p.b.WriteString(strings.Repeat(" ", indent)) }

// between writes what may stand between lines.
func (p *pen) between(indent int) {
	for p.one(5) {
		p.pad(indent)
		p.b.WriteString([]string{"# a comment\n", "\n", "#no space\n", "# a: b, {c}\n"}[p.r.IntN(4)])
	}
}

func (p *pen) end() {
	p.b.WriteString([]string{"\n", "\n", "\n", "\n", " # behind\n", "   #  far \"behind\n", "  \n"}[p.r.IntN(7)])
}

// lines writes a mapping or a list, each member on a line of its own.
func (p *pen) lines(v any, indent int) {
	switch v := v.(type) {
	case []member:
		for i, m := range v {
			if i > 0 {
				p.between(indent)
				p.pad(indent)
			}
			p.b.WriteString(p.key(m.key) + ":")
			p.value(m.value, indent)
		}
	case []any:
		for i, item := range v {
			if i > 0 {
				p.between(indent)
				p.pad(indent)
			}
			p.b.WriteString("-")
			p.item(item, indent)
		}
	}
}

func count(v any) int {
	switch v := v.(type) {
	case []member:
		return len(v)
	case []any:
		return len(v)
	}
	return -1
}

// item writes what stands behind a dash.
func (p *pen) item(v any, indent int) {
	if count(v) > 0 && p.one(2) {
		p.b.WriteString(" ")
		p.lines(v, indent+2)
		return
	}
	p.value(v, indent)
}

// value writes what stands behind a key or a dash.
func (p *pen) value(v any, indent int) {
	for i, known := range p.anchors {
		if p.one(2) && reflect.DeepEqual(known, v) {
			fmt.Fprintf(&p.b, " *n%d", i)
			p.end()
			return
		}
	}
	if v != nil && count(v) != 0 && p.one(25) {
		fmt.Fprintf(&p.b, " &n%d", len(p.anchors))
		p.anchors = append(p.anchors, v)
	}
	switch {
	case count(v) > 0 && !p.one(4):
		p.end()
		deeper := indent + 1 + p.r.IntN(4)
		p.between(deeper)
		p.pad(deeper)
		p.lines(v, deeper)
	case count(v) >= 0:
		p.b.WriteString(" " + p.flow(v))
		p.end()
	default:
		p.scalar(v, indent)
	}
}

func (p *pen) scalar(v any, indent int) {
	text, isText := v.(string)
	if v == nil && p.one(2) {
		p.end()
		return
	}
	if isText && strings.Contains(strings.TrimRight(text, "\n"), "\n") && strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) < 0 && p.one(2) {
		p.block(text, indent)
		return
	}
	p.b.WriteString(" " + p.inline(v))
	p.end()
}

// block writes a text of several lines as a block scalar.
func (p *pen) block(text string, indent int) {
	body := strings.TrimRight(text, "\n")
	chomp := []string{"-", "", "+"}[min(len(text)-len(body), 2)]
	p.b.WriteString(" |2" + chomp)
	p.b.WriteString([]string{"\n", " # behind\n"}[p.r.IntN(2)])
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			p.pad(indent + 2)
		}
		p.b.WriteString(line + "\n")
	}
	for range max(len(text)-len(body)-1, 0) {
		p.b.WriteString("\n")
	}
}

// flow writes a value in braces.
func (p *pen) flow(v any) string {
	switch v := v.(type) {
	case []member:
		var parts []string
		for _, m := range v {
			parts = append(parts, p.key(m.key)+": "+p.flow(m.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, p.flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return p.inline(v)
}

var simple = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_/]*([ .-][A-Za-z0-9_/]+)*$`)

func (p *pen) key(name string) string {
	if simple.MatchString(name) && !p.one(6) && !reserved(name) {
		return name
	}
	return p.quoted(name)
}

func reserved(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return true
	}
	return false
}

// inline writes a scalar on one line.
func (p *pen) inline(v any) string {
	switch v := v.(type) {
	case nil:
		return []string{"null", "~", "Null"}[p.r.IntN(3)]
	case json.Number:
		return v.String()
	case string:
		if simple.MatchString(v) && !reserved(v) && !p.one(3) {
			return v
		}
		return p.quoted(v)
	}
	return fmt.Sprint(v)
}

func (p *pen) quoted(text string) string {
	if p.one(2) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	quoted, _ := json.Marshal(text)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(quoted))
}
