package translate

import (
	"reflect"
	"slices"

	"github.com/dop251/goja/ast"
)

// branch is an if. What it guards is translated where the answer to its question is known, or where all it guards is what is kept of the response.
func (t *translator) branch(st *ast.IfStatement, e *env, u *unit) error {
	test := st.Test
	if a, ok := test.(*ast.AssignExpression); ok && isTests(a.Left, e) { // if (tests["x"] = condition)
		if err := t.legacyTest(a, e, u); err != nil {
			return err
		}
		test = a.Right
	}
	if t.script.Listen == Prerequest {
		if fetches, err := t.unless(st, e, u); fetches {
			return err
		}
		return t.no(st, "an if before there is an answer")
	}
	if polls, err := t.poll(st, e, u); polls {
		return err
	}
	conditions, err := t.truth(test, true, e)
	if err != nil {
		return err
	}
	if t.required(conditions, u) {
		_, err := t.block(statementsOf(st.Consequent), e, u)
		return err
	}
	if st.Alternate != nil {
		return t.alternate(st, conditions, e, u)
	}
	inner := &unit{stmt: st}
	if _, err := t.block(statementsOf(st.Consequent), e, inner); err != nil {
		return err
	}
	return t.guard(st, conditions, inner, u)
}

func statementsOf(st ast.Statement) []ast.Statement {
	if b, ok := st.(*ast.BlockStatement); ok {
		return b.List
	}
	return []ast.Statement{st}
}

// required reports whether each condition is asked for already: where one does not hold, the request has failed anyway.
func (t *translator) required(conditions []check, u *unit) bool {
	return !slices.ContainsFunc(conditions, func(k check) bool {
		asked := slices.ContainsFunc(u.checks, func(l check) bool { return implies(l, k) })
		for _, other := range t.units {
			asked = asked || other.body < t.current.body && slices.ContainsFunc(other.checks, func(l check) bool { return implies(l, k) })
		}
		return !asked
	})
}

// implies reports whether what satisfies k satisfies l.
func implies(k, l check) bool {
	if !k.of.same(l.of) {
		return false
	}
	if k.word == l.word && reflect.DeepEqual(k.arg, l.arg) {
		return true
	}
	return k.word == "equals" && l.word == "one_of" && slices.ContainsFunc(listed(l.arg), func(v any) bool { return reflect.DeepEqual(v, k.arg) })
}

// guard makes optional what is kept of a response under a condition.
func (t *translator) guard(st ast.Node, conditions []check, inner, u *unit) error {
	for _, k := range inner.checks {
		if isRoot(k) {
			continue // that the body is JSON follows from the value that is taken from it
		}
		return t.no(st, "an expectation that holds under a condition only")
	}
	if len(inner.flow) > 0 || len(inner.sets) == 0 && len(inner.notes) == 0 {
		return t.no(st, "an if that does more than keep values")
	}
	for _, s := range inner.sets {
		if !s.captured {
			return t.no(st, "a value that is set under a condition")
		}
		u.sets = append(u.sets, guarded(s, conditions))
	}
	u.notes = append(u.notes, inner.notes...)
	return nil
}

// guarded adds the conditions to a capture; optional says the same where all that is asked is whether the value is there.
func guarded(s set, conditions []check) set {
	f, isFound := s.from.(found)
	plain := isFound && !slices.ContainsFunc(conditions, func(k check) bool {
		way := k.of.subject == f.subject && k.of.parsed && !k.of.length && len(k.of.path) <= len(f.path) && slices.Equal(k.of.path, f.path[:len(k.of.path)])
		return !way || !(k.word == "exists" && k.arg == true || k.word == "not" && (k.arg == nil || isTruthy(k.arg)))
	})
	long := captureEntries(s.value)
	if plain {
		s.value = append(long, Entry{Key: "optional", Value: true})
		return s
	}
	when, err := arrange(conditions)
	if err != nil || find(long, "when") >= 0 {
		s.captured = false
		return s
	}
	s.value = append(long, Entry{Key: "when", Value: when})
	return s
}

// captureEntries returns the long form of a capture.
func captureEntries(v any) []Entry {
	if path, ok := v.(string); ok {
		return []Entry{{Key: "json", Value: path}}
	}
	return slices.Clip(entriesOf(v))
}

// alternate is an if with an else.
func (t *translator) alternate(st *ast.IfStatement, conditions []check, e *env, u *unit) error {
	if name, want, ok := t.bothNamed(st, e); ok { // if (a) { tests[x] = true } else { tests[x] = false }
		checks, err := t.truth(st.Test, want, e)
		if err != nil {
			return err
		}
		u.named(name)
		u.checks = append(u.checks, checks...)
		return nil
	}
	return t.no(st, "an else")
}

// bothNamed reports whether both branches set a legacy test, one to true and one to false.
func (t *translator) bothNamed(st *ast.IfStatement, e *env) (name string, want, ok bool) {
	a, yes, ok := t.setsTest(st.Consequent, e)
	b, no, ok2 := t.setsTest(st.Alternate, e)
	if !ok || !ok2 || yes == no {
		return "", false, false
	}
	if a != b {
		a += "\n" + b
	}
	return a, yes, true
}

func (t *translator) setsTest(st ast.Statement, e *env) (name string, to, ok bool) {
	list := statementsOf(st)
	if len(list) != 1 {
		return "", false, false
	}
	ex, ok := list[0].(*ast.ExpressionStatement)
	if !ok {
		return "", false, false
	}
	a, ok := ex.Expression.(*ast.AssignExpression)
	if !ok || !isTests(a.Left, e) {
		return "", false, false
	}
	b, ok := a.Right.(*ast.BooleanLiteral)
	br, isBracket := a.Left.(*ast.BracketExpression)
	if !ok || !isBracket {
		return "", false, false
	}
	v, err := t.eval(br.Member, e)
	if err != nil {
		return "", false, false
	}
	name, ok = textOf(v)
	return unescaped(name), b.Value, ok
}

// attempt is try { x = JSON.parse(responseBody) } catch (e) {}: x is there where the body is JSON.
func (t *translator) attempt(st *ast.TryStatement, e *env, u *unit) (*env, error) {
	if st.Finally != nil || st.Catch == nil || len(st.Catch.Body.List) > 0 || len(st.Body.List) != 1 {
		return nil, t.no(st, "a try whose errors a script looks at")
	}
	a := assignment(st.Body.List[0])
	if a == nil {
		return nil, t.no(st, "a try whose errors a script looks at")
	}
	v, err := t.eval(a.Right, e)
	f, ok := v.(found)
	if err != nil || !ok || !f.parsed || len(f.path) > 0 {
		return nil, t.no(st, "a try whose errors a script looks at")
	}
	return e.bind(a.Left.(*ast.Identifier).Name.String(), nil, a.Right), nil
}
