package translate

import (
	"github.com/dop251/goja/ast"
)

// next is setNextRequest.
func (t *translator) next(x *ast.CallExpression, e *env, u *unit) error {
	if len(x.ArgumentList) != 1 {
		return t.no(x, "the order of the requests")
	}
	v, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	l, ok := v.(literal)
	switch name, isText := l.v.(string); {
	case ok && isText && t.context.Next != "" && unescaped(name) == t.context.Next:
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "names the request that runs next anyway"})
		return nil
	case ok && l.v == nil && t.context.Last:
		u.notes = append(u.notes, Note{Kind: Dropped, Reason: "ends the run behind its last request"})
		return nil
	}
	return t.no(x, "it changes the order of the requests")
}

func (t *translator) requestHeader(x *ast.CallExpression, path string, e *env, u *unit) error {
	return t.no(x, "it changes the request")
}

func (t *translator) sleep(x *ast.CallExpression, e *env, u *unit) error {
	return t.no(x, "it waits")
}

func (t *translator) send(x *ast.CallExpression, e *env, u *unit) error {
	return t.no(x, "it sends a request of its own")
}
