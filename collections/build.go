package collections

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// Build returns the request as it is sent, without what auth adds: names replaced, the URL absolute and escaped, the
// body in bytes with its Content-Type. The error is a *source.Error at the place of what is wrong.
func (m *Message) Build(s *vars.Scope) (*wire.Request, error) {
	target, err := m.target(s)
	if err != nil {
		return nil, err
	}
	header, err := m.header(s)
	if err != nil {
		return nil, err
	}
	req := &wire.Request{Method: m.Method, URL: target, Header: header}
	if m.body == nil {
		return req, nil
	}
	content, contentType, err := m.body.build(s, header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	if content == nil {
		content = []byte{}
	}
	header["Content-Type"] = []string{contentType}
	req.Body = content
	return req, nil
}

func (m *Message) header(s *vars.Scope) (http.Header, error) {
	header := make(http.Header, len(m.Headers)+2) // Content-Type and Authorization may come
	for _, h := range m.Headers {
		values := make([]string, len(h.Values))
		for i, v := range h.Values {
			text, err := v.Expand(s)
			if err != nil {
				return nil, err
			}
			if strings.ContainsFunc(text, isControl) {
				return nil, h.Pos.Errorf("header %s: the value has a line break or another control character in it", h.Name)
			}
			values[i] = text
		}
		header[h.Name] = values
	}
	return header, nil
}

// target returns the absolute URL with query: appended and without a fragment.
func (m *Message) target(s *vars.Scope) (string, error) {
	text, err := m.URL.Expand(s)
	if err != nil {
		return "", err
	}
	text, err = checked(m.absolute(text))
	if err != nil {
		return "", m.Pos.Errorf("%w", err)
	}
	if len(m.query) == 0 {
		return text, nil
	}
	var b strings.Builder
	if err := encode(&b, m.query, s); err != nil {
		return "", err
	}
	switch before, own, found := strings.Cut(text, "?"); {
	case b.Len() == 0:
		return text, nil
	case !found:
		return before + "?" + b.String(), nil
	case own == "" || strings.HasSuffix(own, "&"):
		return text + b.String(), nil
	}
	return text + "&" + b.String(), nil
}

// absolute puts http:// before an address without a scheme, where the message is lenient.
func (m *Message) absolute(text string) string {
	if m.lenient && !strings.Contains(text, "://") {
		return "http://" + text
	}
	return text
}

// checked returns an expanded URL as it is sent: what a URL cannot hold is escaped, what is escaped already stays, the
// fragment goes. It must be absolute.
func checked(text string) (string, error) {
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
		return "", fmt.Errorf("the URL has a control character (%s) in it; a variable may end in a line break", strconv.QuoteRune(rune(text[i])))
	}
	text, _, _ = strings.Cut(text, "#")
	text = escape(text)
	u, err := url.Parse(text)
	switch {
	case err != nil:
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return "", fmt.Errorf("the URL %q is not valid: %w", text, err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		return "", fmt.Errorf("the URL %q is not absolute; want http:// or https:// at its start", text)
	case u.Hostname() == "":
		return "", fmt.Errorf("the URL %q has no host", text)
	}
	return text, nil
}

// escape percent-encodes what no URL can hold (RFC 3986, section 2), and a % that escapes nothing.
func escape(text string) string {
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		ok := urlByte(c)
		if c == '%' {
			ok = i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2])
		}
		switch {
		case ok && b != nil:
			b = append(b, c)
		case !ok:
			if b == nil {
				b = append(make([]byte, 0, len(text)+16), text[:i]...)
			}
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	if b == nil {
		return text
	}
	return string(b)
}

// urlByte reports whether a byte stands for itself somewhere in a URL.
func urlByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
