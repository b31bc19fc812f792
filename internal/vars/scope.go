// Package vars resolves {{name}} in text and knows which values are secret; it knows nothing of requests.
package vars

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Value is what a name stands for.
type Value struct {
	Text   string
	JSON   bool // Text is a JSON literal (a number, true, null, an object, a list) and not the text of a string
	Secret bool // never shown
}

// Definitions are names and the templates they stand for, as the variables: of a file define them.
type Definitions map[string]Document

// Read reads a mapping of names to values of any kind.
func (d *Definitions) Read(n source.Node) {
	*d = Definitions{}
	for _, e := range n.Entries() {
		CheckName(e)
		var doc Document
		doc.Read(e.Value)
		(*d)[e.Name()] = doc
	}
}

// CheckName records a problem where a key cannot be the name of a variable.
func CheckName(e source.Entry) {
	name := e.Name()
	if name == "" || strings.ContainsAny(name, "{}|\"'") || strings.TrimSpace(name) != name {
		e.Key.Errorf("%q cannot be the name of a variable", name)
	}
	if strings.HasPrefix(name, "$") {
		e.Key.Errorf("%q: names that start with $ belong to hgrun", name)
	}
}

// Layer is one floor of a Scope: Name says in messages where its variables come from ("environment").
type Layer struct {
	Name    string
	Defined Definitions                      // templates, expanded each time they are looked up
	Values  map[string]Value                 // final: what a server sent is never read as a template
	Lazy    map[string]func() (Value, error) // made when looked up: a secret that a command prints
}

func (l Layer) has(name string) bool {
	if _, ok := l.Values[name]; ok {
		return true
	}
	if _, ok := l.Lazy[name]; ok {
		return true
	}
	_, ok := l.Defined[name]
	return ok
}

// Scope is where names are looked up: what was captured, then its layers, strongest first.
// A Scope and its children serve one goroutine; the Secrets may be shared by many.
type Scope struct {
	local    map[string]Value // of one request: $assertion
	captured map[string]Value // of the run, shared by all children
	layers   []Layer
	secrets  *Secrets
	stand    StandIn // nil in a run
	random   *Random // nil is like the zero one
	round    *Round  // nil is like the only one

	left func(name string) // is told of names that nothing defines, which stay as they are written; nil: they are errors
}

// NewScope returns a scope with nothing captured. A nil secrets means a registry of its own.
func NewScope(secrets *Secrets, layers ...Layer) *Scope {
	if secrets == nil {
		secrets = &Secrets{}
	}
	s := &Scope{captured: map[string]Value{}, layers: layers, secrets: secrets}
	s.hide(layers)
	return s
}

// hide hides the secrets among the values of layers. Those that are made when looked up are hidden then.
func (s *Scope) hide(layers []Layer) {
	for _, l := range layers {
		var names []string // most layers have no secret, and one is made for each request
		for name, v := range l.Values {
			if v.Secret {
				names = append(names, name)
			}
		}
		slices.Sort(names) // of equal values the first name is the one that is shown
		for _, name := range names {
			s.secrets.Hide(name, l.Values[name].Text)
		}
	}
}

// With returns a child with more layers below those of s, the stronger first. Captures go to s.
func (s *Scope) With(weaker ...Layer) *Scope {
	child := *s
	child.layers = slices.Concat(s.layers, weaker)
	s.hide(weaker)
	return &child
}

// Bind returns a child in which name stands for v whatever the layers say.
func (s *Scope) Bind(name string, v Value) *Scope {
	child := *s
	child.local = maps.Clone(s.local)
	if child.local == nil {
		child.local = map[string]Value{}
	}
	child.local[name] = v
	if v.Secret {
		s.secrets.Hide(name, v.Text)
	}
	return &child
}

// Apart returns a scope that has the layers of s and nothing that was captured or bound: what it captures is its own.
func (s *Scope) Apart() *Scope {
	child := *s
	child.local, child.captured = nil, map[string]Value{}
	return &child
}

// Set captures a value for the rest of the run. A secret one is hidden from now on.
func (s *Scope) Set(name string, v Value) {
	if v.Secret {
		s.secrets.Hide(name, v.Text)
	}
	s.captured[name] = v
}

// Captured returns a copy of what was captured so far.
func (s *Scope) Captured() map[string]Value { return maps.Clone(s.captured) }

// Hide makes text a secret that no variable holds: a JWT just signed. The name stands in its place.
func (s *Scope) Hide(name, text string) { s.secrets.Hide(name, text) }

// Secrets returns the registry that s hides values in.
func (s *Scope) Secrets() *Secrets { return s.secrets }

// Redact returns text with every secret masked.
func (s *Scope) Redact(text string) string { return s.secrets.Redact(text) }

// Names goes through the names that are captured, bound or in a layer; one may come more than once.
func (s *Scope) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		names := []iter.Seq[string]{maps.Keys(s.local), maps.Keys(s.captured)}
		for _, l := range s.layers {
			names = append(names, maps.Keys(l.Values), maps.Keys(l.Defined), maps.Keys(l.Lazy))
		}
		for _, of := range names {
			for name := range of {
				if !yield(name) {
					return
				}
			}
		}
	}
}

// Undefined is the error of a name that nothing defines and nothing has captured yet.
type Undefined struct {
	Name string
	Hint string // "did you mean …", or empty
}

// Error names the variable.
func (u *Undefined) Error() string {
	if u.Hint == "" {
		return fmt.Sprintf("variable %q is not defined", u.Name)
	}
	return fmt.Sprintf("variable %q is not defined; %s", u.Name, u.Hint)
}

// Defines reports whether a name can be looked up now: captured, in a layer, or one of hgrun's own.
func (s *Scope) Defines(name string) bool {
	if _, ok := s.local[name]; ok {
		return true
	}
	if _, ok := s.captured[name]; ok {
		return true
	}
	if s.isDynamic(name) {
		return true
	}
	if _, ok := s.member(name); ok {
		return true
	}
	return slices.ContainsFunc(s.layers, func(l Layer) bool { return l.has(name) })
}

// Definition returns the template that a layer gives a name, for a check that follows names through names.
// It is false where the name is captured, final or unknown.
func (s *Scope) Definition(name string) (Document, bool) {
	if _, ok := s.captured[name]; ok {
		return Document{}, false
	}
	for _, l := range s.layers {
		if _, ok := l.Values[name]; ok {
			return Document{}, false
		}
		if _, ok := l.Lazy[name]; ok {
			return Document{}, false
		}
		if d, ok := l.Defined[name]; ok {
			return d, true
		}
	}
	return Document{}, false
}

// Lookup returns what a name stands for. The error is an *Undefined, or tells of a name that leads back to itself.
func (s *Scope) Lookup(name string) (Value, error) {
	v, err := s.lookup(name, nil)
	if u, ok := err.(*Undefined); ok {
		err = s.undefined(u.Name)
	}
	return v, err
}

const (
	maxChain = 50       // names that may lead to one another: base_url -> host -> …
	maxWork  = 64 << 20 // bytes that one name may make on the way, each name on it counted as nameWork
	nameWork = 1 << 10
)

// trail is the way to a name through others.
type trail struct {
	names []string
	work  int
}

// step goes on to name, or says why it cannot.
func (t *trail) step(name string) error {
	switch {
	case slices.Contains(t.names, name):
		return fmt.Errorf("variable %q leads back to itself: %s -> %s", name, strings.Join(t.names, " -> "), name)
	case len(t.names) == maxChain:
		return fmt.Errorf("variable %q leads through more than %d others", t.names[0], maxChain)
	case t.work > maxWork:
		return fmt.Errorf("variable %q leads to more text than %d MB", t.names[0], maxWork>>20)
	}
	t.names = append(t.names, name)
	return nil
}

// lookup is Lookup without hints.
func (s *Scope) lookup(name string, t *trail) (Value, error) {
	if v, ok := s.local[name]; ok {
		return v, nil
	}
	if v, ok := s.captured[name]; ok {
		return v, nil
	}
	for _, l := range s.layers {
		if v, ok := l.Values[name]; ok {
			return v, nil
		}
		if fresh, ok := l.Lazy[name]; ok {
			return s.fresh(name, fresh)
		}
		if d, ok := l.Defined[name]; ok {
			return s.defined(name, d, t)
		}
	}
	if v, ok := s.member(name); ok {
		return v, nil
	}
	if v, ok := s.dynamic(name); ok {
		return v, nil
	}
	return Value{}, &Undefined{Name: name}
}

func (s *Scope) defined(name string, d Document, t *trail) (Value, error) {
	if d.kind == text && d.text.parts == nil {
		return Value{Text: d.text.text}, nil
	}
	if t == nil {
		t = &trail{}
	}
	if err := t.step(name); err != nil {
		return Value{}, err
	}
	v, err := d.value(s, t)
	t.names = t.names[:len(t.names)-1]
	t.work += nameWork + len(v.Text)
	return v, err
}

func (s *Scope) fresh(name string, fresh func() (Value, error)) (Value, error) {
	v, err := fresh()
	if err == nil && v.Secret {
		s.secrets.Hide(name, v.Text)
	}
	return v, err
}

func (s *Scope) undefined(name string) *Undefined {
	if strings.HasPrefix(name, "$") {
		return &Undefined{name, source.Suggest(name, DynamicNames())}
	}
	var known []string
	for n := range s.captured {
		known = append(known, n)
	}
	for _, l := range s.layers {
		known = slices.AppendSeq(known, maps.Keys(l.Values))
		known = slices.AppendSeq(known, maps.Keys(l.Defined))
		known = slices.AppendSeq(known, maps.Keys(l.Lazy))
	}
	slices.Sort(known)
	hint := source.Suggest(name, known)
	if !strings.HasPrefix(hint, "did you mean") {
		hint = ""
	}
	return &Undefined{name, hint}
}

// AsUndefined returns the undefined name that an error tells of.
func AsUndefined(err error) (*Undefined, bool) {
	var u *Undefined
	ok := errors.As(err, &u)
	return u, ok
}
