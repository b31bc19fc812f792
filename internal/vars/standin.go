package vars

// StandIn says what is written for {{expression}} where the name in it has no value before a run, or one that is not to be
// shown; false leaves the name to be looked up. No filter of the expression is applied to what stands in.
type StandIn func(name, expression string) (text string, ok bool)

// StandIn returns a child in which stand is asked for each name that a template needs, before any layer.
func (s *Scope) StandIn(stand StandIn) *Scope {
	child := *s
	child.stand = stand
	return &child
}

// IsSecret reports whether a name stands for a secret, without fetching one: what is captured and hidden, the value of a
// secret, or a secret that is made when it is looked up.
func (s *Scope) IsSecret(name string) bool {
	if v, ok := s.local[name]; ok {
		return v.Secret
	}
	if v, ok := s.captured[name]; ok {
		return v.Secret
	}
	for _, l := range s.layers {
		if v, ok := l.Values[name]; ok {
			return v.Secret
		}
		if _, ok := l.Lazy[name]; ok {
			return true
		}
		if _, ok := l.Defined[name]; ok {
			return false
		}
	}
	return false
}

// Leave returns a child in which templates leave {{name}} as it is written where nothing defines the name, as Postman does, and tell left of it.
// Looking such a name up stays an error.
func (s *Scope) Leave(left func(name string)) *Scope {
	child := *s
	child.left = left
	return &child
}
