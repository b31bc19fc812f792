package translate

import (
	"maps"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// answer is what a script does with the answer of a token request.
type answer struct {
	unit
	names   map[string]bool // what the error, the answer and what is made of them are called
	fetched Token
}

// answered translates what is done with the answer; what is done about an error, an auth block does itself.
func (t *translator) answered(list []ast.Statement, e *env, a *answer) error {
	for _, st := range list {
		for _, name := range declared(st) {
			a.names[name] = true
		}
		var err error
		switch st := st.(type) {
		case *ast.IfStatement:
			err = t.answeredIf(st, e, a)
		case *ast.TryStatement:
			if st.Catch != nil && !t.idle(st.Catch.Body.List, e) || st.Finally != nil {
				return t.no(st, "a try whose errors a script looks at")
			}
			err = t.answered(st.Body.List, e, a)
		case *ast.ReturnStatement:
			if st.Argument == nil {
				return nil
			}
			return t.no(st, "it sends a request of its own, and looks at the answer as only a script can")
		default:
			e, err = t.answeredStatement(st, e, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// answeredStatement is one that is no branch.
func (t *translator) answeredStatement(st ast.Statement, e *env, a *answer) (*env, error) {
	next, err := t.statement(st, e, &a.unit)
	switch {
	case err == nil && next != nil:
		return next, nil
	case err == nil, t.aside(st, e, a), t.direct(st, e, a):
		return t.opaque(st, e), nil
	}
	return e, err
}

// answeredIf is an if about the error or the answer: what is done when there is a token is translated, and the other branch may only say that there is none.
func (t *translator) answeredIf(st *ast.IfStatement, e *env, a *answer) error {
	for name := range namesIn(st.Test) {
		if !a.names[name] {
			return t.no(st, "it sends a request of its own, and looks at the answer as only a script can")
		}
	}
	for _, branch := range []ast.Statement{st.Consequent, st.Alternate} {
		if branch == nil || t.idle(statementsOf(branch), e) {
			continue
		}
		other := st.Alternate
		if branch == st.Alternate {
			other = st.Consequent
		}
		if other != nil && !t.idle(statementsOf(other), e) {
			return t.no(st, "it sends a request of its own, and looks at the answer as only a script can")
		}
		return t.answered(statementsOf(branch), e, a)
	}
	return nil
}

// idle reports whether statements do nothing but write to the console and stop.
func (t *translator) idle(list []ast.Statement, e *env) bool {
	return !slices.ContainsFunc(list, func(st ast.Statement) bool {
		switch st := st.(type) {
		case *ast.EmptyStatement, *ast.ThrowStatement:
			return false
		case *ast.BlockStatement:
			return !t.idle(st.List, e)
		case *ast.ReturnStatement:
			return st.Argument != nil
		case *ast.ExpressionStatement:
			call, ok := st.Expression.(*ast.CallExpression)
			return !ok || !strings.HasPrefix(t.dotted(call.Callee, e), "console.")
		}
		return true
	})
}

// call returns the call that a statement is.
func call(st ast.Statement) (*ast.CallExpression, bool) {
	ex, ok := st.(*ast.ExpressionStatement)
	if !ok {
		return nil, false
	}
	c, ok := ex.Expression.(*ast.CallExpression)
	return c, ok
}

// aside is a variable that the script sets beside the token, such as when it ends, or what it computes for that.
func (t *translator) aside(st ast.Statement, e *env, a *answer) bool {
	x, ok := call(st)
	if !ok {
		return false
	}
	if path := t.dotted(x.Callee, e); isSetter(path) && len(x.ArgumentList) == 2 {
		name, isText := x.ArgumentList[0].(*ast.StringLiteral)
		if !isText || t.harmless(x.ArgumentList[1], e, &unit{}) != nil {
			return false
		}
		a.fetched.Gone = append(a.fetched.Gone, name.Value.String())
		return true
	}
	dot, ok := x.Callee.(*ast.DotExpression) // expiry.setSeconds(…)
	if !ok || !strings.HasPrefix(dot.Identifier.Name.String(), "set") {
		return false
	}
	id, ok := dot.Left.(*ast.Identifier)
	return ok && a.names[id.Name.String()] && e.find(id.Name.String()) != nil
}

// direct is pm.request.headers.add({key: "Authorization", value: "Bearer " + the token}).
func (t *translator) direct(st ast.Statement, e *env, a *answer) bool {
	x, ok := call(st)
	if !ok || len(x.ArgumentList) != 1 {
		return false
	}
	object, isObject := x.ArgumentList[0].(*ast.ObjectLiteral)
	if !isObject || !isHeaderSetter(t.dotted(x.Callee, e)) {
		return false
	}
	parts := membersOf(object)
	name, err := t.textAt(parts["key"], e, x)
	if err != nil || !strings.EqualFold(name, "Authorization") || parts["value"] == nil {
		return false
	}
	v, err := t.eval(parts["value"], e)
	f, ok := v.(found)
	if err != nil || !ok || !slices.Equal(f.path, []string{"access_token"}) || len(f.then) != 2 || f.then[0] != "to_string" {
		return false
	}
	prefixed := entriesOf(f.then[1])
	if len(prefixed) != 1 || !slices.Equal(listed(prefixed[0].Value), []any{"(?s)^(.*)$", "Bearer ${1}"}) {
		return false
	}
	a.fetched.Direct = true
	return true
}

func isHeaderSetter(path string) bool {
	return slices.Contains([]string{"pm.request.headers.add", "pm.request.headers.upsert", "pm.request.addHeader", "pm.request.upsertHeader"}, path)
}

// token finds the token among what is kept of the answer, and returns what else is kept.
func (a *answer) token(t *translator, x ast.Node) (context []Entry, err error) {
	for _, s := range a.sets {
		f, ok := s.from.(found)
		switch {
		case !ok || len(f.then) > 0 || len(f.path) != 1:
			a.fetched.Gone = append(a.fetched.Gone, s.name)
		case f.path[0] == "access_token" && a.fetched.Name == "":
			a.fetched.Name, a.fetched.Global = s.name, s.scope == "pm.globals"
		case f.path[0] == "access_token" && a.fetched.Name != s.name:
			return nil, t.no(x, "it keeps the token in two variables")
		default:
			context = append(context, Entry{Key: s.name, Value: f.path[0]})
		}
	}
	for _, e := range a.flow {
		headers := entriesOf(e.Value)
		if e.Key != "headers" || len(headers) != 1 || !strings.EqualFold(headers[0].Key, "Authorization") || headers[0].Value != "Bearer {{"+a.fetched.Name+"}}" {
			return nil, t.no(x, "it does more with the answer of a token request than to keep the token")
		}
		a.fetched.Direct = true
	}
	if a.fetched.Name == "" && !a.fetched.Direct {
		return nil, t.no(x, "it sends a request of its own, and keeps no access_token of it")
	}
	return context, nil
}

// unless is if (there is no token, or it has ended) { fetch one }: an oauth2 block fetches one when it is needed. False means that it is another if.
func (t *translator) unless(st *ast.IfStatement, e *env, u *unit) (bool, error) {
	if st.Alternate != nil && !t.idle(statementsOf(st.Alternate), e) || !mentions(st.Consequent, "sendRequest") {
		return false, nil
	}
	inner := &unit{stmt: st}
	if _, err := t.block(statementsOf(st.Consequent), e, inner); err != nil {
		return true, err
	}
	if inner.token == nil || len(inner.sets)+len(inner.checks) > 0 || len(inner.flow) != 1 {
		return true, t.no(st, "an if before there is an answer")
	}
	own := map[string]bool{inner.token.Name: true}
	for _, name := range inner.token.Gone {
		own[name] = true
	}
	for _, c := range contextOf(inner.flow) {
		own[c.Key] = true
	}
	reads := map[string]bool{}
	flags, flagged := t.flags(st.Test, e, reads)
	if !flagged && !t.readsOf(st.Test, e, reads) {
		return true, t.no(st, "it fetches a token under a condition that only a script can tell")
	}
	for _, name := range slices.Sorted(maps.Keys(reads)) {
		if !own[name] {
			return true, t.no(st, "it fetches a token under a condition that is about "+name)
		}
	}
	release(flags)
	for _, flag := range flags {
		flag.date(t)
	}
	u.token, u.flow, u.flags = inner.token, inner.flow, flags
	return true, nil
}

// contextOf returns what an oauth2 block keeps of the answer beside the token.
func contextOf(flow []Entry) []Entry {
	block := entriesOf(entriesOf(flow[0].Value)[0].Value)
	if i := find(block, "context"); i >= 0 {
		return entriesOf(block[i].Value)
	}
	return nil
}

// mentions reports whether a member of a name is used.
func mentions(n any, name string) bool {
	found := false
	walk(n, func(n ast.Node) bool {
		if dot, ok := n.(*ast.DotExpression); ok && dot.Identifier.Name.String() == name {
			found = true
		}
		return true
	})
	return found
}

// readsOf adds the variables that an expression reads. False means that only a run can tell what it is about.
func (t *translator) readsOf(x ast.Expression, e *env, reads map[string]bool) bool {
	known := true
	walk(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpression:
			if name, ok := t.readBy(n, e); ok {
				reads[name] = true
				return false
			}
			known = known && t.quiet(n, e)
		case *ast.DotExpression:
			if v, err := t.eval(n, e); err == nil {
				if v, ok := v.(variable); ok {
					reads[v.name] = true
					return false
				}
			}
		case *ast.Identifier:
			name := n.Name.String()
			b := e.find(name)
			_, global := globals(name)
			switch {
			case b == nil:
				known = known && global
			case b.expr == nil || t.changing[name]:
				known = false
			default:
				known = known && t.readsOf(b.expr, b.in, reads)
			}
		}
		return known
	})
	return known
}

// readBy returns the variable that a call reads or asks for.
func (t *translator) readBy(x *ast.CallExpression, e *env) (string, bool) {
	path := t.dotted(x.Callee, e)
	scope, method, _ := cutLast(path)
	read := isScope(scope) && (method == "get" || method == "has") || path == "postman.getEnvironmentVariable" || path == "postman.getGlobalVariable"
	if !read || len(x.ArgumentList) != 1 {
		return "", false
	}
	name, ok := x.ArgumentList[0].(*ast.StringLiteral)
	if !ok {
		return "", false
	}
	return name.Value.String(), true
}
