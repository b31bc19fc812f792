package collections

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// maxLine bounds a line of an NDJSON file, in bytes.
const maxLine = 16 << 20

// Row is one row of a table.
type Row struct {
	Number int        // counted from 1, the header not included
	Fields []RowField // in the order of the file; nil for a value that is no object
	Whole  vars.Value // the row as a JSON document
	Pos    source.Pos // of the row; the line alone
}

// RowField is a named value of a row.
type RowField struct {
	Name  string
	Value vars.Value
}

// Field returns the value of a name.
func (r *Row) Field(name string) (vars.Value, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return vars.Value{}, false
}

// table is a file of rows that is read row by row and never held as a whole.
type table struct {
	file  file
	kind  string     // csv, json or ndjson
	given *givenFile // what the command line names in the place of file; nil for none
}

// tableKinds are the keys of a table, by what its file is.
func tableKinds() []string { return []string{"csv", "json", "ndjson"} }

// rows yields the rows of the file. After an error, which is a *source.Error at its line, nothing follows.
func (t *table) rows(s *vars.Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		name, f, err := t.open(s)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer func() { _ = f.Close() }() // it was only read
		if err := readRows(t.kind, name, f, yield); err != nil {
			yield(Row{}, err)
		}
	}
}

func (t *table) open(s *vars.Scope) (name string, in fs.File, err error) {
	if t.given != nil {
		return t.given.open()
	}
	return t.file.stream(s)
}

// readRows reads all rows of a kind. The error is a *source.Error at its line.
func readRows(kind, name string, from io.Reader, yield func(Row, error) bool) error {
	in := bufio.NewReaderSize(from, 64<<10)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3) // they are there
	}
	switch kind {
	case "csv":
		return csvRows(in, name, yield)
	case "json":
		return jsonRows(in, name, yield)
	}
	return ndjsonRows(in, name, yield)
}

// firstOf returns the first row, for what can be known of rows before a run; ok is false where there is none.
func firstOf(rows iter.Seq2[Row, error]) (row Row, ok bool, err error) {
	for row, err := range rows {
		return row, err == nil, err
	}
	return Row{}, false, nil
}

// csvRows reads CSV (RFC 4180) whose first record names the columns. Cells are texts.
func csvRows(in io.Reader, name string, yield func(Row, error) bool) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	record, err := r.Read()
	if err == io.EOF {
		return source.Pos{File: name}.Errorf("the file is empty; want a first line that names the columns")
	}
	if err != nil {
		return csvError(name, err)
	}
	header := make([]string, len(record))
	seen := map[string]bool{}
	for i, column := range record {
		column = strings.TrimSpace(strings.Clone(column))
		if column == "" || seen[column] {
			return source.Pos{File: name, Line: 1, Col: 1}.Errorf("column %d: got the name %q, want one that no other column has", i+1, column)
		}
		header[i], seen[column] = column, true
	}
	for number := 1; ; number++ {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return csvError(name, err)
		}
		line, _ := r.FieldPos(0)
		row := Row{Number: number, Pos: source.Pos{File: name, Line: line, Col: 1}, Fields: make([]RowField, len(header))}
		for i, cell := range record {
			row.Fields[i] = RowField{header[i], vars.Value{Text: cell}}
		}
		if !yield(row, nil) {
			return nil
		}
	}
}

func csvError(name string, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return source.Pos{File: name, Line: parse.StartLine, Col: max(parse.Column, 1)}.Errorf("%w", parse.Err)
	}
	return source.Pos{File: name}.Errorf("%w", err)
}

// jsonRows reads the elements of one JSON array, one at a time.
func jsonRows(in io.Reader, name string, yield func(Row, error) bool) error {
	lines := &lineCounter{in: in}
	dec := json.NewDecoder(lines)
	fail := func(number int, err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errors.New("the file ends before its list does")
		}
		return source.Pos{File: name, Line: lines.line(dec.InputOffset()) + breaksBefore(dec.Buffered()), Col: 1}.Errorf("element %d: %w", number, err)
	}
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return source.Pos{File: name, Line: 1, Col: 1}.Errorf("want a JSON list: [{…}, {…}]")
	}
	number := 1
	for ; dec.More(); number++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fail(number, err)
		}
		line := lines.line(dec.InputOffset()) - bytes.Count(raw, []byte("\n"))
		if !yield(jsonRow(raw, number, source.Pos{File: name, Line: line, Col: 1}), nil) {
			return nil
		}
	}
	if _, err := dec.Token(); err != nil {
		return fail(number, err)
	}
	return nil
}

// lineCounter knows at which line each byte stands that was read through it, as long as it is asked in their order.
type lineCounter struct {
	in     io.Reader
	read   int64
	breaks []int64 // offsets of line breaks that nobody asked beyond
	passed int     // line breaks before those
}

// Read implements io.Reader.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.breaks = append(c.breaks, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// line returns the line that the byte before an offset stands at.
func (c *lineCounter) line(offset int64) int {
	n := 0
	for n < len(c.breaks) && c.breaks[n] < offset {
		n++
	}
	c.breaks = append(c.breaks[:0], c.breaks[n:]...)
	c.passed += n
	return c.passed + 1
}

// breaksBefore returns how many line breaks stand before the next element.
func breaksBefore(rest io.Reader) int {
	text, _ := io.ReadAll(rest) // of memory
	element := bytes.TrimLeft(text, ", \t\r\n")
	return bytes.Count(text[:len(text)-len(element)], []byte("\n"))
}

// ndjsonRows reads a JSON value a line; empty lines are passed over.
func ndjsonRows(in io.Reader, name string, yield func(Row, error) bool) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	number := 1
	line := 0
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		pos := source.Pos{File: name, Line: line, Col: 1}
		if err := notJSON(text); err != nil {
			return pos.Errorf("not a JSON value: %w", err)
		}
		if !yield(jsonRow(bytes.Clone(text), number, pos), nil) {
			return nil
		}
		number++
	}
	if err := lines.Err(); err != nil {
		return source.Pos{File: name, Line: line + 1, Col: 1}.Errorf("%w", err)
	}
	return nil
}

func notJSON(text []byte) error {
	if json.Valid(text) {
		return nil
	}
	var v any
	return json.Unmarshal(text, &v)
}

// jsonRow makes a row of a valid JSON value.
func jsonRow(raw []byte, number int, pos source.Pos) Row {
	row := Row{Number: number, Pos: pos, Whole: jsonValue(raw)}
	if raw[0] != '{' {
		return row
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token() // the value is valid: nothing here can fail
	for dec.More() {
		name, _ := dec.Token()
		var member json.RawMessage
		_ = dec.Decode(&member)
		text, _ := name.(string)
		row.Fields = append(row.Fields, RowField{text, jsonValue(member)})
	}
	return row
}

// jsonValue is a JSON value as a variable holds it: the text of a string, and the literal of anything else.
func jsonValue(raw []byte) vars.Value {
	if raw[0] == '"' {
		var text string
		_ = json.Unmarshal(raw, &text) // valid
		return vars.Value{Text: text}
	}
	return vars.Value{Text: string(raw), JSON: true}
}

// Document returns the row as one value: a JSON document, or the value itself where it is no object.
func (r *Row) Document() vars.Value {
	if r.Whole.Text != "" || r.Whole.JSON || r.Fields == nil {
		return r.Whole
	}
	var b strings.Builder
	separator := byte('{')
	for _, f := range r.Fields {
		b.WriteByte(separator)
		b.WriteString(vars.Value{Text: f.Name}.Literal())
		b.WriteByte(':')
		b.WriteString(f.Value.Literal())
		separator = ','
	}
	b.WriteByte('}')
	return vars.Value{Text: b.String(), JSON: true}
}

// stream opens the file. The error is a *source.Error.
func (f *file) stream(s *vars.Scope) (name string, in fs.File, err error) {
	text, err := f.path.Expand(s)
	if err != nil {
		return "", nil, err
	}
	name, err = f.in.clean(text)
	if err != nil {
		return "", nil, f.pos.Errorf("%w", err)
	}
	fsys, err := f.in.open()
	if err == nil {
		in, err = fsys.Open(name)
	}
	if err != nil {
		return "", nil, f.pos.Errorf("file %q: %w", name, cause(err))
	}
	return f.in.shown(name), in, nil
}

// givenFile is a file of rows that the command line names.
type givenFile struct {
	fsys fs.FS
	name string
}

// open opens the file. The error is a *source.Error.
func (g *givenFile) open() (name string, in fs.File, err error) {
	in, err = g.fsys.Open(g.name)
	if err != nil {
		return "", nil, source.Pos{File: g.name}.Errorf("%w", cause(err))
	}
	if info, err := in.Stat(); err == nil && info.IsDir() {
		_ = in.Close() // it was not read
		return "", nil, source.Pos{File: g.name}.Errorf("is a folder; want a file of rows")
	}
	return g.name, in, nil
}

// kindOf returns the kind of a table by the ending of its file.
func kindOf(name string) (string, error) {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".csv", ".json", ".ndjson":
		return ext[1:], nil
	case ".jsonl":
		return "ndjson", nil
	}
	return "", fmt.Errorf("got %q, want a file that ends in .csv, .json, .ndjson or .jsonl", name)
}
