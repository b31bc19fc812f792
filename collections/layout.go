package collections

import "github.com/hgrun/hgrun/internal/source"

// Layout returns the order in which hgrun fmt writes the keys of a collection: what something is called first, then when
// it runs, what it sends, and what must come back. The order of everything below these keys has a meaning, or is taste.
func Layout() *source.Layout {
	item := &source.Layout{Order: []string{
		"name", "description", "tags", "when", "for_each", "repeat", "once", "include", "with", "returns", "session", "variables", "set", "delay",
		"request", "auth", "assertion", "query", "headers", "json", "form", "multipart", "text", "xml", "graphql", "file",
		"timeout", "follow_redirects", "max_body", "max_download", "retry", "paginate", "async", "until", "every", "for", "expect", "capture", "collect", "script",
		"setup", "requests", "teardown",
	}}
	items := &source.Layout{Items: item}
	item.Below = map[string]*source.Layout{"setup": items, "requests": items, "teardown": items}
	return &source.Layout{
		Order: []string{
			"name", "description", "tags", "variables", "sessions", "session", "auths", "auth", "headers", "timeout", "follow_redirects", "max_body", "max_download",
			"script", "data", "setup", "requests", "teardown",
		},
		Below: item.Below,
	}
}
