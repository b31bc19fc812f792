package expect

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// cookieAttributes is the table of what stands behind the value in Set-Cookie (RFC 6265, section 4.1).
func cookieAttributes() map[string]func(*http.Cookie) value {
	word := func(s string) value {
		if s == "" {
			return value{}
		}
		return value{kind: text, text: s}
	}
	return map[string]func(*http.Cookie) value{
		"Expires":  func(c *http.Cookie) value { return word(c.RawExpires) },
		"Domain":   func(c *http.Cookie) value { return word(c.Domain) },
		"Path":     func(c *http.Cookie) value { return word(c.Path) },
		"Secure":   func(c *http.Cookie) value { return value{kind: boolean, yes: c.Secure} },
		"HttpOnly": func(c *http.Cookie) value { return value{kind: boolean, yes: c.HttpOnly} },
		"Max-Age":  maxAge,
		"SameSite": func(c *http.Cookie) value { return word(sameSite(c.SameSite)) },
	}
}

func maxAge(c *http.Cookie) value {
	switch {
	case c.MaxAge < 0:
		return value{kind: number, text: "0"} // net/http's word for Max-Age=0: delete it
	case c.MaxAge == 0:
		return value{}
	}
	return value{kind: number, text: strconv.Itoa(c.MaxAge)}
}

func sameSite(s http.SameSite) string {
	switch s {
	case http.SameSiteLaxMode:
		return "Lax"
	case http.SameSiteStrictMode:
		return "Strict"
	case http.SameSiteNoneMode:
		return "None"
	}
	return ""
}

// cookieQuery finds a cookie that the response sets, or an attribute of it. Where a cookie is set twice the last one
// counts, as it does for a browser.
type cookieQuery struct {
	name      string
	attribute string // "Max-Age"; empty for the value
	of        func(*http.Cookie) value
}

// readCookieQuery reads session or session.HttpOnly. The name of a cookie may have dots of its own.
func readCookieQuery(n source.Node) Query {
	name := n.Text()
	if name == "" {
		n.Errorf("a cookie needs a name")
		return nil
	}
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		for attribute, of := range cookieAttributes() {
			if strings.EqualFold(attribute, name[dot+1:]) {
				return cookieQuery{name[:dot], attribute, of}
			}
		}
	}
	return cookieQuery{name, "", func(c *http.Cookie) value { return value{kind: text, text: c.Value} }}
}

func (c cookieQuery) String() string {
	if c.attribute != "" {
		return "cookie " + c.name + "." + c.attribute
	}
	return "cookie " + c.name
}

// Find returns a string, a bool for Secure and HttpOnly, a json.Number for Max-Age, or Absent.
func (c cookieQuery) Find(a *Answer) (any, error) { v, _ := c.look(a); return v.box(), nil }

func (c cookieQuery) look(a *Answer) (value, error) {
	cookies := a.setCookies()
	for i := len(cookies) - 1; i >= 0; i-- {
		if cookies[i].Name == c.name {
			return c.of(cookies[i]), nil
		}
	}
	return value{}, nil
}

// setCookies returns the cookies that the response sets. What is no cookie is left out.
func (a *Answer) setCookies() []*http.Cookie {
	if a.parsed.cookies == nil {
		a.parsed.cookies = append([]*http.Cookie{}, (&http.Response{Header: a.response.Header}).Cookies()...)
	}
	return a.parsed.cookies
}

func (c cookieQuery) flag() bool { return c.attribute == "Secure" || c.attribute == "HttpOnly" }

func (c cookieQuery) operand(v any) (any, error) {
	if c.flag() || c.attribute == "Max-Age" {
		return v, nil
	}
	return amongTexts(v, "a cookie")
}

func (c cookieQuery) refuse(word string) string {
	if word == "exists" && c.flag() {
		return c.attribute + " is true or false, so it always exists; write " + c.name + "." + c.attribute + ": true"
	}
	return ""
}

func (c cookieQuery) hint(a *Answer) string {
	var names []string
	for _, set := range a.setCookies() {
		if set.Name == c.name {
			return ""
		}
		names = append(names, set.Name)
	}
	if len(names) == 0 {
		return "the response sets no cookies"
	}
	return "the response sets " + some(names)
}
