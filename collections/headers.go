package collections

import (
	"net/textproto"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Header is a header of a request. One without values takes away what is inherited.
type Header struct {
	Pos    source.Pos
	Name   string // as net/http writes it: Content-Type
	Values []vars.Template
}

func (s *settings) readHeaders(n source.Node) {
	for _, e := range n.Entries() {
		name := e.Name()
		if !isToken(name) {
			e.Key.Errorf("%q cannot be the name of a header", name)
			continue
		}
		h := Header{Pos: e.Value.Pos(), Name: textproto.CanonicalMIMEHeaderKey(name)}
		switch {
		case hasHeader(s.headers, h.Name):
			e.Key.Errorf("header %s stands here a second time; give it a list of values", h.Name)
			continue
		case e.Value.IsNull():
		case e.Value.IsList():
			for _, item := range e.Value.Items() {
				h.Values = append(h.Values, headerValue(item, name))
			}
		default:
			h.Values = []vars.Template{headerValue(e.Value, name)}
		}
		s.headers = append(s.headers, h)
	}
}

func headerValue(n source.Node, name string) vars.Template {
	var t vars.Template
	t.Read(n)
	if strings.ContainsFunc(t.Outline(""), isControl) {
		n.Errorf("header %s: the value has a line break or another control character in it", name)
	}
	return t
}

// isControl reports whether a character cannot stand in the value of a header (RFC 9110, section 5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isToken reports whether text can be the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

func hasHeader(headers []Header, name string) bool {
	return slices.ContainsFunc(headers, func(h Header) bool { return h.Name == name })
}

// mergeHeaders returns the outer headers with the inner ones in their places. The outer list stays as it is.
func mergeHeaders(outer, inner []Header) []Header {
	merged := make([]Header, 0, len(outer)+len(inner))
	for _, h := range outer {
		if !hasHeader(inner, h.Name) {
			merged = append(merged, h)
		}
	}
	for _, h := range inner {
		if len(h.Values) > 0 {
			merged = append(merged, h)
		}
	}
	return merged
}
