package diagnosis

import (
	"strings"
	"sync"
	"time"
)

// History is what a run did so far, without a secret in it: values are kept as fingerprints. The zero History is empty and
// ready; it serves many goroutines.
type History struct {
	mu         sync.Mutex
	assertions map[string]assertionUse // by fingerprint
	ids        map[string]assertionUse // by iss and jti
	issued     map[string]issue        // access tokens, by fingerprint
	refreshed  map[string]refresh      // refresh tokens that were sent, by fingerprint
	fetches    map[string][]time.Time  // tokens fetched, by host and client
	discovery  []*Discovery
}

// assertionUse is the first time that an assertion was sent.
type assertionUse struct {
	at      time.Time
	to      string // the URL
	granted bool   // it brought a token, then
}

// issue is how an access token came.
type issue struct {
	at      time.Time
	life    time.Duration // zero: not known
	by      string        // the token URL
	client  string
	scope   string // as granted, or as requested where the answer has none
	env     string // name of the environment
	worked  time.Time
	used    bool // it worked somewhere
	refused bool
}

// refresh is the first time that a refresh token was sent.
type refresh struct {
	start, end time.Time
	replacedBy string // fingerprint; empty: it was not replaced
	granted    bool
}

// Note remembers what an exchange was, after it is explained.
func (h *History) Note(c *Case) {
	if h == nil || c.Exchange == nil {
		return
	}
	if c.role() == TokenRequest {
		c.configure()
		h.noteToken(c)
		return
	}
	h.noteAPI(c)
}

func (h *History) noteToken(c *Case) {
	granted := c.answer().class == Granted
	h.mu.Lock()
	defer h.mu.Unlock()
	use := assertionUse{at: c.now(), to: c.request().URL, granted: granted}
	for _, p := range c.proofs() {
		keepFirst(&h.assertions, fingerprint(p.text), use)
		if id := idOf(p); id != "" {
			keepFirst(&h.ids, id, use)
		}
	}
	g := c.granted()
	if sent := c.value("refresh_token"); sent != "" && c.grantType() == "refresh_token" {
		r := refresh{start: c.now(), end: c.now().Add(c.Exchange.Timings.Total), granted: granted}
		if granted && g.refresh != "" && g.refresh != sent {
			r.replacedBy = fingerprint(g.refresh)
		}
		keepFirst(&h.refreshed, fingerprint(sent), r)
	}
	if granted && g.access != "" {
		h.noteIssue(c, g)
	}
}

func (h *History) noteIssue(c *Case, g *grantAnswer) {
	client, _ := c.clientID()
	if p := c.proof(); client == "" && p != nil {
		client = p.token.Text("iss")
	}
	scope := g.scope
	if !g.hasScope {
		scope = c.value("scope")
	}
	if h.issued == nil {
		h.issued, h.fetches = map[string]issue{}, map[string][]time.Time{}
	}
	h.issued[fingerprint(g.access)] = issue{
		at: c.now(), life: g.lifetime(c.Token.Unit), by: c.request().URL, client: client, scope: scope, env: c.Environment.Name,
	}
	key := withoutQuery(c.request().URL) + " " + client
	if times := append(h.fetches[key], c.now()); len(times) > 8 {
		h.fetches[key] = times[len(times)-8:]
	} else {
		h.fetches[key] = times
	}
}

func (h *History) noteAPI(c *Case) {
	resp := c.response()
	if resp == nil {
		return
	}
	if strings.Contains(c.request().URL, "/.well-known/") && resp.Status == 200 {
		if d := ReadDiscovery(c.request().URL, resp.Body); d != nil {
			h.mu.Lock()
			h.discovery = append(h.discovery, d)
			h.mu.Unlock()
		}
	}
	bearer := c.bearer()
	if bearer == "" {
		return
	}
	key := fingerprint(bearer)
	h.mu.Lock()
	defer h.mu.Unlock()
	i, known := h.issued[key]
	switch {
	case resp.Status == 401 && known:
		i.refused = true
	case resp.Status < 400:
		i.worked, i.used = c.now(), true
	default:
		return
	}
	if h.issued == nil {
		h.issued, h.fetches = map[string]issue{}, map[string][]time.Time{}
	}
	h.issued[key] = i
}

// maxRemembered bounds each part of a history: a run of a million requests must not keep them all.
const maxRemembered = 1 << 16

func keepFirst[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	if _, there := (*m)[key]; !there && len(*m) < maxRemembered {
		(*m)[key] = value
	}
}

// idOf is what a server remembers of an assertion to refuse it the second time (RFC 7523, section 3).
func idOf(p proof) string {
	if p.token == nil || p.token.Text("jti") == "" {
		return ""
	}
	return fingerprint(p.token.Text("iss") + "\x00" + p.token.Text("jti"))
}

// sent returns the first time that an assertion, or one with its jti, was sent.
func (h *History) sent(p proof) (use assertionUse, same, ok bool) {
	if h == nil {
		return use, false, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if use, ok = h.assertions[fingerprint(p.text)]; ok {
		return use, true, true
	}
	use, ok = h.ids[idOf(p)]
	return use, false, ok && idOf(p) != ""
}

// made returns whether a text is an assertion that was sent to a token endpoint before.
func (h *History) made(text string) (assertionUse, bool) {
	if h == nil {
		return assertionUse{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	use, ok := h.assertions[fingerprint(text)]
	return use, ok
}

// token returns what is known of an access token; the time of issue is zero for one that this run did not fetch.
func (h *History) token(text string) (issue, bool) {
	if h == nil || text == "" {
		return issue{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i, ok := h.issued[fingerprint(text)]
	return i, ok
}

// refreshed returns the first time that a refresh token was sent.
func (h *History) refreshOf(text string) (refresh, bool) {
	if h == nil || text == "" {
		return refresh{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.refreshed[fingerprint(text)]
	return r, ok
}

// fetched returns when tokens were fetched from an endpoint for a client, the newest last.
func (h *History) fetched(tokenURL, client string) []time.Time {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]time.Time(nil), h.fetches[withoutQuery(tokenURL)+" "+client]...)
}

// discovered returns the metadata that the run itself has fetched of the server at address.
func (h *History) discovered(address string) *Discovery {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.discovery) - 1; i >= 0; i-- {
		d := h.discovery[i]
		at := origin(address)
		if at == origin(d.URL) || at == origin(d.TokenEndpoint) || at == origin(d.Issuer) {
			return d
		}
	}
	return nil
}
