package translate

import (
	"encoding/json"
	"strings"

	"github.com/dop251/goja/ast"
)

func isNext(path string) bool {
	return path == "postman.setNextRequest" || path == "pm.execution.setNextRequest" || path == "pm.setNextRequest"
}

// next is setNextRequest.
func (t *translator) next(x *ast.CallExpression, e *env, u *unit) error {
	if len(x.ArgumentList) != 1 {
		return t.no(x, "it changes the order of the requests")
	}
	v, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	l, ok := v.(literal)
	switch name, isText := l.v.(string); {
	case ok && isText && t.context.Next != "" && unescaped(name) == t.context.Next:
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "it names the request that runs next anyway"})
		return nil
	case ok && l.v == nil && t.context.Last:
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "it ends the run behind its last request"})
		return nil
	}
	return t.no(x, "it changes the order of the requests")
}

// requestHeader is pm.request.headers.add({key, value}).
func (t *translator) requestHeader(x *ast.CallExpression, path string, e *env, u *unit) error {
	if t.script.Listen != Prerequest || len(x.ArgumentList) != 1 {
		return t.no(x, "it changes a request that was sent")
	}
	v, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	l, _ := v.(literal)
	name, value := "", any(nil)
	if line, isText := textOf(v); isText {
		key, rest, ok := strings.Cut(line, ":")
		if !ok {
			return t.no(x, "no header: "+t.source(x))
		}
		name, value = strings.TrimSpace(key), strings.TrimSpace(rest)
	}
	for _, part := range entriesOf(l.v) {
		switch part.Key {
		case "key":
			name, _ = part.Value.(string)
		case "value":
			value, _ = part.Value.(string)
		}
	}
	if text, isText := value.(string); isText {
		value = unescaped(text) // Postman resolves templates in headers
	}
	if s, isText := value.(string); name == "" || strings.Contains(name, "{{") || !isText || s == "" {
		return t.no(x, "a header that only a script can tell")
	}
	if strings.Contains(value.(string), "{{$assertion") {
		if !t.context.Replaces {
			return t.no(x, "it signs a JWT: write an assertion, and {{$assertion}} in the header "+name)
		}
		u.flow = append(u.flow, Entry{Key: "assertion", Value: t.jwt, Pos: t.pos(u.body)})
		t.remark("the assertion is signed anew for each attempt")
	}
	u.flow = append(u.flow, Entry{Key: "headers", Value: []Entry{{Key: name, Value: value, Pos: t.pos(u.body)}}})
	return nil
}

// sleep is setTimeout with nothing to do when the time has come.
func (t *translator) sleep(x *ast.CallExpression, e *env, u *unit) error {
	ms, body, err := t.timeout(x, e)
	if err != nil {
		return err
	}
	if t.script.Listen != Prerequest {
		return t.no(x, "it waits after the answer: delay in the next request does")
	}
	inner := &unit{stmt: u.stmt}
	if _, err := t.block(body, e, inner); err != nil {
		return err
	}
	if len(inner.sets)+len(inner.flow)+len(inner.checks) > 0 {
		return t.no(x, "it does something when a time has passed")
	}
	u.flow = append(u.flow, Entry{Key: "delay", Value: ms, Pos: t.pos(u.body)})
	return nil
}

// timeout returns the time that setTimeout waits, and what it does then.
func (t *translator) timeout(x *ast.CallExpression, e *env) (any, []ast.Statement, error) {
	if len(x.ArgumentList) != 2 {
		return nil, nil, t.no(x, "it waits for a time that only a script can tell")
	}
	n, ok := t.constant(x.ArgumentList[1], e)
	body, params, async, isFunction := functionOf(x.ArgumentList[0])
	if !ok || !isFunction || async || len(params) > 0 {
		return nil, nil, t.no(x, "it waits for a time that only a script can tell")
	}
	span, err := duration(json.Number(itoa(int(n))))
	if err != nil {
		return nil, nil, t.no(x, err.Error())
	}
	return span, body, nil
}

// poll is if (not ready) { setNextRequest(this one) }: the request is repeated until it is.
func (t *translator) poll(st *ast.IfStatement, e *env, u *unit) (bool, error) {
	every, ok := t.again(statementsOf(st.Consequent), e)
	if !ok {
		return false, nil
	}
	ready, err := t.truth(st.Test, false, e)
	if err != nil {
		return true, err
	}
	until, err := arrange(ready)
	if err != nil || len(until) == 0 {
		return true, t.no(st, "it repeats the request until something that only a script can tell")
	}
	if st.Alternate != nil { // where the answer is judged, the condition holds no more
		if _, err := t.block(statementsOf(st.Alternate), e, u); err != nil {
			return true, err
		}
	}
	u.flow = append(u.flow, Entry{Key: "until", Value: until, Pos: t.pos(u.body)})
	if every != nil {
		u.flow = append(u.flow, Entry{Key: "every", Value: every, Pos: t.pos(u.body)})
	}
	t.remark("only the answer that until waits for is judged, and for says how long: 1 m by default")
	return true, nil
}

// again reports whether all that statements do is to run this request again, and how long they wait before.
func (t *translator) again(list []ast.Statement, e *env) (every any, ok bool) {
	for _, st := range list {
		ex, isExpression := st.(*ast.ExpressionStatement)
		if ret, isReturn := st.(*ast.ReturnStatement); isReturn && ret.Argument == nil {
			continue
		}
		if !isExpression {
			return nil, false
		}
		call, isCall := ex.Expression.(*ast.CallExpression)
		if !isCall {
			return nil, false
		}
		switch path := t.dotted(call.Callee, e); {
		case isNext(path) && len(call.ArgumentList) == 1:
			v, err := t.eval(call.ArgumentList[0], e)
			name, _ := textOf(v)
			if err != nil || t.context.Request == "" || unescaped(name) != t.context.Request {
				return nil, false
			}
			ok = true
		case path == "setTimeout":
			span, body, err := t.timeout(call, e)
			if err != nil {
				return nil, false
			}
			every = span
			if _, again := t.again(body, e); again {
				ok = true
			} else if len(body) > 0 {
				return nil, false
			}
		case strings.HasPrefix(path, "console."):
		default:
			return nil, false
		}
	}
	return every, ok
}
