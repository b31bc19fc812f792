package importers

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// address is the URL of a request: all of it in text, or its parameters in query.
type address struct {
	text  string
	query source.Node
}

// url reads a URL: a text, or an object whose parts count more than its raw text. False means that there is none, which is recorded.
func (im *importer) url(n source.Node) (address, bool) {
	none := n.Mapping()
	text, host := n.Raw(), ""
	if n.IsMap() {
		raw, _ := n.Get("raw")
		text, host = raw.Raw(), joined(n, "host", ".")
	}
	switch {
	case host != "":
		return im.parts(n, host), true
	case strings.TrimSpace(text) == "":
		im.problem(n, "the request has no URL")
		return address{query: none}, false
	}
	return address{im.absolute(written(text)), none}, true
}

// parts puts a URL together.
func (im *importer) parts(n source.Node, host string) address {
	text := host
	if scheme, ok := n.Get("protocol"); ok && scheme.Raw() != "" {
		text = strings.TrimSuffix(strings.TrimSuffix(scheme.Raw(), "://"), ":") + "://" + host
	}
	if a, ok := n.Get("auth"); ok && !a.IsNull() {
		im.note(a, "user and password in the URL are not sent; use auth")
	}
	if port, ok := n.Get("port"); ok && port.Raw() != "" {
		text += ":" + port.Raw()
	}
	text = im.absolute(written(text + im.path(n)))
	list, ok := n.Get("query")
	if !ok || !list.IsList() {
		return address{text, n.Mapping()}
	}
	return im.query(text, list)
}

// joined returns a part of a URL that is a text or a list of texts.
func joined(n source.Node, key, separator string) string {
	part, ok := n.Get(key)
	if !ok {
		return ""
	}
	if !part.IsList() {
		return part.Raw()
	}
	var texts []string
	for _, item := range part.Items() {
		texts = append(texts, item.Raw())
	}
	return strings.Join(texts, separator)
}

// path returns the path with its :variables filled in.
func (im *importer) path(n source.Node) string {
	values := map[string]string{}
	if list, ok := n.Get("variable"); ok && list.IsList() {
		for _, v := range list.Items() {
			if value, ok := v.Get("value"); ok && !value.IsNull() && !isOff(v) {
				values[variableName(v)] = value.Raw()
			}
		}
	}
	part, ok := n.Get("path")
	if !ok {
		return ""
	}
	var segments []string
	if part.IsList() {
		for _, s := range part.Items() {
			if inner, ok := s.Get("value"); ok {
				s = inner
			}
			segments = append(segments, s.Raw())
		}
	} else {
		segments = strings.Split(strings.TrimPrefix(part.Raw(), "/"), "/")
	}
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			if value, ok := values[name]; ok {
				segments[i] = value
			}
		}
		segments[i] = outside(segments[i], func(t string) string { return strings.NewReplacer("?", "%3F", "#", "%23").Replace(t) })
	}
	return "/" + strings.Join(segments, "/")
}

// parameter is one of the query.
type parameter struct {
	name  string
	value source.Node
	bare  bool // without =
	note  string
}

// query adds the parameters: to the text as Postman writes them, or as a mapping where that means the same.
func (im *importer) query(text string, list source.Node) address {
	var found []parameter
	off := im.disabled("parameter")
	plain := true
	seen := map[string]bool{}
	for _, q := range list.Items() {
		key, _ := q.Get("key")
		value, has := q.Get("value")
		if isOff(q) {
			off.take(q)
			continue
		}
		if key.Raw() == "" && value.Raw() == "" {
			continue
		}
		p := parameter{name: key.Raw(), value: value, bare: !has || value.IsNull()}
		if p.bare {
			p.value = q.Scalar("")
		}
		d, _ := q.Get("description")
		p.value, p.note = p.value.Scalar(braces(p.value.Raw())), off.comment(described(d))
		plain = plain && !p.bare && !seen[p.name] && simple(p.name) && simple(p.value.Raw())
		seen[p.name] = true
		found = append(found, p)
	}
	made := list.Mapping()
	if plain && len(found) > 1 && !strings.Contains(text, "?") {
		off.rest(&found[len(found)-1].note)
		for _, p := range found {
			if p.note != "" {
				p.value = p.value.Noted(p.note)
			}
			made = made.With(p.name, p.value)
		}
		return address{text, made}
	}
	off.note()
	separator := "?"
	for _, p := range found {
		text += separator + parameterText(p.name, true)
		if !p.bare {
			text += "=" + parameterText(p.value.Raw(), false)
		}
		separator = "&"
	}
	return address{text, made}
}

// simple reports whether a text stands in a query the same way however it is encoded.
func simple(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
}

// parameterText writes the name or the value of a parameter as Postman does: only what would end it is escaped.
func parameterText(text string, name bool) string {
	return outside(text, func(t string) string {
		t = blank(strings.NewReplacer("#", "%23", "&", "%26").Replace(t))
		if name {
			t = strings.ReplaceAll(t, "=", "%3D")
		}
		return t
	})
}

// written returns the text of a URL without white space around it, and with what is in it escaped.
func written(text string) string { return braces(outside(strings.TrimSpace(text), blank)) }

func blank(text string) string {
	return strings.NewReplacer(" ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D").Replace(text)
}

// absolute puts http:// before an address without a scheme, as Postman does, where it is known to have none.
func (im *importer) absolute(text string) string {
	list := pieces(text)
	switch {
	case len(list) == 0 || strings.Contains(text, "://"):
		return text
	case list[0].name == "":
		return "http://" + strings.TrimPrefix(text, "//")
	}
	value, known := im.known[list[0].name]
	if known && value != "" && !strings.Contains(value, "://") && !strings.HasPrefix(value, "{{") {
		return "http://" + text
	}
	return text
}
