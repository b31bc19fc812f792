package expect

import (
	"errors"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// then is what becomes of a value between the response and the variable, step by step.
type then []step

// step is a filter, or a query into the text that came out of the step before: JSON, XML, HTML or a JWT.
type step struct {
	pos    source.Pos
	filter vars.Filter
	query  Query // nil for a filter
}

// innerQueries are the queries that a step can be.
func innerQueries() map[string]func(source.Node) Query {
	return map[string]func(source.Node) Query{
		"json":     readJSONQuery,
		"jsonpath": readJSONPathQuery,
		"jwt":      readJWTStep,
		"xpath":    readXPathQuery,
	}
}

// readJWTStep reads a path into the header or the claims of a text that is a JWT.
func readJWTStep(n source.Node) Query {
	if part := readJWTPart(n); part != nil {
		return jwtQuery{part: part}
	}
	return nil
}

// read reads one step, or a list of them.
func (t *then) read(n source.Node) {
	items := []source.Node{n}
	if n.IsList() {
		items = n.Items()
	}
	if len(items) == 0 || n.IsNull() {
		n.Errorf("got nothing, want filters such as [base64_decode, {json: id}]")
		return
	}
	inner := innerQueries()
	for _, item := range items {
		if s, ok := readStep(item, inner); ok {
			*t = append(*t, s)
		}
	}
}

func readStep(n source.Node, inner map[string]func(source.Node) Query) (step, bool) {
	s := step{pos: n.Pos()}
	if n.IsMap() {
		if entries := n.Entries(); len(entries) == 1 && inner[entries[0].Name()] != nil {
			s.query = inner[entries[0].Name()](entries[0].Value)
			return s, s.query != nil
		}
	}
	var ok bool
	s.filter, ok = vars.ReadFilter(n)
	return s, ok
}

func (t then) uses() []vars.Use {
	var uses []vars.Use
	for _, s := range t {
		if s.query != nil {
			uses = append(uses, usesOf(s.query)...)
			continue
		}
		uses = append(uses, s.filter.Uses()...)
	}
	return uses
}

// sensitive reports whether a query among the steps goes to what is a secret by its name.
func (t then) sensitive() bool {
	for _, s := range t {
		if s.query != nil && sensitive("", s.query) {
			return true
		}
	}
	return false
}

// apply takes a value through all steps. The error stands at the step, or at the place in it that is wrong; inVain tells
// that a step found nothing.
func (t then) apply(name string, v vars.Value, s *vars.Scope) (vars.Value, error) {
	for _, one := range t {
		var err error
		if one.query != nil {
			v, err = one.find(name, v, s)
		} else {
			v, err = one.filter.Apply(s, name, v)
		}
		if placed := (*source.Error)(nil); errors.As(err, &placed) {
			return vars.Value{}, placed
		}
		if err != nil {
			return vars.Value{}, one.pos.Errorf("%w", err)
		}
	}
	return v, nil
}

// missing is the error of a query that found nothing in the text that it looked into.
type missing struct{ text, hint string }

func (m *missing) Error() string { return m.text }

// inVain reports whether an error tells of a step that found nothing.
func inVain(err error) bool {
	var m *missing
	return errors.As(err, &m) || vars.FoundNothing(err)
}

// fitting returns what a text had to be for a query to look into it, or nothing where it is that.
func fitting(q Query, a *Answer) string {
	switch q.(type) {
	case xpathQuery:
		if _, err := a.markup(); err != nil {
			return "XML or HTML"
		}
	case jsonQuery, jsonpathQuery:
		if _, err := a.document(); err != nil {
			return "JSON"
		}
	}
	return ""
}

// find looks into a value as into a body.
func (s step) find(name string, v vars.Value, scope *vars.Scope) (vars.Value, error) {
	q, err := filled(s.query, scope)
	if err != nil {
		return v, err
	}
	a := NewAnswer(&wire.Exchange{Response: &wire.Response{Body: []byte(v.Text)}})
	if want := fitting(q, a); want != "" {
		got := "text"
		if !v.Secret {
			got = "text " + quote(v.Text)
		}
		return v, errors.New(q.String() + ": got " + got + ", want " + want)
	}
	found, err := look(q, a)
	if err != nil {
		return v, errors.New(q.String() + ": " + err.Error())
	}
	if found.kind == absent {
		m := &missing{text: "nothing at " + q.String()}
		if m.hint = hintOf(q, a); v.Secret {
			m.hint = ""
		} else if rest, ok := strings.CutPrefix(m.hint, "the body "); ok {
			m.hint = "the text " + rest
		}
		return v, m
	}
	out := found.variable()
	if out.Secret = v.Secret; out.Secret {
		scope.Hide(name, out.Text)
		hideTexts(name, true, found.box(), scope)
	}
	return out, nil
}
