package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/phi"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// variable is one name, what it stands for, and why.
type variable struct {
	Name       string   `json:"name"`
	Value      string   `json:"value"`                // masked where it is secret
	Secret     bool     `json:"secret,omitempty"`     // or holds one
	From       string   `json:"from,omitempty"`       // "command line", "environment variable X", "a response"; empty for a file that says it
	Place      string   `json:"place,omitempty"`      // file:line:column
	In         string   `json:"in,omitempty"`         // the folder or request that alone sees it
	Overrides  []string `json:"overrides,omitempty"`  // the places of weaker ones
	Unresolved string   `json:"unresolved,omitempty"` // why it has no value
}

// variables finds out what names stand for in one collection.
type variables struct {
	job    runner.Job
	defs   []collections.Definition
	named  map[string][]environments.Name // by the environment and the command line, the strongest first
	taken  map[string]bool                // names that responses bring
	scope  *vars.Scope
	sample *vars.Scope // of the first row of data

	persons phi.Known
}

// newVariables fetches the secrets of the environment; those that fail are told by their names.
func newVariables(ctx context.Context, job runner.Job) *variables {
	_ = job.Environment.Resolve(ctx) // each name tells its own failure
	v := &variables{job: job, named: map[string][]environments.Name{}, taken: map[string]bool{}, scope: vars.NewScope(nil, job.Environment.Layers()...)}
	for _, n := range job.Environment.Names() {
		v.named[n.Name] = append(v.named[n.Name], n)
	}
	v.sample = v.scope
	if job.Collection != nil {
		v.sample, _ = job.Collection.Sample(v.scope) // an error is told by undefined
	}
	for _, same := range v.named {
		slices.SortFunc(same, func(a, b environments.Name) int { return cmp.Compare(order(a), order(b)) })
	}
	if job.Collection != nil {
		v.defs = job.Collection.Definitions()
	}
	for _, d := range v.defs {
		v.taken[d.Name] = v.taken[d.Name] || d.Taken
	}
	return v
}

// order is the strength of a name, the strongest first.
func order(n environments.Name) int {
	if n.Line {
		return 0
	}
	return 1
}

// list returns all names, sorted; those that are seen everywhere before those of folders.
func (v *variables) list() variableList {
	list := variableList{Environment: v.job.Environment.Name, Variables: []variable{}}
	list.Variables = append(list.Variables, v.ofRow()...)
	isColumn := func(name string) bool {
		return slices.ContainsFunc(list.Variables, func(row variable) bool { return row.Name == name && strings.HasPrefix(row.From, "first row of ") })
	}
	for name, same := range v.named {
		if isColumn(name) {
			continue
		}
		list.Variables = append(list.Variables, v.ofEnvironment(name, same))
	}
	for _, d := range v.defs {
		if d.Taken || len(v.named[d.Name]) == 0 && !isColumn(d.Name) {
			list.Variables = append(list.Variables, v.ofCollection(d))
		}
	}
	if v.job.Collection != nil {
		list.Collection = v.job.Collection.File
		list.Variables = append(list.Variables, v.undefined()...)
	}
	slices.SortStableFunc(list.Variables, func(a, b variable) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.In, b.In))
	})
	return list
}

func (v *variables) ofEnvironment(name string, same []environments.Name) variable {
	row := variable{Name: name, Place: same[0].Pos.String(), From: same[0].From, Secret: same[0].Secret}
	switch {
	case same[0].Line && row.From == "":
		row.From = "command line"
	case same[0].Line:
		row.From = "command line, " + row.From
	case same[0].Pos == (source.Pos{}):
		row.From = "environment " + v.job.Environment.Name
	case same[0].Pos.File != v.job.Environment.File:
		row.From = strings.TrimPrefix(row.From+", extended by "+v.job.Environment.File, ", ")
	}
	for _, weaker := range same[1:] {
		row.Overrides = append(row.Overrides, weaker.Pos.String())
	}
	for _, d := range v.defs {
		if d.Name == name && !d.Taken {
			row.Overrides = append(row.Overrides, d.Pos.String())
		}
	}
	if err := same[0].Failed; err != nil {
		row.Unresolved = strings.TrimPrefix(reason(err), "secret "+name+": ")
		return row
	}
	v.evaluate(&row, v.scope)
	return row
}

func (v *variables) ofCollection(d collections.Definition) variable {
	row := variable{Name: d.Name, Place: d.Pos.String()}
	if d.Taken {
		row.From, row.Value = "taken by "+d.Of, "{{"+d.Name+"}}"
		return row
	}
	if d.Of != "collection" {
		row.In = d.Of
	}
	for _, outer := range d.Layers[1:] {
		if weaker, ok := outer.Defined[d.Name]; ok {
			row.Overrides = append(row.Overrides, weaker.Pos().String())
		}
	}
	v.evaluate(&row, v.sample.With(d.Layers...))
	return row
}

// evaluate fills in the value; what only a run can tell stays as it is written.
func (v *variables) evaluate(row *variable, s *vars.Scope) {
	s = s.StandIn(func(name, expression string) (string, bool) {
		if failed := v.named[name]; len(failed) > 0 && failed[0].Failed != nil {
			return "{{" + expression + "}}", true
		}
		return "{{" + expression + "}}", strings.HasPrefix(name, "$") || v.taken[name] && !s.Defines(name)
	})
	value, err := s.Lookup(row.Name)
	if err != nil {
		row.Unresolved = reason(err)
		return
	}
	row.Secret = row.Secret || value.Secret
	row.Value = v.veiled(row, s, value)
	if value.Secret && row.Value == value.Text { // too short to be masked by itself
		row.Value = vars.Mask(row.Name, value.Text)
	}
}

// veiled returns a value without the secrets in it and, unless the environment shows them, without patient data.
func (v *variables) veiled(row *variable, s *vars.Scope, value vars.Value) string {
	text := s.Redact(value.Text)
	if v.job.Environment.PHI == environments.ShowPHI || value.Secret {
		return text
	}
	if phi.Personal(row.Name) && text != "" && !strings.Contains(text, "{{") {
		return v.persons.Maker().Mask(row.Name, text)
	}
	v.persons.Variables(s)
	return v.persons.Redact(text)
}

// undefined returns the names that requests use and that nothing defines, each once.
func (v *variables) undefined() []variable {
	var rows []variable
	for _, p := range gather(nil, v.job.Collection.Check(v.scope)) {
		u, ok := vars.AsUndefined(p)
		if !ok || slices.ContainsFunc(rows, func(row variable) bool { return row.Name == u.Name }) {
			continue
		}
		why := "not defined"
		if u.Hint != "" {
			why += "; " + u.Hint
		}
		rows = append(rows, variable{Name: u.Name, From: "used", Place: p.Pos.String(), Unresolved: why})
	}
	return rows
}

// reason is an error without its place, which stands beside it.
func reason(err error) string {
	if p := gather(nil, err); len(p) == 1 {
		return p[0].Err.Error()
	}
	return err.Error()
}
