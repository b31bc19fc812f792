package expect

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/hgrun/hgrun/internal/source"
)

// durationQuery finds how long the exchange took, to the last byte of the body.
type durationQuery struct{}

func (durationQuery) String() string { return "duration" }

// Find returns a time.Duration.
func (durationQuery) Find(a *Answer) (any, error) { return a.exchange.Timings.Total, nil }

func (durationQuery) look(a *Answer) (value, error) {
	return value{kind: span, span: a.exchange.Timings.Total}, nil
}

// operand reads a time span.
func (durationQuery) operand(v any) (any, error) {
	x := valueOf(v)
	if x.kind != text && x.kind != number {
		return nil, errors.New("want a time span such as 500ms or 2s, got " + described(v))
	}
	return source.ParseDuration(x.text)
}

// urlQuery finds where the response came from, after all redirects.
type urlQuery struct{}

func (urlQuery) String() string { return "url" }

// Find returns a string.
func (urlQuery) Find(a *Answer) (any, error) { return a.response.URL, nil }

func (urlQuery) operand(v any) (any, error) { return amongTexts(v, "a URL") }

func (urlQuery) hint(a *Answer) string {
	if n := len(a.response.Hops); n > 0 {
		return "after " + strconv.Itoa(n) + " redirects"
	}
	return "no redirect was followed"
}

// regexQuery finds the first group of a regular expression in the body's text, or all that it matches if it has no group.
type regexQuery struct{ re *regexp.Regexp }

func readRegexQuery(n source.Node) Query {
	pattern := n.Text()
	if pattern == "" {
		n.Errorf("an empty regular expression finds nothing")
		return nil
	}
	re, err := compileRegexp(pattern)
	if err != nil {
		n.Errorf("%w", err)
		return nil
	}
	return regexQuery{re}
}

func (r regexQuery) String() string { return "regex " + r.re.String() }

// Find returns a string or Absent.
func (r regexQuery) Find(a *Answer) (any, error) { v, err := r.look(a); return v.box(), err }

func (r regexQuery) look(a *Answer) (value, error) {
	s, err := a.text()
	if err != nil {
		return value{}, err
	}
	m := r.re.FindStringSubmatchIndex(s)
	switch {
	case m == nil:
		return value{}, nil
	case len(m) > 2 && m[2] < 0: // the group took no part
		return value{}, nil
	case len(m) > 2:
		return value{kind: text, text: s[m[2]:m[3]]}, nil
	}
	return value{kind: text, text: s[m[0]:m[1]]}, nil
}

func (regexQuery) operand(v any) (any, error) {
	return amongTexts(v, "what a regular expression finds")
}

func (r regexQuery) hint(a *Answer) string {
	s, err := a.text()
	if err != nil {
		return ""
	}
	if m := r.re.FindStringIndex(s); m != nil {
		return "the expression matches " + quote(s[m[0]:m[1]]) + ", but its first group takes no part"
	}
	return "the body starts with " + start20(s)
}
