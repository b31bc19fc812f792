package expect

import (
	"errors"
	"regexp"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// readContains reads a piece of a text, or a list of pieces which must all be there.
func readContains(n source.Node, t Terms) Predicate {
	if !n.IsList() || n.IsEmpty() {
		return part(n, "contains", "contain", strings.Contains)
	}
	var parts []Predicate
	for _, item := range n.Items() {
		parts = append(parts, t.valid(part(item, "contains", "contain", strings.Contains))...)
	}
	return combine(n.Pos(), parts, func(m []matcher) matcher { return allOf(m) })
}

func readStartsWith(n source.Node, t Terms) Predicate {
	return part(n, "starts_with", "start with", strings.HasPrefix)
}

func readEndsWith(n source.Node, t Terms) Predicate {
	return part(n, "ends_with", "end with", strings.HasSuffix)
}

// part reads a predicate that looks for a piece of a text. A number is taken as it is written.
func part(n source.Node, word, verb string, has func(s, part string) bool) Predicate {
	return raw(n, func(v any) (matcher, error) {
		x := valueOf(v)
		if x.kind != text && x.kind != number {
			return nil, errors.New(word + " looks for text, got " + described(v) + "; for a list or an object there is includes")
		}
		if x.text == "" {
			return nil, errors.New("every text has the empty text in it; use exists or empty")
		}
		return hasPart{x.text, verb, has}, nil
	})
}

// hasPart holds for texts that have a piece where it should be.
type hasPart struct {
	part string
	verb string // "contain"
	has  func(s, part string) bool
}

func (h hasPart) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(h.has(v.text, h.part))
}

func (h hasPart) advice(k kind) string {
	if k == list {
		return "for lists there are includes: … and any: {…}"
	}
	return ""
}

func (h hasPart) want(what string, not bool) string { return to(what, h.verb+" "+quote(h.part), not) }

func readMatches(n source.Node, t Terms) Predicate {
	return raw(n, func(v any) (matcher, error) {
		s, ok := v.(string)
		if !ok {
			return nil, errors.New("matches wants a regular expression, got " + described(v))
		}
		re, err := compileRegexp(s)
		if err != nil {
			return nil, err
		}
		return matches{re}, nil
	})
}

// compileRegexp reads a regular expression of Go's syntax (RE2), which takes linear time whatever the text.
func compileRegexp(s string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(s)
	if err == nil {
		return re, nil
	}
	hint := ""
	switch {
	case strings.Contains(s, "(?=") || strings.Contains(s, "(?!") || strings.Contains(s, "(?<=") || strings.Contains(s, "(?<!"):
		hint = "; there is no look-around here (RE2): use two predicates, or not: {matches: …}"
	case len(s) > 2 && s[0] == '/' && strings.LastIndexByte(s, '/') > 0:
		hint = "; write it without the slashes, and (?i) in front for upper or lower case"
	}
	return nil, errors.New("not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ") + hint)
}

// matches holds for texts that a regular expression finds something in.
type matches struct{ re *regexp.Regexp }

func (m matches) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(m.re.MatchString(v.text))
}

func (m matches) want(what string, not bool) string { return to(what, "match "+m.re.String(), not) }
