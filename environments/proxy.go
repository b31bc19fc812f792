package environments

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/vars"
)

// ProxyFunc returns the proxy of each URL, as http.Transport.Proxy wants it, or nil where proxy: is not set: then
// http.ProxyFromEnvironment decides. "none" means no proxy whatever the environment variables say. The password of
// the proxy is hidden in s. The error is a *source.Error and does not hold it.
func (e *Environment) ProxyFunc(s *vars.Scope) (func(*url.URL) (*url.URL, error), error) {
	text, err := e.Proxy.Expand(s)
	if err != nil || text == "" {
		return nil, err
	}
	u, err := parseProxy(text)
	if err != nil {
		return nil, place(e.Proxy).Errorf("%w", err)
	}
	if pw, has := password(u); has {
		if len(pw) < minSecret {
			return nil, place(e.Proxy).Errorf("proxy: a password shorter than %d bytes cannot be masked", minSecret)
		}
		s.Hide("proxy password", pw)
		s.Hide("proxy password", escapedPassword(text))
	}
	return func(*url.URL) (*url.URL, error) { return u, nil }, nil
}

// parseProxy reads a proxy's URL; nil stands for none. Its errors do not repeat the text, which may hold a password.
func parseProxy(text string) (*url.URL, error) {
	if text == "none" {
		return nil, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("proxy: want a URL such as http://proxy.example.com:3128, or none (a % @ or / in a password is written %25 %40 %2F)")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("proxy: unknown scheme %q; known here: http, https, socks5, socks5h", u.Scheme)
}

func password(u *url.URL) (string, bool) {
	if u == nil || u.User == nil {
		return "", false
	}
	pw, has := u.User.Password()
	return pw, has && pw != ""
}

// escapedPassword is the password as the URL writes it.
func escapedPassword(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	user, _, _ := strings.Cut(text, "/")
	user = user[:max(strings.LastIndexByte(user, '@'), 0)]
	_, pw, _ := strings.Cut(user, ":")
	return pw
}
