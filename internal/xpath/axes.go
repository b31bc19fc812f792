package xpath

import (
	"slices"
	"strings"
)

func (ev *evaluation) path(e path, at context) []*Node {
	set := []*Node{at.node}
	switch {
	case e.absolute:
		set = []*Node{ev.doc.root}
	case e.from != nil:
		set, _ = ev.eval(e.from, at).([]*Node)
	}
	for i := 0; i < len(e.steps); i++ {
		s := e.steps[i]
		if i+1 < len(e.steps) && s.axis == "descendant-or-self" && s.test.node == "node" && len(s.predicates) == 0 {
			if next := e.steps[i+1]; next.axis == "child" && len(next.predicates) == 0 { // //name is descendant::name
				s, i = step{axis: "descendant", test: next.test}, i+1
			}
		}
		set = ev.step(s, set)
	}
	return set
}

// step takes one step from each of the nodes.
func (ev *evaluation) step(s step, from []*Node) []*Node {
	var all []*Node
	for _, n := range from {
		if ev.exhausted() {
			return nil
		}
		found := ev.axis(s, n)
		for _, p := range s.predicates {
			found = ev.keep(found, p)
		}
		if isReverse(s.axis) {
			slices.Reverse(found)
		}
		all = append(all, found...)
	}
	if len(from) > 1 {
		return ordered(all)
	}
	return all
}

func isReverse(axis string) bool {
	return axis == "ancestor" || axis == "ancestor-or-self" || axis == "preceding" || axis == "preceding-sibling"
}

// keep returns the nodes for which a predicate holds; a number is a position.
func (ev *evaluation) keep(set []*Node, predicate expr) []*Node {
	var kept []*Node
	for i, n := range set {
		if ev.work++; ev.exhausted() {
			return nil
		}
		v := ev.eval(predicate, context{n, i + 1, len(set)})
		if position, ok := v.(float64); ok && position == float64(i+1) || !ok && truth(v) {
			kept = append(kept, n)
		}
	}
	return kept
}

// axis returns the nodes of an axis that the test of the step holds for, the nearest first.
func (ev *evaluation) axis(s step, n *Node) []*Node {
	var found []*Node
	take := func(n *Node) {
		ev.work++
		if ev.matches(s, n) {
			found = append(found, n)
		}
	}
	switch s.axis {
	case "self":
		take(n)
	case "child":
		each(n.children, take)
	case "attribute":
		each(n.attributes, take)
	case "parent":
		if n.parent != nil {
			take(n.parent)
		}
	case "ancestor-or-self", "ancestor":
		if s.axis == "ancestor-or-self" {
			take(n)
		}
		for p := n.parent; p != nil; p = p.parent {
			take(p)
		}
	case "descendant-or-self", "descendant":
		if s.axis == "descendant-or-self" {
			take(n)
		}
		ev.descend(n, take)
	case "following-sibling", "following":
		ev.following(n, s.axis == "following", take)
	case "preceding-sibling", "preceding":
		ev.preceding(n, s.axis == "preceding", take)
	}
	return found
}

func each(nodes []*Node, take func(*Node)) {
	for _, n := range nodes {
		take(n)
	}
}

// descend visits all below a node, in the order of the document.
func (ev *evaluation) descend(n *Node, take func(*Node)) {
	for _, c := range n.children {
		if ev.exhausted() {
			return
		}
		take(c)
		ev.descend(c, take)
	}
}

// siblings returns those of a node, itself among them. An attribute has none.
func (n *Node) siblings() []*Node {
	if n.parent == nil || n.kind == attributeNode {
		return nil
	}
	return n.parent.children
}

// following visits the siblings after a node, and where all is set everything after its end.
func (ev *evaluation) following(n *Node, all bool, take func(*Node)) {
	if all && n.kind == attributeNode {
		ev.descend(n.parent, take)
		n = n.parent
	}
	for ; n != nil && !ev.exhausted(); n = n.parent {
		if siblings := n.siblings(); siblings != nil {
			for _, s := range siblings[n.place+1:] {
				take(s)
				if all {
					ev.descend(s, take)
				}
			}
		}
		if !all {
			return
		}
	}
}

// preceding visits the siblings before a node, the nearest first, and where all is set everything that ended before it.
func (ev *evaluation) preceding(n *Node, all bool, take func(*Node)) {
	if all && n.kind == attributeNode {
		n = n.parent
	}
	for ; n != nil && !ev.exhausted(); n = n.parent {
		if siblings := n.siblings(); siblings != nil {
			for _, s := range slices.Backward(siblings[:n.place]) {
				if all {
					ev.ascend(s, take)
				}
				take(s)
			}
		}
		if !all {
			return
		}
	}
}

// ascend visits all below a node, the last first.
func (ev *evaluation) ascend(n *Node, take func(*Node)) {
	for _, c := range slices.Backward(n.children) {
		if ev.exhausted() {
			return
		}
		ev.ascend(c, take)
		take(c)
	}
}

// matches reports whether a node passes the test of a step.
func (ev *evaluation) matches(s step, n *Node) bool {
	switch s.test.node {
	case "node":
		return true
	case "text":
		return n.kind == textNode
	case "comment":
		return n.kind == commentNode
	case "processing-instruction":
		return n.kind == instructionNode && (s.test.name == "" || s.test.name == n.local)
	}
	principal := elementNode
	if s.axis == "attribute" {
		principal = attributeNode
	}
	if n.kind != principal {
		return false
	}
	if s.test.prefix == "" {
		return s.test.name == "*" || n.prefix == "" && (s.test.name == n.local || ev.doc.html && strings.EqualFold(s.test.name, n.local))
	}
	return (s.test.name == "*" || s.test.name == n.local) && (n.prefix == s.test.prefix || n.space == ev.doc.prefixes[s.test.prefix])
}
