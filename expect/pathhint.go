package expect

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
)

// pathHint tells of the deepest place of a path that exists, and what is there instead.
func pathHint(doc, path string) string {
	c := &pathChecker{path: path}
	if c.check() != nil || len(c.pieces) == 0 {
		return ""
	}
	at := len(c.pieces) - 1
	for ; at > 0; at-- {
		parent := path[:c.pieces[at-1].to]
		if r := gjson.Get(doc, parent); r.Exists() {
			return describePlace(doc, path, parent, c.pieces[at], r)
		}
	}
	return describePlace(doc, path, "", c.pieces[0], gjson.Parse(doc))
}

func describePlace(doc, path, parent string, missing piece, r gjson.Result) string {
	key, rest := path[missing.from:missing.to], path[missing.to:]
	name, prefix := parent, parent+"."
	if parent == "" {
		name, prefix = "the body", ""
	}
	switch {
	case r.IsObject():
		return name + " has " + members(doc, prefix, key, rest, r)
	case r.IsArray():
		return name + " is a list" + elementsHint(prefix, key, rest, r)
	}
	return name + " is " + render(valueOfJSON(r)) + " and has no members"
}

// members lists what an object has, and the path that was probably meant.
func members(doc, prefix, key, rest string, r gjson.Result) string {
	var names []string
	r.ForEach(func(k, _ gjson.Result) bool {
		names = append(names, k.Str)
		return len(names) < 1000
	})
	if len(names) == 0 {
		return "no members"
	}
	for _, name := range names {
		if strings.Contains(name, ".") && strings.HasPrefix(key+rest, name) {
			return some(names) + "; did you mean " + prefix + gjson.Escape(name) + (key + rest)[len(name):] + "?"
		}
	}
	hint := source.Suggest(key, names)
	if len(key) < 2 || !strings.HasPrefix(hint, "did you mean") {
		return some(names)
	}
	for _, name := range names {
		if meant := prefix + gjson.Escape(name) + rest; hint == `did you mean "`+name+`"?` && gjson.Get(doc, meant).Exists() {
			return some(names) + "; did you mean " + meant + "?"
		}
	}
	return some(names) + "; " + hint
}

// elementsHint tells how to get into a list.
func elementsHint(prefix, key, rest string, r gjson.Result) string {
	n := int(r.Get("#").Int())
	switch {
	case n == 0:
		return " with nothing in it"
	case key != "" && digits(key) == len(key):
		return " of " + strconv.Itoa(n) + ", counted from 0"
	case strings.HasPrefix(key, "#("):
		return " of " + strconv.Itoa(n) + ", none of which satisfies " + key
	case key == "length" || key == "size" || key == "count":
		return " of " + strconv.Itoa(n) + "; its length is " + prefix + "#"
	}
	return " of " + strconv.Itoa(n) + "; write " + prefix + "0." + key + rest + " for the first, " + prefix + "#." + key + rest + " for all"
}
