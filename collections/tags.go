package collections

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tagRune reports whether a character can stand in a tag.
func tagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-:", r)
}

// tagFilter judges the tags of a request.
type tagFilter func(tags []string) bool

// parseTags reads a filter such as "smoke && !slow": tags, && for and, || or a comma for or, ! for not, parentheses and
// /regular expressions/. Errors say at which character they found what.
func parseTags(text string) (tagFilter, error) {
	p := &tagParser{text: text}
	f, err := p.or()
	if err == nil && p.space() {
		err = p.errorf("want && or ||, got %s", p.next())
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// tagParser descends from or over and to not; deep bounds how far.
type tagParser struct {
	text string
	at   int // in bytes
	deep int
}

func (p *tagParser) errorf(format string, args ...any) error {
	return fmt.Errorf("tags %q: column %d: %w", p.text, utf8.RuneCountInString(p.text[:p.at])+1, fmt.Errorf(format, args...))
}

// space skips white space and reports whether something is left.
func (p *tagParser) space() bool {
	p.at = len(p.text) - len(strings.TrimLeftFunc(p.text[p.at:], unicode.IsSpace))
	return p.at < len(p.text)
}

// next names the character that is looked at.
func (p *tagParser) next() string {
	if !p.space() {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Sprintf("%q", string(r))
}

func (p *tagParser) took(signs ...string) bool {
	p.space()
	for _, sign := range signs {
		if strings.HasPrefix(p.text[p.at:], sign) {
			p.at += len(sign)
			return true
		}
	}
	return false
}

func (p *tagParser) or() (tagFilter, error) {
	left, err := p.and()
	for err == nil && p.took("||", ",") {
		var right tagFilter
		if right, err = p.and(); err == nil {
			one := left
			left = func(tags []string) bool { return one(tags) || right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) and() (tagFilter, error) {
	left, err := p.not()
	for err == nil && p.took("&&") {
		var right tagFilter
		if right, err = p.not(); err == nil {
			one := left
			left = func(tags []string) bool { return one(tags) && right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) not() (tagFilter, error) {
	if p.deep++; p.deep > 100 {
		return nil, p.errorf("too many ! and ( in one another")
	}
	defer func() { p.deep-- }()
	switch {
	case p.took("!"):
		f, err := p.not()
		return func(tags []string) bool { return !f(tags) }, err
	case p.took("("):
		f, err := p.or()
		if err == nil && !p.took(")") {
			err = p.errorf("want ), got %s", p.next())
		}
		return f, err
	case p.took("/"):
		return p.pattern()
	}
	return p.tag()
}

func (p *tagParser) pattern() (tagFilter, error) {
	end := strings.IndexByte(p.text[p.at:], '/')
	if end < 0 {
		return nil, p.errorf("a regular expression needs a / at its end")
	}
	re, err := regexp.Compile(p.text[p.at : p.at+end])
	if err != nil {
		return nil, p.errorf("%w", err)
	}
	p.at += end + 1
	return func(tags []string) bool { return slices.ContainsFunc(tags, re.MatchString) }, nil
}

func (p *tagParser) tag() (tagFilter, error) {
	p.space()
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !tagRune(r) })
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return nil, p.errorf("want a tag, got %s", p.next())
	}
	p.at += end
	return func(tags []string) bool { return slices.Contains(tags, rest[:end]) }, nil
}
