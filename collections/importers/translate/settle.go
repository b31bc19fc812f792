package translate

import (
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// settle keeps what depends on what is kept, until nothing changes any more.
func (t *translator) settle() {
	for changed := true; changed; {
		changed = t.keepClashes() || t.keepVariables()
	}
	t.need()
}

// keepClashes keeps a unit whose checks cannot stand beside those before it.
func (t *translator) keepClashes() bool {
	var all []check
	captured := map[string]bool{}
	for _, u := range t.units {
		if u.kept {
			continue
		}
		for _, s := range u.sets {
			if t.context.Hidden != nil && t.context.Hidden(s.scope, s.name) {
				u.keep(s.name + " is a variable of a stronger scope too, and a declaration is the strongest")
				return true
			}
			if captured[s.name] && s.captured && conditional(s) {
				u.keep(s.name + " may keep the value that it was given before")
				return true
			}
		}
		for _, s := range u.sets {
			captured[s.name] = true
		}
		more := append(slices.Clip(all), u.checks...)
		if _, err := arrange(more); err != nil {
			u.keep(err.Error())
			return true
		}
		all = more
	}
	return false
}

// conditional reports whether a value may not be taken.
func conditional(s set) bool {
	long := captureEntries(s.value)
	return find(long, "optional") >= 0 || find(long, "when") >= 0
}

// keepVariables keeps what sets a variable that a kept script may read or set, and what reads one that the script has set: a declaration and a script do not
// take turns.
func (t *translator) keepVariables() bool {
	reads, sets, anything := t.around()
	t.need()
	for _, u := range t.units {
		if u.kept || u.needed {
			r, s, open := t.variables(u.stmt)
			reads, sets, anything = append(reads, r...), append(sets, s...), anything || open
		}
	}
	set := slices.Clone(sets)
	for i, u := range t.units {
		if u.kept {
			continue
		}
		if name := usesOneOf(u, t.setAfter(i)); name != "" {
			u.keep("it uses what an earlier answer has left in " + name)
			return true
		}
		for _, s := range u.sets {
			if anything || slices.Contains(reads, s.name) || slices.Contains(sets, s.name) {
				u.keep("what stays a script uses " + s.name)
				return true
			}
		}
		for _, gone := range u.gone() {
			if gone != "" && (anything || slices.Contains(reads, gone) || slices.Contains(sets, gone)) {
				u.keep("what stays a script uses " + gone)
				return true
			}
		}
		if name := usesOneOf(u, set); name != "" {
			u.keep("it uses " + name + ", which the script itself sets")
			return true
		}
		if t.script.Listen == Test {
			for _, s := range u.sets {
				set = append(set, s.name)
			}
		}
	}
	return false
}

// setAfter returns the variables that the units behind one keep of the answer. Before the first answer they have no value, which a script may not mind.
func (t *translator) setAfter(i int) []string {
	var names []string
	for _, u := range t.units[i+1:] {
		for _, s := range u.sets {
			if s.captured {
				names = append(names, s.name)
			}
		}
	}
	return names
}

// gone returns the variables that a unit no longer sets.
func (u *unit) gone() []string {
	names := []string{u.assertion}
	if u.token != nil {
		names = append(append(names, u.token.Name), u.token.Gone...)
	}
	return names
}

// around returns the variables that the scripts around this one read and set; open where only a run can tell which. They run before it, and its
// declarations before them.
func (t *translator) around() (reads, sets []string, open bool) {
	for _, text := range t.context.Around {
		other, err := parse(Script{Text: text}, Context{})
		if err != nil {
			return reads, sets, true
		}
		for _, u := range other.units {
			r, s, o := other.variables(u.stmt)
			reads, sets, open = append(reads, r...), append(sets, s...), open || o
		}
	}
	return reads, sets, open
}

// usesOneOf returns a name of those that a unit reads.
func usesOneOf(u *unit, names []string) string {
	if len(names) == 0 {
		return ""
	}
	var texts []string
	for _, k := range u.checks {
		texts = append(texts, k.of.path...)
		texts = collect(texts, k.arg)
		if k.of.subject == "variables" && slices.Contains(names, k.of.path[0]) {
			return k.of.path[0]
		}
	}
	for _, s := range u.sets {
		texts = collect(texts, s.value)
	}
	texts = collect(texts, u.flow)
	for _, name := range names {
		if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "{{"+name) }) {
			return name
		}
	}
	return ""
}

// collect adds all texts in a value.
func collect(texts []string, v any) []string {
	switch v := v.(type) {
	case string:
		texts = append(texts, v)
	case []any:
		for _, x := range v {
			texts = collect(texts, x)
		}
	case []Entry:
		for _, x := range v {
			texts = collect(texts, x.Value)
		}
	}
	return texts
}

// variables returns the variables that a statement reads and sets; open where only a run can tell which.
func (t *translator) variables(st ast.Node) (reads, sets []string, open bool) {
	walk(st, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpression:
			path := t.dotted(x.Callee, nil)
			scope, method, _ := cutLast(path)
			named := isScope(scope) || strings.HasPrefix(path, "postman.") && strings.HasSuffix(path, "Variable")
			if path == "eval" || method == "replaceIn" || method == "toObject" && isScope(scope) {
				open = true
			}
			if !named || len(x.ArgumentList) == 0 {
				return true
			}
			name, ok := x.ArgumentList[0].(*ast.StringLiteral)
			if !ok {
				open = true
				return true
			}
			if strings.HasPrefix(strings.TrimPrefix(method, "un"), "set") || strings.HasPrefix(method, "clear") {
				sets = append(sets, name.Value.String())
			} else {
				reads = append(reads, name.Value.String())
			}
		case *ast.DotExpression:
			if id, ok := x.Left.(*ast.Identifier); ok && (id.Name == "environment" || id.Name == "globals") {
				reads = append(reads, x.Identifier.Name.String())
			}
		case *ast.StringLiteral:
			if strings.Contains(x.Value.String(), "{{") {
				open = true
			}
		}
		return true
	})
	return reads, sets, open
}

// need marks the statements that declare names which kept ones use.
func (t *translator) need() {
	names := map[string]bool{}
	for _, u := range t.units {
		if u.kept {
			add(names, u.stmt)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, u := range t.units {
			if u.kept || u.needed || !slices.ContainsFunc(u.binds, func(n string) bool { return names[n] }) {
				continue
			}
			u.needed, changed = true, true
			add(names, u.stmt)
		}
	}
}

func add(names map[string]bool, st ast.Statement) {
	for name := range namesIn(st) {
		names[name] = true
	}
}
