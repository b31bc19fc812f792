package translate

import (
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// Names are the variables that a script uses.
type Names struct {
	Reads, Sets []string // each once, sorted
	Open        bool     // and others, which only a run can tell
}

// NamesIn returns the variables that a script uses, whatever becomes of it. Of one that is no JavaScript only a run can tell.
func NamesIn(s Script) (n Names) {
	defer func() {
		if p := recover(); p != nil { // the parser is not ours
			n = Names{Open: true}
		}
	}()
	t, err := parse(s, Context{})
	if err != nil {
		return Names{Open: true}
	}
	for _, u := range t.units {
		reads, sets, open := t.variables(u.stmt)
		if open && t.opens(u.stmt) {
			n.Open = true
		}
		n.Reads, n.Sets = append(n.Reads, reads...), append(n.Sets, sets...)
		walk(u.stmt, func(x ast.Node) bool {
			switch x := x.(type) {
			case *ast.StringLiteral:
				n.Reads = append(n.Reads, templated(x.Value.String())...)
			case *ast.TemplateElement:
				n.Reads = append(n.Reads, templated(x.Parsed.String())...)
			}
			return true
		})
	}
	slices.Sort(n.Reads)
	slices.Sort(n.Sets)
	n.Reads, n.Sets = slices.Compact(n.Reads), slices.Compact(n.Sets)
	return n
}

// opens reports whether only a run can tell what a statement uses: templates in texts can be read, and the library that signs JWTs uses no variable.
func (t *translator) opens(st ast.Statement) bool {
	if isLibrary(st) {
		for _, u := range t.units {
			if namesIn(u.stmt)["KJUR"] {
				return false
			}
		}
		return true
	}
	open := false
	walk(st, func(n ast.Node) bool {
		x, ok := n.(*ast.CallExpression)
		if !ok {
			return true
		}
		path := t.dotted(x.Callee, nil)
		scope, method, _ := cutLast(path)
		named := isScope(scope) && (method == "get" || method == "set" || method == "has" || method == "unset") ||
			strings.HasPrefix(path, "postman.") && strings.HasSuffix(path, "Variable")
		if path == "eval" || isScope(scope) && (method == "toObject" || method == "clear" || method == "replaceIn" && !isWritten(x)) || named && !isWritten(x) {
			open = true
		}
		return !open
	})
	return open
}

// isWritten reports whether the first argument of a call is a text.
func isWritten(x *ast.CallExpression) bool {
	if len(x.ArgumentList) == 0 {
		return false
	}
	_, ok := x.ArgumentList[0].(*ast.StringLiteral)
	return ok
}

// templated returns the names of the templates in a text.
func templated(s string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(s, "{{")
		if !ok {
			return names
		}
		name, _, closed := strings.Cut(rest, "}}")
		if closed {
			names = append(names, strings.TrimSpace(name))
		}
		s = rest
	}
}
