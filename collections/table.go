package collections

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
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
	file file
	kind string // csv, json or ndjson
}

// tableKinds are the keys of a table, by what its file is.
func tableKinds() []string { return []string{"csv", "json", "ndjson"} }

// rows yields the rows of the file. After an error, which is a *source.Error at its line, nothing follows.
func (t *table) rows(s *vars.Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		name, f, err := t.file.stream(s)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer func() { _ = f.Close() }() // it was only read
		in := bufio.NewReaderSize(f, 64<<10)
		if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
			_, _ = in.Discard(3) // they are there
		}
		switch t.kind {
		case "csv":
			err = csvRows(in, name, yield)
		case "json":
			err = jsonRows(in, name, yield)
		default:
			err = ndjsonRows(in, name, yield)
		}
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// first returns the first row, for what can be known of a table before a run; ok is false where there is none.
func (t *table) first() (row Row, ok bool, err error) {
	for row, err := range t.rows(vars.NewScope(nil)) {
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
	dec := json.NewDecoder(in)
	fail := func(number int, err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errors.New("the file ends before its list does")
		}
		return source.Pos{File: name}.Errorf("element %d: %w", number, err)
	}
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return source.Pos{File: name}.Errorf("want a JSON list: [{…}, {…}]")
	}
	number := 1
	for ; dec.More(); number++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fail(number, err)
		}
		if !yield(jsonRow(raw, number, source.Pos{File: name}), nil) {
			return nil
		}
	}
	if _, err := dec.Token(); err != nil {
		return fail(number, err)
	}
	return nil
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
		if !json.Valid(text) {
			return pos.Errorf("not a JSON value")
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
	return name, in, nil
}
