package xpath

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the kind of value that an expression has; it is known without a document.
type Kind int8

// The kinds of values (XPath 1.0, section 1).
const (
	NodeSet Kind = iota
	Number
	String
	Boolean
)

// Expr is an expression that was read. It does not change, and serves many goroutines.
type Expr struct {
	text     string
	root     expr
	prefixes []string // that names in it have
}

// String returns the expression as it is written.
func (e *Expr) String() string { return e.text }

// Kind returns what kind of value the expression has.
func (e *Expr) Kind() Kind { return e.root.kind() }

// The forms of an expression.
type (
	expr interface{ kind() Kind }

	literal string
	number  float64
	negated struct{ of expr }
	binary  struct {
		op          string
		left, right expr
	}
	call struct {
		function
		args []expr
	}
	// path is a location path, or steps from the nodes of an expression.
	path struct {
		from     expr // nil for the context node, or the root where absolute is set
		absolute bool
		steps    []step
	}
	// filter is an expression with predicates.
	filter struct {
		of         expr
		predicates []expr
	}
)

type step struct {
	axis       string
	test       test
	predicates []expr
}

// test is what a step asks of nodes.
type test struct {
	node   string // node, text, comment, processing-instruction; empty for a test of the name
	prefix string
	name   string // * for any; of a processing instruction its target, empty for any
}

func (literal) kind() Kind { return String }
func (number) kind() Kind  { return Number }
func (negated) kind() Kind { return Number }
func (path) kind() Kind    { return NodeSet }
func (filter) kind() Kind  { return NodeSet }
func (c call) kind() Kind  { return c.result }
func (b binary) kind() Kind {
	switch b.op {
	case "|":
		return NodeSet
	case "+", "-", "*", "div", "mod":
		return Number
	}
	return Boolean
}

// maxNesting is how deep an expression may be nested.
const maxNesting = 200

// Compile reads an expression. The error is a *SyntaxError.
func Compile(text string) (*Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fail(0, "the expression is empty; / is the whole document")
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.expression()
	if err == nil && p.now().kind != endToken {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &Expr{text, root, p.prefixes}, nil
}

type parser struct {
	tokens   []token
	at       int
	depth    int
	prefixes []string
}

func (p *parser) now() token { return p.tokens[p.at] }

// take steps over a symbol or an operator.
func (p *parser) take(text string) bool {
	if t := p.now(); (t.kind == symbolToken || t.kind == operator) && t.text == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) next(text string) bool {
	t := p.tokens[min(p.at+1, len(p.tokens)-1)]
	return t.kind == symbolToken && t.text == text
}

func (p *parser) unexpected() error {
	t := p.now()
	if t.kind == endToken {
		if p.at > 0 {
			return fail(t.offset, "the expression ends after %s", p.tokens[p.at-1].shown())
		}
		return fail(t.offset, "the expression ends too early")
	}
	return fail(t.offset, "unexpected %s", t.shown())
}

func (t token) shown() string {
	if t.kind == literalToken {
		return strconv.Quote(t.text)
	}
	return t.text
}

func (p *parser) want(text string, opened token) error {
	if p.take(text) {
		return nil
	}
	if p.now().kind == endToken {
		return fail(opened.offset, "%s without its closing %s", opened.text, text)
	}
	return fail(p.now().offset, "want %s before %s", text, p.now().shown())
}

// levels are the operators, the weakest first.
func levels() [][]string {
	return [][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}
}

func (p *parser) expression() (expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, fail(p.now().offset, "the expression is nested deeper than %d levels", maxNesting)
	}
	return p.level(levels())
}

func (p *parser) level(levels [][]string) (expr, error) {
	if len(levels) == 0 {
		return p.unary()
	}
	left, err := p.level(levels[1:])
	if err != nil {
		return nil, err
	}
	for {
		i := slices.IndexFunc(levels[0], p.take)
		if i < 0 {
			return left, nil
		}
		if levels[0][i] == "=" && p.now().text == "=" {
			return nil, fail(p.now().offset, "two values are compared with one =")
		}
		right, err := p.level(levels[1:])
		if err != nil {
			return nil, err
		}
		left = binary{levels[0][i], left, right}
	}
}

func (p *parser) unary() (expr, error) {
	minus := 0
	for p.take("-") {
		minus++
	}
	e, err := p.union()
	if err != nil || minus == 0 {
		return e, err
	}
	if minus%2 == 0 {
		e = negated{e}
	}
	return negated{e}, nil
}

func (p *parser) union() (expr, error) {
	left, err := p.path()
	for err == nil && p.now().kind == symbolToken && p.now().text == "|" {
		at := p.now().offset
		p.at++
		var right expr
		if right, err = p.path(); err != nil {
			return nil, err
		}
		if left.kind() != NodeSet || right.kind() != NodeSet {
			return nil, fail(at, "| joins nodes, and one of the two is none")
		}
		left = binary{"|", left, right}
	}
	return left, err
}

// path reads a location path, or a value that may have predicates and steps behind it.
func (p *parser) path() (expr, error) {
	if !p.value() {
		return p.location()
	}
	from := p.now()
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	predicates, err := p.predicates()
	if err != nil {
		return nil, err
	}
	t := p.now()
	more := t.kind == symbolToken && (t.text == "/" || t.text == "//")
	if (len(predicates) > 0 || more) && e.kind() != NodeSet {
		return nil, fail(from.offset, "%s is no node, and only nodes have [ ] and / behind them", from.shown())
	}
	if len(predicates) > 0 {
		e = filter{e, predicates}
	}
	if !more {
		return e, nil
	}
	pt := path{from: e}
	return p.steps(pt)
}

// value reports whether a value starts here, and no path.
func (p *parser) value() bool {
	t := p.now()
	switch t.kind {
	case literalToken, numberToken:
		return true
	case symbolToken:
		return t.text == "("
	case nameToken:
		return p.next("(") && !isNodeType(t.text)
	}
	return false
}

func isNodeType(name string) bool {
	return name == "node" || name == "text" || name == "comment" || name == "processing-instruction"
}

func (p *parser) primary() (expr, error) {
	t := p.now()
	p.at++
	switch {
	case t.kind == literalToken:
		return literal(t.text), nil
	case t.kind == numberToken:
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, fail(t.offset, "%s is no number", t.text)
		}
		return number(f), nil
	case t.kind == symbolToken: // (
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		return e, p.want(")", t)
	}
	return p.call(t)
}

func (p *parser) call(name token) (expr, error) {
	f, ok := functions()[name.text]
	if !ok {
		return nil, fail(name.offset, "%s", unknownFunction(name.text))
	}
	open := p.now()
	p.at++
	var args []expr
	for !p.take(")") {
		if len(args) > 0 {
			if err := p.want(",", open); err != nil {
				if p.now().kind == endToken {
					return nil, fail(open.offset, "( without its closing )")
				}
				return nil, err
			}
		}
		if p.now().kind == endToken {
			return nil, fail(open.offset, "( without its closing )")
		}
		from := p.now().offset
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		if f.nodes && len(args) == 0 && arg.kind() != NodeSet {
			return nil, fail(from, "%s() takes nodes", name.text)
		}
		args = append(args, arg)
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, fail(name.offset, "%s() takes %s, got %d", name.text, f.arguments(), len(args))
	}
	return call{f, args}, nil
}
