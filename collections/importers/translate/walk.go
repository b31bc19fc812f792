package translate

import (
	"reflect"

	"github.com/dop251/goja/ast"
)

// walk calls visit for a node and all below it, until visit returns false for one.
func walk(n any, visit func(ast.Node) bool) { walkValue(reflect.ValueOf(n), visit) }

func walkValue(v reflect.Value, visit func(ast.Node) bool) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Interface {
			walkValue(v.Elem(), visit)
			return
		}
		if n, ok := v.Interface().(ast.Node); ok && !visit(n) {
			return
		}
		walkValue(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name == "DeclarationList" || name == "File" {
				continue // the same nodes again
			}
			if v.Field(i).CanInterface() {
				walkValue(v.Field(i), visit)
			}
		}
	}
}

// namesIn returns the identifiers that a node looks up or declares; members are none.
func namesIn(n any) map[string]bool {
	names := map[string]bool{}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Identifier:
			names[n.Name.String()] = true
		case *ast.DotExpression:
			walk(n.Left, visit)
			return false
		case *ast.PropertyShort:
			names[n.Name.Name.String()] = true
		case *ast.BranchStatement:
			return false
		}
		return true
	}
	walk(n, visit)
	return names
}

// mutators are the methods that change what they are called on.
func mutates(method string) bool {
	switch method {
	case "push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin", "set", "delete", "clear", "add":
		return true
	}
	return false
}

// findChanges marks the names whose values are not those that they were declared with. A plain assignment at the top is like a declaration.
func (t *translator) findChanges(list []ast.Statement) {
	plain := map[ast.Node]bool{}
	for _, st := range list {
		if a := assignment(st); a != nil {
			plain[a] = true
		}
		if try, ok := st.(*ast.TryStatement); ok && len(try.Body.List) == 1 {
			if a := assignment(try.Body.List[0]); a != nil {
				plain[a] = true
			}
		}
	}
	mark := func(e ast.Expression) {
		if id := rootOf(e); id != nil && id.Name != "tests" && id.Name != "pm" {
			t.changing[id.Name.String()] = true
		}
	}
	walk(list, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignExpression:
			if !plain[n] {
				mark(n.Left)
			}
		case *ast.UnaryExpression:
			if op := n.Operator.String(); op == "++" || op == "--" || op == "delete" {
				mark(n.Operand)
			}
		case *ast.ForIntoExpression:
			mark(n.Expression)
		case *ast.CallExpression:
			if dot, ok := n.Callee.(*ast.DotExpression); ok && mutates(dot.Identifier.Name.String()) {
				mark(dot.Left)
			}
		}
		return true
	})
}

// assignment returns the assignment that a statement is: name = value.
func assignment(st ast.Statement) *ast.AssignExpression {
	ex, ok := st.(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	a, ok := ex.Expression.(*ast.AssignExpression)
	if !ok || a.Operator.String() != "=" {
		return nil
	}
	if _, ok := a.Left.(*ast.Identifier); !ok {
		return nil
	}
	return a
}

// rootOf returns the name at the start of a.b[0].c.
func rootOf(e ast.Expression) *ast.Identifier {
	for {
		switch x := e.(type) {
		case *ast.Identifier:
			return x
		case *ast.DotExpression:
			e = x.Left
		case *ast.BracketExpression:
			e = x.Left
		case *ast.OptionalChain:
			e = x.Expression
		case *ast.Optional:
			e = x.Expression
		case *ast.CallExpression:
			if dot, ok := x.Callee.(*ast.DotExpression); ok && mutates(dot.Identifier.Name.String()) {
				e = dot.Left
				continue
			}
			return nil
		default:
			return nil
		}
	}
}
