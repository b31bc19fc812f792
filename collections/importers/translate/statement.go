package translate

import (
	"errors"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// translate translates each statement at the top, and keeps those that it cannot.
func (t *translator) translate() {
	e := &env{}
	stopped := ""
	for _, u := range t.units {
		t.current = u
		next, err := t.statement(u.stmt, e, u)
		switch {
		case stopped != "":
			u.keep(stopped)
		case err != nil:
			u.keep(reasonOf(err))
		}
		if leaves(u.stmt) {
			stopped = "what stands before it may end the script"
		}
		if next == nil {
			next = t.opaque(u.stmt, e)
		}
		u.binds = declared(u.stmt)
		e = next
		u.date(t)
	}
}

func reasonOf(err error) string {
	var p problem
	if errors.As(err, &p) && p.reason != "" {
		return p.reason
	}
	return "declarations have no word for it"
}

// keep makes a unit one that stays.
func (u *unit) keep(reason string) {
	u.kept, u.reason = true, reason
	u.checks, u.sets, u.flow, u.notes = nil, nil, nil, nil
	u.token, u.assertion = nil, ""
	for _, flag := range u.flags {
		flag.keep(reason)
	}
}

// date gives what a unit became its place and its comment.
func (u *unit) date(t *translator) {
	comment := u.comment
	if u.test != "" && comment != "" && comment != u.test {
		comment += "\n"
	}
	if u.test != comment {
		comment += u.test
	}
	named := max(0, slices.IndexFunc(u.checks, func(k check) bool { return !isRoot(k) }))
	for i := range u.checks {
		u.checks[i].pos = t.pos(u.body)
		if i == named {
			u.checks[i].comment = comment
		}
	}
	for i := range u.notes {
		u.notes[i].Line = t.line(u.body)
		u.notes[i].Pos = t.pos(u.body)
	}
	if len(u.checks) > 0 {
		u.comment = ""
	}
}

// leaves reports whether a statement may end the script.
func leaves(st ast.Statement) bool {
	found := false
	walk(st, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.FunctionDeclaration:
			return false
		case *ast.ReturnStatement, *ast.ThrowStatement:
			found = true
		}
		return true
	})
	return found
}

// declared returns the names that a statement declares or assigns.
func declared(st ast.Statement) []string {
	var names []string
	add := func(target ast.Expression) {
		for name := range namesIn(target) {
			names = append(names, name)
		}
	}
	switch st := st.(type) {
	case *ast.VariableStatement:
		for _, b := range st.List {
			add(b.Target)
		}
	case *ast.LexicalDeclaration:
		for _, b := range st.List {
			add(b.Target)
		}
	case *ast.FunctionDeclaration:
		names = append(names, st.Function.Name.Name.String())
	case *ast.ClassDeclaration:
		names = append(names, st.Class.Name.Name.String())
	case *ast.TryStatement:
		for _, inner := range st.Body.List {
			names = append(names, declared(inner)...)
		}
	case *ast.IfStatement, *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.BlockStatement, *ast.SwitchStatement, *ast.WhileStatement:
		walk(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.VariableStatement:
				for _, b := range n.List {
					add(b.Target)
				}
			case *ast.AssignExpression:
				if id := rootOf(n.Left); id != nil {
					names = append(names, id.Name.String())
				}
			case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
				return false
			}
			return true
		})
	default:
		if a := assignment(st); a != nil {
			add(a.Left)
		}
		if isLibrary(st) {
			names = append(names, libraryNames()...)
		}
	}
	return names
}

// opaque binds what a statement declares to what only a run can tell.
func (t *translator) opaque(st ast.Statement, e *env) *env {
	for _, name := range declared(st) {
		e = e.bind(name, nil, nil)
	}
	return e
}

// statement translates one statement into u. It returns what names stand for after it, nil where it says nothing of that.
func (t *translator) statement(st ast.Statement, e *env, u *unit) (*env, error) {
	switch st := st.(type) {
	case *ast.EmptyStatement:
		return e, nil
	case *ast.VariableStatement:
		return t.declare(st.List, e, u)
	case *ast.LexicalDeclaration:
		return t.declare(st.List, e, u)
	case *ast.FunctionDeclaration:
		return t.opaque(st, e), nil
	case *ast.BlockStatement:
		_, err := t.block(st.List, e, u)
		return nil, err
	case *ast.IfStatement:
		return nil, t.branch(st, e, u)
	case *ast.TryStatement:
		return t.attempt(st, e, u)
	case *ast.ForOfStatement:
		return nil, t.forOf(st, e, u)
	case *ast.ExpressionStatement:
		if isLibrary(st) && e.find("eval") == nil {
			return e, t.library(st.Expression.(*ast.CallExpression), e, u)
		}
		if a := assignment(st); a != nil {
			id := a.Left.(*ast.Identifier)
			if err := t.harmless(a.Right, e, u); err != nil {
				return nil, err
			}
			return e.bind(id.Name.String(), nil, a.Right), nil
		}
		return e, t.expression(st.Expression, e, u)
	}
	return nil, t.no(st, "declarations have no word for "+firstWord(t.source(st)))
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	word, _, _ = strings.Cut(word, "(")
	return word
}

// block translates the statements of a function; all or nothing.
func (t *translator) block(list []ast.Statement, e *env, u *unit) (*env, error) {
	for i, st := range list {
		if ret, ok := st.(*ast.ReturnStatement); ok && i == len(list)-1 {
			return e, t.returned(ret, e, u)
		}
		next, err := t.statement(st, e, u)
		if err != nil {
			return nil, err
		}
		if next == nil {
			next = t.opaque(st, e)
		}
		e = next
	}
	return e, nil
}

// returned is a return at the end of a function: an expectation may stand behind it.
func (t *translator) returned(st *ast.ReturnStatement, e *env, u *unit) error {
	if st.Argument == nil {
		return nil
	}
	checks, ok, err := t.expectation(st.Argument, e)
	if ok {
		u.checks = append(u.checks, checks...)
		return err
	}
	return t.harmless(st.Argument, e, u)
}

// declare binds names. Nothing may happen while they get their values.
func (t *translator) declare(list []*ast.Binding, e *env, u *unit) (*env, error) {
	for _, b := range list {
		if b.Initializer == nil {
			if id, ok := b.Target.(*ast.Identifier); ok {
				e = e.bind(id.Name.String(), nil, nil)
			}
			continue
		}
		if err := t.harmless(b.Initializer, e, u); err != nil {
			return nil, err
		}
		bound, err := t.destructure(b.Target, b.Initializer, e)
		if err != nil {
			return nil, err
		}
		e = bound
	}
	return e, nil
}

// destructure binds the names of a target: a name, or {a, b: c}.
func (t *translator) destructure(target ast.Expression, from ast.Expression, e *env) (*env, error) {
	switch target := target.(type) {
	case *ast.Identifier:
		return e.bind(target.Name.String(), nil, from), nil
	case *ast.ObjectPattern:
		if target.Rest != nil {
			return nil, t.no(target, "the rest of an object")
		}
		outer := e
		for _, p := range target.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				if p.Initializer != nil {
					return nil, t.no(target, "a default of a member")
				}
				e = &env{outer: e, name: p.Name.Name.String(), expr: &ast.DotExpression{Left: from, Identifier: p.Name}, in: outer}
			case *ast.PropertyKeyed:
				key, ok := p.Key.(*ast.StringLiteral)
				name, plain := p.Value.(*ast.Identifier)
				if !ok || !plain {
					return nil, t.no(target, "members of members")
				}
				e = &env{outer: e, name: name.Name.String(), expr: &ast.BracketExpression{Left: from, Member: key}, in: outer}
			}
		}
		return e, nil
	}
	return nil, t.no(target, "the elements of a list get names")
}

// harmless fails where computing an expression does more than that. A body that is parsed must be JSON: a script ends with an error where it is not.
func (t *translator) harmless(x ast.Expression, e *env, u *unit) error {
	var problem error
	walk(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral:
			return false
		case *ast.AwaitExpression, *ast.AssignExpression, *ast.YieldExpression:
			problem = t.no(n, "a value that only a script can have: "+t.source(x))
		case *ast.UnaryExpression:
			if op := n.Operator.String(); op == "++" || op == "--" || op == "delete" {
				problem = t.no(n, "a value that changes: "+t.source(n))
			}
		case *ast.CallExpression:
			if !t.quiet(n, e) {
				problem = t.no(n, "only a script can call "+t.source(n.Callee))
			}
		}
		return problem == nil
	})
	if problem != nil {
		return problem
	}
	if t.parses(x, e) {
		u.checks = append(u.checks, isJSON())
	}
	return t.reaches(x, e, u)
}

// parses reports whether an expression itself parses the body as JSON.
func (t *translator) parses(x ast.Expression, e *env) bool {
	parses := false
	walk(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
			return false
		case *ast.CallExpression:
			if v, err := t.eval(n, e); err == nil {
				f, ok := v.(found)
				parses = parses || ok && f.parsed && len(f.path) == 0
			}
		}
		return true
	})
	return parses
}

// quiet reports whether a call changes nothing.
func (t *translator) quiet(x *ast.CallExpression, e *env) bool {
	if _, err := t.eval(x, e); err == nil {
		return true
	}
	switch callee := x.Callee.(type) {
	case *ast.Identifier:
		switch name := callee.Name.String(); name {
		case "require", "parseInt", "parseFloat", "Number", "String", "Boolean", "btoa", "atob", "xml2Json", "moment", "encodeURIComponent", "decodeURIComponent", "isNaN", "uuid":
			return e.find(name) == nil || name == "moment" || name == "uuid"
		}
	case *ast.DotExpression:
		switch callee.Identifier.Name.String() {
		case "get", "has", "json", "text", "parse", "stringify", "keys", "values", "entries", "find", "filter", "map", "some", "every", "includes", "indexOf", "slice",
			"substring", "substr", "split", "join", "trim", "toLowerCase", "toUpperCase", "toString", "replace", "match", "test", "isArray", "replaceIn", "toISOString",
			"format", "now", "floor", "random", "round", "getTime", "add", "subtract", "concat", "reduce", "toObject", "startsWith", "endsWith", "hasOwnProperty",
			"getResponseHeader", "getEnvironmentVariable", "getGlobalVariable", "utc", "unix", "valueOf", "length", "all", "filterValue", "findIndex", "ceil", "at", "v4":
			id := rootOf(callee.Left)
			return id == nil || !strings.HasSuffix(id.Name.String(), "jar")
		}
	}
	return false
}
