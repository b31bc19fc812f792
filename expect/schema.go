package expect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
)

// schema is a JSON Schema that is ready to judge. It does not change, and serves many goroutines.
type schema struct {
	resource *schemaResource // it belongs to
	never    bool            // the schema false
	nullable bool            // null fits whatever the rules say (OpenAPI 3.0)
	rules    []rule          // one for each keyword
	last     []rule          // those that look at what the others left over
}

// rule is what one keyword demands of a value.
type rule func(w *schemaWalk, v any, at *spot, seen *evaluated)

// spot is where a value stands in a document: below another, nil for the document itself.
type spot struct {
	up   *spot
	name string // of a member, or the index of an element
}

func (s *spot) down(name string) *spot { return &spot{s, name} }

// path writes the way to a value as a gjson path; empty for the document itself.
func (s *spot) path() string {
	var names []string
	for ; s != nil; s = s.up {
		names = append(names, gjson.Escape(s.name))
	}
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// violation is one place where a document does not fit.
type violation struct {
	at     *spot
	text   string // got 5 (a number), want text
	choice bool   // of a constant or a list of values
}

func (v violation) String() string {
	if v.at == nil {
		return v.text
	}
	return v.at.path() + ": " + v.text
}

// schemaWalk goes through a document along a schema.
type schemaWalk struct {
	set        *schemaSet
	violations []violation
	scope      []*schemaResource // that were entered, the outermost first: for $dynamicRef
	depth      int
}

// maxSchemaDepth is how deep references may lead without an end.
const maxSchemaDepth = 20_000

func (w *schemaWalk) fail(at *spot, text string) {
	w.violations = append(w.violations, violation{at: at, text: text})
}

// mismatch is fail for a constant or a list of values.
func (w *schemaWalk) mismatch(at *spot, text string) {
	w.violations = append(w.violations, violation{at, text, true})
}

// check adds what of v does not fit a schema, and to seen what the schema had a say in.
func (w *schemaWalk) check(s *schema, v any, at *spot, seen *evaluated) {
	if s.never {
		w.fail(at, "got "+renderOf(v)+", want nothing there")
		return
	}
	if v == nil && s.nullable {
		return
	}
	if w.depth++; w.depth > maxSchemaDepth {
		w.fail(at, "the schema refers to itself without an end")
		w.depth--
		return
	}
	entered := len(w.scope) == 0 || w.scope[len(w.scope)-1] != s.resource
	if entered {
		w.scope = append(w.scope, s.resource)
	}
	var own *evaluated
	if w.set.collects {
		own = &evaluated{}
	}
	for _, r := range s.rules {
		r(w, v, at, own)
	}
	for _, r := range s.last {
		r(w, v, at, own)
	}
	seen.merge(own)
	if entered {
		w.scope = w.scope[:len(w.scope)-1]
	}
	w.depth--
}

// try checks without adding anything, and returns what would have been added.
func (w *schemaWalk) try(s *schema, v any, at *spot, seen *evaluated) []violation {
	before := w.violations
	w.violations = nil
	var own *evaluated
	if seen != nil {
		own = &evaluated{}
	}
	w.check(s, v, at, own)
	found := w.violations
	w.violations = before
	if len(found) == 0 {
		seen.merge(own)
	}
	return found
}

// evaluated is what schemas had a say in: for unevaluatedProperties and unevaluatedItems. A nil one takes nothing.
type evaluated struct {
	allMembers, allElements bool
	members                 map[string]bool
	elements                map[int]bool
	first                   int // so many elements from the first on
}

func (e *evaluated) merge(other *evaluated) {
	if e == nil || other == nil {
		return
	}
	e.allMembers = e.allMembers || other.allMembers
	e.allElements = e.allElements || other.allElements
	e.first = max(e.first, other.first)
	for name := range other.members {
		e.member(name)
	}
	for i := range other.elements {
		e.element(i)
	}
}

func (e *evaluated) member(name string) {
	if e == nil {
		return
	}
	if e.members == nil {
		e.members = map[string]bool{}
	}
	e.members[name] = true
}

func (e *evaluated) element(i int) {
	if e == nil {
		return
	}
	if e.elements == nil {
		e.elements = map[int]bool{}
	}
	e.elements[i] = true
}

func (e *evaluated) upTo(n int) {
	if e != nil {
		e.first = max(e.first, n)
	}
}

func (e *evaluated) everyMember() {
	if e != nil {
		e.allMembers = true
	}
}

func (e *evaluated) everyElement() {
	if e != nil {
		e.allElements = true
	}
}

// fits holds for a value that a schema allows.
type fits struct {
	set  *schemaSet
	root *schema
	name string // of what it has to fit: "the schema", "patient.json"
}

func (f fits) violations(v any) []violation {
	w := &schemaWalk{set: f.set}
	w.check(f.root, v, nil, nil)
	return w.violations
}

func (f fits) judge(v value) verdict {
	if v.kind == absent {
		return unfit
	}
	return of(len(f.violations(v.box())) == 0)
}

func (f fits) want(what string, not bool) string { return to(what, "fit "+f.name, not) }

func (f fits) explain(v value, not bool) string {
	if v.kind == absent {
		return ""
	}
	lines := f.differences(v)
	switch {
	case len(lines) == 0:
		return ""
	case len(lines) == 1:
		return "does not fit " + f.name + ": " + lines[0]
	case len(lines) > maxDifferences:
		return "does not fit " + f.name + " in more than " + strconv.Itoa(maxDifferences) + " places, the first: " + lines[0]
	}
	return "does not fit " + f.name + " in " + strconv.Itoa(len(lines)) + " places, the first: " + lines[0]
}

func (f fits) differences(v value) []string {
	if v.kind == absent {
		return nil
	}
	var lines []string
	seen := map[string]bool{}
	for _, violation := range f.violations(v.box()) {
		line := violation.String()
		if seen[line] {
			continue
		}
		seen[line] = true
		if len(lines) == maxDifferences {
			return append(lines, "… and more")
		}
		lines = append(lines, line)
	}
	return lines
}

func renderOf(v any) string { return render(valueOf(v)) }

// renderKind is renderOf with the kind of the value, where that is the point.
func renderKind(v any) string { x := valueOf(v); return render(x) + x.kindShown() }

// similar says which of the names was meant, or nothing.
func similar(name string, names []string) string {
	if hint := source.Suggest(name, names); strings.HasPrefix(hint, "did you mean") {
		return "; " + hint
	}
	return ""
}
