package script

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// cookie is a cookie in the words of js/collection.js.
type cookie struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Domain   string `json:"domain,omitempty"`
	Path     string `json:"path,omitempty"`
	MaxAge   int    `json:"maxAge,omitempty"`
	Expires  string `json:"expires,omitempty"`
	Secure   bool   `json:"secure,omitempty"`
	HTTPOnly bool   `json:"httpOnly,omitempty"`
}

func shownCookie(c *http.Cookie) cookie {
	return cookie{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, MaxAge: c.MaxAge, Expires: c.RawExpires, Secure: c.Secure, HTTPOnly: c.HttpOnly}
}

// cookies lists the cookies for a URL, or changes them: list, set, unset, clear. Without a URL it is that of the request.
func (b *box) cookies(args []any) (any, error) {
	what, address, text := word(args, 0), word(args, 1), word(args, 2)
	e := b.turn.event
	if address == "" && e.Exchange != nil {
		address = e.Exchange.Request.URL
	} else if address == "" && e.Request != nil {
		address = e.Request.URL
	}
	u, err := url.Parse(address)
	if e.Cookies == nil || what == "list" && (err != nil || u.Host == "") {
		return "[]", nil
	}
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("pm.cookies.jar: want the URL of a site, got %q", address)
	}
	if err := changeCookies(e.Cookies, u, what, text); err != nil {
		return nil, err
	}
	list := []cookie{}
	for _, c := range e.Cookies.Cookies(u) {
		list = append(list, shownCookie(c))
	}
	made, err := json.Marshal(list)
	return string(made), err
}

func changeCookies(jar http.CookieJar, u *url.URL, what, text string) error {
	switch what {
	case "set":
		var c cookie
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return fmt.Errorf("pm.cookies.jar: no cookie: %w", err)
		}
		jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, MaxAge: c.MaxAge, Secure: c.Secure, HttpOnly: c.HTTPOnly}})
	case "unset", "clear":
		for _, c := range jar.Cookies(u) {
			if what == "clear" || c.Name == text {
				jar.SetCookies(u, []*http.Cookie{{Name: c.Name, MaxAge: -1}, {Name: c.Name, MaxAge: -1, Path: "/"}})
			}
		}
	}
	return nil
}
