package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hgrun/hgrun/internal/wire"
)

// aside posts a form to another endpoint of the server, where the client says who it is as it does at the token endpoint.
// It returns the members of the answer.
func (x *exchange) aside(ctx context.Context, name string, e endpoint, to string, f form) (map[string]json.RawMessage, error) {
	side := *x
	side.answer = answer{}
	side.message = newMessage(e, to, cmp.Or(x.text("token_url"), to))
	side.form = f
	if err := side.identify(); err != nil {
		return nil, err
	}
	return side.call(ctx, name, wire.Request{Method: http.MethodPost, URL: to, Header: side.header, Body: side.form.encode()})
}

// identify says who the client is, and adds what headers: says.
func (x *exchange) identify() error {
	if err := x.block.client.put(x); err != nil {
		return err
	}
	return x.headers()
}

// call has a request sent and returns the members of an answer that has the one that its endpoint is asked for.
func (x *exchange) call(ctx context.Context, name string, req wire.Request) (map[string]json.RawMessage, error) {
	return x.callAnd(ctx, name, req, func(r *wire.Response, members map[string]json.RawMessage) *Refusal {
		if members[x.member] == nil {
			return x.wrong(r, "without %s (members: %s)", x.member, memberNames(members))
		}
		return nil
	})
}

// callAnd has a request sent and returns the members of an answer that judge finds nothing wrong with.
func (x *exchange) callAnd(ctx context.Context, name string, req wire.Request, judge func(*wire.Response, map[string]json.RawMessage) *Refusal) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	err := x.ask(ctx, name, req, func(r *wire.Response, body []byte) *Refusal {
		found, refused := x.object(r, body)
		if refused == nil {
			refused = judge(r, found)
		}
		if refused == nil {
			members = found
			return nil
		}
		refused.Hint = x.hint(refused)
		return refused
	})
	return members, err
}

// ask has a request sent and its answer judged.
func (x *exchange) ask(ctx context.Context, name string, req wire.Request, judge func(r *wire.Response, body []byte) *Refusal) error {
	judged := false
	call := Call{Name: name, Pos: x.block.pos, Request: req, Notes: func() []string { return x.answer.notes }}
	call.Judge = func(e *wire.Exchange) error {
		judged = true
		body, err := x.open(x.session.Scope, e)
		if err != nil {
			return err
		}
		if refused := judge(e.Response, body); refused != nil {
			return refused
		}
		return nil
	}
	if err := x.session.Sender.Send(ctx, call); err != nil {
		return err
	}
	if !judged {
		return errors.New("nobody judged the answer of the " + x.name)
	}
	return nil
}
