package runner

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

// follow returns the request that a redirect asks for (RFC 9110, section 15.4). To another origin it carries no credentials,
// and a body that holds a secret is not sent there at all.
func follow(req *wire.Request, status int, location string, secrets *vars.Secrets) (*wire.Request, error) {
	from, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	to, err := from.Parse(location)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, fmt.Errorf("redirected with status %d to %q, which is no URL", status, location)
	}
	to.Fragment = ""
	next := &wire.Request{Method: req.Method, URL: to.String(), Header: req.Header.Clone(), Body: req.Body}
	if status == http.StatusSeeOther && req.Method != http.MethodHead || status < 303 && req.Method == http.MethodPost {
		next.Method, next.Body = http.MethodGet, nil
		for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding"} {
			next.Header.Del(name)
		}
	}
	if from.Scheme == to.Scheme && from.Host == to.Host {
		return next, nil
	}
	if mask, found := secrets.Holds(string(next.Body)); found {
		return nil, fmt.Errorf("redirected with status %d to another host, %s; the body holds %s and is not sent there", status, to.Host, mask)
	}
	dropCredentials(next.Header, secrets)
	return next, nil
}

// dropCredentials removes what must not cross to another origin: the headers made for credentials, and any that holds a secret.
func dropCredentials(h http.Header, secrets *vars.Secrets) {
	h.Del("Host")
	for name, values := range h {
		if isCredential(name) || slices.ContainsFunc(values, func(v string) bool { _, found := secrets.Holds(v); return found }) {
			h.Del(name)
		}
	}
}
