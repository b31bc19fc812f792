package collections

import (
	"net/textproto"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Place returns where a part of the message is written: "method", "url", "header Accept", "query patient", "form scope".
// literal means that no variable brings the value; the zero Pos, that the message does not have the part.
func (m *Message) Place(of string) (pos source.Pos, literal bool) {
	group, name, _ := strings.Cut(of, " ")
	switch group {
	case "method", "url":
		return m.Pos, m.URL.Static()
	case "header":
		name = textproto.CanonicalMIMEHeaderKey(name)
		for _, h := range m.Headers {
			if h.Name == name {
				return h.Pos, static(h.Values)
			}
		}
	case "query":
		return placeOf(m.query, name)
	case "form":
		if b, ok := m.body.(*formBody); ok {
			return placeOf(b.fields, name)
		}
	}
	return source.Pos{}, false
}

func placeOf(fields []field, name string) (pos source.Pos, literal bool) {
	for _, f := range fields {
		if f.name == name {
			return f.pos, static(f.values)
		}
	}
	return source.Pos{}, false
}

func static(values []vars.Template) bool {
	for _, v := range values {
		if !v.Static() {
			return false
		}
	}
	return true
}
