package xpath

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxWork is how many nodes one evaluation may look at, and 32 bytes of text count as one.
const maxWork = 20_000_000

// Nodes are nodes in the order of the document, each once.
type Nodes []*Node

// Evaluate returns what an expression finds in a document: a bool, a float64, a string or Nodes. The error says that the
// document does not declare a prefix of the expression, or that the search was given up.
func (e *Expr) Evaluate(d *Document) (any, error) {
	for _, prefix := range e.prefixes {
		if _, ok := d.prefixes[prefix]; !ok {
			return nil, errors.New("the document declares no prefix " + prefix + d.declared())
		}
	}
	ev := &evaluation{doc: d}
	v := ev.eval(e.root, context{d.root, 1, 1})
	if ev.work > maxWork {
		return nil, fmt.Errorf("%s looks at more than %d nodes", e.text, maxWork)
	}
	if set, ok := v.([]*Node); ok {
		return Nodes(set), nil
	}
	return v, nil
}

func (d *Document) declared() string {
	var names []string
	for name := range d.prefixes {
		if name != "xml" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "; a name without one finds elements that are written without one"
	}
	slices.Sort(names)
	return "; it declares " + strings.Join(names, ", ")
}

// context is what an expression is evaluated for (XPath 1.0, section 1).
type context struct {
	node           *Node
	position, size int
}

type evaluation struct {
	doc  *Document
	work int
}

// exhausted reports whether the search is to be given up; then nothing more is found.
func (ev *evaluation) exhausted() bool { return ev.work > maxWork }

// value is the text of a node, counted as work.
func (ev *evaluation) value(n *Node) string {
	ev.work++
	if ev.exhausted() {
		return ""
	}
	s := n.Value()
	ev.work += len(s) / 32
	return s
}

// eval returns a bool, a float64, a string or a []*Node in the order of the document.
func (ev *evaluation) eval(e expr, at context) any {
	switch e := e.(type) {
	case literal:
		return string(e)
	case number:
		return float64(e)
	case negated:
		return -ev.number(ev.eval(e.of, at))
	case binary:
		return ev.binary(e, at)
	case call:
		args := make([]any, len(e.args))
		for i, a := range e.args {
			args[i] = ev.eval(a, at)
		}
		return e.do(ev, at, args)
	case path:
		return ev.path(e, at)
	case filter:
		set, _ := ev.eval(e.of, at).([]*Node)
		for _, p := range e.predicates {
			set = ev.keep(set, p)
		}
		return set
	}
	return nil
}

func (ev *evaluation) binary(e binary, at context) any {
	switch e.op {
	case "or":
		return truth(ev.eval(e.left, at)) || truth(ev.eval(e.right, at))
	case "and":
		return truth(ev.eval(e.left, at)) && truth(ev.eval(e.right, at))
	}
	left, right := ev.eval(e.left, at), ev.eval(e.right, at)
	if e.op == "|" {
		a, _ := left.([]*Node)
		b, _ := right.([]*Node)
		return ordered(slices.Concat(a, b))
	}
	if e.kind() == Boolean {
		return ev.compare(e.op, left, right)
	}
	a, b := ev.number(left), ev.number(right)
	switch e.op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "div":
		return a / b
	}
	return math.Mod(a, b)
}

// ordered sorts nodes into the order of the document, and leaves doubles out.
func ordered(set []*Node) []*Node {
	byOrder := func(a, b *Node) int { return a.order - b.order }
	if !slices.IsSortedFunc(set, byOrder) {
		slices.SortFunc(set, byOrder)
	}
	return slices.Compact(set)
}

// compare follows XPath 1.0, section 3.4: with nodes it holds if it holds for one of them.
func (ev *evaluation) compare(op string, left, right any) bool {
	a, isSet := left.([]*Node)
	b, alsoSet := right.([]*Node)
	switch {
	case isSet && alsoSet:
		return ev.compareSets(op, a, b)
	case isSet:
		return ev.compareSet(a, right, func(v, w any) bool { return ev.compareTwo(op, v, w) })
	case alsoSet:
		return ev.compareSet(b, left, func(v, w any) bool { return ev.compareTwo(op, w, v) })
	}
	return ev.compareTwo(op, left, right)
}

func (ev *evaluation) compareSets(op string, a, b []*Node) bool {
	texts := make([]string, len(b))
	for i, n := range b {
		texts[i] = ev.value(n)
	}
	for _, n := range a {
		s := ev.value(n)
		for _, t := range texts {
			if ev.work++; ev.exhausted() {
				return false
			}
			if ev.compareTwo(op, s, t) {
				return true
			}
		}
	}
	return false
}

func (ev *evaluation) compareSet(set []*Node, other any, holds func(v, w any) bool) bool {
	if yes, ok := other.(bool); ok {
		return holds(len(set) > 0, yes)
	}
	for _, n := range set {
		if holds(ev.value(n), other) {
			return true
		}
	}
	return false
}

// compareTwo compares two values that are no nodes.
func (ev *evaluation) compareTwo(op string, a, b any) bool {
	if op == "=" || op == "!=" {
		return ev.equal(a, b) == (op == "=")
	}
	x, y := ev.number(a), ev.number(b)
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

func (ev *evaluation) equal(a, b any) bool {
	_, boolA := a.(bool)
	_, boolB := b.(bool)
	if boolA || boolB {
		return truth(a) == truth(b)
	}
	_, numberA := a.(float64)
	_, numberB := b.(float64)
	if numberA || numberB {
		return ev.number(a) == ev.number(b)
	}
	return a == b
}

// truth is boolean().
func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case []*Node:
		return len(v) > 0
	}
	return false
}

// number is number().
func (ev *evaluation) number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return parseNumber(ev.text(v))
}

// parseNumber reads a number as XPath writes it: no exponent, no plus.
func parseNumber(s string) float64 {
	s = strings.TrimFunc(s, isSpace)
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits == "." || strings.Count(digits, ".") > 1 || strings.Trim(digits, "0123456789.") != "" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && math.Abs(f) < 1 {
		return math.NaN()
	}
	return f
}

// text is string().
func (ev *evaluation) text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return formatNumber(v)
	case []*Node:
		if len(v) > 0 {
			return ev.value(v[0])
		}
	}
	return ""
}

func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // also for the zero below zero
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
