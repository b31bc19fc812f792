package expect

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// snapshotMatch stands in a snapshot for values that are different each time: <uuid>, <regex:^a>.
type snapshotMatch struct {
	text string // as it is written
	want string // "a UUID (<uuid>)"
	fits func(value) bool
}

// withMatchers puts matchers in the place of the texts that spell them. The error says which is none.
func withMatchers(v any) (any, error) {
	switch v := v.(type) {
	case string:
		m, is, err := newSnapshotMatch(v)
		if is && err == nil {
			return m, nil
		}
		return v, err
	case []any:
		for i := range v {
			var err error
			if v[i], err = withMatchers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, name := range sortedNames(v) {
			var err error
			if v[name], err = withMatchers(v[name]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// newSnapshotMatch reads <any>, <regex:…>, and each word of type in the same form. Other texts are none.
func newSnapshotMatch(s string) (m snapshotMatch, is bool, err error) {
	word, open := strings.CutPrefix(s, "<")
	word, closed := strings.CutSuffix(word, ">")
	if !open || !closed {
		return m, false, nil
	}
	if pattern, ok := strings.CutPrefix(word, "regex:"); ok {
		re, err := compileRegexp(pattern)
		if err != nil {
			return m, true, errors.New(quote(s) + ": " + err.Error())
		}
		return snapshotMatch{s, "text that matches " + pattern, func(v value) bool { return v.kind == text && re.MatchString(v.text) }}, true, nil
	}
	if word == "any" {
		return snapshotMatch{s, "anything", func(value) bool { return true }}, true, nil
	}
	if t, ok := valueTypes()[word]; ok {
		return snapshotMatch{s, t.name + " (" + s + ")", t.is}, true, nil
	}
	return m, false, nil
}

// ignoredPath is a way to values that are not compared: # stands for every element, * for every member.
type ignoredPath []string

func newIgnoredPath(s string) (ignoredPath, error) {
	if strings.HasPrefix(s, "$") || strings.HasPrefix(s, "/") || s == "" || strings.Contains(s, "..") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return nil, errors.New("want the path of what is not compared, such as meta.lastUpdated or entry.#.id, got " + quote(s))
	}
	var p ignoredPath
	var part strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			part.WriteByte(s[i])
		case s[i] == '.':
			p = append(p, part.String())
			part.Reset()
		default:
			part.WriteByte(s[i])
		}
	}
	return append(p, part.String()), nil
}

func (p ignoredPath) fits(at []string) bool {
	if len(p) != len(at) {
		return false
	}
	for i, part := range p {
		index := part == "#" && digits(at[i]) == len(at[i])
		if part != at[i] && part != "*" && !index {
			return false
		}
	}
	return true
}

func ignored(paths []ignoredPath, at []string) bool {
	return slices.ContainsFunc(paths, func(p ignoredPath) bool { return p.fits(at) })
}

// snapshotDiff collects where a value is not as a snapshot says.
type snapshotDiff struct {
	diff
	ignore []ignoredPath
}

func (d *snapshotDiff) values(at []string, got, want any) {
	if d.full() || ignored(d.ignore, at) {
		return
	}
	switch want := want.(type) {
	case snapshotMatch:
		if !want.fits(valueOf(got)) {
			d.add(pathOf(at), "got "+renderKind(got)+", want "+want.want)
		}
		return
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			d.objects(at, got, want)
			return
		}
	case []any:
		if got, ok := got.([]any); ok {
			d.lists(at, got, want)
			return
		}
	}
	if !same(got, want) {
		d.add(pathOf(at), explain(equals{valueOf(unmatched(want))}, valueOf(got), false))
	}
}

// pathOf writes a way as a gjson path.
func pathOf(at []string) string {
	if len(at) == 0 {
		return "the whole"
	}
	names := make([]string, len(at))
	for i, name := range at {
		names[i] = gjson.Escape(name)
	}
	return strings.Join(names, ".")
}

func (d *snapshotDiff) objects(at []string, got, want map[string]any) {
	names := slices.AppendSeq(sortedNames(want), maps.Keys(got))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		g, there := got[name]
		w, wanted := want[name]
		d.member(append(at[:len(at):len(at)], name), g, w, there, wanted)
	}
}

func (d *snapshotDiff) lists(at []string, got, want []any) {
	for i := 0; i < max(len(got), len(want)) && !d.full(); i++ {
		var g, w any
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		d.member(append(at[:len(at):len(at)], strconv.Itoa(i)), g, w, i < len(got), i < len(want))
	}
}

func (d *snapshotDiff) member(at []string, got, want any, there, wanted bool) {
	switch {
	case ignored(d.ignore, at):
	case !there:
		d.add(pathOf(at), "missing, want "+renderOf(unmatched(want)))
	case !wanted:
		d.add(pathOf(at), "got "+renderOf(got)+", want nothing there")
	default:
		d.values(at, got, want)
	}
}

// unmatched writes matchers as texts again, for messages and files.
func unmatched(v any) any {
	switch v := v.(type) {
	case snapshotMatch:
		return v.text
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = unmatched(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, m := range v {
			out[name] = unmatched(m)
		}
		return out
	}
	return v
}

// indented writes JSON for a file: members by name, numbers with the digits that came.
func indented(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.String(), err
}
