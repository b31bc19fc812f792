package expect

import (
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Conditions are what variables must be for a request to run, in the order of the file. The zero value always holds.
type Conditions struct{ all []condition }

type condition struct {
	name  string
	pos   source.Pos
	parts []Predicate
}

// Read reads a mapping of the names of variables to predicates.
func (c *Conditions) Read(n source.Node) {
	*c = Conditions{}
	t := Terms{words: Predicates()}
	if n.IsMap() && n.IsEmpty() {
		n.Errorf("when wants variables and what they must be")
	}
	for _, e := range n.Entries() {
		vars.CheckName(e)
		if parts := t.all(e.Value); len(parts) > 0 {
			c.all = append(c.all, condition{e.Name(), e.Key.Pos(), parts})
		}
	}
}

// Uses returns the names that the conditions look at and need. A name that is asked whether it exists may be undefined.
func (c *Conditions) Uses() []vars.Use {
	var uses []vars.Use
	for _, x := range c.all {
		use := vars.Use{Name: x.name, Pos: x.pos}
		for _, p := range x.parts {
			use.Optional = use.Optional || p.absence
			uses = append(uses, p.uses...)
		}
		uses = append(uses, use)
	}
	return uses
}

// Hold reports whether all conditions hold, and if not, which one does not: when env: got "production", want "sandbox".
// The error is a *source.Error: a variable in a condition's own value is undefined, or one has no value to be had.
func (c *Conditions) Hold(s *vars.Scope) (holds bool, reason string, err error) {
	for _, x := range c.all {
		reason, err := x.fails(s)
		if err != nil || reason != "" {
			return false, reason, err
		}
	}
	return true, "", nil
}

// fails returns why a condition does not hold, or nothing.
func (x *condition) fails(s *vars.Scope) (string, error) {
	found, err := s.Lookup(x.name)
	u, undefined := vars.AsUndefined(err)
	undefined = undefined && u.Name == x.name // and not a name that this one leads to
	if err != nil && !undefined {
		return "", x.pos.Errorf("%w", err)
	}
	v := value{}
	if !undefined {
		v = valueOf(found.Any())
	}
	for i := range x.parts {
		m, err := x.parts[i].ready(s)
		if err != nil {
			return "", err
		}
		if m.judge(v) == holds {
			continue
		}
		switch want := m.want("it", false); {
		case undefined:
			return "when " + x.name + ": not defined, want " + want, nil
		case found.Secret:
			return "when " + x.name + ": got " + vars.Mask(x.name, found.Text) + ", want " + want, nil
		}
		return "when " + x.name + ": " + explain(m, v, false), nil
	}
	return "", nil
}
