package jsonpath

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Node is a value of a document, and where it stands.
type Node struct {
	Raw   string // the value as the document spells it
	steps []step // to the part that tape is the index of
	tape  *tape  // nil where the steps lead to the node itself
	at    uint32
}

// Value returns the value as Go has it: nil, bool, json.Number with all its digits, string, []any or map[string]any.
func (n Node) Value() any {
	if n.tape != nil {
		return n.tape.box(n.at)
	}
	t, err := index(n.Raw, 0)
	if err != nil {
		return nil // of a document that was not JSON
	}
	return t.box(0)
}

// Path returns the normalized path of the node (RFC 9535, section 2.7): $['name'][0]['family'].
func (n Node) Path() string {
	b := []byte{'$'}
	for _, s := range n.steps {
		if s.indexed {
			b = appendIndex(b, s.index)
		} else {
			b = appendName(b, s.name)
		}
	}
	if n.tape == nil {
		return string(b)
	}
	var way []uint32
	for at := n.at; at != 0; at = n.tape.items[at].parent {
		way = append(way, at)
	}
	for _, at := range slices.Backward(way) {
		if it := &n.tape.items[at]; it.named {
			b = appendName(b, n.tape.name(at))
		} else {
			b = appendIndex(b, int64(it.from))
		}
	}
	return string(b)
}

func appendIndex(b []byte, i int64) []byte {
	return append(strconv.AppendInt(append(b, '['), i, 10), ']')
}

// box returns the value at an item as Go has it.
func (t *tape) box(at uint32) any {
	switch it := &t.items[at]; it.kind {
	case null:
		return nil
	case boolean:
		return t.raw(at) == "true"
	case number:
		return json.Number(t.raw(at))
	case letters:
		return unquote(t.raw(at))
	case list:
		elements := []any{}
		for c := at + 1; c < it.next; c = t.items[c].next {
			elements = append(elements, t.box(c))
		}
		return elements
	default:
		members := map[string]any{}
		for c := at + 1; c < it.next; c = t.items[c].next {
			members[t.name(c)] = t.box(c)
		}
		return members
	}
}
