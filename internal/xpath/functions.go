package xpath

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// function is one of the core library (XPath 1.0, section 4).
type function struct {
	least, most int  // arguments
	nodes       bool // the first one must be nodes
	result      Kind
	do          func(ev *evaluation, at context, args []any) any
}

// arguments says how many it takes.
func (f function) arguments() string {
	switch {
	case f.most == math.MaxInt:
		return strconv.Itoa(f.least) + " arguments at least"
	case f.least != f.most:
		return strconv.Itoa(f.least) + " to " + strconv.Itoa(f.most) + " arguments"
	case f.least == 1:
		return "one argument"
	case f.least == 0:
		return "no arguments"
	}
	return strconv.Itoa(f.least) + " arguments"
}

// functions is the table of the core library.
func functions() map[string]function {
	return map[string]function{
		"last":     {0, 0, false, Number, func(_ *evaluation, at context, _ []any) any { return float64(at.size) }},
		"position": {0, 0, false, Number, func(_ *evaluation, at context, _ []any) any { return float64(at.position) }},
		"count":    {1, 1, true, Number, func(_ *evaluation, _ context, args []any) any { return float64(len(args[0].([]*Node))) }},
		"id":       {1, 1, false, NodeSet, findIDs},

		"local-name":    {0, 1, true, String, named(func(n *Node) string { return n.local })},
		"namespace-uri": {0, 1, true, String, named(func(n *Node) string { return n.space })},
		"name":          {0, 1, true, String, named((*Node).name)},

		"string":           {0, 1, false, String, ofText(func(s string) any { return s })},
		"concat":           {2, math.MaxInt, false, String, concat},
		"starts-with":      {2, 2, false, Boolean, ofTwo(func(a, b string) any { return strings.HasPrefix(a, b) })},
		"contains":         {2, 2, false, Boolean, ofTwo(func(a, b string) any { return strings.Contains(a, b) })},
		"substring-before": {2, 2, false, String, ofTwo(func(a, b string) any { before, _, ok := strings.Cut(a, b); return onlyIf(ok, before) })},
		"substring-after":  {2, 2, false, String, ofTwo(func(a, b string) any { _, after, _ := strings.Cut(a, b); return after })},
		"substring":        {2, 3, false, String, substring},
		"string-length":    {0, 1, false, Number, ofText(func(s string) any { return float64(utf8.RuneCountInString(s)) })},
		"normalize-space":  {0, 1, false, String, ofText(func(s string) any { return strings.Join(strings.FieldsFunc(s, isSpace), " ") })},
		"translate":        {3, 3, false, String, translate},

		"boolean": {1, 1, false, Boolean, func(_ *evaluation, _ context, args []any) any { return truth(args[0]) }},
		"not":     {1, 1, false, Boolean, func(_ *evaluation, _ context, args []any) any { return !truth(args[0]) }},
		"true":    {0, 0, false, Boolean, func(*evaluation, context, []any) any { return true }},
		"false":   {0, 0, false, Boolean, func(*evaluation, context, []any) any { return false }},
		"lang":    {1, 1, false, Boolean, lang},

		"number":  {0, 1, false, Number, toNumber},
		"sum":     {1, 1, true, Number, sum},
		"floor":   {1, 1, false, Number, ofNumber(math.Floor)},
		"ceiling": {1, 1, false, Number, ofNumber(math.Ceil)},
		"round":   {1, 1, false, Number, ofNumber(round)},
	}
}

// unknownFunction says what to use instead of functions that later versions have.
func unknownFunction(name string) string {
	switch name {
	case "matches", "ends-with", "lower-case", "upper-case", "exists", "empty", "replace", "string-join", "tokenize", "distinct-values", "max", "min", "avg", "abs":
		return "XPath 1.0 has no " + name + "(); find the value, and judge it with a predicate"
	}
	return "unknown function " + name + "(); there are " + strings.Join(slices.Sorted(maps.Keys(functions())), ", ")
}

func onlyIf(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// named is a function of the first node, or of the context node.
func named(of func(*Node) string) func(*evaluation, context, []any) any {
	return func(_ *evaluation, at context, args []any) any {
		if len(args) == 0 {
			return of(at.node)
		}
		if set := args[0].([]*Node); len(set) > 0 {
			return of(set[0])
		}
		return ""
	}
}

// ofText is a function of a text, or of that of the context node.
func ofText(of func(string) any) func(*evaluation, context, []any) any {
	return func(ev *evaluation, at context, args []any) any {
		if len(args) == 0 {
			return of(ev.value(at.node))
		}
		return of(ev.text(args[0]))
	}
}

func ofTwo(of func(a, b string) any) func(*evaluation, context, []any) any {
	return func(ev *evaluation, _ context, args []any) any { return of(ev.text(args[0]), ev.text(args[1])) }
}

func ofNumber(of func(float64) float64) func(*evaluation, context, []any) any {
	return func(ev *evaluation, _ context, args []any) any { return of(ev.number(args[0])) }
}

func concat(ev *evaluation, _ context, args []any) any {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(ev.text(a))
	}
	return b.String()
}

// round rounds halves up, also those below zero: round(-2.5) is -2.
func round(f float64) float64 { return math.Floor(f + 0.5) }

// substring counts characters from 1, and rounds: substring("12345", 1.5, 2.6) is "234".
func substring(ev *evaluation, _ context, args []any) any {
	from := round(ev.number(args[1]))
	to := math.Inf(1)
	if len(args) == 3 {
		to = from + round(ev.number(args[2]))
	}
	var b strings.Builder
	at := 0.0
	for _, r := range ev.text(args[0]) {
		at++
		if at >= from && at < to {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func translate(ev *evaluation, _ context, args []any) any {
	from, to := []rune(ev.text(args[1])), []rune(ev.text(args[2]))
	table := map[rune]rune{}
	for i, r := range from {
		if _, ok := table[r]; ok {
			continue
		}
		table[r] = -1
		if i < len(to) {
			table[r] = to[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if other, ok := table[r]; ok {
			return other
		}
		return r
	}, ev.text(args[0]))
}

func toNumber(ev *evaluation, at context, args []any) any {
	if len(args) == 0 {
		return parseNumber(ev.value(at.node))
	}
	return ev.number(args[0])
}

func sum(ev *evaluation, _ context, args []any) any {
	total := 0.0
	for _, n := range args[0].([]*Node) {
		total += parseNumber(ev.value(n))
	}
	return total
}

// findIDs finds elements by their id or xml:id; documents without a DTD declare no others.
func findIDs(ev *evaluation, at context, args []any) any {
	wanted := map[string]bool{}
	if set, ok := args[0].([]*Node); ok {
		for _, n := range set {
			for id := range strings.FieldsSeq(ev.value(n)) {
				wanted[id] = true
			}
		}
	} else {
		for id := range strings.FieldsSeq(ev.text(args[0])) {
			wanted[id] = true
		}
	}
	var found []*Node
	ev.descend(ev.doc.root, func(n *Node) {
		for _, a := range n.attributes {
			if a.local == "id" && (a.prefix == "" || a.prefix == "xml") && wanted[a.text] {
				found = append(found, n)
				delete(wanted, a.text)
			}
		}
	})
	return found
}

// lang holds for a node in a language: en is that of xml:lang="en-GB".
func lang(ev *evaluation, at context, args []any) any {
	want := strings.ToLower(ev.text(args[0]))
	for n := at.node; n != nil; n = n.parent {
		for _, a := range n.attributes {
			if a.local == "lang" && (a.prefix == "xml" || ev.doc.html && a.prefix == "") {
				got := strings.ToLower(a.text)
				return got == want || strings.HasPrefix(got, want+"-")
			}
		}
	}
	return false
}
