package jsonpath

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// term is a literal, a query or a function, before it is known what for. One of literal, query and function is set.
type term struct {
	at       int // where it stands
	literal  *value
	query    *query
	name     string  // of the function
	operand  operand // of a function that gives a value
	function test    // of one that gives true or false
}

// term reads a literal, a query or a function.
func (p *parser) term() (term, error) {
	t := term{at: p.i}
	if p.i >= len(p.s) {
		return t, p.fail(p.i, "the path ends where a condition should stand")
	}
	switch c := p.s[p.i]; {
	case c == '@' || c == '$':
		p.i++
		t.query = &query{relative: c == '@'}
		return t, p.segments(t.query)
	case c == '\'' || c == '"':
		text, err := p.quoted()
		t.literal = &value{kind: letters, text: text}
		return t, err
	case c == '-' || isDigit(c):
		n := numeral(p.s[p.i:])
		if n < 0 {
			return t, p.fail(p.i, "a number as JSON has it: 1, -1.5, 2e10")
		}
		t.literal = &value{kind: number, text: p.s[p.i : p.i+n]}
		p.i += n
		return t, nil
	case isLetter(c):
		return p.named(t)
	}
	return t, p.noTerm()
}

// noTerm says what is wrong where a term should stand.
func (p *parser) noTerm() error {
	switch p.s[p.i] {
	case '[', '{':
		return p.fail(p.i, "a list or an object cannot be written in a condition; compare with a text, a number, true, false or null")
	case '/':
		return p.fail(p.i, "a regular expression is a text in a function: match(@.name, '…'), or search for a part")
	case '!':
		return p.fail(p.i, "! stands once, before a query, a function or parentheses")
	}
	return p.fail(p.i, "unexpected "+p.next()+"; want @, $, a text in quotes, a number, true, false, null or a function")
}

// named reads a literal that is a word, or a function.
func (p *parser) named(t term) (term, error) {
	start := p.i
	for p.i < len(p.s) && p.s[p.i] < utf8.RuneSelf && isNameChar(p.s[p.i], true) {
		p.i++
	}
	word := p.s[start:p.i]
	if p.at("(") {
		t.name = word
		return p.call(t)
	}
	switch word {
	case "true", "false":
		t.literal = &value{kind: boolean, text: word}
	case "null":
		t.literal = &value{kind: null, text: word}
	default:
		return t, p.fail(start, p.meantBy(word))
	}
	return t, nil
}

func (p *parser) meantBy(word string) string {
	switch low := strings.ToLower(word); low {
	case "true", "false", "null":
		return "unknown word " + word + "; write " + low
	case "none", "nil", "undefined":
		return "unknown word " + word + "; write null, or !@.name for a member that is missing"
	case "not":
		return "not is written !"
	}
	if _, known := signatureOf(word); known && space(p.s, p.i) < len(p.s) && p.s[space(p.s, p.i)] == '(' {
		return "no space stands between " + word + " and ("
	}
	return "unknown word " + word + "; a member is written @." + word + ", a text '" + word + "'"
}

// call reads the arguments of a function and makes the function of them.
func (p *parser) call(t term) (term, error) {
	sig, known := signatureOf(t.name)
	if !known {
		return t, p.fail(t.at, "there is no function "+t.name+"(); there are "+functionNames)
	}
	if p.depth++; p.depth > maxNesting {
		return t, p.fail(t.at, "too many functions in one another")
	}
	defer func() { p.depth-- }()
	args, err := p.arguments()
	if err != nil {
		return t, err
	}
	if len(args) != len(sig.parameters) {
		want := t.name + "() takes one argument, " + string(sig.parameters[0])
		if len(sig.parameters) == 2 {
			want = t.name + "() takes two arguments, a text and a regular expression"
		}
		return t, p.fail(t.at, want)
	}
	return p.apply(t, sig, args)
}

func (p *parser) arguments() ([]term, error) {
	open := p.i
	p.i++
	var args []term
	for p.space(); !p.at(")"); p.space() {
		if len(args) > 0 {
			if !p.at(",") {
				return nil, p.badArgument(open)
			}
			p.i++
			p.space()
		}
		if p.at("!") || p.at("(") {
			return nil, p.badArgument(open)
		}
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		args = append(args, t)
	}
	p.i++
	return args, nil
}

func (p *parser) badArgument(open int) error {
	if p.i >= len(p.s) {
		return p.fail(open, "( without its )")
	}
	return p.fail(p.i, "unexpected "+p.next()+"; an argument is a text, a number, a query or a function that gives a value")
}

// apply checks the types of the arguments (RFC 9535, section 2.4.3).
func (p *parser) apply(t term, sig signature, args []term) (term, error) {
	operands := make([]operand, len(args))
	for i, want := range sig.parameters {
		if want == nodesType {
			if args[i].query == nil {
				return t, p.fail(args[i].at, t.name+"() takes a query that starts with @ or $")
			}
			continue
		}
		o, err := p.operand(args[i])
		if err != nil {
			return t, err
		}
		operands[i] = o
	}
	switch t.name {
	case "length":
		t.operand = lengthOf{operands[0]}
	case "count":
		t.operand = countOf{args[0].query}
	case "value":
		t.operand = valueOf{args[0].query}
	default:
		fixed, err := p.pattern(args[1], t.name == "match")
		t.function = matches{text: operands[0], pattern: operands[1], whole: t.name == "match", fixed: fixed}
		return t, err
	}
	return t, nil
}

// pattern compiles a regular expression that is written out; nil for what a document will say.
func (p *parser) pattern(t term, whole bool) (*regexp.Regexp, error) {
	if t.literal == nil || t.literal.kind != letters {
		return nil, nil
	}
	re, err := compile(t.literal.text, whole)
	if err != nil {
		return nil, p.fail(t.at, err.Error())
	}
	return re, nil
}

// operand makes one side of a comparison of a term.
func (p *parser) operand(t term) (operand, error) {
	switch {
	case t.literal != nil:
		return *t.literal, nil
	case t.function != nil:
		return nil, p.fail(t.at, t.name+"() is true or false by itself and is not compared; !"+t.name+"(…) is the contrary")
	case t.operand != nil:
		return t.operand, nil
	case !t.query.singular():
		return nil, p.fail(t.at, "a query that may lead to several values stands here only in a function: count(…) for their number, value(…) for the only one")
	}
	return t.query, nil
}

// test makes a condition of a term that stands alone.
func (p *parser) test(t term) (test, error) {
	switch {
	case t.query != nil:
		return exists{t.query}, nil
	case t.function != nil:
		return t.function, nil
	case t.operand != nil:
		return nil, p.fail(t.at, t.name+"() gives a value: compare it with another")
	}
	return nil, p.fail(t.at, "a literal alone is no condition; compare it with something")
}

// quoted reads a text in quotes (RFC 9535, section 2.3.1.1).
func (p *parser) quoted() (string, error) {
	start := p.i
	quote := p.s[p.i]
	var b strings.Builder
	for p.i++; p.i < len(p.s); {
		switch c := p.s[p.i]; {
		case c == quote:
			p.i++
			return b.String(), nil
		case c < ' ':
			return "", p.fail(p.i, "the character "+p.next()+" in a text is written with a \\")
		case c == '\\':
			r, err := p.escape(quote)
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return "", p.fail(start, string(quote)+" without its closing "+string(quote))
}

// escape reads what starts with a \.
func (p *parser) escape(quote byte) (rune, error) {
	start := p.i
	if p.i+1 >= len(p.s) {
		return 0, p.fail(start, "the path ends in \\")
	}
	c := p.s[p.i+1]
	switch {
	case c == 'u':
		r, rest := unit(p.s[p.i:])
		n := len(p.s) - p.i - len(rest)
		if _, ok := hex(p.s[p.i:]); !ok {
			return 0, p.fail(start, `four hexadecimal digits stand behind \u`)
		}
		if r == utf8.RuneError && !strings.EqualFold(p.s[p.i:p.i+n], `\ufffd`) {
			return 0, p.fail(start, "half a surrogate pair is no character")
		}
		p.i += n
		return r, nil
	case c == quote || strings.IndexByte(`\/bfnrt`, c) >= 0:
		p.i += 2
		return rune(control(c)), nil
	case c == '\'' || c == '"':
		return 0, p.fail(start, "a "+string(c)+" within "+string(quote)+" stands without \\")
	}
	p.i++
	return 0, p.fail(start, "there is no \\"+p.next()+`; a \ itself is written \\`)
}
