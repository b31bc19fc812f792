package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser reads an expression.
type parser struct {
	s     string
	i     int
	depth int  // of filters, parentheses and functions
	quiet bool // suggests nothing
}

func (p *parser) fail(offset int, msg string) *SyntaxError { return &SyntaxError{offset, msg} }

// at reports whether the text goes on with t.
func (p *parser) at(t string) bool { return strings.HasPrefix(p.s[p.i:], t) }

// space steps over what RFC 9535 calls S.
func (p *parser) space() { p.i = space(p.s, p.i) }

// next shows what stands at the current place, for messages.
func (p *parser) next() string {
	if p.i >= len(p.s) {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	if r < ' ' || r == 0x7f {
		return strconv.QuoteRune(r)
	}
	return string(r)
}

// path reads a whole expression.
func (p *parser) path() (*query, error) {
	if !utf8.ValidString(p.s) {
		at := 0
		for r, n := utf8.DecodeRuneInString(p.s); r != utf8.RuneError || n != 1; r, n = utf8.DecodeRuneInString(p.s[at:]) {
			at += n
		}
		return nil, p.fail(at, "a path is text in UTF-8")
	}
	switch {
	case p.s == "":
		return nil, p.fail(0, "the path is empty; $ is the whole document")
	case space(p.s, 0) > 0:
		return nil, p.fail(0, "a path has no space before it")
	case p.s[0] != '$':
		return nil, p.fail(0, "a path starts with $"+p.instead())
	}
	p.i = 1
	q := &query{}
	if err := p.segments(q); err != nil {
		return nil, err
	}
	if p.i == len(p.s) {
		return q, nil
	}
	if space(p.s, p.i) == len(p.s) {
		return nil, p.fail(p.i, "a path has no space behind it")
	}
	fix := ""
	if dotted := p.s[:p.i] + "." + p.s[p.i:]; p.accepts(dotted) {
		fix = "; write " + dotted
	}
	return nil, p.fail(p.i, "unexpected "+p.next()+"; a name stands behind a dot, everything else in brackets"+fix)
}

// instead suggests a path for an expression that does not start with $.
func (p *parser) instead() string {
	rest := strings.TrimPrefix(p.s, "@")
	for _, start := range []string{"$", "$."} {
		if p.accepts(start + rest) {
			return "; write " + start + rest
		}
	}
	return ""
}

// accepts reports whether another path would be right. It does not ask itself again.
func (p *parser) accepts(path string) bool {
	if p.quiet {
		return false
	}
	_, err := (&parser{s: path, quiet: true}).path()
	return err == nil
}

// segments reads all that follow $ or @.
func (p *parser) segments(q *query) error {
	for {
		mark := p.i
		if p.space(); !p.at(".") && !p.at("[") {
			p.i = mark
			return nil
		}
		start := p.i
		s, err := p.segment()
		if err != nil {
			return err
		}
		q.add(s, start, p.i)
	}
}

func (p *parser) segment() (segment, error) {
	s := segment{descendant: p.at("..")}
	var err error
	switch {
	case s.descendant:
		p.i += 2
		if !p.at("[") {
			return p.dotted(s, "..")
		}
	case p.at("."):
		p.i++
		return p.dotted(s, ".")
	}
	s.selectors, err = p.bracketed()
	return s, err
}

// dotted reads * or a name behind one or two dots.
func (p *parser) dotted(s segment, dots string) (segment, error) {
	if p.at("*") {
		p.i++
		s.selectors = []selector{everything{}}
		return s, nil
	}
	start := p.i
	for p.i < len(p.s) && isNameChar(p.s[p.i], p.i > start) {
		p.i++
	}
	word := p.s[start:p.i]
	if word == "" {
		return s, p.noName(dots)
	}
	if p.i < len(p.s) && strings.IndexByte(" \t\r\n.[]),=!<>&|", p.s[p.i]) < 0 {
		return s, p.afterName(start)
	}
	s.selectors = []selector{byName(word)}
	return s, nil
}

// isNameChar reports whether a byte is part of a name behind a dot (RFC 9535, section 2.5.1.1). All that is not ASCII is.
func isNameChar(c byte, inside bool) bool {
	return isLetter(c) || c == '_' || c >= utf8.RuneSelf || inside && isDigit(c)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// noName says what is wrong where a name should stand behind a dot.
func (p *parser) noName(dots string) error {
	if p.i >= len(p.s) {
		if dots == ".." {
			return p.fail(p.i, "the path ends in ..; behind it stands a name, * or [")
		}
		return p.fail(p.i, "the path ends in a dot; behind it stands a name or *")
	}
	rest := p.s[p.i:]
	word := p.word()
	switch c := rest[0]; {
	case isIndex(word):
		if dots == ".." {
			return p.fail(p.i, "an index stands in brackets; write ["+word+"]")
		}
		return p.fail(p.i-1, "an index stands in brackets, and without a dot before them; write ["+word+"]")
	case c == '[':
		return p.fail(p.i-1, "a bracket stands without a dot before it")
	case c == '.':
		return p.fail(p.i, "two dots search at any depth, three are none")
	case c == '"' || c == '\'':
		if end := strings.IndexByte(rest[1:], c); end > 0 {
			return p.fail(p.i, "a name in quotes stands in brackets; write ["+rest[:end+2]+"]")
		}
		return p.fail(p.i, "a name behind a dot has no quotes")
	case space(rest, 0) > 0:
		return p.fail(p.i, "no space stands behind a dot")
	case len(word) > 1:
		return p.fail(p.i, "a name behind a dot cannot start with "+p.next()+"; write ['"+word+"']")
	}
	return p.fail(p.i, "a name behind a dot cannot start with "+p.next())
}

// isIndex reports whether a word is a number, be it from the end.
func isIndex(word string) bool {
	word = strings.TrimPrefix(word, "-")
	return word != "" && digits(word) == len(word)
}

// word returns what was probably meant to be a name, from the current place on.
func (p *parser) word() string {
	if end := strings.IndexAny(p.s[p.i:], " \t\r\n.[](),=!<>&|'\"\\"); end >= 0 {
		return p.s[p.i : p.i+end]
	}
	return p.s[p.i:]
}

// afterName says what is wrong with what follows a name.
func (p *parser) afterName(start int) error {
	word := p.s[start:p.i]
	if p.at("(") {
		if _, known := signatureOf(word); known {
			return p.fail(start, "a function stands around its argument, in a filter: "+word+"(@.name)")
		}
		return p.fail(start, "a path has no "+word+"()")
	}
	rest := p.word()
	if rest == "" {
		return p.fail(p.i, "unexpected "+p.next()+" behind a name")
	}
	return p.fail(start, "a name with "+p.next()+" in it stands in brackets; write ['"+word+rest+"']")
}

// bracketed reads selectors in brackets.
func (p *parser) bracketed() ([]selector, error) {
	open := p.i
	p.i++
	var all []selector
	for {
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fail(open, "[ without its ]")
		}
		sel, err := p.selector()
		if err != nil {
			return nil, err
		}
		all = append(all, sel)
		p.space()
		switch {
		case p.i >= len(p.s):
			return nil, p.fail(open, "[ without its ]")
		case p.at("]"):
			p.i++
			return all, nil
		case !p.at(","):
			if _, ok := sel.(filter); !ok {
				return nil, p.fail(p.i, "unexpected "+p.next()+" in brackets; want , or ]")
			}
			return nil, p.unexpected()
		}
		p.i++
	}
}

func (p *parser) selector() (selector, error) {
	switch c := p.s[p.i]; {
	case c == '\'' || c == '"':
		text, err := p.quoted()
		return byName(text), err
	case c == '*':
		p.i++
		return everything{}, nil
	case c == '?':
		return p.filter()
	case c == ':' || c == '-' || isDigit(c):
		return p.numbers()
	case c == ']' || c == ',':
		return nil, p.fail(p.i, "nothing stands before "+string(c)+"; [*] is all of it")
	case c == '(':
		return nil, p.fail(p.i, "a path has no scripts; the last element is [-1], a filter starts with ?")
	}
	return nil, p.bareName()
}

// bareName says what is wrong where a selector should stand.
func (p *parser) bareName() error {
	if word := p.word(); word != "" && isNameChar(word[0], false) {
		return p.fail(p.i, "a name in brackets stands in quotes; write ['"+word+"']")
	}
	return p.fail(p.i, "unexpected "+p.next()+" in brackets; want a name in quotes, an index, a slice, * or a filter that starts with ?")
}

// numbers reads an index or a slice (RFC 9535, sections 2.3.3 and 2.3.4).
func (p *parser) numbers() (selector, error) {
	first, err := p.integer()
	if err != nil {
		return nil, err
	}
	mark := p.i
	if p.space(); !p.at(":") {
		p.i = mark
		return byIndex(*first), nil
	}
	sl := slice{start: first, step: 1}
	p.i++
	p.space()
	if sl.end, err = p.integer(); err != nil {
		return nil, err
	}
	mark = p.i
	if p.space(); !p.at(":") {
		p.i = mark
		return sl, nil
	}
	p.i++
	p.space()
	step, err := p.integer()
	if step != nil {
		sl.step = *step
	}
	return sl, err
}

// integer reads a number of the range that I-JSON has (RFC 9535, section 2.1); nil where none stands.
func (p *parser) integer() (*int64, error) {
	const largest = 1<<53 - 1
	start := p.i
	sign := 0
	if p.at("-") {
		sign = 1
	}
	n := digits(p.s[p.i+sign:])
	text := p.s[p.i : p.i+sign+n]
	p.i += sign + n
	switch {
	case text == "":
		return nil, nil
	case n == 0:
		return nil, p.fail(start, "- without a number")
	case text == "-0":
		return nil, p.fail(start, "-0 is no index; the last element is -1")
	case n > 1 && text[sign] == '0':
		return nil, p.fail(start, "a number without zeros before it; write "+text[:sign]+strings.TrimLeft(text[sign:len(text)-1], "0")+text[len(text)-1:])
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil || i > largest || i < -largest {
		return nil, p.fail(start, text+" is out of range; the largest number is 9007199254740991")
	}
	return &i, nil
}
