package translate

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/dop251/goja/ast"
)

// truth asks whether an expression is true in a condition, or, where want is false, not.
func (t *translator) truth(x ast.Expression, want bool, e *env) ([]check, error) {
	switch x := x.(type) {
	case *ast.UnaryExpression:
		if x.Operator.String() == "!" {
			return t.truth(x.Operand, !want, e)
		}
	case *ast.BinaryExpression:
		return t.condition(x, want, e)
	case *ast.OptionalChain:
		return t.truth(x.Expression, want, e)
	case *ast.BracketExpression:
		if name, ok := x.Member.(*ast.StringLiteral); ok && isTests(x, e) && want && t.asserted[name.Value.String()] {
			return nil, nil // or the request has failed anyway
		}
	case *ast.Identifier:
		if b := e.find(x.Name.String()); b != nil && b.expr != nil && !t.changing[x.Name.String()] {
			return t.truth(b.expr, want, b.in)
		}
	case *ast.CallExpression:
		if checks, ok, err := t.question(x, want, e); ok || err != nil {
			return checks, err
		}
	case *ast.BooleanLiteral:
		if x.Value == want {
			return nil, nil
		}
		return nil, t.no(x, "it never holds")
	}
	v, err := t.eval(x, e)
	if err != nil {
		return nil, err
	}
	if s, ok := v.(variable); ok {
		v = found{subject: "variables", path: []string{s.name}}
	}
	f, ok := v.(found)
	if !ok {
		return nil, t.no(x, "it does not depend on the answer: "+t.source(x))
	}
	checks, err := truthOf(f, want)
	if err != nil {
		return nil, t.no(x, err.Error())
	}
	return checks, nil
}

// condition is a && b, a === b and the like.
func (t *translator) condition(x *ast.BinaryExpression, want bool, e *env) ([]check, error) {
	switch op := x.Operator.String(); op {
	case "&&", "||":
		if (op == "&&") != want {
			return t.either(x, want, e)
		}
		a, err := t.truth(x.Left, want, e)
		if err != nil {
			return nil, err
		}
		b, err := t.truth(x.Right, want, e)
		if err != nil {
			return nil, err
		}
		return simplified(a, b), nil
	case "===", "!==":
		return t.equality(x, (op == "===") == want, false, e)
	case "==", "!=":
		return t.equality(x, (op == "==") == want, true, e)
	case "<", ">", "<=", ">=":
		return t.order(x, op, want, e)
	case "in":
		return t.isMember(x, want, e)
	}
	return nil, t.no(x, "only a script can tell whether "+t.source(x))
}

// simplified leaves out of a && a.b && a.b.c that a is there: it is where a.b.c is.
func simplified(a, b []check) []check {
	var kept []check
	for _, k := range a {
		implied := k.word == "not" && isTruthy(k.arg) && slices.ContainsFunc(b, func(l check) bool {
			return l.of.subject == k.of.subject && len(l.of.path) > len(k.of.path) && slices.Equal(l.of.path[:len(k.of.path)], k.of.path) && (l.word == "not" || l.word == "equals" || l.arg == true)
		})
		if !implied {
			kept = append(kept, k)
		}
	}
	return append(kept, b...)
}

func isTruthy(arg any) bool {
	e := entriesOf(arg)
	return len(e) == 1 && e[0].Key == "one_of"
}

// either is a === 1 || a === 2.
func (t *translator) either(x *ast.BinaryExpression, want bool, e *env) ([]check, error) {
	a, err := t.truth(x.Left, want, e)
	if err != nil {
		return nil, err
	}
	b, err := t.truth(x.Right, want, e)
	if err != nil {
		return nil, err
	}
	if len(a) == 1 && len(b) == 1 && a[0].of.same(b[0].of) {
		va, vb := alternatives(a[0]), alternatives(b[0])
		if va != nil && vb != nil {
			return []check{{of: a[0].of, word: "one_of", arg: append(slices.Clip(va), vb...)}}, nil
		}
	}
	return nil, t.no(x, "one of two things suffices: "+t.source(x))
}

func alternatives(k check) []any {
	switch {
	case k.of.subject == "duration":
		return nil
	case k.word == "equals":
		return []any{k.arg}
	case k.word == "one_of":
		return k.arg.([]any)
	}
	return nil
}

// equality is a === b, or a == b where loose is true.
func (t *translator) equality(x *ast.BinaryExpression, want, loose bool, e *env) ([]check, error) {
	if checks, ok, err := t.typeofOrIndex(x, want, e); ok || err != nil {
		return checks, err
	}
	left, right := x.Left, x.Right
	a, err := t.eval(left, e)
	if err != nil {
		return nil, err
	}
	b, err := t.eval(right, e)
	if err != nil {
		return nil, err
	}
	if _, ok := a.(found); !ok {
		a, b = b, a
	}
	if v, ok := a.(variable); ok {
		a = found{subject: "variables", path: []string{v.name}}
	}
	f, ok := a.(found)
	if !ok {
		return nil, t.no(x, "it does not depend on the answer: "+t.source(x))
	}
	if g, ok := b.(found); ok && f.same(g) && want {
		return nil, nil
	}
	if _, und := b.(undefined); und && !loose {
		return t.existence(f, !want)
	}
	w, ok := wanted(b)
	if _, und := b.(undefined); und {
		w, ok = nil, true
	}
	if !ok || composite(w) {
		return nil, t.no(x, "two values that only a script can compare: "+t.source(x))
	}
	checks, err := looseEquals(f, w, want, loose)
	if err != nil {
		return nil, t.no(x, err.Error())
	}
	return checks, nil
}

// existence asks whether a value is anything but undefined.
func (t *translator) existence(f found, want bool) ([]check, error) {
	if f.length || len(f.then) > 0 {
		return nil, problem{-1, "what is made of a value is always there"}
	}
	if want {
		return []check{{of: f, word: "exists", arg: true}}, nil
	}
	return append(there(f), check{of: f, word: "exists", arg: false}), nil
}

// looseEquals compares as == does: null is undefined, and a text of digits is a number.
func looseEquals(f found, w any, want, loose bool) ([]check, error) {
	n, isNumber := w.(json.Number)
	s, isText := w.(string)
	switch {
	case !loose:
		return equals(f, w, want)
	case w == nil && want:
		return append(there(f), optional(f, "equals", nil)), nil
	case w == nil:
		return []check{{of: f, word: "not", arg: nil}}, nil
	case isNumber && f.isText():
		return equals(f, string(n), want)
	case isText && f.isNumber() && json.Valid([]byte(s)):
		return equals(f, json.Number(s), want)
	case isNumber && !f.isNumber():
		return oneOf(f, []any{n, string(n)}, want)
	case isText && !f.isText() && json.Valid([]byte(s)) && s != "null" && s[0] != '"' && s[0] != '{' && s[0] != '[' && s != "true" && s != "false":
		return oneOf(f, []any{s, json.Number(s)}, want)
	case w == true || w == false || isText && s == "":
		return nil, errors.New("== with what many values are equal to")
	}
	return equals(f, w, want)
}

// order is a < b.
func (t *translator) order(x *ast.BinaryExpression, op string, want bool, e *env) ([]check, error) {
	if checks, ok, err := t.typeofOrIndex(x, want, e); ok || err != nil {
		return checks, err
	}
	a, err := t.eval(x.Left, e)
	if err != nil {
		return nil, err
	}
	b, err := t.eval(x.Right, e)
	if err != nil {
		return nil, err
	}
	words := map[string]string{"<": "below", ">": "above", "<=": "at_most", ">=": "at_least"}
	if _, ok := a.(found); !ok {
		a, b = b, a
		words = map[string]string{"<": "above", ">": "below", "<=": "at_least", ">=": "at_most"}
	}
	f, isFound := a.(found)
	l, _ := b.(literal)
	n, isNumber := l.v.(json.Number)
	if !isFound || !isNumber || !want && !f.isNumber() {
		return nil, t.no(x, "only a script can tell whether "+t.source(x))
	}
	checks, err := compare(f, words[op], n, want)
	if err != nil {
		return nil, t.no(x, err.Error())
	}
	return checks, nil
}

// isMember is "a" in b.
func (t *translator) isMember(x *ast.BinaryExpression, want bool, e *env) ([]check, error) {
	name, ok := x.Left.(*ast.StringLiteral)
	if !ok {
		return nil, t.no(x, "only a script can tell whether "+t.source(x))
	}
	v, err := t.eval(x.Right, e)
	if err != nil {
		return nil, err
	}
	f, ok := v.(found)
	if !ok || !f.parsed || f.length || len(f.then) > 0 {
		return nil, t.no(x, "only a script can tell whether "+t.source(x))
	}
	return t.existence(f.at(name.Value.String(), false), want)
}
