package translate

import "github.com/dop251/goja/ast"

// reaches demands that all is there that computing an expression looks into: a script ends with an error where it is not.
func (t *translator) reaches(x ast.Expression, e *env, u *unit) error {
	var problem error
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral:
			return false
		case *ast.BinaryExpression:
			if op := n.Operator.String(); op == "&&" || op == "||" || op == "??" {
				walk(n.Left, visit) // what stands to the right may never be computed
				return false
			}
		case *ast.ConditionalExpression:
			walk(n.Test, visit)
			return false
		case *ast.DotExpression:
			return t.reach(n, n.Left, e, u, &problem)
		case *ast.BracketExpression:
			return t.reach(n, n.Left, e, u, &problem)
		}
		return problem == nil
	}
	walk(x, visit)
	return problem
}

// reach looks at one member. It reports whether what is left of it has to be looked at as well.
func (t *translator) reach(n, left ast.Expression, e *env, u *unit, problem *error) bool {
	if _, soft := left.(*ast.Optional); soft {
		return true
	}
	v, err := t.eval(left, e)
	if err != nil {
		if id := rootOf(left); id != nil && *problem == nil { // a member of what nobody knows
			*problem = err
		}
		return true
	}
	f, ok := v.(found)
	if !ok || f.soft || f.orEmpty || f.length || len(f.then) > 0 {
		return true
	}
	switch {
	case f.subject == "json" && f.parsed && len(f.path) > 0:
		u.checks = append(append(u.checks, there(f)...), check{of: f, word: "not"})
	case f.subject == "headers":
		u.checks = append(u.checks, check{of: f, word: "exists", arg: true})
	}
	return false
}
