package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/wire"
)

// metadata is what a server says of itself, fetched once in a run.
type metadata struct {
	turn    turn // of who fetches it
	url     string
	members map[string]json.RawMessage // nil while it is not fetched
}

// metadata returns what is known of the server that describes itself at a URL.
func (ts *Tokens) metadata(at string) *metadata {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	m, ok := ts.servers[at]
	if !ok {
		if ts.servers == nil {
			ts.servers = map[string]*metadata{}
		}
		m = &metadata{turn: newTurn(), url: at}
		ts.servers[at] = m
	}
	return m
}

// discover finds out what the block does not say of its server, where the block says how.
func (x *exchange) discover(ctx context.Context) error {
	if x.block.discover == "" {
		return nil
	}
	way := discoveries()[x.block.discover]
	base := x.text("discover." + x.block.discover)
	m := x.session.Tokens.metadata(way.locate(base))
	if err := m.turn.enter(ctx); err != nil {
		return err
	}
	defer m.turn.leave()
	if m.members == nil {
		want := x.text("issuer")
		if way.issuer {
			want = base
		}
		members, err := x.fetchMetadata(ctx, m, want)
		if err != nil {
			return err
		}
		m.members = members
	}
	x.server = m
	return x.compare()
}

// compare refuses a server that is not the one that the block names.
func (x *exchange) compare() error {
	if want := x.own("issuer"); want != "" && x.server.text("issuer") != "" {
		if err := checkIssuer(x.server.text("issuer"), want); err != nil {
			return x.block.at("issuer").Errorf("%s describes a server %w", x.server.url, err)
		}
	}
	return nil
}

// fetchMetadata fetches metadata and checks it; issuer is what it must say, empty for whatever it says.
func (x *exchange) fetchMetadata(ctx context.Context, m *metadata, issuer string) (map[string]json.RawMessage, error) {
	side := *x
	side.answer = answer{}
	side.message = newMessage(endpoint{name: "metadata page", public: true}, m.url, "")
	side.header.Del("Content-Type")
	req := wire.Request{Method: http.MethodGet, URL: m.url, Header: side.header}
	return side.callAnd(ctx, "discovery", req, func(r *wire.Response, members map[string]json.RawMessage) *Refusal {
		found := &metadata{members: members}
		if issuer != "" && (found.text("issuer") != "" || discoveries()[x.block.discover].issuer) {
			if err := checkIssuer(found.text("issuer"), issuer); err != nil {
				return side.wrong(r, "%v", err)
			}
		}
		if found.text("token_endpoint") == "" {
			return side.wrong(r, "without token_endpoint (members: %s)", memberNames(members))
		}
		for _, key := range []string{"token_url", "authorization_url", "introspection_url", "revocation_url", "device_url", "par_url", "jwks_url"} {
			if at := found.text(memberOf(key)); at != "" && checkEndpoint(at) != nil {
				return side.wrong(r, "with %s %q, which %v", memberOf(key), shown(at), checkEndpoint(at))
			}
		}
		side.answer.notes = found.oddities(x.block)
		return nil
	})
}

// text returns a member that is a text, empty where it is missing. A nil metadata has none.
func (m *metadata) text(member string) string {
	if m == nil {
		return ""
	}
	s, _ := text(m.members[member])
	return s
}

// list returns a member that is a list of texts, nil where it is missing.
func (m *metadata) list(member string) []string {
	var list []string
	if m != nil && m.members[member] != nil {
		_ = json.Unmarshal(m.members[member], &list) // what is no list of texts lists nothing
	}
	return list
}

// flag returns a member that is true. A nil metadata has none.
func (m *metadata) flag(member string) bool { return m != nil && string(m.members[member]) == "true" }

// endpoint returns what fills in a key of the block. A client with a certificate has endpoints of its own where the server
// says so (RFC 8705, section 5).
func (m *metadata) endpoint(key string, certificate bool) string {
	member := memberOf(key)
	if m == nil || member == "" {
		return ""
	}
	if certificate {
		var aliases map[string]json.RawMessage
		if raw := m.members["mtls_endpoint_aliases"]; raw != nil && json.Unmarshal(raw, &aliases) == nil {
			if alias, ok := text(aliases[member]); ok && checkEndpoint(alias) == nil {
				return alias
			}
		}
	}
	return m.text(member)
}

// oddities says where a server's words do not go with what the block is about to do.
func (m *metadata) oddities(o *oauth2) []string {
	var notes []string
	lists := func(member, want, what string) {
		if list := m.list(member); list != nil && !slices.ContainsFunc(list, func(has string) bool {
			return has == want || o.clientName == "mtls" && slices.Contains(o.client.also, has)
		}) {
			notes = append(notes, fmt.Sprintf("the server's %s do not list %s, which %s wants (%s)", member, want, what, shown(strings.Join(list, ", "))))
		}
	}
	lists("grant_types_supported", o.grant.wire, "grant: "+o.name)
	if o.client.registered != "" && !(o.grant.anonymous && o.clientName == "none") {
		lists("token_endpoint_auth_methods_supported", o.client.registered, "client_auth: "+o.clientName)
	}
	if o.name == authorizationCodeName {
		lists("code_challenge_methods_supported", "S256", "PKCE")
	}
	if o.terms.dpop && m.members["dpop_signing_alg_values_supported"] == nil {
		notes = append(notes, "the server does not say that it supports DPoP, which dpop wants")
	}
	if _, path, ok := strings.Cut(m.text("token_endpoint"), "://"); ok && strings.Contains(path, "//") {
		notes = append(notes, "the path of token_endpoint has a double slash: "+shown(m.text("token_endpoint")))
	}
	return notes
}

// require reports a key of the block that neither the block nor the server's metadata gives.
func (x *exchange) require(name string) error {
	if x.text(name) != "" {
		return nil
	}
	if x.server == nil {
		return x.block.at(name).Errorf("%s is empty", name)
	}
	return x.block.at("discover."+x.block.discover).Errorf("the metadata at %s has no %s; add %s", x.server.url, memberOf(name), name)
}
