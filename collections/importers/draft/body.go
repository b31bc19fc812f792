package draft

import (
	"net/url"
	"regexp"
	"strings"
)

// body writes what the message carries under the kind that shows it best and sends the same.
func (w *writing) body() {
	b := w.Body
	switch {
	case b.File != "":
		w.item.Set("file", w.literal(b.File))
	case len(b.Multipart) > 0:
		parts := &Map{}
		for _, f := range b.Multipart {
			parts.Add(f.Name, w.part(f))
		}
		w.item.Set("multipart", parts)
	case len(b.Form) > 0:
		w.item.Set("form", w.fields(b.Form))
	case b.Text != "":
		w.text()
	}
}

func (w *writing) part(f Field) any {
	if !f.File && f.Filename == "" && f.Type == "" {
		return w.value(f.Name, f.Value)
	}
	p := &Map{}
	if f.File {
		p.Set("file", w.literal(f.Value))
	} else {
		p.Set("text", w.value(f.Name, f.Value))
	}
	p.SetSome("filename", w.literal(f.Filename))
	p.SetSome("content_type", w.literal(f.Type))
	return p
}

func (w *writing) fields(fields []Field) *Map {
	m := &Map{}
	for _, f := range fields {
		m.Add(f.Name, w.value(f.Name, f.Value))
	}
	return m
}

func (w *writing) text() {
	kind := w.contentType()
	switch {
	case kind == "application/x-www-form-urlencoded" || kind == "" && !w.Templates:
		if fields := w.form(); fields != nil {
			w.item.Set("form", w.fields(fields))
			return
		}
	case strings.HasSuffix(kind, "json") || kind == "":
	case strings.HasSuffix(kind, "xml"):
		w.item.Set("xml", w.literal(w.Body.Text))
		return
	}
	looks := strings.HasPrefix(strings.TrimSpace(w.Body.Text), "{") || strings.HasPrefix(strings.TrimSpace(w.Body.Text), "[")
	if v, ok := w.json(); ok && (strings.HasSuffix(kind, "json") || looks && kind != "text/plain") {
		w.item.Set("json", v)
		return
	}
	if !printable(w.Body.Text) {
		w.Note(w.Pos, "the body is not text and is left out; put it into a file and write file: PATH")
		return
	}
	w.item.Set("text", w.literal(w.Body.Text))
}

// form returns the fields of a body that is a form, nil where it is none or would be sent differently.
func (w *writing) form() []Field {
	var fields []Field
	for piece := range strings.SplitSeq(strings.TrimSpace(w.Body.Text), "&") {
		name, value, given := strings.Cut(strings.TrimSpace(piece), "=")
		n, errN := url.QueryUnescape(name)
		v, errV := value, error(nil)
		if !strings.Contains(value, "{{") {
			v, errV = url.QueryUnescape(value)
		}
		if !given || n == "" || errN != nil || errV != nil || strings.ContainsAny(n, "{}\n\"") || !printable(n+v) {
			return nil
		}
		fields = append(fields, Field{Name: n, Value: v})
	}
	return fields
}

// json returns a body in JSON as a value, with the secrets in it as templates. In a template a bare {{name}} is a value of any type.
func (w *writing) json() (any, bool) {
	text := w.Body.Text
	if w.Templates {
		text = quoteBare(text)
	}
	v, err := Decode([]byte(text))
	if err != nil {
		return nil, false
	}
	return w.jsonValue("", v), true
}

func (w *writing) jsonValue(name string, v any) any {
	switch v := v.(type) {
	case string:
		return w.value(name, v)
	case []any:
		for i := range v {
			v[i] = w.jsonValue(name, v[i])
		}
	case *Map:
		for i, e := range v.entries {
			v.entries[i].key, v.entries[i].value = w.literal(e.key), w.jsonValue(e.key, e.value)
		}
	}
	return v
}

// DecodeTemplates is Decode of a text in which a bare {{name}} stands for a value of any type.
func DecodeTemplates(text string) (any, error) { return Decode([]byte(quoteBare(text))) }

// quoteBare puts quotes around each {{name}} of a JSON text that stands in no string.
func quoteBare(text string) string {
	expression := regexp.MustCompile(`^\{\{[^{}]*\}\}`)
	var b strings.Builder
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\' && i+1 < len(text):
			b.WriteByte(c)
			i++
			c = text[i]
		case c == '"':
			inString = !inString
		case !inString && c == '{':
			if found := expression.FindString(text[i:]); found != "" {
				b.WriteString(`"` + strings.ReplaceAll(found, `"`, `\"`) + `"`)
				i += len(found) - 1
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
