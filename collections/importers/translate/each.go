package translate

import (
	"github.com/dop251/goja/ast"
)

func (t *translator) forOf(st *ast.ForOfStatement, e *env, u *unit) error {
	return t.no(st, "a loop")
}

func (t *translator) forEach(x *ast.CallExpression, list ast.Expression, e *env, u *unit) error {
	if len(x.ArgumentList) != 1 {
		return t.no(x, "a loop")
	}
	return t.eachOf(list, x.ArgumentList[0], e, u)
}

func (t *translator) eachOf(list, fn ast.Expression, e *env, u *unit) error {
	return t.no(list, "a loop")
}

func (t *translator) everyElement(x *ast.CallExpression, f found, every, want bool, e *env) ([]check, error) {
	return nil, t.no(x, "a loop")
}
