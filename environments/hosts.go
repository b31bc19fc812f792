package environments

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Guard knows where the secrets of an environment may go. The zero Guard lets them go anywhere.
type Guard struct {
	environment string
	hosts       []host // nil means anywhere
}

// host is one entry of hosts:.
type host struct {
	text   string // as the user wrote it, for messages
	scheme string // empty means any
	name   string // in lower case; of *.domain, .domain
	port   string // empty means any
	below  bool   // any name below name
}

// Allows expands hosts: and returns what they allow. The error is a *source.Error.
func (e *Environment) Allows(s *vars.Scope) (Guard, error) {
	g := Guard{environment: e.Name}
	for _, t := range e.Hosts {
		text, err := t.Expand(s)
		if err != nil {
			return Guard{}, err
		}
		h, err := parseHost(text)
		if err != nil {
			return Guard{}, place(t).Errorf("%w", err)
		}
		g.hosts = append(g.hosts, h)
	}
	return g, nil
}

// place is where a template's first name stands, or nowhere.
func place(t vars.Template) source.Pos {
	for _, use := range t.Uses() {
		return use.Pos
	}
	return source.Pos{}
}

// parseHost reads host, host:port, *.domain, or a URL, of which scheme, host and port count.
func parseHost(text string) (host, error) {
	h := host{text: text}
	rest := text
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || portOf(u) == "" {
			return h, errors.New("hosts: want a host such as api.example.com, got a URL that is neither http nor https, or has no host")
		}
		h.scheme, h.text = strings.ToLower(u.Scheme), u.Scheme+"://"+u.Host
		rest = net.JoinHostPort(u.Hostname(), portOf(u))
	}
	if name, port, err := net.SplitHostPort(rest); err == nil {
		h.port, rest = port, name
		if port == "" {
			return h, fmt.Errorf("hosts: want a port behind the colon of %q", text)
		}
	} else {
		rest = strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]")
	}
	h.name = canonical(rest)
	if domain, ok := strings.CutPrefix(h.name, "*."); ok {
		h.below, h.name = true, "."+domain
	}
	switch _, err := netip.ParseAddr(h.name); {
	case h.name == "*":
		return h, errors.New(`hosts: "*" allows everything; leave hosts: out to say so`)
	case strings.Contains(h.name, "*"):
		return h, fmt.Errorf("hosts: %q: a * stands only at the start, as in *.example.com", h.text)
	case strings.Trim(h.name, ".") == "", err != nil && strings.ContainsAny(h.name, "/:@?# \t"):
		return h, fmt.Errorf("hosts: want a host such as api.example.com, api.example.com:8443 or *.example.com, got %q", h.text)
	}
	return h, nil
}

// Host returns an error for a URL that secrets must not go to.
func (g Guard) Host(rawURL string) error {
	if g.hosts == nil {
		return nil
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("a URL without a host is not in hosts: of environment %s (%s)", g.environment, g.list())
	}
	name, port := canonical(u.Hostname()), portOf(u)
	if slices.ContainsFunc(g.hosts, func(h host) bool { return h.allows(u.Scheme, name, port) }) {
		return nil
	}
	shown := u.Host
	if slices.ContainsFunc(g.hosts, func(h host) bool { return h.allows(h.scheme, name, h.port) }) { // scheme or port made the difference
		shown = u.Scheme + "://" + net.JoinHostPort(u.Hostname(), port)
	}
	return fmt.Errorf("host %s is not in hosts: of environment %s (%s); a secret would leave for it", shown, g.environment, g.list())
}

func (h host) allows(scheme, name, port string) bool {
	if h.scheme != "" && h.scheme != scheme || h.port != "" && h.port != port {
		return false
	}
	if h.below {
		return strings.HasSuffix(name, h.name) && len(name) > len(h.name)
	}
	return name == h.name
}

func (g Guard) list() string {
	texts := make([]string, len(g.hosts))
	for i, h := range g.hosts {
		texts[i] = h.text
	}
	return strings.Join(texts, ", ")
}

// canonical writes a host so that equal hosts are equal texts: lower case, no dot at the end, addresses in short form.
func canonical(name string) string {
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// portOf returns the port that a request to u goes to.
func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}

// Writes returns an error for a method that a protected environment does not allow (RFC 9110, section 9.2.1).
// Token exchanges are not asked: they write nothing that anybody would miss.
func (e *Environment) Writes(method string) error {
	if !e.Protected || method == "GET" || method == "HEAD" || method == "OPTIONS" {
		return nil
	}
	return fmt.Errorf("environment %s is protected, and %s may write; only GET, HEAD, OPTIONS and token exchanges run, unless --allow-writes is given", e.Name, method)
}
