package translate

import (
	"encoding/json"

	"github.com/dop251/goja/ast"
)

// typeofOrIndex is typeof a === "string" and a.indexOf("b") !== -1.
func (t *translator) typeofOrIndex(x *ast.BinaryExpression, want bool, e *env) ([]check, bool, error) {
	if u, ok := x.Left.(*ast.UnaryExpression); ok && u.Operator.String() == "typeof" {
		kind, isText := x.Right.(*ast.StringLiteral)
		v, err := t.eval(u.Operand, e)
		if err != nil || !isText {
			return nil, true, t.no(x, "only a script can tell whether "+t.source(x))
		}
		f, ok := v.(found)
		if !ok || !f.parsed || f.length || len(f.then) > 0 {
			return nil, true, t.no(x, "only a script can tell whether "+t.source(x))
		}
		switch name := kind.Value.String(); name {
		case "undefined":
			checks, err := t.existence(f, !want)
			return checks, true, err
		case "string", "number", "boolean":
			if want {
				return []check{{of: f, word: "type", arg: name}}, true, nil
			}
			return append(there(f), optional(f, "not", []Entry{{Key: "type", Value: name}})), true, nil
		}
		return nil, true, t.no(x, "only a script can tell whether "+t.source(x))
	}
	call, ok := x.Left.(*ast.CallExpression)
	if !ok {
		return nil, false, nil
	}
	dot, ok := call.Callee.(*ast.DotExpression)
	if !ok || dot.Identifier.Name != "indexOf" || len(call.ArgumentList) != 1 {
		return nil, false, nil
	}
	r, err := t.eval(x.Right, e)
	l, _ := r.(literal)
	n, isNumber := l.v.(json.Number)
	if err != nil || !isNumber {
		return nil, false, nil
	}
	positive := false
	switch op := x.Operator.String() + string(n); op {
	case ">-1", ">=0":
		positive = true
	case "===-1", "==-1", "!==-1", "!=-1", "<0": // want is turned already for !==
	default:
		return nil, true, t.no(x, "only a script can tell whether "+t.source(x))
	}
	checks, err := t.has(call, dot.Left, "contains", positive == want, e)
	return checks, true, err
}

// has asks whether a text has a piece, or a list an element.
func (t *translator) has(call *ast.CallExpression, left ast.Expression, word string, want bool, e *env) ([]check, error) {
	v, err := t.eval(left, e)
	if err != nil {
		return nil, err
	}
	part, err := t.eval(call.ArgumentList[0], e)
	if err != nil {
		return nil, err
	}
	f, ok := v.(found)
	w, known := wanted(part)
	s, isText := w.(string)
	if !ok || !known || f.length || f.isNumber() || f.subject == "reason" || composite(w) || isText && s == "" || !isText && f.isText() {
		return nil, t.no(call, "only a script can tell whether "+t.source(call))
	}
	c := &chain{t: t, env: e, at: call, not: !want}
	if word != "contains" {
		if !isText {
			return nil, t.no(call, "only a script can tell whether "+t.source(call))
		}
		return []check{c.negated(check{of: f, word: word, arg: s})}, nil
	}
	if err := c.includes(f, w); err != nil {
		return nil, err
	}
	return c.checks, nil
}

// question is a call that is true or false.
func (t *translator) question(x *ast.CallExpression, want bool, e *env) ([]check, bool, error) {
	dot, ok := x.Callee.(*ast.DotExpression)
	if !ok || len(x.ArgumentList) == 0 {
		if id, isName := x.Callee.(*ast.Identifier); isName && id.Name == "Boolean" && len(x.ArgumentList) == 1 {
			checks, err := t.truth(x.ArgumentList[0], want, e)
			return checks, true, err
		}
		return nil, false, nil
	}
	name := dot.Identifier.Name.String()
	if re, ok := dot.Left.(*ast.RegExpLiteral); ok && name == "test" {
		checks, err := t.tested(x, re, x.ArgumentList[0], want, e)
		return checks, true, err
	}
	if re, ok := x.ArgumentList[0].(*ast.RegExpLiteral); ok && name == "match" {
		checks, err := t.tested(x, re, dot.Left, want, e)
		return checks, true, err
	}
	left, err := t.eval(dot.Left, e)
	if err != nil {
		return nil, true, err
	}
	if th, ok := left.(thing); ok {
		return t.askThing(x, th.name+"."+name, want, e)
	}
	words := map[string]string{"includes": "contains", "has": "contains", "contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with"}
	if word := words[name]; word != "" && len(x.ArgumentList) == 1 {
		checks, err := t.has(x, dot.Left, word, want, e)
		return checks, true, err
	}
	f, isFound := left.(found)
	if key, ok := x.ArgumentList[0].(*ast.StringLiteral); ok && name == "hasOwnProperty" && isFound && f.parsed && len(f.then) == 0 && !f.length {
		checks, err := t.existence(f.at(key.Value.String(), false), want)
		return checks, true, err
	}
	if isFound && (name == "every" || name == "some") {
		checks, err := t.everyElement(x, f, name == "every", want, e)
		return checks, true, err
	}
	return nil, false, nil
}

func (t *translator) tested(x *ast.CallExpression, re *ast.RegExpLiteral, about ast.Expression, want bool, e *env) ([]check, error) {
	p, err := regexpOf(re)
	if err != nil {
		return nil, err
	}
	v, err := t.eval(about, e)
	if err != nil {
		return nil, err
	}
	f, ok := v.(found)
	if !ok || f.length || f.isNumber() || f.subject == "reason" {
		return nil, t.no(x, "only a script can tell whether "+t.source(x))
	}
	c := &chain{t: t, env: e, at: x, not: !want}
	if err := c.matches(f, p); err != nil {
		return nil, err
	}
	return c.checks, nil
}

// askThing asks a function of the sandbox.
func (t *translator) askThing(x *ast.CallExpression, path string, want bool, e *env) ([]check, bool, error) {
	switch path {
	case "Number.isInteger", "_.isString", "_.isNumber", "_.isInteger", "_.isBoolean", "Array.isArray", "_.isArray", "pm.response.headers.has", "pm.environment.has", "pm.globals.has", "pm.collectionVariables.has", "pm.variables.has", "tv4.validate":
	default:
		return nil, false, nil
	}
	arg, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return nil, true, err
	}
	f, isFound := arg.(found)
	l, _ := arg.(literal)
	name, isText := l.v.(string)
	types := map[string]string{"Number.isInteger": "integer", "_.isInteger": "integer", "_.isString": "string", "_.isNumber": "number", "_.isBoolean": "boolean"}
	switch {
	case types[path] != "" && isFound && f.parsed && !f.length && len(f.then) == 0 && want:
		return []check{{of: f, word: "type", arg: types[path]}}, true, nil
	case (path == "Array.isArray" || path == "_.isArray") && isFound && f.parsed && !f.length:
		if want {
			return []check{{of: f, word: "type", arg: "list"}}, true, nil
		}
		return append(there(f), optional(f, "not", []Entry{{Key: "type", Value: "list"}})), true, nil
	case path == "pm.response.headers.has" && isText && len(x.ArgumentList) == 1:
		checks, err := t.existence(found{subject: "headers", path: []string{unescaped(name)}}, want)
		return checks, true, err
	case path == "tv4.validate" && isFound && f.parsed && len(f.path) == 0 && len(x.ArgumentList) == 2 && want:
		schema, err := t.eval(x.ArgumentList[1], e)
		if err != nil {
			return nil, true, err
		}
		s, _ := schema.(literal)
		if entries := entriesOf(s.v); entries != nil {
			if find(entries, "$schema") < 0 {
				entries = append([]Entry{{Key: "$schema", Value: "http://json-schema.org/draft-04/schema#"}}, entries...)
			}
			return []check{{of: f, word: "schema", arg: entries}}, true, nil
		}
	}
	return nil, true, t.no(x, "only a script can tell whether "+t.source(x))
}
