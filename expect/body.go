package expect

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// textQuery finds the body as text.
type textQuery struct{}

func (textQuery) String() string { return "text" }

// Find returns the body as characters, after the charset that Content-Type names.
func (q textQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (textQuery) look(a *Answer) (value, error) {
	s, err := a.text()
	return value{kind: text, text: s}, err
}

func (textQuery) operand(v any) (any, error) { return amongTexts(v, "the text of a body") }

// bodyQuery finds the body as a whole.
type bodyQuery struct{}

func (bodyQuery) String() string { return "body" }

// Find returns the body as characters where its charset is known, else its bytes.
func (q bodyQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (bodyQuery) look(a *Answer) (value, error) {
	if s, err := a.text(); err == nil {
		return value{kind: text, text: s}, nil
	}
	return value{kind: text, text: a.body}, a.whole()
}

// operand makes a document of an expected object or list, and of a text that spells one, so that two ways of writing
// the same JSON are equal.
func (bodyQuery) operand(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return document{v}, nil
	}
	if d, ok := spelt(s); ok {
		return d, nil
	}
	return s, nil
}

// spelt reads the JSON object or list that a text is.
func spelt(s string) (document, bool) {
	t := strings.TrimSpace(s)
	if t == "" || t[0] != '{' && t[0] != '[' {
		return document{}, false
	}
	v, ok := parseJSON(t)
	return document{v}, ok
}

// sizeQuery finds the number of bytes of the body, decompressed.
type sizeQuery struct{}

func (sizeQuery) String() string { return "size" }

// Find returns a json.Number.
func (q sizeQuery) Find(a *Answer) (any, error) { v, _ := q.look(a); return v.box(), nil }

func (sizeQuery) look(a *Answer) (value, error) {
	return value{kind: number, text: strconv.FormatInt(a.response.Size(), 10)}, nil
}

func (sizeQuery) operand(v any) (any, error) {
	if n, ok := numeric(v).(json.Number); ok {
		return n, nil
	}
	if s, ok := v.(string); ok {
		if size, err := source.ParseSize(s); err == nil {
			return json.Number(strconv.FormatInt(size, 10)), nil
		}
	}
	return nil, errors.New("want a number of bytes or a size such as 10 MiB, got " + described(v))
}

// file is a file that a body must be the same as.
type file struct {
	pos     source.Pos
	name    string
	matcher matcher // nil until it is loaded
}

// readFile reads the name of a file. Its contents are fetched by Expectations.Load.
func readFile(n source.Node, t Terms) Predicate {
	if _, ok := t.query.(bodyQuery); !ok || t.files == nil {
		n.Errorf("a file is compared with a whole body; write body: {file: …}")
		return Predicate{}
	}
	name := n.Text()
	if strings.Contains(name, "{{") {
		n.Errorf("the file is read with the collection, before any variable has a value; write its name without {{}}")
		return Predicate{}
	}
	if name == "" {
		return Predicate{}
	}
	f := &file{pos: n.Pos(), name: name}
	*t.files = append(*t.files, f)
	return Predicate{pos: n.Pos(), compile: func(*vars.Scope) (matcher, error) {
		if f.matcher == nil {
			return nil, f.pos.Errorf("%s was not loaded", f.name)
		}
		return f.matcher, nil
	}}
}

// load takes the contents of the file: a JSON document is compared as one, anything else byte by byte.
func (f *file) load(files *Files) error {
	data, err := files.read(f.name)
	if err != nil {
		return f.pos.Errorf("%s: %w", f.name, err)
	}
	s := strings.TrimPrefix(string(data), byteOrderMark)
	if d, ok := spelt(s); ok {
		f.matcher = equals{valueOf(d)}
		return nil
	}
	if bytes.HasSuffix([]byte(f.name), []byte(".json")) && !json.Valid([]byte(s)) {
		return f.pos.Errorf("%s is not JSON", f.name)
	}
	f.matcher = contents{s, f.name}
	return nil
}

// contents holds for a body that is a file, byte by byte.
type contents struct{ data, name string }

func (c contents) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(v.text == c.data)
}

func (c contents) want(what string, not bool) string {
	return toBe(what, "the "+strconv.Itoa(len(c.data))+" bytes of "+c.name, not)
}

func (c contents) explain(v value, not bool) string {
	if not || v.kind != text {
		return ""
	}
	if d := c.differences(v); len(d) > 0 && utf8.ValidString(v.text) {
		return "differs from " + c.name + " at " + d[0]
	}
	at := 0
	for at < min(len(v.text), len(c.data)) && v.text[at] == c.data[at] {
		at++
	}
	return "got " + strconv.Itoa(len(v.text)) + " bytes, want " + c.want("it", false) + "; they differ from byte " + strconv.Itoa(at) + " on"
}

func (c contents) differences(v value) []string { return compareLines(v.text, c.data) }
