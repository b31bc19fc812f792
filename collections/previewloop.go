package collections

import (
	"slices"

	"github.com/hgrun/hgrun/internal/vars"
)

// LoopPreview is a loop around a request as far as it is known before a run.
type LoopPreview struct {
	Loop    *Loop
	Own     bool   // of the request itself, and not of a folder around it
	Unknown bool   // only a run brings the values: Times is 0
	Times   int    // how often it runs, MostCounted for that or more
	First   string // the label of the first time, whose value the preview has
}

// MostCounted is how many times of a loop a preview counts.
const MostCounted = 10_000

// loopsInto binds the first value of each loop around a request, the outermost first, and tells of each. A reason why there is
// none comes back as skipped: nothing to run it for; or as an error, a *source.Error.
func (p *previewer) loopsInto(seen *Preview, scope *vars.Scope) (*vars.Scope, error) {
	loops := slices.Collect(seen.Request.loops())
	for _, l := range slices.Backward(loops) {
		of := LoopPreview{Loop: l, Own: l == seen.Request.Flow.Loop && seen.Request.Message.Method != ""}
		if p.leadsToUnknown(l.Uses(), scope.With(l.Layers...), map[string]bool{}) {
			of.Unknown = true
			seen.Loops = append(seen.Loops, of)
			continue
		}
		first, err := of.look(scope)
		switch {
		case err != nil:
			return scope, err
		case of.Times == 0:
			seen.Skipped = l.String() + ": there is nothing to run it for"
			return scope, nil
		}
		of.First = first.Label
		seen.Loops = append(seen.Loops, of)
		if l.Name != "" {
			scope = scope.Bind(l.Name, first.Value)
		}
	}
	return scope, nil
}

// look finds the first value, and counts them.
func (of *LoopPreview) look(scope *vars.Scope) (first Iteration, err error) {
	all, known := of.Loop.values.count()
	for it, err := range of.Loop.Each(scope) {
		if err != nil && of.Times == 0 {
			return first, err
		}
		if of.Times == 0 {
			first = it
		}
		if of.Times++; known || err != nil || of.Times == MostCounted {
			break
		}
	}
	if known {
		of.Times = min(all, MostCounted)
	}
	return first, nil
}

// bound returns the innermost of the loops that are known by now that binds a name.
func (seen *Preview) bound(name string) (of LoopPreview, ok bool) {
	for _, of := range slices.Backward(seen.Loops[seen.outer:]) {
		if of.Loop.binds(name) {
			return of, true
		}
	}
	return of, false
}

// varies reports whether names lead to the variable of a loop, which has another value each time.
func (seen *Preview) varies(uses []vars.Use, plain *vars.Scope, done map[string]bool) bool {
	for _, u := range uses {
		if _, ok := seen.bound(u.Name); ok {
			return true
		}
		doc, ok := plain.Definition(u.Name)
		if !ok || done[u.Name] {
			continue
		}
		done[u.Name] = true
		if seen.varies(doc.Uses(), plain, done) {
			return true
		}
	}
	return false
}
