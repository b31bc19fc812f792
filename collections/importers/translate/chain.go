package translate

import (
	"encoding/json"

	"github.com/dop251/goja/ast"
)

// link is one word of a chain: .to, .have, .property("x").
type link struct {
	name string
	call *ast.CallExpression // nil for a word alone
}

// chain is pm.expect(value) or pm.response, and what is said of it.
type chain struct {
	t       *translator
	env     *env
	at      ast.Node
	of      value
	not     bool
	deep    bool
	nested  bool
	keys    string // any or all
	include bool   // include.keys, include.members
	length  bool   // length.above
	checks  []check
	end     bool // something was asked
}

// chainOf returns the words of a chain, and the value that it is about; nil where the expression is none.
func (t *translator) chainOf(x ast.Expression, e *env) (*chain, []link, error) {
	var links []link
	for {
		switch n := x.(type) {
		case *ast.DotExpression:
			if isPM(n.Left, e) && n.Identifier.Name == "response" && len(links) > 0 {
				return &chain{t: t, env: e, at: n, of: thing{"pm.response"}}, links, nil
			}
			links = append([]link{{name: n.Identifier.Name.String()}}, links...)
			x = n.Left
		case *ast.CallExpression:
			dot, ok := n.Callee.(*ast.DotExpression)
			if !ok {
				return nil, nil, nil
			}
			if isPM(dot.Left, e) {
				if dot.Identifier.Name != "expect" || len(n.ArgumentList) == 0 {
					return nil, nil, nil
				}
				return &chain{t: t, env: e, at: n.ArgumentList[0]}, links, nil
			}
			links = append([]link{{name: dot.Identifier.Name.String(), call: n}}, links...)
			x = dot.Left
		default:
			return nil, nil, nil
		}
	}
}

func isPM(x ast.Expression, e *env) bool {
	id, ok := x.(*ast.Identifier)
	return ok && id.Name == "pm" && e.find("pm") == nil
}

// expectation translates a chain; ok is false where the expression is none.
func (t *translator) expectation(x ast.Expression, e *env) (checks []check, ok bool, err error) {
	c, links, err := t.chainOf(x, e)
	if c == nil || err != nil || c.of != nil && links[0].name != "to" {
		return nil, false, err
	}
	if c.of == nil {
		about := c.at.(ast.Expression)
		v, err := t.eval(about, e)
		if err != nil {
			checks, boolErr := t.expectTruth(about, links, e)
			if boolErr != nil {
				return nil, true, err
			}
			return checks, true, nil
		}
		c.of = v
	}
	if v, isVariable := c.of.(variable); isVariable {
		c.of = found{subject: "variables", path: []string{v.name}}
	}
	for _, l := range links {
		if err := c.follow(l); err != nil {
			return nil, true, err
		}
	}
	if !c.end {
		return nil, true, t.no(x, "nothing is asked: "+t.source(x))
	}
	return c.checks, true, nil
}

// expectTruth translates pm.expect(a > b).to.be.true and the like.
func (t *translator) expectTruth(x ast.Expression, links []link, e *env) ([]check, error) {
	want := true
	for i, l := range links {
		switch {
		case l.call == nil && isFiller(l.name):
		case l.call == nil && l.name == "not":
			want = !want
		case i == len(links)-1 && l.call == nil && (l.name == "true" || l.name == "ok"):
			return t.truth(x, want, e)
		case i == len(links)-1 && l.call == nil && l.name == "false":
			return t.truth(x, !want, e)
		case i == len(links)-1 && l.call != nil && isEqual(l.name) && len(l.call.ArgumentList) >= 1:
			b, ok := l.call.ArgumentList[0].(*ast.BooleanLiteral)
			if !ok {
				return nil, t.no(x, "")
			}
			return t.truth(x, want == b.Value, e)
		default:
			return nil, t.no(x, "")
		}
	}
	return nil, t.no(x, "")
}

func isEqual(name string) bool {
	return name == "equal" || name == "equals" || name == "eq" || name == "eql" || name == "eqls"
}

// isFiller reports whether a word of a chain says nothing.
func isFiller(name string) bool {
	switch name {
	case "to", "be", "been", "is", "that", "which", "and", "has", "have", "with", "at", "of", "same", "but", "does", "still", "also", "a", "an":
		return true
	}
	return false
}

// follow takes one word of a chain.
func (c *chain) follow(l link) error {
	if l.call == nil && isFiller(l.name) {
		return nil
	}
	switch l.name {
	case "not":
		c.not = true
		return nil
	case "deep":
		c.deep = true
		return nil
	case "nested":
		c.nested = true
		return nil
	case "any", "all":
		c.keys = l.name
		return nil
	case "include", "includes", "contain", "contains":
		if l.call == nil {
			c.include = true
			return nil
		}
	case "length", "lengthOf":
		if l.call == nil {
			c.length = true
			return nil
		}
	case "responseTime":
		if r, ok := c.of.(thing); ok && l.call == nil && r.name == "pm.response" {
			c.of = found{subject: "duration"}
			return nil
		}
	}
	if l.call == nil {
		return c.property(l.name)
	}
	return c.method(l)
}

// add adds a check; a second word speaks of the same value still.
func (c *chain) add(checks ...check) error {
	c.checks = append(c.checks, checks...)
	c.end = true
	return nil
}

func (c *chain) no(reason string) error { return c.t.no(c.at, reason) }

// property asks what a word alone asks: true, null, empty, ok.
func (c *chain) property(name string) error {
	f, ok := c.of.(found)
	if !ok {
		if r, isThing := c.of.(thing); isThing && r.name == "pm.response" {
			return c.responseIs(name)
		}
		return c.constant(name)
	}
	switch name {
	case "true", "false":
		return c.equal(f, name == "true")
	case "null":
		return c.equal(f, nil)
	case "undefined":
		return c.exists(f, c.not)
	case "exist":
		if c.not {
			return c.add(append(there(f), optional(f, "equals", nil))...)
		}
		return c.add(check{of: f, word: "not", arg: nil})
	case "empty":
		return c.add(check{of: f, word: "empty", arg: !c.not})
	case "ok":
		return c.truthy(f)
	}
	return c.no("chai has a word that declarations have not: " + name)
}

func (c *chain) truthy(f found) error {
	checks, err := truthOf(f, !c.not)
	if err != nil {
		return c.no(err.Error())
	}
	return c.add(checks...)
}

// exists asks whether there is something, be it null.
func (c *chain) exists(f found, want bool) error {
	if f.length || len(f.then) > 0 {
		return c.no("what is made of a value is always there")
	}
	if want {
		return c.add(check{of: f, word: "exists", arg: true})
	}
	return c.add(append(there(f), check{of: f, word: "exists", arg: false})...)
}

// equal asks for a value, or for any other one.
func (c *chain) equal(f found, v any) error {
	checks, err := equals(f, v, !c.not)
	if err != nil {
		return c.no(err.Error())
	}
	return c.add(checks...)
}

// constant is about what is known without an answer.
func (c *chain) constant(name string) error {
	l, ok := c.of.(literal)
	if !ok {
		return c.no("only a script can look at " + c.t.source(c.at))
	}
	holds := false
	switch name {
	case "true":
		holds = l.v == true
	case "false":
		holds = l.v == false
	case "exist":
		holds = l.v != nil
	case "ok":
		holds = l.v != nil && l.v != false && l.v != "" && l.v != json.Number("0")
	default:
		return c.no("only a script can look at " + c.t.source(c.at))
	}
	if holds == c.not {
		return c.no("it never holds: " + c.t.source(c.at))
	}
	c.end = true
	return nil
}
