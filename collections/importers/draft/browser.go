package draft

import (
	"slices"
	"strings"
)

// WithoutBrowser returns the headers without those that a browser adds by itself, and how many these are. Headers without any
// that only browsers send come back as they are.
func WithoutBrowser(headers []Field) (kept []Field, left int) {
	own := func(f Field) bool {
		name := strings.ToLower(f.Name)
		return strings.HasPrefix(name, "sec-") || name == "upgrade-insecure-requests"
	}
	if !slices.ContainsFunc(headers, own) {
		return headers, 0
	}
	for _, f := range headers {
		switch name := strings.ToLower(f.Name); {
		case own(f), slices.Contains([]string{"user-agent", "accept-language", "accept-encoding", "referer", "origin", "priority", "dnt", "te", "pragma", "cache-control", "connection", "if-none-match", "if-modified-since"}, name):
			left++
		default:
			kept = append(kept, f)
		}
	}
	return kept, left
}
