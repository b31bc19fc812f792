package jsonpath

import "strings"

// word steps over a literal.
func (r *reader) word(w string) bool {
	if !strings.HasPrefix(r.s[r.i:], w) {
		return false
	}
	r.i += len(w)
	return true
}

// text steps over a string and tells whether a \ is in it.
func (r *reader) text() (escaped, ok bool) {
	s := r.s
	i := r.i + 1
	for {
		for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
			i++
		}
		r.i = i
		if i >= len(s) || s[i] < ' ' {
			return false, false
		}
		if s[i] == '"' {
			r.i++
			return escaped, true
		}
		escaped = true
		n := escapeAt(s[i:])
		if n == 0 {
			r.i = min(i+1, len(s))
			return false, false
		}
		i += n
	}
}

// escapeAt returns the length of the escape that s starts with; 0 where it is none.
func escapeAt(s string) int {
	switch {
	case len(s) < 2:
		return 0
	case s[1] == 'u':
		if _, ok := hex(s); !ok {
			return 0
		}
		return 6
	case strings.IndexByte(`"\/bfnrt`, s[1]) < 0:
		return 0
	}
	return 2
}

// number steps over a number (RFC 8259, section 6).
func (r *reader) number() bool {
	n := numeral(r.s[r.i:])
	r.i += max(n, 0)
	return n > 0
}

// numeral returns the length of the number that s starts with; -1 where there is none. The grammar of documents and of
// expressions is the same.
func numeral(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch n := digits(s[i:]); {
	case n == 0:
		return -1
	case s[i] == '0':
		i++
	default:
		i += n
	}
	if i < len(s) && s[i] == '.' {
		n := digits(s[i+1:])
		if n == 0 {
			return -1
		}
		i += 1 + n
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n := digits(s[i:])
		if n == 0 {
			return -1
		}
		i += n
	}
	return i
}

// digits returns how many digits s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// uniqueNames keeps the first of several members of one name.
type uniqueNames struct {
	tape   *tape
	parent uint32
	last   uint32 // the member that was read last
	n      int
	seen   map[string]bool // of an object with many members
}

// keepFirst takes the member that was read last from the tape again if there is one of its name before it.
func (m *uniqueNames) keepFirst() {
	t := m.tape
	at := m.parent + 1
	if m.n > 0 {
		at = t.items[m.last].next
	}
	if m.stands(at) {
		t.items = t.items[:at]
		return
	}
	m.last = at
	m.n++
}

// stands reports whether a member before at has its name.
func (m *uniqueNames) stands(at uint32) bool {
	const many = 24
	t := m.tape
	name := t.name(at)
	if m.n < many {
		for c := m.parent + 1; c < at; c = t.items[c].next {
			if t.isNamed(c, name) {
				return true
			}
		}
		return false
	}
	if m.seen == nil {
		m.seen = map[string]bool{}
		for c := m.parent + 1; c < at; c = t.items[c].next {
			m.seen[t.name(c)] = true
		}
	}
	was := m.seen[name]
	m.seen[name] = true
	return was
}
