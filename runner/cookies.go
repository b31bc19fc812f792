package runner

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
)

// cookies are those that the answers of a round set. Those of setup remember what they were given, so that each row can begin with
// them. The zero value is ready; it has no jar of its own before the first cookie comes, because most rounds see none.
type cookies struct {
	remembers bool
	mu        sync.Mutex
	jar       *cookiejar.Jar // nil before the first cookie
	given     []setCookies
}

// setCookies are the cookies of one answer.
type setCookies struct {
	url     *url.URL
	cookies []*http.Cookie
}

// Cookies implements http.CookieJar.
func (c *cookies) Cookies(u *url.URL) []*http.Cookie {
	c.mu.Lock()
	jar := c.jar
	c.mu.Unlock()
	if jar == nil {
		return nil
	}
	return jar.Cookies(u)
}

// SetCookies implements http.CookieJar.
func (c *cookies) SetCookies(u *url.URL, list []*http.Cookie) {
	c.mu.Lock()
	if c.remembers {
		c.given = append(c.given, setCookies{u, list})
	}
	if c.jar == nil {
		c.jar, _ = cookiejar.New(nil) // never fails without options
	}
	jar := c.jar
	c.mu.Unlock()
	jar.SetCookies(u, list)
}

// copied returns a jar that was given the same, and does not remember it.
func (c *cookies) copied() *cookies {
	other := &cookies{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.given {
		other.SetCookies(g.url, g.cookies)
	}
	return other
}
