package translate

import (
	"slices"

	"github.com/dop251/goja/ast"
)

// expression translates an expression that stands by itself.
func (t *translator) expression(x ast.Expression, e *env, u *unit) error {
	checks, ok, err := t.expectation(x, e)
	if ok {
		if err == nil && t.script.Listen == Prerequest {
			err = t.no(x, "an expectation before there is an answer")
		}
		if err == nil && len(checks) == 0 {
			u.notes = append(u.notes, Note{Kind: Dropped, Reason: "it holds whatever the answer is"})
		}
		u.checks = append(u.checks, checks...)
		return err
	}
	switch x := x.(type) {
	case *ast.StringLiteral:
		if x.Value == "use strict" {
			return nil
		}
	case *ast.AssignExpression:
		return t.legacyTest(x, e, u)
	case *ast.CallExpression:
		return t.callStatement(x, e, u)
	}
	return t.no(x, "declarations have no word for "+t.source(x))
}

// legacyTest is tests["name"] = condition.
func (t *translator) legacyTest(x *ast.AssignExpression, e *env, u *unit) error {
	if x.Operator.String() != "=" || t.script.Listen == Prerequest || !isTests(x.Left, e) {
		return t.no(x, "declarations have no word for "+t.source(x))
	}
	name := ""
	if b, ok := x.Left.(*ast.BracketExpression); ok {
		if v, err := t.eval(b.Member, e); err == nil {
			name, _ = textOf(v)
		}
		if name == "" {
			name = t.source(b.Member)
		}
	} else {
		name = x.Left.(*ast.DotExpression).Identifier.Name.String()
	}
	checks, err := t.truth(x.Right, true, e)
	if err != nil {
		return err
	}
	if len(checks) == 0 {
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "it holds whatever the answer is"})
	}
	u.named(unescaped(name))
	u.checks = append(u.checks, checks...)
	if u == t.current {
		t.asserted[unescaped(name)] = true
	}
	return nil
}

func isTests(x ast.Expression, e *env) bool {
	var left ast.Expression
	switch x := x.(type) {
	case *ast.BracketExpression:
		left = x.Left
	case *ast.DotExpression:
		left = x.Left
	}
	id, ok := left.(*ast.Identifier)
	return ok && id.Name == "tests" && e.find("tests") == nil
}

// named adds the name of a test.
func (u *unit) named(name string) {
	if u.test != "" && name != "" {
		name = u.test + "\n" + name
	}
	u.test = name
}

// callStatement is a call that stands by itself.
func (t *translator) callStatement(x *ast.CallExpression, e *env, u *unit) error {
	path := t.dotted(x.Callee, e)
	if isNext(path) {
		return t.next(x, e, u)
	}
	switch path {
	case "pm.test":
		return t.test(x, e, u)
	case "pm.test.skip":
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "a test that is skipped"})
		return nil
	case "console.log", "console.info", "console.warn", "console.error", "console.debug":
		for _, a := range x.ArgumentList {
			if err := t.harmless(a, e, u); err != nil {
				return err
			}
		}
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "writes to the console: -v shows the exchange"})
		return nil
	case "pm.request.headers.add", "pm.request.headers.upsert", "pm.request.addHeader", "pm.request.upsertHeader":
		return t.requestHeader(x, path, e, u)
	case "setTimeout":
		return t.sleep(x, e, u)
	case "pm.sendRequest":
		return t.send(x, e, u)
	}
	if isSetter(path) {
		return t.setVariable(x, path, e, u)
	}
	if dot, ok := x.Callee.(*ast.DotExpression); ok && dot.Identifier.Name == "forEach" {
		return t.forEach(x, dot.Left, e, u)
	}
	if lodash := path == "_.each" || path == "_.forEach"; lodash && len(x.ArgumentList) == 2 {
		return t.eachOf(x.ArgumentList[0], x.ArgumentList[1], e, u)
	}
	return t.no(x, "declarations have no word for "+t.source(x.Callee))
}

// dotted returns a.b.c of names alone, where a belongs to the sandbox.
func (t *translator) dotted(x ast.Expression, e *env) string {
	switch x := x.(type) {
	case *ast.Identifier:
		if e.find(x.Name.String()) == nil {
			return x.Name.String()
		}
	case *ast.DotExpression:
		if left := t.dotted(x.Left, e); left != "" {
			return left + "." + x.Identifier.Name.String()
		}
	}
	return ""
}

// test is pm.test(name, function).
func (t *translator) test(x *ast.CallExpression, e *env, u *unit) error {
	if len(x.ArgumentList) < 2 || t.script.Listen == Prerequest {
		return t.no(x, "a test without a function, or before there is an answer")
	}
	name := ""
	if v, err := t.eval(x.ArgumentList[0], e); err == nil {
		name, _ = textOf(v)
	}
	if name == "" {
		name = t.source(x.ArgumentList[0])
	}
	u.named(unescaped(name))
	list, params, async, ok := functionOf(x.ArgumentList[1])
	if !ok || async || len(params) > 0 {
		return t.no(x, "a test that ends later than it returns")
	}
	if slices.ContainsFunc(list, func(st ast.Statement) bool { return leaves(st) && st != list[len(list)-1] }) {
		return t.no(x, "a test that may end early")
	}
	before := len(u.checks) + len(u.sets) + len(u.notes)
	if _, err := t.block(list, e, u); err != nil {
		return err
	}
	if len(u.checks)+len(u.sets)+len(u.notes) == before {
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "a test that asks nothing: it is green whatever the answer is"})
	}
	return nil
}

// functionOf returns the statements of a function that is written out.
func functionOf(x ast.Expression) (list []ast.Statement, params []string, async, ok bool) {
	var ps *ast.ParameterList
	switch f := x.(type) {
	case *ast.FunctionLiteral:
		list, ps, async = f.Body.List, f.ParameterList, f.Async || f.Generator
	case *ast.ArrowFunctionLiteral:
		ps, async = f.ParameterList, f.Async
		switch b := f.Body.(type) {
		case *ast.BlockStatement:
			list = b.List
		case *ast.ExpressionBody:
			list = []ast.Statement{&ast.ReturnStatement{Return: b.Expression.Idx0(), Argument: b.Expression}}
			if _, isCall := b.Expression.(*ast.CallExpression); isCall {
				list = []ast.Statement{&ast.ExpressionStatement{Expression: b.Expression}}
			}
		}
	default:
		return nil, nil, false, false
	}
	if ps != nil {
		if ps.Rest != nil {
			return nil, nil, false, false
		}
		for _, b := range ps.List {
			id, plain := b.Target.(*ast.Identifier)
			if !plain || b.Initializer != nil {
				return nil, nil, false, false
			}
			params = append(params, id.Name.String())
		}
	}
	return list, params, async, true
}
