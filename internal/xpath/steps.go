package xpath

import (
	"slices"
	"strings"
)

// location reads a path that starts at the root or at the context node.
func (p *parser) location() (expr, error) {
	pt := path{}
	t := p.now()
	if t.kind == symbolToken && (t.text == "/" || t.text == "//") {
		pt.absolute = true
		if t.text == "/" && !p.stepFollows() {
			p.at++
			return pt, nil
		}
		return p.steps(pt)
	}
	s, err := p.step()
	if err != nil {
		return nil, err
	}
	pt.steps = append(pt.steps, s)
	return p.steps(pt)
}

// stepFollows reports whether a step stands behind the / that is next.
func (p *parser) stepFollows() bool {
	t := p.tokens[p.at+1]
	return t.kind == nameToken || t.kind == symbolToken && slices.Contains([]string{".", "..", "@", "*"}, t.text)
}

// steps reads / and // with the steps behind them.
func (p *parser) steps(pt path) (expr, error) {
	for {
		switch {
		case p.take("//"):
			pt.steps = append(pt.steps, step{axis: "descendant-or-self", test: test{node: "node"}})
		case p.take("/"):
		default:
			return pt, nil
		}
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		pt.steps = append(pt.steps, s)
	}
}

func (p *parser) step() (step, error) {
	switch {
	case p.take("."):
		return step{axis: "self", test: test{node: "node"}}, nil
	case p.take(".."):
		return step{axis: "parent", test: test{node: "node"}}, nil
	}
	s := step{axis: "child"}
	if p.take("@") {
		s.axis = "attribute"
	} else if p.now().kind == nameToken && p.next("::") {
		t := p.now()
		if !slices.Contains(axes(), t.text) {
			return s, fail(t.offset, "unknown axis %s; there are %s", t.text, strings.Join(axes(), ", "))
		}
		s.axis = t.text
		p.at += 2
	}
	var err error
	if s.test, err = p.test(); err != nil {
		return s, err
	}
	s.predicates, err = p.predicates()
	return s, err
}

// axes are those of XPath 1.0 but for namespace, which hardly anything offers.
func axes() []string {
	return []string{"ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following", "following-sibling", "parent", "preceding",
		"preceding-sibling", "self"}
}

func (p *parser) test() (test, error) {
	t := p.now()
	if t.kind == symbolToken && t.text == "*" {
		p.at++
		return test{name: "*"}, nil
	}
	if t.kind != nameToken {
		if t.kind == literalToken || t.kind == numberToken {
			return test{}, fail(t.offset, "want a name, got %s; the first node is written [1]", t.shown())
		}
		return test{}, p.unexpected()
	}
	p.at++
	if opened := p.now(); opened.kind == symbolToken && opened.text == "(" {
		if !isNodeType(t.text) {
			return test{}, fail(t.offset, "a step of a path is a name, or node(), text(), comment(); %s() stands before a path or behind it in [ ]", t.text)
		}
		p.at++
		of := test{node: t.text}
		if t.text == "processing-instruction" && p.now().kind == literalToken {
			of.name = p.now().text
			p.at++
		}
		return of, p.want(")", opened)
	}
	prefix, name, ok := strings.Cut(t.text, ":")
	if !ok {
		return test{name: t.text}, nil
	}
	if !slices.Contains(p.prefixes, prefix) {
		p.prefixes = append(p.prefixes, prefix)
	}
	return test{prefix: prefix, name: name}, nil
}

func (p *parser) predicates() ([]expr, error) {
	var all []expr
	for {
		opened := p.now()
		if !p.take("[") {
			return all, nil
		}
		if t := p.now(); t.kind == symbolToken && t.text == "]" {
			return nil, fail(opened.offset, "[] has no condition in it")
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if n, ok := e.(number); ok && n == 0 {
			return nil, fail(opened.offset, "[0] finds nothing: the first is [1]")
		}
		if err := p.want("]", opened); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
}
