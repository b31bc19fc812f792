package importers

import (
	"slices"
	"strconv"
	"strings"
)

// free returns a name that stands for nothing yet.
func (w *rewriter) free(name string) string {
	name = strings.Join(wordsOf(name), "_")
	for i, first := 2, name; w.known(name); i++ {
		name = first + "_" + strconv.Itoa(i)
	}
	return name
}

// known reports whether a name stands for a secret, or for anything that the collection or an environment calls so.
func (w *rewriter) known(name string) bool {
	variables, _ := w.spots[0].node.Get("variables")
	return slices.ContainsFunc(w.secrets, func(s Secret) bool { return s.Name == name }) ||
		w.others.Taken != nil && w.others.Taken(name) || !variables.IsZero() && variables.Has(name) ||
		slices.ContainsFunc(w.spots, func(s *spot) bool { _, in := s.mentioned(name); return in }) ||
		slices.ContainsFunc(w.listed, func(sc *scripted) bool {
			return slices.Contains(sc.said.Names.Reads, name) || slices.Contains(sc.said.Names.Sets, name)
		})
}

// isHidden reports whether what a script sets in a scope is hidden by a variable of a stronger one: an environment, or the collection.
func (w *rewriter) isHidden(scope, name string) bool {
	variables, _ := w.spots[0].node.Get("variables")
	ours := !variables.IsZero() && variables.Has(name)
	theirs := w.others.Environment != nil && w.others.Environment(name)
	return scope == "pm.globals" && (ours || theirs) || scope == "pm.collectionVariables" && theirs
}
