package translate

import (
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// Token is a token that a script fetched, and that the auth block of Result.Flow fetches in its place.
type Token struct {
	Name   string   // the variable that held it; empty where the script wrote it into a header alone
	Global bool     // the variable was a global
	Direct bool     // the script wrote it into the header Authorization of the request
	Gone   []string // variables that the script set beside it for itself, such as when it ends
}

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
	a := &answer{unit: unit{stmt: u.stmt}, names: map[string]bool{params[0]: true, params[1]: true, "undefined": true}}
	t.inlining += deepest // where names stand for other things, functions are not looked into
	defer func() { t.inlining -= deepest }()
	if err := t.answered(list, e.bind(params[0], nil, nil).bind(params[1], thing{"pm.response"}, nil), a); err != nil {
		return err
	}
	context, err := a.token(t, x)
	if err != nil {
		return err
	}
	if !t.context.Replaces {
		return t.no(x, "it fetches a token: write an oauth2 block under auth, in the place of "+a.fetched.place())
	}
	if len(context) > 0 {
		block = append(block, Entry{Key: "context", Value: context})
	}
	u.token = &a.fetched
	u.flow = append(u.flow, Entry{Key: "auth", Value: []Entry{{Key: "oauth2", Value: block}}, Pos: t.pos(u.body)})
	t.remark("the token is fetched once for all requests and renewed when it ends, where the script fetched one before each; " + a.fetched.place() + " gives way to auth")
	return nil
}

// place is where the token stood.
func (k Token) place() string {
	if k.Name == "" {
		return "the header Authorization"
	}
	return "{{" + k.Name + "}}"
}

// tokenRequest returns the auth block that makes a request for a token.
func (t *translator) tokenRequest(x ast.Expression, e *env) ([]Entry, error) {
	if expr, in, ok := t.declaredAs(x, e); ok {
		return t.tokenRequest(expr, in)
	}
	object, ok := x.(*ast.ObjectLiteral)
	if !ok {
		return nil, t.no(x, "it sends a request of its own")
	}
	parts := membersOf(object)
	for name := range parts {
		if !slices.Contains([]string{"url", "method", "header", "headers", "body"}, name) {
			return nil, t.no(x, "it sends a request of its own, with "+name)
		}
	}
	url, err := t.textAt(parts["url"], e, x)
	if err != nil {
		return nil, err
	}
	if method, err := t.textAt(parts["method"], e, x); err != nil || !strings.EqualFold(method, "POST") {
		return nil, t.no(x, "it sends a request of its own, and no POST")
	}
	block, err := t.tokenHeaders(parts, []Entry{{Key: "grant", Value: ""}, {Key: "token_url", Value: url}}, e)
	if err != nil {
		return nil, err
	}
	form, err := t.formOf(parts["body"], e, x)
	if err != nil {
		return nil, err
	}
	return t.grant(x, block, form)
}

// declaredAs returns what a name was declared with.
func (t *translator) declaredAs(x ast.Expression, e *env) (ast.Expression, *env, bool) {
	id, ok := x.(*ast.Identifier)
	if !ok || t.changing[id.Name.String()] {
		return nil, nil, false
	}
	b := e.find(id.Name.String())
	if b == nil || b.expr == nil {
		return nil, nil, false
	}
	return b.expr, b.in, true
}

// membersOf returns the members of an object whose names are written.
func membersOf(object *ast.ObjectLiteral) map[string]ast.Expression {
	parts := map[string]ast.Expression{}
	for _, p := range object.Value {
		switch p := p.(type) {
		case *ast.PropertyKeyed:
			if key, ok := p.Key.(*ast.StringLiteral); ok {
				parts[key.Value.String()] = p.Value
			}
		case *ast.PropertyShort:
			parts[p.Name.Name.String()] = &p.Name
		}
	}
	return parts
}

// grants are the values of grant_type that a script can send, and our names for them.
func grants() map[string]string {
	return map[string]string{
		"client_credentials": "client-credentials",
		"password":           "password",
		"refresh_token":      "refresh-token",
		"urn:ietf:params:oauth:grant-type:jwt-bearer": "jwt-bearer",
	}
}

// grant puts the fields of the form where an auth block has them.
func (t *translator) grant(x ast.Node, block, form []Entry) ([]Entry, error) {
	var params []Entry
	for _, field := range form {
		value, _ := field.Value.(string)
		signed := value == jwtHere && t.jwt != nil
		switch {
		case field.Key == "grant_type":
			block[0].Value = grants()[value]
		case field.Key == "assertion" && signed:
			block = append(block, Entry{Key: "assertion", Value: t.jwt})
		case field.Key == "client_assertion" && signed:
			block = append(block, Entry{Key: "client_auth", Value: t.signedBy()}, Entry{Key: "assertion", Value: t.jwt})
		case field.Key == "client_assertion_type" && value == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		case strings.Contains(value, jwtHere):
			return nil, t.no(x, "a JWT as "+field.Key)
		case slices.Contains([]string{"client_id", "client_secret", "scope", "audience", "resource", "username", "password", "refresh_token"}, field.Key):
			block = append(block, field)
		default:
			params = append(params, field)
		}
	}
	if find(params, "client_assertion_type") >= 0 || find(params, "client_assertion") >= 0 || find(params, "assertion") >= 0 {
		return nil, t.no(x, "it fetches a token with an assertion that is made elsewhere")
	}
	if block[0].Value == "" {
		return nil, t.no(x, "it sends a request of its own, with no grant of OAuth 2.0")
	}
	if find(block, "client_id") < 0 && find(block, "assertion") < 0 {
		return nil, t.no(x, "a token without a client_id")
	}
	if find(block, "client_auth") < 0 {
		switch {
		case find(block, "client_secret") >= 0:
			block = append(block, Entry{Key: "client_auth", Value: "post"})
		case block[0].Value == "client-credentials" && find(block, "assertion") < 0:
			block = append(block, Entry{Key: "client_auth", Value: "none"})
		}
	}
	if len(params) > 0 {
		block = append(block, Entry{Key: "params", Value: params})
	}
	order := []string{"grant", "token_url", "client_id", "client_secret", "client_auth", "basic_encoding", "assertion"} // and the others, as the script has them
	slices.SortStableFunc(block, func(a, b Entry) int { return rank(order, a.Key) - rank(order, b.Key) })
	return block, nil
}

func rank(order []string, key string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

// signedBy returns how a client that sends the JWT proves who it is.
func (t *translator) signedBy() string {
	if i := find(t.jwt, "alg"); i >= 0 && strings.HasPrefix(t.jwt[i].Value.(string), "HS") {
		return "client_secret_jwt"
	}
	return "private_key_jwt"
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
	if !ok || s == "" || strings.Contains(s, jwtHere) {
		return "", t.no(at, "it sends a request of its own")
	}
	return s, nil
}
