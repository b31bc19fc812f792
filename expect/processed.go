package expect

import (
	"errors"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// processedQuery finds what the steps of then make of what another query finds.
type processedQuery struct {
	of   Query
	then then
}

// processed returns the query for the predicates of a mapping: where then stands among them, one that takes its steps.
func processed(q Query, n source.Node) Query {
	if !n.IsMap() || !n.Has("then") {
		return q
	}
	p := processedQuery{of: q}
	entries := n.Entries()
	for _, e := range entries {
		if e.Name() == "then" {
			p.then.read(e.Value)
		}
	}
	if len(entries) == 1 {
		n.Errorf("then prepares a value; say what it must be beside it, as in {then: count, equals: 3}")
	}
	return p
}

// readThen refuses steps within another predicate, and of what is no value of an answer.
func readThen(n source.Node, _ Terms) Predicate {
	n.Errorf("then stands directly below what it prepares, beside the predicates")
	return Predicate{}
}

func (p processedQuery) String() string {
	steps := make([]string, len(p.then))
	for i, s := range p.then {
		if s.query != nil {
			steps[i] = s.query.String()
			continue
		}
		steps[i] = s.filter.String()
	}
	return p.of.String() + ", then " + strings.Join(steps, ", ")
}

// Find finds nothing, because filters need the variables.
func (p processedQuery) Find(*Answer) (any, error) {
	return Absent{}, errors.New("the variables of the filters have no values")
}

func (p processedQuery) uses() []vars.Use { return append(usesOf(p.of), p.then.uses()...) }

func (p processedQuery) fill(s *vars.Scope) (Query, error) {
	of, err := filled(p.of, s)
	return processedIn{processedQuery{of, p.then}, s}, err
}

// processedIn is a processedQuery whose variables have their values.
type processedIn struct {
	processedQuery
	scope *vars.Scope
}

// Find returns any value of JSON, or Absent where a step looked in vain. The error says why a step cannot be taken.
func (p processedIn) Find(a *Answer) (any, error) {
	v, err := look(p.of, a)
	if err != nil || v.kind == absent {
		return Absent{}, err
	}
	found := v.variable()
	if secret(p.of) {
		found.Secret = true
		p.scope.Hide("value", found.Text)
	}
	found, err = p.then.apply("value", found, p.scope)
	switch {
	case err == nil:
		return found.Any(), nil
	case inVain(err):
		return Absent{}, nil
	}
	var placed *source.Error
	if errors.As(err, &placed) {
		err = placed.Err
	}
	return nil, err
}

// secret reports whether what a query finds is a secret.
func secret(q Query) bool {
	if v, ok := q.(variableQuery); ok {
		return v.found.Secret
	}
	return sensitive("", q)
}

func (p processedIn) hint(a *Answer) string {
	if v, err := look(p.of, a); err != nil || v.kind != absent {
		return ""
	}
	return hintOf(p.of, a)
}

// readVariables reads the names of variables, and what is expected of each.
func readVariables(n source.Node, t Terms) {
	if !n.IsMap() || n.IsEmpty() {
		n.Errorf("want variables and what they must be, as in {patient: {matches: \"^P-\"}}")
		return
	}
	for _, e := range n.Entries() {
		vars.CheckName(e)
		t.expect(variableQuery{name: e.Name(), pos: e.Key.Pos()}, e.Value)
	}
}

// variableQuery finds the value of a variable.
type variableQuery struct {
	name  string
	pos   source.Pos
	found vars.Value
	there bool
}

func (q variableQuery) String() string { return "variable " + q.name }

// Find returns any value of JSON, or Absent where the variable has none.
func (q variableQuery) Find(*Answer) (any, error) {
	if !q.there {
		return Absent{}, nil
	}
	return q.found.Any(), nil
}

func (q variableQuery) uses() []vars.Use { return []vars.Use{{Name: q.name, Pos: q.pos}} }

func (q variableQuery) fill(s *vars.Scope) (Query, error) {
	found, err := s.Lookup(q.name)
	u, undefined := vars.AsUndefined(err)
	if err != nil && (!undefined || u.Name != q.name) {
		return nil, q.pos.Errorf("%w", err)
	}
	q.found, q.there = found, err == nil
	return q, nil
}

// lenient makes a variable that is asked whether it exists one that need not be defined.
func lenient(q Query, uses []vars.Use, parts []Predicate) []vars.Use {
	v, ok := q.(variableQuery)
	if !ok {
		return uses
	}
	for i := range uses {
		for _, p := range parts {
			uses[i].Optional = uses[i].Optional || uses[i].Name == v.name && p.absence
		}
	}
	return uses
}
