package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"github.com/hgrun/hgrun/internal/wire"
)

// aside posts a form to another endpoint of the server, where the client says who it is as it does at the token endpoint.
// It returns the members of the answer.
func (x *exchange) aside(ctx context.Context, name string, e endpoint, to string, f form) (map[string]json.RawMessage, error) {
	side := *x
	side.message = newMessage(e, to, cmp.Or(x.text("token_url"), to))
	side.form = f
	if err := side.block.client.put(&side); err != nil {
		return nil, err
	}
	if err := side.headers(); err != nil {
		return nil, err
	}
	return side.call(ctx, name, wire.Request{Method: http.MethodPost, URL: to, Header: side.header, Body: side.form.encode()})
}

// call has a request sent and returns the members of an answer that has the one that its endpoint is asked for.
func (x *exchange) call(ctx context.Context, name string, req wire.Request) (members map[string]json.RawMessage, err error) {
	judge := func(e *wire.Exchange) error {
		body, err := x.open(x.session.Scope, e)
		if err != nil {
			return err
		}
		found, refused := x.object(e.Response, body)
		if refused == nil && x.member != "" && found[x.member] == nil {
			refused = x.wrong(e.Response, "without %s (members: %s)", x.member, memberNames(found))
		}
		if refused != nil {
			refused.Hint = x.hint(refused)
			return refused
		}
		members = found
		return nil
	}
	err = x.session.Sender.Send(ctx, Call{Name: name, Pos: x.block.pos, Request: req, Judge: judge})
	return members, err
}
