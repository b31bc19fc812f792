package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/wire"
)

// written returns a message that will be sent as a script sees it.
func written(m *collections.Message) *script.Request {
	w := m.Written()
	r := &script.Request{Method: w.Method, URL: w.URL}
	for _, h := range w.Headers {
		r.Header = append(r.Header, script.Field{Key: h.Name, Value: h.Value})
	}
	switch w.Body.Kind {
	case "":
	case "form":
		r.Body = &script.Body{Mode: "urlencoded", URLEncoded: shownFields(w.Body.Fields)}
	case "multipart":
		r.Body = &script.Body{Mode: "formdata", FormData: shownFields(w.Body.Fields)}
	case "graphql":
		r.Body = &script.Body{Mode: "graphql", GraphQL: &script.GraphQL{Query: w.Body.Text, Variables: w.Body.Variables, OperationName: w.Body.Operation}}
	case "file":
		r.Body = &script.Body{Mode: "file", File: &script.File{Src: w.Body.Text}}
	default:
		r.Body = &script.Body{Mode: "raw", Raw: w.Body.Text, Language: w.Body.Kind}
	}
	return r
}

func shownFields(from []collections.WrittenField) []script.Field {
	fields := make([]script.Field, len(from))
	for i, f := range from {
		fields[i] = script.Field{Key: f.Name, Value: f.Value, ContentType: f.ContentType}
		if f.File != "" {
			fields[i].Type, fields[i].Src = "file", f.File
		}
	}
	return fields
}

// sent returns a request that was sent as a script sees it.
func sent(req *wire.Request) *script.Request {
	r := &script.Request{Method: req.Method, URL: req.URL}
	for _, name := range sortedNames(req.Header) {
		for _, v := range req.Header[name] {
			r.Header = append(r.Header, script.Field{Key: name, Value: v})
		}
	}
	if req.Body != nil {
		r.Body = &script.Body{Mode: "raw", Raw: string(req.Body)}
		if strings.Contains(req.Header.Get("Content-Type"), "json") {
			r.Body.Language = "json"
		}
	}
	return r
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rewrite takes over what prerequest scripts have changed of the request. It is expanded, authorised and guarded like any other.
func (c *course) rewrite(r *script.Request) error {
	if len(r.Auth) > 0 && string(r.Auth) != "null" {
		return errors.New("pm.request.auth cannot be changed by a script: write auth: in the request")
	}
	made, err := c.message.Rewritten(rewritten(r))
	if err != nil {
		return fmt.Errorf("pm.request: %w", err)
	}
	c.message = made
	return nil
}

// rewritten is the inverse of written.
func rewritten(r *script.Request) collections.Written {
	w := collections.Written{Method: r.Method, URL: pathed(r), Headers: writtenFields(r.Header)}
	b := r.Body
	if b == nil || b.Disabled {
		return w
	}
	switch b.Mode {
	case "urlencoded":
		w.Body = collections.WrittenBody{Kind: "form", Fields: writtenFields(b.URLEncoded)}
	case "formdata":
		w.Body = collections.WrittenBody{Kind: "multipart", Fields: writtenFields(b.FormData)}
	case "graphql":
		if b.GraphQL != nil {
			w.Body = collections.WrittenBody{Kind: "graphql", Text: b.GraphQL.Query, Variables: b.GraphQL.Variables, Operation: b.GraphQL.OperationName}
		}
	case "file":
		if b.File != nil {
			w.Body = collections.WrittenBody{Kind: "file", Text: b.File.Src}
		}
	case "raw":
		kind := b.Language
		if kind != "json" && kind != "xml" {
			kind = "text"
		}
		w.Body = collections.WrittenBody{Kind: kind, Text: b.Raw}
	}
	return w
}

// pathed returns the URL with the values of :name in its path.
func pathed(r *script.Request) string {
	path, query, found := strings.Cut(r.URL, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		name, ok := strings.CutPrefix(s, ":")
		if !ok {
			continue
		}
		if j := slices.IndexFunc(r.Path, func(f script.Field) bool { return f.Key == name }); j >= 0 {
			segments[i] = r.Path[j].Value
		}
	}
	if path = strings.Join(segments, "/"); found {
		path += "?" + query
	}
	return path
}

func writtenFields(from []script.Field) []collections.WrittenField {
	var fields []collections.WrittenField
	for _, f := range from {
		if f.Disabled {
			continue
		}
		fields = append(fields, collections.WrittenField{Name: f.Key, Value: f.Value, File: f.Src, ContentType: f.ContentType})
	}
	return fields
}

var _ script.Sender = (*sends)(nil).send

// build makes a request of a script that is not one of the collection.
func (c *course) build(r *script.Request) (*wire.Request, error) {
	base := collections.Message{Pos: c.req.Pos}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	m, err := base.Rewritten(rewritten(r))
	if err != nil {
		return nil, err
	}
	c.scripts.mu.Lock()
	defer c.scripts.mu.Unlock()
	return m.Build(c.scope)
}

// exchange sends a request of a script.
func (c *course) exchange(ctx context.Context, msg *wire.Request) *wire.Exchange {
	flow := &c.req.Flow
	return c.client.send(ctx, trip{req: msg, timeout: flow.Timeout, redirects: flow.Redirects, jar: c.jars.of(flow.Share.Session.Name),
		secrets: c.round.scope.Secrets(), take: small()})
}
