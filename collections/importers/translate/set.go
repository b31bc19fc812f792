package translate

import (
	"strings"

	"github.com/dop251/goja/ast"
)

// isSetter reports whether a function gives a variable a value.
func isSetter(path string) bool {
	scope, method, _ := cutLast(path)
	return method == "set" && isScope(scope) || path == "postman.setEnvironmentVariable" || path == "postman.setGlobalVariable"
}

// scopeOf returns the scope that a function reads or writes.
func scopeOf(path string) string {
	switch path {
	case "postman.setEnvironmentVariable", "postman.getEnvironmentVariable", "environment":
		return "pm.environment"
	case "postman.setGlobalVariable", "postman.getGlobalVariable", "globals":
		return "pm.globals"
	}
	scope, _, _ := cutLast(path)
	return scope
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// setVariable is pm.environment.set(name, value) and its likes.
func (t *translator) setVariable(x *ast.CallExpression, path string, e *env, u *unit) error {
	if len(x.ArgumentList) < 2 || strings.HasPrefix(path, "pm.iterationData") {
		return t.no(x, "a variable without a value")
	}
	n, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	l, _ := n.(literal)
	name, ok := l.v.(string)
	if !ok || !canBeName(name) {
		return t.no(x, "the name of the variable is known to a script alone: "+t.source(x.ArgumentList[0]))
	}
	v, err := t.eval(x.ArgumentList[1], e)
	if err != nil {
		return err
	}
	s := set{name: name, from: v, at: t.offset(x.Idx0()), scope: scopeOf(path)}
	if f, isFound := v.(found); isFound {
		if s.value, err = capture(f); err != nil {
			return t.no(x, err.Error())
		}
		s.captured = true
		u.sets = append(u.sets, s)
		if u == t.current {
			t.wrote[scopeOf(path)+" "+name] = f
		}
		return nil
	}
	if _, ok := v.(signed); ok {
		t.wrote[scopeOf(path)+" "+name] = v
		return t.assertion(x, name, u)
	}
	return t.setText(x, s, v, u)
}

// setText gives a variable a value that is known before the request is sent.
func (t *translator) setText(x ast.Node, s set, v value, u *unit) error {
	if isSegmented(v) {
		return t.no(x, "a JWT that is put together as only a script can")
	}
	if tm, ok := v.(template); ok && strings.Contains(tm.text, jwtHere) {
		return t.no(x, "a variable that holds more than a JWT")
	}
	v = u.plain(s.name, v)
	ok := false
	if s.value, ok = wanted(v); !ok {
		return t.no(x, "the variable becomes undefined")
	}
	if text, isText := s.value.(string); isText {
		if _, isLiteral := v.(literal); isLiteral {
			s.value = unescaped(text) // Postman resolves templates in what a variable holds
		}
	}
	if composite(s.value) {
		return t.no(x, "Postman writes an object as [object Object] into texts")
	}
	if t.script.Listen == Test && (t.context.Uses == nil || t.context.Uses(s.name)) {
		return t.no(x, "a value that is set after the answer, and may be used before it")
	}
	u.sets = append(u.sets, s)
	return nil
}

// assertion makes a variable that holds a JWT the assertion of the request.
func (t *translator) assertion(x ast.Node, name string, u *unit) error {
	if !t.context.Replaces {
		return t.no(x, "it signs a JWT: write an assertion, and {{$assertion}} where {{"+name+"}} is")
	}
	if u.assertion != "" {
		return t.no(x, "it keeps a JWT in two variables")
	}
	u.assertion = name
	u.flow = append(u.flow, Entry{Key: "assertion", Value: t.jwt, Pos: t.pos(u.body)})
	t.remark("the assertion is signed anew for each attempt; {{" + name + "}} gives way to {{$assertion}}")
	return nil
}

// plain gives a text that filters go over a name of its own, because filters want one.
func (u *unit) plain(name string, v value) value {
	tm, ok := v.(template)
	if _, whole := tm.whole(); !ok || whole {
		return v
	}
	name += "_plain"
	u.sets = append(u.sets, set{name: name, value: tm.text, from: template{text: tm.text}})
	return template{text: "{{" + name + "}}", filters: tm.filters}
}

// capture writes a value of the response as a capture.
func capture(f found) (any, error) {
	if f.length {
		f = f.with("length")
		f.length = false
	}
	subject, key, err := f.name()
	if err != nil {
		return nil, err
	}
	var value any = key
	switch subject {
	case "headers":
		subject = "header"
	case "duration", "schema", "variables":
		return nil, problem{-1, "it is no part of the response"}
	case "text", "status", "size":
		value = true
	}
	if subject == "json" && len(f.then) == 0 {
		return key, nil
	}
	entries := []Entry{{Key: subject, Value: value}}
	switch len(f.then) {
	case 0:
	case 1:
		entries = append(entries, Entry{Key: "then", Value: f.then[0]})
	default:
		entries = append(entries, Entry{Key: "then", Value: f.then})
	}
	return entries, nil
}
