package collections

import (
	"fmt"
	"net/textproto"
	"reflect"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Written is a message as a script sees it and changes it: its templates are not replaced.
type Written struct {
	Method  string
	URL     string // with what query: adds
	Headers []WrittenField
	Body    WrittenBody
}

// WrittenField is a header, a field of a form, or a part of a multipart body.
type WrittenField struct {
	Name        string
	Value       string
	File        string // of a part: the path of what is sent; empty for a text
	ContentType string // of a part
}

// WrittenBody is a body; the zero one is none.
type WrittenBody struct {
	Kind      string // json, text, xml, form, multipart, graphql or file
	Text      string // of json, text and xml; the query of graphql; the path of file
	Fields    []WrittenField
	Operation string // of graphql
	Variables string // of graphql, as JSON
}

// Written returns the message as it is written.
func (m *Message) Written() Written {
	w := Written{Method: m.Method, URL: m.URL.String(), Body: m.writtenBody()}
	separator := "?"
	if strings.Contains(w.URL, "?") {
		separator = "&"
	}
	for _, f := range m.query {
		for _, v := range f.values {
			w.URL += separator + f.name + "=" + v.String()
			separator = "&"
		}
	}
	for _, h := range m.Headers {
		for _, v := range h.Values {
			w.Headers = append(w.Headers, WrittenField{Name: h.Name, Value: v.String()})
		}
	}
	return w
}

func (m *Message) writtenBody() WrittenBody {
	w := WrittenBody{Kind: m.kind}
	switch b := m.body.(type) {
	case *jsonBody:
		w.Text = writtenJSON(b.doc)
	case *textBody:
		w.Text = b.text.String()
	case *formBody:
		for _, f := range b.fields {
			for _, v := range f.values {
				w.Fields = append(w.Fields, WrittenField{Name: f.name, Value: v.String()})
			}
		}
	case *multipartBody:
		for _, p := range b.parts {
			f := WrittenField{Name: p.name, Value: p.text.String(), ContentType: p.contentType.String()}
			if p.file != nil {
				f.File = p.file.path.String()
			}
			w.Fields = append(w.Fields, f)
		}
	case *graphqlBody:
		w.Text, w.Operation = b.query.String(), b.operation.String()
		if b.variables != nil {
			w.Variables = writtenJSON(*b.variables)
		}
	case *fileBody:
		w.Text = b.file.path.String()
	}
	return w
}

// writtenJSON returns a document as JSON in which templates stand as they are.
func writtenJSON(doc vars.Document) string {
	as := vars.NewScope(nil).StandIn(func(_, expression string) (string, bool) { return "{{" + expression + "}}", true })
	text, _ := doc.JSON(as) // every name is stood in for, so that nothing can fail but a name of two members
	return string(text)
}

// Rewritten returns the message with what is different from Written. What is not stays as it is, with its types.
func (m *Message) Rewritten(to Written) (Message, error) {
	was, made := m.Written(), *m
	if to.Method != was.Method {
		if !isToken(to.Method) {
			return made, fmt.Errorf("%q cannot be the method of a request", to.Method)
		}
		made.Method = to.Method
	}
	var err error
	if to.URL != was.URL {
		if made.URL, err = vars.Parse(to.URL, m.Pos); err != nil {
			return made, err
		}
		made.query = nil
	}
	if !reflect.DeepEqual(to.Headers, was.Headers) {
		if made.Headers, err = m.rewrittenHeaders(to.Headers); err != nil {
			return made, err
		}
	}
	if !reflect.DeepEqual(to.Body, was.Body) {
		made.kind = to.Body.Kind
		made.body, err = m.rewrittenBody(to.Body)
	}
	return made, err
}

func (m *Message) rewrittenHeaders(fields []WrittenField) ([]Header, error) {
	var headers []Header
	for _, f := range fields {
		if !isToken(f.Name) {
			return nil, fmt.Errorf("%q cannot be the name of a header", f.Name)
		}
		value, err := vars.Parse(f.Value, m.Pos)
		if err != nil {
			return nil, err
		}
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		if i := indexHeader(headers, name); i >= 0 {
			headers[i].Values = append(headers[i].Values, value)
			continue
		}
		headers = append(headers, Header{Pos: m.Pos, Name: name, Values: []vars.Template{value}})
	}
	return headers, nil
}

func indexHeader(headers []Header, name string) int {
	for i := range headers {
		if headers[i].Name == name {
			return i
		}
	}
	return -1
}

func (m *Message) rewrittenBody(w WrittenBody) (body, error) {
	switch w.Kind {
	case "":
		return nil, nil
	case "form":
		b := &formBody{}
		for _, f := range w.Fields {
			value, err := vars.Parse(f.Value, m.Pos)
			if err != nil {
				return nil, err
			}
			b.fields = append(b.fields, field{name: f.Name, pos: m.Pos, values: []vars.Template{value}})
		}
		return b, nil
	case "multipart":
		return m.rewrittenParts(w.Fields)
	case "graphql":
		return m.rewrittenGraphQL(w)
	case "file":
		return nil, fmt.Errorf("a script cannot choose the file that is sent: write file: in the request")
	}
	text, err := vars.Parse(w.Text, m.Pos)
	contentType := map[string]string{"json": "application/json", "xml": "application/xml"}[w.Kind]
	return &textBody{text: text, contentType: orElse(contentType, "text/plain; charset=utf-8")}, err
}

// rewrittenParts are parts of texts; a file is one that the message has already.
func (m *Message) rewrittenParts(fields []WrittenField) (body, error) {
	b := &multipartBody{pos: m.Pos}
	own, _ := m.body.(*multipartBody)
	for _, f := range fields {
		p := part{name: f.Name, pos: m.Pos}
		var err error
		switch {
		case f.File == "":
			p.text, err = vars.Parse(f.Value, m.Pos)
		case own == nil || own.fileOf(f.File) == nil:
			return nil, fmt.Errorf("a script cannot choose a file that is sent, got %q: write it in multipart: of the request", f.File)
		default:
			p = *own.fileOf(f.File)
			p.name = f.Name
		}
		if err == nil && f.ContentType != "" {
			p.contentType, err = vars.Parse(f.ContentType, m.Pos)
		}
		if err != nil {
			return nil, err
		}
		b.parts = append(b.parts, p)
	}
	return b, nil
}

func (b *multipartBody) fileOf(path string) *part {
	for i := range b.parts {
		if f := b.parts[i].file; f != nil && f.path.String() == path {
			return &b.parts[i]
		}
	}
	return nil
}

func (m *Message) rewrittenGraphQL(w WrittenBody) (body, error) {
	b := &graphqlBody{}
	var err error
	if b.query, err = vars.Parse(w.Text, m.Pos); err != nil {
		return nil, err
	}
	if w.Operation != "" {
		if b.operation, err = vars.Parse(w.Operation, m.Pos); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(w.Variables) != "" {
		b.variables = new(vars.Document)
		if err := source.Parse(m.Pos.File, []byte(w.Variables), b.variables.Read); err != nil {
			return nil, fmt.Errorf("the variables of graphql are no JSON: %s", w.Variables)
		}
	}
	return b, nil
}
