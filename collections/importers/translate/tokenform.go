package translate

import (
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// formOf returns the fields of a body {mode: "urlencoded", urlencoded: [{key, value}]}, or of a text a=b&c=d.
func (t *translator) formOf(x ast.Expression, e *env, at ast.Node) ([]Entry, error) {
	if x == nil {
		return nil, t.no(at, "it sends a request of its own")
	}
	v, err := t.eval(x, e)
	if err != nil {
		return nil, err
	}
	l, _ := v.(literal)
	content := any(nil)
	if body := entriesOf(l.v); body != nil {
		for _, mode := range []string{"urlencoded", "raw"} {
			if i := find(body, mode); i >= 0 {
				content = body[i].Value
			}
		}
	} else if s, ok := textOf(v); ok {
		content = s
	}
	switch content := content.(type) {
	case string:
		return t.formText(content, at)
	case []any:
		return t.formList(content, at)
	}
	return nil, t.no(at, "it sends a request of its own, with a body that is no form")
}

func (t *translator) formText(text string, at ast.Node) ([]Entry, error) {
	var form []Entry
	for pair := range strings.SplitSeq(text, "&") {
		key, value, ok := strings.Cut(pair, "=")
		value = t.jwtIn(strings.NewReplacer("%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/").Replace(value))
		if !ok || strings.ContainsAny(pair, "+") || strings.Contains(value, "%") {
			return nil, t.no(at, "a body that is no plain form")
		}
		form = append(form, Entry{Key: key, Value: value})
	}
	return form, nil
}

func (t *translator) formList(list []any, at ast.Node) ([]Entry, error) {
	var form []Entry
	for _, one := range list {
		field := entriesOf(one)
		k, n := find(field, "key"), find(field, "value")
		if off := find(field, "disabled"); off >= 0 && field[off].Value == true {
			continue
		}
		if k < 0 || n < 0 {
			return nil, t.no(at, "a body that is no plain form")
		}
		key, _ := field[k].Value.(string)
		value, ok := field[n].Value.(string)
		if !ok || key == "" {
			return nil, t.no(at, "a body that is no plain form")
		}
		form = append(form, Entry{Key: key, Value: t.jwtIn(value)})
	}
	return form, nil
}

// jwtIn returns a value of a form: Postman expands its templates, and one of them may be the JWT that the script has signed.
func (t *translator) jwtIn(value string) string {
	value = unescaped(value)
	if name, ok := strings.CutPrefix(value, "{{"); ok {
		for _, u := range t.units {
			if u.assertion != "" && name == u.assertion+"}}" {
				return jwtHere
			}
		}
	}
	return value
}

// tokenHeaders finds the client in "Basic " + btoa(id + ":" + secret), and keeps the headers that a token request does not have anyway.
func (t *translator) tokenHeaders(parts map[string]ast.Expression, block []Entry, e *env) ([]Entry, error) {
	x := parts["header"]
	if x == nil {
		x = parts["headers"]
	}
	if x == nil {
		return block, nil
	}
	if expr, in, ok := t.declaredAs(x, e); ok {
		x, e = expr, in
	}
	fields, err := t.headerFields(x, e)
	if err != nil {
		return nil, err
	}
	var more []Entry
	for _, f := range fields {
		s, _ := f.Value.(string)
		s = unescaped(s)
		switch strings.ToLower(f.Key) {
		case "content-type":
			if !strings.HasPrefix(strings.ToLower(s), "application/x-www-form-urlencoded") {
				return nil, t.no(x, "it sends a request of its own, with a body that is no form")
			}
		case "accept", "cache-control", "content-length", "host", "user-agent":
		case "authorization":
			if block, err = t.basicClient(x, block, e); err != nil {
				return nil, err
			}
		default:
			more = append(more, Entry{Key: f.Key, Value: s})
		}
	}
	if len(more) > 0 {
		block = append(block, Entry{Key: "headers", Value: more})
	}
	return block, nil
}

// headerFields returns headers: {A: b}, [{key, value}], a text, or a list of texts. The value of Authorization is looked at elsewhere.
func (t *translator) headerFields(x ast.Expression, e *env) ([]Entry, error) {
	switch x := x.(type) {
	case *ast.ObjectLiteral:
		var fields []Entry
		for name, value := range membersOf(x) {
			f, err := t.headerField(name, value, e)
			if err != nil {
				return nil, err
			}
			fields = append(fields, f)
		}
		slices.SortFunc(fields, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
		return fields, nil
	case *ast.ArrayLiteral:
		var fields []Entry
		for _, one := range x.Value {
			inner, err := t.headerOfList(one, e)
			if err != nil {
				return nil, err
			}
			fields = append(fields, inner...)
		}
		return fields, nil
	}
	text, err := t.textAt(x, e, x)
	name, value, ok := strings.Cut(text, ":")
	if err != nil || !ok {
		return nil, t.no(x, "headers that only a script can tell")
	}
	return []Entry{{Key: strings.TrimSpace(name), Value: strings.TrimSpace(value)}}, nil
}

// headerOfList returns {key, value}, or a text.
func (t *translator) headerOfList(x ast.Expression, e *env) ([]Entry, error) {
	object, ok := x.(*ast.ObjectLiteral)
	if !ok {
		return t.headerFields(x, e)
	}
	parts := membersOf(object)
	name, err := t.textAt(parts["key"], e, x)
	if err != nil || parts["value"] == nil {
		return nil, t.no(x, "headers that only a script can tell")
	}
	f, err := t.headerField(name, parts["value"], e)
	return []Entry{f}, err
}

func (t *translator) headerField(name string, value ast.Expression, e *env) (Entry, error) {
	if strings.EqualFold(name, "Authorization") {
		return Entry{Key: name}, nil
	}
	text, err := t.textAt(value, e, value)
	return Entry{Key: name, Value: text}, err
}

// basicClient finds the client's id and secret in "Basic " + btoa(id + ":" + secret).
func (t *translator) basicClient(x ast.Node, block []Entry, e *env) ([]Entry, error) {
	var coded ast.Expression
	walk(x, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpression); ok && coded == nil {
			if v, err := t.eval(call, e); err == nil {
				if tm, ok := v.(template); ok && tm.filters == "base64" {
					coded = call
					return false
				}
			}
		}
		return true
	})
	if coded == nil {
		return nil, t.no(x, "an Authorization that only a script can tell")
	}
	v, err := t.eval(coded, e)
	tm, ok := v.(template)
	id, secret, colon := strings.Cut(tm.text, ":")
	if err != nil || !ok || tm.filters != "base64" || !colon || strings.Contains(secret, ":") || strings.Contains(tm.text, jwtHere) {
		return nil, t.no(x, "an Authorization that only a script can tell")
	}
	return append(block, Entry{Key: "client_id", Value: id}, Entry{Key: "client_secret", Value: secret}, Entry{Key: "client_auth", Value: "basic"}, Entry{Key: "basic_encoding", Value: "raw"}), nil
}
