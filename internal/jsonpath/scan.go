package jsonpath

import "strings"

// The functions of this file walk JSON that is known to be valid. In anything else they find something or nothing, and
// come to an end.

// space returns where the next byte that is no white space stands.
func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// textEnd returns the end of the string that starts at i, behind its closing quote.
func textEnd(s string, i int) int {
	n := strings.IndexByte(s[i+1:], '"')
	if n < 0 {
		return len(s)
	}
	if s[i+n] != '\\' || n == 0 {
		return i + n + 2
	}
	for i++; i < len(s); i++ { // that quote may not be the end
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// skip returns the end of the value that starts at i.
func skip(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	switch s[i] {
	case '"':
		return textEnd(s, i)
	case '[', '{':
		return skipAll(s, i)
	}
	for i < len(s) && s[i] > ' ' && s[i] != ',' && s[i] != ']' && s[i] != '}' {
		i++
	}
	return i
}

// skipAll returns the end of the list or object that starts at i.
func skipAll(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 < '{' && c != '"' { // most bytes are none of "[]{}
			continue
		}
		switch c {
		case '"':
			i = textEnd(s, i) - 1
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// member returns where the value of a member starts, of the object that starts at i.
func member(s string, i int, name string) (at int, ok bool) {
	if i >= len(s) || s[i] != '{' {
		return 0, false
	}
	for {
		i = space(s, i+1)
		if i >= len(s) || s[i] != '"' {
			return 0, false
		}
		end := textEnd(s, i)
		found := isText(s[i:end], name)
		i = space(s, space(s, end)+1) // over the colon
		if found {
			return i, i < len(s)
		}
		if i = space(s, skip(s, i)); i >= len(s) || s[i] != ',' {
			return 0, false
		}
	}
}

// isText reports whether a string in its quotes is a text.
func isText(quoted, t string) bool {
	if len(quoted) < 2 {
		return false
	}
	inside := quoted[1 : len(quoted)-1]
	if inside == t {
		return strings.IndexByte(t, '\\') < 0
	}
	return len(inside) > len(t) && strings.IndexByte(inside, '\\') >= 0 && unquote(quoted) == t
}

// element returns where the nth element starts, of the list that starts at i.
func element(s string, i int, n int64) (at int, ok bool) {
	if i = into(s, i); i < 0 {
		return 0, false
	}
	for ; n > 0; n-- {
		if i = space(s, skip(s, i)); i >= len(s) || s[i] != ',' {
			return 0, false
		}
		i = space(s, i+1)
	}
	return i, i < len(s)
}

// elements counts the elements of the list that starts at i; zero for any other value.
func elements(s string, i int) int64 {
	if i = into(s, i); i < 0 {
		return 0
	}
	for n := int64(1); ; n++ {
		if i = space(s, skip(s, i)); i >= len(s) || s[i] != ',' {
			return n
		}
		i = space(s, i+1)
	}
}

// into returns where the first element of the list at i starts, or -1.
func into(s string, i int) int {
	if i >= len(s) || s[i] != '[' {
		return -1
	}
	if i = space(s, i+1); i >= len(s) || s[i] == ']' {
		return -1
	}
	return i
}
