package translate

import (
	"slices"

	"github.com/dop251/goja/ast"
)

// forOf is for (const x of list) { … }.
func (t *translator) forOf(st *ast.ForOfStatement, e *env, u *unit) error {
	into, ok := st.Into.(*ast.ForDeclaration)
	if !ok {
		return t.no(st, "a loop whose variable is known outside it")
	}
	name, ok := into.Target.(*ast.Identifier)
	if !ok {
		return t.no(st, "a loop over parts of elements")
	}
	return t.elements(st.Source, name.Name.String(), statementsOf(st.Body), e, u)
}

// forEach is list.forEach(x => { … }).
func (t *translator) forEach(x *ast.CallExpression, list ast.Expression, e *env, u *unit) error {
	if len(x.ArgumentList) != 1 {
		return t.no(x, "a loop with a this of its own")
	}
	return t.eachOf(list, x.ArgumentList[0], e, u)
}

func (t *translator) eachOf(list, fn ast.Expression, e *env, u *unit) error {
	body, params, async, ok := functionOf(fn)
	if !ok || async || len(params) != 1 {
		return t.no(list, "a loop that looks at more than each element")
	}
	return t.elements(list, params[0], body, e, u)
}

// elements translates what is asked of each element into a JSON Schema, which an empty list satisfies as it does the loop.
func (t *translator) elements(list ast.Expression, name string, body []ast.Statement, e *env, u *unit) error {
	f, err := t.listOf(list, e)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(body, leaves) {
		return t.no(list, "a loop that may end early")
	}
	inner := &unit{stmt: u.stmt}
	if _, err := t.block(body, e.bind(name, found{subject: "element", parsed: true}, nil), inner); err != nil {
		return err
	}
	if len(inner.sets)+len(inner.flow) > 0 {
		return t.no(list, "a loop that does more than ask")
	}
	if inner.test != "" {
		u.named(inner.test)
	}
	u.notes = append(u.notes, inner.notes...)
	return t.ofEach(f, inner.checks, u)
}

func (t *translator) ofEach(f found, checks []check, u *unit) error {
	if len(checks) == 0 {
		u.checks = append(u.checks, check{of: f, word: "type", arg: "list"})
		return nil
	}
	items, err := schemaOf(checks)
	if err != nil {
		return err
	}
	u.checks = append(u.checks, check{of: f, word: "schema", arg: []Entry{{Key: "type", Value: "array"}, {Key: "items", Value: items}}})
	return nil
}

// listOf returns the list that a loop goes through.
func (t *translator) listOf(x ast.Expression, e *env) (found, error) {
	v, err := t.eval(x, e)
	if err != nil {
		return found{}, err
	}
	f, ok := v.(found)
	if !ok || f.subject != "json" || !f.parsed || f.length || f.soft || f.orEmpty || len(f.then) > 0 {
		return found{}, t.no(x, "a loop over what is no list in the response")
	}
	return f, nil
}

// everyElement is list.every(x => condition).
func (t *translator) everyElement(x *ast.CallExpression, f found, every, want bool, e *env) ([]check, error) {
	body, params, async, ok := functionOf(x.ArgumentList[0])
	if !ok || async || len(params) != 1 || len(body) != 1 || !every || !want || f.subject != "json" || f.length || f.soft || len(f.then) > 0 {
		return nil, t.no(x, "only a script can tell whether "+t.source(x))
	}
	var condition ast.Expression
	switch st := body[0].(type) {
	case *ast.ReturnStatement:
		condition = st.Argument
	case *ast.ExpressionStatement:
		condition = st.Expression
	}
	if _, block := x.ArgumentList[0].(*ast.FunctionLiteral); condition == nil || block && !leaves(body[0]) {
		return nil, t.no(x, "a function that returns nothing")
	}
	checks, err := t.truth(condition, true, e.bind(params[0], found{subject: "element", parsed: true}, nil))
	if err != nil {
		return nil, err
	}
	u := &unit{}
	err = t.ofEach(f, checks, u)
	return u.checks, err
}
