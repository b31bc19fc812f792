package translate

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
)

// env is what names stand for at one place of a script. It never changes: a binding makes a new one.
type env struct {
	outer *env
	name  string
	value value          // what it stands for, where that is known
	expr  ast.Expression // what it was declared with, nil for what only a run can tell
	in    *env           // where expr is looked up
	sure  bool           // value is what it has at this place, whatever it gets elsewhere
}

func (e *env) bind(name string, v value, expr ast.Expression) *env {
	return &env{outer: e, name: name, value: v, expr: expr, in: e}
}

func (e *env) find(name string) *env {
	for ; e != nil; e = e.outer {
		if e.name == name {
			return e
		}
	}
	return nil
}

func (t *translator) no(n ast.Node, reason string) error {
	at := -1
	if n != nil {
		at = t.offset(n.Idx0())
	}
	return problem{at, reason}
}

// source returns the text of an expression, shortened.
func (t *translator) source(n ast.Node) string {
	from, to := t.offset(n.Idx0()), t.offset(n.Idx1())
	if from < 0 || to > len(t.text) || from >= to {
		return "it"
	}
	s := strings.Join(strings.Fields(t.text[from:to]), " ")
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "…"
	}
	return s
}

// eval returns what an expression stands for.
func (t *translator) eval(x ast.Expression, e *env) (value, error) {
	switch x := x.(type) {
	case *ast.StringLiteral:
		return literal{escaped(x.Value.String())}, nil
	case *ast.NumberLiteral:
		return t.number(x)
	case *ast.BooleanLiteral:
		return literal{x.Value}, nil
	case *ast.NullLiteral:
		return literal{nil}, nil
	case *ast.TemplateLiteral:
		return t.templateLiteral(x, e)
	case *ast.ArrayLiteral:
		return t.list(x, e)
	case *ast.ObjectLiteral:
		return t.object(x, e)
	case *ast.UnaryExpression:
		return t.unary(x, e)
	case *ast.BinaryExpression:
		return t.binary(x, e)
	case *ast.Identifier:
		return t.identifier(x, e)
	case *ast.DotExpression:
		return t.member(x, x.Left, x.Identifier.Name.String(), e)
	case *ast.BracketExpression:
		return t.bracket(x, e)
	case *ast.OptionalChain:
		return t.eval(x.Expression, e)
	case *ast.Optional:
		return t.eval(x.Expression, e)
	case *ast.CallExpression:
		return t.call(x, e)
	case *ast.NewExpression:
		return t.made(x, e)
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

func (t *translator) number(x *ast.NumberLiteral) (value, error) {
	switch n := x.Value.(type) {
	case int64:
		return literal{json.Number(strconv.FormatInt(n, 10))}, nil
	case float64:
		s := strconv.FormatFloat(n, 'f', -1, 64)
		if !json.Valid([]byte(s)) {
			break
		}
		return literal{json.Number(s)}, nil
	}
	return nil, t.no(x, "no number of JSON: "+x.Literal)
}

func (t *translator) templateLiteral(x *ast.TemplateLiteral, e *env) (value, error) {
	if x.Tag != nil {
		return nil, t.no(x, "a tagged template is a call")
	}
	var v value = literal{""}
	for i, el := range x.Elements {
		var err error
		if v, err = t.join(x, v, literal{escaped(el.Parsed.String())}); err != nil {
			return nil, err
		}
		if i < len(x.Expressions) {
			part, err := t.eval(x.Expressions[i], e)
			if err != nil {
				return nil, err
			}
			if v, err = t.join(x, v, part); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// join puts two texts together.
func (t *translator) join(at ast.Node, a, b value) (value, error) {
	if isSegmented(a) || isSegmented(b) {
		return t.concat(at, a, b)
	}
	if s, ok := textOf(a); ok {
		if f, isFound := b.(found); isFound {
			return t.affix(at, f, s, "")
		}
		if u, ok := textOf(b); ok {
			_, la := a.(literal)
			_, lb := b.(literal)
			if la && lb {
				return literal{s + u}, nil
			}
			return template{text: s + u}, nil
		}
	}
	if f, isFound := a.(found); isFound {
		if u, ok := textOf(b); ok {
			return t.affix(at, f, "", u)
		}
	}
	return nil, t.no(at, "only a script can put together "+t.source(at))
}

// affix puts text before and behind a value of the response.
func (t *translator) affix(at ast.Node, f found, before, behind string) (value, error) {
	if before == "" && behind == "" {
		if !f.isText() {
			return f.with("to_string"), nil
		}
		return f, nil
	}
	if strings.Contains(before+behind, "{{") {
		return nil, t.no(at, "a value of the response and a variable make one text: "+t.source(at))
	}
	if !f.isText() {
		f = f.with("to_string")
	}
	dollars := strings.NewReplacer("$", "$$")
	return f.with([]Entry{{Key: "replace_regex", Value: []any{"(?s)^(.*)$", dollars.Replace(before) + "${1}" + dollars.Replace(behind)}}}), nil
}

func (t *translator) list(x *ast.ArrayLiteral, e *env) (value, error) {
	list := []any{}
	for _, el := range x.Value {
		if el == nil {
			return nil, t.no(x, "a list with a hole in it")
		}
		v, err := t.eval(el, e)
		if err != nil {
			return nil, err
		}
		w, ok := wanted(v)
		if !ok {
			return nil, t.no(el, "a value of the response stands in a list")
		}
		list = append(list, w)
	}
	return literal{list}, nil
}

func (t *translator) object(x *ast.ObjectLiteral, e *env) (value, error) {
	entries := []Entry{}
	for _, p := range x.Value {
		key, expr := "", ast.Expression(nil)
		switch p := p.(type) {
		case *ast.PropertyKeyed:
			k, ok := p.Key.(*ast.StringLiteral)
			if !ok || p.Computed || p.Kind != ast.PropertyKindValue {
				return nil, t.no(x, "an object with more than names and values")
			}
			key, expr = k.Value.String(), p.Value
		case *ast.PropertyShort:
			key, expr = p.Name.Name.String(), &p.Name
		default:
			return nil, t.no(x, "an object with more than names and values")
		}
		v, err := t.eval(expr, e)
		if err != nil {
			return nil, err
		}
		w, ok := wanted(v)
		if !ok || find(entries, key) >= 0 || strings.Contains(key, "{{") {
			return nil, t.no(x, "an object that holds a value of the response")
		}
		entries = append(entries, Entry{Key: key, Value: w})
	}
	return literal{entries}, nil
}

func (t *translator) unary(x *ast.UnaryExpression, e *env) (value, error) {
	v, err := t.eval(x.Operand, e)
	if err != nil {
		return nil, err
	}
	l, ok := v.(literal)
	n, number := l.v.(json.Number)
	switch op := x.Operator.String(); {
	case op == "-" && ok && number && !strings.HasPrefix(string(n), "-") && n != "0":
		return literal{"-" + n}, nil
	case op == "+" && ok && number:
		return v, nil
	}
	if f, ok := v.(found); ok && x.Operator.String() == "+" && !f.isNumber() {
		return f.with("to_float"), nil
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

func (t *translator) binary(x *ast.BinaryExpression, e *env) (value, error) {
	switch x.Operator.String() {
	case "/":
		return t.perSecond(x, e)
	case "||", "??":
		return t.orEmpty(x, e)
	}
	if x.Operator.String() != "+" {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	a, err := t.eval(x.Left, e)
	if err != nil {
		return nil, err
	}
	b, err := t.eval(x.Right, e)
	if n, ok := t.constant(x.Right, e); err != nil && ok {
		b, err = literal{json.Number(strconv.FormatInt(n, 10))}, nil
	}
	if err != nil {
		return nil, err
	}
	if !isString(a) && !isString(b) {
		n, known := t.constant(x.Right, e)
		if v, ok := t.later(a, literal{json.Number(strconv.FormatInt(n, 10))}); ok && known {
			return v, nil
		}
		return nil, t.no(x, "a sum: "+t.source(x))
	}
	return t.join(x, a, b)
}

// orEmpty is a || {}, which has no members where a is not there.
func (t *translator) orEmpty(x *ast.BinaryExpression, e *env) (value, error) {
	v, err := t.eval(x.Left, e)
	if err != nil {
		return nil, err
	}
	f, ok := v.(found)
	object, isObject := x.Right.(*ast.ObjectLiteral)
	list, isList := x.Right.(*ast.ArrayLiteral)
	if !ok || !f.parsed || f.length || len(f.then) > 0 || !(isObject && len(object.Value) == 0 || isList && len(list.Value) == 0) {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	f.orEmpty = true
	return f, nil
}

// isString reports whether + puts it together with what stands beside it.
func isString(v value) bool {
	switch v := v.(type) {
	case literal:
		_, ok := v.v.(string)
		return ok
	case template:
		return !v.typed
	case signed, segment, segments:
		return true
	case found:
		return v.isText()
	}
	return false
}

func (t *translator) identifier(x *ast.Identifier, e *env) (value, error) {
	name := x.Name.String()
	b := e.find(name)
	switch {
	case b == nil:
		if v, ok := globals(name); ok {
			return v, nil
		}
		return nil, t.no(x, name+" is known to a script alone")
	case t.changing[name] && !b.sure:
		return nil, t.no(x, name+" gets several values")
	case b.value != nil:
		return b.value, nil
	case b.expr != nil:
		return t.eval(b.expr, b.in)
	}
	return nil, t.no(x, name+" is known to a script alone")
}

func (t *translator) bracket(x *ast.BracketExpression, e *env) (value, error) {
	k, err := t.eval(x.Member, e)
	if err != nil {
		return nil, err
	}
	l, ok := k.(literal)
	if !ok {
		return nil, t.no(x, "the name of the member is known to a script alone: "+t.source(x))
	}
	switch key := l.v.(type) {
	case string:
		return t.member(x, x.Left, unescaped(key), e)
	case json.Number:
		if _, err := strconv.Atoi(string(key)); err == nil && key[0] != '-' {
			return t.member(x, x.Left, string(key), e)
		}
	}
	return nil, t.no(x, "no member of JSON: "+t.source(x))
}

// unescaped is a text as the script has it.
func unescaped(s string) string { return strings.ReplaceAll(s, `{{"{{"}}`, "{{") }
