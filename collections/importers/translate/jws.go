package translate

import (
	"reflect"
	"strings"

	"github.com/dop251/goja/ast"
)

// words is what CryptoJS.enc.Utf8.parse makes of a text.
type words struct{ of value }

// segment is one of the three of a JWT (RFC 7515, section 3.1), as far as the script has encoded it by hand: in base64, and of that the three things that
// base64url has otherwise.
type segment struct {
	of                      value // a jsonText or a keyed
	unpadded, minus, scored bool
}

// segments are texts that were put together: segments of a JWT, and literals between them.
type segments struct{ parts []any }

// keyed is an HMAC of segments.
type keyed struct {
	of  segments
	alg string
	key []Entry
}

func (words) isValue()    {}
func (segment) isValue()  {}
func (segments) isValue() {}
func (keyed) isValue()    {}

// done reports whether a segment is in base64url.
func (s segment) done() bool { return s.unpadded && s.minus && s.scored }

// segmentsOf returns the parts of a text that has segments in it.
func segmentsOf(v value) ([]any, bool) {
	switch v := v.(type) {
	case segment:
		return []any{v}, true
	case segments:
		return v.parts, true
	case literal:
		s, ok := v.v.(string)
		return []any{s}, ok
	}
	return nil, false
}

// isSegmented reports whether a value has segments of a JWT in it.
func isSegmented(v value) bool {
	switch v.(type) {
	case segment, segments:
		return true
	}
	return false
}

// concat puts segments together. Three of them, the last of which is made of the others, are a JWT.
func (t *translator) concat(at ast.Node, a, b value) (value, error) {
	left, okLeft := segmentsOf(a)
	right, okRight := segmentsOf(b)
	if !okLeft || !okRight {
		return nil, t.no(at, "only a script can put together "+t.source(at))
	}
	all := segments{}
	for _, p := range append(append([]any{}, left...), right...) {
		last := len(all.parts) - 1
		if text, ok := p.(string); ok && last >= 0 {
			if before, ok := all.parts[last].(string); ok {
				all.parts[last] = before + text
				continue
			}
		}
		if p != "" {
			all.parts = append(all.parts, p)
		}
	}
	before := len(all.parts) - 5
	if last, ok := all.parts[len(all.parts)-1].(segment); !ok || before < 0 || before > 1 || !isKeyed(last.of) {
		return all, nil
	}
	v, err := t.compact(at, segments{all.parts[before:]})
	if err != nil || before == 0 {
		return v, err
	}
	prefix, ok := all.parts[0].(string)
	if !ok {
		return nil, t.no(at, "only a script can put together "+t.source(at))
	}
	return template{text: prefix + jwtHere}, nil
}

func isKeyed(v value) bool {
	_, ok := v.(keyed)
	return ok
}

// compact is header.claims.signature.
func (t *translator) compact(at ast.Node, s segments) (value, error) {
	last, ok := s.parts[4].(segment)
	mac, signed := last.of.(keyed)
	if !ok || !signed || !last.done() || s.parts[3] != "." || !reflect.DeepEqual(mac.of.parts, s.parts[:3]) {
		return nil, t.no(at, "only a script can put together "+t.source(at))
	}
	header, okHeader := s.parts[0].(segment)
	claims, okClaims := s.parts[2].(segment)
	if !okHeader || !okClaims || !header.done() || !claims.done() || s.parts[1] != "." {
		return nil, t.no(at, "a JWT that is not in base64url")
	}
	fields, okFields := objectIn(header.of)
	payload, okPayload := objectIn(claims.of)
	if i := find(fields, "alg"); !okFields || !okPayload || i < 0 || fields[i].Value != mac.alg {
		return nil, t.no(at, "a JWT whose header does not say how it is signed")
	}
	block := append(append([]Entry{{Key: "alg", Value: mac.alg}}, mac.key...), headerOf(fields)...)
	return t.signs(at, append(block, claimsOf(payload)...))
}

// mac is CryptoJS.HmacSHA256(header + "." + claims, key).
func (t *translator) mac(x *ast.CallExpression, alg string, of value, key value) (value, error) {
	parts, ok := segmentsOf(of)
	if !ok {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	if w, ok := key.(words); ok {
		key = w.of
	}
	v, ok := key.(variable)
	if !ok {
		return nil, t.no(x, "it signs with a key that is no variable")
	}
	return keyed{segments{parts}, alg, []Entry{{Key: "key", Value: "{{" + v.name + "}}"}}}, nil
}

// replaced is x.replace(/\+/g, "-") and the like of a segment.
func (t *translator) replaced(x *ast.CallExpression, s segment) (value, error) {
	if len(x.ArgumentList) == 2 {
		pattern, isPattern := x.ArgumentList[0].(*ast.RegExpLiteral)
		by, isText := x.ArgumentList[1].(*ast.StringLiteral)
		if isPattern && isText {
			all := strings.Contains(pattern.Flags, "g")
			switch what := pattern.Pattern + " " + by.Value.String(); {
			case what == "=+$ " || (what == "= " || what == "=+ ") && all || what == "=*$ ":
				s.unpadded = true
				return s, nil
			case (what == `\+ -` || what == "[+] -") && all:
				s.minus = true
				return s, nil
			case (what == `\/ _` || what == "[/] _") && all:
				s.scored = true
				return s, nil
			}
		}
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

// deepest is how many functions are looked into, one within the other.
const deepest = 4

// inline returns what a function of the script makes of its arguments, where it does nothing but compute. Before a request is sent nothing is looked up
// that may not be there.
func (t *translator) inline(x *ast.CallExpression, e *env) (value, bool, error) {
	id, ok := x.Callee.(*ast.Identifier)
	if !ok || t.script.Listen != Prerequest || t.changing[id.Name.String()] {
		return nil, false, nil
	}
	f := t.functions[id.Name.String()]
	if b := e.find(id.Name.String()); b != nil && b.expr != nil {
		f = b.expr
	}
	list, params, async, ok := functionOf(f)
	if !ok || async || len(params) != len(x.ArgumentList) || t.inlining >= deepest {
		return nil, false, nil
	}
	inner := e
	for i, param := range params {
		v, err := t.eval(x.ArgumentList[i], e)
		if err != nil {
			return nil, true, err
		}
		inner = inner.bind(param, v, nil)
		inner.sure = true
	}
	t.inlining++
	defer func() { t.inlining-- }()
	if arrow, ok := f.(*ast.ArrowFunctionLiteral); ok {
		if body, ok := arrow.Body.(*ast.ExpressionBody); ok {
			v, err := t.eval(body.Expression, inner)
			return v, true, err
		}
	}
	v, err := t.computed(x, list, inner)
	return v, true, err
}

// computed returns what the statements of a function return.
func (t *translator) computed(x ast.Node, list []ast.Statement, e *env) (value, error) {
	for _, st := range list {
		name, expr := "", ast.Expression(nil)
		switch st := st.(type) {
		case *ast.ReturnStatement:
			if st.Argument == nil {
				return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
			}
			return t.eval(st.Argument, e)
		case *ast.VariableStatement:
			name, expr = soleBinding(st.List)
		case *ast.LexicalDeclaration:
			name, expr = soleBinding(st.List)
		default:
			if a := assignment(st); a != nil {
				name, expr = a.Left.(*ast.Identifier).Name.String(), a.Right
			}
		}
		if name == "" || expr == nil {
			return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
		}
		v, err := t.eval(expr, e)
		if err != nil {
			return nil, err
		}
		e = e.bind(name, v, nil)
		e.sure = true
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}

// soleBinding returns the name and the value of a declaration of one name.
func soleBinding(list []*ast.Binding) (string, ast.Expression) {
	if len(list) != 1 {
		return "", nil
	}
	id, ok := list[0].Target.(*ast.Identifier)
	if !ok {
		return "", nil
	}
	return id.Name.String(), list[0].Initializer
}
