package expect

import (
	"net/url"
	"slices"
	"strings"
)

// openAPIRoute is where an action is found: the path of a server and its own.
type openAPIRoute struct {
	action   *openAPIAction
	segments []openAPISegment
}

// openAPISegment is what stands between two slashes of a path: the literal texts around its parameters. One literal alone
// has no parameter.
type openAPISegment []string

// newSegment takes report-{id}.{format} apart.
func newSegment(s string) openAPISegment {
	var literals openAPISegment
	for {
		before, behind, ok := strings.Cut(s, "{")
		if _, rest, closed := strings.Cut(behind, "}"); ok && closed {
			literals = append(literals, before)
			s = rest
			continue
		}
		if plain, err := url.PathUnescape(s); err == nil && len(literals) == 0 {
			s = plain
		}
		return append(literals, s)
	}
}

func (s openAPISegment) literal() bool { return len(s) == 1 }

// fits reports whether a part of a URL is such a segment. A parameter is never empty.
func (s openAPISegment) fits(part string) bool {
	if s.literal() {
		return part == s[0]
	}
	rest, ok := strings.CutPrefix(part, s[0])
	if !ok {
		return false
	}
	for _, next := range s[1 : len(s)-1] {
		at := strings.Index(rest[min(1, len(rest)):], next)
		if at < 0 || rest == "" {
			return false
		}
		rest = rest[1+at+len(next):]
	}
	end := s[len(s)-1]
	return len(rest) > len(end) && strings.HasSuffix(rest, end)
}

func segments(path string) []openAPISegment {
	var all []openAPISegment
	for s := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		all = append(all, newSegment(s))
	}
	return all
}

// route notes where the actions are found.
func (d *openAPI) route() {
	for _, a := range d.actions {
		for _, base := range a.bases {
			r := &openAPIRoute{a, segments(base + a.path)}
			d.routes[len(r.segments)] = append(d.routes[len(r.segments)], r)
		}
	}
}

func (r *openAPIRoute) fits(parts []string) bool {
	for i, s := range r.segments {
		if !s.fits(parts[i]) {
			return false
		}
	}
	return true
}

// before reports whether a route is the more concrete of two that fit: OpenAPI prefers what is written out to parameters.
func (r *openAPIRoute) before(other *openAPIRoute) bool {
	for i, s := range r.segments {
		if o := other.segments[i]; s.literal() != o.literal() {
			return s.literal()
		} else if len(s) != len(o) || len(s[0]) != len(o[0]) {
			return len(strings.Join(s, "")) > len(strings.Join(o, ""))
		}
	}
	return false
}

// find returns the action of a request, or says what the document describes instead.
func (d *openAPI) find(method, address string) (action *openAPIAction, missing string) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "cannot be compared with " + quote(address)
	}
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = plain
		}
	}
	var best *openAPIRoute
	for _, r := range d.routes[len(parts)] {
		if r.fits(parts) && (best == nil || r.before(best) || r.action.method == method && !best.before(r)) {
			best = r
		}
	}
	switch {
	case best == nil:
		return nil, "describes no path that " + u.Path + " fits; " + d.instead(parts)
	case best.action.method == method:
		return best.action, ""
	}
	var methods []string
	for _, a := range d.actions {
		if a.path == best.action.path {
			methods = append(methods, a.method)
		}
	}
	return nil, "describes no " + method + " of " + best.action.path + ", only " + strings.Join(methods, ", ")
}

// instead lists the paths, or names the one that fits behind the path of another server.
func (d *openAPI) instead(parts []string) string {
	for _, a := range d.actions {
		own := &openAPIRoute{a, segments(a.path)}
		if n := len(parts) - len(own.segments); n >= 0 && own.fits(parts[n:]) && a.path != "/" {
			return a.path + " would fit below " + quote("/"+strings.Join(parts[:n], "/")) + ", but " + a.elsewhere() + d.byName(a)
		}
	}
	var paths []string
	for _, a := range d.actions {
		for _, base := range a.bases {
			if !slices.Contains(paths, base+a.path) {
				paths = append(paths, base+a.path)
			}
		}
	}
	return "it describes " + some(paths)
}

// elsewhere says where the servers of an action are.
func (a *openAPIAction) elsewhere() string {
	if len(a.bases) == 1 && a.bases[0] == "" {
		return "servers: say nothing of that"
	}
	return "servers: say " + strings.Join(a.bases, ", ")
}

// byName tells how to name an action that is not found by its path.
func (d *openAPI) byName(a *openAPIAction) string {
	if a.id == "" {
		return "; give it an operationId, and name that: {file: " + d.name + ", operation: …}"
	}
	return "; name it: {file: " + d.name + ", operation: " + a.id + "}"
}
