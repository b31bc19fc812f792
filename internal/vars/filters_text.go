package vars

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// plain is a filter without arguments that makes a text of a text.
func plain(do func(string) string) filter {
	return textual(func(text string) (string, error) { return do(text), nil })
}

// textual is plain, where not every text will do.
func textual(do func(string) (string, error)) filter {
	return always(func(v Value) (Value, error) {
		text, err := textOf(v)
		if err != nil {
			return Value{}, err
		}
		out, err := do(text)
		return Value{Text: out}, err
	})
}

// always is a filter without arguments.
func always(do change) filter {
	return filter{bind: func([]Value) (change, error) { return do, nil }}
}

// ofText is a change of texts.
func ofText(do func(string) (Value, error)) change {
	return func(v Value) (Value, error) {
		text, err := textOf(v)
		if err != nil {
			return Value{}, err
		}
		return do(text)
	}
}

func textFilters() map[string]filter {
	return map[string]filter{
		"upper":         plain(strings.ToUpper),
		"lower":         plain(strings.ToLower),
		"trim":          plain(strings.TrimSpace),
		"trim_start":    plain(func(s string) string { return strings.TrimLeftFunc(s, isSpace) }),
		"trim_end":      plain(func(s string) string { return strings.TrimRightFunc(s, isSpace) }),
		"replace":       {"old, new", bindReplace},
		"replace_regex": {"expression, new", bindReplaceRegex},
		"regex":         {"expression", bindRegex},
		"substring":     {"from, [to]", bindSubstring},
		"split":         {"separator", bindSplit},
		"length":        always(length),
		"reverse":       always(reverse),
	}
}

func bindReplace(args []Value) (change, error) {
	from, err := textOf(args[0])
	if err == nil && from == "" {
		err = errors.New("got empty text, want something to replace")
	}
	if err != nil {
		return nil, fmt.Errorf("old: %w", err)
	}
	to, err := textOf(args[1])
	if err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	return ofText(func(text string) (Value, error) { return Value{Text: strings.ReplaceAll(text, from, to)}, nil }), nil
}

// compiled reads a regular expression.
func compiled(v Value) (*regexp.Regexp, error) {
	expression, err := textOf(v)
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	re, err := regexp.Compile(expression)
	switch {
	case err != nil && v.Secret:
		return nil, errors.New("expression: got text, want a regular expression (RE2)")
	case err != nil:
		return nil, fmt.Errorf("expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

func bindReplaceRegex(args []Value) (change, error) {
	re, err := compiled(args[0])
	if err != nil {
		return nil, err
	}
	to, err := textOf(args[1])
	if err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	return ofText(func(text string) (Value, error) { return Value{Text: re.ReplaceAllString(text, to)}, nil }), nil
}

// bindRegex finds the first group of an expression, or all that it matches.
func bindRegex(args []Value) (change, error) {
	re, err := compiled(args[0])
	if err != nil {
		return nil, err
	}
	group, shown := min(re.NumSubexp(), 1), re.String()
	if args[0].Secret {
		shown = "the expression"
	}
	return func(v Value) (Value, error) {
		text, err := textOf(v)
		if err != nil {
			return Value{}, err
		}
		at := re.FindStringSubmatchIndex(text)
		if at == nil {
			return Value{}, &nothing{got(v) + ", want one that matches " + shown}
		}
		if at[2*group] < 0 { // a group that takes no part in the match
			return Value{}, nil
		}
		return Value{Text: text[at[2*group]:at[2*group+1]]}, nil
	}, nil
}

// bindSubstring takes the characters from one place to before another. Negative places count from the end; those outside of
// the text are its ends.
func bindSubstring(args []Value) (change, error) {
	from, err := whole(args[0], "from")
	if err != nil {
		return nil, err
	}
	to, open := 0, len(args) == 1
	if !open {
		if to, err = whole(args[1], "to"); err != nil {
			return nil, err
		}
	}
	return ofText(func(text string) (Value, error) {
		runes := []rune(text)
		end := len(runes)
		if !open {
			end = place(to, len(runes))
		}
		start := min(place(from, len(runes)), end)
		return Value{Text: string(runes[start:end])}, nil
	}), nil
}

// place returns where among n something is that is counted from the start, or, if negative, from the end.
func place(at, n int) int {
	if at < 0 {
		at += n
	}
	return min(max(at, 0), n)
}

func bindSplit(args []Value) (change, error) {
	separator, err := textOf(args[0])
	if err != nil {
		return nil, fmt.Errorf("separator: %w", err)
	}
	return ofText(func(text string) (Value, error) {
		var pieces []Value
		for piece := range strings.SplitSeq(text, separator) {
			pieces = append(pieces, Value{Text: piece})
		}
		return listOf(pieces), nil
	}), nil
}

// length counts the characters of a text, the elements of a list or the members of an object.
func length(v Value) (Value, error) {
	if shape := shapeOf(v); shape == listShape || shape == objectShape {
		return count(v)
	}
	text, err := textOf(v)
	return integer(utf8.RuneCountInString(text)), err
}

func reverse(v Value) (Value, error) {
	if shapeOf(v) == listShape {
		all, err := elements(v)
		slices.Reverse(all)
		return listOf(all), err
	}
	text, err := textOf(v)
	if err != nil {
		return Value{}, unfit(v, "text or a list")
	}
	runes := []rune(text)
	slices.Reverse(runes)
	return Value{Text: string(runes)}, nil
}
