package expect

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
)

func readProperties(k keyword) rule {
	o, ok := k.value.(map[string]any)
	if !ok {
		return k.fail("want a mapping of names to schemas, got " + described(k.value))
	}
	of := map[string]*schema{}
	names := sortedNames(o)
	for _, name := range names {
		of[name] = k.sub(o[name], name)
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		members, ok := v.(map[string]any)
		if !ok {
			return
		}
		for _, name := range names {
			if m, there := members[name]; there {
				w.check(of[name], m, at.down(name), nil)
				seen.member(name)
			}
		}
	}
}

func readPatternProperties(k keyword) rule {
	o, ok := k.value.(map[string]any)
	if !ok {
		return k.fail("want a mapping of regular expressions to schemas, got " + described(k.value))
	}
	type pair struct {
		re *regexp.Regexp
		of *schema
	}
	var pairs []pair
	for _, pattern := range sortedNames(o) {
		if re := k.expression(pattern); re != nil {
			pairs = append(pairs, pair{re, k.sub(o[pattern], pattern)})
		}
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		members, _ := v.(map[string]any)
		for _, name := range sortedNames(members) {
			for _, p := range pairs {
				if p.re.MatchString(name) {
					w.check(p.of, members[name], at.down(name), nil)
					seen.member(name)
				}
			}
		}
	}
}

func readAdditionalProperties(k keyword) rule {
	others := k.sub(k.value)
	known, _ := k.beside["properties"].(map[string]any)
	patterned, _ := k.beside["patternProperties"].(map[string]any)
	var patterns []*regexp.Regexp
	for pattern := range patterned {
		if re, err := regexp.Compile(pattern); err == nil {
			patterns = append(patterns, re)
		} else if re, err := regexp.Compile(ecmaScript(pattern)); err == nil {
			patterns = append(patterns, re)
		}
	}
	names := sortedNames(known)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		members, _ := v.(map[string]any)
		for _, name := range sortedNames(members) {
			if _, ok := known[name]; ok || slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(name) }) {
				continue
			}
			if seen.member(name); others.never {
				w.fail(at.down(name), "got "+renderOf(members[name])+", want nothing there"+similar(name, names))
				continue
			}
			w.check(others, members[name], at.down(name), nil)
		}
	}
}

func readUnevaluatedProperties(k keyword) rule {
	others := k.sub(k.value)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		members, ok := v.(map[string]any)
		if !ok || seen.allMembers {
			return
		}
		for _, name := range sortedNames(members) {
			if !seen.members[name] {
				w.check(others, members[name], at.down(name), nil)
			}
		}
		seen.everyMember()
	}
}

// readRequired demands members. What a server only takes and never gives (writeOnly) is not demanded of its answers.
func readRequired(k keyword) rule {
	l, ok := k.value.([]any)
	if !ok {
		return k.fail("want a list of names, got " + described(k.value))
	}
	properties, _ := k.beside["properties"].(map[string]any)
	var names []string
	for _, v := range l {
		name, ok := v.(string)
		if !ok {
			return k.fail("want a list of names, got " + described(v) + " in it")
		}
		if p, ok := properties[name].(map[string]any); !ok || p["writeOnly"] != true {
			names = append(names, name)
		}
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		members, ok := v.(map[string]any)
		if !ok {
			return
		}
		for _, name := range names {
			if _, there := members[name]; !there {
				w.fail(at.down(name), "missing, and required"+nearby(name, members, properties))
			}
		}
	}
}

// nearby says which member was probably meant to be the one that is missing.
func nearby(name string, members, known map[string]any) string {
	var unknown []string
	for m := range members {
		if _, ok := known[m]; !ok {
			unknown = append(unknown, m)
		}
	}
	slices.Sort(unknown)
	if hint := similar(name, unknown); hint != "" {
		return "; there is" + hint[len("; did you mean"):len(hint)-1]
	}
	return ""
}

func readPropertyNames(k keyword) rule {
	of := k.sub(k.value)
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		members, _ := v.(map[string]any)
		for _, name := range sortedNames(members) {
			for _, bad := range w.try(of, name, nil, nil) {
				w.fail(at.down(name), "its name: "+bad.text)
			}
		}
	}
}

// readDependencies reads what a member brings with it: dependencies, dependentRequired and dependentSchemas.
func readDependencies(k keyword) rule {
	o, ok := k.value.(map[string]any)
	if !ok {
		return k.fail("want a mapping of names, got " + described(k.value))
	}
	schemas := map[string]*schema{}
	others := map[string][]string{}
	names := sortedNames(o)
	for _, name := range names {
		l, isList := o[name].([]any)
		if !isList {
			schemas[name] = k.sub(o[name], name)
			continue
		}
		for _, other := range l {
			s, ok := other.(string)
			if !ok {
				return k.fail("want a list of names, got " + described(other) + " in it")
			}
			others[name] = append(others[name], s)
		}
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		members, _ := v.(map[string]any)
		for _, name := range names {
			if _, there := members[name]; !there {
				continue
			}
			for _, other := range others[name] {
				if _, there := members[other]; !there {
					w.fail(at.down(other), "missing, and required where "+name+" is there")
				}
			}
			if s := schemas[name]; s != nil {
				w.check(s, v, at, seen)
			}
		}
	}
}

// readItems reads one schema for all elements behind prefixItems, or the list of schemas that it was before 2020-12.
func readItems(k keyword) rule {
	if l, ok := k.value.([]any); ok && k.at.in.dialect != draft2020 {
		rest, has := k.beside["additionalItems"]
		var others *schema
		if has {
			others = k.set.compile(k.at.down(rest, "additionalItems"))
		}
		return positions(k.each(l), others)
	}
	prefix, _ := k.beside["prefixItems"].([]any)
	if k.at.in.dialect != draft2020 {
		prefix = nil
	}
	of := k.sub(k.value)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		l, ok := v.([]any)
		if !ok {
			return
		}
		for i := len(prefix); i < len(l); i++ {
			w.check(of, l[i], at.down(strconv.Itoa(i)), nil)
		}
		seen.everyElement()
	}
}

func readPrefixItems(k keyword) rule {
	l, ok := k.value.([]any)
	if !ok {
		return k.fail("want a list of schemas, got " + described(k.value))
	}
	return positions(k.each(l), nil)
}

// each compiles a list of schemas.
func (k keyword) each(nodes []any) []*schema {
	of := make([]*schema, len(nodes))
	for i, node := range nodes {
		of[i] = k.sub(node, strconv.Itoa(i))
	}
	return of
}

// positions checks elements by their places, and those behind by others; nil for anything.
func positions(of []*schema, others *schema) rule {
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		l, ok := v.([]any)
		if !ok {
			return
		}
		for i, e := range l {
			switch {
			case i < len(of):
				w.check(of[i], e, at.down(strconv.Itoa(i)), nil)
			case others != nil:
				w.check(others, e, at.down(strconv.Itoa(i)), nil)
			}
		}
		seen.upTo(len(of))
		if others != nil {
			seen.everyElement()
		}
	}
}

func readUnevaluatedItems(k keyword) rule {
	others := k.sub(k.value)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		l, ok := v.([]any)
		if !ok || seen.allElements {
			return
		}
		for i := seen.first; i < len(l); i++ {
			if !seen.elements[i] {
				w.check(others, l[i], at.down(strconv.Itoa(i)), nil)
			}
		}
		seen.everyElement()
	}
}

func readUniqueItems(k keyword) rule {
	if k.value != true {
		return nil
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		l, _ := v.([]any)
		first := map[string]int{}
		for i, e := range l {
			key := canonical(e)
			if j, twice := first[key]; twice {
				w.fail(at.down(strconv.Itoa(i)), "got "+renderOf(e)+", which is at "+strconv.Itoa(j)+" already")
				continue
			}
			first[key] = i
		}
	}
}

// canonical writes values that are the same as the same text.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		d := parseDecimal(string(v))
		if d.zero {
			return "0"
		}
		sign := ""
		if d.negative {
			sign = "-"
		}
		digits := d.whole + d.fraction
		for len(digits) > 0 && digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		return sign + digits + "e" + strconv.Itoa(d.magnitude)
	case []any:
		s := "["
		for _, e := range v {
			s += canonical(e) + ","
		}
		return s + "]"
	case map[string]any:
		s := "{"
		for _, name := range sortedNames(v) {
			s += strconv.Quote(name) + ":" + canonical(v[name]) + ","
		}
		return s + "}"
	case string:
		return strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}

// readSchemaContains reads contains, with minContains and maxContains from 2019-09 on.
func readSchemaContains(k keyword) rule {
	of := k.sub(k.value)
	least, most := 1, -1
	if k.at.in.dialect <= draft2019 {
		least, most = k.number("minContains", 1), k.number("maxContains", -1)
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		l, ok := v.([]any)
		if !ok {
			return
		}
		n := 0
		for i, e := range l {
			if len(w.try(of, e, at.down(strconv.Itoa(i)), nil)) == 0 {
				n++
				seen.element(i)
			}
		}
		switch {
		case n < least:
			w.fail(at, "got "+strconv.Itoa(n)+" elements that contains allows, want at least "+strconv.Itoa(least))
		case most >= 0 && n > most:
			w.fail(at, "got "+strconv.Itoa(n)+" elements that contains allows, want at most "+strconv.Itoa(most))
		}
	}
}

func (k keyword) number(name string, otherwise int) int {
	n, ok := k.beside[name].(json.Number)
	if i, err := strconv.Atoi(string(n)); ok && err == nil {
		return i
	}
	return otherwise
}
