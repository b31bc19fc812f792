package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// An Audience is what a server takes for the aud of an assertion. The comparison is always byte for byte.
type Audience string

// DefaultAudience is the URL of the token endpoint, as a string, like TokenURLString.
const DefaultAudience Audience = ""

// The other rules, each observed at a server in use, as their names stand in a request to /__sandbox/audience.
const (
	TokenURLString Audience = "token-url-string" // the token URL as a string; an array is refused (glewlwyd)
	TokenURL       Audience = "token-url"        // the token URL, as a string or in an array (fosite)
	Issuer         Audience = "issuer"           // the issuer as the only value (FAPI 2.0, rfc7523bis)
	IssuerSlash    Audience = "issuer-slash"     // the issuer with a slash at its end, as a string or in an array (zitadel)
	AnyEndpoint    Audience = "any"              // issuer, token URL or the endpoint asked, as a string or in an array (panva)
)

// An audienceRule is what one Audience means.
type audienceRule struct {
	array bool                                             // aud may be an array that holds a right value
	right func(issuer, tokenURL, endpoint string) []string // the right values
}

func audienceRules() map[Audience]audienceRule {
	return map[Audience]audienceRule{
		DefaultAudience: {right: func(_, _, endpoint string) []string { return []string{endpoint} }},
		TokenURLString:  {right: func(_, token, _ string) []string { return []string{token} }},
		TokenURL:        {array: true, right: func(_, token, _ string) []string { return []string{token} }},
		Issuer:          {right: func(issuer, _, _ string) []string { return []string{issuer} }},
		IssuerSlash:     {array: true, right: func(issuer, _, _ string) []string { return []string{issuer + "/"} }},
		AnyEndpoint: {array: true, right: func(issuer, token, endpoint string) []string {
			return slices.Compact([]string{issuer, token, endpoint})
		}},
	}
}

func (a Audience) check() error {
	if a == DefaultAudience {
		return nil
	}
	rules := audienceRules()
	if _, ok := rules[a]; ok {
		return nil
	}
	return fmt.Errorf("sandbox audience: got %q, want one of %q", string(a), slices.Sorted(maps.Keys(rules)))
}

// SetAudience changes what the server of a name, as in Entry.Server, takes for the aud of an assertion; an empty name
// means all servers. It fails for a rule or a server that does not exist.
func (s *Sandbox) SetAudience(server string, a Audience) error {
	if err := a.check(); err != nil {
		return err
	}
	if judges := s.judges(); server != "" && !slices.Contains(judges, server) {
		return fmt.Errorf("server: got %q, want one of %q", server, judges)
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	if server == "" {
		s.settings.audience, s.settings.audiences = a, nil
		return nil
	}
	if s.settings.audiences == nil {
		s.settings.audiences = map[string]Audience{}
	}
	s.settings.audiences[server] = a
	return nil
}

// judges returns the names of the servers that judge assertions.
func (s *Sandbox) judges() []string {
	var names []string
	for _, e := range s.environments {
		names = append(names, e.name)
	}
	for _, side := range s.sides {
		if side.judges {
			names = append(names, side.name)
		}
	}
	return names
}

// audienceAt returns the rule of a server.
func (s *settings) audienceAt(server string) Audience {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a, ok := s.audiences[server]; ok {
		return a
	}
	return s.audience
}

// controlAudience is GET and POST /__sandbox/audience.
func (s *Sandbox) controlAudience(r *http.Request) answer {
	if r.Method == http.MethodPost {
		var order struct {
			Server string   `json:"server"`
			Accept Audience `json:"accept"`
		}
		if bad := readOrder(r, &order, `{"server":"sandbox","accept":"issuer"}`); bad != nil {
			return *bad
		}
		if err := s.SetAudience(order.Server, order.Accept); err != nil {
			return controlError(http.StatusBadRequest, err.Error())
		}
	}
	accepts := map[string]Audience{}
	for _, server := range s.judges() {
		accepts[server] = s.settings.audienceAt(server)
	}
	return jsonAnswer(http.StatusOK, accepts)
}

// checkAudience compares aud with what the server takes.
func (t *trial) checkAudience() *refusal {
	e := t.environment
	rule := audienceRules()[e.sandbox.settings.audienceAt(e.name)]
	right := append(rule.right(e.issuer(), e.origin+tokenPath, t.audience), t.also...)
	quoted := make([]string, len(right))
	for i, each := range right {
		quoted[i] = fmt.Sprintf("%q", each)
	}
	want := strings.Join(quoted, " or ")
	raw, present := t.jwt.claims["aud"]
	if !present {
		return refuse(invalidGrant, WrongAudience, "absent, want %s", want)
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && slices.Contains(right, one) {
		return nil
	}
	var several []string
	if rule.array && json.Unmarshal(raw, &several) == nil &&
		slices.ContainsFunc(several, func(each string) bool { return slices.Contains(right, each) }) {
		return nil
	}
	return refuse(invalidGrant, WrongAudience, "got %.200s, want %s", raw, want)
}
