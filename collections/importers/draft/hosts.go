package draft

import (
	"net/url"
	"slices"
	"strings"
)

// Origin returns a URL with a variable in the place of its scheme and host, so that an environment can be another deployment.
func (c *Collection) Origin(text string) string {
	end, host := strings.Index(text, "://"), 0
	if end >= 0 {
		host = end + 3
	}
	origin := text
	if rest := strings.IndexAny(text[host:], "/?#"); rest >= 0 {
		origin = text[:host+rest]
	}
	if strings.Contains(origin, "{{") {
		c.templateHost(strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://"))
		return text
	}
	u, err := url.Parse(origin)
	if err != nil || end < 0 || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return text
	}
	name, ok := c.origins[strings.ToLower(origin)]
	if !ok {
		name = "base_url"
		if len(c.origins) > 0 || c.Environments[0].Variables.Has("base_url") {
			first, _, _ := strings.Cut(u.Hostname(), ".")
			name = Name(first) + "_url"
		}
		name = strings.Trim(c.Variable(name, origin), "{}")
		c.origins[strings.ToLower(origin)] = name
	}
	c.host(u.Host)
	return "{{" + name + "}}" + text[len(origin):]
}

// Shell returns a template for a value that comes from a variable of the shell and is no secret.
func (c *Collection) Shell(name string) string {
	secrets := c.Environments[0].Secrets
	if !secrets.Has(name) {
		secrets.Set(name, M("env", strings.ToUpper(name), "secret", false))
		c.imported = append(c.imported, name)
	}
	return "{{" + name + "}}"
}

// Import adds a secret to the first environment, and so to all, unless it is there.
func (c *Collection) Import(name string, secret *Map) {
	if env := c.Environments[0]; !env.Secrets.Has(name) && !env.Variables.Has(name) {
		env.Secrets.Set(name, secret)
	}
	c.imported = append(c.imported, name)
}

// Template lets secrets go to what a template of the environment stands for: "{{base_url}}".
func (c *Collection) Template(template string) { c.host(template) }

// Host lets secrets go to the host of a URL.
func (c *Collection) Host(address string) {
	if u, err := url.Parse(address); err == nil && u.Host != "" && !strings.Contains(u.Host, "{{") {
		c.host(u.Host)
	}
}

func (c *Collection) host(host string) {
	if !slices.Contains(c.hosts, host) {
		c.hosts = append(c.hosts, host)
	}
}

// templateHost keeps the host of an address that has a template in it: {{host}}:8080/path, {{base_url}}/path.
func (c *Collection) templateHost(address string) {
	end := 0
	for end < len(address) && !strings.ContainsRune("/?#", rune(address[end])) {
		if inner := strings.Index(address[end:], "}}"); strings.HasPrefix(address[end:], "{{") && inner > 0 {
			end += inner
		}
		end++
	}
	c.host(address[:min(end, len(address))])
}

// hostsOf returns the hosts that an environment can tell: those whose names it defines.
func (c *Collection) hostsOf(e *Environment) []any {
	var hosts []any
	own, _ := c.Top.Get("variables").(*Map)
	for _, h := range c.hosts {
		if first, _, ok := strings.Cut(strings.TrimPrefix(h, "{{"), "}}"); ok && own.Has(first) {
			return nil // only the collection can tell, so that a list would be too short
		}
		known := true
		for rest := h; known; {
			_, after, ok := strings.Cut(rest, "{{")
			if !ok {
				break
			}
			name, after, _ := strings.Cut(after, "}}")
			known = e.Variables.Has(name) && e.Variables.Get(name) != "" || e.Secrets.Has(name)
			rest = after
		}
		if value, ok := e.Variables.Get(strings.Trim(h, "{}")).(string); ok && known {
			if u, err := url.Parse(value); err == nil && u.Host != "" && !strings.Contains(u.Host, "{{") {
				h = u.Host
			}
		}
		if known && !slices.Contains(hosts, any(h)) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
