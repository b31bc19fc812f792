package vars

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Document is a YAML value whose texts are templates: a JSON body, a claim, an expected value, a variable.
// The zero Document is null.
type Document struct {
	pos     source.Pos
	kind    kind
	literal any      // nil, bool or json.Number
	text    Template // of a text, and the key of a member
	members []Document
}

type kind int

const (
	scalar kind = iota
	text
	list
	object
)

// Read reads a value of any kind. Keys of mappings are templates of texts.
func (d *Document) Read(n source.Node) {
	d.pos = n.Pos()
	switch {
	case n.IsText():
		d.kind = text
		d.text.Read(n)
	case n.IsList():
		d.kind = list
		for _, item := range n.Items() {
			var m Document
			m.Read(item)
			d.members = append(d.members, m)
		}
	case n.IsMap():
		d.kind = object
		for _, e := range n.Entries() {
			name, err := ParseAt(e.Name(), e.Key.Place)
			if err != nil {
				e.Key.Record(err)
			}
			var m Document
			m.Read(e.Value)
			d.members = append(d.members, Document{kind: text, text: name, pos: e.Key.Pos()}, m)
		}
	default:
		d.literal = n.Value()
	}
}

// Text returns a document that is one text template.
func Text(t Template) Document { return Document{kind: text, text: t} }

// Pos returns where the value stands.
func (d Document) Pos() source.Pos { return d.pos }

// Static reports whether the value needs no name.
func (d Document) Static() bool {
	return d.text.Static() && !slices.ContainsFunc(d.members, func(m Document) bool { return !m.Static() })
}

// Uses returns the names that the value needs.
func (d Document) Uses() []Use {
	uses := d.text.Uses()
	for _, m := range d.members {
		uses = append(uses, m.Uses()...)
	}
	return uses
}

// Any returns the value as JSON has it: nil, bool, json.Number, string, []any or map[string]any.
// A text that is exactly one {{name}} becomes what the name stands for, its type kept.
func (d Document) Any(s *Scope) (any, error) { return d.any(s, nil) }

func (d Document) any(s *Scope, t *trail) (any, error) {
	switch d.kind {
	case text:
		v, err := d.text.value(s, t)
		if err != nil {
			return nil, err
		}
		return v.Any(), nil
	case list:
		out := make([]any, len(d.members))
		for i, m := range d.members {
			v, err := m.any(s, t)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case object:
		out := make(map[string]any, len(d.members)/2)
		for i := 0; i < len(d.members); i += 2 {
			name, err := d.key(i, s, t)
			if err != nil {
				return nil, err
			}
			if _, twice := out[name.Text]; twice {
				return nil, d.twice(i, name)
			}
			if out[name.Text], err = d.members[i+1].any(s, t); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return d.literal, nil
}

// JSON returns the value as JSON text, its members in the order of the file.
func (d Document) JSON(s *Scope) ([]byte, error) {
	var b strings.Builder
	if _, err := d.json(s, nil, &b); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

// json writes the value, and reports whether a secret is in it.
func (d Document) json(s *Scope, t *trail, b *strings.Builder) (secret bool, err error) {
	switch d.kind {
	case text:
		v, err := d.text.value(s, t)
		if err != nil {
			return false, err
		}
		b.WriteString(v.Literal())
		return v.Secret, nil
	case list:
		return d.group(s, t, b, "[", "]", 1)
	case object:
		return d.group(s, t, b, "{", "}", 2)
	}
	b.WriteString(Of(d.literal).Text)
	return false, nil
}

// key returns the name of the member whose name is at i.
func (d Document) key(i int, s *Scope, t *trail) (Value, error) {
	return d.members[i].text.value(s, t)
}

// varies reports whether a variable stands in the name of a member.
func (d Document) varies() bool {
	for i := 0; i < len(d.members); i += 2 {
		if !d.members[i].text.Static() {
			return true
		}
	}
	return false
}

// twice says that a variable made a name of one that the mapping has already.
func (d Document) twice(i int, name Value) error {
	shown := "this"
	if !name.Secret {
		shown = strconv.Quote(name.Text)
	}
	return d.members[i].pos.Errorf("%s: a second member is called %s", d.members[i].text.text, shown)
}

func (d Document) group(s *Scope, t *trail, b *strings.Builder, open, end string, step int) (secret bool, err error) {
	var names map[string]bool // those before, where a variable may repeat one
	if step == 2 && d.varies() {
		names = map[string]bool{}
	}
	b.WriteString(open)
	for i := 0; i < len(d.members); i += step {
		if i > 0 {
			b.WriteByte(',')
		}
		if step == 2 {
			name, err := d.key(i, s, t)
			if err != nil {
				return false, err
			}
			if names[name.Text] {
				return false, d.twice(i, name)
			}
			if names != nil {
				names[name.Text] = true
			}
			secret = secret || name.Secret
			b.WriteString(quoteJSON(name.Text))
			b.WriteByte(':')
		}
		hidden, err := d.members[i+step-1].json(s, t, b)
		if err != nil {
			return false, err
		}
		secret = secret || hidden
	}
	b.WriteString(end)
	return secret, nil
}

// value returns the document as a variable's value.
func (d Document) value(s *Scope, t *trail) (Value, error) {
	if d.kind == text {
		return d.text.value(s, t)
	}
	var b strings.Builder
	secret, err := d.json(s, t, &b)
	if err != nil {
		return Value{}, err
	}
	return Value{Text: b.String(), JSON: true, Secret: secret}, nil
}

// Of returns the Value of a JSON value (nil, bool, json.Number, string, []any, map[string]any).
func Of(v any) Value {
	switch v := v.(type) {
	case nil:
		return Value{Text: "null", JSON: true}
	case string:
		return Value{Text: v}
	case bool:
		return Value{Text: strconv.FormatBool(v), JSON: true}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Value{JSON: true, Text: "null"}
	}
	return Value{JSON: true, Text: strings.TrimSuffix(b.String(), "\n")}
}

// Literal returns the value as JSON text.
func (v Value) Literal() string {
	if v.JSON {
		return v.Text
	}
	return quoteJSON(v.Text)
}

// Any returns the value as JSON has it. A number keeps its digits (json.Number).
func (v Value) Any() any {
	if !v.JSON {
		return v.Text
	}
	dec := json.NewDecoder(strings.NewReader(v.Text))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return v.Text
	}
	return out
}

// Value returns the value as a variable holds it: a text that is exactly one {{name}} keeps its type, anything but a
// text is JSON.
func (d Document) Value(s *Scope) (Value, error) {
	if d.kind == scalar {
		return Of(d.literal), nil
	}
	return d.value(s, nil)
}
