package runner

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
)

// cookies are those that the answers of a round set. Those of setup remember what they were given, so that each row can begin with
// them.
type cookies struct {
	*cookiejar.Jar
	remembers bool
	mu        sync.Mutex
	given     []setCookies
}

// setCookies are the cookies of one answer.
type setCookies struct {
	url     *url.URL
	cookies []*http.Cookie
}

func newCookies() *cookies {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &cookies{Jar: jar}
}

// SetCookies implements http.CookieJar.
func (c *cookies) SetCookies(u *url.URL, list []*http.Cookie) {
	if c.remembers {
		c.mu.Lock()
		c.given = append(c.given, setCookies{u, list})
		c.mu.Unlock()
	}
	c.Jar.SetCookies(u, list)
}

// copied returns a jar that was given the same, and does not remember it.
func (c *cookies) copied() *cookies {
	jar := newCookies()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.given {
		jar.Jar.SetCookies(g.url, g.cookies)
	}
	return jar
}
