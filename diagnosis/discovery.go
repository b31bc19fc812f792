package diagnosis

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Discovery is what a server publishes of itself (RFC 8414; SMART App Launch 2.2).
type Discovery struct {
	URL           string   `json:"-"` // where it was read
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	Grants        []string `json:"grant_types_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Scopes        []string `json:"scopes_supported"`
	Capabilities  []string `json:"capabilities"`
}

// ReadDiscovery reads a metadata document that was fetched from address; nil for anything else.
func ReadDiscovery(address string, body []byte) *Discovery {
	if len(body) > maxParams {
		return nil
	}
	d := &Discovery{}
	if json.Unmarshal(body, d) != nil || d.Issuer == "" && d.TokenEndpoint == "" {
		return nil
	}
	d.URL = address
	return d
}

// discovery returns what is known of the server; never nil.
func (c *Case) discovery() *Discovery {
	if c.Discovery != nil {
		return c.Discovery
	}
	if c.History != nil {
		if d := c.History.discovered(c.request().URL); d != nil {
			return d
		}
	}
	return &Discovery{}
}

func contains(list []string, word string) bool { return slices.Contains(list, word) }

// hostname is the host of a URL without its port, in lower case.
func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// origin is scheme, host and port of a URL.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// namesToken reports whether tokenPath can hold of a URL: every one that it holds of has the last letter of "token" in its last segment,
// or an escape.
func namesToken(address string) bool {
	path := withoutQuery(address)
	last := strings.TrimRight(path, "/")
	last = last[strings.LastIndexByte(last, '/')+1:]
	return len(last) >= len("token") && (strings.EqualFold(last[len(last)-len("token"):], "token") || strings.Contains(last, "%"))
}

// tokenPath reports whether a path is named as token endpoints are.
func tokenPath(path string) bool {
	path = strings.ToLower(strings.Trim(path, "/"))
	last := path[strings.LastIndexByte(path, '/')+1:]
	if last != "token" && last != "access_token" && last != "accesstoken" {
		return false
	}
	for _, word := range []string{"oauth", "auth", "connect", "oidc", "openid", "sso", "as", "identity"} {
		for segment := range strings.SplitSeq(path, "/") {
			if segment == word || strings.HasPrefix(segment, "oauth") || segment == "api" && strings.Contains(path, "/auth/") {
				return true
			}
		}
	}
	return path == "token"
}

// deployment tells what a host name says about itself: "test" for sandbox, staging and the like, "production" otherwise,
// "" for addresses and names of this machine.
func deployment(host string) string {
	if host == "" || host == "localhost" || strings.Trim(host, "0123456789.:[]abcdef") == "" {
		return ""
	}
	words := strings.FieldsFunc(host, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for _, w := range words {
		switch w {
		case "sandbox", "sbx", "stage", "staging", "stg", "test", "testing", "qa", "uat", "dev", "develop", "development", "demo",
			"preprod", "preview", "int", "integration", "nonprod":
			return "test"
		}
	}
	return "production"
}

// deploymentOf reads the name of an environment in the same way.
func deploymentOf(name string) string {
	switch d := deployment(strings.ToLower(name)); {
	case d == "test":
		return d
	case strings.Contains(strings.ToLower(name), "prod") || strings.EqualFold(name, "live"):
		return "production"
	}
	return ""
}

// domain is the end of a host name that deployments of one server share: its last two labels.
func domain(address string) string {
	labels := strings.Split(hostname(address), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
