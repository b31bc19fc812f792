package vars

import (
	"strconv"
	"strings"
)

// Forget takes back what was captured under a name.
func (s *Scope) Forget(name string) { delete(s.captured, name) }

// member returns what a name with dots stands for, where what stands before one of them is bound to an object or a list, or is a
// column that holds one: {{row.name}}, {{entry.resource.id}}, {{pair.0}}.
func (s *Scope) member(name string) (Value, bool) {
	for at := 0; ; at++ {
		dot := strings.IndexByte(name[at:], '.')
		if dot < 0 {
			return Value{}, false
		}
		at += dot
		if whole, ok := s.whole(name[:at]); ok && whole.JSON {
			return whole.Member(name[at+1:])
		}
	}
}

// whole returns the final value whose members a name may have.
func (s *Scope) whole(name string) (Value, bool) {
	if v, ok := s.local[name]; ok {
		return v, true
	}
	for _, l := range s.layers {
		if v, ok := l.Values[name]; ok {
			return v, true
		}
	}
	return Value{}, false
}

// Member returns what stands in a document at a path of names and numbers with dots between them.
func (v Value) Member(path string) (Value, bool) {
	at := v.Any()
	for step := range strings.SplitSeq(path, ".") {
		switch in := at.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return Value{}, false
			}
			at = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return Value{}, false
			}
			at = in[i]
		default:
			return Value{}, false
		}
	}
	found := Of(at)
	found.Secret = v.Secret
	return found, true
}

// CapturedValue returns what was captured under a name.
func (s *Scope) CapturedValue(name string) (Value, bool) {
	v, ok := s.captured[name]
	return v, ok
}
