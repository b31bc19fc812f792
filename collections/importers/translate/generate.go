package translate

import (
	"strconv"

	"github.com/dop251/goja/ast"
)

func itoa(n int) string { return strconv.Itoa(n) }

// generated returns what makes a new value at each run; nil for any other call.
func (t *translator) generated(x *ast.CallExpression, e *env) (value, error) { return nil, nil }

func (t *translator) made(x *ast.NewExpression, e *env) (value, error) {
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

func (t *translator) perSecond(x *ast.BinaryExpression, e *env) (value, error) {
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}
