package collections

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Sample returns the scope of the first row, for what can be known of the requests before a run; s itself where the collection
// has no data. With an error, which is a *source.Error of the rows, it returns s too.
func (c *Collection) Sample(s *vars.Scope) (*vars.Scope, error) {
	if c.Data == nil {
		return s, nil
	}
	row, ok, err := c.Data.First(s)
	switch {
	case err != nil:
		return s, err
	case !ok:
		return c.Data.Round(s, &Row{Number: 1}), nil
	}
	return c.Data.Round(s, &row), nil
}

// rowCheck is what a check needs to know of data.
type rowCheck struct {
	c       *Collection
	data    *Data           // nil for none
	base    *vars.Scope     // of what runs once
	blind   bool            // the first row cannot be read, so that nobody knows its columns
	earlier map[string]bool // what setup captured
	columns []string        // of the first row
	outside bool            // what is checked runs once, around all rows
}

// enter returns the scope of what stands below a folder: that of the first row for the requests of a collection.
func (ck *checker) enter(root *Folder, s *vars.Scope) *vars.Scope {
	rows := ck.rows
	if rows.data == nil || ck.inside != nil {
		return s
	}
	rows.base, rows.outside = s, root != rows.c.Main
	if !rows.outside {
		rows.earlier = maps.Clone(ck.earlier)
		return ck.look(s)
	}
	if root == rows.c.Teardown {
		ck.earlier = rows.earlier // what rows captured is gone
	}
	return s
}

// look reads the first row and returns its scope.
func (ck *checker) look(s *vars.Scope) *vars.Scope {
	rows, d := ck.rows, ck.rows.data
	ck.begin(&Request{Label: Label{Name: "data"}}, s.With(d.Layers...))
	before := len(*ck.problems)
	if d.from != nil {
		ck.all(d.from.uses())
	}
	row, _, err := d.First(s)
	rows.blind = len(*ck.problems) > before
	if err != nil && !rows.blind {
		rows.blind = true
		*ck.problems = append(*ck.problems, asProblem(err, d.Pos))
	}
	if rows.blind {
		return s
	}
	for _, f := range row.Fields {
		rows.columns = append(rows.columns, f.Name)
	}
	row.Number = max(row.Number, 1)
	ck.named(&row)
	return d.Round(s, &row)
}

func asProblem(err error, pos source.Pos) *source.Error {
	if e, ok := err.(*source.Error); ok {
		return e
	}
	return pos.Errorf("%w", err)
}

// named judges the names that the template of data.name and the list of secrets use.
func (ck *checker) named(row *Row) {
	d := ck.rows.data
	for _, use := range d.label.Uses() {
		head, _, _ := strings.Cut(use.Name, ".")
		if _, ok := row.Field(head); !ok && !use.Optional {
			ck.problem(use.Pos, "name: %s", ck.noColumn(use.Name))
		}
	}
	for _, name := range d.secrets {
		if _, ok := row.Field(name); !ok {
			ck.problem(d.Pos, "secrets: %s", ck.noColumn(name))
		}
	}
}

func (ck *checker) noColumn(name string) string {
	return fmt.Sprintf("%s has no column %q; %s", ck.rows.data, name, source.Suggest(name, ck.rows.columns))
}

// ofRow judges a name that has to do with rows; it is false for one that has not.
func (ck *checker) ofRow(u vars.Use) bool {
	rows := ck.rows
	head, _, _ := strings.Cut(u.Name, ".")
	ofRound := head == vars.Iteration || head == vars.IterationCount || head == vars.RowName
	switch {
	case rows.data == nil || rows.base == nil:
		return false
	case rows.outside && ofRound:
		ck.once(u, u.Pos, "{{%s}} is of one row, and this request runs once, around all rows", u.Name)
		return true
	case rows.outside:
		return false
	case head == vars.IterationCount && rows.data.Count() == 0:
		ck.once(u, u.Pos, "{{%s}} is not known: the rows of a file are not counted before a run", u.Name)
		return true
	}
	at, lacks := rows.data.lacking(head)
	if !lacks && (!rows.blind || ofRound) || rows.base.With(ck.req.Layers...).Defines(u.Name) {
		return false
	}
	if lacks {
		ck.once(u, u.Pos, "the row at %s has no %q", at, head)
	}
	return true
}

// has reports whether the first row has a column.
func (rows *rowCheck) has(name string) bool {
	row, ok, err := rows.data.First(rows.base)
	if err != nil || !ok {
		return false
	}
	_, found := row.Field(name)
	return found
}

// rowHint says why a name has no value that a row would give it, or nothing.
func (ck *checker) rowHint(name string) string {
	rows := ck.rows
	head, _, _ := strings.Cut(name, ".")
	switch {
	case rows.data == nil && head == vars.RowName:
		return "the collection has no data:, and --data names no file"
	case rows.data == nil:
		return ""
	case rows.outside && rows.has(head):
		return fmt.Sprintf("it is a column of %s, and this request runs once, around all rows", rows.data)
	}
	if r := ck.later[name]; rows.outside && r != nil && r != ck.req {
		return fmt.Sprintf("each row captures one of its own in request %q, and this request runs once, around all rows; a folder's teardown runs in each row", r.Name)
	}
	return ""
}
