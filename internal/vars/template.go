package vars

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Template is text with {{name}} in it, ready to be expanded. The zero Template is empty text.
type Template struct {
	text  string // as written
	parts []part // nil for text without {{
}

// part is literal text, or a name with filters.
type part struct {
	literal string
	name    string
	naming  *Template // what makes the name, of {{patient_{{env}}}}; nil for a name that is written out
	filters []Filter
	pos     source.Pos
	written string // what stands between the braces
}

// Use is a name that a template needs, and where.
type Use struct {
	Name     string
	Pos      source.Pos
	Optional bool // a default filter stands behind it
}

// Read reads a scalar.
func (t *Template) Read(n source.Node) {
	text := n.Text()
	parsed, err := parse(text, n.Place)
	if err != nil {
		n.Record(err)
		return
	}
	*t = parsed
}

// Parse reads text that stands at pos; the places of its names are pos itself.
func Parse(text string, pos source.Pos) (Template, error) {
	return parse(text, func(int) source.Pos { return pos })
}

// ParseAt reads text whose names stand where place says: the rest of a scalar that starts with something else, say.
func ParseAt(text string, place func(offset int) source.Pos) (Template, error) {
	return parse(text, place)
}

// Literal returns a template that is text as it stands, {{ included.
func Literal(text string) Template { return Template{text: text, parts: []part{{literal: text}}} }

func parse(text string, place func(int) source.Pos) (Template, error) {
	t := Template{text: text}
	at := 0
	for {
		open := strings.Index(text[at:], "{{")
		if open < 0 {
			break
		}
		open += at
		pos := place(open)
		if open > at {
			t.parts = append(t.parts, part{literal: text[at:open]})
		}
		inner, end, ok := expression(text, open+2)
		if !ok {
			return t, unterminated(text[open:], pos)
		}
		p, err := parseExpression(inner, pos)
		if err != nil {
			return t, err
		}
		t.parts = append(t.parts, p)
		at = end
	}
	if t.parts != nil && at < len(text) {
		t.parts = append(t.parts, part{literal: text[at:]})
	}
	return t, nil
}

func unterminated(text string, pos source.Pos) error {
	if strings.Contains(text, "}}") && strings.ContainsAny(text, `"'`) {
		return pos.Errorf("a quote in {{…}} is not closed")
	}
	return pos.Errorf(`{{ without }}; write {{"{{"}} for the characters themselves`)
}

// expression returns what stands between {{ and }}, quotes and {{ }} inside considered, and where the rest begins.
func expression(text string, from int) (inner string, end int, ok bool) {
	var quote byte
	depth := 0
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' && strings.HasPrefix(text[i:], "{{"):
			depth++
			i++
		case c == '}' && strings.HasPrefix(text[i:], "}}"):
			if depth == 0 {
				return text[from:i], i + 2, true
			}
			depth--
			i++
		}
	}
	return "", 0, false
}

func parseExpression(inner string, pos source.Pos) (part, error) {
	name, rest := nameOf(inner)
	pieces := splitOutsideQuotes(rest, '|')
	name = strings.TrimSpace(name)
	p := part{pos: pos}
	switch {
	case name == "":
		return p, pos.Errorf("{{}} has no name in it")
	case name[0] == '"' || name[0] == '\'':
		text, ok := unquote(name)
		if len(pieces) > 1 || !ok {
			return p, pos.Errorf("{{%s}}: a text in quotes stands alone", strings.TrimSpace(inner))
		}
		p.literal = text
		return p, nil
	case strings.Contains(name, "{{"):
		naming, err := Parse(name, pos)
		if err != nil {
			return p, err
		}
		p.naming = &naming
	case strings.ContainsAny(name, "{}"):
		return p, pos.Errorf("{{%s}}: a name has no braces", strings.TrimSpace(inner))
	}
	p.name, p.written = name, strings.TrimSpace(inner)
	for _, piece := range pieces[1:] {
		f, err := parseFilter(piece, pos)
		if err != nil {
			return p, pos.Errorf("{{%s}}: %w", strings.TrimSpace(inner), err)
		}
		p.filters = append(p.filters, f)
	}
	return p, nil
}

// nameOf returns what stands before the first pipe of an expression, and the rest with the pipe. Pipes of a {{name}} in the name are
// its own.
func nameOf(inner string) (name, rest string) {
	if open := strings.Index(inner, "{{"); open >= 0 && !strings.ContainsAny(inner[:open], "|\"'") {
		if _, end, ok := expression(inner, open+2); ok {
			name, rest = nameOf(inner[end:])
			return inner[:end] + name, rest
		}
	}
	pieces := splitOutsideQuotes(inner, '|')
	return pieces[0], inner[len(pieces[0]):]
}

// unquote returns what stands between the quotes that a text starts and ends with.
func unquote(s string) (inner string, ok bool) {
	if len(s) < 2 || strings.IndexByte(s[1:], s[0]) != len(s)-2 {
		return "", false
	}
	return s[1 : len(s)-1], true
}

func splitOutsideQuotes(s string, sep byte) []string {
	var pieces []string
	var quote byte
	start := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == sep:
			pieces = append(pieces, s[start:i])
			start = i + 1
		}
	}
	return append(pieces, s[start:])
}

// String returns the template as it is written.
func (t Template) String() string { return t.text }

// Outline returns the literal text with mark in the place of every {{name}}, for checks of what is known before a run.
func (t Template) Outline(mark string) string {
	if t.parts == nil {
		return t.text
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.name != "" {
			b.WriteString(mark)
			continue
		}
		b.WriteString(p.literal)
	}
	return b.String()
}

// IsZero reports whether the template is empty text.
func (t Template) IsZero() bool { return t.text == "" && t.parts == nil }

// Static reports whether expanding needs no name.
func (t Template) Static() bool {
	return !slices.ContainsFunc(t.parts, func(p part) bool { return p.name != "" })
}

// Uses returns the names that the template needs.
func (t Template) Uses() []Use {
	var uses []Use
	for _, p := range t.parts {
		if p.name != "" {
			if p.naming != nil { // which name that makes, only the run can tell
				uses = append(uses, p.naming.Uses()...)
			} else {
				uses = append(uses, Use{p.name, p.pos, slices.ContainsFunc(p.filters, func(f Filter) bool { return f.name == fallback })})
			}
			for _, f := range p.filters {
				uses = append(uses, f.Uses()...)
			}
		}
	}
	return uses
}

// Expand returns the text with every name replaced. The error is a *source.Error at the name's place; AsUndefined tells an unknown name.
func (t Template) Expand(s *Scope) (string, error) {
	if t.parts == nil {
		return t.text, nil
	}
	v, err := t.value(s, nil)
	return v.Text, err
}

// Value is Expand, but a template that is exactly one {{name}} keeps the type of its value.
func (t Template) Value(s *Scope) (Value, error) {
	if t.parts == nil {
		return Value{Text: t.text}, nil
	}
	return t.value(s, nil)
}

func (t Template) value(s *Scope, trail *trail) (Value, error) {
	if t.parts == nil {
		return Value{Text: t.text}, nil
	}
	if len(t.parts) == 1 {
		return t.parts[0].value(s, trail)
	}
	var b strings.Builder
	secret := false
	for _, p := range t.parts {
		v, err := p.value(s, trail)
		if err != nil {
			return Value{}, err
		}
		secret = secret || v.Secret
		b.WriteString(v.Text)
	}
	return Value{Text: b.String(), Secret: secret}, nil
}

func (p part) value(s *Scope, trail *trail) (Value, error) {
	if p.name == "" {
		return Value{Text: p.literal}, nil
	}
	if text, ok := p.standIn(s); ok {
		return Value{Text: text}, nil
	}
	name := p.name
	if p.naming != nil {
		made, err := p.naming.value(s, trail)
		if err != nil {
			return Value{}, err
		}
		name = made.Text
	}
	v, err := s.lookup(name, trail)
	for i := range p.filters {
		if err == nil {
			v, err = p.filters[i].apply(s, trail, name, v)
		} else {
			v, err = p.filters[i].rescue(s, trail, err)
		}
	}
	if u, ok := err.(*Undefined); ok && s.left != nil {
		s.left(u.Name)
		return Value{Text: "{{" + p.written + "}}"}, nil
	}
	if err != nil {
		return Value{}, p.located(s, err)
	}
	return v, nil
}

// standIn returns what is written for the whole expression where a name in it has no value before a run.
func (p part) standIn(s *Scope) (text string, ok bool) {
	if s.stand == nil {
		return "", false
	}
	if p.naming != nil {
		for _, u := range p.naming.Uses() {
			if text, ok = s.stand(u.Name, p.written); ok {
				return text, true
			}
		}
	} else if text, ok = s.stand(p.name, p.written); ok {
		return text, true
	}
	for _, f := range p.filters {
		for _, u := range f.Uses() {
			if text, ok = s.stand(u.Name, p.written); ok {
				return text, true
			}
		}
	}
	return "", false
}

// located gives an error the name's place, unless it comes from a template that this one leads to: the place that is wrong.
func (p part) located(s *Scope, err error) error {
	switch e := err.(type) {
	case *source.Error:
		return e
	case *Undefined:
		return p.pos.Errorf("%w", s.undefined(e.Name))
	}
	return p.pos.Errorf("%w", err)
}
