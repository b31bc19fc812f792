package expect

import (
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// readOpenAPI reads the file of an OpenAPI document, or a mapping of file and operation.
func readOpenAPI(n source.Node, t Terms) {
	f := &openAPIFile{pos: n.Pos()}
	if n.IsMap() {
		n.Map(source.Keys{
			"file":      func(n source.Node) { f.pos, f.name = n.Pos(), fixedName(n) },
			"operation": func(n source.Node) { f.operationPos, f.operation = n.Pos(), fixedName(n) },
		})
		if !n.Has("file") {
			n.Errorf("which document? write file: openapi.yaml beside operation")
		}
	} else {
		f.name = fixedName(n)
	}
	if f.name == "" {
		return
	}
	*t.files = append(*t.files, f)
	t.into.expect(openAPIQuery{f}, []Predicate{{pos: n.Pos(), matcher: conforms{f}}})
}

// fixedName reads a text that must be known when the collection is loaded; empty after a problem.
func fixedName(n source.Node) string {
	name := n.Text()
	if strings.Contains(name, "{{") {
		n.Errorf("the document is read with the collection, before any variable has a value; write this without {{}}")
		return ""
	}
	if name == "" && n.IsText() {
		n.Errorf("the name is empty")
	}
	return name
}

// openAPIFile is a document, and the operation of it that an answer is of.
type openAPIFile struct {
	pos          source.Pos
	name         string
	operation    string // its operationId; empty: by method and path
	operationPos source.Pos

	document *openAPI       // nil until it is loaded
	named    *openAPIAction // of operation
}

// load reads the document, once for a collection, and everything in it that answers may be judged by.
func (f *openAPIFile) load(files *Files) error {
	doc, known := files.openAPIs[f.name]
	if !known {
		var err error
		if doc, err = newOpenAPI(files, f.name); err != nil {
			return unread(f.pos, f.name, err)
		}
		if files.openAPIs == nil {
			files.openAPIs = map[string]*openAPI{}
		}
		files.openAPIs[f.name] = doc
	}
	f.document = doc
	if f.operation == "" {
		doc.compile(doc.actions...)
		return doc.problems(files)
	}
	ids := make([]string, 0, len(doc.actions))
	for _, a := range doc.actions {
		if a.id == f.operation {
			f.named = a
		}
		if a.id != "" {
			ids = append(ids, a.id)
		}
	}
	if f.named == nil {
		return f.operationPos.Errorf("%s has no operation %q; %s", f.name, f.operation, source.Suggest(f.operation, ids))
	}
	doc.compile(f.named)
	return doc.problems(files)
}

// openAPIQuery finds what of an answer is not as a document describes it.
type openAPIQuery struct{ file *openAPIFile }

func (openAPIQuery) String() string { return "openapi" }

// Find returns a []any of strings: what the operation is called, and each deviation from it.
func (q openAPIQuery) Find(a *Answer) (any, error) {
	f := q.file
	if f.document == nil {
		return Absent{}, nil
	}
	action := f.named
	if action == nil {
		var missing string
		if action, missing = f.document.find(a.exchange.Request.Method, a.exchange.Request.URL); missing != "" {
			return []any{"", missing}, nil
		}
	}
	found := []any{action.label()}
	for _, line := range action.deviations(a) {
		found = append(found, line)
	}
	return found, nil
}

// details say that the answer is not one of the address that the request was sent to.
func (q openAPIQuery) details(a *Answer) []string {
	if n := len(a.response.Hops); n > 0 {
		return []string{"the answer came after " + plural(n, "redirect") + ", from " + a.response.URL + "; follow_redirects: false judges the first"}
	}
	return nil
}

// conforms holds for an answer without deviations.
type conforms struct{ file *openAPIFile }

func (conforms) judge(v value) verdict {
	if v.kind != list {
		return unfit
	}
	return of(len(v.list()) == 1)
}

func (c conforms) want(what string, not bool) string {
	return to(what, "conform to "+c.file.name, not)
}

func (c conforms) explain(v value, _ bool) string {
	lines := texts(v.list())
	switch {
	case len(lines) < 2:
		return ""
	case lines[0] == "":
		return c.file.name + " " + lines[1]
	}
	start := "the answer differs from " + lines[0] + " of " + c.file.name
	switch n := len(lines) - 1; {
	case n == 1:
		return start + ": " + lines[1]
	case n > maxDifferences:
		return start + " in more than " + strconv.Itoa(maxDifferences) + " places, the first: " + lines[1]
	default:
		return start + " in " + strconv.Itoa(n) + " places, the first: " + lines[1]
	}
}

func (conforms) differences(v value) []string {
	if lines := texts(v.list()); len(lines) > 1 {
		return atMost(lines[1:])
	}
	return nil
}

// texts returns the elements of a list of texts.
func texts(l []any) []string {
	lines := make([]string, 0, len(l))
	for _, e := range l {
		if s, ok := e.(string); ok {
			lines = append(lines, s)
		}
	}
	return lines
}

// plural counts things.
func plural(n int, thing string) string {
	if n == 1 {
		return "one " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
