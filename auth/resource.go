package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// Resource is what an API says of itself (RFC 9728): what kind of token it wants, and whose.
type Resource struct {
	MetadataURL          string   // where it says so
	URL                  string   // its identifier
	AuthorizationServers []string // issuers; empty where it does not say
	Scopes               []string // that its tokens may have; empty where it does not say
	Methods              []string // in which it takes a token: header, body or query; empty where it does not say
	DPoP                 bool     // a token must be bound to a key
	Documentation        string   // for people; empty for none
}

// DescribeResource fetches what an API says of itself, where its answer names a page that does (resource_metadata of RFC
// 9728, section 5.1). It returns nil where the answer names none. pos is the place of the request that was refused. A page
// on another host than the request's is not fetched: an API has no business to send hgrun anywhere.
func DescribeResource(ctx context.Context, s Session, pos source.Pos, e *wire.Exchange) (*Resource, error) {
	at := metadataURL(e)
	if at == "" {
		return nil, nil
	}
	if !sameOrigin(at, e.Request.URL) {
		return nil, pos.Errorf("the API's metadata lies at %q, which is another origin than that of the request; it was not fetched", shown(at))
	}
	x := &exchange{block: &oauth2{pos: pos}, session: s, message: newMessage(endpoint{name: "API's metadata page", member: "resource", public: true}, at, "")}
	x.header.Del("Content-Type")
	var found *metadata
	req := wire.Request{Method: http.MethodGet, URL: at, Header: x.header}
	members, err := x.callAnd(ctx, "discovery", req, func(r *wire.Response, members map[string]json.RawMessage) *Refusal {
		found = &metadata{members: members}
		if id := found.text("resource"); !covers(id, e.Request.URL) {
			return x.wrong(r, "with resource %q, want one that the URL %s starts with (RFC 9728, section 3.3)", shown(id), withoutQuery(e.Request.URL))
		}
		return nil
	})
	if err != nil {
		return nil, pos.Errorf("%w", err)
	}
	found.members = members
	return &Resource{
		MetadataURL:          at,
		URL:                  found.text("resource"),
		AuthorizationServers: found.list("authorization_servers"),
		Scopes:               found.list("scopes_supported"),
		Methods:              found.list("bearer_methods_supported"),
		DPoP:                 found.flag("dpop_bound_access_tokens_required"),
		Documentation:        found.text("resource_documentation"),
	}, nil
}

func metadataURL(e *wire.Exchange) string {
	if e.Response == nil {
		return ""
	}
	for _, c := range Challenges(e.Response.Header) {
		if at := c.Params["resource_metadata"]; at != "" {
			return at
		}
	}
	return ""
}

// covers reports whether a URL belongs to the resource of an identifier.
func covers(id, of string) bool {
	rest, ok := strings.CutPrefix(of, id)
	return ok && id != "" && (rest == "" || strings.HasSuffix(id, "/") || strings.ContainsRune("/?", rune(rest[0])))
}

func sameOrigin(a, b string) bool {
	first, err := url.Parse(a)
	second, also := url.Parse(b)
	return err == nil && also == nil && origin(first) == origin(second)
}

// origin returns scheme, host and port as they are compared (RFC 6454, section 4).
func origin(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if scheme := strings.ToLower(u.Scheme); scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	return strings.ToLower(u.Scheme) + "://" + host + ":" + port
}

func withoutQuery(text string) string {
	text, _, _ = strings.Cut(text, "#")
	text, _, _ = strings.Cut(text, "?")
	return text
}

// Explain says in lines what the API wants, for whoever was refused. issuer is the one whose token was sent, empty where it
// is not known.
func (r *Resource) Explain(issuer string) []string {
	var lines []string
	if servers := r.AuthorizationServers; len(servers) > 0 {
		line := fmt.Sprintf("the API %s takes tokens of %s", shown(r.URL), shown(strings.Join(servers, ", ")))
		if issuer != "" && !slices.Contains(servers, issuer) {
			line += fmt.Sprintf(", and the token that was sent is of %s", issuer)
		}
		lines = append(lines, line)
	}
	if len(r.Scopes) > 0 {
		lines = append(lines, "its tokens have scopes among "+shown(strings.Join(r.Scopes, " ")))
	}
	if len(r.Methods) > 0 && !slices.Contains(r.Methods, "header") {
		lines = append(lines, "it takes no token in the Authorization header, only in "+shown(strings.Join(r.Methods, " or ")))
	}
	if r.DPoP {
		lines = append(lines, "its tokens are bound to a key: dpop: true")
	}
	if r.Documentation != "" {
		lines = append(lines, "it is described at "+shown(r.Documentation))
	}
	return lines
}
