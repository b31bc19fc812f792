package environments

import "github.com/hgrun/hgrun/internal/source"

// Layout returns the order in which hgrun fmt writes the keys of an environment.
func Layout() *source.Layout {
	return &source.Layout{Order: []string{"extends", "name", "variables", "secrets", "hosts", "protected", "phi", "tls", "proxy"}}
}
