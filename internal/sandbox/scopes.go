package sandbox

import (
	"slices"
	"strings"
)

// A scope is the space-separated parts of an OAuth scope, in the order given.
type scope []string

func parseScope(s string) scope { return strings.Fields(s) }

func (s scope) String() string { return strings.Join(s, " ") }

func (s scope) has(part string) bool { return slices.Contains(s, part) }

// level reports whether s holds a clinical scope of a level: "patient", "user" or "system".
func (s scope) level(level string) bool {
	return slices.ContainsFunc(s, func(part string) bool {
		have, ok := parseClinical(part)
		return ok && have.level == level
	})
}

// missing returns the first part of wanted that s does not cover, or "".
func (s scope) missing(wanted scope) string {
	for _, w := range wanted {
		if !slices.ContainsFunc(s, func(have string) bool { return covers(have, w) }) {
			return w
		}
	}
	return ""
}

// allows reports whether s lets its holder do one thing (c, r, u, d or s as in SMART 2) with resources of a kind.
func (s scope) allows(kind, interaction string) bool {
	return slices.ContainsFunc(s, func(part string) bool {
		have, ok := parseClinical(part)
		return ok && have.covers(clinical{have.level, kind, interaction})
	})
}

// above returns s without its clinical scopes of a level.
func (s scope) above(level string) scope {
	return slices.DeleteFunc(slices.Clone(s), func(part string) bool { return strings.HasPrefix(part, level+"/") })
}

// covers reports whether having one part of a scope includes another: user/*.* includes user/Patient.read.
func covers(have, want string) bool {
	if have == want {
		return true
	}
	h, ok := parseClinical(have)
	w, also := parseClinical(want)
	return ok && also && h.covers(w)
}

// clinical is a SMART scope such as user/Patient.rs; kind may be *.
type clinical struct{ level, kind, interactions string }

func (c clinical) covers(other clinical) bool {
	if c.level != other.level || c.kind != "*" && c.kind != other.kind {
		return false
	}
	return strings.Trim(other.interactions, c.interactions) == ""
}

// parseClinical reads SMART scopes of version 1 (.read, .write, .*) and 2 (.cruds in that order).
func parseClinical(part string) (clinical, bool) {
	level, rest, ok := strings.Cut(part, "/")
	kind, access, also := strings.Cut(rest, ".")
	if !ok || !also || kind == "" || !slices.Contains([]string{"patient", "user", "system"}, level) {
		return clinical{}, false
	}
	switch access {
	case "read":
		access = "rs"
	case "write":
		access = "cud"
	case "*":
		access = "cruds"
	default:
		if !ordered(access, "cruds") {
			return clinical{}, false
		}
	}
	return clinical{level, kind, access}, true
}

// ordered reports whether s is not empty and made of letters of alphabet, each once and in its order.
func ordered(s, alphabet string) bool {
	at := -1
	for _, r := range s {
		i := strings.IndexRune(alphabet, r)
		if i <= at {
			return false
		}
		at = i
	}
	return s != ""
}
