package phi

import (
	"net/url"
	"strings"
)

// See takes a value of patient data and what it is: HumanName.family.
type See func(label, text string)

// URL returns a URL with the ids of persons' resources in its path and the values of search parameters masked:
// …/Patient/‹id sha256:1a2b3c4d›?name=‹name sha256:…›. A URL that has none is returned as it is. See may be nil.
func (m *Masks) URL(text string, see See) string {
	path, query, asked := strings.Cut(text, "?")
	shown, about := m.path(path, see)
	if !asked {
		return shown
	}
	masked := query
	if about {
		masked = m.Form(query, see)
	}
	if masked == query && len(shown) == len(path) && shown == path {
		return text
	}
	return shown + "?" + masked
}

// path masks the ids in a path. About is false where the path ends in what describes nobody: ValueSet.
func (m *Masks) path(path string, see See) (shown string, about bool) {
	var out []byte // nil while nothing is masked
	kept, about := 0, true
	before := ""
	start := 0
	if i := strings.Index(path, "://"); i >= 0 {
		start = i + 3
	}
	for at := start; at <= len(path); {
		end := strings.IndexByte(path[at:], '/')
		if end < 0 {
			end = len(path)
		} else {
			end += at
		}
		segment := path[at:end]
		if conformance(before) || conformance(segment) {
			about = false
		}
		if at > start && (resourceType(before) && isID(segment) || person(before) && personID(segment)) {
			if out == nil {
				out = make([]byte, 0, len(path)+maskSize)
			}
			out = append(append(out, path[kept:at]...), m.id(segment, see)...)
			kept = end
		}
		before, at = segment, end+1
	}
	if kept == 0 {
		return path, about
	}
	return string(append(out, path[kept:]...)), about
}

const maskSize = 48 // bytes of the mask of an id, and some more

func (m *Masks) id(text string, see See) string {
	if strings.IndexByte(text, '%') >= 0 {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	if see != nil {
		see("id", text)
	}
	return m.Mask("id", text)
}

// isID reports whether a segment behind a type of resource can be an id, and no operation or hole.
func isID(segment string) bool {
	if segment == "" || len(segment) > 128 {
		return false
	}
	switch segment[0] {
	case '$', '_', '{':
		return false
	}
	return !strings.HasPrefix(segment, "‹")
}

// personID is isID for paths that are not FHIR's: /members/me and /patients/search are no ids.
func personID(segment string) bool {
	return isID(segment) && (strings.ContainsAny(segment, "0123456789@%") || len(segment) > 20)
}

// Form masks the values of parameters that take patient data, in a query or a form.
func (m *Masks) Form(form string, see See) string {
	var out []byte
	kept := 0
	for at := 0; at < len(form); {
		end := strings.IndexByte(form[at:], '&')
		if end < 0 {
			end = len(form)
		} else {
			end += at
		}
		if name, value, ok := strings.Cut(form[at:end], "="); ok && value != "" {
			if masked := m.parameter(name, value, see); masked != value {
				out = append(append(out, form[kept:at+len(name)+1]...), masked...)
				kept = end
			}
		}
		at = end + 1
	}
	if kept == 0 {
		return form
	}
	return string(append(out, form[kept:]...))
}

func (m *Masks) parameter(name, value string, see See) string {
	if strings.HasPrefix(value, "‹") || strings.HasPrefix(value, "%7B%7B") || strings.HasPrefix(value, "{{") {
		return value
	}
	plain, err := url.QueryUnescape(value)
	if err != nil {
		plain = value
	}
	if parameter(name) {
		return m.search(strings.TrimLeft(name, "_"), plain, see)
	}
	sign := strings.TrimLeft(plain, "abcdefghijklmnopqrstuvwxyz")
	switch {
	case isDate(sign) && !strings.HasPrefix(name, "_"):
		return m.dated(name, plain)
	case strings.Contains(plain, "/") && !strings.ContainsAny(plain, " {"):
		if shown := m.URL(plain, see); shown != plain {
			return shown
		}
	}
	return value
}

// search masks the value of a search parameter: the type of a reference, the system of an identifier and the year of a date stay.
func (m *Masks) search(name, value string, see See) string {
	if isDate(strings.TrimLeft(value, "abcdefghijklmnopqrstuvwxyz")) {
		if see != nil {
			see(name, strings.TrimLeft(value, "abcdefghijklmnopqrstuvwxyz"))
		}
		return m.dated(name, value)
	}
	before := ""
	if system, rest, ok := strings.Cut(value, "|"); ok && rest != "" {
		before, value = system+"|", rest
	}
	if slash := strings.LastIndexByte(value, '/'); slash > 0 && (resourceType(value[strings.LastIndexByte(value[:slash], '/')+1 : slash])) {
		before, value = before+value[:slash+1], value[slash+1:]
		name = "id"
	}
	if see != nil {
		see(name, value)
	}
	return before + m.Mask(name, value)
}
