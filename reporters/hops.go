package reporters

import (
	"net/http"

	"github.com/hgrun/hgrun/runner"
)

// hopTo is where a redirect led to.
func hopTo(d *runner.Detail, i int) string {
	if i+1 < len(d.Hops) {
		return d.Hops[i+1].URL
	}
	return d.URL
}

// redirected is the method of the request that a redirect led to, and whether that had the same body (RFC 9110, section 15.4).
func redirected(method string, status int) (to string, same bool) {
	if status == http.StatusSeeOther && method != http.MethodHead || status < 303 && method == http.MethodPost {
		return http.MethodGet, false
	}
	return method, true
}
