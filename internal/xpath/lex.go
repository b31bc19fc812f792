package xpath

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says what is wrong with an expression, and at which byte of it.
type SyntaxError struct {
	Offset int
	Text   string
}

func (e *SyntaxError) Error() string { return e.Text }

func fail(offset int, format string, args ...any) error {
	return &SyntaxError{offset, fmt.Sprintf(format, args...)}
}

// token is a piece of an expression (XPath 1.0, section 3.7).
type token struct {
	kind   tokenKind
	text   string // without the quotes of a literal
	offset int
}

type tokenKind int8

const (
	endToken     tokenKind = iota
	symbolToken            // ( ) [ ] . .. @ , :: / // | + - = != < <= > >= *
	operator               // and or mod div, and * between two values
	nameToken              // a name, a name with a prefix, prefix:*
	literalToken           // "text"
	numberToken
)

// lex cuts an expression into tokens. The last one is the end.
func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; ; {
		for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
		}
		if i == len(s) {
			return append(tokens, token{endToken, "", i}), nil
		}
		t, size, err := lexOne(s, i, between(tokens))
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i += size
	}
}

// between reports whether what comes next stands behind a value, so that * multiplies and div divides.
func between(before []token) bool {
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	switch last.kind {
	case operator:
		return false
	case symbolToken:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".." || last.text == "*"
	}
	return true
}

func lexOne(s string, i int, behindValue bool) (t token, size int, err error) {
	rest := s[i:]
	for _, symbol := range []string{"::", "//", "..", "!=", "<=", ">="} {
		if strings.HasPrefix(rest, symbol) {
			return token{symbolToken, symbol, i}, 2, nil
		}
	}
	switch c := rest[0]; {
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		n := numberLength(rest)
		return token{numberToken, rest[:n], i}, n, nil
	case c == '"' || c == '\'':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return t, 0, fail(i, "%c without its closing %c", c, c)
		}
		return token{literalToken, rest[1 : 1+end], i}, end + 2, nil
	case c == '*' && behindValue:
		return token{operator, "*", i}, 1, nil
	case strings.IndexByte("()[].@,/|+-=<>*", c) >= 0:
		return token{symbolToken, string(rune(c)), i}, 1, nil
	case c == '$':
		return t, 0, fail(i, "an expression has no variables; write {{name}} for one of the collection")
	case c == '!':
		return t, 0, fail(i, "unexpected !; the opposite is written not(…)")
	case c == '&':
		return t, 0, fail(i, "unexpected &; both of two is written with and")
	}
	n := nameLength(rest)
	if n == 0 {
		r, _ := utf8.DecodeRuneInString(rest)
		return t, 0, fail(i, "unexpected %c", r)
	}
	name := rest[:n]
	if behindValue {
		if name == "and" || name == "or" || name == "mod" || name == "div" {
			return token{operator, name, i}, n, nil
		}
		return t, 0, fail(i, "want an operator before %s", name)
	}
	return token{nameToken, name, i}, n, nil
}

func numberLength(s string) int {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' && !strings.Contains(s[:n], ".")) {
		n++
	}
	return n
}

// nameLength returns the length of a name, with its prefix: a:b, a:*.
func nameLength(s string) int {
	n := partLength(s)
	if n == 0 || n == len(s) || s[n] != ':' || strings.HasPrefix(s[n:], "::") {
		return n
	}
	if strings.HasPrefix(s[n+1:], "*") {
		return n + 2
	}
	if more := partLength(s[n+1:]); more > 0 {
		return n + 1 + more
	}
	return n
}

func partLength(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == '·') {
			continue
		}
		return i
	}
	return len(s)
}
