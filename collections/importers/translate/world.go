package translate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// globals returns what the names of the sandbox stand for.
func globals(name string) (value, bool) {
	switch name {
	case "responseBody":
		return found{subject: "text"}, true
	case "responseTime":
		return found{subject: "duration"}, true
	case "undefined":
		return undefined{}, true
	case "pm", "postman", "responseCode", "responseHeaders", "JSON", "environment", "globals", "CryptoJS", "Object", "Array", "Math", "Date", "_", "data", "Number",
		"String", "Boolean", "moment", "parseInt", "parseFloat", "btoa", "atob", "require", "xml2Json", "tv4", "console", "tests", "encodeURIComponent", "uuid", "crypto", "KJUR", "KEYUTIL":
		return thing{name}, true
	}
	return nil, false
}

// members of the sandbox's things.
func members(path string) (value, bool) {
	switch path {
	case "pm.response.code", "responseCode.code":
		return found{subject: "status"}, true
	case "pm.response.status", "responseCode.name":
		return found{subject: "reason"}, true
	case "pm.info.requestName":
		return info{}, true
	case "pm.response.responseTime":
		return found{subject: "duration"}, true
	}
	return thing{path}, true
}

// scopes are the objects that hold variables.
func isScope(path string) bool {
	return slices.Contains([]string{"pm.environment", "pm.globals", "pm.collectionVariables", "pm.variables", "pm.iterationData"}, path)
}

// member returns left.name.
func (t *translator) member(x ast.Expression, leftExpr ast.Expression, name string, e *env) (value, error) {
	_, soft := leftExpr.(*ast.Optional)
	left, err := t.eval(leftExpr, e)
	if err != nil {
		return nil, err
	}
	switch l := left.(type) {
	case thing:
		switch l.name {
		case "responseHeaders":
			return found{subject: "headers", path: []string{name}}, nil
		case "environment", "globals", "data":
			return t.lookUp(x, l.name, name)
		}
		v, _ := members(l.name + "." + name)
		if _, isName := v.(info); isName {
			return literal{escaped(t.context.Request)}, nil
		}
		return v, nil
	case found:
		switch {
		case l.length || l.isNumber():
		case name == "length" && (l.subject != "json" || len(l.then) == 0):
			l.length = true
			return l, nil
		case (l.subject == "json" || l.subject == "element") && l.parsed && len(l.then) == 0:
			return l.at(name, soft), nil
		case l.subject == "xml":
			return l.at(name, soft), nil
		}
	case literal:
		return t.memberOfLiteral(x, l, name)
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

func (t *translator) memberOfLiteral(x ast.Expression, l literal, name string) (value, error) {
	switch v := l.v.(type) {
	case []Entry:
		if i := find(v, name); i >= 0 {
			return literal{v[i].Value}, nil
		}
	case []any:
		for i := range v {
			if name == string(json.Number(itoa(i))) {
				return literal{v[i]}, nil
			}
		}
		if name == "length" {
			return literal{json.Number(itoa(len(v)))}, nil
		}
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

// lookUp returns a variable, or what this script has put into it.
func (t *translator) lookUp(x ast.Node, path, name string) (value, error) {
	if v, ok := t.wrote[scopeOf(path)+" "+name]; ok {
		return v, nil
	}
	if !canBeName(name) {
		return nil, t.no(x, "no name of a variable: "+name)
	}
	return variable{name}, nil
}

// call returns what a call stands for.
func (t *translator) call(x *ast.CallExpression, e *env) (value, error) {
	if v, err := t.generated(x, e); v != nil || err != nil {
		return v, err
	}
	if v, ok, err := t.inline(x, e); ok {
		return v, err
	}
	switch callee := x.Callee.(type) {
	case *ast.Identifier:
		fn, err := t.eval(callee, e)
		if err != nil {
			return nil, err
		}
		if th, ok := fn.(thing); ok {
			return t.callThing(x, th.name, e)
		}
	case *ast.DotExpression:
		left, err := t.eval(callee.Left, e)
		if err != nil {
			return nil, err
		}
		name := callee.Identifier.Name.String()
		switch l := left.(type) {
		case thing:
			return t.callThing(x, l.name+"."+name, e)
		case found:
			return t.method(x, l, name, e)
		case segment:
			if name == "replace" {
				return t.replaced(x, l)
			}
		case literal, variable, template:
			if name == "toString" && len(x.ArgumentList) == 0 {
				if s, ok := textOf(left); ok {
					return template{text: s}, nil
				}
			}
		}
	}
	return nil, t.no(x, "only a script can call "+t.source(x.Callee))
}

// callThing calls a function of the sandbox.
func (t *translator) callThing(x *ast.CallExpression, path string, e *env) (value, error) {
	scope, method := "", ""
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		scope, method = path[:i], path[i+1:]
	}
	switch {
	case path == "pm.response.json" && len(x.ArgumentList) == 0:
		return found{subject: "json", parsed: true}, nil
	case path == "pm.response.text":
		return found{subject: "text"}, nil
	case path == "pm.response.size":
		return nil, t.no(x, "pm.response.size counts what came over the wire")
	case len(x.ArgumentList) == 0:
		return nil, t.no(x, "only a script can call "+t.source(x.Callee))
	case path == "require":
		return t.module(x, e)
	}
	arg, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return nil, err
	}
	l, _ := arg.(literal)
	name, isText := l.v.(string)
	if path == "JSON.stringify" && len(x.ArgumentList) == 1 && isObject(l.v) {
		return jsonText{l}, nil
	}
	switch f, isFound := arg.(found); {
	case path == "JSON.parse" && len(x.ArgumentList) == 1 && isFound && f.subject == "text" && len(f.then) == 0 && !f.length:
		return found{subject: "json", parsed: true}, nil
	case path == "JSON.parse" && len(x.ArgumentList) == 1 && isFound && f.parsed && len(f.then) == 0: // of an object it makes [object Object]: an error
		return nil, t.no(x, "JSON within JSON is parsed")
	case path == "JSON.stringify" && len(x.ArgumentList) == 1 && isFound && f.parsed && len(f.then) == 0 && !f.length:
		return f.with("json"), nil
	case path == "xml2Json" && isFound && f.subject == "text":
		return found{subject: "xml"}, nil
	case (path == "parseInt" || path == "Number" || path == "parseFloat") && isFound && !f.length && f.subject != "status":
		return f.with(map[string]string{"parseInt": "to_int", "Number": "to_float", "parseFloat": "to_float"}[path]), nil
	case path == "String" && isFound && !f.length:
		return f.with("to_string"), nil
	case isText && len(x.ArgumentList) == 1 && isScope(scope) && method == "get":
		return t.lookUp(x, path, unescaped(name))
	case isText && isScope(scope) && method == "replaceIn":
		return template{text: unescaped(name)}, nil
	case isText && (path == "pm.response.headers.get" || path == "postman.getResponseHeader"):
		return found{subject: "headers", path: []string{unescaped(name)}}, nil
	case isText && (path == "postman.getEnvironmentVariable" || path == "postman.getGlobalVariable"):
		return t.lookUp(x, path, unescaped(name))
	}
	return nil, t.no(x, "only a script can call "+t.source(x.Callee))
}

// module returns a library.
func (t *translator) module(x *ast.CallExpression, e *env) (value, error) {
	if s, ok := x.ArgumentList[0].(*ast.StringLiteral); ok {
		switch name := s.Value.String(); name {
		case "uuid", "moment":
			return thing{name}, nil
		case "lodash":
			return thing{"_"}, nil
		case "crypto-js":
			return thing{"CryptoJS"}, nil
		case "btoa", "atob":
			return thing{name}, nil
		}
	}
	return nil, t.no(x, "the library is a script: "+t.source(x))
}

// method calls a method of a value of the response.
func (t *translator) method(x *ast.CallExpression, f found, name string, e *env) (value, error) {
	steps := map[string]string{"toLowerCase": "lower", "toUpperCase": "upper", "trim": "trim"}
	switch step, ok := steps[name]; {
	case ok && !f.length && !f.isNumber():
		return f.with(step), nil
	case name == "toString" && len(x.ArgumentList) == 0 && !f.length && !f.isNumber():
		return f.with("to_string"), nil
	}
	return nil, t.no(x, "only a script can call "+t.source(x.Callee))
}
