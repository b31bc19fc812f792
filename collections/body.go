package collections

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// body is what stands under one of the keys of bodies.
type body interface {
	uses() []vars.Use
	// build returns the bytes and their type. given is the Content-Type that the user wrote, empty for none; the body
	// returns it, or makes it complete.
	build(s *vars.Scope, given string) (content []byte, contentType string, err error)
	// typed reports whether the Content-Type follows from the body alone, whatever the folders say.
	typed() bool
}

// bodies is the table of the kinds of bodies.
func bodies() map[string]func(source.Node, *files) body {
	return map[string]func(source.Node, *files) body{
		"json":      readJSON,
		"form":      readForm,
		"multipart": readMultipart,
		"text":      readText("text/plain; charset=utf-8"),
		"xml":       readText("application/xml"),
		"graphql":   readGraphQL,
		"file":      readFile,
	}
}

func (m *Message) readBody(n source.Node, kind string, fs *files, read func(source.Node, *files) body) {
	b := read(n, fs)
	if m.body != nil {
		n.Errorf("%s: is a second body beside %s:; a request has one", kind, m.kind)
		return
	}
	m.body, m.kind = b, kind
}

func orElse(given, contentType string) string {
	if given != "" {
		return given
	}
	return contentType
}

// jsonBody is a YAML value that is sent as JSON.
type jsonBody struct {
	doc   vars.Document
	fixed []byte // the text, where no name is in it
}

func readJSON(n source.Node, _ *files) body {
	b := &jsonBody{}
	b.doc.Read(n)
	if b.doc.Static() {
		b.fixed, _ = b.doc.JSON(nil) // without a name in it nothing can fail
	}
	return b
}

func (b *jsonBody) uses() []vars.Use { return b.doc.Uses() }
func (b *jsonBody) typed() bool      { return false }

func (b *jsonBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	given = orElse(given, "application/json")
	if b.fixed != nil {
		return b.fixed[:len(b.fixed):len(b.fixed)], given, nil
	}
	content, err := b.doc.JSON(s)
	return content, given, err
}

// formBody is application/x-www-form-urlencoded, its fields in the order of the file.
type formBody struct{ fields []field }

func readForm(n source.Node, _ *files) body {
	return &formBody{readFields(n)}
}

func (b *formBody) uses() []vars.Use { return fieldUses(b.fields) }
func (b *formBody) typed() bool      { return true }

func (b *formBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	var text strings.Builder
	if err := encode(&text, b.fields, s); err != nil {
		return nil, "", err
	}
	return []byte(text.String()), orElse(given, "application/x-www-form-urlencoded"), nil
}

// textBody is text as it is written.
type textBody struct {
	text        vars.Template
	contentType string
}

func readText(contentType string) func(source.Node, *files) body {
	return func(n source.Node, _ *files) body {
		b := &textBody{contentType: contentType}
		b.text.Read(n)
		return b
	}
}

func (b *textBody) uses() []vars.Use { return b.text.Uses() }
func (b *textBody) typed() bool      { return false }

func (b *textBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	text, err := b.text.Expand(s)
	return []byte(text), orElse(given, b.contentType), err
}

// graphqlBody is a GraphQL request as JSON (GraphQL over HTTP, section 5.4).
type graphqlBody struct {
	query     vars.Template
	operation vars.Template
	variables *vars.Document // nil for none
}

func graphqlKeys(b *graphqlBody) source.Keys {
	return source.Keys{
		"query":     b.query.Read,
		"operation": b.operation.Read,
		"variables": b.readVariables,
	}
}

func readGraphQL(n source.Node, _ *files) body {
	b := &graphqlBody{}
	if n.IsScalar() {
		b.query.Read(n)
		return b
	}
	keys := graphqlKeys(b)
	n.Map(keys)
	if n.IsMap() && !n.Has("query") && !unknown(n, keys) {
		n.Errorf("graphql has no query")
	}
	return b
}

func (b *graphqlBody) readVariables(n source.Node) {
	if !n.IsMap() && !n.IsText() { // a text may be "{{name}}" of an object
		n.Errorf("variables: want a mapping of names to values")
		return
	}
	b.variables = new(vars.Document)
	b.variables.Read(n)
}

func (b *graphqlBody) uses() []vars.Use {
	uses := append(b.query.Uses(), b.operation.Uses()...)
	if b.variables != nil {
		uses = append(uses, b.variables.Uses()...)
	}
	return uses
}

func (b *graphqlBody) typed() bool { return false }

func (b *graphqlBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	query, err := b.query.Expand(s)
	if err != nil {
		return nil, "", err
	}
	text := append([]byte(`{"query":`), vars.Value{Text: query}.Literal()...)
	if b.variables != nil {
		variables, err := b.variables.JSON(s)
		if err != nil {
			return nil, "", err
		}
		text = append(append(text, `,"variables":`...), variables...)
	}
	if !b.operation.IsZero() {
		operation, err := b.operation.Expand(s)
		if err != nil {
			return nil, "", err
		}
		text = append(append(text, `,"operationName":`...), vars.Value{Text: operation}.Literal()...)
	}
	return append(text, '}'), orElse(given, "application/json"), nil
}

// fileBody is the content of a file, read anew for every attempt.
type fileBody struct{ file file }

func readFile(n source.Node, in *files) body {
	b := &fileBody{file{in: in}}
	b.file.read(n)
	return b
}

func (b *fileBody) uses() []vars.Use { return b.file.path.Uses() }
func (b *fileBody) typed() bool      { return false }

func (b *fileBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	name, content, err := b.file.load(s)
	return content, orElse(given, contentType(name)), err
}
