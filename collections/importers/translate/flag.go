package translate

import (
	"strings"

	"github.com/dop251/goja/ast"
)

// flagOf returns the name that a condition is about, where it asks whether that is true.
func flagOf(x ast.Expression) string {
	if b, ok := x.(*ast.BinaryExpression); ok && strings.HasPrefix(b.Operator.String(), "==") {
		if yes, ok := b.Right.(*ast.BooleanLiteral); ok && yes.Value {
			x = b.Left
		}
	}
	id, ok := x.(*ast.Identifier)
	if !ok {
		return ""
	}
	return id.Name.String()
}

// flags returns the statements before this one that say whether a token is to be fetched: they set a name to true or false, by what variables hold, and do
// nothing else. What they read is added to reads. False means that they do more, or that the name is used for more.
func (t *translator) flags(test ast.Expression, e *env, reads map[string]bool) ([]*unit, bool) {
	name := flagOf(test)
	if name == "" || !t.changing[name] {
		return nil, false
	}
	var found []*unit
	for _, u := range t.units {
		if u == t.current || !namesIn(u.stmt)[name] {
			continue
		}
		if u.body > t.current.body || !t.flagging(u.stmt, name, e, reads) {
			return nil, false
		}
		found = append(found, u)
	}
	return found, true
}

// flagging reports whether a statement does nothing but to set a name to true or false, and to write to the console.
func (t *translator) flagging(st ast.Statement, name string, e *env, reads map[string]bool) bool {
	switch st := st.(type) {
	case *ast.VariableStatement:
		return isFlag(st.List, name)
	case *ast.LexicalDeclaration:
		return isFlag(st.List, name)
	case *ast.IfStatement:
		if namesIn(st.Test)[name] || !t.readsOf(st.Test, e, reads) {
			return false
		}
		for _, branch := range []ast.Statement{st.Consequent, st.Alternate} {
			if branch != nil && !t.allFlagging(statementsOf(branch), name, e, reads) {
				return false
			}
		}
		return true
	}
	if a := assignment(st); a != nil {
		_, isLiteral := a.Right.(*ast.BooleanLiteral)
		return isLiteral && a.Left.(*ast.Identifier).Name.String() == name
	}
	return t.idle([]ast.Statement{st}, e) && !leaves(st)
}

func (t *translator) allFlagging(list []ast.Statement, name string, e *env, reads map[string]bool) bool {
	for _, st := range list {
		if !t.flagging(st, name, e, reads) {
			return false
		}
	}
	return true
}

// isFlag reports whether one name alone is declared, as true or false.
func isFlag(list []*ast.Binding, name string) bool {
	declared, value := soleBinding(list)
	_, ok := value.(*ast.BooleanLiteral)
	return ok && declared == name
}

// release gives up statements that were kept and that nothing needs any more.
func release(units []*unit) {
	for _, u := range units {
		u.fate = fate{}
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "whether the token has ended: auth knows"})
		u.checks, u.sets, u.flow = nil, nil, nil
	}
}
