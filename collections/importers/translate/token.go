package translate

import (
	"strings"

	"github.com/dop251/goja/ast"
)

// send is pm.sendRequest. One that fetches a token becomes an auth block, which fetches it when it is needed.
func (t *translator) send(x *ast.CallExpression, e *env, u *unit) error {
	if t.script.Listen != Prerequest || len(x.ArgumentList) != 2 {
		return t.no(x, "it sends a request of its own")
	}
	block, err := t.tokenRequest(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	list, params, async, ok := functionOf(x.ArgumentList[1])
	if !ok || async || len(params) != 2 {
		return t.no(x, "it sends a request of its own, and looks at the answer as only a script can")
	}
	inner := &unit{stmt: u.stmt}
	if err := t.tokenAnswer(list, e.bind(params[0], nil, nil).bind(params[1], thing{"pm.response"}, nil), params[0], inner); err != nil {
		return err
	}
	token := ""
	var context []Entry
	for _, s := range inner.sets {
		f, ok := s.from.(found)
		switch {
		case !ok || len(f.then) > 0 || len(f.path) != 1:
			return t.no(x, "of its answer it keeps more than members")
		case f.path[0] == "access_token" && token == "":
			token = s.name
		default:
			context = append(context, Entry{Key: s.name, Value: f.path[0]})
		}
	}
	if token == "" || len(inner.flow) > 0 {
		return t.no(x, "it sends a request of its own, and keeps no access_token of it")
	}
	if !t.context.Replaces {
		return t.no(x, "it fetches a token: write an oauth2 block under auth, in the place of {{"+token+"}}")
	}
	if len(context) > 0 {
		block = append(block, Entry{Key: "context", Value: context})
	}
	u.token = token
	u.flow = append(u.flow, Entry{Key: "auth", Value: []Entry{{Key: "oauth2", Value: block}}, Pos: t.pos(u.body)})
	t.remark("the token is fetched once for all requests and renewed when it ends, where the script fetched one before each; {{" + token + "}} gives way to auth")
	return nil
}

// tokenAnswer translates what is done with the answer; what is done about an error, an auth block does itself.
func (t *translator) tokenAnswer(list []ast.Statement, e *env, failed string, u *unit) error {
	for _, st := range list {
		branch, isIf := st.(*ast.IfStatement)
		if isIf && mentionsAlone(branch.Test, failed) {
			good := branch.Alternate
			if not, ok := branch.Test.(*ast.UnaryExpression); ok && not.Operator.String() == "!" {
				good = branch.Consequent
			}
			if good != nil {
				if err := t.tokenAnswer(statementsOf(good), e, failed, u); err != nil {
					return err
				}
			}
			continue
		}
		next, err := t.statement(st, e, u)
		if err != nil {
			return err
		}
		if next != nil {
			e = next
		}
	}
	return nil
}

// mentionsAlone reports whether a condition is about nothing but a name.
func mentionsAlone(x ast.Expression, name string) bool {
	names := namesIn(x)
	delete(names, "undefined")
	return len(names) == 1 && names[name]
}

// tokenRequest returns the auth block that makes a request for a token.
func (t *translator) tokenRequest(x ast.Expression, e *env) ([]Entry, error) {
	if id, ok := x.(*ast.Identifier); ok {
		if b := e.find(id.Name.String()); b != nil && b.expr != nil && !t.changing[id.Name.String()] {
			return t.tokenRequest(b.expr, b.in)
		}
	}
	object, ok := x.(*ast.ObjectLiteral)
	if !ok {
		return nil, t.no(x, "it sends a request of its own")
	}
	parts := map[string]ast.Expression{}
	for _, p := range object.Value {
		if keyed, ok := p.(*ast.PropertyKeyed); ok {
			if key, ok := keyed.Key.(*ast.StringLiteral); ok {
				parts[key.Value.String()] = keyed.Value
			}
		}
	}
	url, err := t.textAt(parts["url"], e, x)
	if err != nil {
		return nil, err
	}
	form, err := t.formOf(parts["body"], e, x)
	if err != nil {
		return nil, err
	}
	block := []Entry{{Key: "grant", Value: ""}, {Key: "token_url", Value: url}}
	if block, err = t.basicClient(parts, block, e); err != nil {
		return nil, err
	}
	return t.grant(x, block, form)
}

// grant puts the fields of the form where an auth block has them.
func (t *translator) grant(x ast.Node, block, form []Entry) ([]Entry, error) {
	grants := map[string]string{"client_credentials": "client-credentials", "password": "password", "refresh_token": "refresh-token"}
	var params []Entry
	for _, field := range form {
		switch field.Key {
		case "grant_type":
			s, _ := field.Value.(string)
			block[0].Value = grants[s]
		case "client_id", "client_secret", "scope", "audience", "resource", "username", "password", "refresh_token":
			block = append(block, field)
		default:
			params = append(params, field)
		}
	}
	if block[0].Value == "" {
		return nil, t.no(x, "it sends a request of its own, with no grant of OAuth 2.0")
	}
	if find(block, "client_id") < 0 {
		return nil, t.no(x, "a token without a client_id")
	}
	if find(block, "client_auth") < 0 && find(block, "client_secret") >= 0 {
		block = append(block, Entry{Key: "client_auth", Value: "post"})
	}
	if len(params) > 0 {
		block = append(block, Entry{Key: "params", Value: params})
	}
	return block, nil
}

func (t *translator) textAt(x ast.Expression, e *env, at ast.Node) (string, error) {
	if x == nil {
		return "", t.no(at, "it sends a request of its own")
	}
	v, err := t.eval(x, e)
	if err != nil {
		return "", err
	}
	s, ok := textOf(v)
	if _, isLiteral := v.(literal); isLiteral {
		s = unescaped(s) // Postman expands the templates of a request
	}
	if !ok || s == "" {
		return "", t.no(at, "it sends a request of its own")
	}
	return s, nil
}

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
	var form []Entry
	switch content := content.(type) {
	case string:
		for pair := range strings.SplitSeq(content, "&") {
			key, value, ok := strings.Cut(pair, "=")
			if !ok || strings.ContainsAny(pair, "%+") {
				return nil, t.no(at, "a body that is no plain form")
			}
			form = append(form, Entry{Key: key, Value: unescaped(value)})
		}
	case []any:
		for _, one := range content {
			field := entriesOf(one)
			k, n := find(field, "key"), find(field, "value")
			if k < 0 || n < 0 || find(field, "disabled") >= 0 {
				return nil, t.no(at, "a body that is no plain form")
			}
			key, _ := field[k].Value.(string)
			value, ok := field[n].Value.(string)
			if !ok || key == "" {
				return nil, t.no(at, "a body that is no plain form")
			}
			form = append(form, Entry{Key: key, Value: unescaped(value)})
		}
	default:
		return nil, t.no(at, "it sends a request of its own, with a body that is no form")
	}
	return form, nil
}

// basicClient finds the client's id and secret in "Basic " + btoa(id + ":" + secret).
func (t *translator) basicClient(parts map[string]ast.Expression, block []Entry, e *env) ([]Entry, error) {
	x := parts["header"]
	if x == nil {
		x = parts["headers"]
	}
	if x == nil {
		return block, nil
	}
	var coded ast.Expression
	walk(x, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpression); ok && coded == nil {
			coded = call
			return false
		}
		return true
	})
	if !strings.Contains(t.source(x)+" "+strings.Join(t.texts(x), " "), "Authorization") {
		return block, nil // a Content-Type, an Accept
	}
	if coded == nil {
		return nil, t.no(x, "an Authorization that only a script can tell")
	}
	v, err := t.eval(coded, e)
	tm, ok := v.(template)
	id, secret, colon := strings.Cut(tm.text, ":")
	if err != nil || !ok || tm.filters != "base64" || !colon || strings.Contains(secret, ":") {
		return nil, t.no(x, "an Authorization that only a script can tell")
	}
	return append(block, Entry{Key: "client_id", Value: id}, Entry{Key: "client_secret", Value: secret}, Entry{Key: "client_auth", Value: "basic"}, Entry{Key: "basic_encoding", Value: "raw"}), nil
}

// texts returns the texts that are written in an expression.
func (t *translator) texts(x ast.Expression) []string {
	var all []string
	walk(x, func(n ast.Node) bool {
		if s, ok := n.(*ast.StringLiteral); ok {
			all = append(all, s.Value.String())
		}
		return true
	})
	return all
}
