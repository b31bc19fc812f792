package jsonpath

import "strings"

// filter reads ? and the logical expression behind it (RFC 9535, section 2.3.5).
func (p *parser) filter() (selector, error) {
	p.i++
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	return filter{t}, nil
}

// or reads logical expressions with || between them.
func (p *parser) or() (test, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.fail(p.i, "too many filters and parentheses in one another")
	}
	defer func() { p.depth-- }()
	var all anyOf
	for {
		t, err := p.and()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if !p.operator("||") {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

func (p *parser) and() (test, error) {
	var all allOf
	for {
		p.space()
		t, err := p.basic()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if !p.operator("&&") {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// operator steps over an operator and the space before it.
func (p *parser) operator(op string) bool {
	mark := p.i
	if p.space(); p.at(op) {
		p.i += len(op)
		return true
	}
	p.i = mark
	return false
}

// basic reads what stands between && and ||.
func (p *parser) basic() (test, error) {
	not := p.at("!")
	start := p.i
	if not {
		p.i++
		p.space()
	}
	if p.at("(") {
		t, err := p.parenthesized()
		if not {
			t = negated{t}
		}
		return t, err
	}
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	mark := p.i
	p.space()
	op, err := p.comparator()
	if err != nil {
		return nil, err
	}
	if op == "" {
		p.i = mark
		t, err := p.test(left)
		if not {
			t = negated{t}
		}
		return t, err
	}
	if not {
		return nil, p.fail(start, "! stands before a comparison only with parentheses: !(…)")
	}
	return p.comparison(left, op)
}

func (p *parser) parenthesized() (test, error) {
	open := p.i
	p.i++
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.at(")") {
		if p.i >= len(p.s) || p.at("]") {
			return nil, p.fail(open, "( without its )")
		}
		return nil, p.unexpected()
	}
	p.i++
	mark := p.i
	p.space()
	if op, err := p.comparator(); op != "" || err != nil {
		return nil, p.fail(open, "the sides of a comparison have no parentheses around them")
	}
	p.i = mark
	return t, nil
}

// comparator reads the operator of a comparison; "" where none stands.
func (p *parser) comparator() (string, error) {
	for _, wrong := range [][2]string{{"===", "=="}, {"!==", "!="}, {"=~", "match(@.name, 'regular expression')"}, {"<>", "!="}, {"=<", "<="}, {"=>", ">="}} {
		if p.at(wrong[0]) {
			return "", p.fail(p.i, "there is no "+wrong[0]+"; write "+wrong[1])
		}
	}
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.at(op) {
			p.i += len(op)
			return op, nil
		}
	}
	if p.at("=") {
		return "", p.fail(p.i, "one = compares nothing; write ==")
	}
	return "", nil
}

func (p *parser) comparison(left term, op string) (test, error) {
	p.space()
	right, err := p.term()
	if err != nil {
		return nil, err
	}
	l, err := p.operand(left)
	if err != nil {
		return nil, err
	}
	r, err := p.operand(right)
	if err != nil {
		return nil, err
	}
	switch op {
	case "==":
		return comparison{left: l, right: r, equal: true}, nil
	case "!=":
		return comparison{left: l, right: r, equal: true, not: true}, nil
	case "<":
		return comparison{left: l, right: r, less: true}, nil
	case "<=":
		return comparison{left: l, right: r, less: true, equal: true}, nil
	case ">":
		return comparison{left: r, right: l, less: true}, nil
	}
	return comparison{left: r, right: l, less: true, equal: true}, nil
}

// unexpected says what is wrong where an expression should end, or go on with an operator.
func (p *parser) unexpected() error {
	word, _, _ := strings.Cut(p.s[p.i:], " ")
	switch strings.ToLower(word) {
	case "and":
		return p.fail(p.i, "and is written &&")
	case "or":
		return p.fail(p.i, "or is written ||")
	case "in", "nin", "subsetof", "anyof", "noneof", "size", "empty", "contains":
		return p.fail(p.i, "there is no operator "+word+"; there are == != < <= > >= && || !")
	}
	switch c := p.s[p.i]; c {
	case '&', '|':
		return p.fail(p.i, "one "+string(c)+" means nothing; write "+string(c)+string(c))
	case '=', '!', '<', '>':
		return p.fail(p.i, "a comparison has two sides; join two of them with &&")
	case ')':
		return p.fail(p.i, ") without its (")
	}
	return p.fail(p.i, "unexpected "+p.next()+"; want , or ] or an operator")
}
