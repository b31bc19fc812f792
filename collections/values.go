package collections

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// values are where a loop gets its values from.
type values interface {
	// each yields the values in s; after an error, which is a *source.Error, nothing follows.
	each(s *vars.Scope) iter.Seq2[Iteration, error]
	uses() []vars.Use
	// count returns how many values there are, false where only a run can tell.
	count() (int, bool)
	// members returns the names that every value has members of, nil where only a run can tell.
	members() []string
}

// rangeOrTable reports whether a mapping is the values themselves, and no variable and its values.
func rangeOrTable(n source.Node) bool {
	return n.Has("from") || n.Has("to") || slices.ContainsFunc(tableKinds(), n.Has)
}

func (rd *reader) readValues(n source.Node) values {
	switch {
	case n.IsList():
		return readList(n)
	case n.IsMap() && (n.Has("from") || n.Has("to")):
		return readRange(n)
	case n.IsMap():
		return rd.readTable(n)
	}
	v := &held{pos: n.Pos()}
	v.list.Read(n)
	if n.IsScalar() && v.list.Static() {
		n.Errorf("want a list, a {{name}} that holds one, {from: …, to: …}, or {csv: file}, got %q", n.Text())
	}
	return v
}

// repeated is how often something runs without a value.
type repeated int

func (r repeated) each(*vars.Scope) iter.Seq2[Iteration, error] {
	return func(yield func(Iteration, error) bool) {
		for i := range int(r) {
			if !yield(Iteration{Label: strconv.Itoa(i + 1)}, nil) {
				return
			}
		}
	}
}

func (r repeated) uses() []vars.Use   { return nil }
func (r repeated) count() (int, bool) { return int(r), true }
func (r repeated) members() []string  { return nil }

// listed are values that stand in the collection.
type listed struct {
	items  []vars.Document
	labels []string // of items that are fixed
}

func readList(n source.Node) *listed {
	l := &listed{}
	taken := names{}
	for i, item := range n.Items() {
		var doc vars.Document
		doc.Read(item)
		label := strconv.Itoa(i + 1)
		if item.IsScalar() && doc.Static() {
			label = taken.unique("value", short(item.Text()))
		}
		l.items, l.labels = append(l.items, doc), append(l.labels, label)
	}
	return l
}

// short returns a text that can stand in the name of a testcase.
func short(text string) string {
	const most = 60 // characters
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func (l *listed) each(s *vars.Scope) iter.Seq2[Iteration, error] {
	return func(yield func(Iteration, error) bool) {
		for i, doc := range l.items {
			v, err := doc.Value(s)
			if !yield(Iteration{v, l.labels[i]}, err) || err != nil {
				return
			}
		}
	}
}

func (l *listed) uses() []vars.Use {
	var uses []vars.Use
	for _, doc := range l.items {
		uses = append(uses, doc.Uses()...)
	}
	return uses
}

func (l *listed) count() (int, bool) { return len(l.items), true }
func (l *listed) members() []string  { return nil }

// held is a list that a variable holds.
type held struct {
	list vars.Document
	pos  source.Pos
}

func (c *held) each(s *vars.Scope) iter.Seq2[Iteration, error] {
	return func(yield func(Iteration, error) bool) {
		v, err := c.list.Value(s)
		if err != nil {
			yield(Iteration{}, err)
			return
		}
		var items []json.RawMessage
		if !v.JSON || json.Unmarshal([]byte(v.Text), &items) != nil {
			got := v.Text
			if v.Secret {
				got = "a secret"
			}
			yield(Iteration{}, c.pos.Errorf("want a list, got %s", short(got)))
			return
		}
		for i, raw := range items {
			value := jsonValue(raw)
			value.Secret = v.Secret
			if !yield(Iteration{value, strconv.Itoa(i + 1)}, nil) {
				return
			}
		}
	}
}

func (c *held) uses() []vars.Use   { return c.list.Uses() }
func (c *held) count() (int, bool) { return 0, false }
func (c *held) members() []string  { return nil }

// span is the whole numbers from one to another, both included.
type span struct {
	from, to, step vars.Document
	pos            source.Pos
}

func spanKeys(r *span) source.Keys {
	return source.Keys{"from": r.from.Read, "to": r.to.Read, "step": r.step.Read}
}

func readRange(n source.Node) *span {
	r := &span{pos: n.Pos()}
	n.Map(spanKeys(r))
	if !n.Has("from") || !n.Has("to") {
		n.Errorf("want from: and to:, both included")
	}
	if n.Has("from") && n.Has("to") && r.static() {
		if _, _, _, err := r.bounds(vars.NewScope(nil)); err != nil {
			n.Record(err)
		}
	}
	return r
}

func (r *span) static() bool { return r.from.Static() && r.to.Static() && r.step.Static() }

// maxSpan bounds how many numbers a range has: a slip of a digit is no endless run.
const maxSpan = 1_000_000

func (r *span) bounds(s *vars.Scope) (from, to, step int, err error) {
	for _, part := range []struct {
		doc  vars.Document
		name string
		into *int
	}{{r.from, "from", &from}, {r.to, "to", &to}, {r.step, "step", &step}} {
		v, err := part.doc.Value(s)
		if err != nil {
			return 0, 0, 0, err
		}
		if part.name == "step" && v.Literal() == "null" {
			step = 1
			if to < from {
				step = -1
			}
			continue
		}
		if *part.into, err = strconv.Atoi(v.Text); err != nil {
			return 0, 0, 0, r.pos.Errorf("%s: want a whole number, got %s", part.name, v.Literal())
		}
	}
	switch {
	case step == 0, from < to && step < 0, from > to && step > 0:
		return 0, 0, 0, r.pos.Errorf("steps of %d never lead from %d to %d", step, from, to)
	case (to-from)/step >= maxSpan:
		return 0, 0, 0, r.pos.Errorf("got %d numbers, want at most %d", (to-from)/step+1, maxSpan)
	}
	return from, to, step, nil
}

func (r *span) each(s *vars.Scope) iter.Seq2[Iteration, error] {
	return func(yield func(Iteration, error) bool) {
		from, to, step, err := r.bounds(s)
		if err != nil {
			yield(Iteration{}, err)
			return
		}
		for i := from; step > 0 && i <= to || step < 0 && i >= to; i += step {
			text := strconv.Itoa(i)
			if !yield(Iteration{vars.Value{Text: text, JSON: true}, text}, nil) {
				return
			}
		}
	}
}

func (r *span) uses() []vars.Use {
	return slices.Concat(r.from.Uses(), r.to.Uses(), r.step.Uses())
}

func (r *span) count() (int, bool) {
	if !r.static() {
		return 0, false
	}
	from, to, step, err := r.bounds(vars.NewScope(nil))
	if err != nil {
		return 0, false
	}
	return (to-from)/step + 1, true
}

func (r *span) members() []string { return nil }

// rows are the rows of a file.
type rows struct {
	table
	label   string // the column that names a row; empty for its number
	columns []string
}

func (rd *reader) tableKeys(t *rows) source.Keys {
	keys := rd.fileKeys(&t.table)
	keys["label"] = source.String(&t.label)
	return keys
}

// fileKeys are those that name the file of a table.
func (rd *reader) fileKeys(t *table) source.Keys {
	keys := source.Keys{}
	for _, kind := range tableKinds() {
		keys[kind] = func(n source.Node) {
			if t.kind != "" {
				n.Errorf("%s: stands beside %s:; a table is one file", kind, t.kind)
			}
			t.kind = kind
			t.file = file{in: rd.files}
			t.file.read(n)
		}
	}
	return keys
}

func (rd *reader) readTable(n source.Node) *rows {
	t := &rows{}
	keys := rd.tableKeys(t)
	n.Map(keys)
	if t.kind == "" {
		if !unknown(n, keys) {
			n.Errorf("want the file of a table: csv, json or ndjson")
		}
		t.kind = "csv"
		return t
	}
	t.look(n)
	return t
}

// look reads the first row of a file that is known before the run, so that a mistake in a name is found by check.
func (t *rows) look(n source.Node) {
	if !t.file.path.Static() || t.file.path.IsZero() {
		return
	}
	if _, f, err := t.file.stream(vars.NewScope(nil)); err != nil {
		return // told by read
	} else if err := f.Close(); err != nil {
		return
	}
	row, ok, err := firstOf(t.rows(vars.NewScope(nil)))
	if err != nil {
		n.Record(err)
		return
	}
	for _, f := range row.Fields {
		t.columns = append(t.columns, f.Name)
	}
	if ok && t.label != "" && !slices.Contains(t.columns, t.label) {
		n.Errorf("label: the rows have no column %q; %s", t.label, source.Suggest(t.label, t.columns))
	}
}

func (t *rows) each(s *vars.Scope) iter.Seq2[Iteration, error] {
	return func(yield func(Iteration, error) bool) {
		for row, err := range t.rows(s) {
			if !yield(Iteration{row.Document(), t.labelOf(&row)}, err) || err != nil {
				return
			}
		}
	}
}

// labelOf names a row: by the column that label: names, or by its number.
func (t *rows) labelOf(row *Row) string {
	if t.label != "" {
		if v, ok := row.Field(t.label); ok && v.Text != "" {
			return short(v.Text)
		}
	}
	return strconv.Itoa(row.Number)
}

func (t *rows) uses() []vars.Use   { return t.file.path.Uses() }
func (t *rows) count() (int, bool) { return 0, false }
func (t *rows) members() []string  { return t.columns }
