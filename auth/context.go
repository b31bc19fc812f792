package auth

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Provider is an Authorizer whose tokens bring variables along, such as the patient of a SMART launch.
type Provider interface {
	// Provides returns the names of the variables.
	Provides() []string
	// Provide sets them in s.Scope, after a token exchange where one is due: before a request is built that uses them.
	Provide(ctx context.Context, s Session) error
}

// capture is a member of a token response that becomes a variable: what SMART App Launch calls launch context.
type capture struct {
	pos      source.Pos
	variable string
	member   string
}

// readContext reads context: a list of members, or a mapping of variables to members.
func (r *reading) readContext() {
	n, ok := r.found["context"]
	if !ok {
		return
	}
	add := func(variable string, member source.Node) {
		switch name := member.Text(); name {
		case "access_token", "refresh_token", "id_token":
			member.Errorf("context: %s stays with auth, which sends it where it belongs; name another member of the token response", name)
		default:
			r.o.context = append(r.o.context, capture{member.Pos(), variable, name})
		}
	}
	if n.IsList() {
		for _, item := range n.Items() {
			add(item.Text(), item)
		}
		return
	}
	for _, e := range n.Entries() {
		vars.CheckName(e)
		add(e.Name(), e.Value)
	}
}

// Provides returns the variables that context: names.
func (o *oauth2) Provides() []string {
	names := make([]string, len(o.context))
	for i, c := range o.context {
		names[i] = c.variable
	}
	return names
}

// Provide gets a token and sets the variables that context: names.
func (o *oauth2) Provide(ctx context.Context, s Session) error {
	t, err := o.token(ctx, s)
	if err != nil {
		return err
	}
	o.capture(t, s.Scope)
	return nil
}

func (o *oauth2) capture(t *token, s *vars.Scope) {
	for _, c := range o.context {
		if raw, ok := t.context[c.member]; ok {
			s.Set(c.variable, contextValue(raw))
		}
	}
}

func contextValue(raw json.RawMessage) vars.Value {
	var word string
	if json.Unmarshal(raw, &word) == nil && raw[0] == '"' {
		return vars.Value{Text: word}
	}
	return vars.Value{Text: string(raw), JSON: true}
}

// context returns what came beside the tokens. What a response says itself goes before what its ID token says.
func (a *answer) context() map[string]json.RawMessage {
	beside := merged(a.claims, a.members)
	maps.DeleteFunc(beside, func(name string, raw json.RawMessage) bool {
		return slices.Contains([]string{"access_token", "refresh_token", "id_token"}, name) || string(raw) == "null"
	})
	return beside
}

// merged returns the members of both; those of newer win.
func merged(older, newer map[string]json.RawMessage) map[string]json.RawMessage {
	both := make(map[string]json.RawMessage, len(older)+len(newer))
	maps.Copy(both, older)
	maps.Copy(both, newer)
	return both
}

// lacks returns the first member that context: wants and neither this answer nor an earlier one of the family has.
func (x *exchange) lacks() (capture, bool) {
	if len(x.block.context) == 0 {
		return capture{}, false
	}
	known := x.answer.context()
	if x.family != nil {
		known = merged(x.family.context, known)
	}
	for _, c := range x.block.context {
		if _, ok := known[c.member]; !ok {
			return c, true
		}
	}
	return capture{}, false
}

// askFor says what brings a member of the launch context (SMART App Launch 2.2, section 2.1.12).
func askFor(member string) string {
	switch member {
	case "patient", "encounter":
		return "; ask for the scope launch/" + member
	case "fhirUser":
		return "; ask for the scopes openid and fhirUser"
	}
	return ""
}
