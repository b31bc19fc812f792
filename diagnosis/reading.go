package diagnosis

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
)

// reading is what a Case says once it is taken apart, each part at most once.
type reading struct {
	role    Role
	params  []param
	parsed  bool // params are there
	proofs  []proof
	proven  bool // proofs are there
	reply   *answer
	rules   []Rule // set by Explain, so that rules can ask what other rules found
	lints   []scored
	linted  bool
	granted *grantAnswer

	configure func(*Case) // fills in what the file says; nil where nothing is left to read
}

// Where a parameter stands.
const (
	inForm      = "form"
	inQuery     = "query"
	inJSON      = "JSON"
	inMultipart = "multipart"
)

// param is one parameter of a request.
type param struct {
	name, value string
	raw         string // as it stood, before it was decoded
	in          string
}

// params returns the parameters of the query and of the body, in their order.
func (c *Case) params() []param {
	if c.read.parsed {
		return c.read.params
	}
	c.read.parsed = true
	req := c.request()
	if _, query, ok := strings.Cut(req.URL, "?"); ok {
		c.read.params = split(nil, query, inQuery)
	}
	c.read.params = c.bodyParams(c.read.params)
	return c.read.params
}

// maxParams bounds the bodies that are taken apart: no token request is longer.
const maxParams = 256 << 10 // bytes

func (c *Case) bodyParams(list []param) []param {
	body := c.request().Body
	if len(body) == 0 || len(body) > maxParams {
		return list
	}
	kind := c.contentType()
	trimmed := bytes.TrimSpace(body)
	switch {
	case strings.Contains(kind, "multipart/"):
		return multipartParams(list, body)
	case len(trimmed) > 0 && trimmed[0] == '{':
		if !bytes.Contains(body, []byte("grant_type")) && !bytes.Contains(body, []byte("assertion")) {
			return list
		}
		return jsonParams(list, trimmed)
	case kind == "" || strings.Contains(kind, "x-www-form-urlencoded") || bytes.Contains(body, []byte("grant_type=")):
		return split(list, string(body), inForm)
	}
	return list
}

func split(list []param, text, in string) []param {
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, raw, _ := strings.Cut(pair, "=")
		p := param{name: name, value: raw, raw: raw, in: in}
		if plain, err := url.QueryUnescape(name); err == nil {
			p.name = plain
		}
		if plain, err := url.QueryUnescape(raw); err == nil {
			p.value = plain
		}
		list = append(list, p)
	}
	return list
}

func jsonParams(list []param, body []byte) []param {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return list
	}
	from := len(list)
	for name, value := range members {
		if text, ok := value.(string); ok {
			list = append(list, param{name: name, value: text, raw: text, in: inJSON})
		}
	}
	slices.SortFunc(list[from:], func(a, b param) int { return compareText(a.name, b.name) })
	return list
}

// multipartParams finds the fields without reading the body as MIME: what is wrong with it is that it is one.
func multipartParams(list []param, body []byte) []param {
	rest := string(body)
	for {
		_, after, ok := strings.Cut(rest, `name="`)
		if !ok {
			return list
		}
		name, after, ok := strings.Cut(after, `"`)
		if !ok {
			return list
		}
		_, content, ok := strings.Cut(after, "\r\n\r\n")
		if !ok {
			return list
		}
		value, _, _ := strings.Cut(content, "\r\n--")
		list = append(list, param{name: name, value: value, raw: value, in: inMultipart})
		rest = content
	}
}

// first returns the first parameter of a name, wherever it stands.
func (c *Case) first(name string) (param, bool) {
	for _, p := range c.params() {
		if p.name == name {
			return p, true
		}
	}
	return param{}, false
}

// value returns the value of the first parameter of a name, or "".
func (c *Case) value(name string) string {
	p, _ := c.first(name)
	return p.value
}

func (c *Case) has(name string) bool {
	_, ok := c.first(name)
	return ok
}

func (c *Case) header(name string) string { return c.request().Header.Get(name) }

func (c *Case) contentType() string {
	kind, _, _ := strings.Cut(c.header("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// authorization returns scheme and credentials of the Authorization header.
func (c *Case) authorization() (scheme, rest string, there bool) {
	values := c.request().Header["Authorization"]
	if len(values) == 0 {
		return "", "", false
	}
	scheme, rest, _ = strings.Cut(values[0], " ")
	return scheme, rest, true
}

// bearer returns the access token that a request carries in its header.
func (c *Case) bearer() string {
	scheme, rest, _ := c.authorization()
	if strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "DPoP") {
		return strings.TrimSpace(rest)
	}
	return ""
}

// pair is what a Basic header holds (RFC 7617).
type pair struct {
	id, secret string
	there      bool
	wrong      string // why it cannot be read, empty where it can
}

func (c *Case) basic() pair {
	scheme, rest, there := c.authorization()
	if !there || !strings.EqualFold(scheme, "Basic") {
		return pair{}
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return pair{there: true, wrong: "what follows Basic is not base64"}
	}
	id, secret, ok := strings.Cut(string(raw), ":")
	switch {
	case !ok:
		return pair{there: true, wrong: "the decoded text has no colon between id and secret"}
	case id == "":
		return pair{there: true, wrong: "the client id before the colon is empty", secret: secret}
	case secret == "":
		return pair{there: true, wrong: "the secret behind the colon is empty", id: id}
	}
	return pair{id: id, secret: secret, there: true}
}

// proof is an assertion that a token request carries.
type proof struct {
	name  string // of its parameter: "assertion" or "client_assertion"
	text  string
	token *assertions.Token // nil where it cannot be read at all
	err   error             // what is malformed
}

// proofs returns the assertions of a token request that are more than a placeholder.
func (c *Case) proofs() []proof {
	if c.read.proven {
		return c.read.proofs
	}
	c.read.proven = true
	if c.role() != TokenRequest {
		return nil
	}
	for _, p := range c.params() {
		if p.name != "assertion" && p.name != "client_assertion" || unfilled(p.value) != "" {
			continue
		}
		token, err := assertions.Inspect(p.value)
		c.read.proofs = append(c.read.proofs, proof{p.name, p.value, token, err})
	}
	return c.read.proofs
}

// proof returns the first assertion whose claims can be read, or nil.
func (c *Case) proof() *proof {
	list := c.proofs()
	for i := range list {
		if list[i].token != nil {
			return &list[i]
		}
	}
	return nil
}

// clientID returns the client ID that the request or the configuration names, and where it stands.
func (c *Case) clientID() (id, where string) {
	if id := c.value("client_id"); id != "" {
		return id, "the form's client_id"
	}
	if p := c.basic(); p.id != "" && c.role() == TokenRequest {
		if plain, err := url.QueryUnescape(p.id); err == nil {
			return plain, "the Basic header"
		}
		return p.id, "the Basic header"
	}
	if c.Token.ClientID != "" {
		return c.Token.ClientID, "client_id of the oauth2 block"
	}
	return c.Environment.ClientID, environmentsClient
}

const environmentsClient = "client_id of the environment"
