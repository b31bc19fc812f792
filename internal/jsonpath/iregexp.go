package jsonpath

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// compile makes a regular expression of an I-Regexp (RFC 9485), which matches texts as a whole or in some part. It goes
// by section 5.4: ^ and $ are anchors, and a dot is any character but those that end a line.
func compile(pattern string, whole bool) (*regexp.Regexp, error) {
	t := &translator{s: pattern}
	if err := t.alternatives(0); err != nil {
		return nil, err
	}
	if t.i < len(t.s) {
		return nil, errors.New("an unexpected ) in a regular expression; the character itself is written \\)")
	}
	expr := t.out.String()
	if whole {
		expr = `\A(?:` + expr + `)\z`
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, errors.New("the regular expression is refused: " + strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// translator reads an I-Regexp and writes a regular expression of Go.
type translator struct {
	s   string
	i   int
	out strings.Builder
}

func (t *translator) more() bool { return t.i < len(t.s) }

// at reports whether the text goes on with c.
func (t *translator) at(c byte) bool { return t.i < len(t.s) && t.s[t.i] == c }

// keep copies n bytes.
func (t *translator) keep(n int) {
	t.out.WriteString(t.s[t.i : t.i+n])
	t.i += n
}

func (t *translator) alternatives(depth int) error {
	if depth > maxNesting {
		return errors.New("a regular expression with more than " + strconv.Itoa(maxNesting) + " parentheses in one another")
	}
	for t.more() && !t.at(')') {
		if t.at('|') {
			t.keep(1)
			continue
		}
		if err := t.atom(depth); err != nil {
			return err
		}
		if err := t.quantifier(); err != nil {
			return err
		}
	}
	return nil
}

func (t *translator) atom(depth int) error {
	switch c := t.s[t.i]; c {
	case '(':
		t.out.WriteString("(?:")
		if t.i++; t.at('?') {
			return errors.New("a regular expression of JSONPath has plain groups; write ( and no ?: behind it")
		}
		if err := t.alternatives(depth + 1); err != nil {
			return err
		}
		if !t.at(')') {
			return errors.New("a regular expression with ( and without its )")
		}
		t.keep(1)
	case '.':
		t.out.WriteString(`[^\n\r]`)
		t.i++
	case '[':
		return t.class()
	case '\\':
		return t.escape()
	case '*', '+', '?', '{':
		return errors.New("nothing stands before " + string(c) + " in a regular expression; the character itself is written \\" + string(c))
	case ']', '}':
		return errors.New("an unexpected " + string(c) + " in a regular expression; the character itself is written \\" + string(c))
	default:
		_, n := utf8.DecodeRuneInString(t.s[t.i:])
		t.keep(n)
	}
	return nil
}

// quantifier reads what may stand behind an atom.
func (t *translator) quantifier() error {
	switch {
	case t.at('*'), t.at('+'), t.at('?'):
		t.keep(1)
	case t.at('{'):
		n := 1 + digits(t.s[t.i+1:])
		if n == 1 {
			return errors.New("a regular expression with { and no number behind it; the character itself is written \\{")
		}
		if t.i+n < len(t.s) && t.s[t.i+n] == ',' {
			n++
			n += digits(t.s[t.i+n:])
		}
		if t.i+n >= len(t.s) || t.s[t.i+n] != '}' {
			return errors.New("a regular expression with { and without its }; the character itself is written \\{")
		}
		t.keep(n + 1)
	default:
		return nil
	}
	if t.at('*') || t.at('+') || t.at('?') || t.at('{') {
		return errors.New("a regular expression of JSONPath has one of * + ? {} behind an atom, and no lazy ones such as *?")
	}
	return nil
}

// escape reads what starts with a \, within brackets or outside of them.
func (t *translator) escape() error {
	if t.i+1 >= len(t.s) {
		return errors.New("a regular expression ends in \\")
	}
	c := t.s[t.i+1]
	switch {
	case c == 'p' || c == 'P':
		return t.category()
	case strings.IndexByte(`()*+-.?[\]^nrt{|}`, c) >= 0:
		t.keep(2)
		return nil
	}
	r, _ := utf8.DecodeRuneInString(t.s[t.i+1:])
	known := map[rune]string{'d': "; write [0-9]", 'D': "; write [^0-9]", 'w': "; write [A-Za-z0-9_]", 'W': "; write [^A-Za-z0-9_]",
		's': `; write [ \t\r\n]`, 'S': `; write [^ \t\r\n]`, '$': "; write [$]", '/': "; write /", '"': `; write "`, '\'': "; write '"}
	return errors.New(`a regular expression of JSONPath has no \` + string(r) + known[r])
}

// categories are the second letters that may stand behind the first (RFC 9485, section 4).
func categories(first byte) string {
	switch first {
	case 'L':
		return "lmotu"
	case 'M':
		return "cen"
	case 'N':
		return "dlo"
	case 'P':
		return "cdefios"
	case 'Z':
		return "lps"
	case 'S':
		return "ckmo"
	case 'C':
		return "cfno"
	}
	return ""
}

// category reads \p{Lu}.
func (t *translator) category() error {
	name, _, ok := strings.Cut(t.s[t.i+2:], "}")
	name, open := strings.CutPrefix(name, "{")
	if ok && open && (len(name) == 1 || len(name) == 2) {
		second := categories(name[0])
		if second != "" && (len(name) == 1 || strings.IndexByte(second, name[1]) >= 0) {
			t.keep(len(`\p{}`) + len(name))
			return nil
		}
	}
	return errors.New(`a regular expression of JSONPath has \p{L}, \p{Lu} and the other general categories of Unicode, and nothing else behind \p`)
}

// class reads [a-z].
func (t *translator) class() error {
	t.keep(1)
	if t.at('^') {
		t.keep(1)
	}
	t.hyphen()
	for first := true; ; first = false {
		switch {
		case !t.more():
			return errors.New("a regular expression with [ and without its ]")
		case t.at(']') && !(first && t.s[t.i-1] != '-'):
			t.keep(1)
			return nil
		case t.at(']'):
			return errors.New("a regular expression with nothing in []; the character itself is written \\]")
		case t.at('-'):
			if t.hyphen(); !t.at(']') {
				return errors.New("a - in the middle of [] in a regular expression; the character itself is written \\-")
			}
			continue
		}
		if err := t.spread(); err != nil {
			return err
		}
	}
}

// hyphen reads a hyphen that stands for itself.
func (t *translator) hyphen() {
	if t.at('-') {
		t.out.WriteString(`\-`)
		t.i++
	}
}

// spread reads one character of a class, or one range.
func (t *translator) spread() error {
	single, err := t.classChar()
	if err != nil || !single || !t.at('-') || t.i+1 >= len(t.s) || t.s[t.i+1] == ']' {
		return err
	}
	t.keep(1)
	if t.at('-') {
		return errors.New("a - in the middle of [] in a regular expression; the character itself is written \\-")
	}
	single, err = t.classChar()
	if err == nil && !single {
		return errors.New("a range in [] of a regular expression ends in a character")
	}
	return err
}

// classChar reads a character of a class. It is not a single one where it stands for a category.
func (t *translator) classChar() (single bool, err error) {
	switch {
	case !t.more():
		return false, errors.New("a regular expression with [ and without its ]")
	case t.at('\\'):
		category := strings.HasPrefix(t.s[t.i:], `\p`) || strings.HasPrefix(t.s[t.i:], `\P`)
		return !category, t.escape()
	case t.at('['):
		return false, errors.New("a [ within [] of a regular expression; the character itself is written \\[")
	case t.at('^'):
		t.out.WriteByte('\\')
	}
	_, n := utf8.DecodeRuneInString(t.s[t.i:])
	t.keep(n)
	return true, nil
}
