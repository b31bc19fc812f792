package collections

import (
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Data are the rows that a collection runs for: a round for each, with its columns as variables.
type Data struct {
	Pos     source.Pos // where rows are asked for; the zero Pos for the command line
	InOrder bool       // one row after the other, however many may run at a time
	Most    int        // rows at most; zero for all
	Layers  []vars.Layer
	from    rowSource // nil for rounds without a row, Most of them
	label   labelText // names the rows; the zero one numbers them
	secrets []string  // columns whose values are never shown
}

// rowSource is where rows come from.
type rowSource interface {
	// rows yields the rows in order; after an error, which is a *source.Error, nothing follows.
	rows(s *vars.Scope) iter.Seq2[Row, error]
	uses() []vars.Use
	count() (int, bool)
	String() string // in messages: "rows.csv"
}

// labelText is the template of data.name.
type labelText struct {
	vars.Template
	pos source.Pos
}

func (rd *reader) dataKeys(d *Data, t *table, l *inline) source.Keys {
	keys := rd.fileKeys(t)
	keys["rows"] = l.read
	keys["in_order"] = source.Bool(&d.InOrder)
	keys["secrets"] = source.Strings(&d.secrets)
	keys["name"] = func(n source.Node) { d.label.pos = n.Pos(); d.label.Read(n) }
	return keys
}

// readData reads the name of a file of rows, or a mapping that says more.
func (rd *reader) readData(n source.Node) {
	d, t, l := &Data{Pos: n.Pos()}, &table{}, &inline{pos: n.Pos()}
	rd.c.Data = d
	keys := rd.dataKeys(d, t, l)
	switch {
	case n.IsScalar():
		kind, err := kindOf(n.Text())
		if err != nil {
			n.Errorf("data: %w, or a mapping such as {rows: [{id: 1}]}", err)
			return
		}
		keys[kind](n)
	default:
		n.Map(keys)
	}
	switch {
	case t.kind != "" && l.given:
		n.Errorf("rows: stands beside %s:; the rows come from one place", t.kind)
	case t.kind != "":
		d.from = tableRows{t}
	case l.given:
		d.from = l
	case n.IsMap() && !unknown(n, keys):
		n.Errorf("data: no rows: write the file that has them, csv: rows.csv, or the rows themselves, rows: [{id: 1}]")
	}
}

// tableRows are the rows of a file.
type tableRows struct{ *table }

func (t tableRows) uses() []vars.Use   { return t.file.path.Uses() }
func (t tableRows) count() (int, bool) { return 0, false }
func (t tableRows) String() string {
	if t.given != nil {
		return t.given.name
	}
	return t.file.path.String()
}

// inline are rows that stand in the collection. Templates in them are expanded once, when their row begins.
type inline struct {
	pos   source.Pos
	given bool
	items []inlineRow
}

type inlineRow struct {
	pos   source.Pos
	names []string
	cells []vars.Document
}

func (l *inline) read(n source.Node) {
	l.pos, l.given = n.Pos(), true
	for _, item := range n.Items() {
		row := inlineRow{pos: item.Pos()}
		for _, e := range item.Entries() {
			vars.CheckName(e)
			var cell vars.Document
			cell.Read(e.Value)
			row.names, row.cells = append(row.names, e.Name()), append(row.cells, cell)
		}
		l.items = append(l.items, row)
	}
	if n.IsList() && len(l.items) == 0 {
		n.Errorf("rows: the list is empty; a run without a row would test nothing")
	}
}

func (l *inline) rows(s *vars.Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i, item := range l.items {
			row := Row{Number: i + 1, Pos: item.pos, Fields: make([]RowField, len(item.names))}
			var err error
			for j, cell := range item.cells {
				row.Fields[j].Name = item.names[j]
				if row.Fields[j].Value, err = cell.Value(s); err != nil {
					break
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// first returns the first row as far as it is known before a run: a cell that needs what a response brings is empty.
func (l *inline) first(s *vars.Scope) Row {
	item := l.items[0]
	row := Row{Number: 1, Pos: item.pos}
	for i, cell := range item.cells {
		v, _ := cell.Value(s) // what nothing defines is told by Check
		row.Fields = append(row.Fields, RowField{item.names[i], v})
	}
	return row
}

func (l *inline) uses() []vars.Use {
	var uses []vars.Use
	for _, item := range l.items {
		for _, cell := range item.cells {
			uses = append(uses, cell.Uses()...)
		}
	}
	return uses
}

func (l *inline) count() (int, bool) { return len(l.items), true }
func (l *inline) String() string     { return "rows" }

// lacking returns the place of the first row that has no such column, where another has it.
func (d *Data) lacking(name string) (source.Pos, bool) {
	l, ok := d.from.(*inline)
	if !ok {
		return source.Pos{}, false
	}
	var without []source.Pos
	for _, item := range l.items {
		if !slices.Contains(item.names, name) {
			without = append(without, item.pos)
		}
	}
	if len(without) == 0 || len(without) == len(l.items) {
		return source.Pos{}, false
	}
	return without[0], true
}

// Rows yields the rows, one at a time. After an error, which is a *source.Error at the row, nothing follows; that there is no
// row at all is one. Templates in rows, and in the name of their file, are looked up in s.
func (d *Data) Rows(s *vars.Scope) iter.Seq2[Row, error] {
	if d.from == nil {
		return d.rounds
	}
	return func(yield func(Row, error) bool) {
		n := 0
		for row, err := range d.from.rows(s.With(d.Layers...)) {
			if n++; !yield(row, err) || err != nil || n == d.Most {
				return
			}
		}
		if n == 0 {
			yield(Row{}, d.none())
		}
	}
}

// rounds yields rows without columns.
func (d *Data) rounds(yield func(Row, error) bool) {
	for i := range d.Most {
		if !yield(Row{Number: i + 1}, nil) {
			return
		}
	}
}

func (d *Data) none() error {
	if d.Pos == (source.Pos{}) {
		return source.Pos{File: d.from.String()}.Errorf("no row; a run without one would test nothing")
	}
	return d.Pos.Errorf("%s has no row; a run without one would test nothing", d.from)
}

// Count returns how many rows there are, or 0 where only the run can tell. A collection without data runs as with one row.
func (d *Data) Count() int {
	if d == nil {
		return 1
	}
	if d.from == nil {
		return d.Most
	}
	n, ok := d.from.count()
	if !ok {
		return 0
	}
	if d.Most > 0 {
		n = min(n, d.Most)
	}
	return n
}

// Counted is Count, but reads a file to its end where nothing else tells. It is 0 for the standard input, which can be read once, and
// for rows that cannot be read: whoever runs them tells why.
func (d *Data) Counted(s *vars.Scope) int {
	if n := d.Count(); n > 0 || d.from == nil {
		return n
	}
	if _, once := d.from.(*piped); once {
		return 0
	}
	n := 0
	for _, err := range d.Rows(s) {
		if err != nil {
			return 0
		}
		n++
	}
	return n
}

// Round returns the scope of a row, in which its columns are variables.
func (d *Data) Round(s *vars.Scope, row *Row) *vars.Scope {
	round := vars.Round{Number: row.Number, Count: d.Count()}
	if d.from != nil {
		round.Row = row.Document
	}
	return s.Round(round, vars.Layer{Name: "data", Values: d.values(row)})
}

func (d *Data) values(row *Row) map[string]vars.Value {
	values := make(map[string]vars.Value, len(row.Fields))
	for _, f := range row.Fields {
		if len(d.secrets) > 0 && slices.Contains(d.secrets, f.Name) {
			f.Value.Secret = true
		}
		values[f.Name] = f.Value
	}
	return values
}

// Named reports whether the collection says how rows are called, so that two may be called the same.
func (d *Data) Named() bool { return !d.label.IsZero() }

// Label returns what a row is called in the names of results, without brackets: the same in every run.
func (d *Data) Label(row *Row) string {
	if d.Named() {
		text, err := d.label.Expand(vars.NewScope(nil, vars.Layer{Values: d.values(row)}))
		if text = short(text); err == nil && text != "" {
			return text
		}
	}
	if d.from == nil {
		return fmt.Sprintf("iteration %d", row.Number)
	}
	return fmt.Sprintf("row %d", row.Number)
}

// String says where the rows come from: "rows.csv".
func (d *Data) String() string {
	if d.from == nil {
		return "--iterations"
	}
	return d.from.String()
}

// First returns the first row, for what can be known before a run; s is what the rows are looked up in. It is false for rounds
// without rows.
func (d *Data) First(s *vars.Scope) (row Row, ok bool, err error) {
	if d == nil || d.from == nil {
		return Row{}, false, nil
	}
	if l, ok := d.from.(*inline); ok && len(l.items) > 0 {
		return l.first(s.With(d.Layers...)), true, nil
	}
	return firstOf(d.Rows(s))
}

// Iterate makes the collection run for at most n rows, or n times where it has no data.
func (c *Collection) Iterate(n int) {
	d := Data{}
	if c.Data != nil {
		d = *c.Data
	}
	d.Most = n
	c.Data = &d
}

// TakeData makes the collection run for the rows of a file, whatever it says itself of where rows come from. The ending of the
// name tells their kind; "-" is NDJSON that in has, which can be read for one collection only.
func (c *Collection) TakeData(fsys fs.FS, name string, in io.Reader) error {
	d := Data{}
	if c.Data != nil {
		d = *c.Data
	}
	d.Pos = source.Pos{}
	if name == "-" {
		d.from = &piped{in: in}
		c.Data = &d
		return nil
	}
	kind, err := kindOf(name)
	if err != nil {
		return err
	}
	d.from = tableRows{&table{kind: kind, given: &givenFile{fsys, strings.ReplaceAll(name, `\`, "/")}}}
	c.Data = &d
	return nil
}
