package translate

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// method asks what a word with arguments asks.
func (c *chain) method(l link) error {
	if r, ok := c.of.(thing); ok && r.name == "pm.response" {
		return c.responseHas(l)
	}
	f, ok := c.of.(found)
	if !ok {
		return c.constantEquals(l)
	}
	args, err := c.arguments(l.call)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return c.no("chai wants an argument: " + l.name)
	}
	w, known := wanted(args[0])
	if _, und := args[0].(undefined); und && isEqual(l.name) {
		return c.exists(f, c.not)
	}
	if !known {
		return c.no("two values of the response are compared")
	}
	if c.length {
		f.length = true
	}
	if ok, err := c.comparison(f, l.name, w, args); ok || err != nil {
		return err
	}
	return c.contentMethod(f, l, w, args)
}

func (c *chain) arguments(x *ast.CallExpression) ([]value, error) {
	var args []value
	for _, a := range x.ArgumentList {
		if re, ok := a.(*ast.RegExpLiteral); ok {
			p, err := regexpOf(re)
			if err != nil {
				return nil, c.no(err.Error())
			}
			args = append(args, literal{p})
			continue
		}
		v, err := c.t.eval(a, c.env)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return args, nil
}

// comparison asks for a value or for more or less of it.
func (c *chain) comparison(f found, name string, w any, args []value) (bool, error) {
	n, isNumber := w.(json.Number)
	words := map[string]string{"above": "above", "gt": "above", "greaterThan": "above", "least": "at_least", "gte": "at_least", "greaterThanOrEqual": "at_least",
		"below": "below", "lt": "below", "lessThan": "below", "most": "at_most", "lte": "at_most", "lessThanOrEqual": "at_most"}
	var checks []check
	var err error
	switch word := words[name]; {
	case isEqual(name):
		if (name == "equal" || name == "equals" || name == "eq") && !c.deep && composite(w) {
			return true, c.no("an object that was made is equal to no other: eql compares what is in it")
		}
		checks, err = equals(f, w, !c.not)
	case word != "" && isNumber:
		checks, err = compare(f, word, n, !c.not)
	case name == "within" && isNumber && len(args) > 1 && !c.not:
		hi, _ := wanted(args[1])
		high, ok := hi.(json.Number)
		if !ok || f.isText() || f.subject == "duration" {
			return true, c.no("no two numbers")
		}
		checks = []check{{of: f, word: "between", arg: []any{n, high}}}
	case (name == "lengthOf" || name == "length") && isNumber:
		f.length = true
		checks = []check{{of: f, word: "equals", arg: n}}
		if c.not {
			checks[0].word = "not"
		}
	case name == "oneOf":
		list, ok := w.([]any)
		if !ok {
			return true, c.no("oneOf wants a list")
		}
		checks, err = oneOf(f, list, !c.not)
	default:
		return false, nil
	}
	if err != nil {
		return true, c.no(err.Error())
	}
	return true, c.add(checks...)
}

func composite(w any) bool {
	_, list := w.([]any)
	return list || isObject(w)
}

// contentMethod asks what is in a value.
func (c *chain) contentMethod(f found, l link, w any, args []value) error {
	s, isText := w.(string)
	switch l.name {
	case "a", "an":
		return c.kind(f, s)
	case "property", "ownProperty", "haveOwnProperty", "haveOwnPropertyDescriptor":
		return c.hasProperty(f, s, args)
	case "include", "includes", "contain", "contains":
		return c.includes(f, w)
	case "string":
		if isText && s != "" && !f.length {
			return c.add(c.negated(check{of: f, word: "contains", arg: s}))
		}
	case "match", "matches":
		if isText && !f.length && !f.isNumber() {
			return c.matches(f, s)
		}
	case "keys", "key":
		return c.hasKeys(f, args)
	case "members":
		if list, ok := w.([]any); ok && len(list) > 0 && !f.isText() && !f.length && !c.not {
			if c.include {
				return c.add(check{of: f, word: "includes", arg: list}, check{of: f, word: "type", arg: "list"})
			}
			return c.add(check{of: f, word: "unordered", arg: list})
		}
	}
	return c.no("chai has a word that declarations have not: " + l.name)
}

func (c *chain) negated(k check) check {
	if c.not {
		k.arg, k.word = []Entry{{Key: k.word, Value: k.arg}}, "not"
	}
	return k
}

// kind asks for a type.
func (c *chain) kind(f found, name string) error {
	types := map[string]string{"array": "list", "object": "object", "string": "string", "number": "number", "boolean": "boolean", "null": "null"}
	word := types[strings.ToLower(name)]
	switch {
	case name == "undefined":
		return c.exists(f, c.not)
	case word == "" || f.length || f.isNumber():
		return c.no("no type of JSON: " + name)
	case f.subject == "text" || f.subject == "headers" && word != "string":
		return c.no("a text is a text whatever the answer")
	case c.not:
		return c.add(append(there(f), optional(f, "not", []Entry{{Key: "type", Value: word}}))...)
	}
	return c.add(check{of: f, word: "type", arg: word})
}

// hasProperty asks for a member, and goes on to speak of it.
func (c *chain) hasProperty(f found, name string, args []value) error {
	if (f.subject != "json" && f.subject != "element") || f.length || len(f.then) > 0 || name == "" || name == "length" {
		return c.no("only what is JSON has properties")
	}
	member := f
	for _, step := range c.steps(unescaped(name)) {
		member = member.at(step, false)
	}
	if len(args) > 1 {
		w, ok := wanted(args[1])
		if !ok || composite(w) && !c.deep {
			return c.no("a property is compared with what only a script can tell")
		}
		c.of = member
		if c.not { // an object without the member has no such value either
			return c.add(append(there(member), optional(member, "not", plainOr(w)))...)
		}
		return c.equal(member, w)
	}
	if c.not {
		return c.exists(member, false)
	}
	c.of = member
	return c.exists(member, true)
}

func plainOr(w any) any {
	if isObject(w) {
		return []Entry{{Key: "equals", Value: w}}
	}
	return w
}

// steps returns the names in the path of a nested property.
func (c *chain) steps(name string) []string {
	if !c.nested {
		return []string{name}
	}
	return strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(name), ".")
}

// hasKeys asks for members by name.
func (c *chain) hasKeys(f found, args []value) error {
	names := args
	if l, ok := args[0].(literal); ok {
		if list, isList := l.v.([]any); isList {
			names = nil
			for _, n := range list {
				names = append(names, literal{n})
			}
		}
	}
	var all []any
	for _, n := range names {
		l, _ := n.(literal)
		s, ok := l.v.(string)
		if !ok {
			return c.no("keys that only a script can tell")
		}
		all = append(all, s)
	}
	if f.subject != "json" || f.length || len(f.then) > 0 || len(all) == 0 {
		return c.no("only what is JSON has keys")
	}
	switch {
	case c.not && c.keys == "any": // none of them
		checks := []check{{of: f, word: "not", arg: nil}}
		for _, s := range all {
			checks = append(checks, check{of: f.at(unescaped(s.(string)), true), word: "exists", arg: false})
		}
		return c.add(checks...)
	case c.not || c.keys == "any" && len(all) > 1:
		return c.no("some of several keys")
	case c.include || c.keys == "any":
		var checks []check
		for _, s := range all {
			checks = append(checks, check{of: f.at(unescaped(s.(string)), false), word: "exists", arg: true})
		}
		return c.add(checks...)
	}
	return c.add(check{of: f.with("keys"), word: "unordered", arg: all})
}

// includes asks for a piece of a text, an element of a list or members of an object.
func (c *chain) includes(f found, w any) error {
	s, isText := w.(string)
	switch {
	case f.length || f.isNumber():
		return c.no("a number includes nothing")
	case f.subject == "reason":
		return c.no("the words of a status are looked into")
	case isText && s == "":
		return c.no("everything includes the empty text")
	case isText && (f.isText() || !c.t.isList(f, c.checks)):
		if !f.isText() && !c.t.isType(f, "string", c.checks) {
			c.t.remark("include is taken to look into a text; for a list write includes instead of contains")
		}
		return c.add(c.negated(check{of: f, word: "contains", arg: s}))
	case f.isText():
		return c.no("a text includes no " + "number")
	case isObject(w):
		return c.no("parts of an object are compared")
	case composite(w):
		return c.no("a list that was made is an element of no other")
	}
	return c.add(c.negated(check{of: f, word: "includes", arg: w}))
}

// matches asks for a regular expression. Chai reads a number as text first.
func (c *chain) matches(f found, re string) error {
	if f.subject == "json" && len(f.then) == 0 && matchesNumbers(re) {
		f = f.with("to_string")
	}
	k := c.negated(check{of: f, word: "matches", arg: escaped(re)})
	if c.not && f.subject == "json" {
		return c.add(append(there(f), optional(f, "not", k.arg))...)
	}
	return c.add(k)
}

// matchesNumbers reports whether a regular expression finds something in what is no text.
func matchesNumbers(s string) bool {
	re, err := regexp.Compile(s)
	if err != nil {
		return false
	}
	probes := []string{"true", "false", "0", "-1", "0.5", "12.75"}
	for n := 1; n < 20; n++ {
		probes = append(probes, strings.Repeat("7", n))
	}
	return slices.ContainsFunc(probes, re.MatchString)
}

// regexpOf returns a regular expression in the syntax of Go.
func regexpOf(x *ast.RegExpLiteral) (string, error) {
	s := strings.ReplaceAll(x.Pattern, `\/`, "/")
	flags := strings.Trim(x.Flags, "gu")
	if strings.Trim(flags, "ims") != "" {
		return "", problem{-1, "a regular expression with the flags " + x.Flags}
	}
	if flags != "" {
		s = "(?" + flags + ")" + s
	}
	if _, err := regexp.Compile(s); err != nil {
		return "", problem{-1, "a regular expression that RE2 has not: " + x.Literal}
	}
	return s, nil
}

// isList reports whether the script itself shows that a value is a list: by its type, or by one of its elements.
func (t *translator) isList(f found, more []check) bool {
	return t.isType(f, "list", more) || t.shows(more, func(k check) bool {
		return k.of.subject == f.subject && len(k.of.path) > len(f.path) && slices.Equal(k.of.path[:len(f.path)], f.path) && isIndex(k.of.path[len(f.path)])
	})
}

// isType reports whether the script itself asks for a type.
func (t *translator) isType(f found, word string, more []check) bool {
	return t.shows(more, func(k check) bool { return k.of.same(f) && k.word == "type" && k.arg == word })
}

func (t *translator) shows(more []check, ok func(check) bool) bool {
	for _, u := range t.units {
		if slices.ContainsFunc(u.checks, ok) {
			return true
		}
	}
	return slices.ContainsFunc(more, ok)
}

// constantEquals is about what is known without an answer, or what is swapped: pm.expect(200).to.eql(pm.response.code).
func (c *chain) constantEquals(l link) error {
	left, known := wanted(c.of)
	if !known || !isEqual(l.name) || len(l.call.ArgumentList) == 0 {
		return c.no("only a script can look at " + c.t.source(c.at))
	}
	right, err := c.t.eval(l.call.ArgumentList[0], c.env)
	if err != nil {
		return err
	}
	if v, ok := right.(variable); ok {
		right = found{subject: "variables", path: []string{v.name}}
	}
	f, ok := right.(found)
	if !ok || composite(left) && l.name != "eql" {
		return c.no("only a script can look at " + c.t.source(c.at))
	}
	return c.equal(f, left)
}
