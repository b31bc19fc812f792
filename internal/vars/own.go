package vars

import (
	"maps"
	"slices"
	"strings"
)

// Own returns a copy of the layer whose variables can be set and unset, so that nobody else's change. A scope that has the copy
// sees what is set at once.
func (l Layer) Own() Layer {
	own := Layer{Name: l.Name, Defined: maps.Clone(l.Defined), Values: maps.Clone(l.Values), Lazy: maps.Clone(l.Lazy)}
	if own.Values == nil {
		own.Values = map[string]Value{}
	}
	if own.Defined == nil {
		own.Defined = Definitions{}
	}
	return own
}

// Has reports whether the layer has a variable.
func (l Layer) Has(name string) bool { return l.has(name) }

// Unset takes a variable out of a layer of one's own.
func (l Layer) Unset(name string) {
	delete(l.Values, name)
	delete(l.Defined, name)
	delete(l.Lazy, name)
}

// Names returns the names of the variables in alphabetical order.
func (l Layer) Names() []string {
	names := slices.Collect(maps.Keys(l.Values))
	for _, more := range [][]string{slices.Collect(maps.Keys(l.Defined)), slices.Collect(maps.Keys(l.Lazy))} {
		for _, name := range more {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Written returns a variable as it is written: one that a template defines as its text, with the names in it. What is fetched when it is looked up is
// a secret without a text.
func (l Layer) Written(name string) (Value, bool) {
	if v, ok := l.Values[name]; ok {
		return v, true
	}
	if _, ok := l.Lazy[name]; ok {
		return Value{Secret: true}, true
	}
	d, ok := l.Defined[name]
	switch {
	case !ok:
		return Value{}, false
	case d.kind == text:
		return Value{Text: d.text.text}, true
	case d.kind == scalar:
		return Of(d.literal), true
	}
	var b strings.Builder
	if _, err := d.json((&Scope{secrets: &Secrets{}}).Leave(func(string) {}), nil, &b); err != nil {
		return Value{}, false
	}
	return Value{Text: b.String(), JSON: true}, true
}

// Over returns a child that has these layers in the place of its own. What was captured it has in common with s.
func (s *Scope) Over(layers ...Layer) *Scope {
	child := *s
	child.layers = layers
	s.hide(layers)
	return &child
}

// LookupIn returns what a name stands for in one layer; the names in its template are looked up in s. A template that cannot be
// expanded is the text that it is written as. It is false where the layer does not have the name, or cannot tell.
func (s *Scope) LookupIn(l Layer, name string) (Value, bool) {
	if v, ok := l.Values[name]; ok {
		return v, true
	}
	if fresh, ok := l.Lazy[name]; ok {
		v, err := s.fresh(name, fresh)
		return v, err == nil
	}
	d, ok := l.Defined[name]
	if !ok {
		return Value{}, false
	}
	v, err := s.defined(name, d, nil)
	if err != nil {
		v = Value{Text: d.text.text}
	}
	return v, true
}
