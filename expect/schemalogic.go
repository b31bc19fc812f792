package expect

import (
	"slices"
	"strconv"
	"strings"
)

func readRef(k keyword) rule {
	ref, ok := k.value.(string)
	if !ok {
		return k.fail("want a reference, got " + described(k.value))
	}
	to, err := k.set.resolve(k.at, ref)
	if err != nil {
		return k.fail(ref + ": " + err.Error())
	}
	if target, ok := to.node.(map[string]any); ok && k.endless(target, to) {
		return k.fail(ref + " leads back to itself")
	}
	of := k.set.compile(to)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) { w.check(of, v, at, seen) }
}

// endless reports whether references lead in a circle with nothing between them.
func (k keyword) endless(target map[string]any, at schemaPlace) bool {
	for range 100 {
		if at.key() == k.at.key() {
			return true
		}
		ref, ok := target["$ref"].(string)
		if !ok {
			return false
		}
		next, err := k.set.resolve(at, ref)
		if err != nil {
			return false
		}
		if target, ok = next.node.(map[string]any); !ok {
			return false
		}
		at = next
	}
	return true
}

// readDynamicRef is $ref, unless it leads to a $dynamicAnchor: then to the one of that name that was entered first.
func readDynamicRef(k keyword) rule {
	ref, ok := k.value.(string)
	if !ok {
		return k.fail("want a reference, got " + described(k.value))
	}
	to, err := k.set.resolve(k.at, ref)
	if err != nil {
		return k.fail(ref + ": " + err.Error())
	}
	of := k.set.compile(to)
	_, name, _ := strings.Cut(ref, "#")
	if !to.in.dynamic[name] {
		return func(w *schemaWalk, v any, at *spot, seen *evaluated) { w.check(of, v, at, seen) }
	}
	set := k.set
	set.dynamic = append(set.dynamic, name)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		for _, r := range w.scope {
			if r.dynamic[name] {
				w.check(set.compiled[r.anchors[name].key()], v, at, seen)
				return
			}
		}
		w.check(of, v, at, seen)
	}
}

// finish compiles what a dynamic reference may lead to: which one it is is known only while a document is checked.
func (s *schemaSet) finish() {
	for n := -1; n < len(s.compiled); {
		n = len(s.compiled)
		for _, uri := range sortedNames(s.resources) {
			r := s.resources[uri]
			for _, name := range s.dynamic {
				if r.dynamic[name] {
					s.compile(r.anchors[name])
				}
			}
			if r.recursive {
				s.compile(schemaPlace{r, r.node, r.pointer})
			}
		}
	}
}

// readRecursiveRef is the $dynamicRef of 2019-09.
func readRecursiveRef(k keyword) rule {
	own := k.at.in
	of := k.set.compile(schemaPlace{own, own.node, own.pointer})
	set := k.set
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		to := of
		if own.recursive {
			for i := len(w.scope) - 1; i >= 0 && w.scope[i].recursive; i-- {
				to = set.compiled[schemaPlace{w.scope[i], nil, w.scope[i].pointer}.key()]
			}
		}
		w.check(to, v, at, seen)
	}
}

// alternatives reads a list of schemas.
func (k keyword) alternatives() []*schema {
	l, ok := k.value.([]any)
	if !ok || len(l) == 0 {
		k.fail("want a list of schemas, got " + described(k.value))
		return nil
	}
	return k.each(l)
}

func readAllOf(k keyword) rule {
	all := k.alternatives()
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		for _, s := range all {
			w.check(s, v, at, seen)
		}
	}
}

func readAnyOf(k keyword) rule {
	all := k.alternatives()
	if choose := k.discriminator(all); choose != nil {
		return choose
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		failed := make([][]violation, 0, len(all))
		fitting := 0
		for _, s := range all {
			found := w.try(s, v, at, seen)
			if len(found) == 0 {
				if fitting++; seen == nil {
					return
				}
			}
			failed = append(failed, found)
		}
		if fitting == 0 {
			w.none(failed, v, at, "anyOf")
		}
	}
}

func readOneOfSchemas(k keyword) rule {
	all := k.alternatives()
	if choose := k.discriminator(all); choose != nil {
		return choose
	}
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		failed := make([][]violation, 0, len(all))
		var fitting []string
		for i, s := range all {
			found := w.try(s, v, at, seen)
			if len(found) == 0 {
				fitting = append(fitting, strconv.Itoa(i))
			}
			failed = append(failed, found)
		}
		switch len(fitting) {
		case 0:
			w.none(failed, v, at, "oneOf")
		case 1:
		default:
			w.fail(at, "got "+renderOf(v)+", which fits "+strings.Join(fitting, " and ")+" of oneOf (counted from 0), want one")
		}
	}
}

// none says how a value fails the alternative that it is nearest to.
func (w *schemaWalk) none(failed [][]violation, v any, at *spot, word string) {
	if len(failed) == 1 {
		w.violations = append(w.violations, failed[0]...)
		return
	}
	if wants := wantsAt(failed, at); len(wants) > 0 {
		w.fail(at, "got "+renderKind(v)+", want "+strings.Join(wants, " or "))
		return
	}
	best := 0
	for i := range failed {
		if n, b := nearness(failed[i]), nearness(failed[best]); n > b || n == b && len(failed[i]) < len(failed[best]) {
			best = i
		}
	}
	w.fail(at, "fits none of the "+strconv.Itoa(len(failed))+" alternatives of "+word+"; the nearest, "+strconv.Itoa(best)+" (counted from 0), fails by "+listViolations(failed[best]))
}

// listViolations writes the first few violations on one line.
func listViolations(found []violation) string {
	const most = 3
	lines := make([]string, 0, most)
	for i, f := range found {
		if i == most {
			return strings.Join(lines, "; ") + " and " + strconv.Itoa(len(found)-most) + " more"
		}
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "; ")
}

// nearness is greater for an alternative that fails deeper in the document. One whose constants tell it apart from what
// is there was not meant.
func nearness(found []violation) int {
	least := 1 << 30
	for _, f := range found {
		n := 0
		for s := f.at; s != nil; s = s.up {
			n++
		}
		if f.choice {
			n -= maxSchemaDepth
		}
		least = min(least, n)
	}
	return least
}

// wantsAt returns what the alternatives want where every one of them fails by the value itself alone.
func wantsAt(failed [][]violation, at *spot) []string {
	if !allAt(failed, at) {
		return nil
	}
	var wants []string
	for _, found := range failed {
		if _, want, ok := strings.Cut(found[0].text, ", want "); ok && !slices.Contains(wants, want) {
			wants = append(wants, want)
		}
	}
	return wants
}

// allAt reports whether every alternative fails by one violation at the place itself.
func allAt(failed [][]violation, at *spot) bool {
	return !slices.ContainsFunc(failed, func(found []violation) bool { return len(found) != 1 || found[0].at != at })
}

func readNotSchema(k keyword) rule {
	of := k.sub(k.value)
	what := k.value
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if len(w.try(of, v, at, nil)) == 0 {
			w.fail(at, "got "+renderOf(v)+", want it not to fit "+renderOf(what))
		}
	}
}

// readIf reads if with then and else.
func readIf(k keyword) rule {
	branch := func(name string) *schema {
		if node, ok := k.beside[name]; ok {
			return k.set.compile(k.at.down(node, name))
		}
		return nil
	}
	of, then, otherwise := k.sub(k.value), branch("then"), branch("else")
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		next := then
		if len(w.try(of, v, at, seen)) > 0 {
			next = otherwise
		}
		if next != nil {
			w.check(next, v, at, seen)
		}
	}
}
